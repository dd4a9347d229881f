//! Slack or Sentry fail on the way.

use local::{sentry::Mode, slack::Fault};

use super::assert_nothing_installed;
use crate::harness::{
    ACME, ALICE, ALICES, World,
    browser::{Browser, next_address},
};

#[tokio::test]
async fn while_slack_is_down_nothing_is_installed_and_the_state_is_used_up() {
    for fault in [Fault::ServerError, Fault::LostAnswer, Fault::RateLimited { retry_after: 30 }] {
        let world = World::bare().await;
        let mut browser = Browser::of(&world, ALICE, ALICES);
        let at_slack = next_address(&browser.choose(ACME).await).unwrap();
        let back = browser.agreed(at_slack);
        world.slack.fail_next_web_api("oauth.v2.access", fault);

        let page = browser.get(&back).await;
        let again = browser.get(&back).await;

        assert_eq!(page.status, 503, "{fault:?}: {}", page.body);
        assert!(page.body.contains("safe to begin again"), "{fault:?}: {}", page.body);
        assert_eq!(again.status, 400, "{fault:?}: {}", again.body);
        assert_nothing_installed(&world);
    }
}

#[tokio::test]
async fn after_slack_was_down_the_same_browser_can_begin_again() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    world.slack.fail_next_web_api("oauth.v2.access", Fault::ServerError);
    browser.install(ACME).await;

    let done = browser.install(ACME).await;

    assert_eq!(done.status, 200, "{}", done.body);
}

#[tokio::test]
async fn what_slack_refuses_begins_again() {
    let world = World::bare().await;
    world.slack.fail_next_web_api("oauth.v2.access", Fault::Error("bad_client_secret"));

    let page = Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert_eq!(page.status, 400, "{}", page.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn a_workspace_that_does_not_tell_its_looks_is_installed_all_the_same() {
    for fault in [Fault::ServerError, Fault::Error("missing_scope")] {
        let world = World::bare().await;
        world.slack.fail_web_api("team.info", fault);

        let done = Browser::of(&world, ALICE, ALICES).install(ACME).await;

        assert_eq!(done.status, 200, "{fault:?}: {}", done.body);
        let row = world.installation().unwrap();
        assert_eq!((row.name.as_str(), row.domain.as_str()), ("Acme", ""), "{fault:?}");
    }
}

#[tokio::test]
async fn an_installer_who_cannot_be_told_has_installed_it_all_the_same() {
    for fault in [Fault::ServerError, Fault::Error("channel_not_found")] {
        let world = World::bare().await;
        world.slack.fail_web_api("chat.postMessage", fault);

        let done = Browser::of(&world, ALICE, ALICES).install(ACME).await;

        assert_eq!(done.status, 200, "{fault:?}: {}", done.body);
        assert!(world.installation().unwrap().is_active());
        assert!(world.slack.direct_messages(ALICE).is_empty());
    }
}

#[tokio::test]
async fn while_sentry_is_down_the_admin_is_asked_to_try_again() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_sentry = next_address(&browser.begin_install("").await).unwrap();
    let back = browser.agreed(at_sentry);
    world.sentry.set_mode(Mode::Down);

    let page = browser.get(&back).await;
    world.sentry.set_mode(Mode::Normal);
    let again = browser.get(&back).await;

    assert_eq!(page.status, 503, "{}", page.body);
    assert_eq!(again.status, 400, "{}", again.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn an_organization_that_wants_its_single_sign_on_is_said_to() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_sentry = next_address(&browser.begin_install("acme").await).unwrap();
    let back = browser.agreed(at_sentry);
    world.sentry.set_mode(Mode::SsoRequired);

    let page = browser.get(&back).await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("single sign-on"), "{}", page.body);
    assert_nothing_installed(&world);
}
