//! The rules for what stands inside a block: texts, buttons, selects.

use serde_json::Value;

type Rule = Result<(), String>;

/// Checks an interactive element.
pub(super) fn check(element: &Value) -> Rule {
    at_most(element, "action_id", 255)?;
    match element.get("type").and_then(Value::as_str) {
        Some("button") => check_button(element),
        Some("static_select") => check_options(element),
        Some(
            "external_select"
            | "users_select"
            | "conversations_select"
            | "channels_select"
            | "overflow"
            | "radio_buttons"
            | "checkboxes"
            | "datepicker"
            | "plain_text_input"
            | "number_input"
            | "image",
        ) => Ok(()),
        _ => Err("unsupported element type".to_owned()),
    }
}

fn check_button(button: &Value) -> Rule {
    plain_text(button.get("text"), 75)?;
    at_most(button, "value", 2000)?;
    at_most(button, "url", 3000)?;
    match button.get("style").map(Value::as_str) {
        None | Some(Some("primary" | "danger")) => Ok(()),
        _ => Err("style is primary or danger".to_owned()),
    }
}

fn check_options(select: &Value) -> Rule {
    if select.get("option_groups").is_some() {
        return Ok(());
    }
    let options = items(select, "options");
    if !(1..=100).contains(&options.len()) {
        return Err("a select has 1 to 100 options".to_owned());
    }
    options.iter().try_for_each(check_option)
}

/// Checks an option of a select.
pub(super) fn check_option(option: &Value) -> Rule {
    plain_text(option.get("text"), 75)?;
    at_most(option, "value", 150)
}

/// A text object, `mrkdwn` or `plain_text`, of 1 to `limit` characters.
pub(super) fn text(text: &Value, limit: usize) -> Rule {
    match text.get("type").and_then(Value::as_str) {
        Some("mrkdwn" | "plain_text") => {}
        _ => return Err("text must be mrkdwn or plain_text".to_owned()),
    }
    some(text, "text")?;
    at_most(text, "text", limit)
}

/// A `plain_text` object of 1 to `limit` characters.
pub(super) fn plain_text(object: Option<&Value>, limit: usize) -> Rule {
    match object {
        Some(object) if object.get("type").and_then(Value::as_str) == Some("plain_text") => {
            text(object, limit)
        }
        _ => Err("must be plain_text".to_owned()),
    }
}

/// A string field that must be there and hold something.
pub(super) fn some(object: &Value, name: &str) -> Rule {
    match object.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(format!("missing required field: {name}")),
    }
}

/// A string field that may be absent.
pub(super) fn at_most(object: &Value, name: &str, limit: usize) -> Rule {
    match object.get(name) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if text.chars().count() <= limit => Ok(()),
        Some(Value::String(_)) => Err(format!("{name} must be less than {} characters", limit + 1)),
        Some(_) => Err(format!("{name} must be a string")),
    }
}

/// A list field; empty when it is absent or no list.
pub(super) fn items<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_button_says_plain_text() {
        let bold = json!({"type": "button", "text": {"type": "mrkdwn", "text": "*Resolve*"}});

        assert!(check(&bold).is_err());
    }

    #[test]
    fn a_select_without_options_is_refused() {
        let option = json!({"text": {"type": "plain_text", "text": "Now"}, "value": "resolved"});

        assert!(check(&json!({"type": "static_select", "options": []})).is_err());
        assert!(check(&json!({"type": "static_select", "options": [option]})).is_ok());
    }
}
