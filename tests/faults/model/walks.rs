//! Clicks by the hundred thousand, through the same world: whoever explores every order has to stop
//! at a few faults; a walk has as many as come. At every tenth of all steps something goes wrong.
//! Each walk is an issue with two clicks, and a seed decides about it.
//!
//! `BELAY_CLICKS=1000000` makes it as many clicks; without it there are a few.

use std::collections::BTreeMap;

use super::{
    clicks::Clicks,
    state::{End, Event, Left, State},
    world::World,
};
use crate::harness::{Dice, how_many};

/// So many clicks are a few.
const A_FEW: usize = 20_000;
/// So often something is wanted to go wrong: more often than it does, since at some steps nothing can.
const FAULTS_IN_A_HUNDRED: usize = 14;
/// Nothing takes as long: a click that is not over by then will never be.
const FOR_EVER: usize = 2_000;

fn world() -> World {
    let often = u8::MAX;
    let left =
        Left { deaths: often, late_writes: often, silences: often, deafness: often, decisions: 3 };
    World {
        clicks: 2,
        workers: 3,
        left,
        fenced: true,
        looks: true,
        sweeps: true,
        product: Clicks::new(),
    }
}

/// What came of many walks.
#[derive(Debug, Default)]
struct Tally {
    clicks: usize,
    steps: usize,
    faults: BTreeMap<String, usize>,
    ends: BTreeMap<End, usize>,
    /// The promises that were broken: how often, and the first seed.
    broken: BTreeMap<&'static str, (usize, u64)>,
}

impl Tally {
    fn of(world: &World, clicks: usize) -> Self {
        let mut tally = Self::default();
        for seed in 0.. {
            if tally.clicks >= clicks {
                break;
            }
            tally.walk(world, seed);
        }
        tally
    }

    fn walk(&mut self, world: &World, seed: u64) {
        let (mut state, mut dice) = (world.beginning(), Dice(seed));
        let mut possible = Vec::new();
        for _ in 0..FOR_EVER {
            if state.broken.is_some() || state.clicks.len() == world.clicks && state.is_over() {
                break;
            }
            world.steps(&state, &mut possible);
            let Some(at) = choose(&possible, &mut dice) else { break };
            let (event, next) = possible.swap_remove(at);
            possible.clear();
            self.steps += 1;
            if is_fault(event) {
                let name = format!("{event:?}").split('(').next().unwrap().to_owned();
                *self.faults.entry(name).or_default() += 1;
            }
            state = next;
        }
        self.judge(&state, seed);
    }

    fn judge(&mut self, state: &State, seed: u64) {
        self.clicks += state.clicks.len();
        let ends = state.clicks.iter().filter_map(|click| click.record.end);
        ends.for_each(|end| *self.ends.entry(end).or_default() += 1);
        let broken = state.broken.or((!state.is_over()).then_some("a click was lost"));
        if let Some(what) = broken {
            self.broken.entry(what).or_insert((0, seed)).0 += 1;
        }
    }
}

/// Which of the possible steps is taken; none where nothing will ever happen any more.
fn choose(possible: &[(Event, State)], dice: &mut Dice) -> Option<usize> {
    let which = |wanted: fn(Event) -> bool| -> Vec<usize> {
        (0..possible.len()).filter(|at| wanted(possible[*at].0)).collect()
    };
    let wanted: [fn(Event) -> bool; 5] = match dice.below(100) {
        0..FAULTS_IN_A_HUNDRED => [is_fault, is_work, is_click, is_wait, is_decision],
        14..19 => [is_click, is_work, is_wait, is_decision, is_fault],
        19..22 => [is_decision, is_work, is_click, is_wait, is_fault],
        22..30 => [is_wait, is_work, is_click, is_decision, is_fault],
        _ => [is_work, is_click, is_wait, is_decision, is_fault],
    };
    let choices = wanted.into_iter().map(which).find(|choices| !choices.is_empty())?;
    Some(dice.among(&choices))
}

/// What no plan has in it: it goes on all the same.
fn is_fault(event: Event) -> bool {
    matches!(
        event,
        Event::Die(_)
            | Event::Lose(_)
            | Event::DeliverNotLast(_)
            | Event::LookInVain(_)
            | Event::ChangeUnheard(_)
            | Event::Unchanged(..)
            | Event::TellInVain(_)
    )
}

fn is_click(event: Event) -> bool {
    matches!(event, Event::Click)
}

fn is_decision(event: Event) -> bool {
    matches!(event, Event::Decide(_))
}

fn is_wait(event: Event) -> bool {
    matches!(event, Event::Wait(_))
}

fn is_work(event: Event) -> bool {
    !is_fault(event) && !is_click(event) && !is_decision(event) && !is_wait(event)
}

#[test]
fn of_a_multitude_of_clicks_none_is_lost_doubled_or_overwrites_a_newer_decision() {
    let tally = Tally::of(&world(), how_many("BELAY_CLICKS", A_FEW));

    let faults: usize = tally.faults.values().sum();
    println!(
        "{} clicks in {} steps, {faults} of them faults {:?}: {:?}; broken promises: {:?}",
        tally.clicks, tally.steps, tally.faults, tally.ends, tally.broken
    );
    assert!(tally.broken.is_empty(), "{:?}", tally.broken);
    // Every kind of fault came, and clicks ended in every way.
    assert_eq!((tally.faults.len(), tally.ends.len()), (7, 3), "{tally:?}");
    assert!(faults * 10 >= tally.steps, "{faults} faults in {} steps", tally.steps);
}

#[test]
fn without_a_look_walks_overwrite_newer_decisions_and_double_changes() {
    let tally = Tally::of(&World { looks: false, ..world() }, 4_000);

    for what in ["a newer decision was overwritten", "two changes for one click"] {
        assert!(tally.broken.contains_key(what), "{:?}", tally.broken);
    }
}

#[test]
fn without_the_sweep_a_click_whose_wake_up_is_lost_is_lost() {
    let tally = Tally::of(&World { sweeps: false, ..world() }, 4_000);

    assert!(tally.broken.contains_key("a click was lost"), "{:?}", tally.broken);
}

#[test]
fn without_the_fence_walks_undo_what_was_written() {
    let tally = Tally::of(&World { fenced: false, ..world() }, 4_000);

    assert!(!tally.broken.is_empty());
}
