//! Who may claim a job and who may write what came of it is the job's own rule, `Job::claim` and
//! `Job::may_replace`, which models and schedules go by; a table behind a protocol has conditions
//! instead. Whatever the job, the worker and the time, both say the same.
//!
//! `BELAY_RULES=20000` makes it as many cases; without it there are a few.

use std::collections::BTreeMap;

use shared::{
    clock::Timestamp,
    job::{Job, JobKey, LEASE, NotClaimed, Outcome},
    store::{AdmitJob, WorkJobs, Written},
};

use super::{
    records::{after, job},
    table::Table,
};
use crate::harness::{Dice, NOON, how_many};

every_table! {
    a_job_is_claimed_exactly_when_its_own_rule_says_so,
    what_came_of_an_attempt_is_written_exactly_when_the_jobs_own_rule_says_so,
}

/// So many cases are a few.
const FEW: usize = 200;
/// Whatever is open can be claimed then.
const EVER_AFTER: Timestamp = Timestamp::from_secs(9_000_000_000);

/// How far apart two moments are, in milliseconds: most of the cases lie at an edge.
const APART: [i64; 9] = [-100_000_000, -30_000, -1000, -1, 0, 1, 1000, 30_000, 100_000_000];
/// How many attempts a job has had: also so many that they are no digits any more.
const ATTEMPTS: [u32; 7] = [0, 1, 2, 3, 9, 10, 11];

/// What came of the cases, by name.
type Tally = BTreeMap<String, usize>;

/// A job somewhere on its way.
fn any_job(dice: &mut Dice, case: usize) -> Job {
    let due =
        [NOON, after(30), after(300), Timestamp::from_secs(999_999), Timestamp::from_millis(0)];
    let at = Job { attempt: dice.among(&ATTEMPTS), next_at: dice.among(&due), ..job("any") };
    let at = Job { key: JobKey::of_flow(&case.to_string()), admitted_at: at.next_at, ..at };
    if dice.below(4) == 0 { at.finish(Outcome::Done) } else { at }
}

/// What a worker wants to write that has, or once had, a job like this.
fn any_result(dice: &mut Dice, stored: &Job) -> Job {
    let attempts = [stored.attempt, stored.attempt, stored.attempt + 1, dice.among(&ATTEMPTS)];
    let held = Job { attempt: dice.among(&attempts), ..stored.clone() };
    match dice.below(3) {
        0 => held.finish(Outcome::GaveUp),
        1 => Job { next_at: held.next_at.plus(LEASE), ..held },
        _ => held.changed_nothing(),
    }
}

fn around(dice: &mut Dice, moment: Timestamp) -> Timestamp {
    Timestamp::from_millis((moment.millis() + dice.among(&APART)).max(0))
}

async fn a_job_is_claimed_exactly_when_its_own_rule_says_so(table: impl Table) {
    let (store, mut dice, mut tally) = (table.store(), Dice(0), Tally::new());
    for case in 0..how_many("BELAY_RULES", FEW) {
        let stored = any_job(&mut dice, case);
        let now = around(&mut dice, stored.next_at);
        store.admit(&stored).await.unwrap();

        let claimed = store.claim(&stored.key, now).await.unwrap();

        assert_eq!(claimed, stored.claim(now), "case {case}: {stored:?} at {now:?}");
        let came_of_it = claimed.as_ref().map(|_| "claimed");
        *tally.entry(format!("{came_of_it:?}")).or_default() += 1;
        assert_stands(&store, &claimed.unwrap_or(stored)).await;
    }
    let ways = [Ok("claimed"), Err(NotClaimed::NotDue), Err(NotClaimed::Over)];
    assert_every_way(&tally, ways.map(|way| format!("{way:?}")));
}

async fn what_came_of_an_attempt_is_written_exactly_when_the_jobs_own_rule_says_so(
    table: impl Table,
) {
    let (store, mut dice, mut tally) = (table.store(), Dice(0), Tally::new());
    for case in 0..how_many("BELAY_RULES", FEW) {
        let stored = any_job(&mut dice, case);
        let result = any_result(&mut dice, &stored);
        store.admit(&stored).await.unwrap();

        let written = store.settle(&result).await.unwrap();

        let allowed = result.may_replace(&stored);
        let expected = if allowed { Written::Yes } else { Written::Outdated };
        assert_eq!(written, expected, "case {case}: {result:?} over {stored:?}");
        *tally.entry(format!("{written:?}, over {:?}", stored.phase)).or_default() += 1;
        assert_stands(&store, if allowed { &result } else { &stored }).await;
    }
    assert_every_way(&tally, ["Yes, over Open", "Outdated, over Open", "Outdated, over Final"]);
}

/// That this is what the table holds: an open job is shown by who claims it, one that is over by none
/// being able to.
async fn assert_stands(store: &impl WorkJobs, expected: &Job) {
    let shown = store.claim(&expected.key, EVER_AFTER).await;
    assert_eq!(shown, Ok(expected.claim(EVER_AFTER)), "{expected:?}");
}

/// The cases went everywhere, and not just once.
fn assert_every_way(tally: &Tally, ways: impl IntoIterator<Item = impl AsRef<str>>) {
    println!("{tally:?}");
    for way in ways {
        let often = tally.get(way.as_ref()).copied().unwrap_or_default();
        assert!(often > 20, "{}: {tally:?}", way.as_ref());
    }
}
