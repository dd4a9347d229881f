//! Installs that somebody breaks off, and those that Slack grants in part.

use local::slack::Grant;

use super::assert_nothing_installed;
use crate::harness::{
    ACME, ALICE, ALICES, World,
    browser::{Browser, next_address},
};

#[tokio::test]
async fn who_says_no_at_sentry_is_told_that_nothing_was_installed() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_sentry = next_address(&browser.begin_install("").await).unwrap();

    let page = browser.get(&world.sentry.deny(ALICES, &at_sentry).unwrap()).await;

    assert_eq!(page.status, 400, "{}", page.body);
    assert!(page.body.contains("Nothing was installed"), "{}", page.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn who_says_no_at_slack_is_told_that_nothing_was_installed() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_slack = next_address(&browser.choose(ACME).await).unwrap();

    let page = browser.get(&world.slack.cancel_install(ALICE, &at_slack).unwrap()).await;

    assert_eq!(page.status, 400, "{}", page.body);
    assert!(page.body.contains("Nothing was installed"), "{}", page.body);
    assert_nothing_installed(&world);
    assert!(!world.slack.is_installed());
}

#[tokio::test]
async fn who_has_said_no_can_begin_again_in_the_same_browser() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_slack = next_address(&browser.choose(ACME).await).unwrap();
    browser.get(&world.slack.cancel_install(ALICE, &at_slack).unwrap()).await;

    let done = browser.install(ACME).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert!(world.installation().is_some());
}

#[tokio::test]
async fn a_permission_that_is_withheld_is_named_and_nothing_is_stored() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    browser.grant = Grant { withheld: vec!["users:read".into()], ..Grant::default() };

    let page = browser.install(ACME).await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("users:read") && !page.body.contains("chat:write"), "{}", page.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn a_permission_that_is_given_the_second_time_completes_the_install() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    browser.grant = Grant { withheld: vec!["im:history".into()], ..Grant::default() };
    browser.install(ACME).await;

    browser.grant = Grant::default();
    let done = browser.install(ACME).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert!(world.installation().is_some());
}
