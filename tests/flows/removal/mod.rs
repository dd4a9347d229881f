//! The app is removed from a workspace: what ends at once, what stays, and what a new install finds.

mod delivery;
mod found;
mod orders;
mod people;

use local::slack::SignedRequest;
use serde_json::Value;
use shared::{identity::InstallationStatus, job::Outcome, secret::Sealed};

use crate::harness::{
    ACME, ALICE, ALICES, BOB, BOBS, World,
    browser::{Browser, form_of},
};

/// The app is removed in Slack, and Slack says so.
async fn remove(world: &World) {
    for event in world.slack.uninstall() {
        let answer = world.hear(&event).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// The same event as Slack sends it later: signed anew.
fn late(world: &World, event: &SignedRequest) -> SignedRequest {
    SignedRequest { content_type: event.content_type, ..world.slack.sign(&event.body) }
}

/// The same news under another name.
fn renamed(world: &World, event: &SignedRequest, name: &str) -> SignedRequest {
    let mut body: Value = serde_json::from_slice(&event.body).unwrap();
    body["event_id"] = name.into();
    let body = body.to_string().into_bytes();
    late(world, &SignedRequest { body, ..event.clone() })
}

#[tokio::test]
async fn what_the_app_could_act_with_is_wiped_at_once() {
    let world = World::with_linked(ALICE, ALICES).await;

    remove(&world).await;

    let row = world.installation().unwrap();
    assert_eq!(row.status, InstallationStatus::Disabled);
    assert_eq!((row.bot_token, row.refresh_token), (Sealed::nothing(), None));
    assert_eq!((row.token_expires, row.epoch), (None, 1));
}

#[tokio::test]
async fn the_audit_says_when_it_was_removed() {
    let world = World::new().await;

    remove(&world).await;

    let rows: Vec<_> = world.rows().audit.into_values().collect();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.what.as_str(), &row.who), ("uninstall", &None));
}

#[tokio::test]
async fn the_next_click_is_refused_and_sentry_is_not_asked() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    remove(&world).await;
    let (jobs, asked) = (world.rows().jobs, world.sentry.log().len());

    let answer = world.click(ALICE, &alert, "resolved").await;

    assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    assert_eq!((world.rows().jobs, world.sentry.log().len()), (jobs, asked));
}

#[tokio::test]
async fn a_click_that_waits_ends_without_asking_sentry() {
    let world = World::with_linked(ALICE, ALICES).await;
    let known = world.rows().jobs;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    remove(&world).await;
    let asked = world.sentry.log().len();

    world.work().await;

    let job = world.rows().jobs.into_values().find(|job| !known.contains_key(job.key.as_str()));
    assert_eq!(job.unwrap().outcome, Some(Outcome::Uninstalled));
    assert_eq!(world.sentry.log().len(), asked);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "unresolved");
}

#[tokio::test]
async fn a_link_made_before_opens_nothing_afterwards() {
    let world = World::new().await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    let link = world.prompted_link(ALICE);

    remove(&world).await;
    let removed = Browser::of(&world, ALICE, ALICES).get(&link).await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;
    let installed_again = Browser::of(&world, ALICE, ALICES).get(&link).await;

    assert_eq!((removed.status, installed_again.status), (404, 410));
}

#[tokio::test]
async fn a_last_page_shown_before_links_nobody_afterwards() {
    let world = World::new().await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let form = form_of(&browser.prove(&link).await).with("mine", "yes");

    remove(&world).await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;
    let sent = browser.submit(&link, &form).await;

    assert_eq!(sent.status, 410, "{}", sent.body);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn a_button_in_the_old_home_does_nothing_any_more() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.hear(&world.slack.open_home(ALICE).unwrap()).await;
    let home = world.slack.home(ALICE).unwrap();
    let link_id = home.blocks()[2]["elements"][0]["value"].as_str().unwrap().to_owned();
    let click = world.slack.click_home(ALICE, "unlink_identity", &link_id).unwrap();

    remove(&world).await;
    let answer = world.deliver(&click).await;

    assert_eq!(answer.status, 403);
    assert_eq!(world.rows().identities.len(), 1, "the link stays");
}

#[tokio::test]
async fn who_types_a_command_is_told_that_it_is_not_installed() {
    let world = World::with_linked(ALICE, ALICES).await;
    let typed = world.slack.command(ALICE, "/sentry", "whoami").unwrap();

    remove(&world).await;
    let answer = world.dispatch(&crate::harness::event_to("/command", &typed)).await;

    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("not installed"), "{}", answer.body);
}
