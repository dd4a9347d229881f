//! What Belay says in a channel about one issue or metric alert: what it is to say, and how far Slack
//! has been told.
//!
//! ```text
//! MSG#<organization>#<subject>    <tenant>#<channel>      due = POST while something is to be told
//! subject = I<issue> | M<metric alert>
//!
//! alert   ─┐                    ┌─ post    a message of its own, its `ts` is kept
//! webhook ─┼─▶ what is wanted ──┼─ update  every message that stands, until it shows the newest
//! click   ─┘                    └─ reply   into the thread: how often it has happened again
//! ```
//! A record and no queue: ten changes in a second are one update, and nothing can be told out of
//! order. Who hears of something writes what is wanted; `perform` brings Slack there, one call at a
//! time, and writes each call's result before the next. Every write names the version it was decided
//! on; a worker's results also name its attempt, so one that lost its lease writes nothing.
//!
//! Slack takes one message a second for a channel (docs.slack.dev/apis/web-api/rate-limits): each
//! reserves its second in the channel's [`Lane`] and waits for it.

mod change;

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::change::{Change, Drawing, Moment};

use crate::{
    clock::Timestamp,
    ids::{ChannelId, IssueId, OrganizationId, Tenant},
    secret::Sealed,
    sentry::issue::Issue,
};

/// Forgotten so long after the last change: nobody reads that far up in a channel.
pub const KEPT: Duration = Duration::from_hours(24 * 90);

/// How long one worker may take for one call.
pub const LEASE: Duration = Duration::from_secs(30);

/// Between two messages in one channel.
pub const PACE: Duration = Duration::from_secs(1);

/// Who comes so much later than its second has lost it: after an outage all would come at once.
const LATENESS: Duration = Duration::from_secs(10);

/// After the last of these, what Slack never took is kept as failed.
const RETRIES: [Duration; 7] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(8),
];

/// Older messages about the same issue are no longer redrawn.
const MOST_PLACES: usize = 10;

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// An issue.
    Issue(IssueId),
    /// A metric alert that fired; Sentry numbers them as it does issues.
    Metric(IssueId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue(id) => write!(f, "I{id}"),
            Self::Metric(id) => write!(f, "M{id}"),
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

/// Not a subject's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a subject")]
pub struct NotASubject;

impl TryFrom<String> for Subject {
    type Error = NotASubject;

    fn try_from(text: String) -> Result<Self, NotASubject> {
        let (kind, id) = text.split_at_checked(1).ok_or(NotASubject)?;
        let id = IssueId::parse(id).map_err(|_| NotASubject)?;
        match kind {
            "I" => Ok(Self::Issue(id)),
            "M" => Ok(Self::Metric(id)),
            _ => Err(NotASubject),
        }
    }
}

/// Names what is said in one channel about one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostKey {
    /// Whose subject it is.
    pub organization: OrganizationId,
    /// What it is about.
    pub subject: Subject,
    /// The installation whose bot says it.
    pub tenant: Tenant,
    /// Where.
    pub channel: ChannelId,
}

impl PostKey {
    /// The key as a queue message holds it; nothing in it is secret.
    pub fn to_text(&self) -> String {
        format!("post {} {} {} {}", self.organization, self.subject, self.tenant, self.channel)
    }

    /// Reads what [`PostKey::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix("post ")?.split(' ');
        let key = Self {
            organization: OrganizationId::parse(words.next()?).ok()?,
            subject: Subject::try_from(words.next()?.to_owned()).ok()?,
            tenant: Tenant::parse(words.next()?).ok()?,
            channel: ChannelId::parse(words.next()?).ok()?,
        };
        words.next().is_none().then_some(key)
    }
}

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Card {
    /// An issue.
    Issue(Box<IssueCard>),
    /// A metric alert.
    Metric(MetricCard),
}

/// What a message about an issue shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueCard {
    /// The issue, as Sentry told it last.
    pub issue: Issue,
    /// Environment and release of the event that raised the alert, in mrkdwn.
    pub tags: Option<String>,
    /// The alert rule's name, as Sentry has it.
    pub rule: Option<String>,
    /// What was done to it last, in mrkdwn.
    pub result: Option<String>,
}

