//! What a Sentry, or a proxy before it, can answer besides what the stand-in does: waits to be kept,
//! connections that break off.

use std::time::Duration;

use perform::Perform;
use shared::{
    clock::ManualClock,
    job::{JobKey, Outcome},
    store::memory::MemoryStore,
};

use super::{
    front::{Does, Front, perform_at},
    scene::Scene,
};
use crate::harness::queue::{TestQueue, sqs_event};

type Worker = Perform<MemoryStore, TestQueue, ManualClock>;

/// Goes on from wake-up to wake-up with this worker.
async fn run_out(scene: &Scene, worker: &Worker) {
    while let Some(wait) = scene.queue.waiting().into_iter().map(|(_, wait)| wait).min() {
        scene.clock.advance(wait);
        while let Some(key) = scene.queue.take_due() {
            worker.handle(sqs_event(&[&key])).await;
        }
    }
}

/// How long the job waits after a first attempt that was answered with these headers.
async fn wait_after(status: u16, headers: &'static [&'static str]) -> (Scene, JobKey, Duration) {
    let scene = Scene::new().await;
    let front = Front::of(&scene, &[Does::Answer(status, headers)]).await;
    let key = scene.click_on("resolved").await;
    let worker = front.perform(&scene);
    worker.handle(sqs_event(&[&scene.queue.take_due().unwrap()])).await;
    let wait = scene.job(&key).next_at.since(scene.now());
    (scene, key, wait)
}

#[tokio::test]
async fn the_wait_that_sentry_asks_for_is_kept() {
    let (scene, key, wait) = wait_after(429, &["retry-after: 7"]).await;

    assert_eq!(wait, Duration::from_secs(7));
    assert!(scene.queue.waiting()[0].1 >= wait);
    scene.run_out().await;
    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
}

/// RFC 9110, 10.2.3: `Retry-After` is a number of seconds or a date.
#[tokio::test]
async fn a_wait_that_is_given_as_a_date_is_kept() {
    let seven_seconds =
        &["date: Mon, 05 Jan 2026 12:00:00 GMT", "retry-after: Mon, 05 Jan 2026 12:00:07 GMT"];

    let (_, _, wait) = wait_after(429, seven_seconds).await;

    assert!(wait >= Duration::from_secs(7), "{wait:?}");
}

#[tokio::test]
async fn a_wait_that_cannot_be_read_is_the_plans_own() {
    for headers in [&["retry-after: soon"], &["retry-after: -7"], &["x-nothing: 1"]] {
        let (_, _, wait) = wait_after(429, headers).await;

        let plan = Duration::from_millis(1_600)..=Duration::from_millis(2_400);
        assert!(plan.contains(&wait), "{headers:?}: {wait:?}");
    }
}

#[tokio::test]
async fn a_wait_longer_than_the_plan_ends_the_click_with_the_reason() {
    let (scene, key, _) = wait_after(429, &["retry-after: 3600"]).await;

    assert_eq!(scene.outcome(&key), Some(Outcome::GaveUp));
    let told = scene.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("too many requests"), "{told:?}");
    assert!(told[0].contains("Nothing was changed"), "{told:?}");
}

#[tokio::test]
async fn passing_failures_are_tried_again() {
    for status in [500, 502, 503, 504] {
        let scene = Scene::new().await;
        let front = Front::of(&scene, &[Does::Answer(status, &[]); 3]).await;
        let key = scene.click_on("resolved").await;

        run_out(&scene, &front.perform(&scene)).await;

        assert_eq!((scene.changes().len(), scene.redraws()), (1, 1), "{status}");
        assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 4));
        assert_eq!(scene.told().len(), 1, "{:?}", scene.told());
    }
}

#[tokio::test]
async fn a_time_out_or_conflict_told_by_a_proxy_is_no_refusal() {
    for status in [408, 409] {
        let (scene, key, _) = wait_after(status, &[]).await;

        scene.run_out().await;

        assert_eq!(scene.outcome(&key), Some(Outcome::Done), "{status}");
        assert_eq!(scene.changes().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_change_whose_connection_broke_off_is_looked_for_before_it_is_repeated() {
    for (does, methods) in
        [(Does::HangUpAfterwards, &["PUT", "GET"][..]), (Does::HangUp, &["PUT", "GET", "PUT"][..])]
    {
        let scene = Scene::new().await;
        let front = Front::of(&scene, &[does]).await;
        let key = scene.click_on("resolved").await;

        run_out(&scene, &front.perform(&scene)).await;

        assert_eq!(front.seen(), methods, "{does:?}");
        assert_eq!((scene.changes().len(), scene.outcome(&key)), (1, Some(Outcome::Done)));
    }
}

#[tokio::test]
async fn connections_that_always_break_off_leave_a_doubt_that_is_told() {
    let scene = Scene::new().await;
    let front = Front::of(&scene, &[Does::HangUp; 20]).await;
    let key = scene.click_on("resolved").await;

    run_out(&scene, &front.perform(&scene)).await;

    assert_eq!(scene.outcome(&key), Some(Outcome::GaveUp));
    assert!(scene.told().pop().unwrap().contains("not certain"));
    assert_eq!(front.seen()[..2], ["PUT", "GET"]);
}

#[tokio::test]
async fn a_sentry_where_nobody_listens_surely_changed_nothing() {
    let scene = Scene::new().await;
    let nowhere = local::server::listen(0).await.unwrap();
    let origin = local::server::origin(&nowhere).unwrap();
    drop(nowhere);
    let key = scene.click_on("resolved").await;

    run_out(&scene, &perform_at(&scene, &origin)).await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::GaveUp), 0));
    let told = scene.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("Nothing was changed"), "{told:?}");
}
