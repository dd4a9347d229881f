//! The signature under everything Slack sends: hex HMAC-SHA256 of `v0:<timestamp>:<raw body>`
//! (Slack: docs.slack.dev/authentication/verifying-requests-from-slack).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::retries::Retry;

/// A request as Slack would send it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// `X-Slack-Request-Timestamp`: seconds since the Unix epoch.
    pub timestamp: String,
    /// `X-Slack-Signature`: `v0=` and 64 hexadecimal digits.
    pub signature: String,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The raw bytes that are signed.
    pub body: Vec<u8>,
    /// Which retry it is, of an event; clicks and commands are never sent twice.
    pub retry: Option<Retry>,
}

impl SignedRequest {
    /// The headers Slack sends, by their names in lower case.
    pub fn headers(&self) -> Vec<(&'static str, &str)> {
        let mut headers = vec![
            ("content-type", self.content_type),
            ("user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
            ("x-slack-request-timestamp", &self.timestamp),
            ("x-slack-signature", &self.signature),
        ];
        if let Some(retry) = self.retry {
            headers.push(("x-slack-retry-num", retry.digit()));
            headers.push(("x-slack-retry-reason", retry.reason));
        }
        headers
    }
}

/// Signs `body` at a time given in seconds.
pub(super) fn sign(
    secret: &str,
    seconds: i64,
    content_type: &'static str,
    body: Vec<u8>,
) -> SignedRequest {
    let timestamp = seconds.to_string();
    let signature = signature(secret, &timestamp, &body);
    SignedRequest { timestamp, signature, content_type, body, retry: None }
}

fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length: this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::from("v0="), |mut signature, byte| {
        // Writing to a string cannot fail.
        let _ = write!(signature, "{byte:02x}");
        signature
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_slacks_documentation_comes_out() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
            &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
            &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
            %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
            &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

        let signature =
            signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body.as_bytes());

        assert_eq!(
            signature,
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
        );
    }
}
