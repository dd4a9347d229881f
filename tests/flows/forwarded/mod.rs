//! Links, returns, forms and even cookies in the wrong hands, in an order that a seed decides.
//!
//! Several browsers go the ways of linking and unlinking at once, and hand each other whatever they
//! hold. Whatever the order: a link binds its owner and nobody else, in a browser that Slack knows as
//! the owner, to the account that this very browser has in Sentry; and it is taken apart only by who
//! is one of its two sides. A failure names its seed and its steps.
//!
//! `BELAY_FORWARDS=10000` makes it as many schedules; without it there are a few.

mod schedule;
mod visitor;

use self::schedule::{Schedule, Tally};
use crate::harness::{World, how_many};

/// As many as a debug build does in some ten seconds.
const SCHEDULES: u64 = 80;
/// A world is used for this many: making one takes longer than a schedule.
const PER_WORLD: u64 = 20;

#[tokio::test]
async fn a_link_binds_its_owner_s_slack_session_to_the_same_browser_s_account_or_nothing() {
    let schedules = how_many("BELAY_FORWARDS", SCHEDULES);
    let mut tally = Tally::default();
    for first in (0..schedules).step_by(usize::try_from(PER_WORLD).unwrap()) {
        let world = World::new().await;
        for seed in first..schedules.min(first + PER_WORLD) {
            tally.add(&Schedule::new(&world, seed).await.play().await);
        }
    }
    println!("{schedules} schedules: {tally:?}");
    // The schedules go where they are meant to go.
    let enough = usize::try_from(schedules / 10).unwrap();
    assert!(tally.bound > enough && tally.unlinked > enough / 4, "{tally:?}");
    assert!(tally.forwarded > enough && tally.wrong_user > 0, "{tally:?}");
}
