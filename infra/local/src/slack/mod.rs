//! A stand-in for Slack: a model with a memory, not canned answers.
//!
//! It holds one workspace with its channels, posts alerts, signs clicks, hands out `response_url`s and
//! codes that can be used as often and as long as the real ones, and refuses what Slack refuses,
//! with Slack's error names. `cargo dev` serves it with a page that looks like the channel; tests
//! hold the same [`Slack`] in-process and turn its clock by hand.
//!
//! It plays the whole life of the app: it is installed and removed, its tokens rotate and die, and
//! events tell it so.
//!
//! What it serves: `/api/<method>` (Web API, `openid.connect.token` and `oauth.v2.access`),
//! `/actions/…` and `/commands/…` (`response_url`), `/openid/connect/authorize` and
//! `/oauth/v2/authorize`, and `/` with `/ui/…` (the page).

mod acknowledgement;
mod alert;
mod answer;
mod blocks;
mod call;
mod canonical;
mod channel_list;
#[cfg(test)]
mod channel_list_tests;
mod channels;
#[cfg(test)]
mod channels_tests;
mod chat;
#[cfg(test)]
mod chat_tests;
mod chat_unfurl;
#[cfg(test)]
mod chat_unfurl_tests;
mod clicks;
#[cfg(test)]
mod clicks_tests;
mod client;
mod commands;
mod consent;
mod container;
mod conversation;
mod delivery;
mod directory;
mod elements;
mod envelope;
mod events;
mod fault;
mod grid;
#[cfg(test)]
mod grid_tests;
mod home;
#[cfg(test)]
mod home_tests;
mod hooks;
mod id_token;
mod install;
mod install_consent;
#[cfg(test)]
mod install_tests;
mod installs;
#[cfg(test)]
mod life_tests;
mod links;
#[cfg(test)]
mod links_tests;
mod message;
mod oauth;
mod openid;
mod page;
mod post_limit;
mod press;
mod redirect;
mod refresh;
mod reply;
mod requests;
mod retries;
#[cfg(test)]
mod samples;
mod scopes;
mod seen;
mod server;
mod signing;
mod state;
mod suggest;
#[cfg(test)]
mod suggest_tests;
mod surface;
mod thread;
#[cfg(test)]
mod thread_tests;
mod token;
mod unfurl;
#[cfg(test)]
mod unfurl_tests;
mod uninstall;
mod used;
mod views;
#[cfg(test)]
mod views_tests;
mod web_api;
mod workspace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use shared::clock::Clock;

pub use self::{
    alert::{Alert, Button},
    call::{Call, CallKind},
    clicks::NotShown,
    delivery::{Ack, Undelivered},
    envelope::Envelope,
    events::Delivery,
    fault::Fault,
    install::Grant,
    message::{Content, Message, MessageTs},
    retries::Retry,
    signing::SignedRequest,
    suggest::{Offer, OfferedGroup},
    views::View,
    workspace::{
        APP, BACKEND, BACKEND_NAME, BOT, BOT_USER, CHANNEL, CHANNEL_NAME, ENTERPRISE,
        ENTERPRISE_NAME, OPS_PRIVATE, OPS_PRIVATE_NAME, Person, SIBLING_TEAM, TEAM, TEAM_DOMAIN,
        TEAM_NAME,
    },
};
use self::{delivery::Interactivity, openid::Consent, state::State, workspace::BOB};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What the stand-in and the app agree on.
#[derive(Clone)]
pub struct Settings {
    /// The time by which everything expires.
    pub clock: Arc<dyn Clock>,
    /// The key of the signatures under clicks.
    pub signing_secret: String,
    /// The app's client id, for Sign in with Slack and for adding the app.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: String,
    /// The bearer token of the installation there is from the start: all scopes, no expiry.
    pub bot_token: String,
    /// Where a sign-in or an installation may lead back to; compared exactly.
    pub redirect_uris: Vec<String>,
    /// The stand-in's own origin, `http://127.0.0.1:4001`, without a trailing slash.
    pub base_url: String,
    /// Where the issues in alerts are, without a trailing slash.
    pub sentry_url: String,
}

/// The stand-in. Clones share one workspace.
#[derive(Clone)]
pub struct Slack {
    state: Arc<Mutex<State>>,
}

impl Slack {
    /// A workspace with Alice, Bob and Mallory, and empty channels.
    pub fn new(settings: Settings) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(settings))) }
    }

    /// Everything it serves.
    pub fn router(&self) -> axum::Router {
        server::router(self.clone())
    }

    /// Sets the app's interactivity URL, for [`Slack::press`] and the page.
    pub fn deliver_to(&self, url: &str, http: reqwest::Client) {
        self.state().interactivity = Some(Interactivity { url: url.to_owned(), http });
    }

    /// Sets the app's URL for slash commands, for [`Slack::type_command`] and the page.
    pub fn deliver_commands_to(&self, url: &str) {
        self.state().command_url = Some(url.to_owned());
    }

    /// Adds somebody to the workspace and its public channels, in place of who had that id.
    pub fn add_person(&self, person: Person) {
        let mut state = self.state();
        state.join_public_channels(&person.id);
        state.people.retain(|known| known.id != person.id);
        state.people.push(person);
    }

    /// Posts an alert to the channel, as the app does.
    pub fn post_alert(&self, alert: &Alert) -> MessageTs {
        self.state().post_to_channel(alert.blocks())
    }

    /// Posts an alert in the attachment form of old.
    pub fn post_legacy_alert(&self, alert: &Alert) -> MessageTs {
        self.state().post_to_channel(alert.attachment())
    }

    /// Bob posts a link to the alert's issue, under which the app's unfurl stands.
    pub fn post_unfurl(&self, alert: &Alert) -> MessageTs {
        self.state().post_unfurl(BOB, alert)
    }

    /// What the consent page does when `user` allows it: the redirect, or the error that is shown.
    pub fn authorize(&self, user: &str, authorize_url: &str) -> Result<String, String> {
        self.state().authorize(user, redirect::query(authorize_url), Consent::Allow)
    }

    /// Changes the claims of the next ID token.
    pub fn next_id_token_claims(
        &self,
        edit: impl FnOnce(&mut Map<String, Value>) + Send + 'static,
    ) {
        self.state().edit_claims = Some(Box::new(edit));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
