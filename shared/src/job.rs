//! A job is an admitted click: the state machine that carries it out once.
//!
//! ```text
//!             admit            claim (attempt + 1, lease)          finish (outcome)
//! nothing ───────────▶ Open ◀───────────────────────────▶ leased ──────────────────▶ Final
//!                       ▲     retry (next_at = now + delay)  │
//!                       └────────────────────────────────────┘
//! ```
//! One number carries both the plan and the lease: `next_at` is when the job may next be claimed,
//! be it because a retry is due or because the worker that holds it is given up. The attempt
//! number is the fence: what a worker writes, it writes only while the attempt is still its own, so
//! a worker whose lease ran out changes nothing any more.
//!
//! The store carries these transitions out as conditional writes; the rules are here.

#[cfg(test)]
mod properties;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    change::{Change, Dialog},
    clock::Timestamp,
    identity::{Organization, Person},
    ids::{AccountId, IssueId, OrganizationId, TeamId, Tenant},
    secret::{Sealed, Secret},
    signing::sha256_hex,
    slack::{interaction::AlertPlace, response_url::ResponseUrl},
};

/// How long a worker may hold a job: longer than it can live (its Lambda time-out is 20 s).
pub const LEASE: Duration = Duration::from_secs(30);

/// How long a job is kept that is never finished. A finished one is kept as long as the audit.
pub const KEPT: Duration = Duration::from_hours(7 * 24);

/// The plan: how long to wait before each further attempt. The first attempt is immediate.
pub const RETRIES: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(45),
    Duration::from_mins(2),
    Duration::from_mins(5),
];

/// A click as it is kept until it is carried out. Sealed at rest: it holds a `response_url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Click {
    /// Whose installation it came through.
    pub tenant: Tenant,
    /// The workspace it was made in.
    pub team: Option<TeamId>,
    /// Who clicked.
    pub person: Person,
    /// What Slack calls them.
    pub person_name: String,
    /// The organization the issue belongs to.
    pub organization: Organization,
    /// The issue.
    pub issue: IssueId,
    /// What is to be done.
    pub change: Change,
    /// Where the alert stands.
    pub alert: AlertPlace,
    /// Where to answer.
    pub response_url: Option<ResponseUrl>,
    /// Slack's time of the click.
    pub action_ts: String,
    /// When the person chose in the modal that the click had opened, in whole seconds. Rounded down:
    /// who clicked in the same second after them is not overtaken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// The modal it goes through, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modal: Option<ModalStep>,
}

/// The newest click that decides one thing about an issue: its status, or its assignee. Of two
/// clicks the later one counts, in whatever order they are carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewestClick {
    /// The organization.
    pub organization: OrganizationId,
    /// The issue.
    pub issue: IssueId,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its job.
    pub job: JobKey,
    /// Who made it.
    pub person: Person,
    /// What it asks for.
    pub change: Change,
}

impl NewestClick {
    /// This click, as a candidate; `None` if it changes nothing.
    pub fn of(click: &Click, job: &JobKey) -> Option<Self> {
        (!click.only_fills_a_modal()).then(|| Self {
            organization: click.organization.id.clone(),
            issue: click.issue.clone(),
            made_at: click.made_at(),
            job: job.clone(),
            person: click.person.clone(),
            change: click.change.clone(),
        })
    }

    /// Whether it takes the place of `click`, whose job is `job`.
    pub fn overtakes(&self, click: &Click, job: &JobKey) -> bool {
        self.job != *job && self.made_at > click.made_at() && !click.only_fills_a_modal()
    }

    /// Whether it is the same wish of the same person: two quick clicks on one button.
    pub fn repeats(&self, click: &Click) -> bool {
        self.person == click.person && self.change == click.change
    }
}

/// Where a click stands that goes through a modal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModalStep {
    /// Which modal.
    pub dialog: Dialog,
    /// Our own name for it.
    pub external_id: String,
    /// Whether the person has chosen; if not, the modal is to be filled.
    pub chosen: bool,
    /// Opens the modal, should it not be open yet: good once, for 3 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_id: Option<Secret>,
}

impl Click {
    /// What identifies this very click: the same request twice has the same key, a second click
    /// another one.
    pub fn key(&self) -> JobKey {
        let place = &self.alert;
        let parts = [
            self.tenant.as_str(),
            self.person.tenant.as_str(),
            self.person.user.as_str(),
            place.channel.as_ref().map_or("", |channel| channel.as_str()),
            place.message_ts.as_deref().unwrap_or_default(),
            self.issue.as_str(),
            &self.change.value(),
            &self.action_ts,
            if self.only_fills_a_modal() { "fill" } else { "" },
        ];
        JobKey(sha256_hex(parts.join("\0")))
    }

