//! What an authorize URL asks for, and how it is refused.
//!
//! A request whose client or redirect URI is not known is answered with a page, never with a
//! redirect: a redirect to a URI nobody registered would be an open one. Every other fault goes back
//! to the client as `error=…` (RFC 6749, 4.1.2.1). Scopes are separated by spaces; of PKCE there is
//! only S256, with a challenge of 43 to 128 unreserved characters (RFC 7636, 4.2).

use std::collections::HashMap;

use url::{Url, form_urlencoded};

/// Every scope Sentry knows (docs.sentry.io/api/permissions), and those of OpenID Connect.
const SCOPES: &[&str] = &[
    "openid",
    "profile",
    "email",
    "org:read",
    "org:write",
    "org:admin",
    "org:integrations",
    "org:ci",
    "member:read",
    "member:write",
    "member:admin",
    "member:invite",
    "team:read",
    "team:write",
    "team:admin",
    "project:read",
    "project:write",
    "project:admin",
    "project:releases",
    "event:read",
    "event:write",
    "event:admin",
    "alerts:read",
    "alerts:write",
];

/// A well-formed request of the registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authorization {
    /// Where the answer goes.
    pub(super) redirect_uri: String,
    /// The client's own; comes back unchanged.
    pub(super) state: Option<String>,
    pub(super) scopes: Vec<String>,
    /// The PKCE challenge.
    pub(super) challenge: Option<String>,
    /// Ask even if the person has approved all of it before.
    pub(super) force_prompt: bool,
}

/// Why there is no authorization.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A page says which parameter is missing or invalid.
    Page(&'static str),
    /// The browser carries the error back to the client, at this location.
    Redirect(String),
}

impl Authorization {
    /// Reads the query of an authorize URL.
    pub(super) fn parse(
        query: &str,
        client_id: &str,
        redirect_uris: &[String],
    ) -> Result<Self, Refusal> {
        let mut fields: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        fields.retain(|_, value| !value.is_empty());
        if fields.get("client_id").is_none_or(|id| id != client_id) {
            return Err(Refusal::Page("client_id"));
        }
        let redirect_uri = redirect_uri(fields.remove("redirect_uri"), redirect_uris)?;
        let scopes = fields.remove("scope").unwrap_or_default();
        let authorization = Self {
            redirect_uri,
            state: fields.remove("state"),
            scopes: scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            challenge: fields.remove("code_challenge"),
            force_prompt: fields.contains_key("force_prompt"),
        };
        let method = fields.get("code_challenge_method").map(String::as_str);
        let response_type = fields.get("response_type").map(String::as_str);
        match authorization.fault(response_type, method) {
            Some(error) => Err(Refusal::Redirect(authorization.location("error", error))),
            None => Ok(authorization),
        }
    }

    /// The redirect URI with one answer (`code` or `error`) and the state added to its query.
    pub(super) fn location(&self, name: &str, value: &str) -> String {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else { return self.redirect_uri.clone() };
        url.query_pairs_mut()
            .append_pair(name, value)
            .extend_pairs(self.state.iter().map(|state| ("state", state)));
        url.into()
    }

    fn fault(&self, response_type: Option<&str>, method: Option<&str>) -> Option<&'static str> {
        if response_type != Some("code") {
            return Some("unsupported_response_type");
        }
        if self.scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
            return Some("invalid_scope");
        }
        let pkce = match self.challenge.as_deref() {
            Some(challenge) => method == Some("S256") && is_challenge(challenge),
            None => true,
        };
        (!pkce).then_some("invalid_request")
    }
}

/// The one given must be registered, letter by letter; none given is fine if only one is registered.
fn redirect_uri(given: Option<String>, registered: &[String]) -> Result<String, Refusal> {
    match (given, registered) {
        (Some(uri), _) if registered.contains(&uri) => Ok(uri),
        (None, [only]) => Ok(only.clone()),
        _ => Err(Refusal::Page("redirect_uri")),
    }
}

fn is_challenge(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK: &str = "https://belay.example.com/sign-in/sentry";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn parse(changes: &[(&str, &str)]) -> Result<Authorization, Refusal> {
        let mut fields = HashMap::from([
            ("client_id", "belay"),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "org:read event:write"),
            ("state", "s&1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        fields.extend(changes.iter().copied());
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()))
            .finish();
        Authorization::parse(&query, "belay", &[BACK.to_owned()])
    }

    #[test]
    fn a_whole_request_is_understood() {
        let authorization = parse(&[("force_prompt", "1")]).unwrap();

        assert_eq!(authorization.scopes, ["org:read", "event:write"]);
        assert_eq!(authorization.challenge.as_deref(), Some(CHALLENGE));
        assert!(authorization.force_prompt);
        assert_eq!(
            authorization.location("code", "c"),
            "https://belay.example.com/sign-in/sentry?code=c&state=s%261"
        );
    }

    #[test]
    fn a_stranger_never_gets_a_redirect() {
        let longer = format!("{BACK}/");
        for (name, value) in [
            ("client_id", "other"),
            ("client_id", ""),
            ("redirect_uri", "https://elsewhere.example/"),
            ("redirect_uri", longer.as_str()),
        ] {
            let expected = if name == "client_id" { "client_id" } else { "redirect_uri" };
            assert_eq!(parse(&[(name, value)]), Err(Refusal::Page(expected)), "{name}={value}");
        }
    }

    #[test]
    fn a_registered_client_hears_what_is_wrong() {
        let short = &CHALLENGE[1..];
        let long = "a".repeat(129);
        for (name, value, error) in [
            ("response_type", "token", "unsupported_response_type"),
            ("scope", "org:read event:fly", "invalid_scope"),
            ("scope", "org:read,event:write", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge", short, "invalid_request"),
            ("code_challenge", long.as_str(), "invalid_request"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw/cM", "invalid_request"),
        ] {
            let location = format!("{BACK}?error={error}&state=s%261");
            assert_eq!(parse(&[(name, value)]), Err(Refusal::Redirect(location)), "{name}={value}");
        }
    }
}
