//! What a deployment stands in: a clock, a table, a queue, and the models of Slack and Sentry. It
//! outlives every deployment.

use std::sync::Arc;

use local::{
    sentry::{self, Sentry},
    slack::{self, Slack},
};
use shared::{
    clock::ManualClock,
    routes::Urls,
    secret::Secret,
    sentry::{client::SentryClient, oauth::SentryOauth},
    slack::{
        client::{SlackClient, SlackOauth},
        response_url::Hooks,
    },
    store::memory::MemoryStore,
};
use url::Url;

use super::{
    BOT_TOKEN, INTEGRATION_TOKEN, NOON, PUBLIC_URL,
    deployed::{ACMES_HOOK_SECRET, SIGNING_SECRET},
    evidence,
    journal::Journal,
    queue::TestQueue,
};

const SLACK_CLIENT: (&str, &str) = ("1.2", "canary-slack-client-secret");
const SENTRY_CLIENT: (&str, &str) = ("belay", "canary-sentry-client-secret");

/// What a deployment stands in. Clones share it.
#[derive(Clone)]
pub(crate) struct Place<S = MemoryStore> {
    pub(crate) clock: ManualClock,
    pub(crate) store: S,
    pub(crate) queue: TestQueue,
    pub(crate) slack: Slack,
    pub(crate) sentry: Sentry,
    pub(crate) slack_url: String,
    pub(crate) sentry_url: String,
    /// What left the functions.
    pub(crate) journal: Journal,
}

impl<S> Place<S> {
    /// This table at noon, with Slack and Sentry at these origins.
    pub(super) fn at(slack_url: &str, sentry_url: &str, store: S, journal: Journal) -> Self {
        evidence::listen_to_logs();
        let clock = ManualClock::at(NOON);
        Self {
            store,
            queue: TestQueue::new(&clock, &journal),
            slack: slack_model(&clock, slack_url, sentry_url),
            sentry: sentry_model(&clock, sentry_url),
            slack_url: slack_url.into(),
            sentry_url: sentry_url.into(),
            clock,
            journal,
        }
    }

    /// The way to Slack.
    pub(super) fn slack_client(&self) -> SlackClient {
        let base = Url::parse(&self.slack_url).unwrap();
        SlackClient::new(http(), base.clone(), Hooks::new(&base))
    }

    /// The way to Sentry.
    pub(super) fn sentry_client(&self) -> SentryClient {
        let base = Url::parse(&self.sentry_url).unwrap();
        SentryClient::new(http(), base, http::HeaderMap::new())
    }
}

/// The bundle's own addresses.
pub(super) fn urls() -> Urls {
    Urls::new(Url::parse(PUBLIC_URL).unwrap())
}

/// The Slack app.
pub(super) fn slack_oauth() -> SlackOauth {
    let (id, secret) = SLACK_CLIENT;
    SlackOauth { client_id: id.into(), client_secret: Secret::new(secret) }
}

/// The OAuth application in Sentry.
pub(super) fn sentry_oauth() -> SentryOauth {
    let (id, secret) = SENTRY_CLIENT;
    SentryOauth { client_id: id.into(), client_secret: Secret::new(secret) }
}

/// Slack, with this key under what it signs.
pub(super) fn slack_signing_with(
    secret: &str,
    clock: &ManualClock,
    own: &str,
    sentry_url: &str,
) -> Slack {
    Slack::new(slack::Settings {
        clock: Arc::new(clock.clone()),
        signing_secret: secret.into(),
        client_id: SLACK_CLIENT.0.into(),
        client_secret: SLACK_CLIENT.1.into(),
        bot_token: BOT_TOKEN.into(),
        redirect_uris: vec![urls().sign_in_slack(), urls().install_slack()],
        base_url: own.into(),
        sentry_url: sentry_url.into(),
    })
}

fn slack_model(clock: &ManualClock, own: &str, sentry_url: &str) -> Slack {
    slack_signing_with(SIGNING_SECRET, clock, own, sentry_url)
}

fn sentry_model(clock: &ManualClock, own: &str) -> Sentry {
    Sentry::new(sentry::Settings {
        clock: Arc::new(clock.clone()),
        client_id: SENTRY_CLIENT.0.into(),
        client_secret: SENTRY_CLIENT.1.into(),
        redirect_uris: vec![urls().sign_in_sentry()],
        base_url: own.into(),
        hook_secrets: vec![
            ("acme".into(), ACMES_HOOK_SECRET.into()),
            ("umbrella".into(), "canary-hook-secret-of-umbrella".into()),
        ],
        integration_token: INTEGRATION_TOKEN.into(),
    })
}

fn http() -> reqwest::Client {
    shared::transport::client(None).unwrap()
}
