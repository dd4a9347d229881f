//! The browser's side of a flow: the cookie that names it, the token that binds a form to it, and
//! the `state` that comes back through Slack and Sentry.
//!
//! ```text
//! cookie       __Host-belay=<43 random characters>; Secure; HttpOnly; SameSite=Lax; Path=/
//! form token   <shown>.<tag>      tag = MAC(form key; cookie, flow, step, shown)
//! state        a signed token of the purpose `oauth-state`, ten minutes, kept as its hash
//! ```
//! `SameSite=Lax` because the browser returns from Slack and Sentry by a top-level GET. `shown` is
//! the digest of what the page named: a form that was rendered for another pair of accounts is
//! genuine and yet refused.

#[cfg(test)]
mod properties;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    error::Error,
    flow::FlowId,
    http::Request,
    secret::Secret,
    setup,
    signing::{
        NoRandomness,
        link::{Expires, LIFE, LinkError, Purpose, Signer},
        random_bytes, sha256_hex,
    },
};

/// The cookie's name; the prefix makes browsers insist on `Secure`, `Path=/` and no domain.
pub const COOKIE: &str = "__Host-belay";

/// The cookie of an admin's setup: beside the other, so that neither ends the other.
pub const SETUP_COOKIE: &str = "__Host-belay-setup";

/// How long a browser may stay at Slack or Sentry.
const STATE_LIFE: Duration = Duration::from_mins(10);

/// A fresh name for a browser.
pub fn new_cookie() -> Result<String, NoRandomness> {
    Ok(BASE64.encode(random_bytes::<32>()?))
}

/// The header that gives the browser its name, for as long as a link lives.
pub fn set_cookie(value: &str) -> String {
    cookie_header(COOKIE, value, LIFE)
}

/// The same for a setup, for as long as that may take.
pub fn set_setup_cookie(value: &str) -> String {
    cookie_header(SETUP_COOKIE, value, setup::LIFE)
}

fn cookie_header(name: &str, value: &str, life: Duration) -> String {
    let life = life.as_secs();
    format!("{name}={value}; Path=/; Max-Age={life}; Secure; HttpOnly; SameSite=Lax")
}

/// What a form was submitted for, as far as its token tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormVerdict {
    /// Our page, this browser, this step, and what it showed still holds.
    Good,
    /// Our page, this browser, this step; but what it showed has changed.
    Changed,
    /// Not our page in this browser.
    Forged,
}

/// The token for a form that `cookie`'s browser is shown; `shown` is what the page names.
pub fn form_token(
    signer: &Signer,
    cookie: &str,
    flow: &FlowId,
    step: &str,
    shown: &[&str],
) -> Option<String> {
    let shown = digest(shown);
    let tag = signer.tag(Purpose::Form, &[cookie, flow.as_str(), step, &shown])?;
    Some(format!("{shown}.{tag}"))
}

/// Judges a form's token.
pub fn check_form(
    signer: &Signer,
    cookie: &str,
    flow: &FlowId,
    step: &str,
    shown: &[&str],
    token: &str,
) -> FormVerdict {
    let Some((was_shown, tag)) = token.split_once('.') else { return FormVerdict::Forged };
    if !signer.tagged(Purpose::Form, &[cookie, flow.as_str(), step, was_shown], tag) {
        FormVerdict::Forged
    } else if was_shown == digest(shown) {
        FormVerdict::Good
    } else {
        FormVerdict::Changed
    }
}

fn digest(shown: &[&str]) -> String {
    let mut hex = sha256_hex(shown.join("\0"));
    hex.truncate(16);
    hex
}

/// Where a browser was sent, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Provider {
    /// Sign in with Slack, for a link or an unlink.
    #[serde(rename = "sl")]
    Slack,
    /// Sentry's OAuth, for a link or an unlink.
    #[serde(rename = "se")]
    Sentry,
    /// Sentry's OAuth, for a setup.
    #[serde(rename = "as")]
    SentryForSetup,
    /// Slack's approval of the app, for a setup.
    #[serde(rename = "ia")]
    SlackInstall,
}

/// What a `state` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateClaims {
    /// The flow or setup.
    #[serde(rename = "f")]
    pub flow: FlowId,
    /// Where it was sent.
    #[serde(rename = "p")]
    pub provider: Provider,
    /// Makes it this one.
    #[serde(rename = "r")]
    random: String,
    #[serde(rename = "x")]
    expires: Timestamp,
}

impl Expires for StateClaims {
    fn expires(&self) -> Timestamp {
        self.expires
    }
}

