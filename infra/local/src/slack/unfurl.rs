//! An unfurl: somebody posts a link, and the app's blocks stand under it, buttons and all.
//!
//! The message stays its author's, with the unfurl as an attachment `{"id":1,"blocks":[…],
//! "app_unfurl_url":"https://…","is_app_unfurl":true}`; the app may change that attachment through
//! the `response_url` of a click, and nothing else (Slack:
//! docs.slack.dev/messaging/unfurling-links-in-messages).

use serde_json::{Value, json};

use super::{
    alert::Alert,
    message::{Content, Message, MessageTs, insert},
    reply::Refusal,
    state::State,
    workspace::{APP, BOT},
};

impl Alert {
    /// A link to the issue, with the alert's blocks under it.
    fn unfurled(&self) -> Content {
        let url = self.permalink.split('?').next().unwrap_or_default();
        let unfurl = json!({
            "id": 1,
            "blocks": self.blocks().blocks,
            "fallback": "[no preview available]",
            "app_id": APP,
            "bot_id": BOT,
            "app_unfurl_url": url,
            "is_app_unfurl": true,
        });
        Content { attachments: vec![unfurl], ..Content::text(&format!("<{url}>")) }
    }
}

/// The app's unfurl under a message, if there is one.
pub(super) fn of(message: &Message) -> Option<&Value> {
    message.content.attachments.iter().find(|attachment| is_unfurl(attachment))
}

fn is_unfurl(attachment: &Value) -> bool {
    attachment.get("is_app_unfurl").and_then(Value::as_bool) == Some(true)
}

impl State {
    /// Somebody posts a link to the alert's issue in the channel.
    pub(super) fn post_unfurl(&mut self, author: &str, alert: &Alert) -> MessageTs {
        let ts = self.post_to_channel(alert.unfurled());
        if let Some(message) = self.message_mut(&ts) {
            author.clone_into(&mut message.author);
        }
        ts
    }

    /// Puts an answer in the unfurl's place.
    ///
    /// With a text Slack turns the unfurl into a message. How that looks is not documented; the
    /// stand-in shows a message to everybody and no unfurl, so that nobody sends a text.
    pub(super) fn replace_unfurl(
        &mut self,
        source: &MessageTs,
        content: Content,
    ) -> Result<(), Refusal> {
        let gone = || Refusal::new("message_not_found");
        let message = self.message_mut(source).ok_or_else(gone)?;
        let mut attachments = message.content.attachments.iter_mut();
        let unfurl = attachments.find(|attachment| is_unfurl(attachment)).ok_or_else(gone)?;
        if content.text.is_empty() && !content.blocks.is_empty() {
            insert(unfurl, "blocks", json!(content.blocks));
            message.revision += 1;
        } else {
            self.remove_unfurl(source);
            self.post_to_channel(content);
        }
        Ok(())
    }

    /// Takes the unfurl away; the link stays, for it is not the app's.
    pub(super) fn remove_unfurl(&mut self, source: &MessageTs) {
        if let Some(message) = self.message_mut(source) {
            message.content.attachments.retain(|attachment| !is_unfurl(attachment));
            message.revision += 1;
        }
    }
}
