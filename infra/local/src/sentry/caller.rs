//! Who calls the API: a person by a token of theirs, or Belay's integration by its own.
//!
//! Source: docs.sentry.io/integrations/integration-platform/internal-integration. An integration's
//! token is nobody's: it does not expire, and reads in the organizations it is installed in.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};

use super::Sentry;
use super::api::Refusal;
use super::grants::Token;
use super::people::Account;

/// What the integration may do: read.
const INTEGRATION: [&str; 3] = ["event:read", "org:read", "project:read"];

/// Who calls.
pub(super) enum Caller {
    Person(Token),
    Integration,
}

impl Caller {
    /// The live token of the `Authorization` header.
    pub(super) fn of(sentry: &Sentry, headers: &HeaderMap) -> Result<Self, Refusal> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let access =
            header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Refusal::Anonymous)?;
        if access == sentry.settings().integration_token && !access.is_empty() {
            return Ok(Self::Integration);
        }
        let now = sentry.now();
        let token = sentry.world().grants.bearer(access, now).cloned();
        token.map(Self::Person).ok_or(Refusal::InvalidToken)
    }

    /// The person, if it is one.
    pub(super) fn account(&self) -> Option<&'static Account> {
        match self {
            Self::Person(token) => Some(token.account),
            Self::Integration => None,
        }
    }

    /// The person, where nobody else will do.
    pub(super) fn person(&self) -> Result<&'static Account, Refusal> {
        self.account().ok_or(Refusal::Forbidden)
    }

    /// What the token is good for.
    pub(super) fn scopes(&self) -> Vec<&str> {
        match self {
            Self::Person(token) => token.scopes.iter().map(String::as_str).collect(),
            Self::Integration => INTEGRATION.to_vec(),
        }
    }

    /// Any of the scopes will do.
    pub(super) fn needs(&self, scopes: &[&str]) -> Result<(), Refusal> {
        let granted = self.scopes().iter().any(|scope| scopes.contains(scope));
        if granted { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

impl FromRequestParts<Sentry> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, sentry: &Sentry) -> Result<Self, Refusal> {
        Self::of(sentry, &parts.headers)
    }
}
