//! The figures, in words.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use super::{Wanted, clicks::Clicks, flood::Flood};

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What was wanted.
    pub wanted: Wanted,
    /// What came of the clicks.
    pub clicks: Clicks,
    /// What came of the requests that nobody signed.
    pub flood: Flood,
}

/// How long something took, over many times.
#[derive(Debug, Default)]
pub struct Spread(Vec<Duration>);

impl Spread {
    pub(super) fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        Self(times)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that so many of a hundred did not exceed (nearest rank).
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }
}

impl Report {
    /// Whether every click was acknowledged, changed its issue once and was shown, and every request
    /// that nobody signed was refused without a call.
    pub fn is_whole(&self) -> bool {
        let Clicks { sent, acknowledged, redrawn, changes, changed_issues, .. } = &self.clicks;
        let counts = [acknowledged.count(), redrawn.count(), *changes, *changed_issues];
        counts.iter().all(|count| count == sent)
            && self.flood.refused == self.flood.sent
            && self.flood.calls == 0
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, clicks, flood } = self;
        writeln!(
            f,
            "{} clicks, {} a second; Sentry takes {} ms; {} workspaces, {} identities",
            clicks.sent,
            wanted.rate,
            wanted.sentry.as_millis(),
            wanted.workspaces,
            wanted.identities,
        )?;
        line(f, "acknowledged", &clicks.acknowledged)?;
        line(f, "redrawn", &clicks.redrawn)?;
        writeln!(
            f,
            "  changed       {:6} issues, {} changes",
            clicks.changed_issues, clicks.changes
        )?;
        writeln!(
            f,
            "  processor     action {} ms, perform {} ms a click ({} and {} processes)",
            millis(clicks.action),
            millis(clicks.perform),
            clicks.processes.0,
            clicks.processes.1,
        )?;
        if flood.sent == 0 {
            return Ok(());
        }
        writeln!(
            f,
            "{} requests that nobody signed, {:.0} a second",
            flood.sent,
            f64::from(flood.sent) / flood.took.as_secs_f64().max(f64::EPSILON),
        )?;
        writeln!(f, "  refused       {:6}, calls to anybody {}", flood.refused, flood.calls)?;
        let mebibytes =
            |bytes: u64| format!("{}.{}", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20);
        writeln!(
            f,
            "  memory        {} MiB after the first, {} MiB after the last; {} ms each",
            mebibytes(flood.memory.0),
            mebibytes(flood.memory.1),
            millis(flood.each),
        )
    }
}

fn line(f: &mut fmt::Formatter<'_>, what: &str, spread: &Spread) -> fmt::Result {
    write!(f, "  {what:13} {:6}", spread.count())?;
    for percent in [50, 95, 99, 100] {
        write!(f, "  p{percent} {} ms", millis(spread.percentile(percent)))?;
    }
    writeln!(f)
}

fn millis(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let spread = Spread::of((1..=200).rev().map(Duration::from_millis));

        let percentiles = [50, 95, 99, 100].map(|percent| spread.percentile(percent).as_millis());

        assert_eq!(percentiles, [100, 190, 198, 200]);
        assert_eq!(Spread::default().percentile(99), Duration::ZERO);
    }
}
