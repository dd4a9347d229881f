//! The clicks: each under an alert of its own, about an issue of its own.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{
    Wanted, instant,
    linked::ALICE,
    processes::{self, Usage},
    report::Spread,
};
use crate::{
    binaries::Binaries,
    bundle::Bundle,
    sentry::FIRST_ADDED,
    slack::{Alert, MessageTs, Slack},
};

/// So many first clicks start the processes that the others find running; they do not count.
const WARM_UP: u32 = 5;
/// How often one looks whether an alert was redrawn.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long a click may take before it counts as lost.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of the clicks.
#[derive(Debug)]
pub struct Clicks {
    /// How many were sent.
    pub sent: usize,
    /// How many Slack was content with, and how long that took.
    pub acknowledged: Spread,
    /// How many alerts were redrawn, and how long after the click.
    pub redrawn: Spread,
    /// Changes in Sentry, and how many issues they are about.
    pub changes: usize,
    /// See [`Clicks::changes`].
    pub changed_issues: usize,
    /// Processor time of `action` for a click.
    pub action: Duration,
    /// The same of `perform`.
    pub perform: Duration,
    /// How many processes there were of each in the end.
    pub processes: (usize, usize),
}

/// When a click was made, acknowledged and shown, since its moment.
#[derive(Debug, Default, Clone, Copy)]
struct Times {
    acknowledged: Option<Duration>,
    redrawn: Option<Duration>,
}

/// Makes all clicks, and waits for what comes of them.
pub(super) async fn carry(
    bundle: &Bundle,
    wanted: &Wanted,
    binaries: &Binaries,
    tell: &impl Fn(&str),
) -> Clicks {
    let warm_up = wanted.rate * WARM_UP;
    let count = wanted.rate * wanted.seconds;
    bundle.sentry.add_issues((warm_up + count) as usize);
    tell(&format!("warming up: {warm_up} clicks"));
    round(bundle, 0..warm_up, wanted.rate, tell).await;

    let before = bundle.sentry.changes().len();
    let (action, perform) = (usage(binaries, "action"), usage(binaries, "perform"));
    tell(&format!("{count} clicks, {} a second", wanted.rate));
    let times = round(bundle, warm_up..warm_up + count, wanted.rate, tell).await;
    let changes = bundle.sentry.changes().split_off(before);
    let (action_after, perform_after) = (usage(binaries, "action"), usage(binaries, "perform"));
    Clicks {
        sent: times.len(),
        acknowledged: Spread::of(times.iter().filter_map(|times| times.acknowledged)),
        redrawn: Spread::of(times.iter().filter_map(|times| times.redrawn)),
        changes: changes.len(),
        changed_issues: changes.iter().map(|change| &change.issue).collect::<HashSet<_>>().len(),
        action: action_after.since(&action) / count.max(1),
        perform: perform_after.since(&perform) / count.max(1),
        processes: (action_after.processes, perform_after.processes),
    }
}

fn usage(binaries: &Binaries, function: &str) -> Usage {
    binaries.get(function).map(|binary| processes::usage(binary)).unwrap_or_default()
}

/// These clicks, `rate` a second.
async fn round(
    bundle: &Bundle,
    numbers: std::ops::Range<u32>,
    rate: u32,
    tell: &impl Fn(&str),
) -> Vec<Times> {
    let times = Arc::new(Mutex::new(vec![Times::default(); numbers.len()]));
    let begun = instant();
    let mut under_way = JoinSet::new();
    for (at, number) in numbers.enumerate() {
        let due = begun + Duration::from_secs(at as u64) / rate.max(1);
        tokio::time::sleep_until(due.into()).await;
        if at > 0 && at % (10 * rate.max(1) as usize) == 0 {
            tell(&format!("  {} s", begun.elapsed().as_secs()));
        }
        let slack = bundle.slack.clone();
        let alert = alert(&bundle.addresses.sentry, number);
        let times = Arc::clone(&times);
        under_way.spawn(async move {
            let clicked = click(&slack, &alert, due).await;
            if let Some(time) = times.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
                *time = clicked;
            }
        });
    }
    while under_way.join_next().await.is_some() {}
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    times.clone()
}

fn alert(sentry: &str, number: u32) -> Alert {
    let issue = FIRST_ADDED as u64 + 1 + u64::from(number);
    Alert { issue, short_id: format!("BACKEND-{issue}"), ..Alert::type_error(sentry) }
}

/// Counted from when it was due, so that what holds the clicks up counts as well.
async fn click(slack: &Slack, alert: &Alert, due: Instant) -> Times {
    let message = slack.post_alert(alert);
    let pressed = slack.press(ALICE, &message, "status::resolved", "resolved").await;
    let accepted = pressed.is_ok_and(|ack| ack.accepted());
    let acknowledged = accepted.then(|| due.elapsed());
    let redrawn = redrawn(slack, &message, due).await;
    Times { acknowledged, redrawn }
}

async fn redrawn(slack: &Slack, message: &MessageTs, due: Instant) -> Option<Duration> {
    while due.elapsed() < PATIENCE {
        if slack.revision(message).is_some_and(|revision| revision > 0) {
            return Some(due.elapsed());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    None
}
