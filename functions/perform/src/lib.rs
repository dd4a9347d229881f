//! The worker: carries admitted clicks out, each with its clicker's own token.
//!
//! ```text
//! queue message   one job key      → claim → act → tell → finish; a retry is another message, later
//!                 one post         → what is wanted in a channel is brought about (posts)
//!                 one unfurl       → links are shown as the issues they lead to (unfurl)
//! schedule        once a minute    → jobs and posts that are due and were not woken are woken again (tick);
//!                                    installations are looked after (upkeep)
//! ```
//! Attempts are counted by the claim and fenced by it: a worker that lost its lease writes nothing.
//! A repeated attempt looks first. Slack is told before the job is finished, so that a crash in
//! between says it twice rather than never.

mod act;
pub mod decide;
mod posts;
mod table;
mod tell;
mod tick;
pub mod told;
mod unfurl;
mod upkeep;

use std::{
    collections::HashMap,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use decide::{Because, Verdict, Words};
use serde_json::Value;
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    job::{Click, Job, JobKey, NewestClick, NotClaimed, Outcome, Retry},
    messages,
    post::PostKey,
    queue::SqsQueue,
    routes::Urls,
    sealing::{Field, Sealer},
    secret::Secret,
    sentry::{client::SentryClient, oauth::SentryOauth},
    signing::{link::Signer, random_bytes},
    slack::client::{SlackClient, SlackError, SlackOauth},
    store::{Clicker, StoreError, Written, dynamo::DynamoStore},
    telemetry::{
        self,
        metrics::{self, TARGET},
    },
    transport::{notice_closed_connections, open_connection},
    unfurl::SealedUnfurl,
};
pub use table::{LastTime, Queues, Table};
use tracing::Instrument;
use upkeep::Renewed;

/// A person is told when a click takes longer than this.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// A job whose workers die over and over is given up after this many: the plan has seven.
const MOST_ATTEMPTS: u32 = 20;

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// The worker, with what it needs.
#[derive(Debug)]
pub struct Perform<S, Q, C> {
    /// Signs the links of its prompts.
    pub signer: Signer,
    /// Opens clicks.
    pub sealer: Sealer,
    /// Opens tokens.
    pub token_sealer: Sealer,
    /// Spells links.
    pub urls: Urls,
    /// The OAuth application in Sentry.
    pub sentry_oauth: SentryOauth,
    /// The Slack app.
    pub slack_oauth: SlackOauth,
    /// The table.
    pub store: S,
    /// Wakes later attempts.
    pub queue: Q,
    /// Slack.
    pub slack: SlackClient,
    /// Sentry.
    pub sentry: SentryClient,
    /// Tokens of organizations' integrations, by slug: they read what a message is to show.
    pub readers: HashMap<String, Secret>,
    /// The time.
    pub clock: C,
    /// When it was looked whether Sentry answers.
    pub last_look: LastTime,
}

/// The worker as the environment describes it, its connections open.
pub async fn from_env() -> Result<Perform<DynamoStore, SqsQueue, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Work).await?;
    let perform = Perform {
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        token_sealer: settings.token_sealer()?,
        urls: settings.urls()?,
        sentry_oauth: settings.sentry_oauth()?,
        slack_oauth: settings.slack_oauth()?,
        store: settings.store(Pace::Work)?,
        queue: settings.queue()?,
        slack: settings.slack()?,
        sentry: settings.sentry()?,
        readers: settings.readers()?,
        clock: SystemClock,
        last_look: LastTime::default(),
    };
    let (hooks, sentry) = (settings.hooks_url()?, settings.sentry_url()?);
    let warm = async {
        tokio::join!(
            perform.store.warm(),
            open_connection(settings.http(), hooks),
            open_connection(settings.http(), sentry),
        )
    };
    // A host that does not answer now will be asked again by the job that needs it.
    let _ = tokio::time::timeout(WARM_UP, warm).await;
    Ok(perform)
}

