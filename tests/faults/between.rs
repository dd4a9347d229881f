//! Between the click and the work the world has moved on.

use shared::{
    identity::{Installation, InstallationStatus, Person},
    ids::SlackUserId,
    job::{Click, Job, Outcome},
    sealing::{Field, Sealer},
    secret::{Sealed, Secret},
    store::{SaveInstallation, WorkJobs, Written},
};

use super::scene::Scene;
use crate::harness::{ALICE, ALICES, BOB, World, browser::Browser};

/// Unlinks Alice by the whole way: she leaves the organization, is offered the way out, and comes
/// back.
async fn unlink(world: &World) {
    world.sentry.remove_member(ALICES, "acme");
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.work().await;
    let page = Browser::of(world, ALICE, ALICES).unlink(&world.prompted_link(ALICE)).await;
    assert!(page.body.contains("unassociated"), "{}", page.body);
    world.sentry.add_member(ALICES, "acme");
}

fn opened(scene: &Scene, job: &Job) -> Click {
    scene.sealer.open_json(job.person.owner(), Field::Click, &job.click).unwrap()
}

/// Puts another sealed click in the job's place.
async fn reseal(scene: &Scene, job: &Job, click: Sealed) {
    let written = scene.store.settle(&Job { click, ..job.clone() }).await.unwrap();
    assert_eq!(written, Written::Yes);
}

#[tokio::test]
async fn after_an_uninstall_a_waiting_click_does_not_reach_sentry_or_slack() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let installation = scene.rows().installations.into_values().next().unwrap();
    let disabled = Installation { status: InstallationStatus::Disabled, ..installation };
    scene.store.save_installation(&disabled).await.unwrap();
    let calls = scene.calls();

    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.calls()), (Some(Outcome::Uninstalled), calls));
}

#[tokio::test]
async fn who_was_unlinked_after_the_click_is_asked_to_link_and_nothing_is_done() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    unlink(&scene).await;
    let calls = scene.sentry.log().len();

    scene.wake(&key).await;

    assert_eq!(scene.outcome(&key), Some(Outcome::NotLinked));
    assert!(scene.newest_words(ALICE).contains("haven't linked your Sentry account"));
    assert_eq!(scene.sentry.log().len(), calls);
}

#[tokio::test]
async fn the_click_of_who_was_unlinked_is_carried_out_after_linking_again() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    unlink(&scene).await;
    scene.wake(&key).await;

    Browser::of(&scene, ALICE, ALICES).link(&scene.prompted_link(ALICE)).await;
    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.status()), (1, "resolved"));
}

#[tokio::test]
async fn a_click_sealed_under_a_retired_key_ends_unread() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let job = scene.job(&key);
    let click = opened(&scene, &job);
    let retired = Sealer::new(vec![Secret::new("a-master-key-of-the-year-before-last")]);
    let sealed = retired.seal_json(job.person.owner(), Field::Click, &click).unwrap();
    reseal(&scene, &job, sealed).await;
    // The look whether Sentry answers is nobody's.
    let calls = || scene.sentry.log().iter().filter(|call| call.account.is_some()).count();
    let before = calls();

    scene.run_out().await;
    scene.later(3600);
    scene.sweep().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::Unreadable));
    assert_eq!((calls(), scene.queue.waiting()), (before, vec![]));
}

#[tokio::test]
async fn a_click_moved_from_another_persons_job_does_not_open() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let job = scene.job(&key);
    let bob = Person { user: SlackUserId::parse(BOB).unwrap(), ..job.person.clone() };
    let click = opened(&scene, &job);
    let bobs = scene.sealer.seal_json(bob.owner(), Field::Click, &click).unwrap();
    reseal(&scene, &job, bobs).await;

    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Unreadable), 0));
}

#[tokio::test]
async fn an_issue_that_is_gone_by_then_is_said_to_be_gone() {
    let scene = Scene::new().await;
    let mut click = scene.click_payload(ALICE, &scene.alert, "resolved");
    let marker = r#"{"issue":999999,"rule":162,"org":"1"}"#;
    click["message"]["blocks"][0]["block_id"] = marker.into();

    scene.send(&click).await;
    scene.run_out().await;

    assert!(scene.newest_words(ALICE).contains("no such issue"), "{:?}", scene.told());
    assert!(scene.changes().is_empty());
}
