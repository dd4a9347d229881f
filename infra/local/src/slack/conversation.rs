//! The direct conversation between a person and the app: what the person writes there is an event
//! `message` with `channel_type` `im`, and so is what the app writes, with its `bot_id` (Slack:
//! docs.slack.dev/reference/events/message.im).

use serde_json::{Value, json};

use super::{
    SignedRequest, Slack,
    clicks::NotShown,
    message::{Content, Message, MessageTs, insert},
    state::State,
    workspace::{APP, BOT, TEAM, direct_channel},
};
use crate::random;

impl Slack {
    /// `user` writes to the app; the event that tells it. It is not delivered.
    pub fn direct_message(&self, user: &str, text: &str) -> Result<SignedRequest, NotShown> {
        let mut state = self.state();
        let said = state.say(user, text)?;
        Ok(state.event(&said))
    }

    /// Both sides of the direct conversation with `user`, oldest first.
    pub fn conversation(&self, user: &str) -> Vec<Message> {
        let channel = direct_channel(user);
        let state = self.state();
        let said = state.messages.iter().filter(|message| message.channel == channel);
        said.cloned().collect()
    }
}

impl State {
    fn say(&mut self, user: &str, text: &str) -> Result<Value, NotShown> {
        let person = self.person(user).filter(|person| !person.is_bot).ok_or(NotShown)?.clone();
        let ts = self.post_as(user, &direct_channel(user), Content::text(text));
        let message = self.message(&ts).ok_or(NotShown)?;
        let mut event = said(message);
        insert(&mut event, "team", json!(person.team_id));
        insert(&mut event, "client_msg_id", json!(random::uuid()));
        Ok(event)
    }

    /// Whether the app may read direct messages, and so hears of them.
    pub(super) fn hears_messages(&self) -> bool {
        self.may("im:history")
    }

    /// The event by which the app hears its own words in a direct conversation.
    pub(super) fn echo(&mut self, ts: &MessageTs) {
        if !self.hears_messages() {
            return;
        }
        let own = self.message(ts).filter(|message| message.channel.starts_with('D'));
        let Some(mut event) = own.map(said) else { return };
        for (name, value) in [("bot_id", BOT), ("app_id", APP), ("team", TEAM)] {
            insert(&mut event, name, json!(value));
        }
        let request = self.event(&event);
        self.due.push(request);
    }
}

fn said(message: &Message) -> Value {
    json!({
        "type": "message",
        "channel_type": "im",
        "channel": message.channel,
        "user": message.author,
        "text": message.content.text,
        "ts": message.ts.as_str(),
        "event_ts": message.ts.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{BOT_USER, samples, web_api::tests::call};

    const ALICE: &str = "U0ALICE001";

    fn event_of(request: &SignedRequest) -> Value {
        let envelope: Value = serde_json::from_slice(&request.body).unwrap();
        envelope["event"].clone()
    }

    #[test]
    fn what_a_person_writes_is_an_event_and_stands_in_the_conversation() {
        let (slack, _) = samples::slack();

        let event = event_of(&slack.direct_message(ALICE, "link").unwrap());

        let [message] = &slack.conversation(ALICE)[..] else { panic!("one message") };
        assert_eq!((message.author.as_str(), message.words().as_str()), (ALICE, "link"));
        assert_eq!(event["ts"], message.ts.as_str());
        assert_eq!(
            (&event["channel"], &event["channel_type"]),
            (&json!("D0ALICE001"), &json!("im"))
        );
        assert!(event["client_msg_id"].is_string() && event.get("bot_id").is_none());
        assert!(slack.direct_messages(ALICE).is_empty());
    }

    #[test]
    fn the_app_hears_its_own_words() {
        let (slack, _) = samples::slack();
        let hi = json!({"channel": ALICE, "text": "Hi"});

        call(&mut slack.state(), "chat.postMessage", &hi);

        let [echo] = &slack.take_due_events()[..] else { panic!("one event") };
        assert_eq!(
            (&event_of(echo)["bot_id"], &event_of(echo)["user"]),
            (&json!(BOT), &json!(BOT_USER))
        );
    }

    #[test]
    fn the_app_writes_to_nobody_in_its_own_name() {
        let (slack, _) = samples::slack();

        assert!(slack.direct_message(BOT_USER, "link").is_err());
        assert!(slack.direct_message("U0NOBODY01", "link").is_err());
    }
}