/// A fresh `state` for a flow or setup that ends at `ends`; what is stored of it is [`state_hash`].
pub fn new_state(
    signer: &Signer,
    flow: &FlowId,
    ends: Timestamp,
    provider: Provider,
    now: Timestamp,
) -> Result<String, Error> {
    let random = BASE64.encode(random_bytes::<16>()?);
    let expires = now.plus(STATE_LIFE).min(ends);
    let claims = StateClaims { flow: flow.clone(), provider, random, expires };
    signer.sign(Purpose::OauthState, &claims).ok_or(Error::Internal)
}

/// Opens a `state` that came back from one of these, and for what they are for.
pub fn open_state(
    signer: &Signer,
    providers: &[Provider],
    state: &str,
    now: Timestamp,
) -> Result<StateClaims, LinkError> {
    let claims: StateClaims = signer.open(Purpose::OauthState, state, now)?;
    if providers.contains(&claims.provider) { Ok(claims) } else { Err(LinkError::Mismatch) }
}

/// PKCE's verifier for a setup: made of the browser's cookie and the state by our key, so it need not
/// be kept. 43 characters, as RFC 7636 wants them.
pub fn setup_verifier(signer: &Signer, cookie: &str, state: &str) -> Option<Secret> {
    signer.tag(Purpose::OauthState, &["pkce", cookie, state]).map(Secret::new)
}

/// What the return says, once it is known to be ours. Nothing of it is ever shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// The person agreed: here is the code.
    Code(String),
    /// The person said no.
    Cancelled,
    /// Neither, or both at once.
    Broken,
}

/// Reads what came back from Slack or Sentry.
pub fn returned(request: &Request) -> Returned {
    match (request.query_value("code"), request.query_value("error")) {
        (Some(code), None) if !code.is_empty() => Returned::Code(code),
        (None, Some(error)) if error == "access_denied" => Returned::Cancelled,
        _ => Returned::Broken,
    }
}

/// How a `state` is stored.
pub fn state_hash(state: &str) -> String {
    sha256_hex(state)
}

/// An e-mail that its owner recognizes and nobody else learns: `j…@e….com`.
pub fn masked(email: &str) -> String {
    let Some((name, domain)) = email.split_once('@') else { return "…".to_owned() };
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (host, end) = domain.rsplit_once('.').unwrap_or((domain, ""));
    let dot = if end.is_empty() { "" } else { "." };
    format!("{}…@{}…{dot}{end}", first(name), first(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")])
    }

    #[test]
    fn a_form_is_good_for_its_browser_flow_step_and_what_it_showed() {
        let (signer, flow) = (signer(), FlowId::of_nonce("n"));
        let token = form_token(&signer, "cookie", &flow, "confirm", &["101", "U0A"]).unwrap();
        let judge = |cookie, flow: &FlowId, step, shown: &[&str]| {
            check_form(&signer, cookie, flow, step, shown, &token)
        };

        assert_eq!(judge("cookie", &flow, "confirm", &["101", "U0A"]), FormVerdict::Good);
        assert_eq!(judge("cookie", &flow, "confirm", &["102", "U0A"]), FormVerdict::Changed);
        assert_eq!(judge("other", &flow, "confirm", &["101", "U0A"]), FormVerdict::Forged);
        assert_eq!(judge("cookie", &flow, "begin", &["101", "U0A"]), FormVerdict::Forged);
        let other = FlowId::of_nonce("m");
        assert_eq!(judge("cookie", &other, "confirm", &["101", "U0A"]), FormVerdict::Forged);
    }

    #[test]
    fn what_is_no_form_token_is_forged() {
        let flow = FlowId::of_nonce("n");
        for token in ["", ".", "a.b", "no dot"] {
            let verdict = check_form(&signer(), "cookie", &flow, "begin", &[], token);
            assert_eq!(verdict, FormVerdict::Forged, "{token:?}");
        }
    }

    #[test]
    fn a_state_that_cannot_be_signed_is_not_blamed_on_randomness() {
        let (keyless, now) = (Signer::new(Vec::new()), Timestamp::from_secs(1_700_000_000));

        let state =
            new_state(&keyless, &FlowId::of_nonce("n"), now.plus(STATE_LIFE), Provider::Slack, now);

        assert_ne!(state.unwrap_err().to_string(), NoRandomness.to_string());
    }

    #[test]
    fn cookies_are_host_bound_and_never_the_same() {
        assert_ne!(new_cookie(), new_cookie());
        let header = set_cookie("value");
        for needed in
            ["__Host-belay=value", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/;"]
        {
            assert!(header.contains(needed), "{needed}");
        }
        assert!(!header.contains("Domain"));
    }

    #[test]
    fn an_e_mail_is_masked_beyond_recognition_by_strangers() {
        assert_eq!(masked("jane@example.com"), "j…@e….com");
        assert_eq!(masked("é@x"), "é…@x…");
        assert_eq!(masked("no e-mail"), "…");
        assert_eq!(masked(""), "…");
    }
}
