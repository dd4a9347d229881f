//! Payloads of clicks, in the two families: `block_actions` for Block Kit, in messages and unfurls,
//! `interactive_message` for legacy attachments. They travel form-encoded, as JSON in the one field `payload` (Slack:
//! docs.slack.dev/reference/interaction-payloads).

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    answer::Place,
    hooks::Family,
    message::{Message, MessageTs},
    state::State,
    unfurl,
    used::Used,
    workspace::{APP, BOT, Person},
};

/// The deprecated verification token every payload still holds; nobody should look at it.
pub(super) const LEGACY_TOKEN: &str = "deprecated-verification-token";

/// Nobody can click that: no such button or modal is shown to this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such button is shown to this user")]
pub struct NotShown;

/// The body Slack sends for a payload.
pub(super) fn form(payload: &Value) -> Vec<u8> {
    let text = payload.to_string();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &text)
        .finish()
        .into_bytes()
}

impl State {
    /// A click by `user` on the element `action_id` of a message, with the value it has or that is
    /// chosen there.
    pub(super) fn click(
        &mut self,
        user: &str,
        ts: &MessageTs,
        action_id: &str,
        value: &str,
    ) -> Result<Value, NotShown> {
        self.click_at(user, ts, None, action_id, value)
    }

    /// The same; in the unfurl of this link alone, if one is named.
    pub(super) fn click_at(
        &mut self,
        user: &str,
        ts: &MessageTs,
        link: Option<&str>,
        action_id: &str,
        value: &str,
    ) -> Result<Value, NotShown> {
        let person = self.person(user).ok_or(NotShown)?.clone();
        let message = self.message(ts).ok_or(NotShown)?.clone();
        if !self.shows(&message, user) {
            return Err(NotShown);
        }
        if let Some(used) = message.used(link, action_id, value) {
            return Ok(self.block_actions(&person, &message, &used));
        }
        let attachment = message.used_attachment(link, action_id, value).ok_or(NotShown)?;
        Ok(self.interactive_message(&person, &message, attachment, action_id, value))
    }

    /// Whether somebody sees this message.
    pub(super) fn shows(&self, message: &Message, user: &str) -> bool {
        message.only_for.as_deref().is_none_or(|reader| reader == user)
            && self.can_read(user, &message.channel)
    }

    fn block_actions(&mut self, person: &Person, message: &Message, used: &Used) -> Value {
        let Used { action, unfurl } = used;
        let mut payload = self.envelope("block_actions", person);
        payload.extend(self.container_fields(message, *unfurl));
        payload.insert("state".into(), json!({"values": action.state()}));
        payload.insert("response_url".into(), self.response_url(person, message, *unfurl).into());
        payload.insert("actions".into(), json!([action.json(&self.mint_ts())]));
        payload.into()
    }

    fn interactive_message(
        &mut self,
        person: &Person,
        message: &Message,
        attachment: &Value,
        name: &str,
        value: &str,
    ) -> Value {
        let id = attachment.get("id").map(Value::to_string).unwrap_or_default();
        let unfurl = Some(attachment).filter(|attachment| unfurl::is_unfurl(attachment));
        let mut payload = object(json!({
            "type": "interactive_message",
            "actions": [{"name": name, "type": "button", "value": value}],
            "callback_id": attachment.get("callback_id"),
            "team": self.workspace_json(),
            "channel": self.channel_json(&message.channel),
            "user": {"id": person.id, "name": person.name},
            "action_ts": self.mint_ts(),
            "message_ts": message.ts.as_str(),
            "attachment_id": id,
            "token": LEGACY_TOKEN,
            "is_app_unfurl": unfurl.is_some(),
            "response_url": self.response_url(person, message, unfurl),
            "trigger_id": self.mint_trigger(&person.id),
        }));
        if message.only_for.is_none() {
            let original = json!({
                "type": "message",
                "subtype": "bot_message",
                "bot_id": BOT,
                "ts": message.ts.as_str(),
                "text": message.content.text,
                "attachments": message.content.attachments,
            });
            payload.insert("original_message".into(), original);
        }
        if self.enterprise.is_some() {
            payload.insert("enterprise".into(), self.enterprise_json());
            payload.insert("is_enterprise_install".into(), self.is_org_wide().into());
        }
        payload.into()
    }

    /// What the payloads of Block Kit begin with.
    pub(super) fn envelope(&mut self, kind: &str, person: &Person) -> Map<String, Value> {
        object(json!({
            "type": kind,
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": APP,
            "token": LEGACY_TOKEN,
            "trigger_id": self.mint_trigger(&person.id),
            "team": self.workspace_json(),
            "enterprise": self.enterprise_json(),
            "is_enterprise_install": self.is_org_wide(),
        }))
    }

    fn response_url(
        &mut self,
        person: &Person,
        message: &Message,
        unfurl: Option<&Value>,
    ) -> String {
        let place = Place {
            user: person.id.clone(),
            channel: message.channel.clone(),
            source: Some(message.ts.clone()),
            thread: message.thread.clone(),
            unfurl: unfurl.map(|unfurl| unfurl::url(unfurl).to_owned()),
        };
        self.mint_response_url(Family::Actions, place)
    }
}

/// The fields of a JSON object written with `json!`.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
