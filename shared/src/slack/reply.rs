//! How an answer reaches a person: through the `response_url` while it lives, else through the Web
//! API, else as a direct message.
//!
//! ```text
//! a new state of the alert   response_url → chat.update        → (the result, as below)
//! words for one person       response_url → chat.postEphemeral → chat.postMessage to the person
//! ```
//! A `response_url` works where the app is not in the channel, but five times and thirty minutes
//! only; the Web API needs the app in the channel; a direct message always arrives.

use serde_json::{Value, json};

use super::{
    client::{SlackClient, SlackError},
    message::{Message, Shown},
    reply_to::ReplyTo,
};
use crate::{
    clock::Timestamp,
    ids::{ChannelId, SlackUserId},
    secret::Secret,
};

impl SlackClient {
    /// Tells one person something.
    pub async fn tell(
        &self,
        to: &ReplyTo,
        bot_token: Option<&Secret>,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), SlackError> {
        let Err(why_not) = self.try_url(to, message, Shown::Ephemeral, now).await else {
            return Ok(());
        };
        let token = bot_token.ok_or(why_not)?;
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
        let Err(why_not) = self.try_url(to, alert, Shown::Replacing, now).await else {
            return Ok(());
        };
        let token = bot_token.ok_or(why_not)?;
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

    /// Tells it through the `response_url`. That it did not take it is a failure only where there is no
    /// other way.
    async fn try_url(
        &self,
        to: &ReplyTo,
        message: &Message,
        shown: Shown,
        now: Timestamp,
    ) -> Result<(), SlackError> {
        let url = to.living_url(now).ok_or(SlackError::DeadUrl)?;
        self.respond(url, message, shown).await
    }

    /// Says something to a person directly, wherever they stand.
    pub async fn tell_directly(
        &self,
        token: &Secret,
        conversation: &str,
        message: &Message,
    ) -> Result<(), SlackError> {
        let mut body: Value = json!({"channel": conversation, "unfurl_links": false});
        message.write_into(&mut body);
        self.call("chat.postMessage", token, &body).await.map(drop)
    }

    /// Says something in a channel that `user` alone sees, in the thread if there is one.
    pub async fn tell_aside(
        &self,
        token: &Secret,
        channel: &ChannelId,
        thread: Option<&str>,
        user: &SlackUserId,
        message: &Message,
    ) -> Result<(), SlackError> {
        let mut body = json!({"channel": channel, "user": user});
        if let (Some(thread), Value::Object(body)) = (thread, &mut body) {
            body.insert("thread_ts".into(), thread.into());
        }
        message.write_into(&mut body);
        self.call("chat.postEphemeral", token, &body).await.map(drop)
    }

    async fn tell_by_api(
        &self,
        to: &ReplyTo,
        token: &Secret,
        message: &Message,
    ) -> Result<(), SlackError> {
        if let Some(channel) = &to.channel {
            match self.tell_aside(token, channel, None, &to.user, message).await {
                Ok(()) => return Ok(()),
                Err(error @ SlackError::Unavailable { .. }) => return Err(error),
                // The app or the person is not in the channel.
                Err(_) => {}
            }
        }
        self.tell_directly(token, to.user.as_str(), message).await
    }
}
