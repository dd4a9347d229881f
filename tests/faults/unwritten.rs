//! The table fails under the worker: the message stays in the queue, and nothing is done twice.

use local::sentry::Mode;
use serde_json::{Value, json};
use shared::job::{Outcome, Phase};

use super::{
    scene::{ISSUE, Scene},
    table::{Part, Table},
};
use crate::harness::{ALICE, ALICES, BOBS, browser::Browser, queue::sqs_event};

fn kept() -> Value {
    json!({"batchItemFailures": [{"itemIdentifier": "m0"}]})
}

#[tokio::test]
async fn a_job_that_cannot_be_claimed_or_judged_is_neither_done_nor_forgotten() {
    for part in [Part::Claim, Part::ReadClicker] {
        let scene = Scene::new().await;
        let table = Table::of(&scene);
        let key = scene.click_on("resolved").await;
        table.break_down(part);
        let calls = scene.calls();

        let answer = table.perform(&scene).handle(sqs_event(&[&key])).await;

        assert_eq!((answer, scene.calls()), (kept(), calls), "{part:?}");
        scene.later(30);
        scene.wake(&key).await;
        assert_eq!(scene.outcome(&key), Some(Outcome::Done), "{part:?}");
    }
}

#[tokio::test]
async fn a_change_that_could_not_be_written_down_is_not_made_again() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let key = scene.click_on("resolved").await;
    table.break_down(Part::Settle);

    let answer = table.perform(&scene).handle(sqs_event(&[&key])).await;
    scene.later(30);
    scene.wake(&key).await;

    assert_eq!(answer, kept());
    assert_eq!((scene.changes().len(), scene.outcome(&key)), (1, Some(Outcome::Done)));
    assert_eq!(scene.job(&key).attempt, 2);
}

#[tokio::test]
async fn a_retry_that_could_not_be_written_down_comes_nevertheless() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    scene.sentry.set_mode(Mode::Down);
    table.break_down(Part::Settle);
    let answer = table.perform(&scene).handle(sqs_event(&[&key])).await;
    assert_eq!((answer, scene.queue.waiting()), (kept(), vec![]));

    scene.sentry.set_mode(Mode::Normal);
    scene.later(60);
    scene.sweep().await;
    scene.work().await;

    assert_eq!((scene.changes().len(), scene.outcome(&key)), (1, Some(Outcome::Done)));
}

#[tokio::test]
async fn a_sweep_that_cannot_read_does_no_harm() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    scene.click_on("resolved").await;
    scene.queue.lose_all();
    scene.later(60);
    table.break_down(Part::FindDue);

    let answer = table.perform(&scene).handle(json!({"source": "aws.events"})).await;

    assert_eq!((answer, scene.queue.waiting()), (Value::Null, vec![]));
}

#[tokio::test]
async fn a_click_whose_workers_die_over_and_over_is_given_up_with_a_word() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let key = scene.click_on("resolved").await;
    table.break_down(Part::ReadClicker);
    let worker = table.perform(&scene);

    for _ in 0..21 {
        worker.handle(sqs_event(&[&key])).await;
        scene.later(30);
    }

    assert_eq!(scene.outcome(&key), Some(Outcome::GaveUp));
    let told = scene.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("it is not certain whether it took effect"), "{told:?}");
    assert!(told[0].contains(&format!("Reference `{}`", scene.job(&key).reference())), "{told:?}");
}

/// The click waits in the flow behind the link; without the flow it waits nowhere but in its job.
#[tokio::test]
async fn a_job_does_not_end_while_the_flow_that_takes_its_click_over_cannot_be_written() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    scene.sentry.revoke_tokens(ALICES);
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    table.break_down(Part::OpenFlow);
    table.perform(&scene).handle(sqs_event(&[&key])).await;
    assert_eq!(scene.job(&key).phase, Phase::Open);

    scene.later(60);
    scene.sweep().await;
    scene.work().await;
    Browser::of(&scene, ALICE, ALICES).link(&scene.prompted_link(ALICE)).await;
    scene.work().await;

    assert_eq!(scene.changes().len(), 1);
}

#[tokio::test]
async fn a_decision_made_while_the_table_was_away_still_stands() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let key = scene.click_on("resolved").await;
    table.break_down(Part::Settle);
    table.perform(&scene).handle(sqs_event(&[&key])).await;

    scene.later(30);
    scene.sentry.change_issue_as(BOBS, ISSUE, "unresolved");
    scene.wake(&key).await;

    assert_eq!((scene.changes().len(), scene.status()), (1, "unresolved"));
    assert_eq!(scene.outcome(&key), Some(Outcome::Superseded));
}
