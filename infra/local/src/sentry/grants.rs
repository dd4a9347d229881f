//! What Sentry's OAuth server remembers: approvals, codes and tokens.
//!
//! Source: docs.sentry.io/api/auth (OAuth), and the model behind it: a code lives 10 minutes and
//! dies in its first exchange, whatever comes of it; an access token lives 30 days; a refresh gives a
//! new pair and kills the old one at that instant; the expiry of the access token does not end the
//! refresh token.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use shared::clock::Timestamp;

use super::authorization::Authorization;
use super::people::Account;
use crate::random;

/// How long a code can be exchanged.
const CODE_LIFE: Duration = Duration::from_mins(10);
/// How long an access token is good for.
pub(super) const TOKEN_LIFE: Duration = Duration::from_hours(30 * 24);

/// Approvals, codes and tokens.
#[derive(Default)]
pub(super) struct Grants {
    approvals: BTreeMap<&'static str, BTreeSet<String>>,
    codes: BTreeMap<String, Code>,
    tokens: Vec<Token>,
    /// Successful refreshes so far.
    pub(super) refreshes: usize,
}

struct Code {
    account: &'static Account,
    authorization: Authorization,
    expires: Timestamp,
}

/// An access token and what belongs to it.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) account: &'static Account,
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires: Timestamp,
}

impl Grants {
    /// Whether this account has approved all that is asked for.
    pub(super) fn has_approved(&self, account: &Account, authorization: &Authorization) -> bool {
        let approved = self.approvals.get(account.id);
        approved.is_some_and(|all| authorization.scopes.iter().all(|scope| all.contains(scope)))
    }

    /// Remembers the approval and hands out a code for it.
    pub(super) fn approve(
        &mut self,
        account: &'static Account,
        authorization: Authorization,
        now: Timestamp,
    ) -> String {
        let scopes = authorization.scopes.iter().cloned();
        self.approvals.entry(account.id).or_default().extend(scopes);
        let code = random::secret(32);
        let expires = now.plus(CODE_LIFE);
        self.codes.insert(code.clone(), Code { account, authorization, expires });
        code
    }

    /// Exchanges a code. `None` is `invalid_grant`; the code is gone either way.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        redirect_uri: &str,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Option<Token> {
        let Code { account, authorization, expires } = self.codes.remove(code)?;
        let fits = now < expires
            && authorization.redirect_uri == redirect_uri
            && proves(verifier, authorization.challenge.as_deref());
        fits.then(|| {
            let token = Token {
                account,
                access: random::secret(32),
                refresh: random::secret(32),
                scopes: authorization.scopes,
                expires: now.plus(TOKEN_LIFE),
            };
            self.tokens.push(token.clone());
            token
        })
    }

    /// Replaces both halves of a pair. `None` is `invalid_grant`.
    pub(super) fn refresh(&mut self, refresh: &str, now: Timestamp) -> Option<Token> {
        let token = self.tokens.iter_mut().find(|token| token.refresh == refresh)?;
        token.access = random::secret(32);
        token.refresh = random::secret(32);
        token.expires = now.plus(TOKEN_LIFE);
        self.refreshes += 1;
        Some(token.clone())
    }

    /// The live token with this access half.
    pub(super) fn bearer(&self, access: &str, now: Timestamp) -> Option<&Token> {
        self.tokens.iter().find(|token| token.access == access && now < token.expires)
    }

    /// How many live tokens the account has given out.
    pub(super) fn live(&self, account: &Account, now: Timestamp) -> usize {
        self.tokens.iter().filter(|token| token.account == account && now < token.expires).count()
    }

    /// Forgets the account's approval, codes and tokens, as removing the application in the user
    /// settings does.
    pub(super) fn revoke(&mut self, account: &str) {
        self.approvals.remove(account);
        self.codes.retain(|_, code| code.account.id != account);
        self.tokens.retain(|token| token.account.id != account);
    }
}

/// PKCE, method S256 (RFC 7636, 4.6): the verifier hashes to the challenge, if there was one.
fn proves(verifier: Option<&str>, challenge: Option<&str>) -> bool {
    let Some(challenge) = challenge else { return true };
    verifier.is_some_and(|v| URL_SAFE_NO_PAD.encode(Sha256::digest(v)) == challenge)
}

#[cfg(test)]
mod tests {
    use super::super::people::account;
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_700_000_000);
    const BACK: &str = "https://belay.example.com/sign-in/sentry";

    fn approved(challenge: Option<&str>) -> (Grants, String) {
        let mut grants = Grants::default();
        let authorization = Authorization {
            redirect_uri: BACK.to_owned(),
            state: None,
            scopes: vec!["event:write".to_owned()],
            challenge: challenge.map(str::to_owned),
            force_prompt: false,
        };
        let code = grants.approve(account("101").unwrap(), authorization, START);
        (grants, code)
    }

    #[test]
    fn a_code_is_exchanged_once() {
        let (mut grants, code) = approved(None);

        assert!(grants.exchange(&code, BACK, None, START).is_some());
        assert!(grants.exchange(&code, BACK, None, START).is_none());
    }

    #[test]
    fn a_code_dies_after_ten_minutes() {
        let (mut grants, code) = approved(None);

        assert!(grants.exchange(&code, BACK, None, START.plus(CODE_LIFE)).is_none());
    }

    #[test]
    fn a_failed_exchange_deletes_the_code() {
        let (mut grants, code) = approved(None);

        assert!(grants.exchange(&code, "https://elsewhere.example/", None, START).is_none());
        assert!(grants.exchange(&code, BACK, None, START).is_none());
    }

    #[test]
    fn a_challenge_wants_its_verifier() {
        // The pair of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");

        for (given, accepted) in [(Some(verifier), true), (Some("x"), false), (None, false)] {
            let (mut grants, code) = approved(challenge);
            assert_eq!(grants.exchange(&code, BACK, given, START).is_some(), accepted);
        }
    }

    #[test]
    fn a_refresh_kills_the_old_pair_at_that_instant() {
        let (mut grants, code) = approved(None);
        let old = grants.exchange(&code, BACK, None, START).unwrap();

        let new = grants.refresh(&old.refresh, START).unwrap();

        assert!(grants.bearer(&new.access, START).is_some());
        assert!(grants.bearer(&old.access, START).is_none());
        assert!(grants.refresh(&old.refresh, START).is_none());
        assert_eq!(grants.refreshes, 1);
    }

    #[test]
    fn an_access_token_dies_after_thirty_days_and_can_be_refreshed() {
        let (mut grants, code) = approved(None);
        let token = grants.exchange(&code, BACK, None, START).unwrap();
        let later = START.plus(TOKEN_LIFE);

        assert!(grants.bearer(&token.access, later).is_none());
        assert!(grants.refresh(&token.refresh, later).is_some());
    }

    #[test]
    fn revoking_leaves_nothing() {
        let (mut grants, code) = approved(None);
        let token = grants.exchange(&code, BACK, None, START).unwrap();

        grants.revoke("101");

        assert!(grants.bearer(&token.access, START).is_none());
        assert!(grants.refresh(&token.refresh, START).is_none());
    }
}