/// A job in hand: claimed, its click open, its clicker known.
struct InHand<'a> {
    job: &'a Job,
    click: &'a Click,
    clicker: &'a Clicker,
    now: Timestamp,
    /// How often the click's `response_url` was used, this attempt included.
    url_uses: &'a AtomicU8,
    /// Whether the person was told that it takes longer, this attempt included.
    noted: &'a AtomicBool,
}

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Answers one event: a batch of the queue, or the schedule's tick.
    pub async fn handle(&self, event: Value) -> Value {
        notice_closed_connections().await;
        if event.get("Records").is_none() {
            Box::pin(self.tick()).await;
            return Value::Null;
        }
        let Ok(batch) = serde_json::from_value::<SqsEvent>(event) else {
            // An answer that names no message fails the whole batch.
            return serde_json::json!({ "batchItemFailures": [{ "itemIdentifier": "" }] });
        };
        let mut failed = SqsBatchResponse::default();
        for message in batch.records {
            // A job's future holds its whole way; on the heap it is not copied around by the runtime.
            if let Err(error) = Box::pin(self.message(message.body.as_deref())).await {
                error.log();
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message.message_id.unwrap_or_default();
                failed.batch_item_failures.push(failure);
            }
        }
        serde_json::to_value(failed).unwrap_or_default()
    }

    /// One message. An error keeps it in the queue, and in the end in the dead-letter queue.
    async fn message(&self, body: Option<&str>) -> Result<(), Error> {
        if let Some(post) = body.and_then(PostKey::parse) {
            return self.tell_channel(&post).await;
        }
        if let Some(unfurl) = body.and_then(SealedUnfurl::parse) {
            return self.unfurl(&unfurl).await;
        }
        let key = body.and_then(JobKey::parse).ok_or(Error::Internal)?;
        match self.store.claim(&key, self.clock.now()).await? {
            Ok(job) => self.carry_out(&job).instrument(telemetry::job_span(&job)).await,
            // Another worker has it, or had: nothing is left to do for this message.
            Err(NotClaimed::NotDue | NotClaimed::Over) => Ok(()),
        }
    }

    async fn carry_out(&self, job: &Job) -> Result<(), Error> {
        let age = self.clock.now().since(job.admitted_at);
        tracing::info!(target: TARGET, Function = "perform", JobAge = age.as_secs());
        let Ok(click) =
            self.sealer.open_json::<Click>(job.person.owner(), Field::Click, &job.click)
        else {
            return self.unreadable(job).await;
        };
        if job.attempt > MOST_ATTEMPTS {
            return self.hopeless(job, &click).await;
        }
        let (mut clicker, newest) = self.weighed_by(job, &click).await?;
        if !self.has_bot_token(job, &mut clicker).await? {
            return Ok(());
        }
        let in_hand = InHand {
            job,
            click: &click,
            clicker: &clicker,
            now: self.clock.now(),
            url_uses: &AtomicU8::new(job.url_uses),
            noted: &AtomicBool::new(job.noted),
        };
        let verdict = match decide::overtaken(job, &click, newest.as_ref()) {
            Some(verdict) => verdict,
            None => self.act_and_note(&in_hand).await?,
        };
        self.conclude(&in_hand, verdict).await
    }

    /// Sealed under a key that this process does not know. While keys are rotated another may know it,
    /// or this one's successor, so it is tried as often as any click, and then told.
    async fn unreadable(&self, job: &Job) -> Result<(), Error> {
        let now = self.clock.now();
        if let Retry::Later(later) = job.changed_nothing().retry(now, Duration::ZERO, spread()?) {
            return self.later(&later, now).await;
        }
        tracing::error!(event = "job.unreadable", job = job.key.as_str());
        let person = &job.person;
        let clicker = self.store.clicker(&person.tenant, person).await?;
        let token = clicker
            .installation
            .as_ref()
            .filter(|found| found.is_active())
            .and_then(|found| found.open_bot_token(&self.sealer).ok());
        if let Some(token) = token {
            let words = messages::unreadable().with_reference(job.reference());
            if let Err(error) = self.slack.tell_directly(&token, person.user.as_str(), &words).await
            {
                tracing::warn!(event = "slack.not_told", job = job.key.as_str(), cause = %error);
            }
        }
        self.end(job, Outcome::Unreadable).await
    }

    /// Its workers died over and over. The person is told as far as the `response_url` goes: nothing
    /// is read that may be what they died of.
    async fn hopeless(&self, job: &Job, click: &Click) -> Result<(), Error> {
        tracing::error!(event = "job.hopeless", job = job.key.as_str(), attempt = job.attempt);
        let in_hand = InHand {
            job,
            click,
            clicker: &Clicker::default(),
            now: self.clock.now(),
            url_uses: &AtomicU8::new(job.url_uses),
            noted: &AtomicBool::new(job.noted),
        };
        self.conclude(&in_hand, decide::given_up(job, Because::Down)).await
    }

    /// Sees to it that the bot's token has not ended. Where another worker is renewing it, the job is
    /// put off, and this is false.
    async fn has_bot_token(&self, job: &Job, clicker: &mut Clicker) -> Result<bool, Error> {
        let now = self.clock.now();
        let Some(installation) = &clicker.installation else { return Ok(true) };
        if !installation.is_active() || !installation.token_has_ended(now) {
            return Ok(true);
        }
        match self.renewed_for_click(installation, now).await? {
            Renewed::Yes(renewed) => clicker.installation = Some(*renewed),
            // Without a token, what is said still goes through the `response_url`.
            Renewed::No => {}
            Renewed::ByAnother => {
                if let Retry::Later(later) =
                    job.changed_nothing().retry(now, Duration::ZERO, spread()?)
                {
                    self.later(&later, now).await?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Acts, and tells the person when it takes longer than they would wait without a word.
    async fn act_and_note(&self, in_hand: &InHand<'_>) -> Result<Verdict, Error> {
        let mut acting = pin!(self.act(in_hand));
        let waited = in_hand.now.since(in_hand.click.made_at());
        // A click that comes late is not Sentry's fault: it gets its second all the same.
        let patience = PATIENCE.saturating_sub(waited).max(Duration::from_secs(1));
        let patience = tokio::time::sleep(patience);
        tokio::select! {
            verdict = &mut acting => return verdict,
            () = patience => {}
        }
        let ((), verdict) = tokio::join!(self.note(in_hand), acting);
        verdict
    }

    /// Says once that it takes longer. A modal says so by itself.
    async fn note(&self, in_hand: &InHand<'_>) {
        if in_hand.click.modal.is_none() && !in_hand.noted.swap(true, Ordering::Relaxed) {
            self.say(in_hand, &messages::still_trying()).await;
        }
    }

    /// Who clicked, and the newest click about the same thing; none about a modal that is only to be
    /// filled.
    async fn weighed_by(
        &self,
        job: &Job,
        click: &Click,
    ) -> Result<(Clicker, Option<NewestClick>), StoreError> {
        match NewestClick::of(click, &job.key) {
            Some(own) => self.store.clicker_and_newest(&click.tenant, &own).await,
            None => Ok((self.store.clicker(&click.tenant, &click.person).await?, None)),
        }
    }

    /// Says what is to be said, then writes what came of it.
    async fn conclude(&self, in_hand: &InHand<'_>, verdict: Verdict) -> Result<(), Error> {
        match verdict {
            Verdict::Finish(outcome, words) => self.finish(in_hand, outcome, words).await,
            Verdict::Retry { at_least, because, changed_nothing } => {
                let job = in_hand.job;
                let job = if changed_nothing { job.changed_nothing() } else { job.clone() };
                self.retry(in_hand, &job, at_least, because).await
            }
            // Both are resolved by `act`; that they come out of it would be a mistake of ours.
            Verdict::Renew | Verdict::AskMembership => Err(Error::Internal),
        }
    }

    async fn finish(
        &self,
        in_hand: &InHand<'_>,
        outcome: Outcome,
        words: Words,
    ) -> Result<(), Error> {
        let job = in_hand.job;
        let words = &words.with_reference(outcome, job);
        let (told, ()) = tokio::join!(self.tell(in_hand, words), self.follow(in_hand, words));
        if let Err(error) = told {
            // The prompt could not be written down: the message stays in the queue.
            if matches!(error, Error::Store(_)) {
                return Err(error);
            }
            tracing::warn!(event = "slack.not_told", job = job.key.as_str(), cause = %error);
            // Slack is down: the next attempt finds the issue as wanted, and says so then.
            if let Error::Slack(SlackError::Unavailable { retry_after }) = error
                && let Retry::Later(later) =
                    job.retry(in_hand.now, retry_after.unwrap_or_default(), spread()?)
            {
                return self.put_off(in_hand, &later).await;
            }
        }
        tracing::info!(
            event = "job.finished",
            job = job.key.as_str(),
            issue = %job.issue,
            change = job.change.value(),
            outcome = outcome.name(),
            attempt = job.attempt,
        );
        let account = in_hand.clicker.identity.as_ref().map(|identity| &identity.account.id);
        self.end(&job.done_as(account), outcome).await
    }

    async fn retry(
        &self,
        in_hand: &InHand<'_>,
        job: &Job,
        at_least: Duration,
        because: Because,
    ) -> Result<(), Error> {
        match job.retry(in_hand.now, at_least, spread()?) {
            Retry::Later(later) => {
                let silent_until = later.next_at.since(in_hand.click.made_at());
                if because != Because::Renewal && silent_until > PATIENCE {
                    self.note(in_hand).await;
                }
                self.put_off(in_hand, &later).await
            }
            Retry::GiveUp => match decide::given_up(job, because) {
                Verdict::Finish(outcome, words) => {
                    let in_hand = InHand { job, ..*in_hand };
                    self.finish(&in_hand, outcome, words).await
                }
                _ => Err(Error::Internal),
            },
        }
    }

    async fn put_off(&self, in_hand: &InHand<'_>, later: &Job) -> Result<(), Error> {
        let later = Job {
            url_uses: in_hand.url_uses.load(Ordering::Relaxed),
            noted: in_hand.noted.load(Ordering::Relaxed),
            ..later.clone()
        };
        self.later(&later, in_hand.now).await
    }

    /// Writes the later attempt down, then asks to be woken for it.
    async fn later(&self, later: &Job, now: Timestamp) -> Result<(), Error> {
        let delay = later.next_at.since(now);
        tracing::warn!(
            event = "job.put_off",
            job = later.key.as_str(),
            attempt = later.attempt,
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
        );
        self.settle(later).await?;
        self.wake(&later.key, delay).await;
        Ok(())
    }

    /// Asks for a job to be woken. If that fails, the sweep finds it.
    async fn wake(&self, key: &JobKey, delay: Duration) {
        if self.queue.wake(key, delay).await.is_err() {
            tracing::warn!(event = "queue.not_woken", job = key.as_str());
        }
    }

    /// Nothing is left to do.
    async fn end(&self, job: &Job, outcome: Outcome) -> Result<(), Error> {
        if self.settle(&job.finish(outcome)).await? == Written::Yes {
            metrics::ended(outcome, self.clock.now().since(job.admitted_at));
        }
        Ok(())
    }

    async fn settle(&self, job: &Job) -> Result<Written, Error> {
        let written = self.store.settle(job).await?;
        if written == Written::Outdated {
            // The lease ran out under us; whoever holds it now goes on.
            tracing::warn!(event = "job.lease_lost", job = job.key.as_str(), attempt = job.attempt);
        }
        Ok(written)
    }
}

/// A random byte, so that the retries of many jobs do not fall on one moment.
fn spread() -> Result<u8, Error> {
    let [byte] = random_bytes()?;
    Ok(byte)
}
