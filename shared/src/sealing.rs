//! What must be secret at rest is sealed: tokens, `response_url`s, clicks.
//!
//! ```text
//! s1.<kid>.<nonce ‖ ciphertext ‖ tag>      URL-safe base64 without padding
//! AES-256-GCM, nonce 96 random bits, AAD = "belay/v1" 0 field 0 tenant 0 Slack user
//! key = HKDF-SHA256(key of the configuration, info "belay/v1/seal")
//! ```
//! The AAD is the owner and the field, not the row: a token sealed in a flow can be moved into an
//! identity by a function that cannot open it, and opens under no other owner and in no other
//! field. Two keys can be active while rotating: the first seals, both open.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    identity::Owner,
    ids::SlackUserId,
    secret::{Sealed, Secret},
    signing::{link::derive, random_bytes},
};

/// Which value is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The app's token in a workspace.
    BotToken,
    /// What renews that token.
    BotRefreshToken,
    /// An install that waits for its last word, with its tokens.
    Grant,
    /// A person's Sentry token.
    AccessToken,
    /// What renews it.
    RefreshToken,
    /// A click with its `response_url`.
    Click,
    /// What a message in a channel shows.
    Card,
    /// Links to issues that are to be shown.
    Unfurl,
    /// Where the notice about a flow goes.
    ReplyTo,
    /// PKCE's verifier while the browser is at Sentry.
    PkceVerifier,
    /// The link a browser returns to from Slack and Sentry.
    LinkToken,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::BotToken => "bot_token",
            Self::BotRefreshToken => "bot_refresh_token",
            Self::Grant => "grant",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Click => "click",
            Self::Card => "card",
            Self::Unfurl => "unfurl",
            Self::ReplyTo => "reply_to",
            Self::PkceVerifier => "pkce_verifier",
            Self::LinkToken => "link_token",
        }
    }
}

/// Why a value cannot be sealed or opened. Says nothing about which byte was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no key, or no randomness.
    #[error("cannot seal")]
    Unavailable,
    /// Not of this form, of another owner or field, under a retired key, or changed.
    #[error("sealed value does not open")]
    DoesNotOpen,
}

/// Seals and opens values.
#[derive(Debug, Clone)]
pub struct Sealer {
    masters: Vec<Secret>,
}

impl Sealer {
    /// The first key seals, all open.
    pub fn new(masters: Vec<Secret>) -> Self {
        Self { masters }
    }

    /// Seals `plaintext` for its owner and field.
    pub fn seal(
        &self,
        owner: Owner<'_>,
        field: Field,
        plaintext: &Secret,
    ) -> Result<Sealed, SealError> {
        let master = self.masters.first().ok_or(SealError::Unavailable)?;
        let nonce: [u8; NONCE_LEN] = random_bytes().map_err(|_| SealError::Unavailable)?;
        let mut sealed = plaintext.expose().as_bytes().to_vec();
        key(master)
            .and_then(|key| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.seal_in_place_append_tag(nonce, aad(owner, field), &mut sealed).ok()
            })
            .ok_or(SealError::Unavailable)?;
        let body = BASE64.encode([nonce.as_slice(), &sealed].concat());
        Ok(Sealed::from_text(format!("s1.{}.{body}", key_id(master))))
    }

    /// Opens what was sealed for this owner and field.
    pub fn open(
        &self,
        owner: Owner<'_>,
        field: Field,
        sealed: &Sealed,
    ) -> Result<Secret, SealError> {
        self.try_open(owner, field, sealed).ok_or(SealError::DoesNotOpen)
    }

    /// Whether a value was sealed by the key that seals now, and not by one on its way out.
    pub fn is_newest(&self, sealed: &Sealed) -> bool {
        let kid = sealed.as_text().strip_prefix("s1.").and_then(|rest| rest.split_once('.'));
        let newest = self.masters.first().map(key_id);
        newest.is_some() && kid.map(|(kid, _)| kid) == newest.as_deref()
    }

    /// Seals a record, as JSON.
    pub fn seal_json<T: Serialize>(
        &self,
        owner: Owner<'_>,
        field: Field,
        record: &T,
    ) -> Result<Sealed, SealError> {
        let json = serde_json::to_string(record).map_err(|_| SealError::Unavailable)?;
        self.seal(owner, field, &Secret::new(json))
    }

    /// Opens a record that was sealed as JSON.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        owner: Owner<'_>,
        field: Field,
        sealed: &Sealed,
    ) -> Result<T, SealError> {
        let json = self.open(owner, field, sealed)?;
        serde_json::from_str(json.expose()).map_err(|_| SealError::DoesNotOpen)
    }

    fn try_open(&self, owner: Owner<'_>, field: Field, sealed: &Sealed) -> Option<Secret> {
        let (kid, body) = sealed.as_text().strip_prefix("s1.")?.split_once('.')?;
        let master = self.masters.iter().find(|master| key_id(master) == kid)?;
        let body = BASE64.decode(body).ok()?;
        let (nonce, ciphertext) = body.split_first_chunk::<NONCE_LEN>()?;
        let mut ciphertext = ciphertext.to_vec();
        let plaintext = key(master)?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad(owner, field), &mut ciphertext)
            .ok()?;
        Some(Secret::new(std::str::from_utf8(plaintext).ok()?))
    }
}

