//! The queue as its senders and its worker see it.

use shared::clock::ManualClock;
use tokio::sync::mpsc;

use super::*;
use crate::{
    plain_http,
    server::{self, Server},
};

const CALL: &str =
    "x-amz-target: AmazonSQS.SendMessage\r\ncontent-type: application/x-amz-json-1.0\r\n";

async fn queue() -> (Queue, Server) {
    let listener = server::listen(0).await.unwrap();
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
    let origin = server::origin(&listener).unwrap();
    let queue = Queue::new(&origin, clock, Duration::from_secs(5));
    let server = Server::start(listener, queue.router());
    (queue, server)
}

async fn send(queue: &Queue, body: &str) -> plain_http::Answer {
    let signed = format!("{CALL}authorization: AWS4-HMAC-SHA256 Credential=somebody\r\n");
    send_with(queue, &signed, body).await
}

async fn send_with(queue: &Queue, headers: &str, body: &str) -> plain_http::Answer {
    let message = json!({"QueueUrl": queue.url(), "MessageBody": body}).to_string();
    plain_http::send("POST", queue.url(), headers, &message).await
}

#[tokio::test]
async fn what_nobody_signed_is_refused() {
    let (queue, _server) = queue().await;

    let answer = send_with(&queue, CALL, "job").await;

    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["__type"], "com.amazonaws.sqs#MissingAuthenticationToken");
    assert_eq!(queue.counts().visible, 0);
}

#[tokio::test]
async fn a_sent_message_is_delivered_and_gone_when_its_work_succeeds() {
    let (queue, _server) = queue().await;
    let (events, mut delivered) = mpsc::unbounded_channel();
    let worker = queue.clone();
    tokio::spawn(async move {
        worker
            .deliver(4, |event| {
                events.send(event).unwrap();
                async { Ok::<_, ()>(json!({"batchItemFailures": []})) }
            })
            .await;
    });

    let sent = send(&queue, "job").await;

    let event = delivered.recv().await.unwrap();
    assert_eq!(event["Records"][0]["messageId"], sent.json()["MessageId"]);
    assert_eq!(event["Records"][0]["body"], "job");
    assert_eq!(queue.counts().visible, 0);
}

#[tokio::test]
async fn a_message_whose_work_fails_waits_for_another_try() {
    let (queue, _server) = queue().await;
    send(&queue, "job").await;
    let message = queue.receive().await;

    queue.settle(&message, &Err(()));

    let counts = plain_http::send("GET", &format!("{}/", origin(&queue)), "", "").await;
    assert_eq!(counts.json(), json!({"visible": 0, "delayed": 1, "inFlight": 0, "dead": 0}));
}

#[tokio::test]
async fn a_queue_that_is_down_refuses_and_one_that_loses_says_nothing() {
    let (queue, _server) = queue().await;

    queue.set_mode(Mode::Down);
    let refused = send(&queue, "job").await;
    queue.set_mode(Mode::Losing);
    let lost = send(&queue, "job").await;

    assert_eq!((refused.status, lost.status), (503, 200));
    assert_eq!(queue.counts().visible, 0);
}

#[tokio::test]
async fn a_refusal_names_sqs_own_error() {
    let (queue, _server) = queue().await;

    let refused = send(&queue, "").await;

    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["__type"], "com.amazonaws.sqs#InvalidParameterValue");
}

fn origin(queue: &Queue) -> String {
    let path = format!("/{}/{NAME}", crate::ACCOUNT);
    queue.url().strip_suffix(&path).unwrap().to_owned()
}
