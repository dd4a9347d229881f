//! `POST /oauth/token/`: codes and refresh tokens against access tokens.
//!
//! Source: docs.sentry.io/api/auth (OAuth) and RFC 6749, 5. Form-encoded; the client names itself by
//! HTTP Basic or in the form, never both. Errors are `{"error":…}` without a description: 401 for
//! `invalid_client`, else 400.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::grants::{TOKEN_LIFE, Token};
use super::time::iso8601;
use super::{Sentry, Settings};

/// The token endpoint.
pub(super) fn routes() -> Router<Sentry> {
    Router::new().route("/oauth/token/", post(answer))
}

async fn answer(State(sentry): State<Sentry>, headers: HeaderMap, body: Bytes) -> Response {
    match grant(&sentry, &headers, &body) {
        Ok(token) => Json(reply(&token)).into_response(),
        Err(error) => error.into_response(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let (status, name) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::InvalidClient => {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"oauth\"")];
                let body = Json(json!({ "error": "invalid_client" }));
                return (StatusCode::UNAUTHORIZED, challenge, body).into_response();
            }
        };
        (status, Json(json!({ "error": name }))).into_response()
    }
}

type Form = HashMap<String, String>;

fn grant(sentry: &Sentry, headers: &HeaderMap, body: &[u8]) -> Result<Token, TokenError> {
    let form = form(headers, body);
    let field = |name: &str| form.get(name).map(String::as_str);
    let grant_type = field("grant_type").ok_or(TokenError::InvalidRequest)?;
    if !["authorization_code", "refresh_token"].contains(&grant_type) {
        return Err(TokenError::UnsupportedGrantType);
    }
    authenticate(sentry.settings(), headers, &form)?;
    let now = sentry.now();
    let grants = &mut sentry.world().grants;
    if grant_type == "authorization_code" {
        let code = field("code").ok_or(TokenError::InvalidGrant)?;
        let redirect_uri = field("redirect_uri").unwrap_or_default();
        return grants
            .exchange(code, redirect_uri, field("code_verifier"), now)
            .ok_or(TokenError::InvalidGrant);
    }
    match (field("refresh_token"), field("scope")) {
        (Some(refresh), None) => grants.refresh(refresh, now).ok_or(TokenError::InvalidGrant),
        _ => Err(TokenError::InvalidRequest),
    }
}

/// The fields that say something; a body of another type has none.
fn form(headers: &HeaderMap, body: &[u8]) -> Form {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = content_type.is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let fields = form_urlencoded::parse(if is_form { body } else { b"" });
    fields.into_owned().filter(|(_, value)| !value.is_empty()).collect()
}

fn authenticate(settings: &Settings, headers: &HeaderMap, form: &Form) -> Result<(), TokenError> {
    let in_form = form.contains_key("client_id") || form.contains_key("client_secret");
    let credentials = match basic(headers) {
        Some(_) if in_form => return Err(TokenError::InvalidRequest),
        Some(encoded) => decode(encoded).ok_or(TokenError::InvalidClient)?,
        None => {
            let field = |name: &str| form.get(name).cloned().ok_or(TokenError::InvalidClient);
            (field("client_id")?, field("client_secret")?)
        }
    };
    if credentials == (settings.client_id.clone(), settings.client_secret.clone()) {
        Ok(())
    } else {
        Err(TokenError::InvalidClient)
    }
}

fn basic(headers: &HeaderMap) -> Option<&str> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(encoded)
}

fn decode(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// `expires_in` is a second short of 30 days: the real one counts down while it writes the answer.
fn reply(token: &Token) -> Value {
    json!({
        "access_token": token.access,
        "refresh_token": token.refresh,
        "expires_in": TOKEN_LIFE.as_secs() - 1,
        "expires_at": iso8601(token.expires),
        "token_type": "Bearer",
        "scope": token.scopes.join(" "),
        "user": {
            "id": token.account.id,
            "name": token.account.name,
            "email": token.account.email,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{AUTHORIZE_URL, BACK, sentry};
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn headers(basic: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, FORM.parse().unwrap())]);
        if let Some(credentials) = basic {
            let value = format!("Basic {}", STANDARD.encode(credentials));
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        }
        headers
    }

    fn code(sentry: &Sentry) -> String {
        let location = sentry.authorize("101", AUTHORIZE_URL).unwrap();
        let url = url::Url::parse(&location).unwrap();
        url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    fn refused(basic: Option<&str>, body: &str) -> TokenError {
        grant(&sentry().0, &headers(basic), body.as_bytes()).err().unwrap()
    }

    #[test]
    fn a_code_gives_a_token_with_the_persons_name() {
        let (sentry, _) = sentry();
        let code = code(&sentry);
        let body = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");

        let token = grant(&sentry, &headers(Some("belay:hush")), body.as_bytes()).unwrap();

        let reply = reply(&token);
        assert_eq!(reply["expires_in"], 2_591_999);
        assert_eq!(reply["scope"], "org:read project:read event:read event:write");
        assert_eq!(reply["user"]["email"], "alice@acme.example");
    }

    #[test]
    fn a_code_for_another_redirect_uri_is_refused_and_gone() {
        let (sentry, _) = sentry();
        let code = code(&sentry);
        for redirect_uri in ["https%3A%2F%2Felsewhere.example%2F", "", BACK] {
            let body =
                format!("grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}");
            let refused = grant(&sentry, &headers(Some("belay:hush")), body.as_bytes());
            assert_eq!(refused.err(), Some(TokenError::InvalidGrant));
        }
    }

    #[test]
    fn a_client_names_itself_once_and_rightly() {
        let grant = "grant_type=refresh_token&refresh_token=x";
        let both = format!("{grant}&client_id=belay");
        let wrong = format!("{grant}&client_id=belay&client_secret=loud");
        let right = format!("{grant}&client_id=belay&client_secret=hush");
        for (basic, body, error) in [
            (Some("belay:hush"), both.as_str(), TokenError::InvalidRequest),
            (Some("belay:loud"), grant, TokenError::InvalidClient),
            (Some("belay"), grant, TokenError::InvalidClient),
            (None, grant, TokenError::InvalidClient),
            (None, wrong.as_str(), TokenError::InvalidClient),
            (None, right.as_str(), TokenError::InvalidGrant),
            (Some("belay:hush"), grant, TokenError::InvalidGrant),
        ] {
            assert_eq!(refused(basic, body), error, "{basic:?} {body}");
        }
    }

    #[test]
    fn what_is_no_grant_is_refused() {
        for (body, error) in [
            ("", TokenError::InvalidRequest),
            ("grant_type=password", TokenError::UnsupportedGrantType),
            ("grant_type=authorization_code", TokenError::InvalidGrant),
            ("grant_type=refresh_token", TokenError::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=x&scope=org:read", TokenError::InvalidRequest),
        ] {
            assert_eq!(refused(Some("belay:hush"), body), error, "{body}");
        }
    }

    #[test]
    fn json_is_no_form() {
        let mut headers = headers(Some("belay:hush"));
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());

        let refused = grant(&sentry().0, &headers, b"grant_type=refresh_token&refresh_token=x");

        assert_eq!(refused.err(), Some(TokenError::InvalidRequest));
    }
}
