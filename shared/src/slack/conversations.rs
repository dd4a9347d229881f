//! The calls to Slack about conversations: saying something in one, changing it, showing what is under
//! links, and which there are.

use serde_json::{Map, Value, json};

use super::{
    client::{SlackClient, SlackError},
    message::Message,
};
use crate::{
    ids::{ChannelId, TeamId},
    secret::Secret,
    unfurl::MessageName,
};

/// So many pages of channels are read.
const CHANNEL_PAGES: usize = 5;

/// So many workspaces of an organization are asked for theirs: Slack lets a method such as
/// `conversations.list` be called twenty times a minute
/// (docs.slack.dev/apis/web-api/rate-limits, tier 2).
const WORKSPACES: &str = "20";

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

    /// The workspaces that an app of a whole organization is in, (id, name): the first ones of them
    /// (no scope; docs.slack.dev/reference/methods/auth.teams.list).
    pub async fn workspaces(&self, token: &Secret) -> Result<Vec<(TeamId, String)>, SlackError> {
        let first = [("limit", WORKSPACES)];
        let answer = self.call_with_form("auth.teams.list", token, &first).await?;
        let found = list(&answer, "teams").filter_map(|team| {
            Some((TeamId::parse(text(team, "id")?).ok()?, text(team, "name")?.to_owned()))
        });
        Ok(found.collect())
    }

    /// The public channels that are in use, (id, name), up to five pages of 999, which is the most that
    /// a page may have (`channels:read`; docs.slack.dev/reference/methods/conversations.list). The
    /// token of a whole organization has to say which workspace it means.
    pub async fn channels(
        &self,
        token: &Secret,
        workspace: Option<&TeamId>,
    ) -> Result<Vec<(String, String)>, SlackError> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        for _ in 0..CHANNEL_PAGES {
            let mut asked = vec![
                ("types", "public_channel"),
                ("exclude_archived", "true"),
                ("limit", "999"),
                ("cursor", &cursor),
            ];
            asked.extend(workspace.map(|team| ("team_id", team.as_str())));
            let answer = self.call_with_form("conversations.list", token, &asked).await?;
            found.extend(list(&answer, "channels").filter_map(|channel| {
                Some((text(channel, "id")?.to_owned(), text(channel, "name")?.to_owned()))
            }));
            let next = answer.pointer("/response_metadata/next_cursor").and_then(Value::as_str);
            match next {
                Some(next) if !next.is_empty() => next.clone_into(&mut cursor),
                _ => break,
            }
        }
        Ok(found)
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    answer.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}