    /// Whether all that is to be done is to fill the modal with what can be chosen.
    pub fn only_fills_a_modal(&self) -> bool {
        self.modal.as_ref().is_some_and(|modal| !modal.chosen)
    }

    /// When the person decided: with the click, or later in the modal that it had opened.
    pub fn made_at(&self) -> Timestamp {
        let clicked = self.clicked_at();
        self.decided_at.unwrap_or(clicked).max(clicked)
    }

    /// When the control was used, which is also how old the `response_url` is; the epoch if Slack's
    /// text were no time (parsing sees to it that it is).
    pub fn clicked_at(&self) -> Timestamp {
        Timestamp::parse_slack(&self.action_ts).unwrap_or(Timestamp::from_millis(0))
    }
}

/// Names a job. Says nothing about it, so it may stand in a queue and a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobKey(String);

impl JobKey {
    /// The key as a queue message holds it: 64 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        hex.then(|| Self(text.to_owned()))
    }

    /// The key of the click that waits in a flow: not the click's own, which may have been used
    /// up when its sign-in had expired.
    pub fn of_flow(flow: &str) -> Self {
        Self(sha256_hex(format!("flow\0{flow}")))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The issue is as the person wanted it.
    Done,
    /// The modal shows what can be chosen.
    Offered,
    /// Somebody changed the issue after the click: nothing was touched.
    Superseded,
    /// The person has no identity (any more): asked to link.
    NotLinked,
    /// The account is outside the organization: offered to unlink.
    NotAMember,
    /// A member without the right.
    NoRight,
    /// There is no such issue in the organization.
    IssueGone,
    /// The Sentry sign-in is over: asked to link again.
    SignInExpired,
    /// Sentry refused with a reason.
    Refused,
    /// Sentry could not be reached in time; nothing was changed.
    GaveUp,
    /// The installation is gone.
    Uninstalled,
    /// The job could not be read: sealed under a retired key.
    Unreadable,
}

impl Outcome {
    /// Its name in numbers and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Offered => "offered",
            Self::Superseded => "superseded",
            Self::NotLinked => "not_linked",
            Self::NotAMember => "not_a_member",
            Self::NoRight => "no_right",
            Self::IssueGone => "issue_gone",
            Self::SignInExpired => "sign_in_expired",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
            Self::Uninstalled => "uninstalled",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Whether a job is still to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Still to be carried out, or being carried out.
    Open,
    /// Over.
    Final,
}

/// The record of one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its name.
    pub key: JobKey,
    /// Who clicked: the owner of the seal.
    pub person: Person,
    /// The issue, readable, for the record.
    pub issue: IssueId,
    /// The change, readable, for the record.
    pub change: Change,
    /// The click, sealed.
    pub click: Sealed,
    /// Whether it is over.
    pub phase: Phase,
    /// How often it was claimed: the fence.
    pub attempt: u32,
    /// How many of these attempts are known to have changed nothing.
    #[serde(default)]
    pub clean: u32,
    /// How often the click's `response_url` was used.
    #[serde(default)]
    pub url_uses: u8,
    /// Whether the person was told that it takes longer.
    #[serde(default)]
    pub noted: bool,
    /// When it may next be claimed.
    pub next_at: Timestamp,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// When it was admitted.
    pub admitted_at: Timestamp,
    /// The request that admitted it, as the log names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The organization, readable, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// As which Sentry account it was carried out, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// Why a job cannot be claimed now. Neither is an error: somebody else has it, or had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotClaimed {
    /// Leased by a worker, or waiting for its retry.
    NotDue,
    /// Over, or unknown.
    Over,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Retry {
    /// Another attempt at `next_at`.
    Later(Box<Job>),
    /// The plan is used up.
    GiveUp,
}

/// API Gateway's names of requests have 16 characters.
const MAX_REQUEST: usize = 64;

/// So many digits of a job's name tell it apart from the others of a week.
const REFERENCE: usize = 8;

impl Job {
    /// A fresh job, due at once.
    pub fn admit(key: JobKey, click: &Click, sealed: Sealed, now: Timestamp) -> Self {
        Self {
            key,
            person: click.person.clone(),
            issue: click.issue.clone(),
            change: click.change.clone(),
            click: sealed,
            phase: Phase::Open,
            attempt: 0,
            clean: 0,
            url_uses: 0,
            noted: false,
            next_at: now,
            outcome: None,
            admitted_at: now,
            request: None,
            organization: Some(click.organization.id.clone()),
            account: None,
        }
    }

    /// The same, remembering the request that admitted it. What is no such name is left out.
    #[must_use]
    pub fn asked_by(self, request: &str) -> Self {
        let fits = (1..=MAX_REQUEST).contains(&request.len())
            && request.bytes().all(|b| b.is_ascii_graphic());
        Self { request: fits.then(|| request.to_owned()), ..self }
    }

