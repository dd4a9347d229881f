//! The signature under everything an integration is sent: hex HMAC-SHA256 of the raw body, with the
//! integration's client secret (docs.sentry.io/integrations/integration-platform/webhooks).
//!
//! Nothing but the body is signed: neither the time, nor the resource, nor the `Request-ID`.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use shared::clock::Timestamp;

use crate::random;

/// A webhook as Sentry would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHook {
    /// `Sentry-Hook-Resource`: `event_alert`, `metric_alert` or `issue`.
    pub resource: String,
    /// `Request-ID`: 32 hexadecimal digits.
    pub request_id: String,
    /// `Sentry-Hook-Timestamp`: seconds since the Unix epoch.
    pub timestamp: String,
    /// `Sentry-Hook-Signature`: 64 hexadecimal digits.
    pub signature: String,
    /// The raw bytes that are signed.
    pub body: Vec<u8>,
}

impl SignedHook {
    /// The headers Sentry sends, by their names in lower case.
    pub fn headers(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("content-type", "application/json"),
            ("request-id", &self.request_id),
            ("sentry-hook-resource", &self.resource),
            ("sentry-hook-timestamp", &self.timestamp),
            ("sentry-hook-signature", &self.signature),
        ]
    }

    /// The body, read; null if it is no JSON.
    pub fn payload(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The payload's `action`; empty if there is none.
    pub fn action(&self) -> String {
        self.payload().get("action").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// Signs a webhook's body.
pub(super) fn sign(secret: &str, resource: &str, body: Vec<u8>, now: Timestamp) -> SignedHook {
    SignedHook {
        resource: resource.to_owned(),
        request_id: request_id(),
        timestamp: now.secs().to_string(),
        signature: signature(secret, &body),
        body,
    }
}

/// A new `Request-ID`.
pub(super) fn request_id() -> String {
    random::uuid().replace('-', "")
}

/// What stands in the signature's header.
pub(super) fn signature(secret: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length: this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |mut signature, byte| {
        // Writing to a string cannot fail.
        let _ = write!(signature, "{byte:02x}");
        signature
    })
}

/// JSON as Sentry writes it: without spaces, and in ASCII alone (Python's `ensure_ascii`).
pub(super) fn ascii_json(value: &Value) -> String {
    value.to_string().chars().fold(String::new(), |mut json, character| {
        if character.is_ascii() {
            json.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(json, "\\u{unit:04x}");
            }
        }
        json
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2 there.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_body_is_ascii_and_reads_as_what_was_written() {
        let value = json!({ "title": "Ü 💥 \"<&>\"\u{2028}\n" });

        let json = ascii_json(&value);

        assert!(json.is_ascii() && json.contains("\\ud83d\\udca5"), "{json}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    }

    #[test]
    fn a_request_id_is_a_uuid_without_its_dashes() {
        let id = request_id();

        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
