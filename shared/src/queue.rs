//! The wake-up: tells `perform` that a job or a post is due, or hands it links to show.
//!
//! The table holds the truth about jobs and posts; of those the queue holds names and nothing secret,
//! and a wake-up that is lost is made good by the sweep within a minute, so a failure there is logged
//! and forgotten. An unfurl is in the queue alone, sealed: who fails to send it has to say so.
//!
//! Posts and unfurls have a queue of their own, so that a burst of alerts makes no click wait.

use std::{future::Future, time::Duration};

use crate::{
    job::JobKey,
    post::PostKey,
    sqs::{Message, Sqs},
    unfurl::SealedUnfurl,
};

/// SQS delays a message by this at most.
const MAX_DELAY: Duration = Duration::from_mins(15);

/// How long the click waits for the queue.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long an unfurl waits for it: there is no sweep behind it, and nobody before it but Slack.
const UNFURL_PATIENCE: Duration = Duration::from_millis(1_500);

/// The queue did not take the message. The sweep will find a job or a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue did not take the message")]
pub struct NotWoken;

/// Can wake `perform`.
pub trait Wake: Send + Sync {
    /// Wakes it for `job` after `delay` (rounded up to seconds, 15 minutes at most).
    fn wake(
        &self,
        job: &JobKey,
        delay: Duration,
    ) -> impl Future<Output = Result<(), NotWoken>> + Send;
}

/// Can wake `perform` for what is to stand in a channel.
pub trait WakePosts: Send + Sync {
    /// Wakes it for `post`, in the same way.
    fn wake_post(
        &self,
        post: &PostKey,
        delay: Duration,
    ) -> impl Future<Output = Result<(), NotWoken>> + Send;
}

/// Can hand `perform` links to show.
pub trait SendUnfurl: Send + Sync {
    /// Hands these over, to be shown after `delay` (rounded up to seconds, 15 minutes at most).
    fn send_unfurl(
        &self,
        unfurl: &SealedUnfurl,
        delay: Duration,
    ) -> impl Future<Output = Result<(), NotWoken>> + Send;
}

/// The queues in SQS.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    sqs: Sqs,
    jobs: String,
    posts: String,
}

impl SqsQueue {
    /// The queues at these URLs: of jobs, and of posts and unfurls.
    pub fn new(sqs: Sqs, jobs: String, posts: String) -> Self {
        Self { sqs, jobs, posts }
    }

    async fn send(
        &self,
        queue: &str,
        body: &str,
        delay: Duration,
        patience: Duration,
    ) -> Result<(), NotWoken> {
        let seconds = delay.min(MAX_DELAY).as_millis().div_ceil(1000);
        let message = Message {
            queue_url: queue,
            message_body: body,
            delay_seconds: u16::try_from(seconds).ok().filter(|seconds| *seconds > 0),
        };
        match tokio::time::timeout(patience, self.sqs.send(&message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(NotWoken),
        }
    }
}

impl Wake for SqsQueue {
    async fn wake(&self, job: &JobKey, delay: Duration) -> Result<(), NotWoken> {
        self.send(&self.jobs, job.as_str(), delay, PATIENCE).await
    }
}

impl WakePosts for SqsQueue {
    async fn wake_post(&self, post: &PostKey, delay: Duration) -> Result<(), NotWoken> {
        self.send(&self.posts, &post.to_text(), delay, PATIENCE).await
    }
}

impl SendUnfurl for SqsQueue {
    async fn send_unfurl(&self, unfurl: &SealedUnfurl, delay: Duration) -> Result<(), NotWoken> {
        self.send(&self.posts, &unfurl.to_text(), delay, UNFURL_PATIENCE).await
    }
}
