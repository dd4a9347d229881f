//! Sentry's signature on its webhooks: the first thing that is looked at, and the only thing until it
//! holds.
//!
//! ```text
//! Sentry-Hook-Signature: <64 lower-case hex digits>     of a webhook
//! Sentry-App-Signature:  <the same>                     of a request for a form's choices
//!     = HMAC-SHA256(client secret of the integration as text, raw body)
//! ```
//! Source: docs.sentry.io/organization/integrations/integration-platform/webhooks. Only the body is
//! signed: not the time, not the resource's name, and not the request's id, so a webhook that was
//! seen once can be sent again by who saw it. What it says is then old, and repeats are told apart by
//! the id. An integration belongs to one organization, so its secret says whose webhook it is.

use hmac::Mac;
use http::{HeaderMap, HeaderName};

use super::{
    hex, keyed,
    request::{SignatureError, Verified, parse_mac, single},
};
use crate::secret::Secret;

/// The signature of a webhook.
pub const HOOK_SIGNATURE: HeaderName = HeaderName::from_static("sentry-hook-signature");

/// The signature of a request for a form's choices.
pub const APP_SIGNATURE: HeaderName = HeaderName::from_static("sentry-app-signature");

/// A body, and the organization whose integration signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The organization's slug, as the configuration has it.
    pub organization: String,
    /// The bytes that were received.
    pub body: Vec<u8>,
}

/// Checks Sentry's signature under the secrets of several integrations.
#[derive(Debug, Clone)]
pub struct HookVerifier {
    secrets: Vec<(String, Secret)>,
}

impl HookVerifier {
    /// (slug of the organization, its integration's client secret). While one is rotated, a slug may
    /// occur twice.
    pub fn new(secrets: Vec<(String, Secret)>) -> Self {
        Self { secrets }
    }

    /// Proves that an integration sent `body`, by the signature in the header of this name.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        name: &HeaderName,
        body: Vec<u8>,
    ) -> Result<Verified<Hook>, SignatureError> {
        let signature = parse_mac(single(headers, name)?)?;
        let signs = |secret: &Secret| {
            keyed(secret.expose().as_bytes()).chain_update(&body).verify_slice(&signature).is_ok()
        };
        let found = self.secrets.iter().find(|(_, secret)| signs(secret));
        let organization = found.ok_or(SignatureError::Mismatch)?.0.clone();
        Ok(Verified(Hook { organization, body }))
    }
}

impl HookVerifier {
    /// The header that the integration of this organization would send for `body`, by its first
    /// secret.
    pub fn sign(&self, organization: &str, body: &[u8]) -> Option<String> {
        let (_, secret) = self.secrets.iter().find(|(slug, _)| slug == organization)?;
        Some(sign(secret, body))
    }
}

/// The header Sentry would send for `body`: what the stand-in and the sample events are signed with.
pub fn sign(secret: &Secret, body: &[u8]) -> String {
    hex(&keyed(secret.expose().as_bytes()).chain_update(body).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const BODY: &[u8] = br#"{"action":"triggered"}"#;

    fn verifier() -> HookVerifier {
        let secret = |slug: &str, text: &str| (slug.to_owned(), Secret::new(text));
        HookVerifier::new(vec![
            secret("acme", "the-secret-of-the-integration-at-acme"),
            secret("globex", "the-secret-of-the-integration-at-globex"),
        ])
    }

    fn signed(secret: &str, body: &[u8]) -> HeaderMap {
        let value = HeaderValue::from_str(&sign(&Secret::new(secret), body)).unwrap();
        HeaderMap::from_iter([(HOOK_SIGNATURE, value)])
    }

    fn verify(headers: &HeaderMap, body: &[u8]) -> Result<Verified<Hook>, SignatureError> {
        verifier().verify(headers, &HOOK_SIGNATURE, body.to_vec())
    }

    #[test]
    fn the_signature_is_hmac_sha256_of_the_body() {
        // RFC 4231, test case 2.
        let mac = sign(&Secret::new("Jefe"), b"what do ya want for nothing?");

        assert_eq!(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn the_secret_says_whose_webhook_it_is() {
        let hook = verify(&signed("the-secret-of-the-integration-at-globex", BODY), BODY);

        assert_eq!(
            hook.map(|hook| hook.get().organization.clone()).ok().as_deref(),
            Some("globex")
        );
    }

    #[test]
    fn any_other_secret_body_or_header_is_refused() {
        let good = signed("the-secret-of-the-integration-at-acme", BODY);
        let refused = |headers: &HeaderMap, body| verify(headers, body).map(|_| ()).unwrap_err();

        assert_eq!(refused(&signed("another", BODY), BODY), SignatureError::Mismatch);
        assert_eq!(refused(&good, b"{}"), SignatureError::Mismatch);
        assert_eq!(refused(&HeaderMap::new(), BODY), SignatureError::Header);
        let mut twice = good.clone();
        twice.append(HOOK_SIGNATURE, good[HOOK_SIGNATURE].clone());
        assert_eq!(refused(&twice, BODY), SignatureError::Header);
        let upper = good[HOOK_SIGNATURE].to_str().unwrap().to_uppercase();
        let upper = HeaderMap::from_iter([(HOOK_SIGNATURE, upper.parse().unwrap())]);
        assert_eq!(refused(&upper, BODY), SignatureError::Malformed);
    }

    #[test]
    fn an_organization_signs_with_its_own_secret_and_with_none_if_it_has_none() {
        let at_globex = Secret::new("the-secret-of-the-integration-at-globex");

        assert_eq!(verifier().sign("globex", BODY), Some(sign(&at_globex, BODY)));
        assert_eq!(verifier().sign("initech", BODY), None);
    }

    #[test]
    fn an_empty_body_has_its_signature_too() {
        let secret = "the-secret-of-the-integration-at-acme";

        assert!(verify(&signed(secret, b""), b"").is_ok());
        assert!(verify(&signed(secret, b"{}"), b"").is_err());
    }
}
