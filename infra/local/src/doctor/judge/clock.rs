//! Clocks. Slack's signatures are believed for five minutes; who is a minute off is on the way there.

use std::time::Duration;

use shared::clock::Timestamp;

use crate::doctor::finding::Finding;

/// So far two clocks may be apart.
const MOST: Duration = Duration::from_mins(1);

/// Judges the bundle's clock by this machine's, and this machine's by Slack's.
pub(super) fn judge(
    bundle: Option<Timestamp>,
    here: Timestamp,
    slack: Option<(Timestamp, Timestamp)>,
) -> Vec<Finding> {
    let is_right = slack.map(|(slack, here)| apart(slack, here) <= MOST);
    let own = match slack {
        None => Finding::unknown("clock here", "Slack does not answer, so nothing to compare with"),
        Some((slack, here)) if apart(slack, here) > MOST => Finding::wrong(
            "clock here",
            format!("this machine's is {} Slack's", distance(here, slack)),
            "set this machine's clock by a time server",
        ),
        Some(_) => Finding::ok("clock here", "this machine's agrees with Slack's"),
    };
    let theirs = bundle.map(|bundle| match (apart(bundle, here) > MOST, is_right) {
        (false, _) => Finding::ok("clock", "the bundle's agrees with this machine's"),
        (true, Some(false)) => {
            Finding::unknown("clock", "cannot be judged by this machine's, which is wrong")
        }
        (true, _) => Finding::wrong(
            "clock",
            format!("the bundle's is {} this machine's", distance(bundle, here)),
            "find out which of the two is wrong: beyond five minutes what Slack signs is refused",
        ),
    });
    theirs.into_iter().chain([own]).collect()
}

fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

fn distance(one: Timestamp, other: Timestamp) -> String {
    let seconds = apart(one, other).as_secs();
    format!("{seconds} s {}", if one > other { "ahead of" } else { "behind" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{
        examination::tests::NOW,
        finding::State::{self, Ok, Unknown, Wrong},
    };

    fn off(seconds: i64) -> Timestamp {
        Timestamp::from_secs(NOW.secs() + seconds)
    }

    fn judged(bundle: i64, slack: Option<i64>) -> Vec<(State, String)> {
        let findings = judge(Some(off(bundle)), NOW, slack.map(|slack| (off(slack), NOW)));
        findings.into_iter().map(|finding| (finding.state, finding.found)).collect()
    }

    #[test]
    fn a_minute_is_allowed_in_both_directions_and_no_more() {
        for (bundle, slack, wanted) in [
            (0, Some(0), [Ok, Ok]),
            (60, Some(-60), [Ok, Ok]),
            (61, Some(0), [Wrong, Ok]),
            (-61, Some(0), [Wrong, Ok]),
            (0, Some(61), [Ok, Wrong]),
            (0, None, [Ok, Unknown]),
            (61, None, [Wrong, Unknown]),
            (300, Some(300), [Unknown, Wrong]),
        ] {
            let states: Vec<_> =
                judged(bundle, slack).into_iter().map(|(state, _)| state).collect();

            assert_eq!(states, wanted, "bundle {bundle}, Slack {slack:?}");
        }
    }

    #[test]
    fn it_is_said_which_way() {
        assert_eq!(judged(75, Some(0))[0].1, "the bundle's is 75 s ahead of this machine's");
        assert_eq!(judged(-75, Some(0))[0].1, "the bundle's is 75 s behind this machine's");
        assert_eq!(judged(0, Some(90))[1].1, "this machine's is 90 s behind Slack's");
    }

    #[test]
    fn a_clock_that_says_nonsense_is_wrong() {
        for millis in [i64::MIN, i64::MAX, 0] {
            let findings = judge(Some(Timestamp::from_millis(millis)), NOW, Some((NOW, NOW)));

            assert_eq!(findings[0].state, Wrong, "{millis}");
        }
    }

    #[test]
    fn without_the_bundles_time_this_machines_is_still_judged() {
        assert_eq!(judge(None, NOW, Some((off(90), NOW))).len(), 1);
    }
}
