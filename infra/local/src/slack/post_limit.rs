//! How fast the app may post: one message a second in each channel, with a short burst; then 429 and
//! `Retry-After: 1` until a second has passed. How long a burst is Slack does not say; the
//! stand-in's is short, so that nobody relies on it (Slack: docs.slack.dev/apis/web-api/rate-limits).

use std::{collections::HashMap, time::Duration};

use shared::clock::Timestamp;

use super::{Slack, reply::Refusal, state::State};

const EVERY: Duration = Duration::from_secs(1);
/// How many messages come through at once after a rest.
const BURST: u32 = 3;

/// The limit, and how far each channel has run ahead of it.
#[derive(Debug, Default)]
pub(super) struct PostLimit {
    on: bool,
    /// When a channel will have had its rest (the generic cell rate algorithm's arrival time).
    rested: HashMap<String, Timestamp>,
}

impl Slack {
    /// Whether `chat.postMessage` is limited to one message a second in each channel. It is not from
    /// the start.
    pub fn limit_posts(&self, on: bool) {
        self.state().post_limit = PostLimit { on, ..PostLimit::default() };
    }
}

impl State {
    /// Counts a message in a channel, or refuses it.
    pub(super) fn take_turn(&mut self, channel: &str) -> Result<(), Refusal> {
        let now = self.now();
        if self.post_limit.admit(channel, now) { Ok(()) } else { Err(Refusal::rate_limited(1)) }
    }
}

impl PostLimit {
    fn admit(&mut self, channel: &str, now: Timestamp) -> bool {
        if !self.on {
            return true;
        }
        let rested = self.rested.entry(channel.to_owned()).or_insert(now);
        *rested = now.max(*rested);
        if rested.since(now) > EVERY * (BURST - 1) {
            return false;
        }
        *rested = rested.plus(EVERY);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn limit() -> PostLimit {
        PostLimit { on: true, ..PostLimit::default() }
    }

    /// How many of ten messages come through.
    fn admitted(limit: &mut PostLimit, channel: &str, now: Timestamp) -> usize {
        (0..10).filter(|_| limit.admit(channel, now)).count()
    }

    #[test]
    fn a_burst_comes_through_and_then_one_message_a_second() {
        let mut limit = limit();

        let now = admitted(&mut limit, "C1", NOW);
        let soon = admitted(&mut limit, "C1", NOW.plus(EVERY / 2));
        let later = admitted(&mut limit, "C1", NOW.plus(EVERY));

        assert_eq!((now, soon, later), (3, 0, 1));
    }

    #[test]
    fn a_channel_that_rests_has_its_burst_again() {
        let mut limit = limit();
        admitted(&mut limit, "C1", NOW);

        assert_eq!(admitted(&mut limit, "C1", NOW.plus(EVERY * 3)), 3);
    }

    #[test]
    fn channels_do_not_wait_for_one_another() {
        let mut limit = limit();
        admitted(&mut limit, "C1", NOW);

        assert_eq!(admitted(&mut limit, "C2", NOW), 3);
    }

    #[test]
    fn there_is_no_limit_unless_it_is_asked_for() {
        assert_eq!(admitted(&mut PostLimit::default(), "C1", NOW), 10);
    }
}
