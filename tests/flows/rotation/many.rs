//! Many who find an ended token at the same time: one of them renews it.

use std::{sync::Arc, time::Duration};

use shared::job::Outcome;
use tokio::task::JoinSet;

use super::{LIFE, is_good, rotating};
use crate::harness::{ALICE, World, queue::sqs_event};

/// Every message that is due, each in the hands of a worker of its own.
async fn work_at_once(world: &Arc<World>) {
    let mut workers = JoinSet::new();
    while let Some(key) = world.queue.take_due() {
        let world = Arc::clone(world);
        workers.spawn(async move { world.perform.handle(sqs_event(&[&key])).await });
    }
    for answer in workers.join_all().await {
        assert_eq!(answer, serde_json::json!({"batchItemFailures": []}));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_workers_renew_once_and_carry_all_clicks_out() {
    let world = Arc::new(rotating().await);
    let known = world.rows().jobs;
    world.clock.advance(LIFE + Duration::from_secs(1));
    let mut alerts = Vec::new();
    for _ in 0..50 {
        let alert = world.post_alert();
        assert_eq!(world.click(ALICE, &alert, "resolved").await.status, 200);
        alerts.push(alert);
    }

    work_at_once(&world).await;
    let refreshes = world.slack.refreshes();
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(3));
        work_at_once(&world).await;
    }

    assert_eq!((refreshes, world.slack.refreshes()), (1, 1));
    let jobs: Vec<_> = world.rows().jobs.into_values().collect();
    let done = jobs.iter().filter(|job| !known.contains_key(job.key.as_str()));
    let done = done.filter(|job| job.outcome == Some(Outcome::Done)).count();
    assert_eq!(done, 50);
    let redrawn = |alert| world.words_of(alert).contains("*Issue resolved by");
    assert_eq!(alerts.iter().filter(|alert| redrawn(alert)).count(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_ticks_renew_once() {
    let world = Arc::new(rotating().await);
    world.clock.advance(Duration::from_hours(10) + Duration::from_secs(1));

    let mut ticks = JoinSet::new();
    for _ in 0..50 {
        let world = Arc::clone(&world);
        ticks.spawn(async move { world.sweep().await });
    }
    ticks.join_all().await;

    assert_eq!(world.slack.refreshes(), 1);
    assert!(is_good(&world).await);
}

#[tokio::test]
async fn a_worker_that_died_while_renewing_is_followed_by_another() {
    let world = rotating().await;
    world.clock.advance(LIFE);
    let row = super::row(&world);
    let claimed = row.claimed(shared::clock::Clock::now(&world.clock));
    let store = &world.store;
    shared::store::ChangeInstallation::change_installation(store, &claimed, None).await.unwrap();

    world.tick().await;

    assert_eq!(world.slack.refreshes(), 1);
    assert!(is_good(&world).await);
}
