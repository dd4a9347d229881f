//! What comes of a click or command once the app has answered, or has not: an answer in place, or a
//! warning to the person (Slack: docs.slack.dev/interactivity/handling-user-interaction).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Place, Unsaid},
    delivery::{Ack, Origin},
    message::Content,
    state::State,
};

/// What a person sees whose command was not answered well.
const COMMAND_FAILED: &str = "/sentry failed with the error \"dispatch_failed\"";
/// What a person sees who types a command of an app that was removed.
const COMMAND_GONE: &str = "/sentry is not a valid command: Belay was removed from this workspace.";
/// How many acknowledgements the page remembers.
const REMEMBERED: usize = 5;

impl State {
    /// Takes an acknowledgement, or its absence, as Slack does.
    pub(super) fn acknowledged(&mut self, origin: &Origin, ack: Ack, body: &[u8]) {
        let content = ack.accepted() && self.take_body(origin, body);
        if let Some(message) = origin.message() {
            let key = (ack.user.clone(), message);
            if content {
                self.warnings.remove(&key);
            } else {
                self.warnings.insert(key);
            }
        }
        if let (false, Origin::Command { place }) = (content, origin) {
            self.tell(place, COMMAND_FAILED);
        }
        self.acks.push_front(ack);
        self.acks.truncate(REMEMBERED);
    }

    /// Somebody used something of an app that is not there any more.
    pub(super) fn tell_of_removal(&mut self, user: &str, origin: &Origin) {
        match (origin, origin.message()) {
            (Origin::Command { place }, _) => self.tell(place, COMMAND_GONE),
            (_, Some(message)) => {
                self.warnings.insert((user.to_owned(), message));
            }
            _ => {}
        }
    }

    /// Says something to one person, as Slack itself.
    pub(super) fn tell(&mut self, place: &Place, text: &str) {
        self.post(&place.channel, None, Some(place.user.clone()), Content::text(text));
    }

    /// The body of a Block Kit acknowledgement is ignored. A legacy one is a message, and so is a
    /// command's, which may be plain text too; a modal's says what becomes of the modal.
    fn take_body(&mut self, origin: &Origin, body: &[u8]) -> bool {
        match origin {
            Origin::BlockActions { .. } | Origin::Home { .. } => true,
            Origin::Modal { view_id } => self.submitted(view_id, body),
            Origin::InteractiveMessage { .. } | Origin::Command { .. } if body.is_empty() => true,
            Origin::InteractiveMessage { place } => {
                self.take_message(place, &serde_json::from_slice(body).unwrap_or_default())
            }
            Origin::Command { place } => {
                let text = || json!({"text": String::from_utf8_lossy(body)});
                self.take_message(place, &serde_json::from_slice(body).unwrap_or_else(|_| text()))
            }
        }
    }

    fn take_message(&mut self, place: &Place, reply: &Value) -> bool {
        let answer = reply.as_object().and_then(|fields| Answer::parse(fields).ok());
        answer.is_some_and(|answer| self.apply(place, answer, Unsaid::Replaces).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{CHANNEL, MessageTs, samples};

    const ALICE: &str = "U0ALICE001";

    fn ack(status: Option<u16>) -> Ack {
        Ack { user: ALICE.to_owned(), action: "resolved".to_owned(), status, millis: 7 }
    }

    fn clicked() -> (State, MessageTs) {
        let (mut state, _) = samples::state();
        let alert = state.post_to_channel(samples::alert());
        (state, alert)
    }

    #[test]
    fn a_refused_or_missing_acknowledgement_warns_the_person_until_one_is_good() {
        let (mut state, alert) = clicked();
        let origin = Origin::BlockActions { place: samples::place(&alert) };
        let warned = (ALICE.to_owned(), alert);

        for status in [Some(503), Some(204), None] {
            state.acknowledged(&origin, ack(status), b"");
            assert!(state.warnings.contains(&warned), "{status:?}");
        }
        state.acknowledged(&origin, ack(Some(200)), b"");

        assert!(!state.warnings.contains(&warned));
    }

    #[test]
    fn the_body_of_a_block_kit_acknowledgement_is_ignored() {
        let (mut state, alert) = clicked();
        let origin = Origin::BlockActions { place: samples::place(&alert) };

        state.acknowledged(&origin, ack(Some(200)), br#"{"text":"Done","replace_original":true}"#);

        assert_ne!(state.message(&alert).unwrap().words(), "Done");
    }

    #[test]
    fn the_body_of_a_legacy_acknowledgement_replaces_the_message() {
        let (mut state, alert) = clicked();
        let origin = Origin::InteractiveMessage { place: samples::place(&alert) };

        state.acknowledged(&origin, ack(Some(200)), br#"{"text":"Done"}"#);

        assert_eq!(state.message(&alert).unwrap().words(), "Done");
    }

    #[test]
    fn a_command_is_answered_below_the_conversation_in_json_or_plain_text() {
        for (body, words) in [
            (&br#"{"response_type":"ephemeral","text":"Hi"}"#[..], "Hi"),
            (b"Hello there", "Hello there"),
        ] {
            let (mut state, _) = samples::state();

            state.acknowledged(&commanded(), ack(Some(200)), body);

            let [message] = &state.messages[..] else { panic!("{:?}", state.messages) };
            assert_eq!(
                (message.words().as_str(), message.only_for.as_deref()),
                (words, Some(ALICE))
            );
        }
    }

    #[test]
    fn a_command_may_be_acknowledged_without_a_word() {
        let (mut state, _) = samples::state();

        state.acknowledged(&commanded(), ack(Some(200)), b"");

        assert!(state.messages.is_empty());
    }

    #[test]
    fn who_typed_a_command_that_failed_is_told_so() {
        for status in [Some(503), None] {
            let (mut state, _) = samples::state();

            state.acknowledged(&commanded(), ack(status), b"");

            let words = state.messages[0].words();
            assert!(words.starts_with("/sentry failed with the error"), "{words}");
            assert_eq!(state.messages[0].only_for.as_deref(), Some(ALICE));
            assert!(state.warnings.is_empty());
        }
    }

    fn commanded() -> Origin {
        Origin::Command { place: Place::typing(ALICE, CHANNEL) }
    }

    #[test]
    fn the_ephemeral_envelope_leaves_the_legacy_message_alone() {
        let (mut state, alert) = clicked();
        let origin = Origin::InteractiveMessage { place: samples::place(&alert) };
        let envelope = br#"{"response_type":"ephemeral","replace_original":false,"text":"Hi"}"#;

        state.acknowledged(&origin, ack(Some(200)), envelope);

        assert_eq!(state.messages.last().unwrap().only_for.as_deref(), Some(ALICE));
        assert_eq!(state.message(&alert).unwrap().revision, 0);
    }
}
