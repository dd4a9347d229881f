//! Threads: replies to a message of a conversation.
//!
//! ```text
//! thread_ts names a message        its thread
//! … a reply                        the thread that reply is in
//! … a deleted message              its thread, if there are replies: they stay
//! … nothing                        none: the message stands in the channel, and nothing says so
//!                                  but the missing thread_ts of the answer
//! ```
//! The last is how Slack takes it (github.com/slack-go/slack/issues/1571); a reply's own `ts` it asks
//! one not to send (Slack: docs.slack.dev/reference/methods/chat.postMessage, docs.slack.dev/messaging).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    Slack,
    message::{Message, MessageTs, insert},
    state::State,
};

impl Slack {
    /// What everybody in a conversation sees, replies included, oldest first.
    pub fn posts(&self, channel: &str) -> Vec<Message> {
        let state = self.state();
        let messages = state.messages.iter().filter(|message| message.is_in(channel));
        messages.cloned().collect()
    }

    /// The replies to a message that everybody sees, oldest first; the message itself is not one.
    pub fn thread(&self, parent: &MessageTs) -> Vec<Message> {
        let state = self.state();
        let replies =
            state.messages_since(parent).iter().filter(|message| message.replies_to(parent));
        replies.cloned().collect()
    }

    /// Somebody deletes a message. Replies to it stay.
    pub fn delete_message(&self, ts: &MessageTs) {
        self.state().messages.retain(|message| message.ts != *ts);
    }
}

impl State {
    /// The thread that a message with this `thread_ts` belongs to, if there is one.
    pub(super) fn root(&self, channel: &str, thread_ts: &MessageTs) -> Option<MessageTs> {
        let since = self.messages_since(thread_ts).iter();
        let mut shown = since.filter(|message| message.is_in(channel));
        shown.find_map(|message| match &message.thread {
            Some(root) if message.ts == *thread_ts || root == thread_ts => Some(root.clone()),
            None if message.ts == *thread_ts => Some(thread_ts.clone()),
            _ => None,
        })
    }

    /// The message as it travels inside a payload or an answer. One with replies has a `thread_ts`,
    /// too: its own `ts`.
    pub(super) fn message_json(&self, message: &Message) -> Value {
        let mut json = message.json();
        let since = self.messages_since(&message.ts).iter();
        let replies = since.filter(|reply| reply.replies_to(&message.ts));
        let replies: Vec<_> = replies.collect();
        if let Some(latest) = replies.last() {
            let authors: BTreeSet<_> = replies.iter().map(|reply| reply.author.as_str()).collect();
            let fields = [
                ("thread_ts", json!(message.ts.as_str())),
                ("reply_count", json!(replies.len())),
                ("reply_users_count", json!(authors.len())),
                ("reply_users", json!(authors)),
                ("latest_reply", json!(latest.ts.as_str())),
            ];
            for (name, field) in fields {
                insert(&mut json, name, field);
            }
        }
        json
    }
}

impl Message {
    /// Whether everybody in this conversation sees it.
    fn is_in(&self, channel: &str) -> bool {
        self.channel == channel && self.only_for.is_none()
    }

    fn replies_to(&self, parent: &MessageTs) -> bool {
        self.thread.as_ref() == Some(parent) && self.only_for.is_none()
    }
}
