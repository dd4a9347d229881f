//! Views, and the modals among them: `views.open`, `views.update`, and the `view_submission` of the
//! person who fills one in (Slack: docs.slack.dev/reference/methods/views.open,
//! docs.slack.dev/reference/views).

use serde_json::{Map, Value, json};

use super::{
    clicks::NotShown,
    installs::Reach,
    message::insert,
    reply::Refusal,
    state::State,
    surface::{Surface, definition},
    used::selected_option,
    web_api::Arguments,
    workspace::{APP, BOT, TEAM},
};
use crate::random;

/// A modal somebody is looking at, or the app's home as somebody sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its id, `V…`.
    pub id: String,
    /// The app's own name for it; unique in the workspace.
    pub external_id: String,
    /// Who sees it.
    pub user: String,
    /// Changes with every update; an update that names an older one is refused.
    pub hash: String,
    /// What it shows, as the app gave it: `title`, `blocks`, `submit`, `private_metadata`, ….
    pub definition: Map<String, Value>,
    /// What its last submission was refused with: messages by `block_id`.
    pub errors: Map<String, Value>,
}

impl State {
    pub(super) fn open_view(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let definition = definition(arguments, Surface::Modal)?;
        if self.has_view_named(text(&definition, "external_id"), "") {
            return Err(Refusal::new("duplicate_external_id"));
        }
        let trigger = arguments.required("trigger_id")?;
        let user = self.exchange_trigger(trigger).map_err(Refusal::new)?;
        let id = format!("V{}", random::hex(5).to_ascii_uppercase());
        let view = View::new(id, user, self.mint_hash(), definition);
        let answer = json!({"view": self.view_json(&view, &json!({}))});
        self.views.push(view);
        Ok(answer)
    }

    pub(super) fn update_view(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let definition = definition(arguments, Surface::Modal)?;
        let (hash, home) = (self.mint_hash(), self.installed_in().to_owned());
        let (id, external_id) = (arguments.text("view_id"), arguments.text("external_id"));
        if id.is_none() && external_id.is_none() {
            return Err(Refusal::because("invalid_arguments", "view_id or external_id is needed"));
        }
        let named = |view: &&mut View| {
            id.is_some_and(|id| view.id == id) || external_id == Some(view.external_id.as_str())
        };
        let view = self.views.iter_mut().find(named).ok_or(Refusal::new("not_found"))?;
        if arguments.text("hash").is_some_and(|seen| seen != view.hash) {
            return Err(Refusal::new("hash_conflict"));
        }
        view.show(definition, hash);
        Ok(json!({"view": view.json(&home, &json!({}))}))
    }

    /// Submits a modal with these choices, by `action_id`.
    pub(super) fn submit_view(
        &mut self,
        user: &str,
        view_id: &str,
        choices: &[(String, String)],
    ) -> Result<Value, NotShown> {
        let person = self.person(user).ok_or(NotShown)?.clone();
        let shown = |view: &&View| view.id == view_id && view.user == user;
        let view = self.views.iter().find(shown).ok_or(NotShown)?.clone();
        let mut payload = self.envelope("view_submission", &person);
        payload.insert("team".into(), self.team_of_view());
        payload.insert("view".into(), self.view_json(&view, &view.values(choices)));
        payload.insert("response_urls".into(), json!([]));
        Ok(payload.into())
    }

    /// Takes a modal away; the payload for an app that wants to hear of it.
    pub(super) fn close_view(
        &mut self,
        user: &str,
        view_id: &str,
    ) -> Result<Option<Value>, NotShown> {
        let person = self.person(user).ok_or(NotShown)?.clone();
        let shown = |view: &View| view.id == view_id && view.user == user;
        let place = self.views.iter().position(shown).ok_or(NotShown)?;
        let view = self.views.remove(place);
        if view.definition.get("notify_on_close") != Some(&json!(true)) {
            return Ok(None);
        }
        let mut payload = self.envelope("view_closed", &person);
        payload.insert("team".into(), self.team_of_view());
        payload.remove("trigger_id");
        payload.insert("view".into(), self.view_json(&view, &json!({})));
        payload.insert("is_cleared".into(), json!(false));
        Ok(Some(payload.into()))
    }

