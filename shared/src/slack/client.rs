//! The calls to Slack: a `response_url`, the Web API, Sign in with Slack.
//!
//! Slack answers most failures with HTTP 200 and `{"ok":false,"error":"…"}`, its own trouble too, so
//! the JSON is always read. A dead `response_url` (`expired_url`, `used_url`, the older `Expired url`, 404, 410) is
//! not a fault: there is another way to reach the person ([`super::reply`]).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use reqwest::{Client, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{
    belonging::is_guest,
    message::{Message, Shown},
    response_url::{Hooks, ResponseUrl},
};
use crate::{
    clock::Timestamp,
    ids::{SlackUserId, Tenant},
    secret::Secret,
    transport::capped_body,
};

/// How long Slack may take for one call.
pub(super) const PATIENCE: Duration = Duration::from_millis(2_500);

/// More than any answer we read; a page of a thousand channels is the longest.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Why a call to Slack failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlackError {
    /// The `response_url` is used up, too old, or not Slack's.
    #[error("response_url is dead")]
    DeadUrl,
    /// Slack said no; its own error code.
    #[error("Slack refused: {0}")]
    Refused(String),
    /// Slack asked to wait, or answered 5xx or the like in words, or not in time.
    #[error("Slack is unavailable")]
    Unavailable {
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The id token is not for us, not from Slack, or not of this sign-in.
    #[error("id token refused: {0}")]
    IdToken(&'static str),
}

impl SlackError {
    /// Whether the three seconds are over in which a click may open a modal, or it did already.
    /// Slack's pages name these errors differently.
    pub fn is_dead_trigger(&self) -> bool {
        const NAMES: [&str; 4] =
            ["expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"];
        matches!(self, Self::Refused(code) if NAMES.contains(&code.as_str()))
    }
}

/// Who Slack says is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlackSession {
    /// `https://slack.com/user_id`.
    pub user: String,
    /// `https://slack.com/team_id`.
    pub team: String,
    /// `https://slack.com/enterprise_id`, on Enterprise Grid.
    pub enterprise: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The workspace's display name.
    pub team_name: Option<String>,
}

/// The OAuth client that the Slack app is.
#[derive(Debug, Clone)]
pub struct SlackOauth {
    /// Its public id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// Slack, as the bundle calls it.
#[derive(Debug, Clone)]
pub struct SlackClient {
    http: Client,
    base: Url,
    hooks: Hooks,
}

impl SlackClient {
    /// `base` is `https://slack.com`, or `https://slack-gov.com`.
    pub fn new(http: Client, base: Url, hooks: Hooks) -> Self {
        Self { http, base, hooks }
    }

