//! What an event travels in: JSON, `{"type":"event_callback","event":{…},"event_id":"Ev…",…}`
//! (Slack: docs.slack.dev/apis/events-api).

use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::{
    JSON, SignedRequest, Slack,
    clicks::LEGACY_TOKEN,
    installs::Reach,
    message::insert,
    signing,
    state::State,
    workspace::{APP, BOT_USER, TEAM},
};
use crate::random;

/// The envelope of an event, as far as it differs from one to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The workspace it happened in; none when it concerns a whole organization.
    pub team_id: Option<String>,
    /// The organization of that workspace, on Enterprise Grid.
    pub enterprise_id: Option<String>,
    /// Whether the app is installed in the whole organization.
    pub is_enterprise_install: bool,
    /// `Ev…`; a retry has the same.
    pub event_id: String,
    /// When it happened.
    pub event_time: Timestamp,
}

impl Slack {
    /// The request of the Events API for this event, in the envelope of the installation there is.
    pub fn event(&self, event: &Value) -> SignedRequest {
        let envelope = self.envelope();
        self.event_with(event, envelope)
    }

    /// The same in an envelope of one's own: `Envelope { event_time, ..slack.envelope() }`.
    pub fn event_with(&self, event: &Value, envelope: Envelope) -> SignedRequest {
        self.state().sign_json(&envelope.around(event))
    }

    /// The envelope of an event that happens now.
    pub fn envelope(&self) -> Envelope {
        let state = self.state();
        state.envelope_of(state.reach().unwrap_or(Reach::Workspace))
    }

    /// The request by which Slack finds out whether the app answers at its events URL.
    pub fn url_verification(&self, challenge: &str) -> SignedRequest {
        self.state().sign_json(&json!({
            "token": LEGACY_TOKEN,
            "challenge": challenge,
            "type": "url_verification",
        }))
    }
}

impl Envelope {
    fn around(self, event: &Value) -> Value {
        let team = self.team_id.as_ref().filter(|_| !self.is_enterprise_install);
        let authorization = json!({
            "enterprise_id": self.enterprise_id,
            "team_id": team,
            "user_id": BOT_USER,
            "is_bot": true,
            "is_enterprise_install": self.is_enterprise_install,
        });
        let mut envelope = json!({
            "token": LEGACY_TOKEN,
            "team_id": self.team_id,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self.event_id,
            "event_time": self.event_time.secs(),
            "authorizations": [authorization],
            "is_ext_shared_channel": false,
        });
        if let Some(id) = self.enterprise_id {
            insert(&mut envelope, "enterprise_id", json!(id));
        }
        envelope
    }
}

impl State {
    /// The envelope of an event of this installation that happens now in the workspace.
    pub(super) fn envelope_of(&self, reach: Reach) -> Envelope {
        Envelope {
            team_id: Some(TEAM.to_owned()),
            enterprise_id: self.enterprise.clone(),
            is_enterprise_install: reach == Reach::Organization,
            event_id: format!("Ev{}", random::hex(5).to_ascii_uppercase()),
            event_time: self.now(),
        }
    }

    /// An event of the workspace, signed now.
    pub(super) fn event(&self, event: &Value) -> SignedRequest {
        let reach = self.reach().unwrap_or(Reach::Workspace);
        self.sign_json(&self.envelope_of(reach).around(event))
    }

    /// An event that concerns an installation as a whole.
    pub(super) fn event_of(&self, reach: Reach, event: &Value) -> SignedRequest {
        let mut envelope = self.envelope_of(reach);
        if reach == Reach::Organization {
            envelope.team_id = None;
        }
        self.sign_json(&envelope.around(event))
    }

    fn sign_json(&self, body: &Value) -> SignedRequest {
        let secret = &self.settings.signing_secret;
        signing::sign(secret, self.now().secs(), JSON, body.to_string().into_bytes())
    }
}
