//! Messages, and what a message may hold.
//!
//! `text`, `blocks` and `attachments` arrive as JSON; in the Web API's form bodies the two lists are
//! JSON inside a string (Slack: docs.slack.dev/reference/methods/chat.postMessage).

use std::fmt;

use serde_json::{Map, Value, json};

use super::{blocks, canonical, reply::Refusal, workspace};

/// Slack refuses longer texts; it asks for at most 4 000 characters.
const TEXT_LIMIT: usize = 40_000;
const ATTACHMENT_LIMIT: usize = 100;

/// When a message was posted, which is also its id within the channel: `1700000000.000100`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageTs(String);

impl MessageTs {
    /// From the text form, unchecked: an unknown one names no message.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageTs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people see of one message now.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub ts: MessageTs,
    /// The channel `C…` or direct conversation `D…` it stands in.
    pub channel: String,
    /// The thread it belongs to, if any.
    pub thread: Option<MessageTs>,
    /// Whether a reply is shown in the channel as well.
    pub broadcast: bool,
    /// The only person who sees it, when it is ephemeral.
    pub only_for: Option<String>,
    /// The user id of its author. Only the app's own messages can be updated.
    pub author: String,
    /// What it says.
    pub content: Content,
    /// How often it was replaced or updated.
    pub revision: u32,
}

impl Message {
    /// Everything that can be read in it, for assertions: its text, its blocks and its attachments.
    pub fn words(&self) -> String {
        let mut words = vec![self.content.text.clone()];
        for value in self.content.blocks.iter().chain(&self.content.attachments) {
            collect_words(value, &mut words);
        }
        words.retain(|text| !text.is_empty());
        words.join("\n")
    }

    /// The message itself, as it travels inside a payload or an answer.
    pub(super) fn json(&self) -> Value {
        let mut message = json!({
            "type": "message",
            "user": self.author,
            "bot_id": workspace::BOT,
            "app_id": workspace::APP,
            "team": workspace::TEAM,
            "ts": self.ts.as_str(),
            "text": self.content.text,
        });
        if !self.content.blocks.is_empty() {
            insert(&mut message, "blocks", json!(self.content.blocks));
        }
        if !self.content.attachments.is_empty() {
            insert(&mut message, "attachments", json!(self.content.attachments));
        }
        if let Some(thread) = &self.thread {
            insert(&mut message, "thread_ts", json!(thread.as_str()));
        }
        if self.broadcast {
            insert(&mut message, "subtype", json!("thread_broadcast"));
        }
        message
    }
}

/// Text, Block Kit blocks and legacy attachments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The text; the fallback for notifications when there are blocks.
    pub text: String,
    /// Block Kit blocks, with the defaults Slack fills in.
    pub blocks: Vec<Value>,
    /// Legacy attachments.
    pub attachments: Vec<Value>,
}

impl Content {
    /// A message of text alone.
    pub(super) fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// Reads and checks what somebody wants to post; `no_text` when there is nothing to show.
    pub(super) fn parse(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let text = match fields.get("text") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => return Err(Refusal::because("invalid_arguments", "text is no string")),
        };
        if text.chars().count() > TEXT_LIMIT {
            return Err(Refusal::new("msg_too_long"));
        }
        let mut blocks = list(fields, "blocks", "invalid_blocks_format")?;
        blocks::check_message(&blocks)?;
        blocks.iter_mut().for_each(canonical::complete);
        let mut attachments = list(fields, "attachments", "invalid_attachments")?;
        check_attachments(&attachments)?;
        number(&mut attachments);
        if text.is_empty() && blocks.is_empty() && attachments.is_empty() {
            return Err(Refusal::new("no_text"));
        }
        Ok(Self { text, blocks, attachments })
    }
}

/// A list given as JSON or as a string that holds JSON. Absent and empty are the same.
fn list(
    fields: &Map<String, Value>,
    name: &str,
    error: &'static str,
) -> Result<Vec<Value>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| Refusal::new(error)),
        Some(_) => Err(Refusal::new(error)),
    }
}

fn check_attachments(attachments: &[Value]) -> Result<(), Refusal> {
    if attachments.len() > ATTACHMENT_LIMIT {
        return Err(Refusal::new("too_many_attachments"));
    }
    for attachment in attachments {
        match attachment.get("blocks") {
            _ if !attachment.is_object() => return Err(Refusal::new("invalid_attachments")),
            Some(Value::Array(inner)) => blocks::check_message(inner)?,
            _ => {}
        }
    }
    Ok(())
}

/// Slack numbers attachments from 1; a click on one names the number.
fn number(attachments: &mut [Value]) {
    for (attachment, id) in attachments.iter_mut().zip(1_u32..) {
        insert(attachment, "id", json!(id));
    }
}

fn collect_words(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, words)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if matches!(name.as_str(), "text" | "title") => {
                        words.push(text.clone());
                    }
                    _ => collect_words(field, words),
                }
            }
        }
        _ => {}
    }
}

pub(super) fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &Value) -> Result<Content, Refusal> {
        Content::parse(value.as_object().unwrap())
    }

    #[test]
    fn a_message_that_shows_nothing_is_refused() {
        let refusal = parse(&json!({"blocks": [], "text": ""})).unwrap_err();

        assert_eq!(refusal.error, "no_text");
    }

    #[test]
    fn blocks_may_travel_as_a_string_of_json() {
        let content = parse(&json!({"blocks": r#"[{"type":"divider"}]"#})).unwrap();

        assert_eq!(content.blocks[0]["type"], "divider");
    }

    #[test]
    fn a_string_that_is_no_list_is_refused() {
        let refusal = parse(&json!({"blocks": "divider"})).unwrap_err();

        assert_eq!(refusal.error, "invalid_blocks_format");
    }

    #[test]
    fn a_text_beyond_the_limit_is_refused() {
        let refusal = parse(&json!({"text": "x".repeat(TEXT_LIMIT + 1)})).unwrap_err();

        assert_eq!(refusal.error, "msg_too_long");
    }

    #[test]
    fn attachments_are_numbered_from_one() {
        let content = parse(&json!({"attachments": [{"text": "a"}, {"text": "b"}]})).unwrap();

        assert_eq!(content.attachments[1]["id"], 2);
    }
}