    /// Whose `response_url`s are accepted.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Posts to a `response_url`: one of its five uses.
    pub async fn respond(
        &self,
        url: &ResponseUrl,
        message: &Message,
        shown: Shown,
    ) -> Result<(), SlackError> {
        let url = self.hooks.check(url).map_err(|_| SlackError::DeadUrl)?;
        let body = message.response(shown).to_string();
        let response = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body)
            .timeout(PATIENCE)
            .send()
            .await
            .map_err(|_| UNAVAILABLE)?;
        let status = response.status();
        if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(SlackError::DeadUrl);
        }
        if let Some(error) = unavailable(&response) {
            return Err(error);
        }
        let answer = capped_body(response, MAX_ANSWER).await.unwrap_or_default();
        said_by_hook(status, &answer)
    }

    /// Calls a Web API method with the app's token.
    pub async fn call(
        &self,
        method: &str,
        token: &Secret,
        body: &Value,
    ) -> Result<Value, SlackError> {
        let request = self
            .http
            .post(self.api(method))
            .bearer_auth(token.expose())
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_string());
        answer(request.timeout(PATIENCE)).await
    }

    /// The same for the methods that do not look at JSON: those that read, and `apps.uninstall`.
    pub(super) async fn call_with_form(
        &self,
        method: &str,
        token: &Secret,
        fields: &[(&str, &str)],
    ) -> Result<Value, SlackError> {
        let request = self
            .http
            .post(self.api(method))
            .bearer_auth(token.expose())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(fields));
        answer(request.timeout(PATIENCE)).await
    }

    /// Opens a modal, within 3 s of the click that `trigger_id` is of.
    pub async fn open_modal(
        &self,
        token: &Secret,
        trigger_id: &Secret,
        view: &Value,
    ) -> Result<(), SlackError> {
        let body = json!({"trigger_id": trigger_id.expose(), "view": view});
        self.call("views.open", token, &body).await.map(drop)
    }

    /// Shows something else in a modal that is open, by the name it was opened under.
    pub async fn update_modal(&self, token: &Secret, view: &Value) -> Result<(), SlackError> {
        let body = json!({"external_id": view.get("external_id"), "view": view});
        self.call("views.update", token, &body).await.map(drop)
    }

    /// Whether somebody is a guest from another organization (`users:read`).
    pub async fn is_guest(
        &self,
        token: &Secret,
        installation: &Tenant,
        user: &SlackUserId,
    ) -> Result<bool, SlackError> {
        Ok(is_guest(&self.user(token, user.as_str()).await?, installation))
    }

    /// The display name of somebody who is at home here: no guest from another organization, no bot
    /// (`users:read`).
    pub async fn local_name(
        &self,
        token: &Secret,
        installation: &Tenant,
        user: &SlackUserId,
    ) -> Result<Option<String>, SlackError> {
        let answer = self.user(token, user.as_str()).await?;
        let is_bot = answer.pointer("/user/is_bot") == Some(&Value::Bool(true));
        Ok((!is_bot && !is_guest(&answer, installation))
            .then(|| shown_name(&answer, user.as_str())))
    }

    /// `users.info`, which takes its arguments as a form only.
    async fn user(&self, token: &Secret, user: &str) -> Result<Value, SlackError> {
        self.call_with_form("users.info", token, &[("user", user)]).await
    }

    /// The display name of a person, or what comes nearest.
    pub async fn display_name(&self, token: &Secret, user: &str) -> Result<String, SlackError> {
        Ok(shown_name(&self.user(token, user).await?, user))
    }

    /// Where a browser signs in with Slack. `team` skips the choice of a workspace.
    pub fn authorize_url(
        &self,
        oauth: &SlackOauth,
        redirect_uri: &str,
        state: &str,
        nonce: &str,
        team: Option<&str>,
    ) -> String {
        let mut url = self.at("openid/connect/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", "openid profile")
            .append_pair("client_id", &oauth.client_id)
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("redirect_uri", redirect_uri)
            .extend_pairs(team.map(|team| ("team", team)));
        url.into()
    }

    /// Exchanges the code that came back for the session it proves. Never repeated: a code is good
    /// once.
    pub async fn session(
        &self,
        oauth: &SlackOauth,
        code: &str,
        redirect_uri: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<SlackSession, SlackError> {
        let request = self
            .http
            .post(self.api("openid.connect.token"))
            .basic_auth(&oauth.client_id, Some(oauth.client_secret.expose()))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
            ]));
        let answer = answer(request.timeout(PATIENCE)).await?;
        let token = answer.get("id_token").and_then(Value::as_str);
        let token = token.ok_or(SlackError::IdToken("missing"))?;
        read_id_token(token, &oauth.client_id, self.base.as_str(), nonce, now)
    }

    /// Shows this in the app's home, to one person.
    pub async fn publish_home(
        &self,
        token: &Secret,
        user: &SlackUserId,
        view: &Value,
    ) -> Result<(), SlackError> {
        self.call("views.publish", token, &json!({"user_id": user, "view": view})).await.map(drop)
    }

    pub(super) fn http(&self) -> &Client {
        &self.http
    }

    pub(super) fn api(&self, method: &str) -> Url {
        self.at(&format!("api/{method}"))
    }

    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}

