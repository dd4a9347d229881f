//! Requests that nobody signed: whatever there are of them, they are refused, nobody else hears of them,
//! and they leave nothing in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::StatusCode};
use shared::{
    clock::{Clock, SystemClock},
    transport,
};
use tokio::task::JoinSet;

use super::{LoadError, instant, processes, started};
use crate::{
    binaries::Binaries,
    bundle::Options,
    server::{self, Server},
};

/// So many are on their way at the same time.
const AT_ONCE: usize = 8;
/// Memory is looked at after so many as well: by then every process has grown to its size.
const SETTLED: u32 = 2_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Flood {
    /// How many were sent.
    pub sent: u32,
    /// How many of them came after the first, which let every process grow to its size.
    pub measured: u32,
    /// How many were refused as they should be: 401, and nothing in the body.
    pub refused: u32,
    /// Calls that left the functions meanwhile, to whomever.
    pub calls: usize,
    /// Bytes of memory of all processes of `action`, after the first requests and after the last.
    pub memory: (u64, u64),
    /// How long the measured ones took.
    pub took: Duration,
    /// Processor time of `action` for one of them.
    pub each: Duration,
}

/// Sends them, to a bundle whose every neighbour counts who calls.
pub(super) async fn withstand(count: u32, binaries: &Binaries) -> Result<Flood, LoadError> {
    let wire = Tripwire::lay().await?;
    let neighbours = [
        "AWS_ENDPOINT_URL_DYNAMODB",
        "AWS_ENDPOINT_URL_SQS",
        "SLACK_URL",
        "SLACK_HOOKS_URL",
        "SENTRY_URL",
    ];
    let settings = neighbours.map(|name| (name.to_owned(), wire.origin.clone())).into();
    let only_action = binaries.iter().filter(|(name, _)| *name == "action");
    let only_action: Binaries =
        only_action.map(|(name, path)| (name.clone(), path.clone())).collect();
    let action = only_action.get("action").cloned().unwrap_or_default();
    let bundle = started(Options { settings, ..Options::new(only_action) }).await?;
    let url = format!("{}/action", bundle.addresses.public);

    let first = count.min(SETTLED);
    let mut refused = send(&url, first).await?;
    let (before, calls, begun) = (processes::usage(&action), wire.calls(), instant());
    refused += send(&url, count - first).await?;
    let (after, took) = (processes::usage(&action), begun.elapsed());
    let flood = Flood {
        sent: count,
        measured: count - first,
        refused,
        calls: wire.calls() - calls,
        memory: (before.memory, after.memory),
        took,
        each: after.since(&before) / (count - first).max(1),
    };
    bundle.stop().await;
    Ok(flood)
}

/// So many requests, and how many of them were refused.
async fn send(url: &str, count: u32) -> Result<u32, LoadError> {
    let http = transport::client(None)?;
    let left = Arc::new(AtomicUsize::new(count as usize));
    let mut senders = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (http, url, left) = (http.clone(), url.to_owned(), Arc::clone(&left));
        senders.spawn(async move {
            let mut refused = 0;
            let one = |left: usize| left.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one).is_ok() {
                let answer = http
                    .post(&url)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("x-slack-request-timestamp", SystemClock.now().secs())
                    .header("x-slack-signature", format!("v0={:064x}", 0))
                    .body("payload=%7B%22type%22%3A%22block_actions%22%7D")
                    .send()
                    .await;
                let Ok(answer) = answer else { continue };
                let is_refusal = answer.status() == StatusCode::UNAUTHORIZED;
                let is_empty = answer.bytes().await.is_ok_and(|body| body.is_empty());
                refused += u32::from(is_refusal && is_empty);
            }
            refused
        });
    }
    Ok(senders.join_all().await.into_iter().sum())
}

/// A neighbour that does nothing but count.
struct Tripwire {
    origin: String,
    calls: Arc<AtomicUsize>,
    _server: Server,
}

impl Tripwire {
    async fn lay() -> Result<Self, LoadError> {
        let listener = server::listen(0).await?;
        let origin = server::origin(&listener)?;
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let count = async move || {
            counter.fetch_add(1, Ordering::Relaxed);
            StatusCode::BAD_REQUEST
        };
        let server = Server::start(listener, Router::new().fallback(count));
        Ok(Self { origin, calls, _server: server })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}
