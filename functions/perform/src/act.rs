//! The part that talks to Sentry, with the clicker's token and no other.

use std::time::Duration;

use shared::{
    clock::{Clock, Timestamp},
    error::Error,
    identity::Identity,
    job::{Click, Outcome},
    sealing::Field,
    sentry::{
        client::SentryError,
        oauth::{Grant, UserToken},
    },
    store::Written,
    telemetry::metrics::TARGET,
};

use crate::{
    InHand, Perform, Queues, Table,
    decide::{
        Because, Verdict, Words, after_change, after_error, after_membership, before_repeating,
        looks_first, sign_in_expired,
    },
};

/// Tokens are renewed this long before they end, not in the last minute.
const EARLY: Duration = Duration::from_hours(24);

/// How long one worker may take to renew tokens before another may try.
const RENEWAL: Duration = Duration::from_secs(20);

/// A person's token, or what follows for a click if there is none.
pub(crate) enum Token {
    /// This one.
    Ready(UserToken),
    /// None, or not now.
    No(Verdict),
}

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Carries the click out, as far as it can be.
    pub(crate) async fn act(&self, in_hand: &InHand<'_>) -> Result<Verdict, Error> {
        let installation = in_hand.clicker.installation.as_ref();
        if !installation.is_some_and(shared::identity::Installation::is_active) {
            return Ok(Verdict::Finish(Outcome::Uninstalled, Words::Nothing));
        }
        let Some(identity) = &in_hand.clicker.identity else {
            return Ok(Verdict::Finish(Outcome::NotLinked, Words::AskToLink));
        };
        let token = match self.token(identity, in_hand.now).await? {
            Token::Ready(token) => token,
            Token::No(verdict) => return Ok(verdict),
        };
        match self.change(in_hand, &token).await {
            Verdict::Renew => self.change_with_renewed(in_hand, identity).await,
            Verdict::AskMembership => Ok(self.why_forbidden(in_hand, identity, &token).await),
            verdict => Ok(verdict),
        }
    }

    async fn change(&self, in_hand: &InHand<'_>, token: &UserToken) -> Verdict {
        let click = in_hand.click;
        let (organization, issue) = (&click.organization, &click.issue);
        if click.only_fills_a_modal() {
            return self.what_can_be_chosen(click, token).await;
        }
        if looks_first(in_hand.job, click, in_hand.now) {
            match self.sentry.issue(token, organization, issue).await {
                Ok(now) => {
                    if let Some(verdict) = before_repeating(click, &now) {
                        return verdict;
                    }
                }
                // A look changes nothing, however it failed.
                Err(SentryError::Unavailable) => {
                    return after_error(click, SentryError::Unreachable);
                }
                Err(error) => return after_error(click, error),
            }
        }
        after_change(click, self.sentry.change(token, organization, issue, &click.change).await)
    }

    /// Access is checked here, before anything is offered.
    async fn what_can_be_chosen(&self, click: &Click, token: &UserToken) -> Verdict {
        let organization = &click.organization;
        let issue = match self.sentry.issue(token, organization, &click.issue).await {
            Ok(issue) => issue,
            Err(error) => return after_error(click, error),
        };
        let releases = self.sentry.has_releases(token, organization, &issue.project.id).await;
        // Whether there are any does not decide whether the person may resolve.
        let has_releases = releases.unwrap_or(false);
        Verdict::Finish(Outcome::Offered, Words::Fill { has_releases })
    }

    /// The token was refused: one renewal, one more try.
    async fn change_with_renewed(
        &self,
        in_hand: &InHand<'_>,
        identity: &Identity,
    ) -> Result<Verdict, Error> {
        let token = match self.renewed(identity, in_hand.now).await? {
            Token::Ready(token) => token,
            Token::No(verdict) => return Ok(verdict),
        };
        Ok(match self.change(in_hand, &token).await {
            Verdict::Renew => sign_in_expired(),
            Verdict::AskMembership => self.why_forbidden(in_hand, identity, &token).await,
            verdict => verdict,
        })
    }

    async fn why_forbidden(
        &self,
        in_hand: &InHand<'_>,
        identity: &Identity,
        token: &UserToken,
    ) -> Verdict {
        let is_member = self.sentry.is_member(token, &in_hand.click.organization).await;
        after_membership(in_hand.click, &identity.account.email, is_member)
    }

    /// The person's token, renewed early where that is due and nobody else is at it.
    pub(crate) async fn token(&self, identity: &Identity, now: Timestamp) -> Result<Token, Error> {
        let tokens = &identity.tokens;
        if tokens.expires > now.plus(EARLY) {
            return Ok(self.open(identity));
        }
        if tokens.expires > now && identity.refresh_lease > now {
            return Ok(self.open(identity));
        }
        match self.refresh(identity, now).await? {
            // Nothing was renewed, so what there is still holds.
            Err(SentryError::Unreachable | SentryError::RateLimited { .. })
                if tokens.expires > now =>
            {
                Ok(self.open(identity))
            }
            renewed => Ok(renewed.unwrap_or_else(|error| not_renewed(&error))),
        }
    }

    fn open(&self, identity: &Identity) -> Token {
        match UserToken::of(identity, &self.token_sealer) {
            Ok(token) => Token::Ready(token),
            // Sealed under a key that has been retired since: a new sign-in seals it anew.
            Err(_) => Token::No(sign_in_expired()),
        }
    }

    /// A token in place of one that was refused, however long it should have lived.
    pub(crate) async fn renewed(
        &self,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Token, Error> {
        Ok(self.refresh(identity, now).await?.unwrap_or_else(|error| not_renewed(&error)))
    }

    /// Renews the tokens, as the only one to do so; or says why Sentry does not for now.
    async fn refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Result<Token, SentryError>, Error> {
        let owner = identity.person.owner();
        let sealed = identity.tokens.refresh.as_ref();
        let refresh =
            sealed.and_then(|token| self.token_sealer.open(owner, Field::RefreshToken, token).ok());
        let Some(refresh) = refresh else { return Ok(Ok(Token::No(sign_in_expired()))) };
        let until = now.plus(RENEWAL);
        if self.store.lease_refresh(identity, now, until).await? == Written::Outdated {
            // Another worker renews them, or has.
            return Ok(Ok(Token::No(read_anew())));
        }
        match self.sentry.refresh(&self.sentry_oauth, &refresh).await {
            Ok(grant) => self.keep(identity, grant, now).await.map(Ok),
            Err(SentryError::Refused { .. } | SentryError::Unauthorized) => {
                tracing::warn!(event = "refresh.refused", account = %identity.account.id);
                tracing::info!(target: TARGET, Function = "perform", RefreshesFailed = 1_u64);
                Ok(Ok(Token::No(sign_in_expired())))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// The old token is dead already, so the new ones are written before they are used.
    async fn keep(
        &self,
        identity: &Identity,
        grant: Grant,
        now: Timestamp,
    ) -> Result<Token, Error> {
        let tokens = grant.sealed(&self.token_sealer, identity.person.owner(), now)?;
        if self.store.save_tokens(identity, &tokens).await? == Written::Outdated {
            // Unlinked, linked anew, wiped or renewed meanwhile: these tokens are nobody's to us.
            return Ok(Token::No(read_anew()));
        }
        tracing::info!(event = "refresh.done", account = %identity.account.id);
        tracing::info!(target: TARGET, Function = "perform", Refreshes = 1_u64);
        Ok(Token::Ready(grant.access))
    }
}

/// The click waits for a renewal: as long as Sentry asks for, and until this worker's lease is over.
fn not_renewed(error: &SentryError) -> Token {
    tracing::warn!(event = "refresh.failed", cause = %error);
    tracing::info!(target: TARGET, Function = "perform", RefreshesFailed = 1_u64);
    let (asked, because) = match error {
        SentryError::RateLimited { retry_after } => (*retry_after, Because::RateLimited),
        _ => (Duration::ZERO, Because::Down),
    };
    Token::No(Verdict::Retry { at_least: RENEWAL.max(asked), because, changed_nothing: true })
}

/// The next attempt reads what was written meanwhile.
fn read_anew() -> Verdict {
    Verdict::Retry { at_least: Duration::ZERO, because: Because::Renewal, changed_nothing: true }
}
