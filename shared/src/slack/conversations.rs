//! The calls to Slack about conversations: saying something in one, changing it, showing what is under
//! links, and which there are.

use reqwest::header;
use serde_json::{Map, Value, json};

use super::{
    client::{PATIENCE, SlackClient, SlackError, answer, form},
    message::Message,
};
use crate::{ids::ChannelId, secret::Secret, unfurl::MessageName};

/// So many pages of channels are read.
const CHANNEL_PAGES: usize = 5;

impl SlackClient {
    /// Says something in a channel, or in the thread of the message with the `ts` of `thread`; gives
    /// the new message's `ts`. Links in it are not unfurled.
    pub async fn post(
        &self,
        token: &Secret,
        channel: &ChannelId,
        thread: Option<&str>,
        message: &Message,
    ) -> Result<String, SlackError> {
        let mut body = json!({"channel": channel, "unfurl_links": false, "unfurl_media": false});
        if let (Some(thread), Value::Object(body)) = (thread, &mut body) {
            body.insert("thread_ts".into(), thread.into());
        }
        message.write_into(&mut body);
        let answer = self.call("chat.postMessage", token, &body).await?;
        let ts = answer.get("ts").and_then(Value::as_str);
        ts.map(str::to_owned).ok_or_else(|| SlackError::Refused("no ts".into()))
    }

    /// Replaces a message of ours.
    pub async fn update(
        &self,
        token: &Secret,
        channel: &ChannelId,
        ts: &str,
        message: &Message,
    ) -> Result<(), SlackError> {
        let mut body = json!({"channel": channel, "ts": ts});
        message.write_into(&mut body);
        self.call("chat.update", token, &body).await.map(drop)
    }

    /// Puts something under links that somebody shared, by link (`links:write`).
    pub async fn unfurl(
        &self,
        token: &Secret,
        message: &MessageName,
        unfurls: &Map<String, Value>,
    ) -> Result<(), SlackError> {
        self.call("chat.unfurl", token, &message.unfurled_with(unfurls)).await.map(drop)
    }

    /// The public channels that are in use, (id, name), up to five pages of 999, which is the most that
    /// a page may have (`channels:read`; docs.slack.dev/reference/methods/conversations.list).
    pub async fn channels(&self, token: &Secret) -> Result<Vec<(String, String)>, SlackError> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        for _ in 0..CHANNEL_PAGES {
            let request = self
                .http()
                .post(self.api("conversations.list"))
                .bearer_auth(token.expose())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form(&[
                    ("types", "public_channel"),
                    ("exclude_archived", "true"),
                    ("limit", "999"),
                    ("cursor", &cursor),
                ]));
            let answer = answer(request.timeout(PATIENCE)).await?;
            let channels = answer.get("channels").and_then(Value::as_array);
            let text = |channel: &Value, name| Some(channel.get(name)?.as_str()?.to_owned());
            found.extend(
                channels
                    .into_iter()
                    .flatten()
                    .filter_map(|c| Some((text(c, "id")?, text(c, "name")?))),
            );
            let next = answer.pointer("/response_metadata/next_cursor").and_then(Value::as_str);
            match next {
                Some(next) if !next.is_empty() => next.clone_into(&mut cursor),
                _ => break,
            }
        }
        Ok(found)
    }
}
