//! Shows links to issues as what they lead to, by the rights of who shared them.
//!
//! ```text
//! not linked     an offer to link, which they alone see, and nothing of the issue
//! linked         each issue by their own token → all that were found in one chat.unfurl
//! not now        the same message again, later, until half an hour after they were shared
//! ```
//! A link that its sharer may not open, or that leads nowhere, stays what it is: a link.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Map, Value};
use shared::{
    clock::{Clock, Timestamp},
    error::Error,
    flow::FlowPurpose,
    identity::{About, Identity, Installation, Organization, Person},
    messages,
    prompt::{self, Asked, Prompter},
    sealing::Field,
    secret::Secret,
    sentry::{client::SentryError, oauth::UserToken},
    slack::{alert, client::SlackError, reply_to::ReplyTo},
    store::Clicker,
    unfurl::{SealedUnfurl, Unfurl},
};

use crate::{
    Perform, Queues, Table,
    act::Token,
    decide::Verdict,
    told::{Told, has_ended},
};

/// What comes of an attempt.
enum Attempt {
    /// There is nothing left to do.
    Over,
    /// Again, not before this.
    NotNow(Duration),
}

/// What the person may see of the issues.
struct Look {
    /// What is to stand under each link.
    found: Map<String, Value>,
    /// Why not all of them could be looked at.
    stopped_by: Option<SentryError>,
}