/// The name that `users.info` gives `user`.
fn shown_name(answer: &Value, user: &str) -> String {
    let name = ["/user/profile/display_name", "/user/profile/real_name", "/user/name"]
        .into_iter()
        .filter_map(|path| answer.pointer(path)?.as_str())
        .find(|name| !name.is_empty());
    name.unwrap_or(user).to_owned()
}

/// Slack did not answer, or not in time, and does not say how long to wait.
pub const UNAVAILABLE: SlackError = SlackError::Unavailable { retry_after: None };

pub(super) async fn answer(request: reqwest::RequestBuilder) -> Result<Value, SlackError> {
    let response = request.send().await.map_err(|_| UNAVAILABLE)?;
    if let Some(error) = unavailable(&response) {
        return Err(error);
    }
    let body = capped_body(response, MAX_ANSWER).await.ok_or(UNAVAILABLE)?;
    let answer: Value = serde_json::from_slice(&body).map_err(|_| UNAVAILABLE)?;
    match answer.get("ok") {
        Some(Value::Bool(true)) => Ok(answer),
        _ => Err(refused(error_code(&answer))),
    }
}

/// Slack's own trouble is said with a 200 as well, and is no refusal: it passes.
fn refused(code: String) -> SlackError {
    match code.as_str() {
        "ratelimited"
        | "rate_limited"
        | "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout" => UNAVAILABLE,
        _ => SlackError::Refused(code),
    }
}

fn unavailable(response: &reqwest::Response) -> Option<SlackError> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    (status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error())
        .then_some(SlackError::Unavailable { retry_after })
}

/// A hook says `ok` in plain text, or fails in JSON or plain text, with a 200 or without.
fn said_by_hook(status: StatusCode, answer: &[u8]) -> Result<(), SlackError> {
    let text = String::from_utf8_lossy(answer);
    let error = serde_json::from_str(&text)
        .ok()
        .filter(|json: &Value| json.get("ok") == Some(&json!(false)))
        .map(|json| error_code(&json))
        .or_else(|| (!status.is_success()).then(|| text.trim().to_owned()))
        .or_else(|| is_dead(text.trim()).then(|| text.trim().to_owned()));
    match error {
        None => Ok(()),
        Some(code) if is_dead(&code) => Err(SlackError::DeadUrl),
        Some(code) => Err(SlackError::Refused(short(&code))),
    }
}

fn is_dead(code: &str) -> bool {
    matches!(code, "expired_url" | "used_url" | "Expired url")
}

fn error_code(answer: &Value) -> String {
    short(answer.get("error").and_then(Value::as_str).unwrap_or("unreadable answer"))
}

/// An error code goes into a log: only its first characters, and only those a code has.
fn short(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ')).take(64).collect()
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[derive(Deserialize)]
struct IdTokenHeader {
    alg: String,
}

#[derive(Deserialize)]
struct IdTokenClaims {
    iss: String,
    aud: String,
    exp: i64,
    nonce: Option<String>,
    #[serde(rename = "https://slack.com/user_id")]
    user: String,
    #[serde(rename = "https://slack.com/team_id")]
    team: String,
    #[serde(rename = "https://slack.com/enterprise_id")]
    enterprise: Option<String>,
    #[serde(rename = "https://slack.com/team_name")]
    team_name: Option<String>,
    name: Option<String>,
}

/// Reads an id token that came straight from Slack's token endpoint over TLS: OpenID Connect Core
/// 3.1.3.7 (6) lets that take the place of checking its signature. Everything else is checked.
fn read_id_token(
    token: &str,
    client_id: &str,
    issuer: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<SlackSession, SlackError> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(SlackError::IdToken("malformed"));
    };
    let header: IdTokenHeader = decode_part(header)?;
    let claims: IdTokenClaims = decode_part(claims)?;
    let refused = if header.alg != "RS256" {
        Some("algorithm")
    } else if claims.iss.trim_end_matches('/') != issuer.trim_end_matches('/') {
        Some("issuer")
    } else if claims.aud != client_id {
        Some("audience")
    } else if claims.exp <= now.secs() {
        Some("expired")
    } else if claims.nonce.as_deref() != Some(nonce) {
        Some("nonce")
    } else {
        None
    };
    match refused {
        Some(reason) => Err(SlackError::IdToken(reason)),
        None => Ok(SlackSession {
            user: claims.user,
            team: claims.team,
            enterprise: claims.enterprise,
            name: claims.name,
            team_name: claims.team_name,
        }),
    }
}

