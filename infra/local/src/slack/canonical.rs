//! What Slack adds to blocks that are posted: the ids and flags their author left out. Payloads
//! carry the completed form.

use serde_json::{Value, json};

use super::message::insert;
use crate::random;

/// Gives a block its `block_id`, its elements their `action_id` and its texts their flags.
pub(super) fn complete(block: &mut Value) {
    if block.get("block_id").and_then(Value::as_str).is_none_or(str::is_empty) {
        insert(block, "block_id", json!(random::hex(3)));
    }
    complete_texts(block);
    let elements = match block.get("type").and_then(Value::as_str) {
        Some("actions") => block.get_mut("elements").and_then(Value::as_array_mut),
        _ => None,
    };
    for element in elements.into_iter().flatten() {
        if element.get("action_id").is_none() {
            insert(element, "action_id", json!(random::hex(3)));
        }
    }
}

fn complete_texts(value: &mut Value) {
    let flag = match value.get("type").and_then(Value::as_str) {
        Some("mrkdwn") => Some(("verbatim", false)),
        Some("plain_text") => Some(("emoji", true)),
        _ => None,
    };
    if let Some((name, default)) = flag
        && value.get(name).is_none()
    {
        insert(value, name, json!(default));
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(complete_texts),
        Value::Object(fields) => fields.values_mut().for_each(complete_texts),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_completed_as_payloads_show_it() {
        let mut block = json!({"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Resolve"}},
        ]});

        complete(&mut block);

        assert_eq!(block["block_id"].as_str().map(str::len), Some(6));
        assert_eq!(block["elements"][0]["text"]["emoji"], true);
        assert!(block["elements"][0]["action_id"].is_string());
    }

    #[test]
    fn what_the_author_said_stays() {
        let said = json!({"type": "section", "block_id": "b",
            "text": {"type": "mrkdwn", "text": "x", "verbatim": true}});
        let mut block = said.clone();

        complete(&mut block);

        assert_eq!(block, said);
    }
}
