//! Two workers and one job: the lease keeps the second away, the attempt's number keeps the first
//! one out once its lease has run out.

use std::time::Duration;

use shared::{
    job::{Job, JobKey, LEASE, NotClaimed, Outcome, Phase, Retry},
    store::{WorkJobs, Written},
};

use super::scene::{ISSUE, Scene};
use crate::harness::ALICES;

/// A worker takes the job and is not heard of for a while.
async fn taken(scene: &Scene, key: &JobKey) -> Job {
    scene.queue.lose_all();
    scene.store.claim(key, scene.now()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_job_in_somebodys_hands_is_left_alone() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    taken(&scene, &key).await;
    let before = (scene.calls(), scene.job(&key));

    scene.clock.advance(LEASE.checked_sub(Duration::from_millis(1)).unwrap());
    scene.wake(&key).await;

    assert_eq!((scene.calls(), scene.job(&key)), before);
}

#[tokio::test]
async fn a_job_whose_worker_died_is_taken_over_when_the_lease_has_run_out() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    taken(&scene, &key).await;

    scene.clock.advance(LEASE);
    scene.wake(&key).await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 2));
    assert_eq!(scene.changes().len(), 1);
}

#[tokio::test]
async fn a_worker_whose_lease_ran_out_cannot_undo_the_end_of_a_job() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let slow = taken(&scene, &key).await;
    scene.clock.advance(LEASE);
    scene.wake(&key).await;
    let over = scene.job(&key);

    let finished = scene.store.settle(&slow.finish(Outcome::GaveUp)).await.unwrap();
    let Retry::Later(later) = slow.retry(scene.now(), Duration::ZERO, 0) else { panic!() };
    let put_off = scene.store.settle(&later).await.unwrap();

    assert_eq!((finished, put_off), (Written::Outdated, Written::Outdated));
    assert_eq!((over.phase, scene.job(&key)), (Phase::Final, over));
}

#[tokio::test]
async fn of_two_workers_the_one_that_holds_the_lease_writes() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let slow = taken(&scene, &key).await;
    scene.clock.advance(LEASE);
    let quick = scene.store.claim(&key, scene.now()).await.unwrap().unwrap();

    let outdated = scene.store.settle(&slow.finish(Outcome::GaveUp)).await.unwrap();
    let written = scene.store.settle(&quick.finish(Outcome::Done)).await.unwrap();

    assert_eq!((outdated, written), (Written::Outdated, Written::Yes));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    let again = scene.store.claim(&key, scene.now().plus(LEASE)).await.unwrap();
    assert_eq!(again, Err(NotClaimed::Over));
}

#[tokio::test]
async fn two_workers_woken_at_once_make_one_change() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;

    tokio::join!(scene.wake(&key), scene.wake(&key), scene.wake(&key));

    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
}

#[tokio::test]
async fn a_worker_that_died_after_the_change_leaves_nothing_to_do_but_to_tell() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    taken(&scene, &key).await;
    scene.sentry.change_issue_as(ALICES, ISSUE, "resolved");

    scene.clock.advance(LEASE);
    scene.wake(&key).await;

    assert!(scene.changes().is_empty());
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    assert!(scene.words_of(&scene.alert).contains("*Issue resolved by <@U0ALICE001>*"));
}
