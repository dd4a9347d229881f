//! The wake-up queue: what SQS and its event source mapping do in AWS.
//!
//! Messages come in by SQS's own protocol and go out one at a time, as
//! `{"Records":[{"messageId":…,"body":…,"eventSource":"aws:sqs",…}]}`. Work that fails, or that
//! names the message in `batchItemFailures`, brings it back (AWS: "Handling errors for an SQS event
//! source in Lambda"). `GET /` shows how many messages there are.

mod event;
mod messages;
mod protocol;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use shared::clock::{Clock, Timestamp};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};

pub use self::messages::{Counts, MAX_RECEIVES, Message, Messages};

/// The queue's name.
pub const NAME: &str = "wake-up";

/// How long the wait for a delayed message may be wrong after the clock was moved by hand.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What the queue does with a message that is sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It keeps and delivers it.
    #[default]
    Working,
    /// It refuses it: 503.
    Down,
    /// It says that all is well, and forgets it.
    Losing,
}

/// A queue. Clones share the messages.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    clock: Arc<dyn Clock>,
    messages: Mutex<Messages>,
    mode: Mutex<Mode>,
    arrivals: Notify,
}

impl Queue {
    /// An empty queue whose server is at `origin`. A failed message comes back after `visibility`.
    pub fn new(origin: &str, clock: Arc<dyn Clock>, visibility: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                url: format!("{origin}/{}/{NAME}", crate::ACCOUNT),
                clock,
                messages: Mutex::new(Messages::new(visibility)),
                mode: Mutex::default(),
                arrivals: Notify::new(),
            }),
        }
    }

    /// The address that senders name.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// SQS's protocol and, at `GET /`, the counts.
    pub fn router(&self) -> Router {
        Router::new().route("/", get(counts).post(call)).fallback(call).with_state(self.clone())
    }

    /// How many messages there are.
    pub fn counts(&self) -> Counts {
        self.messages().counts(self.now())
    }

    /// The messages that were given up.
    pub fn dead_letters(&self) -> Vec<Message> {
        self.messages().dead_letters().to_vec()
    }

    /// From now on.
    pub fn set_mode(&self, mode: Mode) {
        *lock(&self.shared.mode) = mode;
    }

    /// Delivers messages to `work`, so many at once, as long as it is polled; dropped, it gives up what
    /// is under way.
    pub async fn deliver<F, E>(self, at_once: usize, work: impl Fn(Value) -> F)
    where
        F: Future<Output = Result<Value, E>> + Send + 'static,
        E: Send + 'static,
    {
        let places = Arc::new(Semaphore::new(at_once));
        let mut under_way = JoinSet::new();
        // The semaphore is never closed.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            while under_way.try_join_next().is_some() {}
            let message = self.receive().await;
            let result = work(event::of(&message));
            let queue = self.clone();
            under_way.spawn(async move {
                queue.settle(&message, &result.await);
                drop(place);
            });
        }
    }

    /// Waits for a message.
    async fn receive(&self) -> Message {
        loop {
            let now = self.now();
            let (message, next) = {
                let mut messages = self.messages();
                (messages.receive(now), messages.next_visible())
            };
            if let Some(message) = message {
                return message;
            }
            let wait = next.map_or(LONGEST_WAIT, |next| next.since(now).min(LONGEST_WAIT));
            // Elapsed or notified: either way it is time to look again.
            let _ = tokio::time::timeout(wait, self.shared.arrivals.notified()).await;
        }
    }

    fn settle<E>(&self, message: &Message, result: &Result<Value, E>) {
        let succeeded = result.as_ref().is_ok_and(event::is_success);
        let mut messages = self.messages();
        if succeeded {
            messages.delete(&message.id);
        } else {
            messages.fail(&message.id);
        }
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        lock(&self.shared.messages)
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }
}

/// The queue's name as policies and events write it.
fn arn() -> String {
    format!("arn:aws:sqs:{}:{}:{NAME}", crate::REGION, crate::ACCOUNT)
}

async fn counts(State(queue): State<Queue>) -> Json<Counts> {
    Json(queue.counts())
}

async fn call(State(queue): State<Queue>, headers: HeaderMap, body: Bytes) -> Response {
    let mode = *lock(&queue.shared.mode);
    if mode == Mode::Down {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "Try again later.");
    }
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("authorization").starts_with("AWS4-HMAC-SHA256 ") {
        let message = "Request is missing Authentication Token";
        return refusal(StatusCode::FORBIDDEN, "MissingAuthenticationToken", message);
    }
    let target = header("x-amz-target");
    let now = queue.now();
    let answer = if mode == Mode::Losing {
        let mut nowhere = Messages::new(Duration::ZERO);
        protocol::answer(&mut nowhere, queue.url(), target, &body, now)
    } else {
        protocol::answer(&mut queue.messages(), queue.url(), target, &body, now)
    };
    queue.shared.arrivals.notify_one();
    match answer {
        Ok(answer) => amazon_json(StatusCode::OK, &answer),
        Err(why) => refusal(StatusCode::BAD_REQUEST, why.code, why.message),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let kind = format!("com.amazonaws.sqs#{code}");
    // SDKs know some errors by the name they had in SQS's older protocol, and look for it here.
    let older = match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        code => code,
    };
    let older = [("x-amzn-query-error", format!("{older};Sender"))];
    (older, amazon_json(status, &json!({"__type": kind, "message": message}))).into_response()
}

fn amazon_json(status: StatusCode, body: &Value) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    (status, content_type, body.to_string()).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
