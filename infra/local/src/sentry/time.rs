//! Moments as Sentry writes them: ISO 8601, UTC, microseconds, `2018-11-06T21:19:55.146000Z`.

use shared::clock::Timestamp;

use crate::calendar;

/// The moment's text form.
pub(super) fn iso8601(at: Timestamp) -> String {
    let seconds = calendar::iso8601(at);
    let micros = at.millis().rem_euclid(1000) * 1000;
    format!("{}.{micros:06}Z", seconds.trim_end_matches('Z'))
}

/// The time of day alone, for the eye: `21:19:55`.
pub(super) fn time_of_day(at: Timestamp) -> String {
    calendar::iso8601(at).split(['T', 'Z']).nth(1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_have_their_known_text() {
        for (millis, text) in [
            (-1, "1969-12-31T23:59:59.999000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999000Z"),
            (1_541_539_195_146, "2018-11-06T21:19:55.146000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(iso8601(Timestamp::from_millis(millis)), text);
        }
    }

    #[test]
    fn the_time_of_day_leaves_the_date_out() {
        assert_eq!(time_of_day(Timestamp::from_secs(1_700_000_000)), "22:13:20");
    }
}
