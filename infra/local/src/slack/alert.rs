//! The alerts the app posts: Block Kit today, attachments in the days of legacy messages.
//!
//! Both carry their issue in JSON: the first block's `block_id`, or the attachment's `callback_id`.

use serde_json::{Value, json};

use super::message::{Content, insert};

/// An issue somebody is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The organization's number in Sentry.
    pub organization: String,
    /// The issue's number in Sentry.
    pub issue: u64,
    /// The alert rule that fired.
    pub rule: u64,
    /// The issue's short id, `BACKEND-12`.
    pub short_id: String,
    /// The project's slug.
    pub project: String,
    /// The kind of error, `TypeError`.
    pub kind: String,
    /// What it says, `bad operand`.
    pub detail: String,
    /// The issue's page.
    pub permalink: String,
    /// The buttons, left to right.
    pub buttons: Vec<Button>,
    /// Whether there is a select for the assignee beside them; a legacy alert has none.
    pub assignable: bool,
}

/// A button under an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// `action_id`, unique within the alert. A legacy button's `name` is the part before `::`.
    pub action_id: String,
    /// What is to be done, in Sentry's colon-joined form: `resolved`.
    pub value: String,
    /// What the button says.
    pub label: String,
    /// `primary`, `danger`, or none.
    pub style: Option<&'static str>,
}

impl Button {
    /// A button of the ordinary colour.
    pub fn new(action_id: &str, value: &str, label: &str) -> Self {
        Self {
            action_id: action_id.to_owned(),
            value: value.to_owned(),
            label: label.to_owned(),
            style: None,
        }
    }
}

impl Alert {
    /// Issue 4815, `BACKEND-12`, of the organization `acme` at this Sentry.
    pub fn type_error(sentry_url: &str) -> Self {
        Self::of_backend(sentry_url, 4815, "BACKEND-12", "TypeError", "bad operand")
    }

    /// Issue 4816, `BACKEND-13`.
    pub fn timeout_error(sentry_url: &str) -> Self {
        Self::of_backend(sentry_url, 4816, "BACKEND-13", "TimeoutError", "upstream took 30s")
    }

    fn of_backend(sentry_url: &str, issue: u64, short_id: &str, kind: &str, detail: &str) -> Self {
        Self {
            organization: "1".to_owned(),
            issue,
            rule: 162,
            short_id: short_id.to_owned(),
            project: "backend".to_owned(),
            kind: kind.to_owned(),
            detail: detail.to_owned(),
            permalink: format!("{sentry_url}/organizations/acme/issues/{issue}/?referrer=slack"),
            buttons: buttons(),
            assignable: true,
        }
    }

    /// The alert as Block Kit.
    pub(super) fn blocks(&self) -> Content {
        let issue = json!({"issue": self.issue, "rule": self.rule, "org": self.organization});
        let tags = json!({"issue": self.issue, "block": "tags"});
        let headline = format!(
            ":red_circle: <{}|*{}: {}*>\n{} in *{}*",
            escape(&self.permalink),
            escape(&self.kind),
            escape(&self.detail),
            escape(&self.short_id),
            escape(&self.project),
        );
        let blocks = vec![
            section(&issue, &headline),
            section(&tags, "environment: `production`  release: `1.4.2`  "),
            json!({"type": "actions", "block_id": "act", "elements": self.elements()}),
        ];
        self.completed(&json!({"text": self.fallback(), "blocks": blocks}))
    }

    fn elements(&self) -> Vec<Value> {
        let buttons = self.buttons.iter().map(Button::element);
        buttons.chain(self.assignable.then(assign)).collect()
    }

    /// The alert as a legacy attachment.
    pub(super) fn attachment(&self) -> Content {
        let attachment = json!({
            "callback_id": json!({"issue": self.issue}).to_string(),
            "fallback": self.fallback(),
            "title": escape(&format!("{}: {}", self.kind, self.detail)),
            "title_link": self.permalink,
            "text": escape(&self.short_id),
            "color": "E03E2F",
            "actions": self.buttons.iter().map(Button::legacy).collect::<Vec<_>>(),
        });
        self.completed(&json!({"attachments": [attachment]}))
    }

    fn fallback(&self) -> String {
        escape(&format!("[{}] {}: {}", self.project, self.kind, self.detail))
    }

    /// Through the same checks as any other message. An alert that Slack would refuse is posted as
    /// its bare text, which is what a reader would notice.
    fn completed(&self, message: &Value) -> Content {
        message
            .as_object()
            .and_then(|fields| Content::parse(fields).ok())
            .unwrap_or_else(|| Content::text(&self.fallback()))
    }
}

impl Button {
    fn element(&self) -> Value {
        let mut element = json!({
            "type": "button",
            "action_id": self.action_id,
            "text": {"type": "plain_text", "text": self.label},
            "value": self.value,
        });
        if let Some(style) = self.style {
            insert(&mut element, "style", json!(style));
        }
        element
    }

    fn legacy(&self) -> Value {
        let name = self.action_id.split("::").next();
        json!({"name": name, "type": "button", "text": self.label, "value": self.value})
    }
}

/// What can be done about an open issue. The value is part of the `action_id`, since Slack wants
/// those unique.
fn buttons() -> Vec<Button> {
    let resolve = Button::new("status::resolved", "resolved", "Resolve");
    let archive = "ignored:archived_until_escalating";
    vec![
        Button { style: Some("primary"), ..resolve },
        Button::new(&format!("status::{archive}"), archive, "Archive"),
        Button::new("resolve_dialog", "resolve_dialog", "Resolve…"),
        Button::new("archive_dialog", "archive_dialog", "Archive…"),
    ]
}

/// The select for the assignee, as Sentry's own alerts have it.
fn assign() -> Value {
    json!({
        "type": "external_select",
        "action_id": "assign",
        "placeholder": {"type": "plain_text", "text": "Select Assignee..."},
        "min_query_length": 0,
    })
}

fn section(block_id: &Value, text: &str) -> Value {
    json!({"type": "section", "block_id": block_id.to_string(),
        "text": {"type": "mrkdwn", "text": text}})
}

/// The three characters of mrkdwn that are written as entities.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_names_the_issue_and_its_organization() {
        let content = Alert::type_error("http://sentry.test").blocks();

        let issue: Value =
            serde_json::from_str(content.blocks[0]["block_id"].as_str().unwrap()).unwrap();
        assert_eq!(issue, json!({"issue": 4815, "rule": 162, "org": "1"}));
        assert_eq!(content.blocks[2]["elements"][0]["text"]["emoji"], true);
    }

    #[test]
    fn the_legacy_attachment_names_the_issue_in_its_callback_id() {
        let content = Alert::type_error("http://sentry.test").attachment();

        assert_eq!(content.attachments[0]["callback_id"], r#"{"issue":4815}"#);
        assert_eq!((content.text.as_str(), content.blocks.len()), ("", 0));
    }

    #[test]
    fn markup_in_an_error_is_shown_not_obeyed() {
        let alert = Alert { kind: "<!channel>".to_owned(), ..Alert::type_error("http://s.test") };

        let headline = alert.blocks().blocks[0]["text"]["text"].as_str().unwrap().to_owned();

        assert!(headline.contains("*&lt;!channel&gt;: bad operand*"), "{headline}");
    }
}
