//! What can happen next. The rules are the product's; here is only the world they are for.
//!
//! A worker's calls end with its life, which is shorter than its lease; a write that is on its way to
//! the table may arrive later than that. Sentry knows no condition on a change, so what somebody
//! decides between a worker's look and its change is not seen: nothing can see it.

use perform::decide::{after_change, after_error, before_repeating, looks_first, overtaken};
use shared::{job::Job, sentry::client::SentryError};

use super::{
    clicks::Clicks,
    state::{Answer, At, Clicked, Decision, Event, Left, Moment, Record, State, Worker, timestamp},
    worker::{change, die, follow, is_overruled, moved, tell, with},
};

/// A worker lives no longer: its function's time-out.
const LIFE: Moment = 20_000;
/// The sweep wakes a job that has been due for longer.
const OVERDUE: Moment = 10_000;

/// A world, and which of its rules hold.
pub(super) struct World {
    pub(super) clicks: usize,
    pub(super) workers: usize,
    pub(super) left: Left,
    /// Whether a write is compared with the attempt.
    pub(super) fenced: bool,
    /// Whether a repeated attempt looks before it acts.
    pub(super) looks: bool,
    /// Whether a job whose wake-up was lost is looked for.
    pub(super) sweeps: bool,
    pub(super) product: Clicks,
}

/// A list of what can follow.
pub(super) type Steps = Vec<(Event, State)>;

impl World {
    pub(super) fn beginning(&self) -> State {
        State {
            now: 0,
            clicks: Vec::new(),
            workers: Vec::new(),
            history: Vec::new(),
            left: self.left,
            broken: None,
        }
    }

    /// Everything that can follow `state`.
    pub(super) fn steps(&self, state: &State, steps: &mut Steps) {
        self.people(state, steps);
        if let Some(then) = next_moment(state) {
            wait(state, then, steps);
        }
        for n in 0..state.clicks.len() {
            self.queue(state, n, steps);
        }
        for at in 0..state.workers.len() {
            die(state, at, steps);
            self.work(state, at, steps);
        }
        for (_, next) in steps {
            tidy(state, next);
        }
    }

    /// Alice clicks, or somebody decides in Sentry's own pages. No two of these at one moment, and
    /// nothing reaches Sentry at the moment of the click.
    fn people(&self, state: &State, steps: &mut Steps) {
        if state.clicks.len() < self.clicks {
            let mut next = later(state);
            let n = next.clicks.len();
            let job = Job { next_at: timestamp(next.now), ..self.product.template(n).clone() };
            next.clicks.push(Clicked {
                made_at: next.now,
                record: Record::of(&job),
                awaited: true,
                changes: 0,
                told: false,
            });
            steps.push((Event::Click, later(&next)));
        }
        if state.left.decisions == 0 || state.clicks.is_empty() {
            return;
        }
        for status in ["resolved", "ignored", "unresolved"] {
            if status != state.status() {
                let mut next = later(state);
                next.left.decisions -= 1;
                next.history.push(Decision { status, at: next.now, click: None });
                steps.push((Event::Decide(status), next));
            }
        }
    }

    /// Messages come, twice, or not at all; the sweep looks after those that did not.
    fn queue(&self, state: &State, n: usize, steps: &mut Steps) {
        let clicked = &state.clicks[n];
        let record = &clicked.record;
        if clicked.awaited {
            self.deliver(state, n, steps);
            let mut lost = state.clone();
            lost.clicks[n].awaited = false;
            steps.push((Event::Lose(n), lost));
        }
        let is_overdue = record.end.is_none() && record.next_at + OVERDUE < state.now;
        if is_overdue && !clicked.awaited && self.sweeps {
            let mut swept = state.clone();
            add_message(&mut swept, n);
            steps.push((Event::Sweep(n), swept));
        }
    }

    fn deliver(&self, state: &State, n: usize, steps: &mut Steps) {
        if state.workers.len() >= self.workers {
            return;
        }
        let mut next = state.clone();
        let stored = state.clicks[n].record.job(self.product.template(n));
        if let Ok(claimed) = stored.claim(timestamp(state.now)) {
            let held = Record::of(&claimed);
            next.clicks[n].record = held.clone();
            next.workers.push(Worker {
                click: n,
                held,
                claimed_at: state.now,
                overruled: is_overruled(state, n),
                at: At::Claimed,
            });
        }
        // The queue may deliver it once more.
        steps.push((Event::DeliverNotLast(n), next.clone()));
        next.clicks[n].awaited = false;
        steps.push((Event::Deliver(n), next));
    }

