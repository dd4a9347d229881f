//! Something else is written about the workspace while Slack renews its token. The refresh token is
//! spent by then, so that the pair is kept all the same.

use std::time::Duration;

use serde_json::{Value, json};

use super::{is_good, rotating, row, token};
use crate::{
    faults::table::{Part, Table},
    harness::{ALICE, World},
};

/// Somebody has the installation in hand, and waits for Slack.
pub(super) async fn in_hand(world: &World) {
    while !row(world).leased {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_channel_that_is_chosen_meanwhile_and_the_new_pair_are_both_kept() {
    let world = rotating().await;
    let before = token(&world);
    world.clock.advance(Duration::from_hours(10) + Duration::from_secs(1));

    let ((), answer) = tokio::join!(world.sweep(), async {
        in_hand(&world).await;
        world.command(ALICE, "alerts here").await
    });

    assert_eq!((answer.status, world.slack.refreshes()), (200, 1));
    assert!(row(&world).alerts.is_some(), "{}", answer.body);
    assert_ne!(token(&world), before);
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn a_pair_that_could_not_be_written_at_first_is_written_then() {
    let world = rotating().await;
    let (before, table) = (token(&world), Table::of(&world));
    let worker = table.perform(&world);
    world.clock.advance(Duration::from_hours(10) + Duration::from_secs(1));

    let (answer, ()) = tokio::join!(worker.handle(json!({"source": "aws.events"})), async {
        in_hand(&world).await;
        table.fail_once(Part::ChangeInstallation);
    });

    assert_eq!((answer, world.slack.refreshes()), (Value::Null, 1));
    assert_ne!(token(&world), before);
    assert!(is_good(&world).await);
}
