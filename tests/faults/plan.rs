//! Sentry fails for a while, or for longer than the plan.

use std::time::Duration;

use local::sentry::Mode;
use shared::{
    job::{Outcome, Phase, RETRIES},
    store::WorkJobs,
};

use super::scene::Scene;
use crate::harness::ALICE;

fn assert_told(told: &[String], expected: &[&str]) {
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (words, part) in told.iter().zip(expected) {
        assert!(words.contains(part), "{part:?} in {words:?}");
    }
}

#[tokio::test]
async fn the_attempts_keep_to_the_plan_within_a_fifth_and_then_end() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let calls = scene.sentry.log().len();
    scene.sentry.set_mode(Mode::Down);

    scene.work().await;
    for planned in RETRIES {
        let wait = scene.job(&key).next_at.since(scene.now());
        assert!(planned.mul_f64(0.79) < wait && wait < planned.mul_f64(1.21), "{wait:?}");
        scene.clock.advance(scene.queue.waiting()[0].1);
        scene.work().await;
    }

    assert_eq!(scene.sentry.log().len() - calls, 1 + RETRIES.len());
    assert_eq!((scene.job(&key).phase, scene.outcome(&key)), (Phase::Final, Some(Outcome::GaveUp)));
    assert!(scene.queue.waiting().is_empty());
}

#[tokio::test]
async fn who_waited_in_vain_is_told_twice_and_that_nothing_was_changed() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);

    scene.click_on("resolved").await;
    scene.run_out().await;

    assert_told(&scene.told(), &["Your click is kept", "Nothing was changed"]);
    assert!(scene.told()[1].contains("given up"), "{:?}", scene.told());
    assert!(scene.changes().is_empty());
    assert_eq!((scene.status(), scene.redraws()), ("unresolved", 0));
}

#[tokio::test]
async fn a_click_that_was_given_up_does_not_come_back() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);
    let key = scene.click_on("resolved").await;
    scene.run_out().await;
    scene.sentry.set_mode(Mode::Normal);

    scene.later(3600);
    scene.sweep().await;
    scene.work().await;
    scene.wake(&key).await;

    assert!(scene.changes().is_empty());
    assert_eq!(scene.told().len(), 2);
}

#[tokio::test]
async fn three_failures_and_then_one_change_told_once() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.work().await;
    for _ in 0..2 {
        scene.clock.advance(scene.queue.waiting()[0].1);
        scene.work().await;
    }

    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_told(&scene.told(), &["Your click is kept"]);
    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 4));
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_and_not_made_again() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::DropAfterApply);
    scene.work().await;
    assert_eq!(scene.outcome(&key), None);

    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    assert!(scene.words_of(&scene.alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

/// In real seconds: a connection knows no other clock.
#[tokio::test]
async fn a_sentry_that_takes_almost_three_seconds_is_waited_for() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Slow(Duration::from_millis(2_900)));

    scene.work().await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
}

#[tokio::test]
async fn a_sentry_that_takes_ten_seconds_is_given_up_and_its_change_found_later() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Slow(Duration::from_secs(10)));
    scene.work().await;
    assert_eq!((scene.outcome(&key), scene.changes().len()), (None, 1));
    scene.sentry.set_mode(Mode::Normal);

    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}

#[tokio::test]
async fn every_kind_of_change_is_recognized_when_its_answer_was_lost() {
    for value in ["resolved:inNextRelease", "ignored", "ignored:archived_for:30"] {
        let scene = Scene::new().await;
        let mut click = scene.click_payload(ALICE, &scene.alert, "resolved");
        click["actions"][0]["value"] = value.into();
        scene.send(&click).await;
        scene.sentry.set_mode(Mode::DropAfterApply);

        scene.run_out().await;

        assert_eq!((scene.changes().len(), scene.redraws()), (1, 1), "{value}");
    }
}

#[tokio::test]
async fn after_a_lost_answer_giving_up_does_not_claim_that_nothing_was_changed() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::DropAfterApply);
    scene.work().await;

    scene.sentry.set_mode(Mode::Down);
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::GaveUp), 1));
    assert_told(&scene.told(), &["Your click is kept", "not certain"]);
    assert!(!scene.told()[1].contains("othing was changed"), "{:?}", scene.told());
}

#[tokio::test]
async fn after_a_worker_died_giving_up_does_not_claim_that_nothing_was_changed() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.store.claim(&key, scene.now()).await.unwrap().unwrap();

    scene.later(30);
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::GaveUp));
    let told = scene.told();
    assert!(told.last().unwrap().contains("not certain"), "{told:?}");
}

#[tokio::test]
async fn a_maintenance_page_with_status_200_is_no_success() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::MaintenanceHtml200);
    scene.work().await;
    assert_eq!((scene.outcome(&key), scene.redraws()), (None, 0));

    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
}

#[tokio::test]
async fn a_rate_limit_that_ends_costs_nothing_but_time() {
    for reset_after in [Some(Duration::from_secs(9)), None] {
        let scene = Scene::new().await;
        let key = scene.click_on("resolved").await;
        scene.sentry.set_mode(Mode::RateLimited { reset_after });
        scene.work().await;
        let wait = scene.job(&key).next_at.since(scene.now());
        assert!(wait >= Duration::from_millis(1_600), "{wait:?}");

        scene.sentry.set_mode(Mode::Normal);
        scene.run_out().await;

        assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
        assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    }
}

/// Neither sentry.io nor a self-hosted Sentry says `Retry-After`.
#[tokio::test]
async fn a_rate_limit_that_outlasts_the_plan_is_called_a_rate_limit() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::RateLimited { reset_after: None });

    scene.click_on("resolved").await;
    scene.run_out().await;

    let told = scene.told().pop().unwrap();
    assert!(told.contains("too many requests"), "{told:?}");
    assert!(told.contains("Nothing was changed"), "{told:?}");
}

#[tokio::test]
async fn a_member_without_a_seat_is_told_that_it_is_the_seat() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::NoSeat);

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Refused));
    assert_told(&scene.told(), &["over its member limit"]);
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::SsoRequired);
    let calls = scene.sentry.log().len();

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!(scene.sentry.log().len() - calls, 1);
    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Refused), 1));
    assert_told(&scene.told(), &["requires single sign-on"]);
    assert_eq!(scene.status(), "unresolved");
}