/// Links at work.
struct InSight<'a> {
    unfurl: &'a Unfurl,
    installation: &'a Installation,
    bot_token: &'a Secret,
    now: Timestamp,
}

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Shows the links of one message, or offers to. An error keeps the message in the queue.
    pub(crate) async fn unfurl(&self, sealed: &SealedUnfurl) -> Result<(), Error> {
        let now = self.clock.now();
        let owner = sealed.person.owner();
        let opened = self.sealer.open_json::<Unfurl>(owner, Field::Unfurl, &sealed.sealed);
        let Ok(unfurl) = opened else {
            tracing::error!(event = "unfurl.unreadable", tenant = %sealed.person.tenant);
            return Ok(());
        };
        if unfurl.is_over(now) {
            tracing::warn!(event = "unfurl.too_late");
            return Ok(());
        }
        match self.attempt(&unfurl, now).await? {
            Attempt::Over => Ok(()),
            Attempt::NotNow(at_least) => self.put_off_unfurl(sealed, &unfurl, at_least, now).await,
        }
    }

    async fn put_off_unfurl(
        &self,
        sealed: &SealedUnfurl,
        unfurl: &Unfurl,
        at_least: Duration,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(delay) = unfurl.again_after(at_least, now) else {
            tracing::warn!(event = "unfurl.given_up");
            return Ok(());
        };
        self.queue.send_unfurl(sealed, delay).await?;
        tracing::info!(event = "unfurl.put_off", delay_s = delay.as_secs());
        Ok(())
    }

    async fn attempt(&self, unfurl: &Unfurl, now: Timestamp) -> Result<Attempt, Error> {
        let person = &unfurl.person;
        let clicker = self.store.clicker(&person.tenant, person).await?;
        let Some(installation) = &clicker.installation else { return Ok(Attempt::Over) };
        let bot_token = match self.channel_token(installation, now).await? {
            Ok(token) => token,
            Err(Told::NotNow(wait)) => return Ok(Attempt::NotNow(wait.unwrap_or_default())),
            Err(_) => return Ok(Attempt::Over),
        };
        let in_sight = InSight { unfurl, installation, bot_token: &bot_token, now };
        match &clicker.identity {
            Some(identity) => self.show(&in_sight, identity).await,
            None => self.offer_to_link(&in_sight, &clicker).await,
        }
    }

    /// Shows what the person may see.
    async fn show(&self, in_sight: &InSight<'_>, identity: &Identity) -> Result<Attempt, Error> {
        let &InSight { unfurl, now, .. } = in_sight;
        let mut look = match self.token(identity, now).await? {
            Token::Ready(token) => self.look(in_sight, &token).await,
            Token::No(verdict) => return Ok(without_token(&verdict)),
        };
        if look.stopped_by == Some(SentryError::Unauthorized) {
            look = match self.renewed(identity, now).await? {
                Token::Ready(token) => self.look(in_sight, &token).await,
                Token::No(verdict) => return Ok(without_token(&verdict)),
            };
        }
        if let Some(wait) = look.stopped_by.as_ref().and_then(passing)
            && unfurl.again_after(wait, now).is_some()
        {
            return Ok(Attempt::NotNow(wait));
        }
        if look.found.is_empty() {
            return Ok(Attempt::Over);
        }
        let (shown, shared) = (look.found.len(), unfurl.links.len());
        let message = &unfurl.place.message;
        let answer = self.slack.unfurl(in_sight.bot_token, message, &look.found).await;
        if answer.is_ok() {
            tracing::info!(event = "unfurl.shown", shown, shared);
        }
        Ok(after(answer))
    }

    /// Looks at the issues, all at once: one after the other a slow Sentry would take longer than the
    /// function may.
    async fn look(&self, in_sight: &InSight<'_>, token: &UserToken) -> Look {
        let looks = in_sight.unfurl.links.iter().filter_map(|link| {
            let About::Known(organization) =
                in_sight.installation.organization(Some(&link.organization))
            else {
                return None;
            };
            let looked = self.sentry.issue(token, organization, &link.issue);
            Some(async move { (link, looked.await) })
        });
        let mut look = Look { found: Map::new(), stopped_by: None };
        for (link, looked) in join_all(looks).await {
            match looked {
                Ok(issue) => {
                    let shown = alert::unfurled(&issue, &link.organization);
                    look.found.insert(link.url.clone(), shown);
                }
                Err(error) if is_about_the_link(&error) => {
                    tracing::info!(event = "unfurl.not_shown", cause = %error);
                }
                Err(error) => look.stopped_by = Some(error),
            }
        }
        look
    }

    /// Offers a link to link with, in the conversation, to the person alone. What is only typed
    /// stands in no conversation, and guests and bots have nothing to link.
    async fn offer_to_link(
        &self,
        in_sight: &InSight<'_>,
        clicker: &Clicker,
    ) -> Result<Attempt, Error> {
        let &InSight { unfurl, bot_token, .. } = in_sight;
        let (Person { tenant, user }, place) = (&unfurl.person, &unfurl.place);
        let Some(channel) = &place.channel else { return Ok(Attempt::Over) };
        let name = match self.slack.local_name(bot_token, tenant, user).await {
            Ok(Some(name)) => name,
            Ok(None) => return Ok(Attempt::Over),
            Err(error) => return Ok(after(Err(error))),
        };
        let Some(url) = self.link_to_link(in_sight, clicker, &name).await? else {
            return Ok(Attempt::Over);
        };
        let (thread, words) = (place.thread.as_deref(), messages::link_to_unfurl(&url));
        let answer = self.slack.tell_aside(bot_token, channel, thread, user, &words).await;
        if answer.is_ok() {
            tracing::info!(event = "unfurl.link_offered");
        }
        Ok(after(answer))
    }

    /// A link, its flow written before it is shown. The same event makes the same one, for a short
    /// time.
    async fn link_to_link(
        &self,
        in_sight: &InSight<'_>,
        clicker: &Clicker,
        name: &str,
    ) -> Result<Option<String>, Error> {
        let &InSight { unfurl, installation, now, .. } = in_sight;
        let mut known = installation.organizations.iter();
        let shared =
            |known: &&Organization| unfurl.links.iter().any(|link| link.organization == known.id);
        let Some(organization) = known.find(shared) else {
            return Ok(None);
        };
        let reply_to = ReplyTo {
            user: unfurl.person.user.clone(),
            channel: unfurl.place.channel.clone(),
            message_ts: None,
            response_url: None,
            since: unfurl.since,
            uses: 0,
        };
        let occasion = format!("unfurl {}", unfurl.event);
        let asked = Asked {
            person: &unfurl.person,
            person_name: name,
            installation,
            team: unfurl.team.clone(),
            channel: unfurl.place.channel.clone(),
            organization,
            epoch: clicker.epoch,
            reply_to: &reply_to,
            click: None,
            occasion: &prompt::tried(&occasion, unfurl.since, now),
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let prompt = prompter.prompt(&asked, FlowPurpose::Link)?;
        // Written already is as good: it is the same flow.
        self.store.open_flow(&prompt.flow).await?;
        Ok(Some(prompt.url))
    }
}