/// What a message about a metric alert shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricCard {
    /// How bad it is.
    pub severity: Severity,
    /// The alert's title.
    pub title: String,
    /// What was measured, in Sentry's words.
    pub description: String,
    /// Its page.
    pub url: String,
}

/// How bad a metric alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Above the critical threshold.
    Critical,
    /// Above the warning threshold.
    Warning,
    /// Over.
    Resolved,
}

/// A message that stands in the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Slack's name for it.
    pub ts: String,
    /// When it was posted.
    pub at: Timestamp,
    /// Which revision it shows.
    pub shown: u64,
}

/// What is said in one channel about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its name.
    #[serde(flatten)]
    pub key: PostKey,
    /// What it shows: a [`Card`], sealed for the installation.
    pub card: Sealed,
    /// Goes up with every other card.
    pub revision: u64,
    /// As of when Sentry told what it shows.
    pub known_at: Timestamp,
    /// The messages that stand, the newest last.
    pub places: Vec<Place>,
    /// Whether a message of its own is still to be posted.
    pub wanted: bool,
    /// How often it has happened again since the newest message.
    pub repeats: u32,
    /// How many of these the thread has been told.
    pub told: u32,
    /// The second that is reserved in the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Timestamp>,
    /// When somebody has to tell Slack something, and until when somebody does; `None` when Slack
    /// has been told everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Whether `next_at` is the end of a lease.
    pub leased: bool,
    /// Goes up with every lease: the fence.
    pub attempt: u64,
    /// How often in a row Slack did not answer.
    pub failures: u32,
    /// Why Slack will never take it, by Slack's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Goes up with every write; 0 before the first.
    pub version: u64,
}

/// What Slack is to be told next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A message of its own.
    Post,
    /// The message with this `ts` is outdated.
    Update(String),
    /// The thread of the message with this `ts` is told that it has happened again, so often.
    Reply(String, u32),
    /// Nothing.
    Nothing,
}

impl Step {
    /// Whether it is a message, of which a channel takes one a second.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Post | Self::Reply(..))
    }
}

/// Why a post cannot be worked on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClaimed {
    /// Another worker has it.
    Leased,
    /// It waits, until then.
    NotDue(Timestamp),
    /// Slack has been told everything.
    Nothing,
}

impl Post {
    /// The first that is to be said about a subject in a channel.
    pub fn first(key: PostKey, card: Sealed, known_at: Timestamp, now: Timestamp) -> Self {
        Self {
            key,
            card,
            revision: 1,
            known_at,
            places: Vec::new(),
            wanted: true,
            repeats: 0,
            told: 0,
            slot: None,
            next_at: Some(now),
            leased: false,
            attempt: 0,
            failures: 0,
            failed: None,
            changed_at: now,
            version: 1,
        }
    }

    /// It happened again. Within `window` of the newest message that is told in its thread, later in
    /// a message of its own.
    #[must_use]
    pub fn again(&self, card: Sealed, window: Duration, now: Timestamp) -> Self {
        let next = Self { card, revision: self.revision + 1, ..self.changed(now) };
        let stands = self.places.last().is_some_and(|place| now < place.at.plus(window));
        if self.failed.is_some() || !(stands || self.wanted) {
            return Self { wanted: true, repeats: 0, told: 0, failed: None, failures: 0, ..next };
        }
        Self { repeats: self.repeats + 1, ..next }
    }

    /// It is otherwise now, as of `known_at`; the card says whether a reader would see it. `None`:
    /// what is shown is newer. Sentry's times are whole seconds: of two in one, the later to come
    /// counts.
    pub fn otherwise(
        &self,
        (card, differs): (Sealed, bool),
        known_at: Timestamp,
        now: Timestamp,
    ) -> Option<Self> {
        (known_at.secs() >= self.known_at.secs()).then(|| {
            let revision = self.revision + u64::from(differs);
            Self { card, revision, known_at, ..self.changed(now) }.redrawn_now(now).settled()
        })
    }

