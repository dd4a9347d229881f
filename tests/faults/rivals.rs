//! Somebody decides otherwise while a click waits: what was decided later stands.

use local::sentry::Mode;
use shared::job::Outcome;

use super::scene::{ISSUE, Scene};
use crate::harness::{ALICE, ALICES, BOBS};

/// Bob does it in Sentry's own web pages, a second after all before.
fn bob_sets(scene: &Scene, status: &str) {
    scene.later(1);
    scene.sentry.change_issue_as(BOBS, ISSUE, status);
}

#[tokio::test]
async fn what_somebody_decided_after_the_click_is_not_overwritten() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.work().await;

    bob_sets(&scene, "ignored");
    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Superseded));
    assert_eq!((scene.changes().len(), scene.status(), scene.redraws()), (0, "ignored", 0));
    let told = scene.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Bob Baker changed this issue after your click"), "{told:?}");
}

#[tokio::test]
async fn a_change_undone_before_its_answer_arrived_stays_undone() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::DropAfterApply);
    scene.work().await;

    bob_sets(&scene, "unresolved");
    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Superseded));
    assert_eq!((scene.changes().len(), scene.status()), (1, "unresolved"));
}

#[tokio::test]
async fn what_was_decided_before_the_click_does_not_stand_in_its_way() {
    let scene = Scene::new().await;
    bob_sets(&scene, "ignored");
    scene.later(1);
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.work().await;

    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    assert_eq!((scene.changes().len(), scene.status()), (1, "resolved"));
}

#[tokio::test]
async fn what_somebody_did_already_is_not_done_again() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.work().await;

    bob_sets(&scene, "resolved");
    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
    assert_eq!((scene.changes().len(), scene.redraws()), (0, 1));
}

#[tokio::test]
async fn an_older_click_does_not_undo_a_newer_one_of_the_same_person() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);
    let older = scene.click_on("resolved").await;
    scene.work().await;
    scene.sentry.set_mode(Mode::Normal);
    scene.later(1);

    let newer = scene.click_on("ignored").await;
    scene.run_out().await;

    assert_eq!(scene.outcome(&newer), Some(Outcome::Done));
    assert_eq!(scene.outcome(&older), Some(Outcome::Superseded));
    assert_eq!((scene.changes().len(), scene.status()), (1, "ignored"));
}

#[tokio::test]
async fn a_new_click_after_a_superseded_one_is_carried_out() {
    let scene = Scene::new().await;
    scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::Down);
    scene.work().await;
    bob_sets(&scene, "ignored");
    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;

    scene.later(1);
    let again = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!(scene.outcome(&again), Some(Outcome::Done));
    assert_eq!(scene.changes().pop().unwrap().account, ALICES);
    assert!(scene.words_of(&scene.alert).contains(&format!("resolved by <@{ALICE}>")));
}
