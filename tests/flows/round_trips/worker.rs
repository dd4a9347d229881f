//! What is asked by `perform`, for which nobody waits but who clicked.

use std::time::Duration;

use local::{
    sentry::Mode,
    slack::{BACKEND, Fault},
};
use shared::{
    identity::Tokens,
    sealing::Field,
    secret::Secret,
    store::{RenewTokens, Written},
};

use super::Scene;
use crate::harness::{
    ALICE, ALICES, DORAS,
    alerts::{ISSUE, rule_for},
    queue::sqs_event,
};

/// Sentry takes the access token for dead, although its time is not over.
async fn kill_access_token(scene: &Scene) {
    let identity = scene.identity().await;
    let dead = Secret::new("a-token-of-long-ago");
    let sealer = &scene.perform.token_sealer;
    let access = sealer.seal(identity.person.owner(), Field::AccessToken, &dead).unwrap();
    let tokens = Tokens { access, ..identity.tokens.clone() };
    assert_eq!(scene.store.save_tokens(&identity, &tokens).await, Ok(Written::Yes));
}

fn assert_resolved(scene: &Scene) {
    assert_eq!(scene.sentry.issue(ISSUE).unwrap().status, "resolved");
}

#[tokio::test]
async fn a_click_is_carried_out_by_a_claim_a_read_a_change_a_post_and_an_end() {
    let scene = Scene::with_linked().await;
    scene.clicked("resolved").await;
    let key = scene.queue.waiting().remove(0).0;

    scene.costs("the worker, a click", scene.work_once()).await;
    let again = scene.perform.handle(sqs_event(&[&key]));
    scene.costs("the worker, a click that is over", again).await;

    assert_resolved(&scene);
}

#[tokio::test]
async fn a_retry_looks_first() {
    let scene = Scene::with_linked().await;
    scene.clicked("resolved").await;
    scene.sentry.set_mode(Mode::Down);

    scene.costs("the worker, Sentry is down", scene.work_once()).await;
    scene.sentry.set_mode(Mode::Normal);
    scene.clock.advance(scene.queue.waiting()[0].1);
    scene.costs("the worker, a retry", scene.work_once()).await;

    assert_resolved(&scene);
}

