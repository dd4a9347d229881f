//! Block Kit's rules, as far as a wrong message would be refused with `invalid_blocks`.
//!
//! Limits: docs.slack.dev/reference/block-kit/blocks and …/block-elements. That `action_id` is
//! unique within its block is worded as advice there, and enforced.

use std::collections::HashSet;

use serde_json::Value;

use super::{elements, reply::Refusal};

const MESSAGE_BLOCKS: usize = 50;
const VIEW_BLOCKS: usize = 100;
const ACTION_ELEMENTS: usize = 25;
const CONTEXT_ELEMENTS: usize = 10;
const SECTION_FIELDS: usize = 10;

type Rule = Result<(), String>;

/// Checks the blocks of a message.
pub(super) fn check_message(blocks: &[Value]) -> Result<(), Refusal> {
    check(blocks, MESSAGE_BLOCKS)
}

/// Checks the blocks of a modal.
pub(super) fn check_view(blocks: &[Value]) -> Result<(), Refusal> {
    check(blocks, VIEW_BLOCKS)
}

fn check(blocks: &[Value], limit: usize) -> Result<(), Refusal> {
    let refuse = |hint| Refusal::because("invalid_blocks", hint);
    if blocks.len() > limit {
        return Err(refuse(format!("no more than {limit} items allowed [json-pointer:/blocks]")));
    }
    for (place, block) in blocks.iter().enumerate() {
        check_block(block)
            .map_err(|hint| refuse(format!("{hint} [json-pointer:/blocks/{place}]")))?;
    }
    unique(blocks, "block_id").map_err(refuse)
}

fn check_block(block: &Value) -> Rule {
    elements::at_most(block, "block_id", 255)?;
    match block.get("type").and_then(Value::as_str) {
        Some("section") => check_section(block),
        Some("actions") => check_actions(block),
        Some("context") => check_context(block),
        Some("header") => elements::plain_text(block.get("text"), 150),
        Some("input") => {
            elements::plain_text(block.get("label"), 2000)?;
            block.get("element").map_or_else(|| missing("element"), elements::check)
        }
        Some("image") => elements::some(block, "alt_text"),
        Some("divider" | "rich_text" | "markdown" | "video" | "file") => Ok(()),
        _ => Err("unsupported type".to_owned()),
    }
}

fn check_section(block: &Value) -> Rule {
    if let Some(text) = block.get("text") {
        elements::text(text, 3000)?;
    }
    let fields = elements::items(block, "fields");
    if block.get("text").is_none() && fields.is_empty() {
        return missing("text");
    }
    count(fields.len(), SECTION_FIELDS)?;
    fields.iter().try_for_each(|field| elements::text(field, 2000))?;
    block.get("accessory").map_or(Ok(()), elements::check)
}

fn check_actions(block: &Value) -> Rule {
    let items = elements::items(block, "elements");
    if items.is_empty() {
        return missing("elements");
    }
    count(items.len(), ACTION_ELEMENTS)?;
    items.iter().try_for_each(elements::check)?;
    unique(items, "action_id")
}

fn check_context(block: &Value) -> Rule {
    let items = elements::items(block, "elements");
    if items.is_empty() {
        return missing("elements");
    }
    count(items.len(), CONTEXT_ELEMENTS)?;
    let is_text = |item: &&Value| item.get("type").and_then(Value::as_str) != Some("image");
    items.iter().filter(is_text).try_for_each(|item| elements::text(item, 3000))
}

fn count(items: usize, limit: usize) -> Rule {
    if items > limit { Err(format!("no more than {limit} items allowed")) } else { Ok(()) }
}

fn unique(items: &[Value], name: &str) -> Rule {
    let mut seen = HashSet::new();
    let ids = items.iter().filter_map(|item| item.get(name)?.as_str());
    match ids.filter(|id| !id.is_empty()).find(|id| !seen.insert(*id)) {
        Some(twice) => Err(format!("{name} already exists: {twice}")),
        None => Ok(()),
    }
}

fn missing(name: &str) -> Rule {
    Err(format!("missing required field: {name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn button(action_id: &str, label: &str, value: &str) -> Value {
        json!({"type": "button", "action_id": action_id, "value": value,
            "text": {"type": "plain_text", "text": label}})
    }

    fn section(text: &str) -> Value {
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    }

    fn actions(elements: &[Value]) -> Value {
        json!({"type": "actions", "elements": elements})
    }

    #[test]
    fn blocks_at_their_limits_are_accepted() {
        let buttons: Vec<_> =
            (0..25).map(|n| button(&n.to_string(), &"x".repeat(75), &"v".repeat(2000))).collect();
        let mut blocks = vec![actions(&buttons)];
        blocks.extend((1..50).map(|_| section(&"é".repeat(3000))));

        assert!(check_message(&blocks).is_ok());
    }

    #[test]
    fn what_slack_refuses_is_invalid_blocks() {
        let twice = [button("a", "Resolve", "r"), button("a", "Archive", "i")];
        let many: Vec<_> = (0..26).map(|n| button(&n.to_string(), "x", "v")).collect();
        let wrong = [
            ("too long a text", section(&"x".repeat(3001))),
            ("an empty text", section("")),
            ("too long a label", actions(&[button("a", &"x".repeat(76), "v")])),
            ("too long a value", actions(&[button("a", "x", &"v".repeat(2001))])),
            ("too many buttons", actions(&many)),
            ("no button", actions(&[])),
            ("the same action_id twice", actions(&twice)),
            ("a section of nothing", json!({"type": "section"})),
            ("an unknown type", json!({"type": "marquee"})),
            ("no object", json!("section")),
            ("too long a block_id", json!({"type": "divider", "block_id": "b".repeat(256)})),
        ];
        for (what, block) in wrong {
            assert_eq!(check_message(&[block]).unwrap_err().error, "invalid_blocks", "{what}");
        }
    }

    #[test]
    fn a_message_has_fifty_blocks_and_a_modal_a_hundred() {
        let blocks = vec![json!({"type": "divider"}); 51];

        assert!(check_message(&blocks).is_err());
        assert!(check_view(&blocks).is_ok());
    }

    #[test]
    fn two_blocks_do_not_share_an_id() {
        let blocks = vec![json!({"type": "divider", "block_id": "b"}); 2];

        assert!(check_message(&blocks).is_err());
    }
}