    /// A worker goes on.
    fn work(&self, state: &State, at: usize, steps: &mut Steps) {
        let worker = &state.workers[at];
        let n = worker.click;
        let click = self.product.click(n, &state.clicks[n]);
        let job = worker.held.job(self.product.template(n));
        let mut to = |event, then| steps.push((event, moved(state, at, then)));
        match &worker.at {
            At::Claimed => {
                let newest = self.product.newest(state);
                let then = match overtaken(&job, &click, newest.as_ref()) {
                    Some(verdict) => follow(worker, job, verdict),
                    None => with(worker, At::Newest),
                };
                to(Event::Judge(n), then);
            }
            At::Newest => {
                let looks = looks_first(&job, &click, timestamp(worker.claimed_at));
                let verdict = (looks && self.looks)
                    .then(|| before_repeating(&click, &self.product.issue(state)))
                    .flatten();
                let then = match verdict {
                    Some(verdict) => follow(worker, job.clone(), verdict),
                    None => with(worker, At::Changing),
                };
                to(Event::Look(n), then);
                if looks && state.left.silences > 0 {
                    let verdict = after_error(&click, SentryError::Unreachable);
                    let mut next = moved(state, at, follow(worker, job, verdict));
                    next.left.silences -= 1;
                    steps.push((Event::LookInVain(n), next));
                }
            }
            At::Changing => change(state, at, steps),
            At::Answered(answer) => {
                let answer = match answer {
                    Answer::Issue => Ok(self.product.issue(state)),
                    Answer::None => Err(SentryError::Unavailable),
                    Answer::Refused => Err(SentryError::Unreachable),
                };
                to(Event::Hear(n), follow(worker, job, after_change(&click, answer)));
            }
            At::Telling(end, said) => tell(state, at, &job, (*end, *said), steps),
            At::Writing(record, wakes) => {
                steps.push((Event::Write(n), self.write(state, at, record, *wakes)));
            }
        }
    }

    fn write(&self, state: &State, at: usize, record: &Record, wakes: bool) -> State {
        let mut next = state.clone();
        let n = next.workers.remove(at).click;
        let template = self.product.template(n);
        let stored = next.clicks[n].record.job(template);
        if !self.fenced || record.job(template).may_replace(&stored) {
            next.clicks[n].record = record.clone();
        }
        if wakes {
            add_message(&mut next, n);
        }
        next
    }
}

/// Sorts the workers, and checks what must not happen in any step.
fn tidy(before: &State, next: &mut State) {
    next.workers.sort();
    for (was, is) in before.clicks.iter().zip(&next.clicks) {
        let (was_row, is_row) = (&was.record, &is.record);
        if was_row.end.is_some() && was_row != is_row {
            next.broken = Some("a click that was over has changed");
        } else if is_row.attempt < was_row.attempt {
            next.broken = Some("an attempt was taken back");
        } else if is.changes > 1 {
            next.broken = Some("two changes for one click");
        } else if is_row.end.is_some() && !is.told {
            next.broken = Some("a click ended without a word");
        }
    }
}

/// When something next becomes possible by itself.
fn next_moment(state: &State) -> Option<Moment> {
    let open = state.clicks.iter().filter(|click| click.record.end.is_none());
    let moments = open.flat_map(|click| {
        let due = click.record.next_at;
        [due, due + OVERDUE + 1]
    });
    moments.filter(|moment| *moment > state.now).min()
}

/// Time passes, and workers grow too old for it.
fn wait(state: &State, then: Moment, steps: &mut Steps) {
    let mut next = State { now: then, ..state.clone() };
    let mut at = 0;
    while at < next.workers.len() {
        let worker = &next.workers[at];
        let lives = worker.claimed_at + LIFE > then;
        let on_its_way = matches!(worker.at, At::Writing(..));
        if lives {
            at += 1;
        } else if on_its_way && state.now < worker.claimed_at + LIFE {
            if next.left.late_writes == 0 {
                return;
            }
            next.left.late_writes -= 1;
            at += 1;
        } else if on_its_way {
            at += 1;
        } else {
            if next.left.deaths == 0 {
                return;
            }
            next.left.deaths -= 1;
            let gone = next.workers.remove(at);
            add_message(&mut next, gone.click);
        }
    }
    steps.push((Event::Wait(then), next));
}

pub(super) fn add_message(state: &mut State, n: usize) {
    state.clicks[n].awaited = true;
}

/// A millisecond later.
pub(super) fn later(state: &State) -> State {
    State { now: state.now + 1, ..state.clone() }
}
