//! The app's home: who one is in Sentry, with the one button that changes it.

use local::slack::{Fault, View};
use serde_json::Value;

use crate::harness::{ALICE, ALICES, BOB, World};

/// Somebody opens the home; what stands there then.
pub(super) async fn open(world: &World, user: &str) -> View {
    let answer = world.hear(&world.slack.open_home(user).unwrap()).await;
    assert_eq!(answer.status, 200);
    world.slack.home(user).unwrap()
}

pub(super) fn words(view: &View) -> String {
    view.blocks()[1]["text"]["text"].as_str().unwrap().to_owned()
}

pub(super) fn button(view: &View) -> &Value {
    &view.blocks()[2]["elements"][0]
}

#[tokio::test]
async fn who_is_not_linked_is_offered_to_link() {
    let world = World::new().await;

    let home = open(&world, ALICE).await;

    assert!(words(&home).contains("not linked to a Sentry account yet"), "{}", words(&home));
    assert_eq!(button(&home)["action_id"], "link_identity");
    assert!(world.rows().flows.is_empty(), "looking makes no link");
}

#[tokio::test]
async fn who_is_linked_sees_the_account_and_the_way_out() {
    let world = World::with_linked(ALICE, ALICES).await;

    let home = open(&world, ALICE).await;

    assert!(words(&home).contains("*Alice Archer* (alice@acme.example)"), "{}", words(&home));
    assert!(words(&home).contains("*Acme Inc*"), "{}", words(&home));
    let identity = world.rows().identities.into_values().next().unwrap();
    assert_eq!(button(&home)["value"], identity.link_id);
}

#[tokio::test]
async fn everybody_sees_their_own() {
    let world = World::with_linked(ALICE, ALICES).await;
    open(&world, ALICE).await;

    let home = open(&world, BOB).await;

    assert!(!format!("{home:?}").contains("alice"), "{home:?}");
}

#[tokio::test]
async fn opening_the_other_tab_draws_nothing() {
    let world = World::new().await;

    let answer = world.hear(&world.slack.open_messages(ALICE).unwrap()).await;

    assert_eq!(answer.status, 200);
    assert_eq!((world.slack.home(ALICE), world.slack.log().len()), (None, 0));
}

#[tokio::test]
async fn opened_again_it_is_drawn_again() {
    let world = World::new().await;
    let before = open(&world, ALICE).await;
    world.link(ALICE, ALICES).await;

    let after = open(&world, ALICE).await;

    assert_eq!(before.id, after.id);
    assert_eq!(button(&after)["action_id"], "unlink_identity");
}

#[tokio::test]
async fn while_slack_is_down_the_event_comes_again() {
    let world = World::new().await;
    world.slack.fail_next_web_api("views.publish", Fault::ServerError);
    let opened = world.slack.open_home(ALICE).unwrap();

    let statuses = [world.hear(&opened).await.status, world.hear(&opened).await.status];

    assert_eq!(statuses, [503, 200]);
    assert!(world.slack.home(ALICE).is_some());
}

#[tokio::test]
async fn what_slack_refuses_to_show_does_not_come_again() {
    let world = World::new().await;
    world.slack.fail_next_web_api("views.publish", Fault::Error("not_enabled"));

    let answer = world.hear(&world.slack.open_home(ALICE).unwrap()).await;

    assert_eq!(answer.status, 200);
}
