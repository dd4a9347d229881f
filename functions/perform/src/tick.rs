//! What the schedule is for: lost wake-ups are made good, and what nobody clicks for is looked after.
//! People who clicked come first; nothing here waits for another part's slow peer.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::{
    clock::{Clock, Timestamp},
    error::Error,
    telemetry::metrics::TARGET,
};

use crate::{Perform, Queues, Table};

/// What has been due for this long was not woken: its wake-up is lost.
const OVERDUE: Duration = Duration::from_secs(10);

/// How many lost wake-ups of a kind one tick makes good.
const MOST: usize = 100;

/// So many of them are asked for at the same time: a queue that takes none must not take the minute.
const AT_ONCE: usize = 10;

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// One minute's.
    pub(crate) async fn tick(&self) {
        let started = self.clock.now();
        let before = started.minus(OVERDUE);
        self.sweep_jobs(before).await;
        tokio::join!(self.sweep_posts(before), self.look_at_sentry(started), self.upkeep(started));
    }

    /// Wakes the jobs whose wake-up was lost.
    async fn sweep_jobs(&self, before: Timestamp) {
        let due = match self.store.due(before, MOST).await {
            Ok(due) => due,
            Err(error) => return Error::from(error).log(),
        };
        if !due.is_empty() {
            tracing::warn!(event = "sweep.jobs_found", jobs = due.len());
        }
        let oldest = due.first().map(|(_, since)| self.clock.now().since(*since));
        tracing::info!(
            target: TARGET,
            Function = "perform",
            JobAge = oldest.unwrap_or_default().as_secs(),
            SweepFinds = u64::try_from(due.len()).unwrap_or(u64::MAX)
        );
        let wake = |(key, _)| async move { self.wake(&key, Duration::ZERO).await };
        stream::iter(due).for_each_concurrent(AT_ONCE, wake).await;
    }

    /// Wakes the posts whose wake-up was lost.
    async fn sweep_posts(&self, before: Timestamp) {
        let due = match self.store.due_posts(before, MOST).await {
            Ok(due) => due,
            Err(error) => return Error::from(error).log(),
        };
        if !due.is_empty() {
            tracing::info!(event = "sweep.posts_found", posts = due.len());
        }
        let wake = |key| async move { self.wake_later(&key, Duration::ZERO).await };
        stream::iter(due).for_each_concurrent(AT_ONCE, wake).await;
    }
}
