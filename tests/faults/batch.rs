//! What the queue may do: deliver twice, out of order, in batches, and things that are no job.

use local::sentry::Mode;
use serde_json::{Value, json};
use shared::job::{JobKey, Outcome};

use super::scene::Scene;
use crate::harness::queue::{sqs_event, sqs_event_of};

fn reported(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn one_message_ten_times_is_one_change() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;

    let answer = scene.perform.handle(sqs_event(&[&key; 10])).await;

    assert!(reported(&answer).is_empty());
    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!(scene.job(&key).attempt, 1);
}

#[tokio::test]
async fn messages_in_any_order_and_again_are_one_change_each() {
    let scene = Scene::new().await;
    let mut keys = Vec::new();
    for value in ["resolved", "ignored", "unresolved"] {
        keys.push(scene.click_on(value).await);
    }
    let [a, b, c] = [&keys[0], &keys[1], &keys[2]];

    for batch in [vec![c, a, c], vec![a, b], vec![b, c, a]] {
        assert!(reported(&scene.perform.handle(sqs_event(&batch)).await).is_empty());
    }

    let made: Vec<Value> = scene.changes().into_iter().map(|change| change.body).collect();
    let wanted = ["unresolved", "resolved", "ignored"].map(|status| json!({ "status": status }));
    assert_eq!(made, wanted);
}

#[tokio::test]
async fn a_late_copy_of_a_message_does_not_hurry_a_retry() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);
    let key = scene.click_on("resolved").await;
    scene.work().await;
    let before = (scene.calls(), scene.job(&key));

    for _ in 0..10 {
        scene.wake(&key).await;
    }

    assert_eq!((scene.calls(), scene.job(&key)), before);
}

#[tokio::test]
async fn of_a_batch_exactly_the_undecodable_messages_are_reported() {
    let scene = Scene::new().await;
    let mut keys = Vec::new();
    for _ in 0..7 {
        keys.push(scene.click_on("resolved").await);
    }
    let mut bodies: Vec<&str> = keys.iter().map(JobKey::as_str).collect();
    bodies.insert(0, "{}");
    bodies.insert(4, "");
    bodies.insert(9, "not a key");

    let answer = scene.perform.handle(sqs_event_of(&bodies)).await;

    assert_eq!(reported(&answer), ["m0", "m4", "m9"]);
    assert!(keys.iter().all(|key| scene.outcome(key) == Some(Outcome::Done)));
}

#[tokio::test]
async fn what_is_no_key_is_kept_for_the_dead_letter_queue() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let (upper, short) = (key.as_str().to_uppercase(), &key.as_str()[1..]);
    let long = format!("{}0", key.as_str());
    let rows = scene.rows();

    for body in [upper.as_str(), short, &long, &format!(" {short}"), &"é".repeat(32)] {
        let answer = scene.perform.handle(sqs_event_of(&[body])).await;
        assert_eq!(reported(&answer), ["m0"], "{body:?}");
    }

    assert_eq!(scene.rows(), rows);
}

#[tokio::test]
async fn a_message_without_a_body_is_reported_and_its_neighbour_done() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let mut batch = sqs_event_of(&["", key.as_str()]);
    batch["Records"][0]["body"] = Value::Null;

    let answer = scene.perform.handle(batch).await;

    assert_eq!(reported(&answer), ["m0"]);
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}

#[tokio::test]
async fn a_key_that_names_no_job_is_over() {
    let scene = Scene::new().await;

    let answer = scene.perform.handle(sqs_event_of(&[&"0".repeat(64)])).await;

    assert!(reported(&answer).is_empty());
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_stays_in_the_queue_as_a_whole() {
    let scene = Scene::new().await;

    let answer = scene.perform.handle(json!({"Records": "all of them"})).await;

    assert_eq!(reported(&answer), [""]);
}
