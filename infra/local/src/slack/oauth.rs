//! `POST /api/oauth.v2.access`: a code, or a refresh token, becomes tokens.
//!
//! ```text
//! grant_type=authorization_code   code, redirect_uri   the code is single use and lives ten minutes
//! grant_type=refresh_token        refresh_token        single use, but for a short grace period
//! ```
//! A form; the client authenticates by HTTP Basic or by form fields. The answer is HTTP 200:
//! `{ok, access_token, token_type, scope, bot_user_id, app_id, team, enterprise,
//! is_enterprise_install, authed_user}`, with `expires_in` and `refresh_token` when tokens rotate;
//! or `{ok, error}` (Slack: docs.slack.dev/reference/methods/oauth.v2.access).

use http::HeaderMap;
use serde_json::{Value, json};

use super::{
    Slack,
    client::{credentials, field},
    install::InstallCode,
    installs::{ACCESS_LIFE, Minted, Reach},
    message::insert,
    openid::CODE_LIFE,
    reply::{Refusal, Reply},
    scopes::joined,
    state::State,
    workspace::{APP, BOT_USER, TEAM, TEAM_NAME},
};

impl Slack {
    /// Whether tokens expire and are refreshed, for installations and refreshes to come. An app at
    /// Slack cannot go back to tokens that do not.
    pub fn set_token_rotation(&self, on: bool) {
        self.state().installs.rotation = on;
    }

    /// How often tokens have been refreshed.
    pub fn refreshes(&self) -> usize {
        self.state().installs.refresh.spent
    }

    /// How many access tokens open something now.
    pub fn live_tokens(&self) -> usize {
        let state = self.state();
        state.installs.live(state.now())
    }

    /// The next installation is answered as workspace apps were in 2018, whose tokens begin with
    /// `xoxa-` and whose reply knows no app, bot or installation.
    pub fn next_install_reply_of_2018(&self) {
        self.state().reply_of_2018 = true;
    }
}

impl State {
    pub(super) fn oauth_access(&mut self, headers: &HeaderMap, body: &[u8]) -> Reply {
        let kind = field(body, "grant_type");
        let exchanged =
            self.check_client(credentials(headers, body)).and_then(|()| match kind.as_deref() {
                None | Some("authorization_code") => self.exchange_install(body),
                Some("refresh_token") => self.refresh_install(body),
                Some(_) => Err(Refusal::new("invalid_grant_type")),
            });
        exchanged.map_or_else(Reply::from, Reply::ok)
    }

    /// A code is spent by the first attempt of the right client, whatever comes of it.
    fn exchange_install(&mut self, form: &[u8]) -> Result<Value, Refusal> {
        let code = field(form, "code").unwrap_or_default();
        if self.codes.contains_key(&code) {
            return Err(Refusal::new("oauth_authorization_url_mismatch"));
        }
        let consent = self.install_codes.remove(&code).ok_or(Refusal::new("invalid_code"))?;
        if self.now().since(consent.issued) >= CODE_LIFE {
            return Err(Refusal::new("invalid_code"));
        }
        if field(form, "redirect_uri").as_ref() != Some(&consent.redirect_uri) {
            return Err(Refusal::new("bad_redirect_uri"));
        }
        if consent.reach == Reach::Workspace && self.is_org_wide() {
            return Err(Refusal::new("cannot_install_an_org_installed_app"));
        }
        let InstallCode { reach, user, scopes, .. } = consent;
        self.installs.grant(reach, scopes);
        // What was said of the app that was gone is over.
        self.warnings.clear();
        if std::mem::take(&mut self.reply_of_2018) {
            return Ok(self.reply_of_2018(&user));
        }
        let minted = self.installs.mint(reach, self.now());
        let mut reply = self.installed(reach, minted);
        insert(&mut reply, "authed_user", json!({"id": user}));
        Ok(reply)
    }

    fn refresh_install(&mut self, form: &[u8]) -> Result<Value, Refusal> {
        let token = field(form, "refresh_token").unwrap_or_default();
        let (reach, minted) = self.installs.refresh(&token, self.now()).map_err(Refusal::new)?;
        Ok(self.installed(reach, minted))
    }

    fn installed(&self, reach: Reach, minted: Minted) -> Value {
        let mut reply = json!({
            "access_token": minted.access,
            "token_type": "bot",
            "scope": self.installs.scopes(reach).map(joined),
            "bot_user_id": BOT_USER,
            "app_id": APP,
            "team": Self::team_json(reach),
            "enterprise": self.enterprise_json(),
            "is_enterprise_install": reach == Reach::Organization,
        });
        if let Some(refresh) = minted.refresh {
            insert(&mut reply, "expires_in", json!(ACCESS_LIFE.as_secs()));
            insert(&mut reply, "refresh_token", json!(refresh));
        }
        reply
    }

    fn reply_of_2018(&mut self, user: &str) -> Value {
        json!({
            "access_token": self.installs.mint_of_2018(),
            "scope": self.installs.scopes(Reach::Workspace).map(joined),
            "team_id": TEAM,
            "team_name": TEAM_NAME,
            "installer_user_id": user,
        })
    }
}
