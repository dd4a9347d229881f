//! A token that is not renewed: Slack refuses, or the app is removed meanwhile.

use std::time::Duration;

use local::slack::{BOT_USER, Fault};
use serde_json::json;
use shared::secret::Sealed;

use super::{is_good, rotating, row, token};
use crate::harness::{ACME, ALICE, ALICES, BOB, PUBLIC_URL, World, browser::Browser};

/// Ten hours later Slack refuses to renew, whoever asks.
async fn refused() -> World {
    let world = rotating().await;
    world.clock.advance(Duration::from_hours(10));
    world.slack.fail_web_api("oauth.v2.access", Fault::Error("invalid_refresh_token"));
    world.tick().await;
    world
}

/// The next tick renews first of all: it was looked at Sentry a moment ago.
async fn about_to_be_renewed() -> World {
    let world = rotating().await;
    world.clock.advance(Duration::from_hours(10) - Duration::from_mins(2));
    world.tick().await;
    world.clock.advance(Duration::from_mins(1) + Duration::from_secs(1));
    world
}

fn warnings(world: &World) -> usize {
    let told = world.slack.direct_messages(ALICE);
    told.iter().filter(|message| message.words().contains("did not renew")).count()
}

#[tokio::test]
async fn who_installed_it_is_told_while_the_present_token_still_works() {
    let world = refused().await;

    let told = world.direct_words(ALICE);
    assert!(told.contains(&format!("<{PUBLIC_URL}/install|install it once more>")), "{told}");
    assert_eq!(row(&world).trouble.as_deref(), Some("invalid_refresh_token"));
    assert!(row(&world).is_active() && is_good(&world).await);
}

#[tokio::test]
async fn they_are_told_once_however_often_it_is_refused() {
    let world = refused().await;

    for _ in 0..4 {
        world.clock.advance(Duration::from_mins(59));
        world.tick().await;
    }

    assert_eq!(warnings(&world), 1);
    assert!(row(&world).is_active());
}

#[tokio::test]
async fn clicks_are_still_carried_out_and_answered_where_they_were_made() {
    let world = refused().await;
    world.clock.advance(Duration::from_hours(1));
    world.tick().await;
    // The token has ended, and Slack will not be asked again for a minute.
    world.clock.advance(Duration::from_mins(59));
    let alert = world.post_alert();

    world.click(ALICE, &alert, "resolved").await;
    world.click(BOB, &alert, "resolved").await;
    world.work().await;

    assert!(!is_good(&world).await);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(world.words_of(&alert).contains("*Issue resolved by"), "{}", world.words_of(&alert));
    assert!(world.newest_words(BOB).contains("Link your identity now"));
}

#[tokio::test]
async fn installing_once_more_mends_it() {
    let world = refused().await;
    world.slack.heal_web_api();

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert_eq!(row(&world).trouble, None);
    assert!(is_good(&world).await);
    assert_eq!(world.rows().identities.len(), 1);
}

#[tokio::test]
async fn once_slack_renews_again_the_trouble_is_over() {
    let world = refused().await;
    world.slack.heal_web_api();

    world.clock.advance(Duration::from_hours(1));
    world.tick().await;

    assert_eq!((row(&world).trouble, world.slack.refreshes()), (None, 1));
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn a_removal_that_was_not_heard_of_is_found_when_it_is_time_to_renew() {
    let world = rotating().await;
    world.slack.uninstall();

    world.clock.advance(Duration::from_hours(10));
    world.tick().await;
    world.tick().await;

    assert!(!row(&world).is_active());
    assert_eq!(row(&world).bot_token, Sealed::nothing());
    let wiped = shared::identity::Tokens::wiped();
    assert!(world.rows().identities.values().all(|identity| identity.tokens == wiped));
}

#[tokio::test]
async fn removed_while_it_is_renewed_the_new_token_is_not_kept() {
    let world = about_to_be_renewed().await;
    let removed = world.slack.event(&json!({"type": "app_uninstalled"}));

    let ((), heard) = tokio::join!(world.sweep(), world.hear(&removed));

    assert_eq!((heard.status, world.slack.refreshes()), (200, 1));
    let row = row(&world);
    assert!(!row.is_active());
    assert_eq!((row.bot_token, row.refresh_token), (Sealed::nothing(), None));
}

#[tokio::test]
async fn removed_just_before_it_is_renewed_it_is_removed_and_in_no_trouble() {
    let world = about_to_be_renewed().await;

    let ((), ()) = tokio::join!(world.sweep(), async {
        for event in world.slack.uninstall() {
            assert_eq!(world.hear(&event).await.status, 200);
        }
    });

    let row = row(&world);
    assert!(!row.is_active());
    assert_eq!((row.trouble, warnings(&world)), (None, 0));
}

#[tokio::test]
async fn revoked_tokens_that_are_heard_of_while_it_is_renewed_do_not_lose_the_new_one() {
    let world = about_to_be_renewed().await;
    let before = token(&world);
    let tokens = json!({"oauth": [], "bot": [BOT_USER]});
    let revoked = world.slack.event(&json!({"type": "tokens_revoked", "tokens": tokens}));

    let ((), heard) = tokio::join!(world.sweep(), world.hear(&revoked));

    assert_eq!((heard.status, world.slack.refreshes()), (200, 1));
    assert_ne!(token(&world), before);
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn installed_while_it_is_renewed_the_newer_token_stays() {
    let world = about_to_be_renewed().await;
    let before = token(&world);
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let leaving = browser.choose(ACME).await;

    let ((), done) = tokio::join!(world.sweep(), browser.follow(leaving));

    assert_eq!(done.status, 200, "{}", done.body);
    assert_ne!(token(&world), before);
    assert!(is_good(&world).await);
}
