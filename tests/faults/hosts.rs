//! Several hosts over one table: clocks that differ, and two deployments that are both reached.

use std::{sync::Arc, time::Duration};

use perform::Perform;
use serde_json::json;
use shared::{
    clock::{Clock, ManualClock},
    http::serve,
    job::{JobKey, LEASE, Outcome},
    store::{WorkJobs, dynamo::DynamoStore, memory::MemoryStore},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    front::{forward, perform_at, read_request},
    scene::Scene,
};
use crate::harness::{ALICE, ALICES, World, event_of, queue::TestQueue, queue::sqs_event};

type Worker = Perform<MemoryStore, TestQueue, ManualClock>;

/// How far a host's clock is ahead of true time, in seconds; behind, below zero.
type Skew = i64;

/// The worker on a host with this clock.
fn skewed(worker: Worker, scene: &Scene, by: Skew) -> Worker {
    let (now, difference) = (scene.now(), Duration::from_secs(by.unsigned_abs()));
    let now = if by < 0 { now.minus(difference) } else { now.plus(difference) };
    Perform { clock: ManualClock::at(now), ..worker }
}

/// A way to Sentry on which the answer to a change is held up: until `meanwhile` is over, nobody but
/// Sentry knows that it was made.
async fn hold_up_the_change(listener: TcpListener, sentry: &str, meanwhile: impl Future) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let request = read_request(&mut client).await;
        let answer = forward(&request, sentry).await;
        if request.starts_with("PUT") {
            meanwhile.await;
            return send(client, &answer).await;
        }
        send(client, &answer).await;
    }
}

async fn send(mut client: TcpStream, answer: &[u8]) {
    client.write_all(answer).await.unwrap();
}

/// On one host a worker makes the change, and before it hears of it another comes to the same job on
/// another host.
async fn worked_on_by_both(scene: &Scene, key: &JobKey, first: Skew, second: Skew) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = local::server::origin(&listener).unwrap();
    let sentry = scene.sentry_url.strip_prefix("http://").unwrap();
    let first = skewed(perform_at(scene, &origin), scene, first);
    let second = skewed(scene.perform_at(scene.store.clone()), scene, second);

    let event = sqs_event(&[key]);
    let meanwhile = second.handle(event.clone());
    let held_up = hold_up_the_change(listener, sentry, meanwhile);
    let (answer, ()) = Box::pin(async { tokio::join!(first.handle(event), held_up) }).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn of_two_workers_whose_clocks_differ_one_writes_and_there_is_one_change() {
    let lease = i64::try_from(LEASE.as_secs()).unwrap();
    for (first, second) in [
        (0, 0),
        (0, 5),
        (0, 29),
        (0, 31),
        (0, 60),
        (0, 600),
        (0, -5),
        (0, -600),
        (600, 0),
        (600, 600),
        (600, -600),
        (-600, 0),
        (-600, -600),
        (-600, 600),
    ] {
        let scene = Scene::new().await;
        let key = scene.click_on("resolved").await;
        scene.queue.lose_all();
        // By a clock that is behind, the click has yet to come.
        scene.later(u64::try_from(-first).unwrap_or_default());

        worked_on_by_both(&scene, &key, first, second).await;

        // Who sees a lease of the other host as over that is not takes the job over.
        let takes_over = second - first >= lease;
        let case = format!("{first} s and {second} s");
        assert_eq!(scene.job(&key).attempt, 1 + u32::from(takes_over), "{case}");
        assert_eq!(scene.outcome(&key), Some(Outcome::Done), "{case}");
        assert_eq!((scene.changes().len(), scene.status()), (1, "resolved"), "{case}");
        // It is said once more than it is known to have been said, never less.
        assert_eq!(scene.redraws(), 1 + u32::from(takes_over), "{case}");
    }
}

#[tokio::test]
async fn a_click_that_has_yet_to_come_by_a_hosts_clock_waits_and_is_not_lost() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    let behind = skewed(scene.perform_at(scene.store.clone()), &scene, -600);
    behind.handle(sqs_event(&[&key])).await;
    assert_eq!((scene.outcome(&key), scene.changes().len()), (None, 0));

    behind.clock.advance(Duration::from_secs(611));
    behind.handle(json!({"source": "aws.events"})).await;
    let woken = scene.queue.take_due().unwrap();
    behind.handle(sqs_event(&[&woken])).await;

    assert_eq!((woken, scene.changes().len(), scene.redraws()), (key.clone(), 1, 1));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}

/// The jobs that are not over.
async fn open(world: &World<DynamoStore>) -> Vec<JobKey> {
    let ever = world.clock.now().plus(Duration::from_hours(24));
    let due = world.store.due(ever, 100).await.unwrap();
    due.into_iter().map(|(key, _)| key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_click_that_reaches_two_deployments_at_once_is_one_job_and_one_change() {
    let world = World::watched().await;
    world.link(ALICE, ALICES).await;
    let (alert, changes) = (world.post_alert(), world.sentry.changes().len());
    let click = world.slack.click(ALICE, &alert, "status::resolved", "resolved").unwrap();
    let world = Arc::new(world);

    let mut deployments = JoinSet::new();
    for _ in 0..2 {
        let (action, click) = (world.action_at(world.store.clone()), event_of(&click));
        deployments.spawn(async move {
            let request = serde_json::from_value(click).unwrap();
            serve(request, &|request| action.handle(request)).await.status_code
        });
    }
    assert_eq!(deployments.join_all().await, [200, 200]);
    let jobs = open(&world).await;
    let woken = [world.queue.take_due().unwrap(), world.queue.take_due().unwrap()];
    assert_eq!((&jobs[..], &woken[0]), (&woken[..1], &woken[1]));

    // Each deployment has a queue, and a worker that is woken by it.
    let mut workers = JoinSet::new();
    for key in woken {
        let worker = world.perform_at(world.store.clone());
        workers.spawn(async move { worker.handle(sqs_event(&[&key])).await });
    }
    workers.join_all().await;

    assert!(open(&world).await.is_empty());
    assert_eq!(world.sentry.changes().len(), changes + 1);
    assert_eq!(world.slack.message(&alert).unwrap().revision, 1);
}
