//! "Resolve…" and "Archive…": a modal that opens at once, is filled when Sentry has answered, and
//! says what came of it.

use std::time::Duration;

use local::slack::{Alert, Fault, MessageTs, View};
use serde_json::{Value, json};

use crate::harness::{ALICE, ALICES, BOB, BOBS, DORAS, World};

#[tokio::test]
async fn a_modal_opens_loading_and_is_filled_by_the_worker() {
    let (world, alert) = linked(ALICES).await;
    let before = world.sentry.changes().len();

    let ack = press(&world, &alert, "resolve_dialog").await;
    let loading = shown(&world);
    world.work().await;

    assert_eq!(ack, (200, String::new()));
    assert!(loading.contains("Loading…"), "{loading}");
    let filled = shown(&world);
    for option in ["Immediately", "In the next release", "In the current release"] {
        assert!(filled.contains(option), "{option} in {filled}");
    }
    assert_eq!(world.sentry.changes().len(), before);
}

#[tokio::test]
async fn what_needs_a_release_is_not_offered_without_one() {
    let (world, alert) = linked(ALICES).await;
    world.sentry.set_releases(false);

    press(&world, &alert, "resolve_dialog").await;
    world.work().await;

    let filled = shown(&world);
    assert!(filled.contains("Immediately") && !filled.contains("In the next release"), "{filled}");
}

