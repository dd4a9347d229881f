//! Slack's request signature: the first thing that is looked at, and the only thing until it holds.
//!
//! ```text
//! X-Slack-Request-Timestamp: 1531420618
//! X-Slack-Signature:         v0=<64 lower-case hex digits>
//!     = HMAC-SHA256(signing secret as text, "v0:" + timestamp + ":" + raw body)
//! ```
//! Source: docs.slack.dev/authentication/verifying-requests-from-slack. The body is the bytes that
//! were received, before any decoding; the tolerance of five minutes counts in both directions.

use std::time::Duration;

use hmac::Mac;
use http::{HeaderMap, HeaderName};

use super::keyed;
use crate::{clock::Timestamp, secret::Secret};

/// Slack refuses to be believed for longer, in either direction.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// When Slack says it sent the request.
pub const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");
/// Slack's signature.
pub const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");

/// Bytes whose sender is proven. Only a verifier makes one, and only this can be parsed.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified<T>(pub(super) T);

impl<T> Verified<T> {
    /// What was verified.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// A body that Slack has signed, and when: the time is part of what is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that were received.
    pub body: Vec<u8>,
    /// When Slack sent them, in whole seconds.
    pub sent: Timestamp,
}

/// Why a request is not believed. All look alike outside (401, no body); the log tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing, doubled or not text.
    #[error("signature header missing or doubled")]
    Header,
    /// A header does not have the form that Slack documents.
    #[error("signature header malformed")]
    Malformed,
    /// Signed too long ago or too far ahead.
    #[error("timestamp outside the tolerance")]
    Stale,
    /// No secret of ours made this signature.
    #[error("signature does not match")]
    Mismatch,
}

/// Checks and makes Slack's signature under one or, while rotating, several secrets.
#[derive(Debug, Clone)]
pub struct RequestVerifier {
    secrets: Vec<Secret>,
}

impl RequestVerifier {
    /// The secrets that are good today; configuration sees to it that none is blank.
    pub fn new(secrets: Vec<Secret>) -> Self {
        Self { secrets }
    }

    /// Proves that Slack sent `body`, `now` being the time of arrival.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<Verified<Signed>, SignatureError> {
        let timestamp = single(headers, &TIMESTAMP)?;
        let sent = parse_timestamp(timestamp)?;
        let signature = parse_signature(single(headers, &SIGNATURE)?)?;
        if now.secs().abs_diff(sent) > TOLERANCE.as_secs() {
            return Err(SignatureError::Stale);
        }
        let known = self
            .secrets
            .iter()
            .any(|secret| base_string(secret, timestamp, &body).verify_slice(&signature).is_ok());
        let sent = Timestamp::from_secs(sent);
        if known { Ok(Verified(Signed { body, sent })) } else { Err(SignatureError::Mismatch) }
    }

    /// The header Slack would send for `body` at `timestamp` (seconds), by the newest secret. `None`
    /// if there is no secret.
    pub fn sign(&self, timestamp: i64, body: &[u8]) -> Option<String> {
        Some(sign(self.secrets.first()?, timestamp, body))
    }
}

/// The header Slack would send for `body` at `timestamp` (seconds): what the stand-in and the
/// sample events are signed with.
pub fn sign(secret: &Secret, timestamp: i64, body: &[u8]) -> String {
    let mac = base_string(secret, &timestamp.to_string(), body).finalize();
    format!("v0={}", super::hex(&mac.into_bytes()))
}

fn base_string(secret: &Secret, timestamp: &str, body: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    keyed(secret.expose().as_bytes())
        .chain_update(b"v0:")
        .chain_update(timestamp)
        .chain_update(b":")
        .chain_update(body)
}

pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<&'a str, SignatureError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| SignatureError::Header),
        _ => Err(SignatureError::Header),
    }
}

/// Ten digits and nothing else: `0x65…`, `1e9`, ` 1700000000` and `+1700000000` are not times.
fn parse_timestamp(text: &str) -> Result<i64, SignatureError> {
    if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Malformed);
    }
    text.parse().map_err(|_| SignatureError::Malformed)
}

fn parse_signature(text: &str) -> Result<[u8; 32], SignatureError> {
    parse_mac(text.strip_prefix("v0=").ok_or(SignatureError::Malformed)?)
}

/// A MAC as 64 lower-case hex digits.
pub(super) fn parse_mac(digits: &str) -> Result<[u8; 32], SignatureError> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let mut mac = [0; 32];
    if !rest.is_empty() || pairs.len() != mac.len() {
        return Err(SignatureError::Malformed);
    }
    for (byte, [high, low]) in mac.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Ok(mac)
}

