//! The figures, in words.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use super::{Crowd, Wanted, clicks::Clicks, flood::Flood, spread::Spread};

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
    /// that nobody signed was refused without a call.
    pub fn is_whole(&self) -> bool {
        let refused = |flood: &Flood| flood.refused == flood.sent && flood.calls == 0;
        self.rounds.iter().all(|(_, clicks)| clicks.is_whole())
            && self.flood.as_ref().is_none_or(refused)
    }
}

impl Clicks {
    fn is_whole(&self) -> bool {
        let counts =
            [self.acknowledged.count(), self.redrawn.count(), self.changes, self.changed_issues];
        counts.iter().all(|count| *count == self.sent)
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
        match &self.flood {
            Some(flood) => write!(f, "{flood}"),
            None => Ok(()),
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