    /// If a channel did not take it, it is to be posted anew.
    #[must_use]
    pub fn reopened(self, now: Timestamp) -> Self {
        if self.failed.is_none() {
            return self;
        }
        let next_at = self.next_at.or(Some(now));
        Self { wanted: true, repeats: 0, told: 0, failed: None, failures: 0, next_at, ..self }
    }

    /// What Slack is to be told next. Who reads the channel wants to know first what is new.
    pub fn step(&self) -> Step {
        if self.failed.is_some() {
            return Step::Nothing;
        }
        if self.wanted {
            return Step::Post;
        }
        if let Some(place) = self.places.iter().rev().find(|place| place.shown < self.revision) {
            return Step::Update(place.ts.clone());
        }
        match self.places.last() {
            Some(place) if self.told < self.repeats => Step::Reply(place.ts.clone(), self.repeats),
            _ => Step::Nothing,
        }
    }

    /// Taken by one worker for one call.
    pub fn claim(&self, now: Timestamp) -> Result<Self, NotClaimed> {
        match self.next_at {
            None => Err(NotClaimed::Nothing),
            Some(until) if until > now && self.leased => Err(NotClaimed::Leased),
            Some(at) if at > now => Err(NotClaimed::NotDue(at)),
            Some(_) => Ok(Self {
                attempt: self.attempt + 1,
                leased: true,
                next_at: Some(now.plus(LEASE)),
                ..self.next()
            }),
        }
    }

    /// There was nothing to tell.
    #[must_use]
    pub fn rests(&self, now: Timestamp) -> Self {
        self.released(now).settled()
    }

    /// Waits for the second that was reserved.
    #[must_use]
    pub fn waits(&self, slot: Timestamp) -> Self {
        Self { slot: Some(slot), leased: false, next_at: Some(slot), ..self.next() }
    }

    /// Whether its second has come, and not long ago.
    pub fn has_slot(&self, now: Timestamp) -> bool {
        self.slot.is_some_and(|slot| slot <= now && now <= slot.plus(LATENESS))
    }

    /// The second that it waits for.
    pub fn slot_ahead(&self, now: Timestamp) -> Option<Timestamp> {
        self.slot.filter(|slot| *slot > now)
    }

    /// Slack took the message; it shows `revision`. Its thread was told nothing yet, whatever reply to
    /// an older one was still on its way when it was asked for.
    #[must_use]
    pub fn posted(&self, ts: &str, revision: u64, now: Timestamp) -> Self {
        let mut places = self.places.clone();
        places.push(Place { ts: ts.to_owned(), at: now, shown: revision });
        let surplus = places.len().saturating_sub(MOST_PLACES);
        places.drain(..surplus);
        Self { places, wanted: false, told: 0, slot: None, ..self.released(now) }.settled()
    }

    /// Slack shows `revision` in the message with this `ts`.
    #[must_use]
    pub fn updated(&self, ts: &str, revision: u64, now: Timestamp) -> Self {
        let mut next = self.released(now);
        for place in next.places.iter_mut().filter(|place| place.ts == ts) {
            place.shown = place.shown.max(revision);
        }
        next.settled()
    }

    /// The thread was told that it happened again `count` times.
    #[must_use]
    pub fn replied(&self, count: u32, now: Timestamp) -> Self {
        Self { told: self.told.max(count), slot: None, ..self.released(now) }.settled()
    }

    /// The message with this `ts` is gone, or cannot be changed any more: it is forgotten. What its
    /// thread has not been told gets a message of its own.
    #[must_use]
    pub fn gone(&self, ts: &str, now: Timestamp) -> Self {
        let mut next = self.released(now);
        next.places.retain(|place| place.ts != ts);
        if next.places.is_empty() && next.told < next.repeats {
            next.wanted = true;
            next.repeats = 0;
            next.told = 0;
        }
        next.settled()
    }

