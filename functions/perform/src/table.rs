//! What the worker may do with the table and the queues, and what it remembers without them.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use shared::{
    clock::Timestamp,
    queue::{SendUnfurl, Wake, WakePosts},
    store::{
        ChangeInstallation, LoadClicker, NoteLook, OpenFlow, RenewTokens, TendInstallations,
        WeighClick, WorkJobs, WorkPosts,
    },
};

/// What the worker may do with the table.
pub trait Table:
    LoadClicker
    + OpenFlow
    + WeighClick
    + WorkJobs
    + WorkPosts
    + RenewTokens
    + ChangeInstallation
    + TendInstallations
    + NoteLook
{
}

impl<S> Table for S where
    S: LoadClicker
        + OpenFlow
        + WeighClick
        + WorkJobs
        + WorkPosts
        + RenewTokens
        + ChangeInstallation
        + TendInstallations
        + NoteLook
{
}

/// What the worker may do with the queues.
pub trait Queues: Wake + WakePosts + SendUnfurl {}

impl<Q> Queues for Q where Q: Wake + WakePosts + SendUnfurl {}

/// When something was done last, by this process.
#[derive(Debug)]
pub struct LastTime(AtomicI64);

impl Default for LastTime {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl LastTime {
    /// Whether it is due again; if so, it counts as done now.
    pub(crate) fn is_due(&self, now: Timestamp, every: Duration) -> bool {
        let last = Timestamp::from_millis(self.0.load(Ordering::Relaxed));
        let due = now >= last.plus(every);
        if due {
            self.0.store(now.millis(), Ordering::Relaxed);
        }
        due
    }
}
