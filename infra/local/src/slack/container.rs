//! Where an element was used, as payloads tell it.
//!
//! ```text
//! a message     container.type = message              message     unless it is ephemeral
//! an unfurl     container.type = message_attachment   app_unfurl  and no message at all
//! ```
//! Slack: docs.slack.dev/reference/interaction-payloads/block_actions-payload.

use serde_json::{Map, Value, json};

use super::{clicks::object, message::Message, state::State};

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
