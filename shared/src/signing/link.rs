//! Signed links prove that the person who opens one was handed it by us, for one purpose, a
//! quarter of an hour ago at the most.
//!
//! ```text
//! v1.<kid>.<claims>.<mac>      each part URL-safe base64 without padding
//! mac = HMAC-SHA256(key of the purpose, "v1.<kid>.<claims>")
//! key of the purpose = HKDF-SHA256(master key, info "belay/v1/<purpose>")      RFC 5869
//! ```
//! The MAC is checked over the transmitted bytes before any of them is decoded. Each purpose has
//! its own key, so a link token opens no unlink page. `kid` names the master key; two can be
//! active while rotating: the first signs, both verify.
//!
//! A link is not a session: whoever follows it still proves who they are. What is worth stealing
//! (the `response_url`, the click) stays in the table.

#[cfg(test)]
mod properties;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use hkdf::Hkdf;
use hmac::Mac;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use super::{keyed, mac_of_parts};
use crate::{
    clock::Timestamp,
    ids::{ChannelId, OrganizationId, SlackUserId, Tenant},
    secret::Secret,
};

/// How long a link can be used: well inside the thirty minutes in which Slack still takes the
/// notice about it on the `response_url`.
pub const LIFE: Duration = Duration::from_mins(15);

/// No token of ours is longer; a longer one is refused unread.
pub const MAX_LENGTH: usize = 1_500;

/// What a signature was made for. A token of one purpose is noise to every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Opens the link page.
    Link,
    /// Opens the unlink page.
    Unlink,
    /// Comes back from Slack or Sentry as OAuth's `state`.
    OauthState,
    /// Proves that a form was rendered by us, for this browser.
    Form,
    /// Proves that whoever asks how the bundle is holds its key.
    Health,
}

impl Purpose {
    /// All purposes, for tests that try each against each.
    pub const ALL: [Self; 5] =
        [Self::Link, Self::Unlink, Self::OauthState, Self::Form, Self::Health];

    const fn info(self) -> &'static str {
        match self {
            Self::Link => "belay/v1/link",
            Self::Unlink => "belay/v1/unlink",
            Self::OauthState => "belay/v1/oauth-state",
            Self::Form => "belay/v1/form",
            Self::Health => "belay/v1/health",
        }
    }
}

/// Why a token does not open. Everything but `Expired` looks alike outside: a forger learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not of the form `v1.kid.claims.mac`, or too long.
    #[error("token malformed")]
    Malformed,
    /// No active key has this id: it was retired, or never ours.
    #[error("token signed by an unknown key")]
    UnknownKey,
    /// The MAC is not ours, or was made for another purpose.
    #[error("token signature does not match")]
    Mismatch,
    /// Genuine, but too old.
    #[error("token expired")]
    Expired,
}

/// What a signed token says until when.
pub trait Expires {
    /// The first moment at which it is no longer good.
    fn expires(&self) -> Timestamp;
}

/// What a link says about its owner. Readable by whoever holds it, so nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkClaims {
    /// Names the flow: its item is keyed by the hash of this.
    #[serde(rename = "n")]
    pub nonce: String,
    /// The clicker's own home.
    #[serde(rename = "t")]
    pub tenant: Tenant,
    /// The clicker.
    #[serde(rename = "u")]
    pub user: SlackUserId,
    /// The organization the click was about.
    #[serde(rename = "o")]
    pub organization: OrganizationId,
    /// Where the click was made.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// The clicker's epoch: every link and unlink moves it on, and older links with it.
    #[serde(rename = "e")]
    pub epoch: u64,
    /// When it was made.
    #[serde(rename = "i")]
    pub issued: Timestamp,
    /// When it ends.
    #[serde(rename = "x")]
    pub expires: Timestamp,
}

impl Expires for LinkClaims {
    fn expires(&self) -> Timestamp {
        self.expires
    }
}

/// Signs and opens tokens under one master key, or two while rotating.
#[derive(Debug, Clone)]
pub struct Signer {
    masters: Vec<Secret>,
}

impl Signer {
    /// The first key signs, all verify.
    pub fn new(masters: Vec<Secret>) -> Self {
        Self { masters }
    }

