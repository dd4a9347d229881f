//! Our own keys: while two are active what the old one made still works; after that it does not.

use std::time::Duration;

use local::slack::{BACKEND, CHANNEL, Fault, MessageTs};
use shared::{clock::Clock, installation::CHECK_UP};

use super::{is_good, meanwhile::in_hand, row, token};
use crate::harness::{
    ALICE, ALICES, BOB, BOBS, CAROLS, Keys, UMBRELLA, World,
    alerts::{ISSUE, rule_for},
    browser::{Browser, form_of, next_address},
};

const NEW_MASTER: &str = "canary-new-master-key-0123456789abcdef";
const NEW_TOKEN: &str = "canary-new-token-key-0123456789abcdefg";

/// The new keys in use, the old ones on their way out.
fn both() -> Keys {
    let old = Keys::default();
    Keys {
        master: [vec![NEW_MASTER], old.master].concat(),
        token: [vec![NEW_TOKEN], old.token].concat(),
        signing: old.signing,
    }
}

/// The old keys are gone.
fn new() -> Keys {
    Keys { master: vec![NEW_MASTER], token: vec![NEW_TOKEN], ..Keys::default() }
}

/// An alert stands in two channels when the old master key is forgotten.
async fn alerted_before() -> (World, [MessageTs; 2]) {
    let mut world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.fire(&rule_for(BACKEND)).await;
    world.fire(&rule_for(CHANNEL)).await;
    let alerts = [BACKEND, CHANNEL].map(|channel| world.alert_in(channel).ts);
    world.deploy(&both());
    world.clock.advance(CHECK_UP);
    world.tick().await;
    world.deploy(&Keys { master: vec![NEW_MASTER], ..both() });
    (world, alerts)
}

async fn prompted(world: &World) -> String {
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.prompted_link(ALICE)
}

#[tokio::test]
async fn a_link_of_the_old_key_links_while_both_are_active() {
    let mut world = World::new().await;
    let link = prompted(&world).await;

    world.deploy(&both());
    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;
    world.work().await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn every_page_of_the_old_key_can_be_sent_while_both_are_active() {
    let mut world = World::new().await;
    let link = prompted(&world).await;
    let (slack, sentry) = (world.slack.clone(), world.sentry.clone());
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let start = browser.get(&link).await;
    let leaving = browser.submit(&link, &form_of(&start)).await;
    let back = slack.authorize(ALICE, &next_address(&leaving).unwrap()).unwrap();
    let at_sentry = next_address(&browser.get(&back).await).unwrap();
    let cookies = browser.cookies;

    world.deploy(&both());
    let mut browser = Browser::of(&world, ALICE, ALICES).with(cookies);
    let proven = browser.get(&sentry.authorize(ALICES, &at_sentry).unwrap()).await;
    let confirm = browser.follow(proven).await;
    let done = browser.submit(&link, &form_of(&confirm).with("mine", "yes")).await;

    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!(world.rows().identities.len(), 1);
}

#[tokio::test]
async fn a_form_of_the_old_key_counts_while_both_are_active_and_not_after() {
    for (keys, status, linked) in [(both(), 303, 1), (new(), 404, 0)] {
        let mut world = World::new().await;
        let link = prompted(&world).await;
        let mut browser = Browser::of(&world, ALICE, ALICES);
        let form = form_of(&browser.prove(&link).await).with("mine", "yes");
        let cookies = browser.cookies;

        world.deploy(&keys);
        let mut browser = Browser::of(&world, ALICE, ALICES).with(cookies);
        let sent = browser.submit(&link, &form).await;

        assert_eq!(sent.status, status, "{}", sent.body);
        assert_eq!(world.rows().identities.len(), linked);
    }
}

#[tokio::test]
async fn a_link_of_a_retired_key_is_a_page_that_does_not_exist() {
    let mut world = World::new().await;
    let link = prompted(&world).await;

    world.deploy(&new());
    let page = Browser::of(&world, ALICE, ALICES).get(&link).await;

    assert_eq!(page.status, 404, "{}", page.body);
}

#[tokio::test]
async fn a_click_of_the_old_key_is_carried_out_while_both_are_active() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;

    world.deploy(&both());
    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(world.words_of(&alert).contains("*Issue resolved by"));
}

