//! The calls about the app itself: installing it, renewing its token, and whether it is still there.
//!
//! A code is exchanged once and never again. A refresh token is good once, but Slack still takes the
//! previous one for a short while, so a renewal whose answer was lost can be repeated
//! (docs.slack.dev/authentication/installing-with-oauth, …/using-token-rotation).

use reqwest::header;
use serde_json::Value;

use super::{
    client::{PATIENCE, SlackClient, SlackError, SlackOauth, UNAVAILABLE, answer, form},
    grant::{BOT_SCOPES, BotTokens, Grant},
};
use crate::{installation::Looks, secret::Secret};

impl SlackClient {
    /// Where a browser approves the app for a workspace.
    pub fn install_url(&self, oauth: &SlackOauth, redirect_uri: &str, state: &str) -> String {
        let scopes: Vec<&str> = BOT_SCOPES.iter().map(|scope| scope.name).collect();
        let mut url = self.at("oauth/v2/authorize");
        url.query_pairs_mut()
            .append_pair("client_id", &oauth.client_id)
            .append_pair("scope", &scopes.join(","))
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state);
        url.into()
    }

    /// Exchanges the code that came back.
    pub async fn install(
        &self,
        oauth: &SlackOauth,
        code: &str,
        redirect_uri: &str,
    ) -> Result<Grant, SlackError> {
        let fields =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        let reply = self.access(oauth, &fields).await?;
        Grant::read(&reply).map_err(|error| {
            tracing::warn!(event = "slack.install.unreadable", cause = %error);
            UNAVAILABLE
        })
    }

    /// Renews the bot's token. Only one worker may do so at a time: Slack keeps two tokens alive.
    pub async fn renew(
        &self,
        oauth: &SlackOauth,
        refresh: &Secret,
    ) -> Result<BotTokens, SlackError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        let reply = self.access(oauth, &fields).await?;
        BotTokens::read(&reply).map_err(|_| UNAVAILABLE)
    }

    /// What the workspace is called and looks like (`team:read`).
    pub async fn looks(&self, token: &Secret) -> Result<Looks, SlackError> {
        let reply = self.call("team.info", token, &Value::Object(serde_json::Map::new())).await?;
        let text = |path| reply.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let icon = text("/team/icon/image_132").filter(|icon| icon.starts_with("https://"));
        Ok(Looks { name: text("/team/name"), icon, domain: text("/team/domain") })
    }

    /// Whether the token still works. Anything that Slack refuses, it refuses by name.
    pub async fn test(&self, token: &Secret) -> Result<(), SlackError> {
        self.call("auth.test", token, &Value::Object(serde_json::Map::new())).await.map(drop)
    }

    /// Removes the app from the workspace, as an admin would.
    pub async fn uninstall(&self, oauth: &SlackOauth, token: &Secret) -> Result<(), SlackError> {
        let fields = [
            ("client_id", oauth.client_id.as_str()),
            ("client_secret", oauth.client_secret.expose()),
        ];
        self.call_with_form("apps.uninstall", token, &fields).await.map(drop)
    }

    async fn access(
        &self,
        oauth: &SlackOauth,
        fields: &[(&str, &str)],
    ) -> Result<Value, SlackError> {
        let request = self
            .http()
            .post(self.api("oauth.v2.access"))
            .basic_auth(&oauth.client_id, Some(oauth.client_secret.expose()))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(fields));
        answer(request.timeout(PATIENCE)).await
    }
}

impl SlackError {
    /// Whether the token is dead for good: the app was removed, or its access was.
    pub fn is_dead_token(&self) -> bool {
        const NAMES: [&str; 6] = [
            "account_inactive",
            "token_revoked",
            "invalid_auth",
            "not_authed",
            "team_access_not_granted",
            "team_not_found",
        ];
        matches!(self, Self::Refused(code) if NAMES.contains(&code.as_str()))
    }
}
