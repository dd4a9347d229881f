//! The ID token: who signed in, for whom, and when.
//!
//! A JWT that says RS256 and carries random digits for a signature: who takes it straight from the
//! token endpoint need not check it (OpenID Connect Core 1.0, 3.1.3.7, point 6). The scopes decide
//! what it says of the person beside the ids.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{
    clicks::object,
    openid::Code,
    reply::Refusal,
    state::State,
    workspace::{ENTERPRISE_NAME, Person, TEAM, TEAM_DOMAIN, TEAM_NAME},
};
use crate::random;

/// Its life, in seconds.
const LIFE: i64 = 300;

/// Changes the claims of the next ID token.
pub(super) type EditClaims = Box<dyn FnOnce(&mut Map<String, Value>) + Send>;

impl State {
    pub(super) fn id_token(&mut self, grant: &Code) -> Result<String, Refusal> {
        let mut claims = self.claims(grant)?;
        if let Some(edit) = self.edit_claims.take() {
            edit(&mut claims);
        }
        Ok(unsigned(claims))
    }

    /// A member of several workspaces of a Grid signs in to the one that was asked for.
    fn signed_in_to<'a>(&self, person: &'a Person) -> &'a str {
        if self.belongs(person, TEAM) { TEAM } else { &person.team_id }
    }

    fn claims(&self, grant: &Code) -> Result<Map<String, Value>, Refusal> {
        let person = self.person(&grant.user).ok_or(Refusal::new("invalid_code"))?;
        let now = self.now().secs();
        let mut claims = object(json!({
            "iss": self.settings.base_url,
            "sub": person.id,
            "aud": self.settings.client_id,
            "iat": now,
            "exp": now + LIFE,
            "auth_time": now,
            "https://slack.com/user_id": person.id,
            "https://slack.com/team_id": self.signed_in_to(person),
        }));
        if let Some(id) = self.enterprise.as_ref().filter(|id| self.belongs(person, id)) {
            claims.insert("https://slack.com/enterprise_id".into(), id.as_str().into());
            claims.insert("https://slack.com/enterprise_name".into(), ENTERPRISE_NAME.into());
        }
        if grant.scopes.contains("email") {
            claims.insert("email".into(), person.email.as_str().into());
            claims.insert("email_verified".into(), true.into());
        }
        if grant.scopes.contains("profile") {
            claims.extend(self.profile_claims(person));
        }
        if let Some(nonce) = &grant.nonce {
            claims.insert("nonce".into(), nonce.as_str().into());
        }
        Ok(claims)
    }

    fn profile_claims(&self, person: &Person) -> Map<String, Value> {
        let (given, family) = person.real_name.split_once(' ').unwrap_or((&person.real_name, ""));
        let mut claims = object(json!({
            "name": person.real_name,
            "given_name": given,
            "family_name": family,
            "locale": "en-US",
            "picture": format!("{}/icon.svg", self.settings.base_url),
        }));
        if person.team_id == TEAM {
            claims.insert("https://slack.com/team_name".into(), TEAM_NAME.into());
            claims.insert("https://slack.com/team_domain".into(), TEAM_DOMAIN.into());
        }
        claims
    }
}

fn unsigned(claims: Map<String, Value>) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "local"});
    let part = |value: String| BASE64_URL_SAFE_NO_PAD.encode(value);
    let signature = BASE64_URL_SAFE_NO_PAD.encode(random::hex(128));
    [part(header.to_string()), part(Value::from(claims).to_string()), signature].join(".")
}