    /// A token that says `claims`, good for `purpose` only. `None` if the claims do not serialize
    /// or there is no key.
    pub fn sign<T: Serialize>(&self, purpose: Purpose, claims: &T) -> Option<String> {
        let master = self.masters.first()?;
        let claims = BASE64.encode(serde_json::to_vec(claims).ok()?);
        let signed = format!("v1.{}.{claims}", key_id(master));
        let mac = keyed(&purpose_key(master, purpose)).chain_update(&signed).finalize();
        Some(format!("{signed}.{}", BASE64.encode(mac.into_bytes())))
    }

    /// The claims of a token that we made for `purpose` and that is still good at `now`.
    pub fn open<T: DeserializeOwned + Expires>(
        &self,
        purpose: Purpose,
        token: &str,
        now: Timestamp,
    ) -> Result<T, LinkError> {
        let (signed, kid, claims, mac) = split(token)?;
        let master = self
            .masters
            .iter()
            .find(|master| key_id(master) == kid)
            .ok_or(LinkError::UnknownKey)?;
        keyed(&purpose_key(master, purpose))
            .chain_update(signed)
            .verify_slice(&mac)
            .map_err(|_| LinkError::Mismatch)?;
        let claims = BASE64.decode(claims).map_err(|_| LinkError::Malformed)?;
        let claims: T = serde_json::from_slice(&claims).map_err(|_| LinkError::Malformed)?;
        if now < claims.expires() { Ok(claims) } else { Err(LinkError::Expired) }
    }

    /// A tag that only we can make over `parts`: binds a form to a browser, or a nonce to a click.
    pub fn tag(&self, purpose: Purpose, parts: &[&str]) -> Option<String> {
        let master = self.masters.first()?;
        let mac = mac_of_parts(&purpose_key(master, purpose), &bytes(parts)).finalize();
        Some(BASE64.encode(mac.into_bytes()))
    }

    /// Whether `tag` is one of ours over `parts`. Constant time.
    pub fn tagged(&self, purpose: Purpose, parts: &[&str], tag: &str) -> bool {
        let Ok(tag) = BASE64.decode(tag) else { return false };
        self.masters.iter().any(|master| {
            mac_of_parts(&purpose_key(master, purpose), &bytes(parts)).verify_slice(&tag).is_ok()
        })
    }
}

/// `v1.kid.claims.mac` as (what is signed, kid, claims, MAC bytes).
fn split(token: &str) -> Result<(&str, &str, &str, Vec<u8>), LinkError> {
    if token.len() > MAX_LENGTH {
        return Err(LinkError::Malformed);
    }
    let (signed, mac) = token.rsplit_once('.').ok_or(LinkError::Malformed)?;
    let mut parts = signed.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("v1"), Some(kid), Some(claims), None) => {
            let mac = BASE64.decode(mac).map_err(|_| LinkError::Malformed)?;
            Ok((signed, kid, claims, mac))
        }
        _ => Err(LinkError::Malformed),
    }
}

fn bytes<'a>(parts: &[&'a str]) -> Vec<&'a [u8]> {
    parts.iter().map(|part| part.as_bytes()).collect()
}

/// The key's public name: derived, so that rotating means adding a key and nothing else.
fn key_id(master: &Secret) -> String {
    BASE64.encode(derive::<6>(master, "belay/v1/kid"))
}

fn purpose_key(master: &Secret, purpose: Purpose) -> [u8; 32] {
    derive(master, purpose.info())
}

