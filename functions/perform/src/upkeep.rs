//! Looks after installations, off the path of any click: renews Slack's tokens, finds out whether an
//! app is still there, wipes what was left behind, and looks whether Sentry answers.
//!
//! ```text
//! tick      the installations that are due → claim (a version and a lease of 30 s) → one of
//!   renew     the token ends within two hours: a new pair, sealed
//!   check up  once a day: does the token still work? seals under a retiring key are made anew
//!   wipe      the app was removed: people's tokens, a hundred at a time
//! click     whose token has ended already: the same claim, so that of many workers one renews
//! ```
//! A renewal whose answer is lost is tried again at once with the same refresh token, which Slack
//! still takes for a short while; one that Slack refuses is told to who installed the app, once. A
//! token that is dead although it has not ended may have been pushed out by a newer one: with token
//! rotation, the app is only gone when Slack does not renew it either.

use std::time::Duration;

use shared::{
    audit::Row,
    clock::{Clock, Timestamp},
    error::Error,
    health::{LOOK_EVERY, SentryLook},
    identity::Installation,
    ids::Tenant,
    installation::Due,
    messages,
    sealing::Field,
    secret::Secret,
    sentry::client::SentryError,
    slack::{client::SlackError, grant::BotTokens},
    store::{StoreError, Written},
    telemetry::metrics::TARGET,
};

use crate::{Perform, Queues, Table};

/// One tick looks after so many installations.
const MOST: usize = 50;

/// A tick begins with no other installation after this: one may take as long again, and the function
/// is ended after 20 s.
const LAST_BEGIN: Duration = Duration::from_secs(10);

/// One tick wipes the tokens of so many people of a workspace.
const WIPED_AT_ONCE: usize = 100;

/// How often a renewed pair is written while something comes in between.
const MOST_TRIES: u8 = 4;

