//! What Slack's answer means for a post. Pure: no clock, no table, no network.

use std::time::Duration;

use shared::{
    clock::Timestamp,
    post::{Post, Step},
    slack::client::SlackError,
};

/// What came of telling Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The message stands, under this `ts`.
    Posted(String),
    /// The message with this `ts` shows it.
    Updated(String),
    /// The thread knows that it happened again so often.
    Replied(u32),
    /// The message with this `ts` is gone, or cannot be changed any more.
    Gone(String),
    /// Slack asked to wait, or did not answer.
    NotNow(Option<Duration>),
    /// Slack will never take it, by its name for that.
    Never(String),
    /// It cannot be told, by our name for the reason: Slack was not asked.
    Unable(&'static str),
}

impl Told {
    /// Reads Slack's answer to a step; a message's `ts` where it was one.
    pub fn by(step: &Step, answer: Result<String, SlackError>) -> Self {
        match (step, answer) {
            (Step::Post, Ok(ts)) => Self::Posted(ts),
            (Step::Reply(_, count), Ok(_)) => Self::Replied(*count),
            (Step::Update(ts), Ok(_)) => Self::Updated(ts.clone()),
            (Step::Update(ts) | Step::Reply(ts, _), Err(SlackError::Refused(code)))
                if is_gone(&code) =>
            {
                Self::Gone(ts.clone())
            }
            (_, Err(SlackError::Refused(code))) if has_ended(&code) => Self::NotNow(None),
            (_, Err(SlackError::Refused(code))) => Self::Never(code),
            (_, Err(SlackError::Unavailable { retry_after })) => Self::NotNow(retry_after),
            // Neither is an answer to what was asked here.
            (Step::Nothing, Ok(_)) | (_, Err(SlackError::DeadUrl | SlackError::IdToken(_))) => {
                Self::Unable("unexpected")
            }
        }
    }

    /// What that makes of the post, `revision` being what was shown.
    pub fn applied(&self, post: &Post, revision: u64, now: Timestamp) -> Post {
        match self {
            Self::Posted(ts) => post.posted(ts, revision, now),
            Self::Updated(ts) => post.updated(ts, revision, now),
            Self::Replied(count) => post.replied(*count, now),
            Self::Gone(ts) => post.gone(ts, now),
            Self::NotNow(retry_after) => post.put_off(*retry_after, now),
            Self::Never(code) => post.failed(code, now),
            Self::Unable(why) => post.failed(why, now),
        }
    }
}

/// The message is deleted, or may not be changed any more.
fn is_gone(code: &str) -> bool {
    matches!(
        code,
        "message_not_found"
            | "thread_not_found"
            | "cant_update_message"
            | "edit_window_closed"
            | "cannot_reply_to_message"
    )
}

/// The token ended sooner than was planned: it is renewed by whoever comes next.
pub(crate) fn has_ended(code: &str) -> bool {
    code == "token_expired"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Result<String, SlackError> {
        Err(SlackError::Refused(code.into()))
    }

    fn reply() -> Step {
        Step::Reply("1.2".into(), 3)
    }

    #[test]
    fn what_slack_took_is_written_down_as_that() {
        let ok = || Ok("1.3".to_owned());

        assert_eq!(Told::by(&Step::Post, ok()), Told::Posted("1.3".into()));
        assert_eq!(Told::by(&Step::Update("1.2".into()), ok()), Told::Updated("1.2".into()));
        assert_eq!(Told::by(&reply(), ok()), Told::Replied(3));
    }

    #[test]
    fn a_message_that_is_gone_is_forgotten() {
        for code in ["message_not_found", "cant_update_message", "edit_window_closed"] {
            let told = Told::by(&Step::Update("1.2".into()), refused(code));
            assert_eq!(told, Told::Gone("1.2".into()), "{code}");
        }
        assert_eq!(Told::by(&reply(), refused("thread_not_found")), Told::Gone("1.2".into()));
    }

    #[test]
    fn a_channel_that_takes_nothing_is_not_asked_for_ever() {
        for code in ["not_in_channel", "is_archived", "channel_not_found", "invalid_blocks"] {
            for step in [Step::Post, Step::Update("1.2".into()), reply()] {
                assert_eq!(Told::by(&step, refused(code)), Told::Never(code.into()), "{code}");
            }
        }
    }

    #[test]
    fn slacks_own_trouble_passes() {
        let wait = Some(Duration::from_secs(7));
        let asked = Err(SlackError::Unavailable { retry_after: wait });

        assert_eq!(Told::by(&Step::Post, asked), Told::NotNow(wait));
        assert_eq!(Told::by(&Step::Post, refused("token_expired")), Told::NotNow(None));
    }
}
