//! An alert: drawn from what Sentry says of the issue, and redrawn in the family it came in.
//!
//! The first block carries the issue: `block_id` = `{"issue":4815,"org":"1","rule":162}`. Slack
//! hands it back with every click (and caps it at 255 characters).

#[cfg(test)]
mod drawn_tests;

use serde_json::{Value, json};

use super::{
    interaction::{AlertPlace, Family},
    message::{Message, date, escaped, link, name, plain},
};
use crate::{
    ids::OrganizationId,
    post::{Card, IssueCard, MetricCard, Severity},
    sentry::issue::Issue,
};

/// Titles longer than this are cut; a section's text may have 3000 characters.
const MAX_TITLE: usize = 250;

/// The facts share one text, which may have 3000 characters once each `&` has become five.
const MAX_FACT: usize = 80;

/// The colour of an old alert that somebody has dealt with.
const DEALT_WITH: &str = "#EDEEEF";

/// A message of ours, as it is to stand in a channel now.
pub fn drawn(card: &Card, organization: &OrganizationId) -> Message {
    match card {
        Card::Issue(card) => issue_alert(card, organization),
        Card::Metric(card) => metric_alert(card),
    }
}

/// An issue as it is shown under a link to it: without a text, which would turn it into a message of
/// its own.
pub fn unfurled(issue: &Issue, organization: &OrganizationId) -> Value {
    let around = Around { rule: None, tags: None, result: None, footer: None };
    json!({"blocks": blocks(issue, organization, &around)})
}

/// The alert about `issue`, with a line that says what was just done.
pub fn redrawn(
    issue: &Issue,
    organization: &OrganizationId,
    place: &AlertPlace,
    result: &str,
) -> Message {
    let text = summary(issue);
    match place.family {
        Family::Blocks => Message {
            text,
            blocks: Some(blocks(issue, organization, &around(place, result))),
            attachments: None,
        },
        // An unfurl with a text would turn into a message of its own.
        Family::Unfurl => Message {
            text: String::new(),
            blocks: Some(blocks(issue, organization, &around(place, result))),
            attachments: None,
        },
        Family::Attachment | Family::AttachmentUnfurl => Message {
            text: String::new(),
            blocks: None,
            attachments: Some(json!([attachment(issue, &text, result)])),
        },
    }
}

/// What of an alert is not the issue's.
struct Around<'a> {
    rule: Option<u64>,
    tags: Option<&'a str>,
    result: Option<&'a str>,
    footer: Option<&'a str>,
}

fn around<'a>(place: &'a AlertPlace, result: &'a str) -> Around<'a> {
    Around { rule: place.rule, tags: place.tags.as_deref(), result: Some(result), footer: None }
}

fn issue_alert(card: &IssueCard, organization: &OrganizationId) -> Message {
    let issue = &card.issue;
    let around = Around {
        rule: None,
        tags: card.tags.as_deref(),
        result: card.result.as_deref(),
        footer: card.rule.as_deref(),
    };
    Message {
        text: summary(issue),
        blocks: Some(blocks(issue, organization, &around)),
        attachments: None,
    }
}

/// The alert in one line; an event's project is not always known by its name.
fn summary(issue: &Issue) -> String {
    let title = escaped(&issue.title, MAX_TITLE);
    match issue.project.slug.as_str() {
        "" => title,
        slug => format!("[{}] {title}", name(slug)),
    }
}

fn metric_alert(card: &MetricCard) -> Message {
    let (emoji, state) = match card.severity {
        Severity::Critical => (":red_circle:", "Critical"),
        Severity::Warning => (":large_yellow_circle:", "Warning"),
        Severity::Resolved => (":white_check_mark:", "Resolved"),
    };
    let title = escaped(&card.title, MAX_TITLE).replace('*', "∗");
    let headline = format!("{emoji} {}", link(&card.url, &format!("*{title}*")));
    let mut blocks = vec![section(&headline, None)];
    if !card.description.is_empty() {
        blocks.push(section(&escaped(&card.description, MAX_TITLE), None));
    }
    blocks.push(context(&format!("State: {state}")));
    let text = format!("{state}: {}", escaped(&card.title, MAX_TITLE));
    Message { text, blocks: Some(Value::Array(blocks)), attachments: None }
}

