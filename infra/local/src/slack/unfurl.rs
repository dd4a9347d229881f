//! An unfurl: somebody posts a link, and the app's blocks stand under it, buttons and all.
//!
//! The message stays its author's, with each unfurl as an attachment `{"id":1,"blocks":[…],
//! "app_unfurl_url":"https://…","is_app_unfurl":true}`; the app may change that attachment by
//! `chat.unfurl` and through the `response_url` of a click, and nothing else (Slack:
//! docs.slack.dev/messaging/unfurling-links-in-messages).

use serde_json::{Map, Value, json};

use super::{
    alert::Alert,
    message::{Content, Message, MessageTs, insert},
    reply::Refusal,
    state::State,
    workspace::{APP, BOT, CHANNEL},
};

/// The app's unfurls under a message.
pub(super) fn all(message: &Message) -> impl Iterator<Item = &Value> {
    message.content.attachments.iter().filter(|attachment| is_unfurl(attachment))
}

/// The link an unfurl belongs to.
pub(super) fn url(unfurl: &Value) -> &str {
    unfurl.get("app_unfurl_url").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn is_unfurl(attachment: &Value) -> bool {
    attachment.get("is_app_unfurl").and_then(Value::as_bool) == Some(true)
}

impl State {
    /// Somebody posts a link to the alert's issue in the channel, and the app has unfurled it.
    pub(super) fn post_unfurl(&mut self, author: &str, alert: &Alert) -> MessageTs {
        let url = alert.permalink.split('?').next().unwrap_or_default();
        let ts = self.post_as(author, CHANNEL, Content::text(&format!("<{url}>")));
        self.share(&ts);
        let blocks = json!(alert.blocks().blocks);
        self.unfurl(&ts, url, Map::from_iter([("blocks".to_owned(), blocks)]));
        ts
    }

    /// Puts an unfurl under a message, in place of the one this link has.
    pub(super) fn unfurl(&mut self, ts: &MessageTs, link: &str, fields: Map<String, Value>) {
        let Some(message) = self.message_mut(ts) else { return };
        let attachments = &mut message.content.attachments;
        let last = attachments.iter().filter_map(|known| known.get("id")?.as_u64()).max();
        let mut unfurl = json!({
            "id": last.unwrap_or_default() + 1,
            "fallback": "[no preview available]",
        });
        for (name, value) in fields {
            insert(&mut unfurl, &name, value);
        }
        insert(&mut unfurl, "app_id", json!(APP));
        insert(&mut unfurl, "bot_id", json!(BOT));
        insert(&mut unfurl, "app_unfurl_url", json!(link));
        insert(&mut unfurl, "is_app_unfurl", json!(true));
        match attachments.iter_mut().find(|known| is_unfurl(known) && url(known) == link) {
            Some(known) => {
                insert(&mut unfurl, "id", json!(known.get("id")));
                *known = unfurl;
                message.revision += 1;
            }
            None => attachments.push(unfurl),
        }
    }

    /// Puts an answer in the unfurl's place.
    ///
    /// With a text Slack turns the unfurl into a message. How that looks is not documented; the
    /// stand-in shows a message to everybody and no unfurl, so that nobody sends a text.
    pub(super) fn replace_unfurl(
        &mut self,
        source: &MessageTs,
        link: &str,
        content: Content,
    ) -> Result<(), Refusal> {
        let gone = || Refusal::new("message_not_found");
        let message = self.message_mut(source).ok_or_else(gone)?;
        let channel = message.channel.clone();
        let mut attachments = message.content.attachments.iter_mut();
        let found = attachments.find(|known| is_unfurl(known) && url(known) == link);
        let unfurl = found.ok_or_else(gone)?;
        if content.text.is_empty() && !content.blocks.is_empty() {
            insert(unfurl, "blocks", json!(content.blocks));
            message.revision += 1;
        } else {
            self.remove_unfurl(source, link);
            self.post(&channel, None, None, content);
        }
        Ok(())
    }

    /// Takes the unfurl away; the link stays, for it is not the app's.
    pub(super) fn remove_unfurl(&mut self, source: &MessageTs, link: &str) {
        if let Some(message) = self.message_mut(source) {
            let attachments = &mut message.content.attachments;
            attachments.retain(|known| !is_unfurl(known) || url(known) != link);
            message.revision += 1;
        }
    }
}
