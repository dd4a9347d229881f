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
        }
    }

    /// The `response_url`, while it lives.
    pub fn living_url(&self, now: Timestamp) -> Option<&ResponseUrl> {
        self.response_url.as_ref().filter(|_| now.since(self.since) < URL_LIFE)
    }
}