    /// Slack asked to wait, or did not answer: again later, or never if it has been so for half a day.
    /// Being asked to wait is no failure.
    #[must_use]
    pub fn put_off(&self, retry_after: Option<Duration>, now: Timestamp) -> Self {
        let planned = usize::try_from(self.failures).ok().and_then(|n| RETRIES.get(n));
        match (retry_after, planned) {
            (Some(wait), _) => {
                let at = now.plus(wait.max(PACE));
                Self { slot: None, leased: false, next_at: Some(at), ..self.next() }
            }
            (None, Some(delay)) => {
                let failures = self.failures + 1;
                let at = now.plus(*delay);
                Self { slot: None, leased: false, next_at: Some(at), failures, ..self.next() }
            }
            (None, None) => self.failed("unavailable", now),
        }
    }

    /// Slack will never take it. It is kept, and tried again when it happens again.
    #[must_use]
    pub fn failed(&self, why: &str, now: Timestamp) -> Self {
        Self { failed: Some(why.to_owned()), slot: None, ..self.released(now) }.settled()
    }

    /// When it may be forgotten.
    pub fn expires(&self) -> Timestamp {
        self.changed_at.plus(KEPT)
    }

    /// Whether this worker's result may be written onto `stored`.
    pub fn is_mine(&self, stored: &Self) -> bool {
        stored.leased && stored.attempt == self.attempt
    }

    /// Somebody has to tell Slack; who is at it already finds it when done with the present call.
    fn changed(&self, now: Timestamp) -> Self {
        Self { changed_at: now, next_at: self.next_at.or(Some(now)), ..self.next() }
    }

    /// The call is over. The next one is due at once; [`Post::settled`] says whether there is one.
    fn released(&self, now: Timestamp) -> Self {
        Self { leased: false, next_at: Some(now), failures: 0, ..self.next() }
    }

    /// Only messages wait for their second: what stands is redrawn meanwhile.
    fn redrawn_now(self, now: Timestamp) -> Self {
        let waits = !self.leased && self.slot_ahead(now).is_some();
        if waits && matches!(self.step(), Step::Update(_)) {
            Self { next_at: Some(now), ..self }
        } else {
            self
        }
    }

    /// Nothing is due where there is nothing to tell. A lease runs on: its worker still has a result.
    fn settled(self) -> Self {
        if !self.leased && self.step() == Step::Nothing {
            Self { next_at: None, ..self }
        } else {
            self
        }
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

/// The order in which messages enter a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// The installation.
    pub tenant: Tenant,
    /// The channel.
    pub channel: ChannelId,
    /// The first second that is not reserved.
    pub free_at: Timestamp,
    /// What is wrong with the channel, by Slack's name, as the installer was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When it was last used.
    pub used_at: Timestamp,
    /// Goes up with every write; 0 before the first.
    pub version: u64,
}

impl Lane {
    /// A channel in which nothing was said yet.
    pub fn new(tenant: Tenant, channel: ChannelId, now: Timestamp) -> Self {
        Self { tenant, channel, free_at: now, trouble: None, used_at: now, version: 0 }
    }

    /// Reserves the next free second; gives it too.
    pub fn reserved(&self, now: Timestamp) -> (Self, Timestamp) {
        let slot = self.free_at.max(now);
        (Self { free_at: slot.plus(PACE), ..self.used(now) }, slot)
    }

    /// Nothing more before then: Slack asked for it.
    #[must_use]
    pub fn held(&self, until: Timestamp, now: Timestamp) -> Self {
        Self { free_at: self.free_at.max(until), ..self.used(now) }
    }

    /// With this trouble, or without any. `None` if that is known already.
    pub fn with_trouble(&self, trouble: Option<&str>, now: Timestamp) -> Option<Self> {
        let trouble = trouble.map(str::to_owned);
        (self.trouble != trouble).then(|| Self { trouble, ..self.used(now) })
    }

    /// When it may be forgotten.
    pub fn expires(&self) -> Timestamp {
        self.used_at.plus(KEPT)
    }

    fn used(&self, now: Timestamp) -> Self {
        Self { used_at: now, version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
