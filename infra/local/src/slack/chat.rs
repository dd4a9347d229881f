//! `chat.postMessage`, `chat.postEphemeral`, `chat.update` (Slack: docs.slack.dev/reference/methods).

use serde_json::{Value, json};

use super::{
    message::{Content, Message, MessageTs},
    reply::Refusal,
    state::State,
    web_api::Arguments,
    workspace::{self, BOT_USER},
};

impl State {
    pub(super) fn post_message(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = self.conversation(arguments.required("channel")?)?;
        self.take_turn(&channel)?;
        let content = Content::parse(&arguments.0)?;
        let ts = self.post(&channel, thread(arguments), None, content);
        if let Some(message) = self.message_mut(&ts).filter(|message| message.thread.is_some()) {
            message.broadcast = arguments.flag("reply_broadcast");
        }
        self.echo(&ts);
        let message = self.message(&ts).map(Message::json);
        Ok(json!({"channel": channel, "ts": ts.as_str(), "message": message}))
    }

    pub(super) fn post_ephemeral(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = self.conversation(arguments.required("channel")?)?;
        let user = arguments.required("user")?;
        let reads_it = match self.correspondent(&channel) {
            Some(person) => person.id == user,
            None => self.is_member(user, &channel),
        };
        if !reads_it {
            return Err(Refusal::new("user_not_in_channel"));
        }
        let content = Content::parse(&arguments.0)?;
        let ts = self.post(&channel, thread(arguments), Some(user.to_owned()), content);
        Ok(json!({"message_ts": ts.as_str()}))
    }

    /// Only own messages, and not ephemeral ones. A text without blocks removes the blocks;
    /// attachments stay until an empty list takes them away. A user id stands for no conversation
    /// here.
    pub(super) fn update_message(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = arguments.required("channel")?;
        if self.person(channel).is_some() {
            return Err(Refusal::new("channel_not_found"));
        }
        let channel = self.conversation(channel).map_err(|refusal| match refusal.error {
            "is_archived" => Refusal::new("is_inactive"),
            _ => refusal,
        })?;
        let ts = MessageTs::new(arguments.required("ts")?);
        let mut content = Content::parse(&arguments.0)?;
        let message = self
            .message_mut(&ts)
            .filter(|message| message.channel == channel && message.only_for.is_none())
            .ok_or(Refusal::new("message_not_found"))?;
        if message.author != BOT_USER {
            return Err(Refusal::new("cant_update_message"));
        }
        if !arguments.0.contains_key("attachments") {
            content.attachments.clone_from(&message.content.attachments);
        }
        message.content = content;
        message.revision += 1;
        let (text, message) = (message.content.text.clone(), message.clone());
        let message = self.message_json(&message);
        Ok(json!({"channel": channel, "ts": ts.as_str(), "text": text, "message": message}))
    }

    /// The channel, a direct conversation, or a user id, which stands for the conversation with
    /// that user.
    fn conversation(&self, channel: &str) -> Result<String, Refusal> {
        if let Some(there) = self.channel(channel) {
            return there.admit_bot().map(|()| channel.to_owned()).map_err(Refusal::new);
        }
        self.people
            .iter()
            .filter(|person| !person.deleted && !person.is_bot)
            .find(|person| person.id == channel || workspace::direct_channel(&person.id) == channel)
            .map(|person| workspace::direct_channel(&person.id))
            .ok_or(Refusal::new("channel_not_found"))
    }
}

fn thread(arguments: &Arguments) -> Option<MessageTs> {
    arguments.text("thread_ts").map(MessageTs::new)
}
