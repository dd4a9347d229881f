//! A workspace for the unit tests.

use std::sync::Arc;

use shared::clock::{ManualClock, Timestamp};

use super::{
    Alert, Settings, Slack,
    answer::Place,
    message::{Content, MessageTs},
    state::State,
    workspace::CHANNEL,
};

pub(super) const BOT_TOKEN: &str = "xoxb-test";
pub(super) const REDIRECT_URI: &str = "http://belay.test/sign-in/slack";

pub(super) fn settings() -> (Settings, ManualClock) {
    let clock = ManualClock::at(Timestamp::from_secs(1_700_000_000));
    let settings = Settings {
        clock: Arc::new(clock.clone()),
        signing_secret: "test-signing-secret-0123456789abcdef".to_owned(),
        client_id: "1.2".to_owned(),
        client_secret: "client-secret".to_owned(),
        bot_token: BOT_TOKEN.to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        base_url: "http://slack.test".to_owned(),
        sentry_url: "http://sentry.test".to_owned(),
    };
    (settings, clock)
}

pub(super) fn state() -> (State, ManualClock) {
    let (settings, clock) = settings();
    (State::new(settings), clock)
}

pub(super) fn slack() -> (Slack, ManualClock) {
    let (settings, clock) = settings();
    (Slack::new(settings), clock)
}

pub(super) fn alert() -> Content {
    Alert::type_error("http://sentry.test").blocks()
}

/// Alice, who clicked this message in the channel.
pub(super) fn place(source: &MessageTs) -> Place {
    Place {
        user: "U0ALICE001".to_owned(),
        channel: CHANNEL.to_owned(),
        source: Some(source.clone()),
        thread: None,
        unfurl: None,
    }
}