fn decode_part<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, SlackError> {
    let bytes = BASE64.decode(part).map_err(|_| SlackError::IdToken("malformed"))?;
    serde_json::from_slice(&bytes).map_err(|_| SlackError::IdToken("malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn token(alg: &str, edit: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": "https://slack.com", "aud": "123.456", "exp": 1_700_000_300, "nonce": "n",
            "https://slack.com/user_id": "U0ALICE001", "https://slack.com/team_id": "T0ACME0001",
            "name": "Alice",
        });
        edit(&mut claims);
        let part = |json: Value| BASE64.encode(json.to_string());
        format!("{}.{}.sig", part(json!({"alg": alg})), part(claims))
    }

    fn read(token: &str) -> Result<SlackSession, SlackError> {
        read_id_token(token, "123.456", "https://slack.com/", "n", NOW)
    }

    #[test]
    fn an_id_token_of_this_sign_in_names_its_user() {
        let session = read(&token("RS256", |_| ())).unwrap();

        assert_eq!((session.user.as_str(), session.team.as_str()), ("U0ALICE001", "T0ACME0001"));
    }

    #[test]
    fn an_id_token_of_anything_else_is_refused() {
        let refused = |token: String| read(&token).unwrap_err();

        assert_eq!(refused(token("none", |_| ())), SlackError::IdToken("algorithm"));
        assert_eq!(refused(token("HS256", |_| ())), SlackError::IdToken("algorithm"));
        for (field, value, reason) in [
            ("iss", json!("https://evil.example"), "issuer"),
            ("aud", json!("789"), "audience"),
            ("exp", json!(1_700_000_000), "expired"),
            ("nonce", json!("other"), "nonce"),
            ("nonce", Value::Null, "nonce"),
        ] {
            let token = token("RS256", |claims| claims[field] = value);
            assert_eq!(refused(token), SlackError::IdToken(reason));
        }
        assert_eq!(refused("a.b".into()), SlackError::IdToken("malformed"));
    }

    #[test]
    fn slacks_own_trouble_is_no_refusal_though_it_comes_with_a_200() {
        for code in ["ratelimited", "internal_error", "fatal_error", "service_unavailable"] {
            assert_eq!(refused(code.into()), UNAVAILABLE, "{code}");
        }
        for code in ["invalid_blocks", "token_expired", "account_inactive", "unreadable answer"] {
            assert_eq!(refused(code.into()), SlackError::Refused(code.into()));
        }
    }

    #[test]
    fn a_dead_response_url_is_known_by_any_of_its_names() {
        let said = |status: u16, body: &str| {
            said_by_hook(StatusCode::from_u16(status).unwrap(), body.as_bytes())
        };

        assert_eq!(said(200, "ok"), Ok(()));
        assert_eq!(said(200, r#"{"ok":true}"#), Ok(()));
        for body in ["Expired url", "used_url", r#"{"ok":false,"error":"expired_url"}"#] {
            assert_eq!(said(200, body), Err(SlackError::DeadUrl), "{body}");
        }
        assert_eq!(
            said(400, r#"{"ok":false,"error":"invalid_blocks"}"#),
            Err(SlackError::Refused("invalid_blocks".into()))
        );
    }
}
