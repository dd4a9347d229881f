//! What a view may hold, which depends on where it is shown (Slack: docs.slack.dev/reference/views,
//! docs.slack.dev/reference/views/home-tab-views).

use serde_json::{Map, Value};

use super::{
    blocks, canonical,
    clicks::object,
    elements::{self, items},
    reply::Refusal,
    web_api::Arguments,
};

const SIZE_LIMIT: usize = 250_000;
const METADATA_LIMIT: usize = 3000;

/// Where a view is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    Modal,
    Home,
}

/// Reads and checks the argument `view`.
pub(super) fn definition(
    arguments: &Arguments,
    surface: Surface,
) -> Result<Map<String, Value>, Refusal> {
    let mut view = Value::from(arguments.object("view")?);
    if view.to_string().len() > SIZE_LIMIT {
        return Err(Refusal::new("view_too_large"));
    }
    let refuse = |hint: String| Refusal::because("invalid_arguments", hint);
    match surface {
        Surface::Modal => check_modal(&view).map_err(refuse)?,
        Surface::Home => check_home(&view).map_err(refuse)?,
    }
    elements::at_most(&view, "private_metadata", METADATA_LIMIT).map_err(refuse)?;
    elements::at_most(&view, "callback_id", 255).map_err(refuse)?;
    elements::at_most(&view, "external_id", 255).map_err(refuse)?;
    blocks::check_view(items(&view, "blocks"))?;
    let given = view.get_mut("blocks").and_then(Value::as_array_mut);
    given.into_iter().flatten().for_each(canonical::complete);
    Ok(object(view))
}

fn check_modal(view: &Value) -> Result<(), String> {
    if view.get("type").and_then(Value::as_str) != Some("modal") {
        return Err("a view that is opened is a modal".to_owned());
    }
    elements::plain_text(view.get("title"), 24)?;
    ["submit", "close"].iter().try_for_each(|button| match view.get(*button) {
        None | Some(Value::Null) => Ok(()),
        label => elements::plain_text(label, 24),
    })
}

/// A home has nothing but blocks and what only the app reads.
fn check_home(view: &Value) -> Result<(), String> {
    const FIELDS: [&str; 5] = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
    if view.get("type").and_then(Value::as_str) != Some("home") {
        return Err("a view that is published is a home".to_owned());
    }
    if view.get("blocks").is_none_or(|blocks| !blocks.is_array()) {
        return Err("missing required field: blocks".to_owned());
    }
    let mut names = view.as_object().into_iter().flat_map(Map::keys);
    match names.find(|name| !FIELDS.contains(&name.as_str())) {
        Some(unknown) => Err(format!("a home has no {unknown}")),
        None => Ok(()),
    }
}
