//! Slack's tokens end after twelve hours. They are renewed before, off the path of any click.

use std::time::Duration;

use local::slack::{BOT_USER, Fault};
use serde_json::json;

use super::{LIFE, is_good, rotating, row, token};
use crate::harness::{
    ACME, ALICE, ALICES, BOB, CAROLS, UMBRELLA, World,
    browser::{Browser, form_of},
};

#[tokio::test]
async fn the_schedule_renews_two_hours_before_the_end() {
    let world = rotating().await;
    let first = token(&world);

    world.clock.advance(Duration::from_hours(10) - Duration::from_mins(1));
    world.tick().await;
    let early = world.slack.refreshes();
    world.tick().await;

    assert_eq!((early, world.slack.refreshes()), (0, 1));
    assert_ne!(token(&world), first);
    assert!(is_good(&world).await);
    assert_eq!(row(&world).token_expires, Some(shared::clock::Clock::now(&world.clock).plus(LIFE)));
}

#[tokio::test]
async fn a_week_of_ticks_renews_every_ten_hours_and_nobody_notices() {
    let world = rotating().await;

    for _ in 0..7 * 24 * 2 {
        world.clock.advance(Duration::from_mins(29));
        world.tick().await;
        assert!(is_good(&world).await);
    }

    assert_eq!(world.slack.refreshes(), 16);
    assert_eq!(row(&world).trouble, None);
}

#[tokio::test]
async fn a_click_after_the_renewal_renews_nothing() {
    let world = rotating().await;
    world.clock.advance(Duration::from_hours(10) + Duration::from_mins(1));
    world.tick().await;
    world.clock.advance(Duration::from_hours(2));

    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert_eq!(world.slack.refreshes(), 1);
    assert!(world.words_of(&alert).contains("*Issue resolved by"));
}

#[tokio::test]
async fn where_the_schedule_stood_still_the_click_renews() {
    let world = rotating().await;
    world.clock.advance(LIFE);

    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert_eq!(world.slack.refreshes(), 1);
    assert!(is_good(&world).await);
    assert!(world.words_of(&alert).contains("*Issue resolved by"));
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_is_made_good_with_the_same_refresh_token() {
    let world = rotating().await;
    world.clock.advance(Duration::from_hours(10));
    world.slack.fail_next_web_api("oauth.v2.access", Fault::LostAnswer);

    world.tick().await;

    assert_eq!(world.slack.refreshes(), 2);
    assert!(is_good(&world).await);
    assert_eq!(row(&world).trouble, None);
}

#[tokio::test]
async fn while_slack_is_down_it_is_tried_every_minute() {
    for fault in [Fault::ServerError, Fault::Error("internal_error")] {
        let world = rotating().await;
        world.clock.advance(Duration::from_hours(10));
        world.slack.fail_web_api("oauth.v2.access", fault);
        for _ in 0..30 {
            world.tick().await;
            assert!(is_good(&world).await, "the present one still works");
        }
        assert_eq!((world.slack.refreshes(), row(&world).trouble), (0, None), "{fault:?}");
        assert!(!world.direct_words(ALICE).contains("did not renew"), "{fault:?}");

        world.slack.heal_web_api();
        world.tick().await;
        world.tick().await;

        assert_eq!(world.slack.refreshes(), 1, "{fault:?}");
        assert!(is_good(&world).await, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_that_a_newer_one_has_pushed_out_is_replaced() {
    let world = rotating().await;
    // Twice somebody comes with another organization, and leaves it at that: Slack has given them
    // tokens all the same, and keeps two.
    for _ in 0..2 {
        let page = Browser::of(&world, BOB, CAROLS).install(UMBRELLA).await;
        assert_eq!(page.status, 409, "{}", page.body);
    }
    assert!(!is_good(&world).await);

    let revoked = json!({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}});
    let heard = world.hear(&world.slack.event(&revoked)).await;
    world.tick().await;

    assert_eq!(heard.status, 200);
    assert!(row(&world).is_active());
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn an_addition_that_is_confirmed_brings_its_own_tokens() {
    let world = rotating().await;
    let mut carol = Browser::of(&world, BOB, CAROLS);
    let page = carol.install(UMBRELLA).await;

    carol.submit_install(&form_of(&page)).await;

    assert!(is_good(&world).await);
    assert_eq!(row(&world).organizations.len(), 2);
}

#[tokio::test]
async fn installing_again_turns_rotation_on_for_what_was_installed_without() {
    let world = World::new().await;
    assert_eq!(row(&world).token_expires, None);
    world.slack.set_token_rotation(true);

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert!(row(&world).token_expires.is_some() && row(&world).refresh_token.is_some());
    assert!(is_good(&world).await);
}
