//! Where an element was used, as payloads tell it.
//!
//! ```text
//! a message     container.type = message              message     unless it is ephemeral
//! an unfurl     container.type = message_attachment   app_unfurl  and no message at all
//! ```
//! Slack: docs.slack.dev/reference/interaction-payloads/block_actions-payload.

use serde_json::{Map, Value, json};

use super::{
    clicks::{Action, find_in, object},
    elements::items,
    message::Message,
    state::State,
    unfurl,
};

/// An element that somebody used, and the unfurl it stands in if it stands in one.
pub(super) struct Used<'a> {
    pub(super) action: Action<'a>,
    pub(super) unfurl: Option<&'a Value>,
}

impl Message {
    /// The element of this id that has this value or offers it: among the message's own and those
    /// of its unfurls, or in the unfurl of this link alone.
    pub(super) fn used<'a>(
        &'a self,
        link: Option<&str>,
        action_id: &str,
        value: &'a str,
    ) -> Option<Used<'a>> {
        let own = link.is_none().then_some((None, self.content.blocks.as_slice()));
        let wanted = |unfurl: &&Value| link.is_none_or(|link| unfurl::url(unfurl) == link);
        let unfurls = unfurl::all(self).filter(wanted);
        let unfurls = unfurls.map(|unfurl| (Some(unfurl), items(unfurl, "blocks")));
        own.into_iter().chain(unfurls).find_map(|(unfurl, blocks)| {
            let action = find_in(blocks, action_id, value)?;
            Some(Used { action, unfurl })
        })
    }
}

impl State {
    /// `container`, `channel`, and what holds the blocks.
    pub(super) fn container_fields(
        &self,
        message: &Message,
        unfurl: Option<&Value>,
    ) -> Map<String, Value> {
        let mut fields = object(json!({
            "container": container(message, unfurl),
            "channel": self.channel_json(&message.channel),
        }));
        if let Some(unfurl) = unfurl {
            fields.insert("app_unfurl".into(), unfurl.clone());
        } else if message.only_for.is_none() {
            // The content of an ephemeral message is not sent along.
            fields.insert("message".into(), self.message_json(message));
        }
        fields
    }

    /// `channel` of a payload.
    pub(super) fn channel_json(&self, id: &str) -> Value {
        json!({"id": id, "name": self.channel_name(id)})
    }
}

fn container(message: &Message, unfurl: Option<&Value>) -> Map<String, Value> {
    let mut container = object(json!({
        "type": "message",
        "message_ts": message.ts.as_str(),
        "channel_id": message.channel,
        "is_ephemeral": message.only_for.is_some(),
    }));
    if let Some(thread) = &message.thread {
        container.insert("thread_ts".into(), json!(thread.as_str()));
    }
    if let Some(unfurl) = unfurl {
        container.extend(object(json!({
            "type": "message_attachment",
            "attachment_id": unfurl.get("id"),
            "is_app_unfurl": true,
            "app_unfurl_url": unfurl.get("app_unfurl_url"),
        })));
    }
    container
}
