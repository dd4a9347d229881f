//! Time comes in as an argument, so that a test can say what time it is.
//!
//! Rules take a [`Timestamp`]; only the edge holds a [`Clock`]. [`SystemClock`] is the one place
//! that asks the machine.

use std::{
    fmt,
    sync::Arc,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// From Slack's `ts` form, seconds with a fraction: `1700000000.403007`.
    pub fn parse_slack(ts: &str) -> Option<Self> {
        let (secs, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
        let secs: u32 = secs.parse().ok()?;
        let micros: u32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
        Some(Self(i64::from(secs) * 1000 + i64::from(micros / 1000)))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment plus a span; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment less a span; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The time from `earlier` to this moment; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// Hands out the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        let elapsed = std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved. All clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves the time on.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_times_keep_their_milliseconds() {
        assert_eq!(
            Timestamp::parse_slack("1700000000.403007"),
            Some(Timestamp::from_millis(1_700_000_000_403))
        );
        assert_eq!(Timestamp::parse_slack("1700000000"), Some(Timestamp::from_secs(1_700_000_000)));
    }

    #[test]
    fn what_is_no_slack_time_is_refused() {
        for text in ["", ".", "-1.5", "1e9", "1700000000.x", "99999999999.0"] {
            assert_eq!(Timestamp::parse_slack(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_manual_clock_moves_for_all_its_clones() {
        let clock = ManualClock::at(Timestamp::from_secs(10));
        let other = clock.clone();

        clock.advance(Duration::from_secs(5));

        assert_eq!(other.now(), Timestamp::from_secs(15));
    }
}
