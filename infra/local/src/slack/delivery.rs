//! Sends clicks and commands to the app, as Slack does: three seconds for an acknowledgement, HTTP
//! 200 or a warning to the person. Nothing is sent twice (Slack:
//! docs.slack.dev/interactivity/handling-user-interaction, …/implementing-slash-commands).

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    SignedRequest, Slack,
    answer::{Answer, Place, Unsaid},
    clicks::NotShown,
    message::{Content, MessageTs},
    state::State,
};

/// How long Slack waits for any answer.
pub(super) const ACK_LIMIT: Duration = Duration::from_secs(3);
/// What a person sees whose command was not answered well.
const COMMAND_FAILED: &str = "/sentry failed with the error \"dispatch_failed\"";
/// How many acknowledgements the page remembers.
const REMEMBERED: usize = 5;

/// Where clicks are delivered.
pub(super) struct Interactivity {
    pub(super) url: String,
    pub(super) http: reqwest::Client,
}

/// What came of a click or command that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Who clicked, or typed.
    pub user: String,
    /// What was clicked: the action's value, or the modal's button; what was typed.
    pub action: String,
    /// The app's HTTP status; none when nothing came within three seconds.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl Ack {
    /// Whether Slack is content with it.
    pub fn accepted(&self) -> bool {
        self.status == Some(StatusCode::OK.as_u16())
    }
}

/// Why a click or command was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Nobody can click that.
    #[error(transparent)]
    NotShown(#[from] NotShown),
    /// The app has no URL for that yet, or none that is verified; see [`Slack::deliver_to`],
    /// [`Slack::deliver_commands_to`] and [`Slack::deliver_events_to`].
    #[error("the app has no URL for that")]
    NoUrl,
}

/// What was clicked or typed, as far as the acknowledgement matters to it.
pub(super) enum Origin {
    BlockActions { place: Place },
    InteractiveMessage { place: Place },
    Modal { view_id: String },
    Home { view_id: String },
    Command { place: Place },
}

pub(super) async fn deliver(
    slack: &Slack,
    user: &str,
    action: &str,
    origin: Origin,
    request: SignedRequest,
) -> Result<Ack, Undelivered> {
    let (url, http, clock) = {
        let state = slack.state();
        let to = state.interactivity.as_ref().ok_or(Undelivered::NoUrl)?;
        let url = match origin {
            Origin::Command { .. } => state.command_url.as_ref().ok_or(Undelivered::NoUrl)?,
            _ => &to.url,
        };
        (url.clone(), to.http.clone(), state.settings.clock.clone())
    };
    let started = clock.now();
    let reply = tokio::time::timeout(ACK_LIMIT, post(&http, &url, request)).await.ok().flatten();
    let millis = clock.now().since(started).as_millis();
    let ack = Ack {
        user: user.to_owned(),
        action: action.to_owned(),
        status: reply.as_ref().map(|(status, _)| *status),
        millis: u64::try_from(millis).unwrap_or(u64::MAX),
    };
    let body = reply.map(|(_, body)| body).unwrap_or_default();
    slack.state().acknowledged(&origin, ack.clone(), &body);
    Ok(ack)
}

/// Sends a request; the status and body of the answer, if there is one.
pub(super) async fn post(
    http: &reqwest::Client,
    url: &str,
    request: SignedRequest,
) -> Option<(u16, Vec<u8>)> {
    let response = send(http, url, request).await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.bytes().await.ok()?.into()))
}

/// Sends a request with Slack's headers.
pub(super) async fn send(
    http: &reqwest::Client,
    url: &str,
    request: SignedRequest,
) -> Result<reqwest::Response, reqwest::Error> {
    let mut post = http.post(url);
    for (name, value) in request.headers() {
        post = post.header(name, value);
    }
    post.body(request.body).send().await
}

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

impl Origin {
    /// The key under which a warning is kept: the clicked message, or the view's id. A command
    /// has none: what is wrong with it is said below the conversation.
    fn message(&self) -> Option<MessageTs> {
        match self {
            Self::BlockActions { place } | Self::InteractiveMessage { place } => {
                place.source.clone()
            }
            Self::Modal { view_id } | Self::Home { view_id } => {
                Some(MessageTs::new(view_id.clone()))
            }
            Self::Command { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::samples;

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
        Origin::Command { place: Place::typing(ALICE) }
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
