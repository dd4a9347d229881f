//! `response_url`: a bearer credential to answer one interaction.
//!
//! `{base}/actions/{team}/{n}/{token}`, POST, JSON. Five uses within thirty minutes, then 404 with
//! `used_url` or `expired_url`; success is the plain text `ok` (Slack:
//! docs.slack.dev/interactivity/handling-user-interaction). Every request counts as a use, a refused
//! one as well: Slack does not say otherwise.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};
use shared::clock::Timestamp;

use super::{
    answer::{Answer, Place, Unsaid},
    reply::{Refusal, Reply},
    state::State,
    workspace::TEAM,
};
use crate::random;

const LIFE: Duration = Duration::from_mins(30);
const USES: u8 = 5;

/// The families of `response_url`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Actions,
    Commands,
}

impl Family {
    fn segment(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::Commands => "commands",
        }
    }
}

pub(super) struct Hook {
    place: Place,
    minted: Timestamp,
    uses: u8,
}

impl State {
    pub(super) fn mint_response_url(&mut self, family: Family, place: Place) -> String {
        let serial = self.mint_serial();
        let path = format!("/{}/{TEAM}/{serial}/{}", family.segment(), random::secret(12));
        let hook = Hook { place, minted: self.now(), uses: 0 };
        let url = format!("{}{path}", self.settings.base_url);
        self.hooks.insert(path, hook);
        url
    }

    /// One POST to a `response_url`, by its path.
    pub(super) fn respond(&mut self, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let place = match self.use_hook(path) {
            Ok(place) => place,
            Err(dead) => return Reply::error(StatusCode::NOT_FOUND, dead),
        };
        let outcome = read(content_type, body)
            .and_then(|fields| Answer::parse(&fields))
            .and_then(|answer| self.apply(&place, answer, Unsaid::TakesAway));
        match outcome {
            Ok(()) => Reply::text(StatusCode::OK, "ok"),
            Err(refusal) if refusal.error == "message_not_found" => {
                Reply::error(StatusCode::NOT_FOUND, refusal.error)
            }
            Err(refusal) => Reply::text(StatusCode::BAD_REQUEST, refusal.error),
        }
    }

    /// Counts a use. A URL that never was is answered like one that is over.
    fn use_hook(&mut self, path: &str) -> Result<Place, &'static str> {
        let now = self.now();
        let hook = self.hooks.get_mut(path).ok_or("expired_url")?;
        if now.since(hook.minted) >= LIFE {
            return Err("expired_url");
        }
        if hook.uses >= USES {
            return Err("used_url");
        }
        hook.uses += 1;
        Ok(hook.place.clone())
    }
}

fn read(content_type: &str, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if !content_type.starts_with("application/json") {
        return Err(Refusal::because("invalid_payload", "the content type is not JSON"));
    }
    serde_json::from_slice(body).map_err(|_| Refusal::new("invalid_payload"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::clock::ManualClock;

    use super::*;
    use crate::slack::{message::MessageTs, samples};

    const JSON: &str = "application/json; charset=utf-8";

    struct Clicked {
        state: State,
        clock: ManualClock,
        alert: MessageTs,
        path: String,
    }

    fn clicked() -> Clicked {
        let (mut state, clock) = samples::state();
        let alert = state.post_to_channel(samples::alert());
        let place = samples::place(&alert);
        let url = state.mint_response_url(Family::Actions, place);
        let path = url.strip_prefix(&state.settings.base_url).unwrap().to_owned();
        Clicked { state, clock, alert, path }
    }

    impl Clicked {
        fn post(&mut self, body: &Value) -> Reply {
            self.state.respond(&self.path, JSON, body.to_string().as_bytes())
        }

        fn seen_by_alice_alone(&self) -> Vec<String> {
            let hers = |user: &Option<String>| user.as_deref() == Some("U0ALICE001");
            let messages = self.state.messages.iter().filter(|message| hers(&message.only_for));
            messages.map(|message| message.content.text.clone()).collect()
        }
    }

    #[test]
    fn an_answer_is_ephemeral_unless_it_says_otherwise() {
        let mut clicked = clicked();

        let reply = clicked.post(&json!({"text": "Hi", "replace_original": false}));

        assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!("ok")));
        assert_eq!(clicked.seen_by_alice_alone(), ["Hi"]);
        assert!(clicked.state.message(&clicked.alert).is_some());
    }

    #[test]
    fn replacing_the_original_leaves_it_visible_to_all() {
        let mut clicked = clicked();

        clicked.post(&json!({"text": "Done", "response_type": "ephemeral",
            "replace_original": true, "delete_original": false}));

        let alert = clicked.state.message(&clicked.alert).unwrap();
        assert_eq!((alert.words().as_str(), &alert.only_for), ("Done", &None));
        assert!(alert.content.blocks.is_empty());
    }

    #[test]
    fn an_answer_that_mentions_no_flag_takes_the_alert_away() {
        let mut clicked = clicked();

        clicked.post(&json!({"text": "Hi"}));

        assert!(clicked.state.message(&clicked.alert).is_none());
        assert_eq!(clicked.seen_by_alice_alone(), ["Hi"]);
    }

    #[test]
    fn delete_original_alone_needs_no_text() {
        let mut clicked = clicked();

        let reply = clicked.post(&json!({"delete_original": true}));

        assert_eq!(reply.status, StatusCode::OK);
        assert!(clicked.state.messages.is_empty());
    }

    #[test]
    fn an_answer_in_the_channel_can_go_into_a_thread() {
        let mut clicked = clicked();

        clicked.post(&json!({"text": "Hi", "response_type": "in_channel",
            "replace_original": false, "thread_ts": clicked.alert.as_str()}));

        let last = clicked.state.messages.last().unwrap();
        assert_eq!((&last.thread, &last.only_for), (&Some(clicked.alert.clone()), &None));
    }

    #[test]
    fn the_sixth_use_is_one_too_many() {
        let mut clicked = clicked();
        let hi = json!({"text": "Hi", "replace_original": false});
        let five: Vec<_> = (0..5).map(|_| clicked.post(&hi).status).collect();

        let sixth = clicked.post(&hi);

        assert_eq!(five, [StatusCode::OK; 5]);
        assert_eq!(sixth.status, StatusCode::NOT_FOUND);
        assert_eq!(sixth.json(), json!({"ok": false, "error": "used_url"}));
        assert_eq!(clicked.seen_by_alice_alone().len(), 5);
    }

    #[test]
    fn it_is_over_after_thirty_minutes() {
        let mut clicked = clicked();
        clicked.clock.advance(LIFE);

        let reply = clicked.post(&json!({"text": "Hi", "replace_original": false}));

        assert_eq!((reply.status, reply.outcome.as_str()), (StatusCode::NOT_FOUND, "expired_url"));
        assert!(clicked.seen_by_alice_alone().is_empty());
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let wrong = [
            (JSON, "{", "invalid_payload"),
            (JSON, "[]", "invalid_payload"),
            (JSON, r#"{"replace_original":true}"#, "no_text"),
            (JSON, r#"{"text":"Hi","replace_original":"true"}"#, "invalid_payload"),
            (JSON, r#"{"blocks":[{"type":"section"}]}"#, "invalid_blocks"),
            ("application/x-www-form-urlencoded", r#"{"text":"Hi"}"#, "invalid_payload"),
        ];
        for (content_type, body, error) in wrong {
            let mut clicked = clicked();
            let reply = clicked.state.respond(&clicked.path, content_type, body.as_bytes());
            assert_eq!((reply.status, reply.outcome.as_str()), (StatusCode::BAD_REQUEST, error));
        }
    }
}
