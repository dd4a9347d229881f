//! Where an answer can go: a record that waits, sealed, until there is an answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{interaction::AlertPlace, response_url::ResponseUrl};
use crate::{
    clock::Timestamp,
    ids::{ChannelId, SlackUserId},
};

/// After this a `response_url` is not tried any more: Slack ends it at thirty minutes.
const URL_LIFE: Duration = Duration::from_mins(28);

/// Slack takes this many answers on a `response_url` and no more.
const URL_USES: u8 = 5;

/// Where an answer can go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The person.
    pub user: SlackUserId,
    /// Where they stand.
    pub channel: Option<ChannelId>,
    /// The alert's `ts`.
    pub message_ts: Option<String>,
    /// The quickest way.
    pub response_url: Option<ResponseUrl>,
    /// When that was given to us.
    pub since: Timestamp,
    /// How often it was used already.
    #[serde(default)]
    pub uses: u8,
}

impl ReplyTo {
    /// The way back from a click.
    pub fn click(
        user: &SlackUserId,
        alert: &AlertPlace,
        response_url: Option<&ResponseUrl>,
        since: Timestamp,
    ) -> Self {
        Self {
            user: user.clone(),
            channel: alert.channel.clone(),
            message_ts: alert.message_ts.clone(),
            response_url: response_url.cloned(),
            since,
            uses: 0,
        }
    }

    /// The same way after so many uses of its `response_url`.
    #[must_use]
    pub fn after(self, uses: u8) -> Self {
        Self { uses, ..self }
    }

    /// The `response_url`, while it lives.
    pub fn living_url(&self, now: Timestamp) -> Option<&ResponseUrl> {
        let lives = now.since(self.since) < URL_LIFE && self.uses < URL_USES;
        self.response_url.as_ref().filter(|_| lives)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{job::tests::a_click, slack::response_url::Hooks};

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn reply_to() -> ReplyTo {
        let hooks = Hooks::new(&Url::parse("https://hooks.slack.com").unwrap());
        let url = hooks.parse("https://hooks.slack.com/actions/T0/1/abc").unwrap();
        let click = a_click();
        ReplyTo::click(&click.person.user, &click.alert, Some(&url), NOW)
    }

    #[test]
    fn a_response_url_is_used_five_times_and_no_more() {
        for (uses, lives) in [(0, true), (4, true), (5, false), (200, false)] {
            assert_eq!(reply_to().after(uses).living_url(NOW).is_some(), lives, "{uses}");
        }
    }

    #[test]
    fn it_is_left_alone_before_slack_ends_it() {
        let at = |secs| NOW.plus(Duration::from_secs(secs));

        assert!(reply_to().living_url(at(28 * 60 - 1)).is_some());
        assert!(reply_to().living_url(at(28 * 60)).is_none());
    }
}
