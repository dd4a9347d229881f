//! What alerts again and again: one message and its thread.

use std::time::Duration;

use local::slack::BACKEND;
use shared::{clock::Clock, store::KeepPosts};

use crate::harness::{
    BOBS, World,
    alerts::{ISSUE, rule_for},
    queue::sqs_event_of,
};

const WINDOW: Duration = Duration::from_hours(24);

#[tokio::test]
async fn repeats_within_the_window_go_into_the_thread_with_a_count() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;

    for _ in 0..3 {
        world.clock.advance(Duration::from_mins(10));
        world.fire(&rule_for(BACKEND)).await;
    }

    let alert = world.alert_in(BACKEND).ts;
    let said = ["once more", "2 more times", "3 more times"]
        .map(|times| format!("This has alerted {times} since."));
    assert_eq!(world.replies(&alert), said);
}

#[tokio::test]
async fn repeats_before_the_first_message_leave_it_whole_and_are_one_reply() {
    let mut world = World::new().await;
    world.may_read();
    for _ in 0..5 {
        world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    }

    world.settle().await;
    world.clock.advance(Duration::from_secs(1));
    world.settle().await;

    let alert = world.alert_in(BACKEND);
    assert!(alert.words().contains("Events: "), "{}", alert.words());
    assert_eq!(world.replies(&alert.ts), ["This has alerted 4 more times since."]);
    assert_eq!(world.calls_of("chat.postMessage"), 2);
}

#[tokio::test]
async fn what_an_event_does_not_say_is_added_when_the_message_is_redrawn() {
    let mut world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    let bare = world.alert_in(BACKEND).words();
    world.may_read();
    world.clock.advance(Duration::from_mins(1));

    world.fire(&rule_for(BACKEND)).await;

    let redrawn = world.alert_in(BACKEND).words();
    assert!(!bare.contains("Events: ") && redrawn.contains("Events: "), "{bare} {redrawn}");
}

#[tokio::test]
async fn after_the_window_it_is_a_message_of_its_own_and_both_are_redrawn() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(WINDOW);

    world.fire(&rule_for(BACKEND)).await;

    let alerts = world.alerts_in(BACKEND);
    assert_eq!((alerts.len(), world.slack.posts(BACKEND).len()), (2, 2));
    world.clock.advance(Duration::from_mins(1));
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    world.tell_changes().await;
    for alert in world.alerts_in(BACKEND) {
        assert!(alert.words().contains("*Issue resolved by Bob Baker*"), "{}", alert.words());
    }
}

#[tokio::test]
async fn a_message_of_its_own_shows_what_is_known_by_then() {
    let mut world = World::new().await;
    world.may_read();
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(WINDOW);

    world.fire(&rule_for(BACKEND)).await;

    let newest = world.alerts_in(BACKEND).pop().unwrap().words();
    assert!(newest.contains("Events: 44"), "{newest}");
}

#[tokio::test]
async fn a_hundred_repeats_at_once_are_one_message_and_the_last_count() {
    let world = World::new().await;
    for _ in 0..=100 {
        world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    }

    for _ in 0..10 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }

    let alert = world.alert_in(BACKEND).ts;
    assert_eq!(world.replies(&alert), ["This has alerted 100 more times since."]);
    assert_eq!(world.only_post().next_at, None);
}

#[tokio::test]
async fn repeats_that_come_while_others_are_told_end_with_the_right_count() {
    let world = World::new().await;
    for _ in 0..=100 {
        world.fire(&rule_for(BACKEND)).await;
        world.clock.advance(Duration::from_millis(137));
    }

    for _ in 0..10 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }

    let alert = world.alert_in(BACKEND).ts;
    let replies = world.replies(&alert);
    assert_eq!(replies.last().unwrap(), "This has alerted 100 more times since.");
    assert!(replies.len() <= 20, "{}", replies.len());
}

#[tokio::test]
async fn of_three_workers_at_once_one_says_it() {
    let world = World::new().await;
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    let wake = sqs_event_of(&[&world.only_post().key.to_text()]);

    tokio::join!(
        world.perform.handle(wake.clone()),
        world.perform.handle(wake.clone()),
        world.perform.handle(wake),
    );
    world.settle().await;

    assert_eq!((world.alerts_in(BACKEND).len(), world.calls_of("chat.postMessage")), (1, 1));
}

#[tokio::test]
async fn a_worker_that_died_with_a_message_in_hand_is_succeeded_after_its_lease() {
    let world = World::new().await;
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    let claimed = world.only_post().claim(world.clock.now()).unwrap();
    world.store.write_post(&claimed).await.unwrap();
    world.settle().await;
    assert!(world.alerts_in(BACKEND).is_empty());

    world.clock.advance(Duration::from_secs(41));
    world.sweep().await;
    world.settle().await;

    assert_eq!(world.alerts_in(BACKEND).len(), 1);
}

#[tokio::test]
async fn what_alerts_again_after_its_message_was_deleted_is_a_message_of_its_own() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    let first = world.alert_in(BACKEND).ts;
    world.slack.delete_message(&first);
    world.clock.advance(Duration::from_mins(1));

    world.fire(&rule_for(BACKEND)).await;

    assert_ne!(world.alert_in(BACKEND).ts, first);
    assert_eq!(world.slack.posts(BACKEND).len(), 1);
}
