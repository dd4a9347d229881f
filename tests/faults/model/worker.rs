//! What a worker does with one answer, and what else can come of it.

use std::time::Duration;

use perform::decide::{Verdict, Words, given_up};
use shared::job::{Job, Retry};

use super::{
    clicks::Clicks,
    state::{Answer, At, Decision, End, Event, Record, Said, State, Worker, timestamp},
    world::{Steps, add_message},
};

/// A click that is first carried out later than this is carried out like a repeated one.
const LATE: u32 = 10_000;
/// The middle of the spread.
const SPREAD: u8 = 127;

/// A worker dies; its message comes again.
pub(super) fn die(state: &State, at: usize, steps: &mut Steps) {
    if state.left.deaths == 0 {
        return;
    }
    let mut next = state.clone();
    next.left.deaths -= 1;
    let gone = next.workers.remove(at);
    add_message(&mut next, gone.click);
    steps.push((Event::Die(gone.click), next));
}

/// The change reaches Sentry or does not, and its answer comes or does not.
pub(super) fn change(state: &State, at: usize, steps: &mut Steps) {
    let worker = &state.workers[at];
    let n = worker.click;
    let mut made = state.clone();
    made.clicks[n].changes += 1;
    if worker.overruled && is_repeated(state, worker) {
        made.broken = Some("a newer decision was overwritten");
    }
    let status = Clicks::wanted(n);
    if made.status() != status {
        made.history.push(Decision { status, at: made.now, click: Some(n) });
    }
    made.workers[at].at = At::Answered(Answer::Issue);
    steps.push((Event::Change(n), made.clone()));
    if state.left.silences == 0 {
        return;
    }
    made.left.silences -= 1;
    made.workers[at].at = At::Answered(Answer::None);
    steps.push((Event::ChangeUnheard(n), made));
    for answer in [Answer::None, Answer::Refused] {
        let mut unmade = moved(state, at, with(worker, At::Answered(answer)));
        unmade.left.silences -= 1;
        steps.push((Event::Unchanged(n, answer), unmade));
    }
}

pub(super) fn tell(
    state: &State,
    at: usize,
    job: &Job,
    (end, said): (End, Said),
    steps: &mut Steps,
) {
    let worker = &state.workers[at];
    let n = worker.click;
    let over = At::Writing(Record::of(&job.finish(end.outcome())), false);
    let mut told = moved(state, at, with(worker, over.clone()));
    told.clicks[n].told = true;
    steps.push((Event::Tell(n), told));
    if said == Said::Words && state.left.deafness > 0 {
        let retry = job.retry(timestamp(worker.claimed_at), Duration::ZERO, SPREAD);
        let (then, plan_is_over) = match retry {
            Retry::Later(again) => (At::Writing(Record::of(&again), true), false),
            Retry::GiveUp => (over, true),
        };
        let mut untold = moved(state, at, with(worker, then));
        untold.left.deafness -= 1;
        // A Slack that takes nothing for the whole plan is told nothing.
        untold.clicks[n].told |= plan_is_over;
        steps.push((Event::TellInVain(n), untold));
    }
}

/// What a worker does about a verdict.
pub(super) fn follow(worker: &Worker, job: Job, verdict: Verdict) -> Worker {
    match verdict {
        Verdict::Finish(outcome, words) => {
            let said = if words == Words::Nothing { Said::Nothing } else { Said::Words };
            Worker { held: Record::of(&job), ..with(worker, At::Telling(End::of(outcome), said)) }
        }
        Verdict::Retry { at_least, because, changed_nothing } => {
            let job = if changed_nothing { job.changed_nothing() } else { job };
            match job.retry(timestamp(worker.claimed_at), at_least, SPREAD) {
                Retry::Later(again) => with(worker, At::Writing(Record::of(&again), true)),
                Retry::GiveUp => {
                    let verdict = given_up(&job, because);
                    follow(worker, job, verdict)
                }
            }
        }
        other => panic!("the model does not lead to {other:?}"),
    }
}

/// Whether somebody decided otherwise after the click.
pub(super) fn is_overruled(state: &State, n: usize) -> bool {
    let made_at = state.clicks[n].made_at;
    let newer = |decision: &&Decision| decision.at > made_at && decision.click != Some(n);
    state.history.iter().rfind(newer).is_some()
}

/// Whether this is no fresh click any more.
pub(super) fn is_repeated(state: &State, worker: &Worker) -> bool {
    let waited = worker.claimed_at - state.clicks[worker.click].made_at;
    worker.held.attempt > 1 || waited > LATE
}

pub(super) fn with(worker: &Worker, at: At) -> Worker {
    Worker { at, ..worker.clone() }
}

pub(super) fn moved(state: &State, at: usize, worker: Worker) -> State {
    let mut next = state.clone();
    next.workers[at] = worker;
    next
}
