//! A message sent in answer to an interaction: through its `response_url`, or, for the legacy
//! attachment buttons, as the body of the acknowledgement.
//!
//! Fields: a message's own, and `response_type`, `replace_original`, `delete_original`, `thread_ts`
//! (Slack: docs.slack.dev/interactivity/handling-user-interaction). What happens when both flags
//! are left out is not documented; see [`Unsaid`].

use serde_json::{Map, Value};

use super::{
    message::{Content, MessageTs},
    reply::Refusal,
    state::State,
};

/// Where an interaction happened.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Who interacted; ephemeral answers are for this person.
    pub(super) user: String,
    pub(super) channel: String,
    /// The message that was clicked; a slash command has none.
    pub(super) source: Option<MessageTs>,
    /// The thread the clicked message is in.
    pub(super) thread: Option<MessageTs>,
    /// The link whose unfurl was clicked.
    pub(super) unfurl: Option<String>,
}

/// What an answer does to the original when it mentions neither flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsaid {
    /// The body of an `interactive_message` acknowledgement replaces it.
    Replaces,
    /// Through a `response_url` the original can go away: Sentry saw its alerts vanish until it
    /// said `delete_original: false` (github.com/getsentry/sentry/pull/73590). The stand-in always
    /// shows this side, so that nobody forgets the flag.
    TakesAway,
}

impl Place {
    /// At the bottom of a conversation, where somebody types.
    pub(super) fn typing(user: &str, channel: &str) -> Self {
        let (user, channel) = (user.to_owned(), channel.to_owned());
        Self { user, channel, source: None, thread: None, unfurl: None }
    }
}

pub(super) struct Answer {
    content: Option<Content>,
    replace: Option<bool>,
    delete: Option<bool>,
    in_channel: bool,
    thread: Option<MessageTs>,
}

impl Answer {
    pub(super) fn parse(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let replace = flag(fields, "replace_original")?;
        let delete = flag(fields, "delete_original")?;
        let content = match Content::parse(fields) {
            Ok(content) => Some(content),
            Err(refusal) if refusal.error == "no_text" && delete == Some(true) => None,
            Err(refusal) => return Err(refusal),
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        Ok(Self {
            content,
            replace,
            delete,
            in_channel: text("response_type") == Some("in_channel"),
            thread: text("thread_ts").map(MessageTs::new),
        })
    }
}

fn flag(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(Refusal::because("invalid_payload", format!("{name} is no boolean"))),
    }
}

impl State {
    /// Does what an answer asks for.
    pub(super) fn apply(
        &mut self,
        place: &Place,
        answer: Answer,
        unsaid: Unsaid,
    ) -> Result<(), Refusal> {
        let silent = answer.replace.is_none() && answer.delete.is_none();
        let delete = answer.delete == Some(true) || (silent && unsaid == Unsaid::TakesAway);
        let replace = answer.replace == Some(true) || (silent && unsaid == Unsaid::Replaces);
        match (answer.content, &place.source) {
            (Some(content), Some(source)) if replace && !delete => {
                self.replace(place, source, content)
            }
            (content, source) => {
                if let Some(source) = source.as_ref().filter(|_| delete) {
                    self.delete(place, source);
                }
                if let Some(content) = content {
                    self.post_answer(place, content, answer.in_channel, answer.thread);
                }
                Ok(())
            }
        }
    }

    /// Who sees the message stays as it was: visibility cannot be changed.
    fn replace(
        &mut self,
        place: &Place,
        source: &MessageTs,
        content: Content,
    ) -> Result<(), Refusal> {
        if let Some(link) = &place.unfurl {
            return self.replace_unfurl(source, link, content);
        }
        let message = self.message_mut(source).ok_or(Refusal::new("message_not_found"))?;
        message.content = content;
        message.revision += 1;
        Ok(())
    }

    /// Of somebody else's message the app takes away its unfurl.
    fn delete(&mut self, place: &Place, source: &MessageTs) {
        match &place.unfurl {
            Some(link) => self.remove_unfurl(source, link),
            None => self.messages.retain(|message| message.ts != *source),
        }
    }

    /// A `thread_ts` counts for a message in the channel only. An ephemeral answer appears where
    /// the click was.
    fn post_answer(
        &mut self,
        place: &Place,
        content: Content,
        in_channel: bool,
        thread: Option<MessageTs>,
    ) {
        if in_channel {
            self.post(&place.channel, thread, None, content);
        } else {
            let reader = Some(place.user.clone());
            self.post(&place.channel, place.thread.clone(), reader, content);
        }
    }
}
