//! A select whose options the app loads: what the app is asked while somebody types, and what may
//! come back (Slack: docs.slack.dev/reference/interaction-payloads/block_suggestion-payload).
//!
//! It is a request like a click's, to a URL of its own, with neither `response_url` nor
//! `trigger_id`: the reply is the list, within three seconds, and what is wrong with it nobody is
//! told in words.

use serde_json::{Map, Value, json};

use super::{
    SignedRequest, Slack,
    clicks::NotShown,
    delivery::{self, Undelivered},
    elements::{self, items},
    message::MessageTs,
    state::State,
    used::Used,
};

/// Slack shows at most this many groups, and as many options in each.
const LIMIT: usize = 100;

/// What a select shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Options, each group under its heading; no group at all is "no results".
    Groups(Vec<OfferedGroup>),
    /// No answer in time, or none that Slack accepts.
    Trouble,
}

/// Options under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedGroup {
    /// The heading; empty for options that came without groups.
    pub label: String,
    /// Each option's text and value.
    pub options: Vec<(String, String)>,
}

impl Slack {
    /// Sets the app's options load URL, for [`Slack::type_into`] and the page.
    pub fn load_options_from(&self, url: &str) {
        self.state().options_url = Some(url.to_owned());
    }

    /// The request Slack sends when `user` has typed this into the select `action_id`, which loads
    /// its options. It is not sent.
    pub fn suggest(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        typed: &str,
    ) -> Result<SignedRequest, NotShown> {
        Ok(self.sign_payload(&self.suggest_payload(user, message, action_id, typed)?))
    }

    /// The same, before it is encoded and signed: to be tampered with.
    pub fn suggest_payload(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        typed: &str,
    ) -> Result<Value, NotShown> {
        self.state().suggestion(user, message, None, action_id, typed)
    }

    /// Types into a select, as [`Slack::suggest`] describes; what it shows then.
    pub async fn type_into(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        typed: &str,
    ) -> Result<Offer, Undelivered> {
        self.type_into_at(user, message, None, action_id, typed).await
    }

    /// The same; in the unfurl of this link alone, if one is named.
    pub(super) async fn type_into_at(
        &self,
        user: &str,
        message: &MessageTs,
        link: Option<&str>,
        action_id: &str,
        typed: &str,
    ) -> Result<Offer, Undelivered> {
        let payload = self.state().suggestion(user, message, link, action_id, typed)?;
        let request = self.sign_payload(&payload);
        let (url, http) = {
            let state = self.state();
            state.reach().ok_or(Undelivered::Removed)?;
            let url = state.options_url.clone().ok_or(Undelivered::NoUrl)?;
            (url, state.interactivity.as_ref().ok_or(Undelivered::NoUrl)?.http.clone())
        };
        let reply = delivery::post(&http, &url, request);
        Ok(match tokio::time::timeout(delivery::ACK_LIMIT, reply).await {
            Ok(Some((200, body))) => Offer::read(&body),
            _ => Offer::Trouble,
        })
    }
}

impl State {
    fn suggestion(
        &mut self,
        user: &str,
        ts: &MessageTs,
        link: Option<&str>,
        action_id: &str,
        typed: &str,
    ) -> Result<Value, NotShown> {
        let mut person = self.person(user).ok_or(NotShown)?.clone();
        let message = self.message(ts).ok_or(NotShown)?.clone();
        let Used { action, unfurl } = message.used(link, action_id, typed).ok_or(NotShown)?;
        let loads = action.element.get("type").and_then(Value::as_str) == Some("external_select");
        if !loads || !self.shows(&message, user) {
            return Err(NotShown);
        }
        // Here the organization stands where other payloads name the person's workspace.
        if let Some(id) = self.enterprise.clone().filter(|id| self.belongs(&person, id)) {
            person.team_id = id;
        }
        let mut payload = self.envelope("block_suggestion", &person);
        payload.remove("trigger_id");
        payload.extend(Map::from_iter([
            ("action_id".to_owned(), json!(action_id)),
            ("block_id".to_owned(), json!(action.block_id)),
            ("value".to_owned(), json!(typed)),
        ]));
        payload.extend(self.container_fields(&message, unfurl));
        Ok(payload.into())
    }
}

impl Offer {
    pub(super) fn read(body: &[u8]) -> Self {
        let reply: Value = serde_json::from_slice(body).unwrap_or_default();
        let groups: Option<Vec<_>> = match (reply.get("option_groups"), reply.get("options")) {
            (Some(Value::Array(groups)), None) if groups.len() <= LIMIT => {
                groups.iter().map(OfferedGroup::of_group).collect()
            }
            (None, Some(Value::Array(options))) => {
                let group = OfferedGroup::of_options("", options);
                group.map(|group| if group.options.is_empty() { vec![] } else { vec![group] })
            }
            _ => None,
        };
        groups.map_or(Self::Trouble, Self::Groups)
    }
}

impl OfferedGroup {
    fn of_group(group: &Value) -> Option<Self> {
        elements::plain_text(group.get("label"), 75).ok()?;
        let group = Self::of_options(text(group.get("label")), items(group, "options"));
        group.filter(|group| !group.options.is_empty())
    }

    fn of_options(label: &str, options: &[Value]) -> Option<Self> {
        let read = |option: &Value| {
            elements::check_option(option).ok()?;
            let value = option.get("value").and_then(Value::as_str)?;
            Some((text(option.get("text")).to_owned(), value.to_owned()))
        };
        let options: Vec<_> = options.iter().map(read).collect::<Option<_>>()?;
        (options.len() <= LIMIT).then(|| Self { label: label.to_owned(), options })
    }
}

fn text(object: Option<&Value>) -> &str {
    object.and_then(|object| object.get("text")).and_then(Value::as_str).unwrap_or_default()
}