    /// What a person can quote, so that the log leads to their click.
    pub fn reference(&self) -> &str {
        self.key.as_str().get(..REFERENCE).unwrap_or_default()
    }

    /// Takes the job for one attempt.
    pub fn claim(&self, now: Timestamp) -> Result<Self, NotClaimed> {
        match self.phase {
            Phase::Final => Err(NotClaimed::Over),
            Phase::Open if self.next_at > now => Err(NotClaimed::NotDue),
            Phase::Open => {
                Ok(Self { attempt: self.attempt + 1, next_at: now.plus(LEASE), ..self.clone() })
            }
        }
    }

    /// Whether what this worker wants to write may replace `stored`: the fence.
    pub fn may_replace(&self, stored: &Self) -> bool {
        stored.phase == Phase::Open && stored.attempt == self.attempt
    }

    /// The job after a failed attempt: due again after the plan's delay, spread by ±20 % (`spread`
    /// is a random byte), or after `at_least` if the server asked for more.
    pub fn retry(&self, now: Timestamp, at_least: Duration, spread: u8) -> Retry {
        let planned =
            usize::try_from(self.attempt).ok().and_then(|n| RETRIES.get(n.checked_sub(1)?));
        let Some(planned) = planned else { return Retry::GiveUp };
        let delay = planned.mul_f64(0.8 + 0.4 * f64::from(spread) / 255.0).max(at_least);
        // A server that wants us to wait longer than the plan is long gets no more of this click.
        if delay > Duration::from_mins(15) {
            return Retry::GiveUp;
        }
        Retry::Later(Box::new(Self { next_at: now.plus(delay), ..self.clone() }))
    }

    /// The job, over: a row of the audit. The click itself, with its `response_url`, is forgotten.
    #[must_use]
    pub fn finish(&self, outcome: Outcome) -> Self {
        Self {
            phase: Phase::Final,
            outcome: Some(outcome),
            click: Sealed::nothing(),
            next_at: self.admitted_at,
            ..self.clone()
        }
    }

    /// The job as carried out by this account.
    #[must_use]
    pub fn done_as(&self, account: Option<&AccountId>) -> Self {
        Self { account: account.cloned(), ..self.clone() }
    }

    /// Whether this is a repetition: then look before acting. Even where no earlier attempt reached
    /// Sentry, somebody may have decided otherwise since the click.
    pub fn is_repeated(&self) -> bool {
        self.attempt > 1
    }

    /// The job after an attempt that is known to have changed nothing.
    #[must_use]
    pub fn changed_nothing(&self) -> Self {
        Self { clean: self.clean + 1, ..self.clone() }
    }

    /// Whether every attempt so far is known to have changed nothing. An attempt whose worker died
    /// is not.
    pub fn surely_changed_nothing(&self) -> bool {
        self.clean >= self.attempt
    }

    /// When the record may be forgotten, if the audit is kept for `audit`.
    pub fn expires(&self, audit: Duration) -> Timestamp {
        let kept = match self.phase {
            Phase::Open => KEPT,
            Phase::Final => audit,
        };
        self.admitted_at.plus(kept)
    }
}

