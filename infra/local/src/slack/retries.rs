//! When Slack sends an event again: at once, after a minute and after five, each time with
//! `x-slack-retry-num` and `x-slack-retry-reason`, unless the app refuses with `x-slack-no-retry: 1`
//! (Slack: docs.slack.dev/apis/events-api).

use std::time::Duration;

use http::{HeaderMap, StatusCode};

/// The retries, each with the pause before it.
const PLAN: [(&str, Duration); 3] =
    [("1", Duration::ZERO), ("2", Duration::from_mins(1)), ("3", Duration::from_mins(5))];

/// One more attempt to deliver an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// `x-slack-retry-num`: 1, 2 or 3.
    pub number: u8,
    /// `x-slack-retry-reason`: what was wrong with the attempt before.
    pub reason: &'static str,
}

impl Retry {
    /// How long Slack waits before it.
    pub(super) fn pause(self) -> Duration {
        let (_, pause) = self.row().unwrap_or_default();
        pause
    }

    /// Its number as a header's value.
    pub(super) fn digit(self) -> &'static str {
        let (digit, _) = self.row().unwrap_or_default();
        digit
    }

    fn row(self) -> Option<(&'static str, Duration)> {
        PLAN.get(usize::from(self.number).checked_sub(1)?).copied()
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The app's HTTP status, and whether it wants no retry.
    Answered { status: StatusCode, no_retry: bool },
    /// Nothing within three seconds.
    TimedOut,
    /// Nobody is there.
    Unreachable,
}

impl Attempt {
    pub(super) fn answered(status: StatusCode, headers: &HeaderMap) -> Self {
        let no_retry = headers.get("x-slack-no-retry").is_some_and(|value| value == "1");
        Self::Answered { status, no_retry }
    }

    /// Whether Slack is content with it.
    pub(super) fn accepted(self) -> bool {
        self.reason().is_none()
    }

    /// The app's HTTP status, if there was an answer.
    pub(super) fn status(self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(status.as_u16()),
            Self::TimedOut | Self::Unreachable => None,
        }
    }

    fn reason(self) -> Option<&'static str> {
        match self {
            Self::Answered { status, .. } if status.is_success() => None,
            Self::Answered { .. } => Some("http_error"),
            Self::TimedOut => Some("http_timeout"),
            Self::Unreachable => Some("connection_failed"),
        }
    }
}

/// The attempt after this one, which was a retry or the first.
pub(super) fn next(retry: Option<Retry>, attempt: Attempt) -> Option<Retry> {
    let reason = attempt.reason()?;
    if matches!(attempt, Attempt::Answered { no_retry: true, .. }) {
        return None;
    }
    let next = Retry { number: retry.map_or(0, |retry| retry.number) + 1, reason };
    next.row().map(|_| next)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answered(status: u16) -> Attempt {
        Attempt::answered(StatusCode::from_u16(status).unwrap(), &HeaderMap::new())
    }

    #[test]
    fn three_retries_follow_a_failure() {
        let mut plan = Vec::new();
        let mut retry = None;
        while let Some(following) = next(retry, answered(500)) {
            plan.push((following.digit(), following.pause().as_secs()));
            retry = Some(following);
        }

        assert_eq!(plan, [("1", 0), ("2", 60), ("3", 300)]);
    }

    #[test]
    fn an_event_that_arrived_is_not_sent_again() {
        for status in [200, 202, 204] {
            assert_eq!(next(None, answered(status)), None, "{status}");
        }
    }

    #[test]
    fn the_reason_says_what_was_wrong() {
        for (attempt, reason) in [
            (answered(302), "http_error"),
            (answered(404), "http_error"),
            (Attempt::TimedOut, "http_timeout"),
            (Attempt::Unreachable, "connection_failed"),
        ] {
            assert_eq!(next(None, attempt).unwrap().reason, reason);
        }
    }

    #[test]
    fn the_app_can_refuse_for_good() {
        let refusal = HeaderValue::from_static("1");
        let headers = HeaderMap::from_iter([("x-slack-no-retry".parse().unwrap(), refusal)]);

        let attempt = Attempt::answered(StatusCode::NOT_FOUND, &headers);

        assert!(!attempt.accepted());
        assert_eq!(next(None, attempt), None);
    }
}