#[tokio::test]
async fn an_alert_of_a_retired_key_follows_what_sentry_tells_of_its_issue() {
    let (world, alerts) = alerted_before().await;
    for (status, line) in [
        ("resolved", "*Issue resolved by Bob Baker*"),
        ("unresolved", "*Issue re-opened by Bob Baker*"),
    ] {
        world.clock.advance(Duration::from_mins(1));
        world.sentry.change_issue_as(BOBS, ISSUE, status);

        world.tell_changes().await;

        for alert in &alerts {
            let words = world.words_of(alert);
            assert!(words.contains(line), "{words}");
        }
    }
}

#[tokio::test]
async fn an_alert_of_a_retired_key_follows_a_click_in_another_channel() {
    let (world, [here, there]) = alerted_before().await;

    world.click(ALICE, &here, "resolved").await;
    world.settle().await;

    let words = world.words_of(&there);
    assert!(words.contains("*Issue resolved by <@U0ALICE001>*"), "{words}");
    assert!(words.contains("State: Resolved"), "{words}");
}

#[tokio::test]
async fn the_app_s_token_is_sealed_anew_within_a_day_and_outlives_the_old_key() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    let before = token(&world);
    world.deploy(&both());
    world.clock.advance(CHECK_UP);
    world.tick().await;

    world.deploy(&new());
    let answer = world.hear(&world.slack.direct_message(ALICE, "whoami").unwrap()).await;

    assert_eq!(token(&world), before);
    assert_eq!(answer.status, 200);
    assert!(world.direct_words(ALICE).contains("alice@acme.example"));
}

#[tokio::test]
async fn rotating_tokens_are_sealed_anew_by_their_renewal() {
    let mut world = super::rotating().await;
    world.deploy(&both());
    world.clock.advance(Duration::from_hours(10));
    world.tick().await;

    world.deploy(&new());
    world.clock.advance(Duration::from_hours(10));
    world.tick().await;

    assert_eq!((world.slack.refreshes(), row(&world).trouble), (2, None));
}

#[tokio::test]
async fn a_dead_token_of_the_old_key_is_renewed_whatever_is_written_meanwhile() {
    let mut world = super::rotating().await;
    // Slack keeps two tokens: these push the stored one out.
    for _ in 0..2 {
        Browser::of(&world, BOB, CAROLS).install(UMBRELLA).await;
    }
    world.deploy(&both());
    let doubted = row(&world).in_doubt(world.clock.now());
    world.edit_installation(|row| *row = doubted).await;
    world.clock.advance(Duration::from_secs(1));

    tokio::join!(world.sweep(), async {
        in_hand(&world).await;
        world.command(ALICE, "alerts here").await
    });

    assert!(row(&world).alerts.is_some());
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn without_the_app_s_token_what_a_response_url_cannot_take_now_it_is_given_later() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    world.deploy(&Keys { master: vec![NEW_MASTER], ..Keys::default() });
    let alert = world.post_alert();
    world.slack.fail_next_response_url(Fault::ServerError);
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    world.clock.advance(Duration::from_secs(3));
    world.work().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_person_s_token_of_a_retired_key_asks_them_to_sign_in_again() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    world.deploy(&Keys { token: vec![NEW_TOKEN], ..Keys::default() });

    let link = prompted_after_work(&world).await;
    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;
    world.work().await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

async fn prompted_after_work(world: &World) -> String {
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.work().await;
    let words = world.newest_words(ALICE);
    assert!(words.contains("sign-in has expired"), "{words}");
    world.prompted_link(ALICE)
}
