//! How an answer reaches a person: through the `response_url` while it lives, else through the Web
//! API, else as a direct message.
//!
//! ```text
//! a new state of the alert   response_url → chat.update        → (the result, as below)
//! words for one person       response_url → chat.postEphemeral → chat.postMessage to the person
//! ```
//! A `response_url` works where the app is not in the channel, but five times and thirty minutes
//! only; the Web API needs the app in the channel; a direct message always arrives.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    client::{SlackClient, SlackError},
    interaction::AlertPlace,
    message::{Message, Shown},
    response_url::ResponseUrl,
};
use crate::{
    clock::Timestamp,
    ids::{ChannelId, SlackUserId},
    secret::Secret,
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

    fn living_url(&self, now: Timestamp) -> Option<&ResponseUrl> {
        self.response_url.as_ref().filter(|_| now.since(self.since) < URL_LIFE)
    }
}

impl SlackClient {
    /// Tells one person something.
    pub async fn tell(
        &self,
        to: &ReplyTo,
        bot_token: Option<&Secret>,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), SlackError> {
        if self.try_url(to, message, Shown::Ephemeral, now).await? {
            return Ok(());
        }
        let token = bot_token.ok_or(SlackError::DeadUrl)?;
        self.tell_by_api(to, token, message).await
    }

    /// Puts the alert's new state in its place. `result` is told instead where the alert cannot be
    /// changed any more.
    pub async fn redraw(
        &self,
        to: &ReplyTo,
        bot_token: Option<&Secret>,
        alert: &Message,
        result: &Message,
        now: Timestamp,
    ) -> Result<(), SlackError> {
        if self.try_url(to, alert, Shown::Replacing, now).await? {
            return Ok(());
        }
        let token = bot_token.ok_or(SlackError::DeadUrl)?;
        if let (Some(channel), Some(ts)) = (&to.channel, &to.message_ts) {
            let mut body = json!({"channel": channel, "ts": ts});
            alert.write_into(&mut body);
            match self.call("chat.update", token, &body).await {
                Ok(_) => return Ok(()),
                Err(error @ SlackError::Unavailable { .. }) => return Err(error),
                // Not the app's own message, too old, gone: the words still count.
                Err(_) => {}
            }
        }
        self.tell_by_api(to, token, result).await
    }

    /// Whether the `response_url` took it. A dead or refusing one is no failure: there are others.
    async fn try_url(
        &self,
        to: &ReplyTo,
        message: &Message,
        shown: Shown,
        now: Timestamp,
    ) -> Result<bool, SlackError> {
        let Some(url) = to.living_url(now) else { return Ok(false) };
        match self.respond(url, message, shown).await {
            Ok(()) => Ok(true),
            Err(_) => Ok(false),
        }
    }

    async fn tell_by_api(
        &self,
        to: &ReplyTo,
        token: &Secret,
        message: &Message,
    ) -> Result<(), SlackError> {
        if let Some(channel) = &to.channel {
            let mut body = json!({"channel": channel, "user": to.user});
            message.write_into(&mut body);
            match self.call("chat.postEphemeral", token, &body).await {
                Ok(_) => return Ok(()),
                Err(error @ SlackError::Unavailable { .. }) => return Err(error),
                // The app or the person is not in the channel.
                Err(_) => {}
            }
        }
        let mut body: Value = json!({"channel": to.user, "unfurl_links": false});
        message.write_into(&mut body);
        self.call("chat.postMessage", token, &body).await.map(drop)
    }
}
