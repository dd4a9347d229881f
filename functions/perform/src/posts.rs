//! Brings Slack to show what is wanted in a channel, one call at a time.
//!
//! ```text
//! queue message   one post   → claim → its second in the channel → tell Slack → write what came of it
//!                              └────────────── until there is nothing to tell ──────────────┘
//! ```
//! What was decided while Slack was told is not lost: the result is written onto the newest version,
//! and what is still missing is the next step. A worker that dies between Slack's answer and the
//! write says it twice rather than never.

use std::time::Duration;

use shared::{
    clock::{Clock, Timestamp},
    error::Error,
    identity::{About, Installation, Organization},
    messages,
    post::{Card, Change, Lane, Moment, NotClaimed, Post, PostKey, Step, Subject},
    posting::{Poster, open, seal},
    secret::Secret,
    sentry::{client::SentryError, issue::Issue},
    slack::{alert, message::Message},
    store::Written,
};
use tokio::time::timeout;

use crate::{InHand, Perform, Queues, Table, decide::Words, told::Told, upkeep::Renewed};

/// One message of the queue is good for so many calls; the rest is for the next one.
const MOST_STEPS: u8 = 4;

/// No further call begins so long after the first: the last one, too, is over within the function's
/// 20 s.
const MOST_TIME: Duration = Duration::from_secs(8);

/// How long Sentry may take to say what a message can do without.
const READING: Duration = Duration::from_millis(1_500);

/// How often a result is written anew because a change came in between.
const MOST_TRIES: u8 = 20;

/// When it is tried again while another worker renews the bot's token.
const SOON: Duration = Duration::from_secs(5);

