//! A removal that nobody told us of, and how the daily look finds it.

use std::time::Duration;

use local::slack::Fault;
use shared::installation::CHECK_UP;

use crate::harness::{ACME, ALICE, ALICES, World, browser::Browser};

#[tokio::test]
async fn a_removal_that_was_not_heard_of_is_found_within_a_day() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.slack.uninstall();

    world.clock.advance(CHECK_UP);
    world.tick().await;

    let row = world.installation().unwrap();
    assert!(!row.is_active());
    assert_eq!(row.epoch, 1);
    let audit: Vec<_> = world.rows().audit.into_values().map(|row| row.what).collect();
    assert!(audit.contains(&"uninstall".to_owned()), "{audit:?}");
}

#[tokio::test]
async fn the_daily_look_leaves_alone_what_is_well() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = world.installation().unwrap();

    world.clock.advance(CHECK_UP);
    world.tick().await;

    let after = world.installation().unwrap();
    assert!(after.is_active());
    assert_eq!(after.bot_token, before.bot_token);
    assert_eq!(
        after.next_at.unwrap().since(before.next_at.unwrap()),
        CHECK_UP + Duration::from_mins(1)
    );
}

#[tokio::test]
async fn between_two_looks_slack_is_not_asked() {
    let world = World::with_linked(ALICE, ALICES).await;
    let calls = world.slack.log().len();

    for _ in 0..60 {
        world.tick().await;
    }

    assert_eq!(world.slack.log().len(), calls);
}

#[tokio::test]
async fn while_slack_is_down_nobody_concludes_anything() {
    for fault in [
        Fault::ServerError,
        Fault::RateLimited { retry_after: 60 },
        Fault::LostAnswer,
        Fault::Error("fatal_error"),
    ] {
        let world = World::with_linked(ALICE, ALICES).await;
        world.slack.uninstall();
        world.clock.advance(CHECK_UP);
        world.slack.fail_web_api("auth.test", fault);
        world.tick().await;
        let meanwhile = world.installation().unwrap();

        world.slack.heal_web_api();
        world.tick().await;
        world.tick().await;

        assert!(meanwhile.is_active(), "{fault:?}");
        assert!(!world.installation().unwrap().is_active(), "{fault:?}");
    }
}

#[tokio::test]
async fn what_slack_refuses_for_another_reason_is_trouble_and_no_removal() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.clock.advance(CHECK_UP);
    world.slack.fail_next_web_api("auth.test", Fault::Error("ekm_access_denied"));

    world.tick().await;
    let troubled = world.installation().unwrap();
    world.clock.advance(Duration::from_hours(1));
    world.tick().await;

    assert!(troubled.is_active());
    assert_eq!(troubled.trouble.as_deref(), Some("ekm_access_denied"));
    assert_eq!(world.installation().unwrap().trouble, None);
}

#[tokio::test]
async fn two_ticks_at_the_same_time_look_once() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.clock.advance(CHECK_UP + Duration::from_mins(1));
    let calls = world.slack.log().len();

    tokio::join!(world.sweep(), world.sweep(), world.sweep());

    assert_eq!(world.slack.log().len(), calls + 1);
}

#[tokio::test]
async fn a_removal_that_was_found_is_mended_by_a_new_install() {
    let world = World::new().await;
    world.slack.uninstall();
    world.clock.advance(CHECK_UP);
    world.tick().await;

    let done = Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Belay is in Acme"), "it is new again: {}", done.body);
    assert!(world.installation().unwrap().is_active());
}
