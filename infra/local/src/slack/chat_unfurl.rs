//! `chat.unfurl`: the app puts something under the links it was told of.
//!
//! ```text
//! channel, ts | unfurl_id, source    missing_channel, missing_ts, missing_unfurl_id, missing_source,
//!                                    cannot_find_channel, cannot_find_message,
//!                                    invalid_unfurl_id, invalid_source
//! unfurls: {url: {blocks} | attachment}, an object or a string of JSON
//!                                    missing_unfurls, invalid_unfurls_format,
//!                                    cannot_parse_attachment
//! a URL that is not in the message   cannot_unfurl_message
//! … the app was not told of, or more than an hour ago
//!                                    cannot_unfurl_url
//! ```
//! The URL is the event's, letter for letter. The bot need not be in the channel; what is said in an
//! archived one is not documented, and the hour is not either (Slack:
//! docs.slack.dev/reference/methods/chat.unfurl).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    blocks, canonical, links, message::MessageTs, reply::Refusal, state::State, web_api::Arguments,
};

/// How long links can be unfurled.
const LIFE: Duration = Duration::from_hours(1);
/// What a legacy attachment can show.
const SHOWN: [&str; 6] = ["text", "title", "pretext", "fallback", "fields", "image_url"];

impl State {
    pub(super) fn chat_unfurl(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let ts = self.shared_message(arguments)?;
        let mut attachments = Vec::new();
        for (url, unfurl) in unfurls(arguments)? {
            self.check_link(&ts, &url)?;
            attachments.push((url, attachment(unfurl)?));
        }
        for (url, attachment) in attachments {
            self.unfurl(&ts, &url, attachment);
        }
        Ok(json!({}))
    }

    /// The message whose links are unfurled, named in one way or the other.
    fn shared_message(&self, arguments: &Arguments) -> Result<MessageTs, Refusal> {
        let named = |name: &str, missing| arguments.text(name).ok_or(Refusal::new(missing));
        if arguments.text("unfurl_id").or(arguments.text("source")).is_some() {
            let id = named("unfurl_id", "missing_unfurl_id")?;
            let source = named("source", "missing_source")?;
            if !matches!(source, "composer" | "conversations_history") {
                return Err(Refusal::new("invalid_source"));
            }
            let share = self.shares.iter().find(|share| share.unfurl_id == id);
            let share = share.filter(|_| source == "conversations_history");
            let ts = &share.ok_or(Refusal::new("invalid_unfurl_id"))?.message;
            let channel = self.message(ts).map(|message| message.channel.as_str());
            return self.find_message(channel.ok_or(Refusal::new("cannot_find_message"))?, ts);
        }
        let channel = named("channel", "missing_channel")?;
        self.find_message(channel, &MessageTs::new(named("ts", "missing_ts")?))
    }

    fn find_message(&self, channel: &str, ts: &MessageTs) -> Result<MessageTs, Refusal> {
        if self.channel(channel).ok_or(Refusal::new("cannot_find_channel"))?.is_archived {
            return Err(Refusal::new("is_archived"));
        }
        let there = self.message(ts).filter(|message| message.channel == channel);
        there.ok_or(Refusal::new("cannot_find_message"))?;
        Ok(ts.clone())
    }

    fn check_link(&self, ts: &MessageTs, url: &str) -> Result<(), Refusal> {
        let text = self.message(ts).map_or("", |message| message.content.text.as_str());
        if !links::links(text).iter().any(|link| link == url) {
            return Err(Refusal::new("cannot_unfurl_message"));
        }
        let now = self.now();
        let told = self.shares.iter().any(|share| {
            share.message == *ts
                && now.since(share.at) < LIFE
                && share.links.iter().any(|link| link == url)
        });
        if told { Ok(()) } else { Err(Refusal::new("cannot_unfurl_url")) }
    }
}

fn unfurls(arguments: &Arguments) -> Result<Map<String, Value>, Refusal> {
    match arguments.0.get("unfurls") {
        None | Some(Value::Null) => Err(Refusal::new("missing_unfurls")),
        Some(Value::Object(unfurls)) => Ok(unfurls.clone()),
        Some(Value::String(text)) if text.is_empty() => Err(Refusal::new("missing_unfurls")),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map_err(|_| Refusal::new("invalid_unfurls_format"))
        }
        Some(_) => Err(Refusal::new("invalid_unfurls_format")),
    }
}

/// Blocks, or a legacy attachment. What is for the composer alone is ignored.
fn attachment(unfurl: Value) -> Result<Map<String, Value>, Refusal> {
    let wrong = |hint: String| Refusal::because("cannot_parse_attachment", hint);
    let Value::Object(mut unfurl) = unfurl else {
        return Err(Refusal::new("invalid_unfurls_format"));
    };
    unfurl.remove("preview");
    let is_legacy = SHOWN.iter().any(|name| unfurl.contains_key(*name));
    match unfurl.get_mut("blocks") {
        Some(Value::Array(inner)) if !inner.is_empty() => {
            blocks::check_message(inner).map_err(|refusal| wrong(refusal.hint))?;
            inner.iter_mut().for_each(canonical::complete);
        }
        None if is_legacy => {}
        _ => return Err(wrong("nothing to show".to_owned())),
    }
    Ok(unfurl)
}