#[cfg(test)]
mod click_tests;
#[cfg(test)]
mod end_tests;
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        ids::{OrganizationId, SlackUserId},
        slack::interaction::Family,
    };

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    pub(crate) fn a_click() -> Click {
        let tenant = Tenant::parse("T0ACME0001").unwrap();
        Click {
            person: Person {
                tenant: tenant.clone(),
                user: SlackUserId::parse("U0ALICE001").unwrap(),
            },
            tenant,
            team: TeamId::parse("T0ACME0001").ok(),
            person_name: "alice".into(),
            organization: Organization {
                id: OrganizationId::parse("1").unwrap(),
                slug: "acme".into(),
                name: "Acme Inc".into(),
            },
            issue: IssueId::parse("4815").unwrap(),
            change: Change::parse_status("resolved").unwrap(),
            alert: AlertPlace {
                channel: None,
                message_ts: None,
                family: Family::Blocks,
                rule: None,
                tags: None,
            },
            response_url: None,
            action_ts: "1700000000.403007".into(),
            decided_at: None,
            modal: None,
        }
    }

    pub(super) fn job() -> Job {
        let click = a_click();
        Job::admit(click.key(), &click, Sealed::from_text("s1.x.y"), NOW)
    }

    fn after(secs: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(secs))
    }

    #[test]
    fn the_same_click_has_the_same_key_and_any_other_another() {
        let click = a_click();
        let later = Click { action_ts: "1700000001.000000".into(), ..click.clone() };
        let other = Click { change: Change::parse_status("ignored").unwrap(), ..click.clone() };

        assert_eq!(click.key(), a_click().key());
        assert_ne!(click.key(), later.key());
        assert_ne!(click.key(), other.key());
        assert_eq!(JobKey::parse(click.key().as_str()), Some(click.key()));
    }

    #[test]
    fn the_later_of_two_clicks_takes_the_earlier_ones_place() {
        let earlier = a_click();
        let later = Click { action_ts: "1700000001.000000".into(), ..a_click() };
        let newest = NewestClick::of(&later, &later.key()).unwrap();

        assert!(newest.overtakes(&earlier, &earlier.key()));
        assert!(newest.repeats(&earlier));
        assert!(!newest.overtakes(&later, &later.key()));
        let first = NewestClick::of(&earlier, &earlier.key()).unwrap();
        assert!(!first.overtakes(&later, &later.key()));
    }

    #[test]
    fn a_fresh_job_is_claimed_once_until_its_lease_runs_out() {
        let claimed = job().claim(NOW).unwrap();

        assert_eq!(claimed.attempt, 1);
        assert!(!claimed.is_repeated());
        assert_eq!(claimed.claim(after(29)), Err(NotClaimed::NotDue));
        let again = claimed.claim(after(30)).unwrap();
        assert_eq!(again.attempt, 2);
        assert!(again.is_repeated());
    }

    #[test]
    fn a_worker_whose_lease_ran_out_writes_nothing_any_more() {
        let slow = job().claim(NOW).unwrap();
        let quick = slow.claim(after(30)).unwrap();

        assert!(!slow.finish(Outcome::Done).may_replace(&quick));
        assert!(quick.finish(Outcome::Done).may_replace(&quick));
        assert!(!quick.may_replace(&quick.finish(Outcome::Done)));
    }

    #[test]
    fn an_attempt_that_was_cut_off_leaves_a_doubt() {
        let refused = job().claim(NOW).unwrap().changed_nothing();
        assert!(refused.surely_changed_nothing());

        let cut_off = refused.claim(after(30)).unwrap().claim(after(60)).unwrap();
        assert!(!cut_off.changed_nothing().surely_changed_nothing());
    }

    #[test]
    fn a_finished_job_is_never_claimed_again() {
        let over = job().claim(NOW).unwrap().finish(Outcome::Done);

        assert_eq!(over.claim(after(1_000_000)), Err(NotClaimed::Over));
    }

    #[test]
    fn retries_follow_the_plan_and_then_end() {
        let mut job = job();
        let mut now = NOW;
        let mut waited = Vec::new();
        loop {
            job = job.claim(now).unwrap();
            match job.retry(now, Duration::ZERO, 127) {
                Retry::Later(next) => {
                    waited.push(next.next_at.since(now).as_secs_f64().round());
                    now = next.next_at;
                    job = *next;
                }
                Retry::GiveUp => break,
            }
        }

        assert_eq!(waited, [2.0, 5.0, 15.0, 45.0, 120.0, 300.0]);
        assert_eq!(job.attempt, 7);
    }

    #[test]
    fn the_spread_is_a_fifth_each_way_and_the_servers_wish_counts() {
        let claimed = job().claim(NOW).unwrap();
        let wait =
            |at_least, spread| match claimed.retry(NOW, Duration::from_secs(at_least), spread) {
                Retry::Later(job) => job.next_at.since(NOW).as_millis(),
                Retry::GiveUp => 0,
            };

        assert_eq!(wait(0, 0), 1_600);
        assert_eq!(wait(0, 255), 2_400);
        assert_eq!(wait(7, 0), 7_000);
        assert_eq!(wait(901, 0), 0);
    }

    /// Every interleaving of two workers that claim, die, retry and finish, ten steps deep: the
    /// attempt only rises, and nothing leaves the final state.
    #[test]
    fn no_interleaving_of_two_workers_finishes_a_job_twice() {
        let mut frontier = vec![(job(), [None, None], NOW, 0_u32)];
        let mut finished = 0;
        for _ in 0..10 {
            let mut next = Vec::new();
            for (stored, workers, now, ends) in frontier {
                assert!(ends <= 1);
                for moment in [now, now.plus(LEASE)] {
                    for worker in 0..2 {
                        let mut mine: [Option<Job>; 2] = workers.clone();
                        if let Ok(claimed) = stored.claim(moment) {
                            assert!(claimed.attempt > stored.attempt);
                            mine[worker] = Some(claimed.clone());
                            next.push((claimed, mine.clone(), moment, ends));
                        }
                        if let Some(held) = &workers[worker] {
                            let done = held.finish(Outcome::Done);
                            if done.may_replace(&stored) {
                                finished += 1;
                                next.push((done, workers.clone(), moment, ends + 1));
                            }
                        }
                    }
                }
            }
            next.dedup();
            next.truncate(20_000);
            frontier = next;
        }
        assert!(finished > 100);
    }
}
