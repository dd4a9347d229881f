//! Wake-ups get lost; the one-minute schedule makes them good, and wakes nothing else.

use std::{collections::HashSet, time::Duration};

use local::{sentry::Mode, slack::BACKEND};
use shared::{installation::CHECK_UP, job::Outcome, store::WorkJobs};

use super::scene::{ISSUE, Scene};
use crate::harness::alerts::{ELSEWHERE, rule_for};

/// A job is overdue after this.
const OVERDUE: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_click_is_acknowledged_while_the_queue_is_down_and_swept_up_later() {
    let scene = Scene::new().await;
    scene.queue.break_down();
    let key = scene.click_on("resolved").await;
    scene.queue.repair();

    scene.clock.advance(OVERDUE);
    scene.sweep().await;
    assert!(scene.queue.waiting().is_empty(), "it was not overdue yet");
    scene.clock.advance(MOMENT);
    scene.sweep().await;
    scene.work().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
}

#[tokio::test]
async fn a_sweep_while_the_queue_is_still_down_loses_nothing() {
    let scene = Scene::new().await;
    scene.queue.break_down();
    let key = scene.click_on("resolved").await;
    scene.later(60);
    scene.sweep().await;
    scene.queue.repair();

    scene.later(60);
    scene.sweep().await;
    scene.work().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}

#[tokio::test]
async fn the_wake_up_of_a_retry_can_be_lost_as_well() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.queue.break_down();
    scene.wake(&key).await;
    scene.queue.lose_all();
    scene.queue.repair();
    scene.sentry.set_mode(Mode::Normal);

    scene.later(60);
    scene.sweep().await;
    scene.work().await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 2));
    assert_eq!(scene.changes().len(), 1);
}

#[tokio::test]
async fn a_job_whose_worker_died_is_woken_after_its_lease() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    scene.store.claim(&key, scene.now()).await.unwrap().unwrap();

    scene.later(30);
    scene.sweep().await;
    assert!(scene.queue.waiting().is_empty(), "its worker may be alive");
    scene.clock.advance(OVERDUE + MOMENT);
    scene.sweep().await;
    scene.work().await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 2));
    assert_eq!(scene.changes().len(), 1);
}

#[tokio::test]
async fn a_job_that_waits_for_its_retry_is_let_wait() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);
    scene.click_on("resolved").await;
    for _ in 0..5 {
        scene.work().await;
        scene.clock.advance(scene.queue.waiting()[0].1);
    }
    scene.work().await;
    scene.queue.lose_all();

    scene.later(200);
    scene.sweep().await;

    assert!(scene.queue.waiting().is_empty(), "the last wait is five minutes");
}

#[tokio::test]
async fn a_finished_job_is_never_woken() {
    let scene = Scene::new().await;
    scene.click_on("resolved").await;
    scene.work().await;
    let sent = scene.queue.sent();

    for days in [0, 1, 6] {
        scene.later(days * 24 * 3600 + 60);
        scene.sweep().await;
    }

    assert_eq!(scene.queue.sent(), sent);
}

#[tokio::test]
async fn a_flood_is_swept_up_a_hundred_at_a_time_the_oldest_first() {
    let scene = Scene::new().await;
    scene.queue.break_down();
    let mut jobs = Vec::new();
    for _ in 0..120 {
        scene.clock.advance(MOMENT);
        jobs.push(scene.click_on("resolved").await);
    }
    scene.queue.repair();
    scene.later(60);

    scene.sweep().await;
    let first: HashSet<_> = scene.queue.waiting().into_iter().map(|(key, _)| key).collect();
    scene.work().await;
    scene.sweep().await;
    scene.work().await;

    assert_eq!(first, jobs[..100].iter().cloned().collect());
    // One person clicked one button 120 times: the newest click is the wish, the others its echo.
    let (newest, echoes) = jobs.split_last().unwrap();
    assert_eq!(scene.outcome(newest), Some(Outcome::Done));
    assert!(echoes.iter().all(|key| scene.outcome(key) == Some(Outcome::Superseded)));
}

#[tokio::test]
async fn a_tick_that_is_cut_off_has_woken_clicks_before_alerts() {
    let scene = Scene::new().await;
    scene.queue.break_down();
    scene.fire_only(ISSUE, &rule_for(BACKEND)).await;
    scene.click_on("resolved").await;
    scene.queue.repair();
    scene.later(60);
    let sent = scene.queue.sent();

    tokio::select! {
        biased;
        () = until(|| scene.queue.sent() > sent) => {}
        () = scene.sweep() => panic!("it was not cut off"),
    }

    assert_eq!((scene.queue.waiting().len(), scene.queue.take_due_post()), (1, None));
}

#[tokio::test]
async fn lost_wake_ups_are_made_good_ten_at_a_time() {
    let scene = Scene::new().await;
    scene.queue.break_down();
    for _ in 0..20 {
        scene.clock.advance(MOMENT);
        scene.click_on("resolved").await;
    }
    scene.queue.repair();
    scene.later(60);
    scene.journal.rounds();

    scene.sweep().await;

    let rounds = scene.journal.rounds();
    assert_eq!(rounds[0][..10], ["SendMessage"; 10], "{rounds:?}");
}

#[tokio::test]
async fn a_tick_that_has_taken_long_leaves_the_next_installation_to_the_next_one() {
    let scene = Scene::new().await;
    scene.add_workspace().await;
    scene.later(60 + CHECK_UP.as_secs());
    let untouched = scene.installation_of(ELSEWHERE);

    tokio::join!(scene.sweep(), async {
        until(|| scene.installation().unwrap().leased).await;
        scene.later(11);
    });
    let after_one = scene.installation_of(ELSEWHERE);
    scene.tick().await;

    assert_eq!(after_one, untouched);
    assert_ne!(scene.installation_of(ELSEWHERE), untouched);
}

async fn until(so: impl Fn() -> bool) {
    while !so() {
        tokio::task::yield_now().await;
    }
}
