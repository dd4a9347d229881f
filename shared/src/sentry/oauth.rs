//! Signing in to Sentry as the person: OAuth code with PKCE, and the refresh of its tokens.
//!
//! Only an OAuth application acts as the person; an integration's token acts as its own proxy
//! user. `force_prompt` matters: without it Sentry sends a browser that once approved straight
//! back, and a forwarded link would need no second look. PKCE (S256) is always sent; servers
//! before 26.1 ignore it. A code is exchanged once and never again: any failure deletes it at
//! Sentry. A refresh kills the old access token at that instant.
//!
//! Source: docs.sentry.io/api/auth/.

use std::{collections::BTreeSet, ops::Deref, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use reqwest::{Method, header};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    client::{SentryClient, SentryError},
    lenient,
};
use crate::{
    clock::Timestamp,
    identity::{Account, Identity, Owner, Tokens},
    ids::AccountId,
    sealing::{Field, SealError, Sealer},
    secret::Secret,
    signing::{NoRandomness, random_bytes},
    slack::client::form,
};

/// What Belay asks for; a token never has more than the member's own role.
pub const SCOPES: [&str; 4] = ["org:read", "project:read", "event:read", "event:write"];

/// No token is believed to live longer, whatever a server says.
const MAX_LIFE: Duration = Duration::from_hours(366 * 24);

/// The OAuth application in Sentry.
#[derive(Debug, Clone)]
pub struct SentryOauth {
    /// Its public id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

/// What acts as a person. Only a sign-in, a renewal and the person's own row make one, so that
/// whatever changes something in Sentry cannot be called with a token that is nobody's, such as an
/// integration's.
#[derive(Debug, Clone)]
pub struct UserToken(Secret);

/// A token pair in the clear.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What acts as the person.
    pub access: UserToken,
    /// What renews it.
    pub refresh: Option<Secret>,
    /// How long the access token is good.
    pub life: Duration,
}

/// What a sign-in proved.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// Its tokens.
    pub grant: Grant,
    /// Whether everything in [`SCOPES`] was granted.
    pub has_all_scopes: bool,
}

/// PKCE's verifier (RFC 7636): 43 characters of randomness.
pub fn new_verifier() -> Result<Secret, NoRandomness> {
    Ok(Secret::new(BASE64.encode(random_bytes::<32>()?)))
}

impl UserToken {
    /// The token of somebody who is linked.
    pub fn of(identity: &Identity, sealer: &Sealer) -> Result<Self, SealError> {
        let (owner, sealed) = (identity.person.owner(), &identity.tokens.access);
        sealer.open(owner, Field::AccessToken, sealed).map(Self)
    }
}

/// Where any token will do, a person's does.
impl Deref for UserToken {
    type Target = Secret;

    fn deref(&self) -> &Secret {
        &self.0
    }
}

impl Grant {
    /// The tokens as the table holds them, sealed for their owner.
    pub fn sealed(
        &self,
        sealer: &Sealer,
        owner: Owner<'_>,
        now: Timestamp,
    ) -> Result<Tokens, SealError> {
        let seal = |field, token: &Secret| sealer.seal(owner, field, token);
        let refresh = self.refresh.as_ref().map(|token| seal(Field::RefreshToken, token));
        Ok(Tokens {
            access: seal(Field::AccessToken, &self.access)?,
            refresh: refresh.transpose()?,
            expires: now.plus(self.life),
        })
    }
}

impl SentryClient {
    /// Where a browser signs in to Sentry and approves these scopes.
    pub fn authorize_url(
        &self,
        client_id: &str,
        scopes: &[&str],
        redirect_uri: &str,
        state: &str,
        verifier: &Secret,
    ) -> String {
        let mut url = self.at(&["oauth", "authorize"]);
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("response_type", "code")
            .append_pair("scope", &scopes.join(" "))
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state)
            .append_pair("code_challenge", &challenge(verifier))
            .append_pair("code_challenge_method", "S256")
            .append_pair("force_prompt", "1");
        url.into()
    }

    /// Exchanges the code that came back.
    pub async fn sign_in(
        &self,
        oauth: &SentryOauth,
        code: &str,
        redirect_uri: &str,
        verifier: &Secret,
    ) -> Result<SignedIn, SentryError> {
        let reply = self
            .token(
                oauth,
                &[
                    ("grant_type", "authorization_code"),
                    ("code", code),
                    ("redirect_uri", redirect_uri),
                    ("code_verifier", verifier.expose()),
                ],
            )
            .await?;
        reply.signed_in().ok_or(SentryError::Unavailable)
    }

    /// Exchanges a refresh token. The old access token is dead once this was received, whether the
    /// answer arrives or not.
    pub async fn refresh(
        &self,
        oauth: &SentryOauth,
        refresh: &Secret,
    ) -> Result<Grant, SentryError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        self.token(oauth, &fields).await?.grant().ok_or(SentryError::Unavailable)
    }

    async fn token(
        &self,
        oauth: &SentryOauth,
        fields: &[(&str, &str)],
    ) -> Result<TokenReply, SentryError> {
        let url: Url = self.at(&["oauth", "token"]);
        // The client goes into the form: Basic *and* form is refused, and old servers know the
        // form only.
        let client = [
            ("client_id", oauth.client_id.as_str()),
            ("client_secret", oauth.client_secret.expose()),
        ];
        let request = self
            .plain(Method::POST, url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form(&[fields, &client].concat()));
        let json: Value = self.send(request).await?;
        serde_json::from_value(json).map_err(|_| SentryError::Unavailable)
    }
}