#[tokio::test]
async fn a_choice_is_carried_out_and_the_modal_says_so() {
    let (world, alert) = linked(ALICES).await;
    press(&world, &alert, "archive_dialog").await;
    world.work().await;

    let answer = submit(&world, "ignored:archived_until_condition_met:100").await;
    world.work().await;

    assert_eq!(answer["response_action"], "update");
    assert!(answer.to_string().contains("Working on it…"), "{answer}");
    let change = world.sentry.changes().pop().unwrap();
    assert_eq!(change.body["statusDetails"], json!({"ignoreCount": 100}));
    assert!(shown(&world).contains("The issue is archived"), "{}", shown(&world));
    assert!(world.words_of(&alert).contains("*Issue archived by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_modal_and_nowhere_else() {
    let (world, alert) = linked(DORAS).await;
    press(&world, &alert, "resolve_dialog").await;
    world.work().await;
    let before = world.slack.ephemerals(ALICE).len();

    submit(&world, "resolved").await;
    world.work().await;

    assert!(shown(&world).contains("no right to resolve this issue"), "{}", shown(&world));
    assert_eq!(world.slack.ephemerals(ALICE).len(), before);
}

#[tokio::test]
async fn access_is_checked_before_anything_is_offered() {
    let (world, alert) = linked(ALICES).await;
    world.sentry.remove_member(ALICES, "acme");

    press(&world, &alert, "resolve_dialog").await;
    world.work().await;

    let view = shown(&world);
    assert!(view.contains("Unlink your identity now") && !view.contains("Immediately"), "{view}");
}

#[tokio::test]
async fn somebody_not_linked_is_asked_to_link_and_no_modal_opens() {
    let (world, alert) = linked(ALICES).await;

    let click = world.slack.click(BOB, &alert, "resolve_dialog", "resolve_dialog").unwrap();
    world.deliver(&click).await;

    assert!(world.slack.views(BOB).is_empty());
    assert!(world.newest_words(BOB).contains("Link your identity now"));
}

#[tokio::test]
async fn a_click_that_comes_too_late_for_a_modal_asks_for_another() {
    let (world, alert) = linked(ALICES).await;
    let click = world.slack.click(ALICE, &alert, "resolve_dialog", "resolve_dialog").unwrap();

    world.clock.advance(Duration::from_secs(4));
    let ack = world.deliver(&click).await;

    assert_eq!(ack.status, 200);
    assert!(world.newest_words(ALICE).contains("Please click again"));
    assert!(world.queue.waiting().is_empty());
}

#[tokio::test]
async fn a_modal_that_slack_could_not_open_at_once_is_opened_by_the_worker() {
    let (world, alert) = linked(ALICES).await;
    world.slack.fail_next_web_api("views.open", Fault::ServerError);

    press(&world, &alert, "resolve_dialog").await;
    world.work().await;

    assert!(shown(&world).contains("Immediately"));
}

#[tokio::test]
async fn an_old_alert_opens_the_same_modal_and_is_redrawn_as_an_old_alert() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.slack.post_legacy_alert(&Alert::type_error(&world.sentry_url));
    press(&world, &alert, "resolve_dialog").await;
    world.work().await;

    submit(&world, "resolved").await;
    world.work().await;

    let message = world.slack.message(&alert).unwrap();
    assert!(message.content.blocks.is_empty());
    assert!(message.words().contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_choice_counts_from_when_it_was_made_and_not_from_when_the_modal_was_opened() {
    let (world, alert) = opened_beside_bob().await;
    world.click(BOB, &alert, "resolved").await;
    world.work().await;
    world.clock.advance(Duration::from_secs(20));

    submit(&world, "ignored:archived_until_escalating").await;
    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "ignored");
    assert!(shown(&world).contains("The issue is archived"), "{}", shown(&world));
}

#[tokio::test]
async fn what_somebody_did_in_sentry_while_the_modal_was_open_is_older_than_the_choice() {
    let (world, _) = opened_beside_bob().await;
    world.sentry.change_issue_as(BOBS, "4815", "resolved");
    world.clock.advance(Duration::from_secs(20));

    submit(&world, "ignored:archived_until_escalating").await;
    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "ignored");
}

#[tokio::test]
async fn a_click_in_the_very_second_of_a_choice_and_after_it_is_the_later_decision() {
    let (world, alert) = opened_beside_bob().await;
    world.clock.advance(Duration::from_millis(300));
    submit(&world, "ignored:archived_until_escalating").await;
    world.clock.advance(Duration::from_millis(200));
    world.click(BOB, &alert, "resolved").await;

    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(shown(&world).contains("clicked on this issue after you"), "{}", shown(&world));
}

#[tokio::test]
async fn a_choice_whose_request_comes_twice_is_carried_out_once() {
    let (world, _) = opened_beside_bob().await;
    let before = world.sentry.changes().len();
    let (id, choice) = (view(&world).id, ("choice".into(), "resolved".into()));
    let request = world.slack.submit(ALICE, &id, &[choice]).unwrap();

    world.deliver(&request).await;
    world.clock.advance(Duration::from_secs(3));
    world.deliver(&request).await;
    world.work().await;

    assert_eq!(world.sentry.changes().len(), before + 1);
}

/// Alice's modal is open and filled, for ten seconds by now, and Bob is linked too.
async fn opened_beside_bob() -> (World, MessageTs) {
    let (world, alert) = linked(ALICES).await;
    world.link(BOB, BOBS).await;
    press(&world, &alert, "archive_dialog").await;
    world.work().await;
    world.clock.advance(Duration::from_secs(10));
    (world, alert)
}

async fn linked(account: &str) -> (World, MessageTs) {
    let world = World::with_linked(ALICE, account).await;
    let alert = world.slack.post_alert(&Alert::type_error(&world.sentry_url));
    (world, alert)
}

async fn press(world: &World, alert: &MessageTs, dialog: &str) -> (u16, String) {
    let click = world.slack.click(ALICE, alert, dialog, dialog).unwrap();
    let ack = world.deliver(&click).await;
    (ack.status, ack.body)
}

/// Alice chooses this in her modal; the answer that Slack gets.
async fn submit(world: &World, value: &str) -> Value {
    let view = view(world);
    let request = world.slack.submit(ALICE, &view.id, &[("choice".into(), value.into())]).unwrap();
    let answer = world.deliver(&request).await;
    serde_json::from_str(&answer.body).unwrap()
}

fn view(world: &World) -> View {
    world.slack.views(ALICE).pop().expect("a modal is open")
}

fn shown(world: &World) -> String {
    Value::Object(view(world).definition).to_string()
}