/// What came of an attempt to have a token that works.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Renewed {
    /// The installation with its new token.
    Yes(Box<Installation>),
    /// Another worker is at it, or was.
    ByAnother,
    /// Not now: Slack does not answer, or refuses.
    No,
}

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Looks after what is due, the most overdue first, in a tick that began at `started`. What there
    /// is no time for is due at the next one.
    pub(crate) async fn upkeep(&self, started: Timestamp) {
        let due = match self.store.due_installations(started, MOST).await {
            Ok(due) => due,
            Err(error) => return Error::from(error).log(),
        };
        for tenant in due {
            let now = self.clock.now();
            if now.since(started) > LAST_BEGIN {
                return;
            }
            if let Err(error) = self.look_after(&tenant, now).await {
                error.log();
            }
        }
    }

    async fn look_after(&self, tenant: &Tenant, now: Timestamp) -> Result<(), Error> {
        let Some(installation) = self.store.installation(tenant).await? else { return Ok(()) };
        let Some(claimed) = self.claim(&installation, now).await? else { return Ok(()) };
        match installation.due(now) {
            Due::Wipe => self.wipe(&claimed, now).await,
            Due::Renew => self.renew(&claimed, now).await.map(drop),
            Due::CheckUp => self.check_up(&claimed, now).await,
        }
    }

    /// The installation, for this worker alone; `None` if another one has it, or it was looked after.
    async fn claim(
        &self,
        installation: &Installation,
        now: Timestamp,
    ) -> Result<Option<Installation>, Error> {
        if installation.next_at.is_none_or(|next_at| next_at > now) {
            return Ok(None);
        }
        let claimed = installation.claimed(now);
        let written = self.store.change_installation(&claimed, None).await?;
        Ok((written == Written::Yes).then_some(claimed))
    }

    /// A token that works for a click whose own has ended.
    pub(crate) async fn renewed_for_click(
        &self,
        installation: &Installation,
        now: Timestamp,
    ) -> Result<Renewed, Error> {
        if installation.trouble.is_some() {
            return Ok(Renewed::No);
        }
        if installation.is_looked_after(now) {
            return Ok(Renewed::ByAnother);
        }
        if installation.next_at.is_none_or(|next_at| next_at > now) {
            // Slack did not answer a moment ago: the tick tries again.
            return Ok(Renewed::No);
        }
        match self.claim(installation, now).await? {
            Some(claimed) => self.renew(&claimed, now).await,
            None => Ok(Renewed::ByAnother),
        }
    }

    async fn renew(&self, claimed: &Installation, now: Timestamp) -> Result<Renewed, Error> {
        let owner = claimed.owner();
        let refresh = claimed.refresh_token.as_ref();
        let refresh = refresh.and_then(|t| self.sealer.open(owner, Field::BotRefreshToken, t).ok());
        let Some(refresh) = refresh else {
            return self.not_renewed(claimed, "no_refresh_token", now).await;
        };
        match self.exchanged(&refresh).await {
            Ok(tokens) => {
                tracing::info!(event = "slack.token.renewed", tenant = %claimed.tenant);
                tracing::info!(target: TARGET, Function = "perform", Refreshes = 1_u64);
                self.keep_pair(claimed, &tokens, now).await
            }
            Err(SlackError::Refused(reason)) => self.not_renewed(claimed, &reason, now).await,
            Err(error) => {
                tracing::error!(event = "slack.token.renewal_failed", tenant = %claimed.tenant, cause = %error);
                tracing::info!(target: TARGET, Function = "perform", RefreshesFailed = 1_u64);
                self.store.change_installation(&claimed.put_off(now), None).await?;
                Ok(Renewed::No)
            }
        }
    }

    /// The refresh token is spent, so the new pair is written onto whatever else was written meanwhile.
    async fn keep_pair(
        &self,
        claimed: &Installation,
        tokens: &BotTokens,
        now: Timestamp,
    ) -> Result<Renewed, Error> {
        let mut stored = claimed.clone();
        for _ in 0..MOST_TRIES {
            let next = stored.renewed(tokens, &self.sealer, now)?;
            if let Ok(Written::Yes) = self.store.change_installation(&next, None).await {
                return Ok(Renewed::Yes(Box::new(next)));
            }
            match self.store.installation(&claimed.tenant).await {
                Ok(Some(found))
                    if found.is_active() && found.refresh_token == claimed.refresh_token =>
                {
                    stored = found;
                }
                // Removed, or installed anew, meanwhile: this pair is nobody's any more. Or it was
                // written, and the answer lost.
                Ok(_) => return Ok(Renewed::ByAnother),
                Err(_) => {}
            }
        }
        Err(StoreError::Unavailable.into())
    }

    /// The pair for a refresh token. It may be spent already and the answer lost.
    async fn exchanged(&self, refresh: &Secret) -> Result<BotTokens, SlackError> {
        match self.slack.renew(&self.slack_oauth, refresh).await {
            Err(SlackError::Unavailable { retry_after: None }) => {
                self.slack.renew(&self.slack_oauth, refresh).await
            }
            answered => answered,
        }
    }

    /// Slack refuses for good. Either the app was removed, or who installed it is told while the
    /// present token still works.
    async fn not_renewed(
        &self,
        claimed: &Installation,
        reason: &str,
        now: Timestamp,
    ) -> Result<Renewed, Error> {
        tracing::error!(event = "slack.token.not_renewed", tenant = %claimed.tenant, reason);
        tracing::info!(target: TARGET, Function = "perform", RefreshesFailed = 1_u64);
        let token = claimed.open_bot_token(&self.sealer)?;
        if self.slack.test(&token).await.is_err_and(|error| error.is_dead_token()) {
            self.found_removed(claimed, now).await?;
            return Ok(Renewed::No);
        }
        let first_time = claimed.trouble.is_none();
        let next = claimed.troubled(reason, now);
        if self.store.change_installation(&next, None).await? == Written::Yes && first_time {
            let words = messages::token_not_renewed(claimed, &self.urls.install());
            if let Err(error) = self.slack.tell_directly(&token, &claimed.installer, &words).await {
                tracing::warn!(event = "slack.not_told", cause = %error);
            }
        }
        Ok(Renewed::No)
    }

    async fn check_up(&self, claimed: &Installation, now: Timestamp) -> Result<(), Error> {
        let resealed = claimed.resealed(&self.sealer)?;
        let token = resealed.open_bot_token(&self.sealer)?;
        let next = match self.slack.test(&token).await {
            Ok(()) => resealed.found_well(now),
            Err(error) if error.is_dead_token() && resealed.refresh_token.is_some() => {
                // As it stands in the table: a renewal knows it again by its refresh token.
                return self.renew(claimed, now).await.map(drop);
            }
            Err(error) if error.is_dead_token() => return self.found_removed(claimed, now).await,
            Err(SlackError::Refused(reason)) => resealed.troubled(&reason, now),
            Err(_) => resealed.put_off(now),
        };
        self.store.change_installation(&next, None).await?;
        Ok(())
    }

    /// The app is gone, and nobody has told us.
    async fn found_removed(&self, claimed: &Installation, now: Timestamp) -> Result<(), Error> {
        tracing::warn!(event = "slack.removal.found", tenant = %claimed.tenant);
        let row = Row::of_installation(claimed, None, "uninstall", None, now);
        self.store.change_installation(&claimed.removed(now), Some(&row)).await?;
        Ok(())
    }

    async fn wipe(&self, claimed: &Installation, now: Timestamp) -> Result<(), Error> {
        let after = claimed.wiped_to.as_ref();
        let members = self.store.members(&claimed.tenant, after, WIPED_AT_ONCE).await?;
        for member in &members {
            self.store.wipe_tokens(&claimed.tenant, member).await?;
        }
        tracing::info!(event = "slack.removal.wiped", tenant = %claimed.tenant, members = members.len());
        let more = members.len() == WIPED_AT_ONCE;
        let last = members.last().filter(|_| more).map(|member| member.account.clone());
        self.store.change_installation(&claimed.wiped(last, now), None).await?;
        Ok(())
    }

    /// Whether Sentry answers, for `health` to tell: nobody else may ask it.
    pub(crate) async fn look_at_sentry(&self, now: Timestamp) {
        if !self.last_look.is_due(now, LOOK_EVERY) {
            return;
        }
        let version = self.sentry.version().await;
        // Whatever it answers, it answers; an old one knows no such address.
        let unreachable =
            matches!(version, Err(SentryError::Unreachable | SentryError::Unavailable));
        tracing::info!(target: TARGET, Function = "perform", SentryUnreachable = u64::from(unreachable));
        let look = SentryLook { at: now, reachable: !unreachable, version: version.ok().flatten() };
        if let Err(error) = self.store.note_look(&look).await {
            Error::from(error).log();
        }
    }
}
