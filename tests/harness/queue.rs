//! A queue that delivers when it is told to, and the events it delivers.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use shared::{
    clock::{Clock, ManualClock, Timestamp},
    job::JobKey,
    post::PostKey,
    queue::{NotWoken, SendUnfurl, Wake, WakePosts},
    unfurl::SealedUnfurl,
};

use super::{
    evidence::{self, Kind},
    journal::Journal,
};

/// The wake-ups that were asked for.
#[derive(Debug, Clone)]
pub(crate) struct TestQueue {
    clock: ManualClock,
    journal: Journal,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Each with the moment from which it can be taken.
    messages: Vec<(JobKey, Timestamp)>,
    /// The same of posts.
    posts: Vec<(PostKey, Timestamp)>,
    /// The same of unfurls.
    unfurls: Vec<(SealedUnfurl, Timestamp)>,
    sent: usize,
    down: bool,
}

impl TestQueue {
    /// An empty queue that goes by `clock` and writes into `journal`.
    pub(crate) fn new(clock: &ManualClock, journal: &Journal) -> Self {
        Self { clock: clock.clone(), journal: journal.clone(), state: Arc::default() }
    }

    /// A moment passes, as with a queue at the other end of a network.
    async fn travel(&self) {
        self.journal.begin("SendMessage");
        tokio::task::yield_now().await;
        self.journal.end();
    }

    /// From now on it takes nothing.
    pub(crate) fn break_down(&self) {
        self.state.lock().unwrap().down = true;
    }

    /// It works again.
    pub(crate) fn repair(&self) {
        self.state.lock().unwrap().down = false;
    }

    /// Forgets what it holds.
    pub(crate) fn lose_all(&self) {
        let mut state = self.state.lock().unwrap();
        state.messages.clear();
        state.posts.clear();
    }

    /// How many messages it ever took.
    pub(crate) fn sent(&self) -> usize {
        self.state.lock().unwrap().sent
    }

    /// What it holds, each with the time until it can be taken.
    pub(crate) fn waiting(&self) -> Vec<(JobKey, Duration)> {
        let now = self.clock.now();
        let messages = &self.state.lock().unwrap().messages;
        messages.iter().map(|(key, due)| (key.clone(), due.since(now))).collect()
    }

    /// Takes the first post's message whose delay is over.
    pub(crate) fn take_due_post(&self) -> Option<PostKey> {
        let now = self.clock.now();
        let posts = &mut self.state.lock().unwrap().posts;
        let at = posts.iter().position(|(_, due)| *due <= now)?;
        Some(posts.remove(at).0)
    }

    /// The unfurls it holds, each with the time until it can be taken.
    pub(crate) fn unfurls(&self) -> Vec<(SealedUnfurl, Duration)> {
        let now = self.clock.now();
        let unfurls = &self.state.lock().unwrap().unfurls;
        unfurls.iter().map(|(unfurl, due)| (unfurl.clone(), due.since(now))).collect()
    }

    /// Takes the first unfurl whose delay is over.
    pub(crate) fn take_due_unfurl(&self) -> Option<SealedUnfurl> {
        let now = self.clock.now();
        let unfurls = &mut self.state.lock().unwrap().unfurls;
        let at = unfurls.iter().position(|(_, due)| *due <= now)?;
        Some(unfurls.remove(at).0)
    }

    /// Takes the first message whose delay is over.
    pub(crate) fn take_due(&self) -> Option<JobKey> {
        let now = self.clock.now();
        let messages = &mut self.state.lock().unwrap().messages;
        let at = messages.iter().position(|(_, due)| *due <= now)?;
        Some(messages.remove(at).0)
    }
}

impl Wake for TestQueue {
    async fn wake(&self, job: &JobKey, delay: Duration) -> Result<(), NotWoken> {
        self.travel().await;
        let mut state = self.state.lock().unwrap();
        if state.down {
            return Err(NotWoken);
        }
        evidence::keep(Kind::Queue, || job.as_str().to_owned());
        let due = self.clock.now().plus(in_seconds(delay));
        state.messages.push((job.clone(), due));
        state.sent += 1;
        Ok(())
    }
}

impl WakePosts for TestQueue {
    async fn wake_post(&self, post: &PostKey, delay: Duration) -> Result<(), NotWoken> {
        self.travel().await;
        let mut state = self.state.lock().unwrap();
        if state.down {
            return Err(NotWoken);
        }
        evidence::keep(Kind::Queue, || format!("{post:?}"));
        let due = self.clock.now().plus(in_seconds(delay));
        state.posts.push((post.clone(), due));
        state.sent += 1;
        Ok(())
    }
}

impl SendUnfurl for TestQueue {
    async fn send_unfurl(&self, unfurl: &SealedUnfurl, delay: Duration) -> Result<(), NotWoken> {
        self.travel().await;
        let mut state = self.state.lock().unwrap();
        if state.down {
            return Err(NotWoken);
        }
        evidence::keep(Kind::Queue, || unfurl.to_text());
        let due = self.clock.now().plus(in_seconds(delay));
        state.unfurls.push((unfurl.clone(), due));
        Ok(())
    }
}

/// SQS counts in seconds, up to a quarter of an hour.
fn in_seconds(delay: Duration) -> Duration {
    let seconds = delay.as_millis().div_ceil(1000).try_into().unwrap();
    Duration::from_secs(seconds).min(Duration::from_mins(15))
}

/// A batch as Lambda hands it over.
pub(crate) fn sqs_event(keys: &[&JobKey]) -> Value {
    let bodies: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    sqs_event_of(&bodies)
}

/// The same of any bodies; message `n` is named `m<n>`.
pub(crate) fn sqs_event_of(bodies: &[&str]) -> Value {
    let record = |(n, body): (usize, &&str)| {
        json!({
            "messageId": format!("m{n}"), "receiptHandle": "r", "body": body, "attributes": {},
            "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:belay", "awsRegion": "us-east-1",
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// The schedule's tick.
pub(crate) fn tick_event() -> Value {
    json!({"source": "aws.events", "detail-type": "Scheduled Event"})
}