#[tokio::test]
async fn a_retry_whose_change_is_there_already_changes_nothing() {
    let scene = Scene::with_linked().await;
    scene.clicked("resolved").await;
    scene.sentry.set_mode(Mode::DropAfterApply);
    scene.work_once().await;
    scene.sentry.set_mode(Mode::Normal);
    scene.clock.advance(scene.queue.waiting()[0].1);

    scene.costs("the worker, a retry, changed already", scene.work_once()).await;

    assert_resolved(&scene);
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_on_the_way() {
    let scene = Scene::with_linked().await;
    scene.clock.advance(Duration::from_hours(24 * 30));
    scene.clicked("resolved").await;

    scene.costs("the worker, a token that has ended", scene.work_once()).await;

    assert_resolved(&scene);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_and_the_change_tried_again() {
    let scene = Scene::with_linked().await;
    kill_access_token(&scene).await;
    scene.clicked("resolved").await;

    scene.costs("the worker, a token that is refused", scene.work_once()).await;

    assert_resolved(&scene);
}

#[tokio::test]
async fn a_renewal_that_is_refused_ends_in_a_prompt() {
    let scene = Scene::with_linked().await;
    scene.sentry.revoke_tokens(ALICES);
    scene.clicked("resolved").await;

    scene.costs("the worker, a token that is not renewed", scene.work_once()).await;

    assert!(scene.newest_words(ALICE).contains("/link-identity/"));
}

#[tokio::test]
async fn what_is_forbidden_is_asked_about_once() {
    let scene = Scene::with_linked().await;
    scene.sentry.remove_member(ALICES, "acme");
    scene.clicked("resolved").await;

    scene.costs("the worker, no member any more", scene.work_once()).await;

    assert!(scene.newest_words(ALICE).contains("/unlink-identity/"));
}

#[tokio::test]
async fn a_member_without_the_right_is_told_without_a_prompt() {
    let scene = Scene::with_linked_to(DORAS).await;
    scene.clicked("resolved").await;

    scene.costs("the worker, a member without the right", scene.work_once()).await;

    assert!(!scene.newest_words(ALICE).contains("-identity/"));
}

#[tokio::test]
async fn a_response_url_that_does_not_answer_costs_one_call_more() {
    let scene = Scene::with_linked().await;
    scene.slack.fail_response_urls(Fault::Expired);
    scene.clicked("resolved").await;

    scene.costs("the worker, the response_url is dead", scene.work_once()).await;

    assert!(scene.words_of(&scene.alert).contains("Issue resolved by"));
}

#[tokio::test]
async fn a_response_url_whose_time_is_over_is_not_tried() {
    let scene = Scene::with_linked().await;
    scene.clicked("resolved").await;
    scene.clock.advance(Duration::from_mins(31));

    scene.costs("the worker, the response_url is over", scene.work_once()).await;

    assert!(scene.words_of(&scene.alert).contains("Issue resolved by"));
}

#[tokio::test]
async fn a_click_of_who_has_unlinked_since_ends_in_a_prompt() {
    let scene = Scene::with_linked().await;
    scene.clicked("resolved").await;
    scene.unlink_alice().await;

    scene.costs("the worker, unlinked since", scene.work_once()).await;

    assert!(scene.newest_words(ALICE).contains("/link-identity/"));
}

#[tokio::test]
async fn a_post_is_claimed_said_and_written_down() {
    let scene = Scene::new().await;
    scene.fire_only(ISSUE, &rule_for(BACKEND)).await;

    scene.costs("the worker, an alert to be posted", scene.work_posts()).await;

    assert_eq!(scene.alerts_in(BACKEND).len(), 1);
}

#[tokio::test]
async fn a_click_on_an_alert_of_ours_redraws_it() {
    let scene = Scene::with_linked().await;
    scene.fire(&rule_for(BACKEND)).await;
    scene.clock.advance(Duration::from_secs(5));
    scene.clicked("resolved").await;

    scene
        .costs("the worker, a click on an issue that stands in a channel", scene.work_once())
        .await;
    scene.costs("the worker, an alert to be redrawn", scene.work_posts()).await;

    assert!(scene.alert_in(BACKEND).words().contains("Issue resolved by"));
}

#[tokio::test]
async fn a_shared_link_is_shown() {
    let scene = Scene::with_linked().await;
    let url = format!("{}/organizations/acme/issues/{ISSUE}/", scene.sentry_url);
    let (ts, event) = scene.slack.share_link(ALICE, BACKEND, &url).unwrap();
    scene.hear(&event).await;

    scene.costs("the worker, a link to be shown", scene.work_unfurls()).await;

    assert_eq!(scene.slack.message(&ts).unwrap().content.attachments.len(), 1);
}

#[tokio::test]
async fn a_tick_with_nothing_to_do_looks_and_no_more() {
    let scene = Scene::with_linked().await;

    scene.costs("the schedule, the first tick", scene.tick()).await;
    scene.costs("the schedule, nothing is due", scene.tick()).await;

    assert!(scene.queue.waiting().is_empty());
}

#[tokio::test]
async fn a_tick_wakes_what_was_lost() {
    let scene = Scene::with_linked().await;
    scene.tick().await;
    scene.clicked("resolved").await;
    scene.queue.lose_all();

    scene.costs("the schedule, a wake-up was lost", scene.tick()).await;

    assert_eq!(scene.queue.waiting().len(), 1);
}

#[tokio::test]
async fn a_tick_checks_an_installation_up_once_a_day() {
    let scene = Scene::new().await;
    scene.clock.advance(Duration::from_hours(24) - Duration::from_secs(90));
    scene.tick().await;

    scene.costs("the schedule, an installation is due", scene.tick()).await;
}
