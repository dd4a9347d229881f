//! How long Slack is kept waiting: one deadline for everything that a request needs of others.
//!
//! Slack waits three seconds for an answer and then shows the person a warning. Every call has a
//! time-out of its own, but calls follow one another; so each also ends by a moment that is counted
//! from the request's arrival:
//!
//! ```text
//! by 1.2 s  what Slack is asked before something is written
//! by 1.5 s  what the table reads and writes
//! by 2.5 s  what is said in Slack
//! ```
//! What is cut off there has failed like a call whose answer was lost: it may have been heard.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    slack::client::{SlackError, UNAVAILABLE},
    store::StoreError,
};

/// Leaves the table time enough to write, if it is well.
const ASKED: Duration = Duration::from_millis(1_200);

/// Who clicks is told soon that the click was not taken.
const KEPT: Duration = Duration::from_millis(1_500);

/// Leaves the answer time enough to reach Slack.
const SAID: Duration = Duration::from_millis(2_500);

/// When a request that Slack waits for has to be over.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    arrival: Instant,
}

impl Deadline {
    /// Of a request that arrives now.
    pub fn from_now() -> Self {
        Self { arrival: Instant::now() }
    }

    /// What Slack answers, if it does in time.
    pub async fn asked<T>(
        self,
        question: impl Future<Output = Result<T, SlackError>>,
    ) -> Result<T, SlackError> {
        self.within(ASKED, question).await.unwrap_or(Err(UNAVAILABLE))
    }

    /// What the table answers, if it does in time.
    pub async fn kept<T, E: From<StoreError>>(
        self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.within(KEPT, work).await.unwrap_or_else(|| Err(StoreError::Unavailable.into()))
    }

    /// Whether Slack took the words in time.
    pub async fn said(
        self,
        words: impl Future<Output = Result<(), SlackError>>,
    ) -> Result<(), SlackError> {
        self.within(SAID, words).await.unwrap_or(Err(UNAVAILABLE))
    }

    /// What comes of it, if that is so soon after the arrival.
    pub async fn within<T>(self, patience: Duration, work: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.arrival + patience, work).await.ok()
    }
}
