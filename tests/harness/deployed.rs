//! A deployment: every function, with the keys it was deployed with.

use std::{collections::HashMap, ops::Deref, time::Duration};

use action::Action;
use alert::Alert;
use command::Command;
use event::Event;
use health::Health;
use install::Install;
use link_identity::LinkIdentity;
use options::Options;
use perform::{LastTime, Perform};
use shared::{
    audit,
    clock::ManualClock,
    sealing::Sealer,
    secret::Secret,
    signing::{link::Signer, request::RequestVerifier, webhook::HookVerifier},
    store::memory::MemoryStore,
};
use sign_in::SignIn;
use unlink_identity::UnlinkIdentity;
use url::Url;

use super::{
    PUBLIC_URL,
    place::{Place, sentry_oauth, slack_oauth, urls},
    queue::TestQueue,
};

pub(crate) const SIGNING_SECRET: &str = "canary-signing-secret-0123456789ab";
pub(crate) const MASTER_KEY: &str = "canary-master-key-0123456789abcdef";
pub(crate) const ACMES_HOOK_SECRET: &str = "canary-hook-secret-of-acme";
pub(crate) const TOKEN_KEY: &str = "canary-token-key-0123456789abcdefg";

/// The keys of a deployment: of each kind the one in use, then the one on its way out.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) signing: Vec<&'static str>,
    pub(crate) master: Vec<&'static str>,
    pub(crate) token: Vec<&'static str>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { signing: vec![SIGNING_SECRET], master: vec![MASTER_KEY], token: vec![TOKEN_KEY] }
    }
}

/// Every function.
pub(crate) struct Deployed<S = MemoryStore> {
    pub(super) place: Place<S>,
    pub(crate) signer: Signer,
    pub(crate) sealer: Sealer,
    pub(crate) action: Action<S, TestQueue, ManualClock>,
    pub(crate) alert: Alert<S, TestQueue, ManualClock>,
    pub(crate) perform: Perform<S, TestQueue, ManualClock>,
    pub(crate) command: Command<S, ManualClock>,
    pub(crate) event: Event<S, TestQueue, ManualClock>,
    pub(crate) health: Health<S, ManualClock>,
    pub(crate) options: Options<S, ManualClock>,
    pub(super) install: Install<S, ManualClock>,
    pub(super) link_identity: LinkIdentity<S, TestQueue, ManualClock>,
    pub(super) unlink_identity: UnlinkIdentity<S, ManualClock>,
    pub(crate) sign_in: SignIn<S, ManualClock>,
}

impl<S> Deref for Deployed<S> {
    type Target = Place<S>;

    fn deref(&self) -> &Place<S> {
        &self.place
    }
}

impl<S: Clone> Deployed<S> {
    /// Every function in this place, with these keys.
    #[expect(clippy::too_many_lines, reason = "a list of every function with what it needs")]
    pub(super) fn at(place: Place<S>, keys: &Keys) -> Self {
        let signer = Signer::new(secrets(&keys.master));
        let sealer = Sealer::new(secrets(&keys.master));
        let token_sealer = Sealer::new(secrets(&keys.token));
        let verifier = RequestVerifier::new(secrets(&keys.signing));
        let (slack, sentry) = (place.slack_client(), place.sentry_client());
        let Place { clock, store, queue, .. } = place.clone();
        let (urls, slack_oauth, sentry_oauth) = (urls(), slack_oauth(), sentry_oauth());
        Self {
            action: Action {
                verifier: verifier.clone(),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack.clone(),
                clock: clock.clone(),
            },
            command: Command {
                verifier: verifier.clone(),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                hooks: slack.hooks().clone(),
                store: store.clone(),
                clock: clock.clone(),
                audit: audit::KEPT,
            },
            event: Event {
                verifier: verifier.clone(),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                sentry: Url::parse(&place.sentry_url).unwrap(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack.clone(),
                clock: clock.clone(),
                audit: audit::KEPT,
            },
            install: Install {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_client_id: sentry_oauth.client_id.clone(),
                sentry: sentry.clone(),
                store: store.clone(),
                slack: slack.clone(),
                clock: clock.clone(),
            },
            alert: Alert {
                verifier: HookVerifier::new(vec![("acme".into(), Secret::new(ACMES_HOOK_SECRET))]),
                sealer: sealer.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack.clone(),
                window: Duration::from_hours(24),
                clock: clock.clone(),
            },
            health: Health {
                signer: Some(signer.clone()),
                store: Some(store.clone()),
                url: PUBLIC_URL.into(),
                settings: Vec::new(),
                clock: clock.clone(),
            },
            options: Options {
                verifier,
                token_sealer: token_sealer.clone(),
                store: store.clone(),
                sentry: sentry.clone(),
                clock: clock.clone(),
                known: options::Known::default(),
            },
            link_identity: LinkIdentity {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack.clone(),
                clock: clock.clone(),
            },
            unlink_identity: UnlinkIdentity {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_client_id: sentry_oauth.client_id.clone(),
                sentry: sentry.clone(),
                store: store.clone(),
                slack: slack.clone(),
                clock: clock.clone(),
            },
            sign_in: SignIn {
                signer: signer.clone(),
                sealer: sealer.clone(),
                token_sealer: token_sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_oauth: sentry_oauth.clone(),
                store: store.clone(),
                slack: slack.clone(),
                sentry: sentry.clone(),
                clock: clock.clone(),
            },
            perform: Perform {
                signer: signer.clone(),
                sealer: sealer.clone(),
                token_sealer,
                urls,
                sentry_oauth,
                slack_oauth,
                store,
                queue,
                slack,
                sentry,
                clock,
                readers: HashMap::new(),
                last_look: LastTime::default(),
            },
            place,
            signer,
            sealer,
        }
    }

    /// The same `POST /alert` in front of another table.
    pub(crate) fn alert_at<T>(&self, store: T) -> Alert<T, TestQueue, ManualClock> {
        let Alert { verifier, sealer, queue, slack, window, clock, .. } = &self.alert;
        Alert {
            verifier: verifier.clone(),
            sealer: sealer.clone(),
            store,
            queue: queue.clone(),
            slack: slack.clone(),
            window: *window,
            clock: clock.clone(),
        }
    }

    /// The same `POST /action` in front of another table.
    pub(crate) fn action_at<T>(&self, store: T) -> Action<T, TestQueue, ManualClock> {
        let Action { verifier, signer, sealer, urls, queue, slack, clock, .. } = &self.action;
        Action {
            verifier: verifier.clone(),
            signer: signer.clone(),
            sealer: sealer.clone(),
            urls: urls.clone(),
            store,
            queue: queue.clone(),
            slack: slack.clone(),
            clock: clock.clone(),
        }
    }

    /// The same worker in front of another table.
    pub(crate) fn perform_at<T>(&self, store: T) -> Perform<T, TestQueue, ManualClock> {
        let perform = &self.perform;
        Perform {
            signer: perform.signer.clone(),
            sealer: perform.sealer.clone(),
            token_sealer: perform.token_sealer.clone(),
            urls: perform.urls.clone(),
            sentry_oauth: perform.sentry_oauth.clone(),
            slack_oauth: perform.slack_oauth.clone(),
            store,
            queue: perform.queue.clone(),
            slack: perform.slack.clone(),
            sentry: perform.sentry.clone(),
            readers: perform.readers.clone(),
            clock: perform.clock.clone(),
            last_look: LastTime::default(),
        }
    }
}

fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts.iter().copied().map(Secret::new).collect()
}
