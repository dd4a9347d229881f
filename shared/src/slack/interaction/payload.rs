//! The fields of Slack's payloads that are read, as they travel. Everything is optional that any
//! family leaves out; what a family needs is asked for where it is understood.

use serde::Deserialize;
use serde_json::Value;

use super::Family;
use crate::{
    clock::Timestamp,
    ids::{ChannelId, SlackUserId},
};

/// What says which family a payload is of; nothing else is asked of one that is not known.
#[derive(Deserialize)]
pub(super) struct Kind {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(crate) struct Payload {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(super) team: Option<Team>,
    pub(super) enterprise: Option<Team>,
    #[serde(default)]
    pub(super) is_enterprise_install: bool,
    pub(super) user: Option<User>,
    pub(super) channel: Option<Channel>,
    pub(super) container: Option<Container>,
    pub(super) message: Option<Message>,
    pub(super) app_unfurl: Option<Message>,
    pub(super) view: Option<View>,
    #[serde(default)]
    pub(super) actions: Vec<Action>,
    pub(super) callback_id: Option<String>,
    pub(super) submission: Option<Submission>,
    pub(super) original_message: Option<OriginalMessage>,
    #[serde(default)]
    pub(super) is_app_unfurl: bool,
    pub(super) message_ts: Option<String>,
    pub(super) action_ts: Option<String>,
    pub(super) trigger_id: Option<String>,
    pub(super) response_url: Option<String>,
    /// What is typed into a select, and which select it is: `block_suggestion` only.
    pub(crate) value: Option<String>,
    pub(crate) action_id: Option<String>,
}

impl Payload {
    /// The workspace it happened in, not the one of whoever submits a view (Slack's own libraries do so:
    /// github.com/slackapi/bolt-python, `slack_bolt/request/internals.py`).
    pub(super) fn workspace(&self) -> Option<&str> {
        let view = self.view.as_ref().and_then(|view| view.app_installed_team_id.as_deref());
        view.filter(|id| id.starts_with('T')).or(self.team.as_ref().map(|team| team.id.as_str()))
    }
}

#[derive(Deserialize)]
pub(super) struct Team {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: SlackUserId,
    pub(super) team_id: Option<String>,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
}

impl User {
    /// What Slack calls them.
    pub(super) fn shown_name(&self) -> String {
        self.name.clone().or_else(|| self.username.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
}

#[derive(Deserialize)]
pub(super) struct Container {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) message_ts: Option<String>,
    #[serde(default)]
    pub(super) is_app_unfurl: bool,
}

#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    pub(super) blocks: Vec<Block>,
}

#[derive(Deserialize)]
pub(super) struct Block {
    #[serde(default)]
    pub(super) block_id: String,
    /// A text object; in some blocks a bare string.
    pub(super) text: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct OriginalMessage {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(super) struct View {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) private_metadata: String,
    #[serde(default)]
    pub(super) external_id: String,
    #[serde(default)]
    pub(super) hash: String,
    /// Where the app is installed: a workspace, or an organization.
    pub(super) app_installed_team_id: Option<String>,
    pub(super) state: Option<ViewState>,
}

impl View {
    /// What names a submission. A modal is opened under its click's `action_ts`, so submitting one
    /// modal twice is one click; else its `hash` begins with its last change.
    pub(super) fn opened_at(&self) -> Option<String> {
        let changed = self.hash.split('.').next().unwrap_or_default();
        [self.external_id.as_str(), changed]
            .into_iter()
            .find(|ts| Timestamp::parse_slack(ts).is_some())
            .map(str::to_owned)
    }
}

#[derive(Deserialize)]
pub(super) struct ViewState {
    #[serde(default)]
    pub(super) values: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Submission {
    pub(super) resolve_type: Option<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "Slack's own names")]
pub(super) struct Action {
    #[serde(alias = "name")]
    pub(super) action_id: Option<String>,
    pub(super) value: Option<String>,
    pub(super) selected_option: Option<Selected>,
    #[serde(default)]
    pub(super) selected_options: Vec<Selected>,
    pub(super) action_ts: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Selected {
    #[serde(default)]
    pub(super) value: String,
}

/// What `block_id`, `private_metadata` and `callback_id` hold: ours and Sentry's.
#[derive(Deserialize)]
pub(crate) struct Context {
    pub(super) issue: Value,
    pub(super) rule: Option<u64>,
    pub(super) org: Option<Value>,
    pub(super) orig_response_url: Option<String>,
    pub(super) is_message: Option<bool>,
    pub(super) channel_id: Option<ChannelId>,
    pub(super) message_ts: Option<String>,
    pub(super) family: Option<Family>,
    /// Text in ours, a list of names in Sentry's own.
    pub(super) tags: Option<Value>,
}