fn blocks(issue: &Issue, organization: &OrganizationId, around: &Around<'_>) -> Value {
    let id: Value = issue.id.parse::<u64>().map_or_else(|_| json!(issue.id), Value::from);
    let mut marker = json!({"issue": id, "org": organization});
    if let (Some(rule), Value::Object(marker)) = (around.rule, &mut marker) {
        marker.insert("rule".into(), rule.into());
    }
    let headline =
        format!("{} {}", emoji(issue), link(&issue.permalink, &format!("*{}*", title(issue))));
    let mut blocks = vec![section(&headline, Some(marker.to_string()))];
    if !issue.culprit.is_empty() {
        blocks
            .push(context(&format!("`{}`", escaped(&issue.culprit, MAX_TITLE).replace('`', "'"))));
    }
    if let Some(tags) = around.tags {
        let marker = json!({"issue": id, "block": "tags"}).to_string();
        blocks.push(section(tags, Some(marker)));
    }
    blocks.push(context(&facts(issue)));
    if let Some(result) = around.result {
        blocks.push(section(result, None));
    }
    blocks.push(json!({"type": "actions", "elements": buttons(issue)}));
    if let Some(footer) = around.footer {
        blocks.push(context(&format!("Alert rule: {}", name(footer))));
    }
    Value::Array(blocks)
}

fn title(issue: &Issue) -> String {
    // An asterisk would end the bold face early.
    escaped(&issue.title, MAX_TITLE).replace('*', "∗")
}

fn section(text: &str, block_id: Option<String>) -> Value {
    let mut section =
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}});
    if let (Some(id), Value::Object(section)) = (block_id, &mut section) {
        section.insert("block_id".into(), id.into());
    }
    section
}

fn context(text: &str) -> Value {
    json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": true}]})
}

/// One line of what is known: short id, project, state, counts, times, assignee.
fn facts(issue: &Issue) -> String {
    let fact = |text: &str| escaped(text, MAX_FACT);
    let mut facts = Vec::new();
    if !issue.short_id.is_empty() {
        facts.push(format!("*{}*", fact(&issue.short_id)));
    }
    if !issue.project.slug.is_empty() {
        facts.push(format!("Project: {}", fact(&issue.project.slug)));
    }
    if !issue.level.is_empty() {
        facts.push(format!("Level: {}", fact(&issue.level)));
    }
    facts.push(format!("State: {}", state(issue)));
    // An alert tells of an event; how many there are is known once the issue itself was told.
    if !issue.count.is_empty() {
        facts.push(format!("Events: {}", fact(&issue.count)));
        facts.push(format!("Users: {}", issue.user_count));
    }
    if let Some(seen) = issue.first_seen {
        facts.push(format!("First seen: {}", date(seen)));
    }
    if let Some(seen) = issue.last_seen {
        facts.push(format!("Last seen: {}", date(seen)));
    }
    if let Some(to) = &issue.assigned_to {
        let sign = if to.kind == "team" { "#" } else { "" };
        facts.push(format!("Assigned to {sign}{}", fact(&to.name)));
    }
    facts.join("  ·  ")
}

fn state(issue: &Issue) -> &'static str {
    match (issue.status.as_str(), issue.substatus.as_deref()) {
        ("resolved" | "resolvedInNextRelease", _) => "Resolved",
        ("ignored" | "muted", Some("archived_until_escalating")) => "Archived until escalating",
        ("ignored" | "muted", Some("archived_forever")) => "Archived forever",
        ("ignored" | "muted", _) => "Archived",
        (_, Some("escalating")) => "Escalating",
        (_, Some("regressed")) => "Regressed",
        (_, Some("new")) => "New",
        _ => "Ongoing",
    }
}

fn emoji(issue: &Issue) -> &'static str {
    match (issue.status.as_str(), issue.level.as_str()) {
        ("resolved" | "resolvedInNextRelease", _) => ":white_check_mark:",
        ("ignored" | "muted", _) => ":zzz:",
        (_, "fatal" | "error") => ":red_circle:",
        (_, "warning") => ":large_yellow_circle:",
        _ => ":large_blue_circle:",
    }
}

/// The controls that make sense in this state.
fn buttons(issue: &Issue) -> Value {
    match issue.status.as_str() {
        "resolved" | "resolvedInNextRelease" => {
            json!([button("Re-open", "unresolved:ongoing"), assignee(issue)])
        }
        "ignored" | "muted" => json!([
            button("Resolve", "resolved"),
            button("Mark as ongoing", "unresolved:ongoing"),
            assignee(issue)
        ]),
        _ => json!([
            button("Resolve", "resolved"),
            dialog("Resolve…", "resolve_dialog"),
            dialog("Archive…", "archive_dialog"),
            assignee(issue)
        ]),
    }
}

fn dialog(label: &str, action_id: &str) -> Value {
    json!({
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label},
        "value": action_id,
    })
}

/// The typeahead that `options` serves. The placeholder says who it is now: an initial option
/// would have to be among those that are served.
fn assignee(issue: &Issue) -> Value {
    let name = issue.assigned_to.as_ref().map(|to| plain(&to.name, 60));
    json!({
        "type": "external_select",
        "action_id": "assign",
        "min_query_length": 0,
        "placeholder": {
            "type": "plain_text",
            "text": name.map_or_else(|| "Select Assignee...".to_owned(), |name| format!("Assigned to {name}")),
        },
    })
}

