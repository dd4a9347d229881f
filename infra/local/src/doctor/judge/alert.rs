//! The test alert: does the bundle take what Sentry would send?

use super::super::{examination::Heard, finding::Finding};

/// What the answer to the test alert means; nothing if none was asked for.
pub(super) fn judge(alert: Option<&Result<Heard, String>>) -> Option<Finding> {
    const CHECK: &str = "test alert";
    Some(match alert? {
        Err(why) => Finding::wrong(CHECK, why, "Name an organization that stands in SENTRY_HOOKS."),
        Ok(Ok(answer)) if answer.status == 200 => Finding::ok(
            CHECK,
            "taken; it stands in the channel where `/sentry alerts here` was typed, within seconds",
        ),
        Ok(Ok(answer)) if answer.status == 401 => Finding::wrong(
            CHECK,
            "refused (401)",
            "SENTRY_HOOKS here and in the bundle's front secret differ, or `alert` has not started \
             anew since it was changed: write the integration's client secret into both, then \
             `fresh_start` (infra/README.md).",
        ),
        Ok(Ok(answer)) => Finding::wrong(
            CHECK,
            format!("answered with {}", answer.status),
            "Look at the log of the function `alert`.",
        ),
        Ok(Err(why)) => Finding::wrong(CHECK, why, "Look at the log of the function `alert`."),
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{examination::tests::heard, finding::State},
        *,
    };

    #[test]
    fn a_test_alert_is_judged_only_if_it_was_sent() {
        let state = |alert: Result<Heard, String>| judge(Some(&alert)).map(|found| found.state);

        assert_eq!(judge(None), None);
        assert_eq!(state(Ok(heard(200, ""))), Some(State::Ok));
        for wrong in [Ok(heard(401, "")), Ok(heard(503, "")), Err("no such organization".into())] {
            assert_eq!(state(wrong), Some(State::Wrong));
        }
    }
}
