//! One moment of the model's world, small enough that there can be hundreds of thousands of it.

use shared::{
    clock::Timestamp,
    job::{Job, Outcome, Phase},
};

/// When the world begins.
const BEGINNING: i64 = 1_700_000_000_000;

/// Milliseconds since the beginning.
pub(super) type Moment = u32;

/// The moment as the product tells time.
pub(super) fn timestamp(moment: Moment) -> Timestamp {
    Timestamp::from_millis(BEGINNING + i64::from(moment))
}

/// The product's time as a moment.
pub(super) fn moment(timestamp: Timestamp) -> Moment {
    Moment::try_from(timestamp.millis() - BEGINNING).unwrap()
}

/// A job's end, as far as the model leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum End {
    Done,
    Superseded,
    GaveUp,
}

impl End {
    pub(super) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Superseded => Self::Superseded,
            Outcome::GaveUp => Self::GaveUp,
            other => panic!("the model does not lead to {other:?}"),
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Done => Outcome::Done,
            Self::Superseded => Outcome::Superseded,
            Self::GaveUp => Outcome::GaveUp,
        }
    }
}

/// What of a job's row decides about anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Record {
    pub(super) attempt: u32,
    pub(super) clean: u32,
    pub(super) next_at: Moment,
    pub(super) end: Option<End>,
}

impl Record {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            attempt: job.attempt,
            clean: job.clean,
            next_at: moment(job.next_at),
            end: job.outcome.map(End::of),
        }
    }

    /// The row, with everything else as in `template`.
    pub(super) fn job(&self, template: &Job) -> Job {
        Job {
            phase: if self.end.is_some() { Phase::Final } else { Phase::Open },
            attempt: self.attempt,
            clean: self.clean,
            next_at: timestamp(self.next_at),
            outcome: self.end.map(End::outcome),
            ..template.clone()
        }
    }
}

/// A click that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Clicked {
    pub(super) made_at: Moment,
    pub(super) record: Record,
    /// Whether the queue holds a message about it: one, since it may be delivered again and again.
    pub(super) awaited: bool,
    /// How many changes it made in Sentry.
    pub(super) changes: u8,
    /// Whether the person was told how it ended.
    pub(super) told: bool,
}

/// Where a worker stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum At {
    /// It has claimed the job.
    Claimed,
    /// No newer click is known.
    Newest,
    /// It has looked, or needs not.
    Changing,
    /// Sentry has answered, or not.
    Answered(Answer),
    /// It is about to say this.
    Telling(End, Said),
    /// What it writes is on its way to the table; `true` asks to be woken for it.
    Writing(Record, bool),
}

/// What comes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Answer {
    /// The issue as it is now.
    Issue,
    /// None: it may have been made, or not.
    None,
    /// Nobody listens there.
    Refused,
}

/// Whether there are words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Said {
    Words,
    Nothing,
}

/// Somebody at work.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Worker {
    pub(super) click: usize,
    pub(super) held: Record,
    pub(super) claimed_at: Moment,
    /// Whether somebody had decided otherwise, after the click, when it claimed the job.
    pub(super) overruled: bool,
    pub(super) at: At,
}

/// A line of the issue's history: its status since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Decision {
    pub(super) status: &'static str,
    pub(super) at: Moment,
    /// Through which click; none for Sentry's own pages.
    pub(super) click: Option<usize>,
}

/// How much may still go wrong. What is not here may happen any number of times: messages lost,
/// doubled, late or early, and the sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Left {
    /// Workers that die at their work.
    pub(super) deaths: u8,
    /// Writes that reach the table after their lease.
    pub(super) late_writes: u8,
    /// Calls that Sentry does not answer.
    pub(super) silences: u8,
    /// Words that Slack does not take.
    pub(super) deafness: u8,
    /// Decisions in Sentry's own pages.
    pub(super) decisions: u8,
}

/// One moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) now: Moment,
    pub(super) clicks: Vec<Clicked>,
    /// Sorted: it does not matter which worker is which.
    pub(super) workers: Vec<Worker>,
    pub(super) history: Vec<Decision>,
    pub(super) left: Left,
    /// The promise that was broken on the way here.
    pub(super) broken: Option<&'static str>,
}

impl State {
    /// Whether every click has ended.
    pub(super) fn is_over(&self) -> bool {
        !self.clicks.is_empty() && self.clicks.iter().all(|click| click.record.end.is_some())
    }

    /// The issue's status.
    pub(super) fn status(&self) -> &'static str {
        self.history.last().map_or("unresolved", |decision| decision.status)
    }
}

/// A step, with the click it is about.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "a counterexample prints it")]
pub(super) enum Event {
    Click,
    Decide(&'static str),
    Wait(Moment),
    Sweep(usize),
    Lose(usize),
    Deliver(usize),
    DeliverNotLast(usize),
    Die(usize),
    Judge(usize),
    Look(usize),
    LookInVain(usize),
    Change(usize),
    ChangeUnheard(usize),
    Unchanged(usize, Answer),
    Hear(usize),
    Tell(usize),
    TellInVain(usize),
    Write(usize),
}
