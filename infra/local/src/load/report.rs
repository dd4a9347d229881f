//! The figures, in words.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use super::{Crowd, Wanted, clicks::Clicks, flood::Flood, spread::Spread};

/// Promised to whoever clicks: so soon ninety-nine of a hundred are acknowledged.
const ACKNOWLEDGED: Duration = Duration::from_millis(50);
/// And ninety-five of a hundred see their alert redrawn.
const REDRAWN: Duration = Duration::from_secs(1);
/// Memory grows by less than one part of so many while requests come that nobody signed.
const GROWTH: u64 = 5;

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What was wanted.
    pub wanted: Wanted,
    /// What came of the clicks, at each size of the table.
    pub rounds: Vec<(Crowd, Clicks)>,
    /// What came of the requests that nobody signed.
    pub flood: Option<Flood>,
}

impl Report {
    /// Whether every click was acknowledged, changed its issue once and was shown, and every request
    /// that nobody signed was refused without a call; where it is judged, as soon as promised.
    pub fn is_whole(&self) -> bool {
        let refused = |flood: &Flood| flood.refused == flood.sent && flood.calls == 0;
        self.rounds.iter().all(|(_, clicks)| clicks.is_whole())
            && (!self.wanted.judged || self.broken().is_empty())
            && self.flood.as_ref().is_none_or(refused)
    }

    /// What was promised and not kept.
    pub fn broken(&self) -> Vec<String> {
        let clicks = self.rounds.iter().flat_map(|(_, clicks)| clicks.broken());
        let flood = self.flood.iter().filter_map(Flood::broken);
        clicks.chain(flood).collect()
    }
}

impl Clicks {
    fn broken(&self) -> impl Iterator<Item = String> {
        [
            ("acknowledged", &self.acknowledged, 99, ACKNOWLEDGED),
            ("redrawn", &self.redrawn, 95, REDRAWN),
        ]
        .into_iter()
        .filter(|(_, spread, percent, promised)| spread.percentile(*percent) > *promised)
        .map(|(what, spread, percent, promised)| {
            let took = millis(spread.percentile(percent));
            format!("{what}: p{percent} {took} ms, promised are {} ms", promised.as_millis())
        })
    }

    fn is_whole(&self) -> bool {
        let counts =
            [self.acknowledged.count(), self.redrawn.count(), self.changes, self.changed_issues];
        counts.iter().all(|count| *count == self.sent)
    }
}

impl Flood {
    fn broken(&self) -> Option<String> {
        let (before, after) = self.memory;
        (after > before + before / GROWTH)
            .then(|| format!("memory: from {} KiB to {} KiB", before >> 10, after >> 10))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Wanted { rate, sentry, .. } = &self.wanted;
        for (crowd, clicks) in &self.rounds {
            writeln!(
                f,
                "{} clicks, {rate} a second; Sentry takes {} ms; workspaces {}, identities {}",
                clicks.sent,
                sentry.as_millis(),
                crowd.workspaces,
                crowd.identities,
            )?;
            write!(f, "{clicks}")?;
        }
        if let Some(flood) = &self.flood {
            write!(f, "{flood}")?;
        }
        match self.wanted.judged {
            true if self.broken().is_empty() => writeln!(f, "all that is promised was kept"),
            true => self.broken().iter().try_for_each(|broken| writeln!(f, "not kept: {broken}")),
            false => Ok(()),
        }
    }
}

impl Display for Clicks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        line(f, "acknowledged", &self.acknowledged)?;
        line(f, "redrawn", &self.redrawn)?;
        writeln!(f, "  changed       {:6} issues, {} changes", self.changed_issues, self.changes)?;
        writeln!(
            f,
            "  processor     action {} ms, perform {} ms a click ({} and {} processes), all around them {} ms",
            millis(self.action),
            millis(self.perform),
            self.processes.0,
            self.processes.1,
            millis(self.around),
        )
    }
}

impl Display for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = f64::from(self.measured) / self.took.as_secs_f64().max(f64::EPSILON);
        writeln!(f, "{} requests that nobody signed, {rate:.0} a second", self.sent)?;
        writeln!(f, "  refused       {:6}, calls to anybody {}", self.refused, self.calls)?;
        writeln!(
            f,
            "  memory        {} KiB after the first {}, {} KiB after the last; {} ms each",
            self.memory.0 >> 10,
            self.sent - self.measured,
            self.memory.1 >> 10,
            millis(self.each),
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

    fn clicks(acknowledged: u64, redrawn: u64) -> Clicks {
        let all = |millis| Spread::of((0..100).map(move |_| Duration::from_millis(millis)));
        Clicks { acknowledged: all(acknowledged), redrawn: all(redrawn), ..Clicks::default() }
    }

    #[test]
    fn what_is_late_is_said_and_by_how_much() {
        let broken = |clicks: Clicks| clicks.broken().collect::<Vec<_>>();

        assert_eq!(broken(clicks(50, 1_000)), [""; 0]);
        assert_eq!(broken(clicks(51, 10)), ["acknowledged: p99 51.00 ms, promised are 50 ms"]);
        assert_eq!(broken(clicks(5, 1_001)), ["redrawn: p95 1001.00 ms, promised are 1000 ms"]);
    }

    #[test]
    fn memory_that_grows_and_grows_is_said() {
        let flood = |after: u64| Flood { memory: (10 << 20, after << 20), ..Flood::default() };

        assert_eq!(flood(12).broken(), None);
        assert_eq!(flood(13).broken(), Some("memory: from 10240 KiB to 13312 KiB".into()));
    }
}