    /// What Slack does with the body of the acknowledgement of a submission; `false` when it is
    /// nothing a modal understands.
    pub(super) fn submitted(&mut self, view_id: &str, body: &[u8]) -> bool {
        let hash = self.mint_hash();
        let reply: Value = match body {
            [] => json!({"response_action": "clear"}),
            body => serde_json::from_slice(body).unwrap_or_default(),
        };
        let Some(view) = self.views.iter_mut().find(|view| view.id == view_id) else { return true };
        match reply.get("response_action").and_then(Value::as_str) {
            Some("clear") => self.views.retain(|view| view.id != view_id),
            Some("errors") => view.errors = field(&reply, "errors"),
            Some("update") => view.show(field(&reply, "view"), hash),
            _ => return false,
        }
        true
    }

    /// Whether a view other than this one has the app's name; none has an empty one.
    pub(super) fn has_view_named(&self, external_id: &str, except: &str) -> bool {
        let views = self.views.iter().chain(self.homes.values());
        let mut others = views.filter(|view| view.id != except);
        !external_id.is_empty() && others.any(|view| view.external_id == external_id)
    }

    /// A view as answers and payloads carry it.
    pub(super) fn view_json(&self, view: &View, values: &Value) -> Value {
        view.json(self.installed_in(), values)
    }

    pub(super) fn mint_hash(&self) -> String {
        format!("{}.{}", self.now().secs(), random::hex(4))
    }

    fn installed_in(&self) -> &str {
        self.id_of(self.reach().unwrap_or(Reach::Workspace))
    }
}

impl View {
    pub(super) fn new(
        id: String,
        user: String,
        hash: String,
        definition: Map<String, Value>,
    ) -> Self {
        let external_id = text(&definition, "external_id").to_owned();
        Self { id, external_id, user, hash, definition, errors: Map::new() }
    }

    fn show(&mut self, definition: Map<String, Value>, hash: String) {
        self.definition = definition;
        self.hash = hash;
        self.errors.clear();
    }

    fn json(&self, home: &str, values: &Value) -> Value {
        let mut view = json!({
            "id": self.id,
            "team_id": TEAM,
            "private_metadata": "",
            "callback_id": "",
            "clear_on_close": false,
            "notify_on_close": false,
            "close": null,
            "submit": null,
            "previous_view_id": null,
        });
        for (name, field) in &self.definition {
            insert(&mut view, name, field.clone());
        }
        let owned = [
            ("state", json!({"values": values})),
            ("hash", json!(self.hash)),
            ("root_view_id", json!(self.id)),
            ("app_id", json!(APP)),
            ("external_id", json!(self.external_id)),
            ("app_installed_team_id", json!(home)),
            ("bot_id", json!(BOT)),
        ];
        for (name, field) in owned {
            insert(&mut view, name, field);
        }
        view
    }

    /// `state.values`: by block, then by action. A select that nobody touched holds its initial
    /// option.
    fn values(&self, choices: &[(String, String)]) -> Value {
        let mut values = json!({});
        for block in self.blocks() {
            let element = block.get("accessory").or_else(|| block.get("element"));
            let (Some(element), Some(block_id)) = (element, block.get("block_id")) else {
                continue;
            };
            let action_id = element.get("action_id").and_then(Value::as_str).unwrap_or_default();
            let choice = choices.iter().find(|(id, _)| id == action_id).map(|(_, value)| value);
            let mut entry = json!({"type": element.get("type")});
            if element.get("type").and_then(Value::as_str) == Some("plain_text_input") {
                insert(&mut entry, "value", json!(choice));
            } else {
                let chosen = choice.and_then(|value| selected_option(element, value));
                let chosen = chosen.or_else(|| element.get("initial_option").cloned());
                insert(&mut entry, "selected_option", json!(chosen));
            }
            insert(&mut values, block_id.as_str().unwrap_or_default(), json!({action_id: entry}));
        }
        values
    }

    /// Its blocks.
    pub fn blocks(&self) -> &[Value] {
        self.definition.get("blocks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn field(reply: &Value, name: &str) -> Map<String, Value> {
    reply.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}
