//! From a click of somebody who is linked to the alert redrawn, and the ways out.

use std::time::Duration;

use local::{
    sentry::{Mode, Right},
    slack::Alert,
};
use serde_json::json;
use shared::job::Outcome;

use crate::harness::{ALICE, ALICES, BOB, BOBS, DORAS, World, browser::Browser};

#[tokio::test]
async fn a_click_is_carried_out_with_the_clickers_own_rights() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();

    let ack = world.click(ALICE, &alert, "ignored").await;
    world.work().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    let change = world.sentry.changes().pop().unwrap();
    assert_eq!((change.account, change.body), (ALICES, json!({"status": "ignored"})));
    assert!(world.words_of(&alert).contains("*Issue archived by <@U0ALICE001>*"));
}

#[tokio::test]
async fn an_old_alert_is_redrawn_as_an_old_alert() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_legacy_alert();

    let click = world.slack.click(ALICE, &alert, "status", "resolved").unwrap();
    let ack = world.deliver(&click).await;
    world.work().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    let message = world.slack.message(&alert).unwrap();
    assert!(message.content.blocks.is_empty());
    assert!(message.words().contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_click_on_an_unfurl_is_carried_out_and_the_unfurl_redrawn() {
    let world = World::with_linked(ALICE, ALICES).await;
    let unfurl = world.slack.post_unfurl(&Alert::type_error(&world.sentry_url));
    let before = world.slack.channel().len();

    let click = world.slack.click(ALICE, &unfurl, "status::resolved", "resolved").unwrap();
    let ack = world.deliver(&click).await;
    world.work().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    let message = world.slack.message(&unfurl).unwrap();
    assert_eq!(message.author, BOB);
    assert!(message.content.text.contains("/organizations/acme/issues/4815/"));
    let redrawn = message.content.attachments[0]["blocks"].to_string();
    assert!(redrawn.contains("*Issue resolved by <@U0ALICE001>*"), "{redrawn}");
    assert_eq!(world.slack.channel().len(), before);
}

#[tokio::test]
async fn an_old_alert_is_answered_in_the_body_when_a_link_is_needed() {
    let world = World::new().await;
    let alert = world.post_legacy_alert();

    let click = world.slack.click(ALICE, &alert, "status", "resolved").unwrap();
    let ack = world.deliver(&click).await;

    let body: serde_json::Value = serde_json::from_str(&ack.body).unwrap();
    assert_eq!(body["response_type"], "ephemeral");
    assert_eq!(body["replace_original"], false);
    assert!(body["text"].as_str().unwrap().contains("Link your identity now"));
    assert!(world.slack.log().is_empty());
}

#[tokio::test]
async fn one_click_delivered_a_hundred_times_is_one_job_and_one_change() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = (world.rows().jobs.len(), world.sentry.changes().len());
    let alert = world.post_alert();
    let click = world.click_payload(ALICE, &alert, "resolved");
    let request = world.slack.sign_payload(&click);

    let mut statuses = Vec::new();
    for _ in 0..100 {
        statuses.push(world.deliver(&request).await.status);
    }
    world.work().await;

    assert_eq!(statuses, [200; 100]);
    assert_eq!(world.rows().jobs.len(), before.0 + 1);
    assert_eq!(world.sentry.changes().len(), before.1 + 1);
}

#[tokio::test]
async fn one_click_of_an_unlinked_person_delivered_twice_is_one_prompt() {
    let world = World::new().await;
    let alert = world.post_alert();
    let request = world.slack.sign_payload(&world.click_payload(ALICE, &alert, "resolved"));

    world.deliver(&request).await;
    let again = world.deliver(&request).await;

    assert_eq!(again.status, 200);
    assert_eq!(world.slack.ephemerals(ALICE).len(), 1);
}

#[tokio::test]
async fn somebody_who_is_no_member_any_more_is_offered_the_way_out() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.remove_member(ALICES, "acme");
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;
    let words = world.newest_words(ALICE);

    let page = Browser::of(&world, ALICE, BOBS).unlink(&world.prompted_link(ALICE)).await;

    assert!(words.contains("*alice@acme.example* who is not a member of organization *Acme Inc*"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("unassociated"), "{}", page.body);
    assert!(world.rows().identities.is_empty());
    assert!(world.rows().reverse.is_empty());
    assert!(world.newest_words(ALICE).contains("has been unlinked"));
    assert_eq!(world.sentry.issue("4815").unwrap().status, "unresolved");
}

#[tokio::test]
async fn a_member_without_the_right_is_told_that_it_is_the_right() {
    let world = World::with_linked(ALICE, DORAS).await;
    let alert = world.post_alert();

    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    let words = world.newest_words(ALICE);
    assert!(words.contains("no right to resolve this issue"), "{words}");
    assert!(!words.contains("Unlink"), "{words}");
}

#[tokio::test]
async fn a_refusal_with_a_reason_shows_the_reason() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_releases(false);
    let alert = world.post_alert();
    let mut click = world.click_payload(ALICE, &alert, "resolved");
    click["actions"][0]["value"] = json!("resolved:inNextRelease");

    world.send(&click).await;
    world.work().await;

    let words = world.newest_words(ALICE);
    assert!(words.contains("No release data present"), "{words}");
}

#[tokio::test]
async fn an_expired_sign_in_is_renewed_by_one_link_and_the_click_carried_out() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.revoke_tokens(ALICES);
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;
    assert!(world.newest_words(ALICE).contains("sign-in has expired"));

    Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;
    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(world.words_of(&alert).contains("*Issue resolved by"));
}

#[tokio::test]
async fn tokens_are_renewed_a_day_before_they_end() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.clock.advance(Duration::from_hours(29 * 24 + 1));
    let alert = world.post_alert();

    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert_eq!(world.sentry.refreshes(), 1);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn unlinking_by_the_sentry_side_needs_no_slack_user() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_right(ALICES, "acme", Right::None);
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&world, "U0MALLORY1", ALICES);

    let page = browser.get(&link).await;
    let form = crate::harness::browser::form_of(&page).with("with", "sentry");
    let leaving = browser.submit(&link, &form).await;
    let confirm = browser.follow(leaving).await;
    let form = crate::harness::browser::form_of(&confirm).with("sure", "yes");
    let done = browser.submit(&link, &form).await;

    assert_eq!(done.status, 303, "{}", done.body);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn while_sentry_is_down_the_click_is_kept_and_carried_out_later() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_mode(Mode::Down);
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let told = world.slack.ephemerals(ALICE).len();
    world.work().await;
    assert_eq!(world.slack.ephemerals(ALICE).len(), told, "two seconds are no news");
    world.clock.advance(Duration::from_secs(3));
    world.work().await;
    assert!(world.newest_words(ALICE).contains("Your click is kept"));

    world.sentry.set_mode(Mode::Normal);
    world.clock.advance(Duration::from_secs(7));
    world.work().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by"));
    let done = world.rows().jobs.values().filter(|j| j.outcome == Some(Outcome::Done)).count();
    assert_eq!(done, 2);
}
