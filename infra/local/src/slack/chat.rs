//! `chat.postMessage`, `chat.postEphemeral`, `chat.update` (Slack: docs.slack.dev/reference/methods).

use serde_json::{Value, json};

use super::{
    message::{Content, MessageTs},
    reply::Refusal,
    state::State,
    web_api::Arguments,
    workspace::{self, BOT_USER, CHANNEL},
};

impl State {
    pub(super) fn post_message(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = self.conversation(arguments.required("channel")?)?;
        let content = Content::parse(&arguments.0)?;
        let ts = self.post(&channel, thread(arguments), None, content);
        self.echo(&ts);
        let message = self.message(&ts).map(super::Message::json);
        Ok(json!({"channel": channel, "ts": ts.as_str(), "message": message}))
    }

    pub(super) fn post_ephemeral(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = self.conversation(arguments.required("channel")?)?;
        let user = arguments.required("user")?;
        let reads_it = match self.correspondent(&channel) {
            Some(person) => person.id == user,
            None => self.members.contains(user),
        };
        if !reads_it {
            return Err(Refusal::new("user_not_in_channel"));
        }
        let content = Content::parse(&arguments.0)?;
        let ts = self.post(&channel, thread(arguments), Some(user.to_owned()), content);
        Ok(json!({"message_ts": ts.as_str()}))
    }

    /// Only own messages, and not ephemeral ones. A text without blocks removes the blocks;
    /// attachments stay until an empty list takes them away.
    pub(super) fn update_message(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let channel = self.conversation(arguments.required("channel")?)?;
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
        let message = message.json();
        let text = message.get("text").cloned();
        Ok(json!({"channel": channel, "ts": ts.as_str(), "text": text, "message": message}))
    }

    /// The channel, a direct conversation, or a user id, which stands for the conversation with
    /// that user.
    fn conversation(&self, channel: &str) -> Result<String, Refusal> {
        if channel == CHANNEL {
            let in_it = self.members.contains(BOT_USER);
            return if in_it {
                Ok(channel.to_owned())
            } else {
                Err(Refusal::new("not_in_channel"))
            };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{samples, web_api::tests::call};

    const ALICE: &str = "U0ALICE001";

    #[test]
    fn a_user_id_as_the_channel_is_a_direct_message() {
        let (mut state, _) = samples::state();

        let reply = call(&mut state, "chat.postMessage", &json!({"channel": ALICE, "text": "Hi"}));

        assert_eq!((&reply["ok"], &reply["channel"]), (&json!(true), &json!("D0ALICE001")));
        assert_eq!(state.messages[0].channel, "D0ALICE001");
    }

    #[test]
    fn an_ephemeral_message_is_for_one_member() {
        let (mut state, _) = samples::state();
        let hi = json!({"channel": CHANNEL, "user": ALICE, "text": "Hi"});

        let reply = call(&mut state, "chat.postEphemeral", &hi);

        assert_eq!(reply["message_ts"], state.messages[0].ts.as_str());
        assert_eq!(state.messages[0].only_for.as_deref(), Some(ALICE));
    }

    #[test]
    fn an_update_without_blocks_removes_them() {
        let (mut state, _) = samples::state();
        let alert = state.post_to_channel(samples::alert());
        let done = json!({"channel": CHANNEL, "ts": alert.as_str(), "text": "Done"});

        let reply = call(&mut state, "chat.update", &done);

        assert_eq!(reply["ok"], true);
        let message = state.message(&alert).unwrap();
        assert_eq!((message.words().as_str(), message.revision), ("Done", 1));
    }

    #[test]
    fn what_slack_refuses_is_refused() {
        let (mut state, _) = samples::state();
        let hers = Some(ALICE.to_owned());
        let ephemeral = state.post(CHANNEL, None, hers, Content::text("Hi"));
        let bobs = state.post_to_channel(Content::text("Hello"));
        state.message_mut(&bobs).unwrap().author = "U0BOB00001".to_owned();
        state.members.remove("U0MALLORY1");
        let (ephemeral, bobs) = (ephemeral.as_str(), bobs.as_str());
        let wrong = [
            (
                "chat.postMessage",
                json!({"channel": "C0NOWHERE1", "text": "Hi"}),
                "channel_not_found",
            ),
            ("chat.postMessage", json!({"channel": CHANNEL}), "no_text"),
            ("chat.postMessage", json!({"text": "Hi"}), "invalid_arguments"),
            (
                "chat.postEphemeral",
                json!({"channel": CHANNEL, "user": "U0MALLORY1", "text": "Hi"}),
                "user_not_in_channel",
            ),
            (
                "chat.update",
                json!({"channel": CHANNEL, "ts": ephemeral, "text": "Hi"}),
                "message_not_found",
            ),
            (
                "chat.update",
                json!({"channel": CHANNEL, "ts": bobs, "text": "Hi"}),
                "cant_update_message",
            ),
            (
                "chat.update",
                json!({"channel": CHANNEL, "ts": "1.000000", "text": "Hi"}),
                "message_not_found",
            ),
        ];
        for (method, arguments, error) in wrong {
            let reply = call(&mut state, method, &arguments);
            assert_eq!((&reply["ok"], &reply["error"]), (&json!(false), &json!(error)), "{method}");
        }
    }

    #[test]
    fn the_bot_cannot_post_where_it_is_not_a_member() {
        let (mut state, _) = samples::state();
        state.members.remove(BOT_USER);

        let reply = call(&mut state, "chat.postMessage", &json!({"channel": CHANNEL, "text": "x"}));

        assert_eq!(reply["error"], "not_in_channel");
    }
}