/// HKDF-SHA256 without salt: the master key is uniformly random already (RFC 5869, 3.1).
pub(crate) fn derive<const N: usize>(master: &Secret, info: &str) -> [u8; N] {
    let mut key = [0; N];
    // Expanding fails beyond 255 blocks of 32 bytes only; N is 6 or 32.
    let expanded =
        Hkdf::<Sha256>::new(None, master.expose().as_bytes()).expand(info.as_bytes(), &mut key);
    debug_assert!(expanded.is_ok());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn signer(masters: &[&str]) -> Signer {
        Signer::new(masters.iter().map(|m| Secret::new(*m)).collect())
    }

    fn claims() -> LinkClaims {
        LinkClaims {
            nonce: "bm9uY2U".into(),
            tenant: Tenant::parse("T0ACME0001").unwrap(),
            user: SlackUserId::parse("U0ALICE001").unwrap(),
            organization: OrganizationId::parse("1").unwrap(),
            channel: ChannelId::parse("C0ALERTS01").ok(),
            epoch: 3,
            issued: NOW,
            expires: NOW.plus(LIFE),
        }
    }

    fn open(signer: &Signer, purpose: Purpose, token: &str) -> Result<LinkClaims, LinkError> {
        signer.open(purpose, token, NOW)
    }

    #[test]
    fn a_token_opens_as_it_was_signed() {
        let signer = signer(&["master-key-one"]);
        let token = signer.sign(Purpose::Link, &claims()).unwrap();

        assert_eq!(open(&signer, Purpose::Link, &token), Ok(claims()));
        assert!(token.len() < 400, "{} characters", token.len());
    }

    #[test]
    fn a_token_is_read_up_to_its_bound_and_not_beyond() {
        let signer = signer(&["master-key-one"]);
        let of_length = |length: usize| format!("v1.kid.{}.AAAA", "A".repeat(length - 12));

        let (at_bound, beyond) = (of_length(MAX_LENGTH), of_length(MAX_LENGTH + 1));

        assert_eq!(at_bound.len(), MAX_LENGTH);
        assert_eq!(open(&signer, Purpose::Link, &at_bound), Err(LinkError::UnknownKey));
        assert_eq!(open(&signer, Purpose::Link, &beyond), Err(LinkError::Malformed));
    }

    #[test]
    fn only_the_purpose_it_was_made_for_opens_it() {
        let signer = signer(&["master-key-one"]);
        for made_for in Purpose::ALL {
            let token = signer.sign(made_for, &claims()).unwrap();
            for used_for in Purpose::ALL {
                let opened = open(&signer, used_for, &token);
                assert_eq!(opened.is_ok(), made_for == used_for, "{made_for:?} as {used_for:?}");
            }
        }
    }

    #[test]
    fn it_ends_on_the_second() {
        let signer = signer(&["master-key-one"]);
        let token = signer.sign(Purpose::Link, &claims()).unwrap();
        let at = |secs| NOW.plus(Duration::from_secs(secs));

        let last: Result<LinkClaims, _> = signer.open(Purpose::Link, &token, at(899));
        let over: Result<LinkClaims, _> = signer.open(Purpose::Link, &token, at(900));

        assert!(last.is_ok());
        assert_eq!(over, Err(LinkError::Expired));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let signer = signer(&["master-key-one"]);
        let token = signer.sign(Purpose::Link, &claims()).unwrap();
        for at in 0..token.len() * 8 {
            let mut bytes = token.clone().into_bytes();
            bytes[at / 8] ^= 1 << (at % 8);
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            assert!(open(&signer, Purpose::Link, &flipped).is_err(), "bit {at}");
        }
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        let signer = signer(&["master-key-one"]);
        let token = signer.sign(Purpose::Link, &claims()).unwrap();
        let long = format!("{token}{}", "A".repeat(MAX_LENGTH));
        let padded = format!("{token}=");
        let extra = format!("{token}.x");
        for text in ["", ".", "v1", "v1...", "v2.a.b.c", "\0", &long, &padded, &extra] {
            assert!(open(&signer, Purpose::Link, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn while_rotating_old_links_open_and_after_retirement_they_do_not() {
        let old = signer(&["master-key-one"]);
        let rotating = signer(&["master-key-two", "master-key-one"]);
        let retired = signer(&["master-key-two"]);
        let token = old.sign(Purpose::Link, &claims()).unwrap();

        assert!(open(&rotating, Purpose::Link, &token).is_ok());
        assert_eq!(open(&retired, Purpose::Link, &token), Err(LinkError::UnknownKey));
        assert_eq!(
            open(&old, Purpose::Link, &rotating.sign(Purpose::Link, &claims()).unwrap()),
            Err(LinkError::UnknownKey)
        );
    }

    #[test]
    fn a_tag_is_good_for_its_parts_only() {
        let signer = signer(&["master-key-one"]);
        let tag = signer.tag(Purpose::Form, &["cookie", "flow", "confirm"]).unwrap();

        assert!(signer.tagged(Purpose::Form, &["cookie", "flow", "confirm"], &tag));
        assert!(!signer.tagged(Purpose::Form, &["cookie", "flow", "begin"], &tag));
        assert!(!signer.tagged(Purpose::Form, &["cookie", "flowconfirm"], &tag));
        assert!(!signer.tagged(Purpose::Link, &["cookie", "flow", "confirm"], &tag));
        assert!(!signer.tagged(Purpose::Form, &["cookie", "flow", "confirm"], ""));
    }
}
