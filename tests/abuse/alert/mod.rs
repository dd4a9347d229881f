//! `POST /alert` and what belongs to it: what is not Sentry's, and what Sentry's never is.

mod body;
mod organization;
mod rule;
mod signature;

use local::{sentry::SignedHook, slack::BACKEND};
use serde_json::{Value, json};

use super::{
    Edits,
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{
    World,
    alerts::{ISSUE, rule_for},
    hook_event as event_of,
};

/// A webhook that is good, and has not been sent.
fn genuine(world: &World) -> SignedHook {
    world.sentry.fire_alert(ISSUE, &rule_for(BACKEND)).unwrap()
}

/// This event is refused without a word, and leaves no trace.
async fn assert_refused(world: &World, event: &Value, status: u16, case: &str) {
    let before = Before::of(world);

    let answer = world.dispatch(event).await;

    assert_answer(&answer, status, Kind::Empty, case);
    before.assert_untouched(world, case);
}

#[tokio::test]
async fn the_webhook_that_the_rows_spoil_is_good() {
    let world = World::new().await;

    let answer = world.dispatch(&event_of(&genuine(&world))).await;

    assert_answer(&answer, 200, Kind::Empty, "the genuine webhook");
    assert_eq!(world.rows().posts.len(), 1);
}

#[tokio::test]
async fn a_webhook_is_posted() {
    let world = World::new().await;
    for method in ["GET", "PUT", "DELETE"] {
        let mut event = event_of(&genuine(&world));
        event["requestContext"]["http"]["method"] = json!(method);
        assert_refused(&world, &event, 405, method).await;
    }
    for path in ["/alert/x", "/alert/rule/x", "/alerts"] {
        let mut event = event_of(&genuine(&world));
        event["rawPath"] = json!(path);
        assert_refused(&world, &event, 404, path).await;
    }
}
