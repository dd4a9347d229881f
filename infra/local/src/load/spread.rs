//! Many times, as percentiles.

use std::time::Duration;

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
