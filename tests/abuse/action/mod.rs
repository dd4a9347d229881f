//! `POST /action`: what is not Slack's, and what Slack's never is.

mod body;
mod payload;
mod people;
mod response_url;
mod route;

use serde_json::Value;

use super::{
    Edits,
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{ALICE, ALICES, World, event_of};

/// A workspace in which Alice is linked, and a click of hers that has not been sent: each row
/// spoils one thing of it.
struct Scene {
    world: World,
    click: Value,
}

impl Scene {
    async fn new() -> Self {
        let world = World::with_linked(ALICE, ALICES).await;
        let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        Self { world, click }
    }

    /// The click with something changed.
    fn spoilt(&self, edit: impl FnOnce(&mut Value)) -> Value {
        let mut click = self.click.clone();
        edit(&mut click);
        click
    }

    /// API Gateway's event of the genuine click.
    fn event(&self) -> Value {
        event_of(&self.world.slack.sign_payload(&self.click))
    }

    /// This payload, signed by Slack, is refused and leaves no trace.
    async fn assert_refuses(&self, payload: &Value, status: u16, case: &str) {
        let event = event_of(&self.world.slack.sign_payload(payload));
        assert_refused(&self.world, &event, status, case).await;
    }

    /// This body, signed by Slack, is refused and leaves no trace.
    async fn assert_refuses_body(&self, body: &[u8], status: u16, case: &str) {
        let event = event_of(&self.world.slack.sign(body));
        assert_refused(&self.world, &event, status, case).await;
    }
}

/// This event is refused without a word, and leaves no trace.
async fn assert_refused(world: &World, event: &Value, status: u16, case: &str) {
    let before = Before::of(world);

    let answer = world.dispatch(event).await;

    assert_answer(&answer, status, Kind::Empty, case);
    before.assert_untouched(world, case);
}

#[tokio::test]
async fn the_click_that_the_rows_spoil_is_good() {
    let scene = Scene::new().await;
    let jobs = scene.world.rows().jobs.len();

    let answer = scene.world.dispatch(&scene.event()).await;

    assert_answer(&answer, 200, Kind::Empty, "the genuine click");
    assert_eq!(scene.world.rows().jobs.len(), jobs + 1);
}
