//! The queue, as its senders reach it: by SQS's protocol, over HTTP.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::config::Credentials;
use axum::{extract::Request, http::StatusCode, middleware::Next, response::IntoResponse};
use local::{
    queue::Queue,
    server::{self, Server},
};
use serde_json::json;
use shared::{
    clock::{ManualClock, Timestamp},
    job::JobKey,
    queue::{NotWoken, SqsQueue, Wake},
    sqs::Sqs,
    transport,
};
use tokio::sync::mpsc;
use url::Url;

/// SQS, which is sent to through a door that is counted, and shut at first.
struct Place {
    queue: Queue,
    sender: SqsQueue,
    sent: Arc<AtomicUsize>,
    clock: ManualClock,
    _server: Server,
}

impl Place {
    /// One that turns so many calls away.
    async fn that_fails(times: usize) -> Self {
        let listener = server::listen(0).await.unwrap();
        let origin = server::origin(&listener).unwrap();
        let clock = ManualClock::at(Timestamp::from_secs(1_700_000_000));
        let queue = Queue::new(&origin, Arc::new(clock.clone()), Duration::from_secs(5));
        let sent = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&sent);
        let door = axum::middleware::from_fn(move |request: Request, next: Next| {
            let shut = seen.fetch_add(1, Ordering::SeqCst) < times;
            async move {
                if shut {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                next.run(request).await
            }
        });
        let server = Server::start(listener, queue.router().layer(door));
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let http = transport::client(None).unwrap();
        let endpoint = Url::parse(&origin).unwrap();
        let sqs = Sqs::new(http, endpoint, "us-east-1".to_owned(), credentials);
        let sender = SqsQueue::new(sqs, queue.url().to_owned(), queue.url().to_owned());
        Self { queue, sender, sent, clock, _server: server }
    }

    async fn wake(&self, delay: Duration) -> Result<(), NotWoken> {
        self.sender.wake(&job(), delay).await
    }

    fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

fn job() -> JobKey {
    JobKey::of_flow("a-flow")
}

#[tokio::test]
async fn a_wake_up_carries_the_name_of_its_job() {
    let place = Place::that_fails(0).await;
    let (events, mut delivered) = mpsc::unbounded_channel();
    tokio::spawn(place.queue.clone().deliver(1, move |event| {
        events.send(event).unwrap();
        async { Ok::<_, ()>(json!({"batchItemFailures": []})) }
    }));

    place.wake(Duration::ZERO).await.unwrap();

    let came = delivered.recv().await.unwrap();
    assert_eq!(came["Records"][0]["body"], job().as_str());
    assert_eq!(place.sent(), 1);
}

#[tokio::test]
async fn a_wake_up_for_later_waits_its_full_time() {
    let place = Place::that_fails(0).await;

    place.wake(Duration::from_millis(2_001)).await.unwrap();

    place.clock.advance(Duration::from_millis(2_999));
    assert_eq!((place.queue.counts().visible, place.queue.counts().delayed), (0, 1));
    place.clock.advance(Duration::from_millis(1));
    assert_eq!((place.queue.counts().visible, place.queue.counts().delayed), (1, 0));
}

#[tokio::test]
async fn a_wake_up_that_sqs_turns_away_twice_arrives_at_the_third_attempt() {
    let place = Place::that_fails(2).await;

    let woken = place.wake(Duration::ZERO).await;

    assert_eq!(woken, Ok(()));
    assert_eq!((place.sent(), place.queue.counts().visible), (3, 1));
}

#[tokio::test]
async fn a_wake_up_that_sqs_never_takes_is_given_up() {
    let place = Place::that_fails(usize::MAX).await;

    let woken = place.wake(Duration::ZERO).await;

    assert_eq!(woken, Err(NotWoken));
    assert_eq!((place.sent(), place.queue.counts().visible), (3, 0));
}