fn button(label: &str, value: &str) -> Value {
    // Two controls in one block may not share an action_id, so the value is part of it; the part
    // behind `::` is read as a route only if it is a number.
    json!({
        "type": "button",
        "action_id": format!("status::{value}"),
        "text": {"type": "plain_text", "text": label},
        "value": value,
    })
}

/// The old form: the result line below, the colour gone, and the buttons with it.
fn attachment(issue: &Issue, fallback: &str, result: &str) -> Value {
    json!({
        "fallback": fallback,
        "title": escaped(&issue.title, MAX_TITLE),
        "title_link": issue.permalink,
        "text": format!("{}\n{result}", escaped(&issue.culprit, MAX_TITLE)).trim_start(),
        "footer": name(&issue.short_id),
        "color": DEALT_WITH,
        "callback_id": format!("{{\"issue\":{}}}", issue.id),
        "mrkdwn_in": ["text"],
        "actions": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(status: &str, title: &str) -> Issue {
        serde_json::from_value(json!({
            "id": "4815", "shortId": "BACKEND-12", "title": title, "culprit": "app/pay.py in charge",
            "permalink": "https://sentry.example.com/organizations/acme/issues/4815/",
            "level": "error", "status": status, "project": {"id": "11", "slug": "backend"},
            "count": "42", "userCount": 7, "firstSeen": "2026-01-05T12:00:00Z",
            "assignedTo": {"type": "team", "id": "5", "name": "payments"},
        }))
        .unwrap()
    }

    fn place(family: Family) -> AlertPlace {
        AlertPlace {
            channel: None,
            message_ts: None,
            family,
            rule: Some(162),
            tags: Some("environment: `production`".into()),
        }
    }

    fn drawn(status: &str, title: &str, family: Family) -> Message {
        let organization = OrganizationId::parse("1").unwrap();
        redrawn(&issue(status, title), &organization, &place(family), "*Issue resolved by <@U1>*")
    }

    #[test]
    fn a_redrawn_alert_still_carries_its_issue_and_rule() {
        let blocks = drawn("resolved", "TypeError", Family::Blocks).blocks.unwrap();

        let marker: Value = serde_json::from_str(blocks[0]["block_id"].as_str().unwrap()).unwrap();
        assert_eq!(marker, json!({"issue": 4815, "org": "1", "rule": 162}));
    }

    #[test]
    fn it_shows_the_result_and_the_buttons_that_make_sense_now() {
        let labels = |status| {
            let blocks = drawn(status, "TypeError", Family::Blocks).blocks.unwrap();
            let actions = blocks.as_array().unwrap().last().unwrap()["elements"].clone();
            let buttons = actions.as_array().unwrap().iter().filter(|b| b["type"] == "button");
            let labels = buttons.map(|b| b["text"]["text"].to_string());
            assert!(actions.to_string().contains("external_select"));
            assert!(blocks.to_string().contains("*Issue resolved by <@U1>*"));
            assert!(blocks.to_string().contains("environment: `production`"));
            labels.collect::<Vec<_>>().join(" ")
        };

        assert_eq!(labels("resolved"), r#""Re-open""#);
        assert_eq!(labels("unresolved"), r#""Resolve" "Resolve…" "Archive…""#);
        assert_eq!(labels("ignored"), r#""Resolve" "Mark as ongoing""#);
    }

    #[test]
    fn a_link_shows_its_issue_with_buttons_and_no_text() {
        let organization = OrganizationId::parse("1").unwrap();

        let unfurl = unfurled(&issue("unresolved", "TypeError"), &organization);

        let marker: Value =
            serde_json::from_str(unfurl["blocks"][0]["block_id"].as_str().unwrap()).unwrap();
        assert_eq!(marker, json!({"issue": 4815, "org": "1"}));
        assert!(unfurl["blocks"].to_string().contains(r#""action_id":"status::resolved""#));
        assert_eq!(unfurl.as_object().unwrap().len(), 1);
    }

    #[test]
    fn a_hostile_title_is_text() {
        let message = drawn("resolved", "*<!channel> <https://evil|x>\u{202E}", Family::Blocks);

        let all = message.blocks.unwrap().to_string() + &message.text;
        assert!(!all.contains("<!channel>") && !all.contains("<https://evil"), "{all}");
        assert!(!all.contains('\u{202E}'));
    }

    #[test]
    fn an_unfurl_has_no_text_and_an_old_alert_no_blocks() {
        assert_eq!(drawn("resolved", "T", Family::Unfurl).text, "");
        let old = drawn("resolved", "T", Family::Attachment);
        assert_eq!(old.blocks, None);
        let attachment = &old.attachments.unwrap()[0];
        assert_eq!(attachment["color"], DEALT_WITH);
        assert!(attachment["text"].as_str().unwrap().ends_with("*Issue resolved by <@U1>*"));
    }
}
