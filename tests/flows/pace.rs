//! Many alerts at once: all are said, each once, and no channel gets two within a second.

use std::{collections::BTreeSet, time::Duration};

use local::slack::{BACKEND, CHANNEL};

use crate::harness::{World, alerts::rule_for};

/// Issues that were added are numbered from here on.
const FIRST: usize = 10_001;

/// So many alerts about different issues, all in one moment, in a workspace that keeps to its limit.
async fn burst(count: usize, channel: &str) -> World {
    let world = World::new().await;
    world.sentry.add_issues(count);
    world.slack.limit_posts(true);
    fire_all(&world, count, channel).await;
    world
}

async fn fire_all(world: &World, count: usize, channel: &str) {
    for issue in FIRST..FIRST + count {
        world.fire_only(&issue.to_string(), &rule_for(channel)).await;
    }
}

/// The clock runs, the queue delivers, and once a minute the schedule ticks.
async fn run_for(world: &World, seconds: u64) {
    for second in 1..=seconds {
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
        if second % 60 == 0 {
            world.sweep().await;
        }
    }
    world.settle().await;
}

/// Every issue has one message, none came sooner than a second after another, and nothing is due.
fn assert_said_at_a_pace(world: &World, count: usize, channel: &str) {
    let alerts = world.slack.posts(channel);
    let titles: BTreeSet<_> = alerts.iter().map(|alert| alert.content.text.clone()).collect();
    assert_eq!((alerts.len(), titles.len()), (count, count));
    let mut moments: Vec<f64> =
        alerts.iter().map(|alert| alert.ts.as_str().parse().unwrap()).collect();
    moments.sort_by(f64::total_cmp);
    for pair in moments.windows(2) {
        assert!(pair[1] - pair[0] >= 0.999, "{pair:?}");
    }
    let refused = world.slack.log().iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 0, "Slack had to ask for a pause");
    assert!(world.rows().posts.values().all(|post| post.next_at.is_none()));
}

#[tokio::test]
async fn a_thousand_alerts_are_all_said_one_a_second() {
    let world = burst(1_000, BACKEND).await;

    run_for(&world, 1_010).await;

    assert_said_at_a_pace(&world, 1_000, BACKEND);
}

#[tokio::test]
async fn the_first_alerts_are_the_first_to_be_said() {
    let world = burst(20, BACKEND).await;

    run_for(&world, 25).await;

    let said: Vec<_> =
        world.slack.posts(BACKEND).into_iter().map(|alert| alert.content.text).collect();
    let fired: Vec<_> = (1..=20).map(|n| format!("[backend] Error {n}")).collect();
    assert_eq!(said, fired);
}

#[tokio::test]
async fn two_channels_do_not_wait_for_each_other() {
    let world = burst(30, BACKEND).await;
    fire_all(&world, 30, CHANNEL).await;

    run_for(&world, 32).await;

    assert_said_at_a_pace(&world, 30, BACKEND);
    assert_said_at_a_pace(&world, 30, CHANNEL);
}

#[tokio::test]
async fn what_the_queue_lost_is_found_by_the_sweep_and_keeps_the_pace() {
    let world = burst(150, BACKEND).await;
    world.queue.lose_all();

    run_for(&world, 400).await;

    assert_said_at_a_pace(&world, 150, BACKEND);
}

#[tokio::test]
async fn what_overslept_its_second_takes_another_and_keeps_the_pace() {
    let world = burst(150, BACKEND).await;
    world.settle().await;
    world.queue.lose_all();
    world.clock.advance(Duration::from_mins(10));
    world.sweep().await;

    run_for(&world, 600).await;

    assert_said_at_a_pace(&world, 150, BACKEND);
}

#[tokio::test]
async fn what_is_resolved_is_redrawn_while_its_thread_waits() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    let alert = world.alert_in(BACKEND).ts;
    world.sentry.add_issues(100);
    fire_all(&world, 100, BACKEND).await;
    world.settle().await;
    world.fire(&rule_for(BACKEND)).await;
    assert!(world.replies(&alert).is_empty());

    world.clock.advance(Duration::from_secs(1));
    world.sentry.change_issue_as(crate::harness::BOBS, crate::harness::alerts::ISSUE, "resolved");
    world.tell_changes().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by Bob Baker*"));
    run_for(&world, 110).await;
    assert_eq!(world.replies(&alert), ["This has alerted once more since."]);
}
