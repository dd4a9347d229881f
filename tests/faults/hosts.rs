//! Several hosts over one table: clocks that differ, and two deployments that are both reached.

use std::time::Duration;

use perform::Perform;
use shared::{
    clock::ManualClock,
    job::{JobKey, Outcome},
    store::{WorkJobs, Written, memory::MemoryStore},
};

use super::{
    scene::{ISSUE, Scene},
    table::{Table, status_of},
};
use crate::harness::{ALICE, ALICES, queue::TestQueue, queue::sqs_event};

/// A worker on a host whose clock is ahead of the others'.
fn worker_ahead(scene: &Scene, secs: u64) -> Perform<MemoryStore, TestQueue, ManualClock> {
    let clock = ManualClock::at(scene.now().plus(Duration::from_secs(secs)));
    Perform { clock, ..scene.perform_at(scene.store.clone()) }
}

#[tokio::test]
async fn of_two_workers_whose_clocks_differ_one_writes_and_there_is_one_change() {
    // The last two see a lease of the other host as over that is not.
    for (ahead, takes_over) in [(0, false), (5, false), (29, false), (31, true), (60, true)] {
        let scene = Scene::new().await;
        let key = scene.click_on("resolved").await;
        scene.queue.lose_all();
        let slow = scene.store.claim(&key, scene.now()).await.unwrap().unwrap();
        scene.sentry.change_issue_as(ALICES, ISSUE, "resolved");

        worker_ahead(&scene, ahead).handle(sqs_event(&[&key])).await;
        let written = scene.store.settle(&slow.finish(Outcome::Done)).await.unwrap();

        assert_eq!(written == Written::Outdated, takes_over, "{ahead} s");
        assert_eq!(scene.outcome(&key), Some(Outcome::Done), "{ahead} s");
        assert!(scene.changes().is_empty(), "a second change with {ahead} s");
    }
}

#[tokio::test]
async fn a_click_that_reaches_two_deployments_at_once_is_one_job_and_one_change() {
    let scene = Scene::new().await;
    let known = scene.rows().jobs.len();
    let click = scene.slack.click(ALICE, &scene.alert, "status::resolved", "resolved").unwrap();
    let other = Table::of(&scene);
    let others_action = other.action(&scene);

    let (first, second) = tokio::join!(scene.deliver(&click), status_of(&others_action, &click));

    assert_eq!((first.status, second), (200, 200));
    let jobs = scene.rows().jobs;
    assert_eq!(jobs.len(), known + 1);
    let key = jobs.values().find(|job| job.outcome.is_none()).unwrap().key.clone();
    carried_out_by_both(&scene, &other, &key).await;
    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}

/// Each deployment has a queue, and a worker that is woken by it.
async fn carried_out_by_both(scene: &Scene, other: &Table, key: &JobKey) {
    let others_worker = other.perform(scene);
    tokio::join!(scene.wake(key), others_worker.handle(sqs_event(&[key])));
}
