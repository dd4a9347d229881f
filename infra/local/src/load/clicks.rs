//! The clicks: each under an alert of its own, about an issue of its own.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{
    Wanted, instant,
    linked::ALICE,
    processes::{self, Usage},
    spread::Spread,
};
use crate::{
    binaries::Binaries,
    bundle::Bundle,
    sentry::FIRST_ADDED,
    slack::{Alert, MessageTs, Slack},
};

/// First clicks start the processes that the others find running; they do not count. In so many
/// seconds they become as many a second as the others are, so that processes start one after the other.
const WARM_UP: u32 = 10;
/// How often one looks whether an alert was redrawn, at most.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// So many looks in the time that went by since the click. A figure is late by as much of itself, and
/// a bundle that falls behind is not held up further by those who watch it.
const LOOKS: u32 = 20;
/// How long a click may take before it counts as lost.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of the clicks.
#[derive(Debug, Default)]
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
    /// The same of what is around them: gateway, queue, table, Slack, Sentry, and whoever clicks.
    pub around: Duration,
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
    let warm_up = wanted.rate * WARM_UP / 2;
    let count = wanted.rate * wanted.seconds;
    bundle.sentry.add_issues((warm_up + count) as usize);
    tell(&format!("warming up: {warm_up} clicks"));
    round(bundle, 0..warm_up, growing_to(wanted.rate), tell).await;

    let before = bundle.sentry.changes().len();
    let (action, perform) = (usage(binaries, "action"), usage(binaries, "perform"));
    let around = processes::own();
    tell(&format!("{count} clicks, {} a second", wanted.rate));
    let times = round(bundle, warm_up..warm_up + count, steady(wanted.rate), tell).await;
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
        around: processes::own().since(&around) / count.max(1),
        processes: (action_after.processes, perform_after.processes),
    }
}

fn usage(binaries: &Binaries, function: &str) -> Usage {
    binaries.get(function).map(|binary| processes::usage(binary)).unwrap_or_default()
}

/// When each click is due, after the first: so many a second.
fn steady(rate: u32) -> impl Fn(u32) -> Duration {
    move |at| Duration::from_secs(at.into()) / rate.max(1)
}

/// From none a second to so many, evenly, in [`WARM_UP`] seconds.
fn growing_to(rate: u32) -> impl Fn(u32) -> Duration {
    let clicks = f64::from(rate.max(1) * WARM_UP) / 2.0;
    move |at| Duration::from_secs(WARM_UP.into()).mul_f64((f64::from(at) / clicks).sqrt())
}

/// These clicks, each when it is due.
async fn round(
    bundle: &Bundle,
    numbers: std::ops::Range<u32>,
    due_after: impl Fn(u32) -> Duration,
    tell: &impl Fn(&str),
) -> Vec<Times> {
    let begun = instant();
    let mut under_way = JoinSet::new();
    let mut told = 0;
    for (at, number) in (0..).zip(numbers) {
        let due_after = due_after(at);
        let due = begun + due_after;
        tokio::time::sleep_until(due.into()).await;
        let tens = due_after.as_secs() / 10;
        if tens > told {
            told = tens;
            tell(&format!("  {tens}0 s"));
        }
        let slack = bundle.slack.clone();
        let alert = alert(&bundle.addresses.sentry, number);
        under_way.spawn(async move { click(&slack, &alert, due).await });
    }
    let mut times = Vec::new();
    while let Some(clicked) = under_way.join_next().await {
        // One that broke off was neither acknowledged nor shown.
        times.push(clicked.unwrap_or_default());
    }
    times
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
        tokio::time::sleep(LOOK_EVERY.max(due.elapsed() / LOOKS)).await;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_clicks_become_as_many_a_second_as_the_others_are() {
        let first = growing_to(100);

        let in_second = |second: u64| (0..500).filter(|at| first(*at).as_secs() == second).count();
        let counts: Vec<_> = (0..10).map(in_second).collect();
        assert_eq!(counts.iter().sum::<usize>(), 500);
        assert!(counts[0] <= 5 && counts[9] >= 95, "{counts:?}");
        assert!(counts.is_sorted(), "{counts:?}");
        assert_eq!(steady(100)(250), Duration::from_millis(2500));
    }
}