fn nibble(digit: u8) -> Result<u8, SignatureError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(SignatureError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const PUBLISHED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const SENT: i64 = 1_531_420_618;

    fn verifier(secrets: &[&str]) -> RequestVerifier {
        RequestVerifier::new(secrets.iter().map(|s| Secret::new(*s)).collect())
    }

    fn headers(timestamp: &str, signature: &str) -> HeaderMap {
        HeaderMap::from_iter([
            (TIMESTAMP, HeaderValue::from_str(timestamp).unwrap()),
            (SIGNATURE, HeaderValue::from_str(signature).unwrap()),
        ])
    }

    fn verdict(headers: &HeaderMap, body: &[u8], now: i64) -> Result<(), SignatureError> {
        verifier(&[SECRET]).verify(headers, body.to_vec(), Timestamp::from_secs(now)).map(
            |verified| {
                assert_eq!(verified.get().body, body);
                assert_eq!(verified.get().sent.secs().to_string(), headers[TIMESTAMP]);
            },
        )
    }

    #[test]
    fn slacks_published_example_verifies() {
        assert_eq!(verdict(&headers("1531420618", PUBLISHED), BODY, SENT), Ok(()));
        assert_eq!(sign(&Secret::new(SECRET), SENT, BODY), PUBLISHED);
        assert_eq!(verifier(&[SECRET, "older"]).sign(SENT, BODY).as_deref(), Some(PUBLISHED));
    }

    #[test]
    fn the_tolerance_counts_in_both_directions() {
        let headers = headers("1531420618", PUBLISHED);
        for (offset, expected) in [
            (-301, Err(SignatureError::Stale)),
            (-300, Ok(())),
            (300, Ok(())),
            (301, Err(SignatureError::Stale)),
        ] {
            assert_eq!(verdict(&headers, BODY, SENT + offset), expected, "{offset} s");
        }
    }

    #[test]
    fn one_changed_byte_anywhere_is_refused() {
        let headers = headers("1531420618", PUBLISHED);
        for at in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            assert_eq!(verdict(&headers, &body, SENT), Err(SignatureError::Mismatch), "byte {at}");
        }
    }

    #[test]
    fn a_timestamp_is_ten_digits_even_when_it_is_signed_otherwise() {
        for text in ["0x5b47f8ca", "1e9", "+153142061", "", "15314206180000000000", "1531420618,1"]
        {
            let mac = base_string(&Secret::new(SECRET), text, BODY).finalize();
            let signature = format!("v0={}", crate::signing::hex(&mac.into_bytes()));
            assert_eq!(
                verdict(&headers(text, &signature), BODY, SENT),
                Err(SignatureError::Malformed),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_signature_is_exactly_lower_case_hex() {
        let upper = PUBLISHED.to_uppercase().replace("V0", "v0");
        let doubled = format!("{PUBLISHED},{PUBLISHED}");
        for text in [&PUBLISHED[..66], &PUBLISHED[3..], "v0=", "v1=a2", &upper, &doubled] {
            assert_eq!(
                verdict(&headers("1531420618", text), BODY, SENT),
                Err(SignatureError::Malformed),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_missing_or_doubled_header_is_refused() {
        for name in [TIMESTAMP, SIGNATURE] {
            let mut missing = headers("1531420618", PUBLISHED);
            missing.remove(&name);
            assert_eq!(verdict(&missing, BODY, SENT), Err(SignatureError::Header));

            let mut doubled = headers("1531420618", PUBLISHED);
            let value = doubled.get(&name).unwrap().clone();
            doubled.append(&name, value);
            assert_eq!(verdict(&doubled, BODY, SENT), Err(SignatureError::Header));
        }
    }

    #[test]
    fn while_rotating_both_secrets_are_good_and_a_retired_one_is_not() {
        let headers = headers("1531420618", PUBLISHED);
        let now = Timestamp::from_secs(SENT);
        let other = "another-secret-of-32-characters!";

        let both = verifier(&[other, SECRET]).verify(&headers, BODY.to_vec(), now);
        let retired = verifier(&[other]).verify(&headers, BODY.to_vec(), now);

        assert!(both.is_ok());
        assert_eq!(retired.err(), Some(SignatureError::Mismatch));
    }

    #[test]
    fn without_a_secret_nothing_verifies() {
        let nothing = verifier(&[]).verify(
            &headers("1531420618", PUBLISHED),
            BODY.to_vec(),
            Timestamp::from_secs(SENT),
        );

        assert_eq!(nothing.err(), Some(SignatureError::Mismatch));
    }

    #[test]
    fn raw_bytes_that_are_no_text_verify_too() {
        let body = b"text=h\xc3\xa9llo\xff\x00\r\n+%20";
        let signature = sign(&Secret::new(SECRET), SENT, body);

        assert_eq!(verdict(&headers("1531420618", &signature), body, SENT), Ok(()));
    }
}