/// Whether there may be another step.
enum Next {
    Now,
    Later(Duration),
    Nothing,
}

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Tells Slack what it does not show yet.
    pub(crate) async fn tell_channel(&self, key: &PostKey) -> Result<(), Error> {
        let began = self.clock.now();
        for _ in 0..MOST_STEPS {
            if self.clock.now().since(began) >= MOST_TIME {
                break;
            }
            match self.next_step(key).await? {
                Next::Now => {}
                Next::Later(delay) => {
                    self.wake_later(key, delay).await;
                    return Ok(());
                }
                Next::Nothing => return Ok(()),
            }
        }
        self.wake_later(key, Duration::ZERO).await;
        Ok(())
    }

    /// What was done with a click is shown wherever the issue stands.
    pub(crate) async fn follow(&self, in_hand: &InHand<'_>, words: &Words) {
        let Words::Redraw(issue) = words else { return };
        if let Err(error) = self.try_follow(in_hand, issue).await {
            // Sentry tells it, too.
            error.log();
        }
    }

    async fn try_follow(&self, in_hand: &InHand<'_>, issue: &Issue) -> Result<(), Error> {
        let click = in_hand.click;
        let subject = Subject::Issue(click.issue.clone());
        let stand = self.store.posts_about(&click.organization.id, &subject).await?;
        let poster = Poster { store: &self.store, queue: &self.queue, sealer: &self.sealer };
        let moment = Moment { at: in_hand.now, now: in_hand.now, window: Duration::ZERO };
        for post in stand {
            // A person is named to those who know them.
            let result = if post.key.tenant == click.tenant {
                messages::result_line(&click.change, &click.person, issue)
            } else {
                messages::result_line_elsewhere(&click.change, issue)
            };
            let issue = Issue { activity: Vec::new(), ..issue.clone() };
            poster.want(&post.key, &Change::Otherwise(Box::new(issue), result), moment).await?;
        }
        Ok(())
    }

    async fn next_step(&self, key: &PostKey) -> Result<Next, Error> {
        let now = self.clock.now();
        let Some(stored) = self.store.post(key).await? else { return Ok(Next::Nothing) };
        let claimed = match stored.claim(now) {
            Ok(claimed) => claimed,
            Err(NotClaimed::NotDue(at)) => return Ok(Next::Later(at.since(now))),
            Err(NotClaimed::Leased | NotClaimed::Nothing) => return Ok(Next::Nothing),
        };
        if self.store.write_post(&claimed).await? == Written::Outdated {
            return Ok(Next::Now);
        }
        let step = claimed.step();
        if step == Step::Nothing {
            self.settle_post(&claimed, |post| post.rests(now)).await?;
            return Ok(Next::Nothing);
        }
        if step.is_message() && !claimed.has_slot(now) {
            let slot = match claimed.slot_ahead(now) {
                Some(slot) => slot,
                None => self.reserve(&claimed.key, now).await?,
            };
            if slot > now {
                self.settle_post(&claimed, |post| post.waits(slot)).await?;
                return Ok(Next::Later(slot.since(now)));
            }
        }
        let (told, card) = self.tell_slack(&claimed, &step, now).await?;
        self.after(&claimed, &told, card, now).await
    }

    /// One call to Slack; the card that it was drawn from, where more was found out than was known.
    async fn tell_slack(
        &self,
        post: &Post,
        step: &Step,
        now: Timestamp,
    ) -> Result<(Told, Option<Card>), Error> {
        let Some(installation) = self.store.installation(&post.key.tenant).await? else {
            return Ok((Told::Unable("not_installed"), None));
        };
        let token = match self.channel_token(&installation, now).await? {
            Ok(token) => token,
            Err(told) => return Ok((told, None)),
        };
        // Since it was written down the workspace may have been taken off the organization.
        let About::Known(organization) = installation.organization(Some(&post.key.organization))
        else {
            return Ok((Told::Unable("not_connected"), None));
        };
        let Some(card) = open(&self.sealer, post) else {
            return Ok((Told::Unable("unreadable"), None));
        };
        let known = match step {
            Step::Post | Step::Update(_) => self.completed(organization, post, step, &card).await,
            Step::Reply(..) | Step::Nothing => None,
        };
        let message = match step {
            Step::Reply(_, count) => messages::alerted_again(*count),
            _ => alert::drawn(known.as_ref().unwrap_or(&card), &post.key.organization),
        };
        Ok((Told::by(step, self.call(&token, post, step, &message).await), known))
    }

    async fn call(
        &self,
        token: &Secret,
        post: &Post,
        step: &Step,
        message: &Message,
    ) -> Result<String, shared::slack::client::SlackError> {
        let channel = &post.key.channel;
        match step {
            Step::Reply(ts, _) => self.slack.post(token, channel, Some(ts), message).await,
            Step::Update(ts) => {
                self.slack.update(token, channel, ts, message).await.map(|()| ts.clone())
            }
            Step::Post | Step::Nothing => self.slack.post(token, channel, None, message).await,
        }
    }

    /// The bot's token, renewed if it has ended; or why there is none.
    pub(crate) async fn channel_token(
        &self,
        installation: &Installation,
        now: Timestamp,
    ) -> Result<Result<Secret, Told>, Error> {
        if !installation.is_active() {
            return Ok(Err(Told::Unable("not_installed")));
        }
        let renewed = if installation.token_has_ended(now) {
            match self.renewed_for_click(installation, now).await? {
                Renewed::Yes(renewed) => Some(renewed),
                Renewed::ByAnother => return Ok(Err(Told::NotNow(Some(SOON)))),
                Renewed::No => return Ok(Err(Told::NotNow(None))),
            }
        } else {
            None
        };
        let installation = renewed.as_deref().unwrap_or(installation);
        let token = installation.open_bot_token(&self.sealer);
        Ok(token.map_err(|_| Told::Unable("unreadable")))
    }

    /// The card with what an event does not say: short id, counts, assignee, state; and with what they
    /// are by now, if this is another message than the first. Needs a token of the organization's
    /// integration; a message without them is better than none.
    async fn completed(
        &self,
        organization: &Organization,
        post: &Post,
        step: &Step,
        card: &Card,
    ) -> Option<Card> {
        let (Card::Issue(card), Subject::Issue(id)) = (card, &post.key.subject) else {
            return None;
        };
        let is_another = *step == Step::Post && !post.places.is_empty();
        if !card.issue.count.is_empty() && !is_another {
            return None;
        }
        let token = self.readers.get(&organization.slug)?;
        let read = timeout(READING, self.sentry.issue(token, organization, id)).await;
        match read.unwrap_or(Err(SentryError::Unavailable)) {
            Ok(issue) => {
                let issue = Issue { activity: Vec::new(), ..issue }.keeping_page(&card.issue);
                let card = shared::post::IssueCard { issue, ..*card.clone() };
                Some(Card::Issue(Box::new(card)))
            }
            Err(error) => {
                tracing::warn!(event = "sentry.issue.not_read", cause = %error);
                None
            }
        }
    }

    /// Writes what came of it, and tells who installed the app what is wrong with the channel.
    async fn after(
        &self,
        claimed: &Post,
        told: &Told,
        card: Option<Card>,
        now: Timestamp,
    ) -> Result<Next, Error> {
        let revision = claimed.revision;
        let card = card.map(|card| seal(&self.sealer, &claimed.key, &card)).transpose()?;
        let settled = self
            .settle_post(claimed, |post| {
                let next = told.applied(post, revision, now);
                match &card {
                    Some(card) if post.revision == revision => {
                        // It was read now: what is told of before is old.
                        let known_at = next.known_at.max(now);
                        Post { card: card.clone(), known_at, ..next }
                    }
                    _ => next,
                }
            })
            .await?;
        let key = &claimed.key;
        match told {
            Told::Posted(_) => self.note_trouble(key, None, now).await?,
            Told::Never(code) => {
                tracing::error!(event = "post.failed", channel = %key.channel, reason = code.as_str());
                self.note_trouble(key, Some(code), now).await?;
            }
            Told::Unable(why) => {
                tracing::error!(event = "post.failed", channel = %key.channel, reason = *why);
            }
            Told::NotNow(Some(wait)) => self.hold(key, now.plus(*wait), now).await?,
            Told::NotNow(None) | Told::Updated(_) | Told::Replied(_) | Told::Gone(_) => {}
        }
        let due = settled.as_ref().and_then(|post| post.next_at);
        Ok(match due {
            None => Next::Nothing,
            Some(at) if at > now => Next::Later(at.since(now)),
            Some(_) => Next::Now,
        })
    }

    /// Writes a result onto the newest version; nothing if another worker has the post by now.
    async fn settle_post(
        &self,
        claimed: &Post,
        result: impl Fn(&Post) -> Post,
    ) -> Result<Option<Post>, Error> {
        let mut newest = claimed.clone();
        for _ in 0..MOST_TRIES {
            if !claimed.is_mine(&newest) {
                tracing::warn!(event = "post.lease_lost", channel = %claimed.key.channel);
                return Ok(None);
            }
            let next = result(&newest);
            if self.store.write_post(&next).await? == Written::Yes {
                return Ok(Some(next));
            }
            match self.store.post(&claimed.key).await? {
                Some(stored) => newest = stored,
                None => return Ok(None),
            }
        }
        Err(Error::Busy)
    }

    /// The next free second of a channel.
    async fn reserve(&self, key: &PostKey, now: Timestamp) -> Result<Timestamp, Error> {
        for _ in 0..MOST_TRIES {
            let (next, slot) = self.lane(key, now).await?.reserved(now);
            if self.store.write_lane(&next).await? == Written::Yes {
                return Ok(slot);
            }
        }
        Err(Error::Busy)
    }

    /// Slack asked to wait: nobody reserves a second before then.
    async fn hold(&self, key: &PostKey, until: Timestamp, now: Timestamp) -> Result<(), Error> {
        let next = self.lane(key, now).await?.held(until, now);
        // If it was changed meanwhile, the next one is asked to wait again.
        self.store.write_lane(&next).await?;
        Ok(())
    }

    /// Whoever installed the app is told once what is wrong with a channel, and again when it was well
    /// in between.
    async fn note_trouble(
        &self,
        key: &PostKey,
        trouble: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        for _ in 0..MOST_TRIES {
            let lane = self.lane(key, now).await?;
            let Some(next) = lane.with_trouble(trouble, now) else { return Ok(()) };
            if self.store.write_lane(&next).await? == Written::Outdated {
                continue;
            }
            return match trouble {
                Some(trouble) => self.tell_installer(key, trouble).await,
                None => Ok(()),
            };
        }
        Ok(())
    }

    async fn tell_installer(&self, key: &PostKey, trouble: &str) -> Result<(), Error> {
        let installation = self.store.installation(&key.tenant).await?;
        let Some(installation) = installation.filter(Installation::is_active) else {
            return Ok(());
        };
        if let Ok(token) = installation.open_bot_token(&self.sealer) {
            let words = messages::channel_takes_nothing(&key.channel, trouble);
            let told = self.slack.tell_directly(&token, &installation.installer, &words).await;
            if let Err(error) = told {
                tracing::warn!(event = "slack.not_told", cause = %error);
            }
        }
        Ok(())
    }

    async fn lane(&self, key: &PostKey, now: Timestamp) -> Result<Lane, Error> {
        let lane = self.store.lane(&key.tenant, &key.channel).await?;
        Ok(lane.unwrap_or_else(|| Lane::new(key.tenant.clone(), key.channel.clone(), now)))
    }

    pub(crate) async fn wake_later(&self, key: &PostKey, delay: Duration) {
        if self.queue.wake_post(key, delay).await.is_err() {
            tracing::warn!(event = "post.not_woken", channel = %key.channel);
        }
    }
}
