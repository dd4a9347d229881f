//! A worker's real process, killed with SIGKILL at every call that carrying a click out takes: as the
//! call is made, and when its answer is on the way. The click is made in Slack, and admitted by the
//! real `action`.
//!
//! Whatever the moment: the sweep finds the job when the lease is over, another process brings it to
//! its end with its own lease, which is the second one, Sentry has changed once, and the alert says
//! so. A process's clock cannot be moved (it is the machine's), so the table is moved instead: what
//! its rows wait for lies so much further back.
//!
//! `BELAY_KILLS=500` makes it as many clicks whose workers die one after the other, at calls that the
//! dice choose; without it there are a few.

use local::sentry::Mode;

use super::{
    stage::{Moment, Stage, Trouble},
    stop,
};
use crate::harness::{Dice, how_many};

/// The most workers of one click that die; with the one that does not, a job's attempts suffice.
const MOST_DEATHS: usize = 3;
/// A worker that takes over looks first, so it makes a few calls more than one that does not.
const MOST_CALLS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_call_leaves_one_change_that_is_told() {
    let kills = killed_at_every_call(Trouble::Nothing).await;

    // Claim, read, the change, the answer in Slack, the other places, the end: each twice.
    assert!(kills >= 12, "{kills}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_call_while_a_token_is_renewed_leaves_one_change_that_is_told() {
    let kills = killed_at_every_call(Trouble::EndedToken).await;

    // The lease of the renewal, the renewal, the new tokens as well.
    assert!(kills >= 18, "{kills}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_call_for_somebody_who_is_no_member_leaves_it_told() {
    let kills = killed_at_every_call(Trouble::NoMember).await;

    // The refused change, the question about the membership, the flow behind the way out as well.
    assert!(kills >= 12, "{kills}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_call_while_sentry_fails_leaves_one_change_that_is_told() {
    let kills = killed_at_every_call(Trouble::SentryFails).await;

    // Claim, read, the change that fails, the job put off, the wake-up.
    assert!(kills >= 10, "{kills}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_click_whose_workers_die_one_after_the_other_there_is_one_change_that_is_told() {
    let stage = Stage::set().await;
    let seeds: usize = how_many("BELAY_KILLS", 4);
    let mut kills = 0;
    for seed in 0..seeds {
        let mut dice = Dice(seed as u64);
        let click = stage.click().await;
        let mut woken = Some(stage.message_about(&click.key).await);
        let mut moments = vec![];

        for _ in 0..=dice.below(MOST_DEATHS) {
            let moment =
                Moment { nth: 1 + dice.below(MOST_CALLS), of_answer: dice.among(&[false, true]) };
            let Some(message) = woken else { break };
            kills += usize::from(stage.killed(message, moment).await);
            woken = stage.swept(&click).await;
            moments.push(moment);
        }
        if let Some(message) = woken {
            stage.carried_out(message).await;
        }

        let about = format!("seed {seed}: {moments:?}");
        stage.assert_ended(Trouble::Nothing, &click, moments.len() + 1, &about);
    }
    println!("{kills} processes killed over {seeds} clicks");
    assert!(kills > 0, "nobody died");
    stop(stage.bundle).await;
}

/// How many workers were killed, each of another click and at another moment.
async fn killed_at_every_call(trouble: Trouble) -> usize {
    let stage = Stage::set().await;
    let mut kills = 0;
    for of_answer in [false, true] {
        for nth in 1.. {
            let moment = Moment { nth, of_answer };
            stage.get_into(trouble);
            let click = stage.click().await;

            let is_dead = stage.killed(stage.message_about(&click.key).await, moment).await;
            stage.bundle.sentry.set_mode(Mode::Normal);
            if let Some(message) = stage.swept(&click).await {
                stage.carried_out(message).await;
            }

            // The worker's, and that of who takes over, or comes again.
            let most_leases = 2;
            let click = stage.signed_in_again(click).await;
            stage.assert_ended(trouble, &click, most_leases, &format!("{trouble:?}, {moment:?}"));
            if !is_dead {
                break;
            }
            kills += 1;
        }
    }
    println!("{kills} processes killed, trouble: {trouble:?}");
    stop(stage.bundle).await;
    kills
}
