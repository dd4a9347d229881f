//! The modals "Resolve…" and "Archive…": opened empty at once, filled when Sentry has answered,
//! and the place where the person is told what came of it.
//!
//! ```text
//! click    views.open    Loading…          external_id = the click's action_ts
//! perform  views.update  the choices       input blocks only: a select in a section would already
//!                                          act while it is being chosen
//! submit   answer        Working on it…    response_action: update
//! perform  views.update  what came of it
//! ```
//! A submission has no channel and no `response_url`, so the alert travels in `private_metadata`,
//! which Slack caps at 3000 characters (docs.slack.dev/reference/views).

use serde_json::{Value, json};

use super::interaction::Family;
use crate::{
    change::{Dialog, STATUS_CHANGES, StatusRow},
    job::{Click, ModalStep},
    slack::message::Message,
};

/// Slack's bound for `private_metadata`, in characters.
const MAX_METADATA: usize = 3_000;

/// Slack's bound for the text of a section, in characters.
const MAX_TEXT: usize = 3_000;

/// A modal of ours: which, under which name, about which alert.
#[derive(Debug, Clone)]
pub struct Modal {
    dialog: Dialog,
    external_id: String,
    metadata: String,
}

/// What a submission needs to know again.
fn metadata(click: &Click) -> String {
    let alert = &click.alert;
    let mut context = json!({
        "issue": click.issue,
        "org": click.organization.id,
        "rule": alert.rule,
        "orig_response_url": click.response_url,
        "is_message": matches!(alert.family, Family::Blocks | Family::Attachment),
        "family": alert.family,
        "channel_id": alert.channel,
        "message_ts": alert.message_ts,
        "tags": alert.tags,
    });
    // The tags are the one part without a bound of its own, and the one that can be done without.
    if context.to_string().chars().count() > MAX_METADATA
        && let Value::Object(fields) = &mut context
    {
        fields.remove("tags");
    }
    context.to_string()
}

impl Modal {
    /// The modal that a click goes through.
    pub fn of(click: &Click, step: &ModalStep) -> Self {
        Self {
            dialog: step.dialog,
            external_id: step.external_id.clone(),
            metadata: metadata(click),
        }
    }

    /// Shown at once, while Sentry is asked.
    pub fn loading(&self) -> Value {
        self.view(&[section("Loading…")], None)
    }

    /// Shown when Sentry has answered; what cannot work without releases is left away.
    pub fn choices(&self, has_releases: bool) -> Value {
        let rows: Vec<&StatusRow> = STATUS_CHANGES
            .iter()
            .filter(|row| {
                row.dialog == Some(self.dialog) && (has_releases || !row.needs_releases())
            })
            .collect();
        let options: Vec<Value> = rows.iter().map(|row| option(row)).collect();
        let select = json!({
            "type": "static_select",
            "action_id": "choice",
            "initial_option": options.first(),
            "options": options,
        });
        let input = json!({
            "type": "input",
            "block_id": "choice",
            "label": plain(self.question()),
            "element": select,
        });
        self.view(&[input], Some(self.verb()))
    }

    /// Shown between the submission and its outcome.
    pub fn working(&self) -> Value {
        self.view(&[section("Working on it…")], None)
    }

    /// Shown as the last word. `text` is mrkdwn.
    pub fn notice(&self, message: &Message) -> Value {
        match message.blocks.as_ref().and_then(Value::as_array) {
            Some(blocks) => self.view(blocks, None),
            None => self.view(&[section(&message.text)], None),
        }
    }

    fn view(&self, blocks: &[Value], submit: Option<&str>) -> Value {
        let mut view = json!({
            "type": "modal",
            "callback_id": self.callback_id(),
            "external_id": self.external_id,
            "private_metadata": self.metadata,
            "title": plain(self.title()),
            "close": plain(if submit.is_some() { "Cancel" } else { "Close" }),
            "blocks": blocks,
        });
        if let (Some(submit), Value::Object(view)) = (submit, &mut view) {
            view.insert("submit".into(), plain(submit));
        }
        view
    }

    const fn callback_id(&self) -> &'static str {
        match self.dialog {
            Dialog::Resolve => "resolve_dialog",
            Dialog::Archive => "archive_dialog",
        }
    }

    const fn title(&self) -> &'static str {
        match self.dialog {
            Dialog::Resolve => "Resolve Issue",
            Dialog::Archive => "Archive Issue",
        }
    }

    const fn verb(&self) -> &'static str {
        match self.dialog {
            Dialog::Resolve => "Resolve",
            Dialog::Archive => "Archive",
        }
    }

    const fn question(&self) -> &'static str {
        match self.dialog {
            Dialog::Resolve => "Resolve issue",
            Dialog::Archive => "Archive issue",
        }
    }
}

/// The answer to a submission that goes on in the same modal.
pub fn update(view: &Value) -> Value {
    json!({"response_action": "update", "view": view})
}

fn option(row: &StatusRow) -> Value {
    json!({"text": plain(row.label), "value": row.value})
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn section(text: &str) -> Value {
    let text: String = text.chars().take(MAX_TEXT).collect();
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{change::Change, job::tests::a_click};

    fn step(dialog: Dialog) -> ModalStep {
        let external_id = "1700000000.403007".into();
        ModalStep { dialog, external_id, chosen: false, trigger_id: None }
    }

    fn modal(dialog: Dialog) -> Modal {
        Modal::of(&a_click(), &step(dialog))
    }

    fn values(view: &Value) -> Vec<&str> {
        let options = view["blocks"][0]["element"]["options"].as_array().unwrap();
        options.iter().map(|option| option["value"].as_str().unwrap()).collect()
    }

    #[test]
    fn every_choice_is_a_change_that_exists() {
        for dialog in [Dialog::Resolve, Dialog::Archive] {
            let view = modal(dialog).choices(true);
            assert!(values(&view).len() >= 3);
            for value in values(&view) {
                assert!(Change::parse_status(value).is_ok(), "{value}");
            }
        }
    }

    #[test]
    fn without_releases_nothing_is_offered_that_needs_one() {
        let view = modal(Dialog::Resolve).choices(false);

        assert_eq!(values(&view), ["resolved"]);
    }

    #[test]
    fn a_modal_keeps_its_name_and_its_alert_through_every_change() {
        let modal = modal(Dialog::Archive);
        for view in [
            modal.loading(),
            modal.choices(true),
            modal.working(),
            modal.notice(&Message::text("x")),
        ] {
            assert_eq!(view["external_id"], "1700000000.403007");
            assert_eq!(view["private_metadata"], modal.metadata);
            assert!(view["title"]["text"].as_str().unwrap().len() <= 24);
        }
    }

    #[test]
    fn tags_that_do_not_fit_are_left_behind() {
        let mut click = a_click();
        click.alert.tags = Some("x".repeat(4_000));

        let modal = Modal::of(&click, &step(Dialog::Resolve));

        assert!(modal.metadata.len() <= MAX_METADATA);
        assert!(modal.metadata.contains("4815"));
    }
}
