//! Every order of everything that can go wrong with a click or two, up to a bound: two or three
//! workers that die at any step, messages that are lost, doubled, early or late, leases that run
//! out, answers of Sentry that do not come although the change was made, somebody who decides
//! otherwise in between, a Slack that takes no words.
//!
//! The rules are called, not copied: `shared::job` and `perform::decide`. In no state that can be
//! reached has one click made two changes, or a repeated attempt overwritten a decision that was newer
//! than its click, or a worker without the lease written anything, or a click ended without a word;
//! and from each of them every click can still come to its end.
//!
//! `BELAY_STATES=all` explores a larger world as well, of millions of states; [`walks`] goes further than
//! any bound, along single ways.
//!
//! What happens within a first attempt, seconds after the click, is not looked at by the product, so
//! it is not promised here either.

mod clicks;
mod explorer;
mod state;
mod walks;
mod worker;
mod world;

use clicks::Clicks;
use explorer::explore;
use state::Left;
use world::World;

fn one_click() -> World {
    World {
        clicks: 1,
        workers: 2,
        left: Left { deaths: 1, late_writes: 1, silences: 1, deafness: 0, decisions: 1 },
        fenced: true,
        looks: true,
        sweeps: true,
        product: Clicks::new(),
    }
}

/// Explores a world in which nothing may be found, of at least so many states.
fn assert_sound(world: &World, at_least: usize) {
    let found = explore(world);

    println!("{} states, {} of them the end of every click", found.states, found.ends);
    assert_eq!(found.counterexample, None);
    assert!(found.states >= at_least, "{} states", found.states);
}

#[test]
fn whatever_happens_to_one_click_no_promise_is_broken() {
    assert_sound(&one_click(), 150_000);
}

#[test]
fn whatever_happens_to_two_clicks_no_promise_is_broken() {
    let left = Left { deaths: 0, late_writes: 0, silences: 1, deafness: 0, decisions: 0 };
    assert_sound(&World { clicks: 2, left, ..one_click() }, 70_000);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "of the tests, not of the bundle's settings")]
fn whatever_happens_to_one_click_while_slack_fails_and_three_work_no_promise_is_broken() {
    if std::env::var("BELAY_STATES").is_ok_and(|states| states == "all") {
        let left = Left { deaths: 1, late_writes: 1, silences: 1, deafness: 1, decisions: 1 };
        assert_sound(&World { workers: 3, left, ..one_click() }, 1_000_000);
    } else {
        let left = Left { deaths: 1, late_writes: 0, silences: 1, deafness: 1, decisions: 0 };
        assert_sound(&World { workers: 3, left, ..one_click() }, 5_000);
    }
}

#[test]
fn without_the_fence_a_late_write_undoes_what_was_written_since() {
    let found = explore(&World { fenced: false, ..one_click() }).counterexample.unwrap();

    let undone = ["a click that was over has changed", "an attempt was taken back"];
    assert!(undone.iter().any(|what| found.starts_with(what)), "{found}");
}

#[test]
fn without_a_look_a_repeated_attempt_repeats_the_change() {
    let left = Left { decisions: 0, ..one_click().left };
    let found = explore(&World { looks: false, left, ..one_click() }).counterexample.unwrap();

    assert!(found.starts_with("two changes for one click"), "{found}");
}

#[test]
fn without_a_look_a_repeated_attempt_overwrites_a_newer_decision() {
    let found = explore(&World { looks: false, ..one_click() }).counterexample.unwrap();

    assert!(found.starts_with("a newer decision was overwritten"), "{found}");
}
