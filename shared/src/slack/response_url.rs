//! A `response_url` is a bearer credential: whoever holds it can post as the app, five times in
//! thirty minutes (docs.slack.dev/interactivity/handling-user-interaction). It is secret at rest
//! and in logs, and it is only ever posted to where Slack is.

use serde::{Deserialize, Serialize};
use url::{Origin, Url};

use crate::secret::Secret;

/// A `response_url` whose origin was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResponseUrl(Secret);

/// The URL points somewhere that is not Slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("response_url is not Slack's")]
pub struct ForeignUrl;

/// Where Slack takes responses: `https://hooks.slack.com`, or `https://hooks.slack-gov.com` for
/// `GovSlack`.
#[derive(Debug, Clone)]
pub struct Hooks(Origin);

impl Hooks {
    /// The origin of this URL.
    pub fn new(origin: &Url) -> Self {
        Self(origin.origin())
    }

    /// Accepts a URL of exactly this origin (scheme, host and port), without user info.
    pub fn parse(&self, text: &str) -> Result<ResponseUrl, ForeignUrl> {
        let url = Url::parse(text).map_err(|_| ForeignUrl)?;
        let plain = url.username().is_empty() && url.password().is_none();
        // A `blob:` URL has the origin of the URL inside it; only the web's own schemes are meant.
        let web = matches!(url.scheme(), "https" | "http");
        if web && plain && url.origin() == self.0 && self.0.is_tuple() {
            Ok(ResponseUrl(Secret::new(text)))
        } else {
            Err(ForeignUrl)
        }
    }

    /// Checks a stored one again, at the moment it is used.
    pub fn check(&self, url: &ResponseUrl) -> Result<Url, ForeignUrl> {
        self.parse(url.0.expose())?;
        Url::parse(url.0.expose()).map_err(|_| ForeignUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks() -> Hooks {
        Hooks::new(&Url::parse("https://hooks.slack.com").unwrap())
    }

    #[test]
    fn slacks_own_are_accepted() {
        assert!(hooks().parse("https://hooks.slack.com/actions/T0/1/abc").is_ok());
        assert!(hooks().parse("https://hooks.slack.com:443/commands/T0/1/abc").is_ok());
    }

    #[test]
    fn anything_else_is_foreign() {
        for text in [
            "http://hooks.slack.com/actions/T0/1/abc",
            "https://hooks.slack.com.evil.example/actions/T0/1/abc",
            "https://evil.example/hooks.slack.com",
            "https://hooks.slack.com@evil.example/",
            "https://user@hooks.slack.com/actions",
            "https://user:word@hooks.slack.com/actions",
            "https://hooks.slack.com:8443/actions",
            "https://hooks.slack-gov.com/actions/T0/1/abc",
            "https://api.slack.com/",
            "https://slack.com/",
            "https://hooks.slack.com\u{3002}evil.example/",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "data:text/plain,hi",
            "blob:https://hooks.slack.com/actions/T0/1/abc",
            "//hooks.slack.com/actions",
            "hooks.slack.com/actions",
            "",
        ] {
            assert_eq!(hooks().parse(text), Err(ForeignUrl), "{text:?}");
        }
    }

    #[test]
    fn it_does_not_print() {
        let url = hooks().parse("https://hooks.slack.com/actions/T0/1/abc").unwrap();

        assert!(!format!("{url:?}").contains("abc"));
    }
}