fn key(master: &Secret) -> Option<LessSafeKey> {
    let bytes: [u8; 32] = derive(master, "belay/v1/seal");
    UnboundKey::new(&AES_256_GCM, &bytes).ok().map(LessSafeKey::new)
}

fn key_id(master: &Secret) -> String {
    BASE64.encode(derive::<6>(master, "belay/v1/seal-kid"))
}

fn aad(owner: Owner<'_>, field: Field) -> Aad<String> {
    let user = owner.user.map_or("", SlackUserId::as_str);
    Aad::from(format!("belay/v1\0{}\0{}\0{user}", field.name(), owner.tenant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Tenant;

    fn sealer(masters: &[&str]) -> Sealer {
        Sealer::new(masters.iter().map(|m| Secret::new(*m)).collect())
    }

    fn tenant(id: &str) -> Tenant {
        Tenant::parse(id).unwrap()
    }

    fn user(id: &str) -> SlackUserId {
        SlackUserId::parse(id).unwrap()
    }

    #[test]
    fn a_value_opens_for_its_owner_and_field_only() {
        let sealer = sealer(&["key-one"]);
        let (acme, other) = (tenant("T0ACME0001"), tenant("T0OTHER001"));
        let (alice, bob) = (user("U0ALICE001"), user("U0BOB00001"));
        let owner = Owner { tenant: &acme, user: Some(&alice) };
        let token = Secret::new("sntryu_1");
        let sealed = sealer.seal(owner, Field::AccessToken, &token).unwrap();

        assert_eq!(sealer.open(owner, Field::AccessToken, &sealed), Ok(token));
        for (owner, field) in [
            (Owner { tenant: &acme, user: Some(&bob) }, Field::AccessToken),
            (Owner { tenant: &other, user: Some(&alice) }, Field::AccessToken),
            (Owner { tenant: &acme, user: None }, Field::AccessToken),
            (owner, Field::RefreshToken),
        ] {
            assert_eq!(sealer.open(owner, field, &sealed), Err(SealError::DoesNotOpen));
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let sealer = sealer(&["key-one"]);
        let acme = tenant("T0ACME0001");
        let owner = Owner { tenant: &acme, user: None };
        let seal = || sealer.seal(owner, Field::BotToken, &Secret::new("xoxb-1")).unwrap();

        assert_ne!(seal(), seal());
        assert!(!seal().as_text().contains("xoxb"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealer = sealer(&["key-one"]);
        let acme = tenant("T0ACME0001");
        let owner = Owner { tenant: &acme, user: None };
        let sealed = sealer.seal(owner, Field::BotToken, &Secret::new("xoxb-1")).unwrap();
        for at in 0..sealed.as_text().len() {
            let mut bytes = sealed.as_text().as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = Sealed::from_text(String::from_utf8(bytes).unwrap());
            assert!(sealer.open(owner, Field::BotToken, &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn while_rotating_both_keys_open_and_the_first_seals() {
        let acme = tenant("T0ACME0001");
        let owner = Owner { tenant: &acme, user: None };
        let value = Secret::new("xoxb-1");
        let old = sealer(&["key-one"]).seal(owner, Field::BotToken, &value).unwrap();
        let rotating = sealer(&["key-two", "key-one"]);

        let new = rotating.seal(owner, Field::BotToken, &value).unwrap();

        assert_eq!(rotating.open(owner, Field::BotToken, &old), Ok(value.clone()));
        assert_eq!(sealer(&["key-two"]).open(owner, Field::BotToken, &new), Ok(value));
        assert!(sealer(&["key-two"]).open(owner, Field::BotToken, &old).is_err());
    }
}
