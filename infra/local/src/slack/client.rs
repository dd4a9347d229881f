//! How the app proves itself to a token endpoint: by HTTP Basic, or by the form fields `client_id`
//! and `client_secret` (Slack: docs.slack.dev/reference/methods/oauth.v2.access).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};
use url::form_urlencoded;

use super::{reply::Refusal, state::State};

/// A client's id and secret.
pub(super) type Credentials = (String, String);

/// What a request says of its client; Basic goes before the form.
pub(super) fn credentials(headers: &HeaderMap, form: &[u8]) -> Option<Credentials> {
    basic(headers).or_else(|| Some((field(form, "client_id")?, field(form, "client_secret")?)))
}

/// A field of a form.
pub(super) fn field(form: &[u8], name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form);
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl State {
    pub(super) fn check_client(&self, client: Option<Credentials>) -> Result<(), Refusal> {
        let (id, secret) = client.ok_or(Refusal::new("invalid_client_id"))?;
        if id != self.settings.client_id {
            return Err(Refusal::new("invalid_client_id"));
        }
        if secret != self.settings.client_secret {
            return Err(Refusal::new("bad_client_secret"));
        }
        Ok(())
    }
}

fn basic(headers: &HeaderMap) -> Option<Credentials> {
    let encoded = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