/// A sign-in that is over is not asked for here: nobody clicked anything.
fn without_token(verdict: &Verdict) -> Attempt {
    match verdict {
        Verdict::Retry { at_least, .. } => Attempt::NotNow(*at_least),
        _ => Attempt::Over,
    }
}

/// What Slack refuses now, it will refuse again; what it could not take now, it may take later.
fn after(answer: Result<(), SlackError>) -> Attempt {
    match answer {
        Ok(()) => Attempt::Over,
        Err(SlackError::Unavailable { retry_after }) => {
            Attempt::NotNow(retry_after.unwrap_or_default())
        }
        Err(SlackError::Refused(code)) if has_ended(&code) => Attempt::NotNow(Duration::ZERO),
        Err(error) => {
            tracing::warn!(event = "unfurl.refused", cause = %error);
            Attempt::Over
        }
    }
}

/// Whether Sentry's answer is about this issue and this person, and not about how Sentry is.
fn is_about_the_link(error: &SentryError) -> bool {
    match error {
        SentryError::Forbidden
        | SentryError::NotFound
        | SentryError::SsoRequired
        | SentryError::NoSeat
        | SentryError::Refused { .. } => true,
        SentryError::Unauthorized
        | SentryError::RateLimited { .. }
        | SentryError::Unreachable
        | SentryError::Unavailable => false,
    }
}

/// How long to wait at least until Sentry may answer; `None` if waiting does not help.
fn passing(error: &SentryError) -> Option<Duration> {
    match error {
        SentryError::RateLimited { retry_after } => Some(*retry_after),
        SentryError::Unreachable | SentryError::Unavailable => Some(Duration::ZERO),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_link_is_final_and_what_is_about_sentry_passes() {
        let later = Duration::from_secs(30);

        for (error, about_the_link, wait) in [
            (SentryError::Forbidden, true, None),
            (SentryError::NotFound, true, None),
            (SentryError::SsoRequired, true, None),
            (SentryError::NoSeat, true, None),
            (SentryError::Refused { reason: None }, true, None),
            (SentryError::Unauthorized, false, None),
            (SentryError::RateLimited { retry_after: later }, false, Some(later)),
            (SentryError::Unreachable, false, Some(Duration::ZERO)),
            (SentryError::Unavailable, false, Some(Duration::ZERO)),
        ] {
            assert_eq!((is_about_the_link(&error), passing(&error)), (about_the_link, wait));
        }
    }

    #[test]
    fn what_slack_refuses_is_over_and_its_own_trouble_is_not() {
        let wait = |answer| match after(answer) {
            Attempt::Over => None,
            Attempt::NotNow(wait) => Some(wait),
        };
        let refused = |code: &str| wait(Err(SlackError::Refused(code.into())));
        let asked = Duration::from_secs(7);

        assert_eq!(wait(Ok(())), None);
        assert_eq!(refused("cannot_unfurl_url"), None);
        assert_eq!(refused("user_not_in_channel"), None);
        assert_eq!(refused("token_expired"), Some(Duration::ZERO));
        assert_eq!(wait(Err(SlackError::Unavailable { retry_after: Some(asked) })), Some(asked));
    }
}