fn challenge(verifier: &Secret) -> String {
    BASE64.encode(Sha256::digest(verifier.expose()))
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: Option<i64>,
    #[serde(default)]
    scope: String,
    user: Option<TokenUser>,
}

#[derive(Deserialize)]
struct TokenUser {
    id: Value,
    name: Option<String>,
    email: Option<String>,
}

impl TokenReply {
    fn signed_in(self) -> Option<SignedIn> {
        let granted: BTreeSet<&str> = self.scope.split_whitespace().collect();
        let has_all_scopes = SCOPES.iter().all(|scope| granted.contains(scope));
        let account = self.user.as_ref()?.account()?;
        Some(SignedIn { account, has_all_scopes, grant: self.grant()? })
    }

    fn grant(self) -> Option<Grant> {
        let life = u64::try_from(self.expires_in?).ok().map(Duration::from_secs)?;
        Some(Grant {
            access: UserToken(self.access_token),
            refresh: self.refresh_token,
            life: life.min(MAX_LIFE),
        })
    }
}

impl TokenUser {
    /// Name and e-mail may be null; then the one stands for the other.
    fn account(&self) -> Option<Account> {
        let id = AccountId::parse(&lenient::text_of(&self.id)?).ok()?;
        let email = self.email.clone().unwrap_or_default();
        let name = self.name.clone().filter(|name| !name.is_empty());
        let fallback = if email.is_empty() { format!("Account {id}") } else { email.clone() };
        Some(Account { id, name: name.unwrap_or(fallback), email })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::tests::a_click;

    fn reply(edit: impl FnOnce(&mut Value)) -> Option<SignedIn> {
        let mut reply = json!({
            "access_token": "a", "refresh_token": "r", "expires_in": 2_591_999,
            "token_type": "Bearer", "scope": "org:read project:read event:read event:write",
            "user": {"id": "101", "name": "Alice Archer", "email": "alice@acme.example"},
        });
        edit(&mut reply);
        serde_json::from_value::<TokenReply>(reply).ok()?.signed_in()
    }

    #[test]
    fn a_verifier_and_its_challenge_are_rfc_7636s() {
        // RFC 7636, appendix B.
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(new_verifier().unwrap().expose().len(), 43);
    }

    #[test]
    fn a_reply_proves_an_account() {
        let signed_in = reply(|_| ()).unwrap();

        assert_eq!(signed_in.account.email, "alice@acme.example");
        assert_eq!(signed_in.account.id.as_str(), "101");
        assert!(signed_in.has_all_scopes);
    }

    #[test]
    fn a_grant_is_kept_under_the_names_of_its_tokens_for_as_long_as_it_is_good() {
        let grant = reply(|_| ()).unwrap().grant;
        let sealer = Sealer::new(vec![Secret::new("a-token-key-of-thirty-two-chars!")]);
        let (alice, now) = (a_click().person, Timestamp::from_secs(1_700_000_000));

        let tokens = grant.sealed(&sealer, alice.owner(), now).unwrap();
        let alone = Grant { refresh: None, ..grant }.sealed(&sealer, alice.owner(), now).unwrap();

        let opened = |field, sealed| sealer.open(alice.owner(), field, sealed).unwrap();
        assert_eq!(opened(Field::AccessToken, &tokens.access).expose(), "a");
        assert_eq!(opened(Field::RefreshToken, &tokens.refresh.unwrap()).expose(), "r");
        assert_eq!(tokens.expires, now.plus(Duration::from_secs(2_591_999)));
        assert_eq!(alone.refresh, None);
    }

    #[test]
    fn missing_scopes_are_noticed() {
        let partly = reply(|reply| reply["scope"] = json!("org:read event:read")).unwrap();

        assert!(!partly.has_all_scopes);
    }

    #[test]
    fn a_name_or_e_mail_may_be_missing_and_an_id_a_number() {
        let user = |user: Value| reply(|reply| reply["user"] = user).map(|s| s.account);

        let number = user(json!({"id": 101, "name": null, "email": "a@x.example"})).unwrap();
        assert_eq!((number.id.as_str(), number.name.as_str()), ("101", "a@x.example"));
        let bare = user(json!({"id": "101", "name": "", "email": null})).unwrap();
        assert_eq!((bare.name.as_str(), bare.email.as_str()), ("Account 101", ""));
    }

    #[test]
    fn a_reply_that_makes_no_sense_is_refused() {
        assert!(reply(|reply| reply["expires_in"] = json!(-1)).is_none());
        assert!(reply(|reply| reply["expires_in"] = Value::Null).is_none());
        assert!(reply(|reply| reply["user"] = Value::Null).is_none());
        assert!(reply(|reply| reply["user"]["id"] = json!("../1")).is_none());
        let long = reply(|reply| reply["expires_in"] = json!(i64::MAX)).unwrap();
        assert_eq!(long.grant.life, MAX_LIFE);
    }
}
