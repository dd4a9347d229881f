//! An element that somebody used: which one it is, and what payloads tell of it (Slack:
//! docs.slack.dev/reference/interaction-payloads/block_actions-payload).

use serde_json::{Map, Value, json};

use super::{elements::items, message::Message, unfurl};

/// An element that somebody used, and the unfurl it stands in if it stands in one.
pub(super) struct Used<'a> {
    pub(super) action: Action<'a>,
    pub(super) unfurl: Option<&'a Value>,
}

impl Message {
    /// The element of this id that has this value or offers it: among the message's own and those
    /// of its unfurls, or in the unfurl of this link alone.
    pub(super) fn used<'a>(
        &'a self,
        link: Option<&str>,
        action_id: &str,
        value: &'a str,
    ) -> Option<Used<'a>> {
        let own = link.is_none().then_some((None, self.content.blocks.as_slice()));
        let wanted = |unfurl: &&Value| link.is_none_or(|link| unfurl::url(unfurl) == link);
        let unfurls = unfurl::all(self).filter(wanted);
        let unfurls = unfurls.map(|unfurl| (Some(unfurl), items(unfurl, "blocks")));
        own.into_iter().chain(unfurls).find_map(|(unfurl, blocks)| {
            let action = find_in(blocks, action_id, value)?;
            Some(Used { action, unfurl })
        })
    }

    /// The attachment with the legacy button of this name and value, by the same choice.
    pub(super) fn used_attachment(
        &self,
        link: Option<&str>,
        name: &str,
        value: &str,
    ) -> Option<&Value> {
        let wanted = |attachment: &Value| link.is_none_or(|link| unfurl::url(attachment) == link);
        let offers = |action: &Value| has(action, "name", name) && has(action, "value", value);
        let mut attachments = self.content.attachments.iter();
        attachments.find(|known| wanted(known) && items(known, "actions").iter().any(offers))
    }
}

/// An element that somebody used.
pub(super) struct Action<'a> {
    pub(super) block_id: &'a str,
    pub(super) element: &'a Value,
    value: &'a str,
}

impl Action<'_> {
    pub(super) fn json(&self, action_ts: &str) -> Value {
        let mut action = Map::new();
        for name in ["type", "action_id", "text", "placeholder", "style", "url"] {
            if let Some(field) = self.element.get(name) {
                action.insert(name.into(), field.clone());
            }
        }
        action.insert("block_id".into(), self.block_id.into());
        action.insert("action_ts".into(), action_ts.into());
        match self.option() {
            Some(option) => action.insert("selected_option".into(), option),
            None => action.insert("value".into(), self.value.into()),
        };
        action.into()
    }

    /// The input state of what it stands in: selects are in it, buttons are not.
    pub(super) fn state(&self) -> Value {
        let Some(option) = self.option() else { return json!({}) };
        let kind = self.element.get("type");
        let id = self.element.get("action_id").and_then(Value::as_str).unwrap_or_default();
        json!({self.block_id: {id: {"type": kind, "selected_option": option}}})
    }

    fn option(&self) -> Option<Value> {
        selected_option(self.element, self.value)
    }
}

/// The option of a select that has this value; an external select takes any. A button has none.
pub(super) fn selected_option(element: &Value, value: &str) -> Option<Value> {
    match element.get("type")?.as_str()? {
        "static_select" => {
            items(element, "options").iter().find(|option| has(option, "value", value)).cloned()
        }
        "external_select" => Some(json!({
            "text": {"type": "plain_text", "text": value, "emoji": true},
            "value": value,
        })),
        _ => None,
    }
}

/// The element of this id in these blocks that has this value or offers it, used.
pub(super) fn find_in<'a>(
    blocks: impl IntoIterator<Item = &'a Value>,
    action_id: &str,
    value: &'a str,
) -> Option<Action<'a>> {
    blocks.into_iter().find_map(|block| {
        let elements = items(block, "elements").iter().chain(block.get("accessory"));
        let block_id = block.get("block_id")?.as_str()?;
        let offers = |element: &&Value| {
            let label = element.get("value").and_then(Value::as_str).unwrap_or_default();
            has(element, "action_id", action_id)
                && match element.get("type").and_then(Value::as_str) {
                    Some("button") => label == value,
                    _ => selected_option(element, value).is_some(),
                }
        };
        let element = elements.into_iter().find(offers)?;
        Some(Action { block_id, element, value })
    })
}

fn has(object: &Value, name: &str, text: &str) -> bool {
    object.get(name).and_then(Value::as_str) == Some(text)
}
