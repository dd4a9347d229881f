//! `issue` webhooks: an issue changed, and by whose hand.
//!
//! Source: docs.sentry.io/integrations/integration-platform/webhooks/issues, and
//! `receivers/sentry_apps.py` for what comes beside the issue. There is one for each line of the
//! issue's history that resolves, re-opens or archives it, and for the first assignee: neither to
//! hand an issue on nor to take its assignee away is told.

use serde_json::{Map, Value, json};
use shared::clock::Timestamp;

use super::super::issue::{Activity, Issue};
use super::super::json;
use super::super::people::{Account, Organization, TEAMS, account};
use super::super::world::World;
use super::{Event, SignedHook, number};

/// How an issue was, as far as it matters to what is told of a change.
pub(in super::super) struct Before {
    lines: usize,
    was_assigned: bool,
}

impl Before {
    pub(in super::super) fn of(issue: &Issue) -> Self {
        let state = &issue.state;
        Self { lines: state.activity.len(), was_assigned: state.assigned_to.is_some() }
    }
}

impl World {
    /// Tells the integration what `by` has just done to an issue.
    pub(in super::super) fn tell_of_change(
        &mut self,
        issue: &str,
        before: &Before,
        by: &Account,
        now: Timestamp,
    ) {
        for hook in self.hooks_of_change(issue, before, by, now).unwrap_or_default() {
            self.hooks.outbox.push(hook);
        }
    }

    fn hooks_of_change(
        &self,
        issue: &str,
        before: &Before,
        by: &Account,
        now: Timestamp,
    ) -> Option<Vec<SignedHook>> {
        let issue = self.issue_numbered(issue)?;
        let organization = issue.organization(&self.organizations)?;
        let integration = self.hooks.integration(organization.slug)?;
        let base = &self.hooks.base;
        let record = told(issue, organization, base, self.hooks.older);
        let lines = issue.state.activity.iter().skip(before.lines);
        let news = lines.filter_map(|line| news(line, before, self.hooks.older));
        let hooks = news.map(|(action, mut data)| {
            data.insert("issue".to_owned(), record.clone());
            integration.hook("issue", &Event { action, data: data.into(), by: Some(by) }, now)
        });
        Some(hooks.collect())
    }
}

/// An issue as a webhook tells it. It is written out for nobody in particular, and its `permalink` is
/// for members alone (`_get_permalink`). The addresses that are documented instead are not always
/// there: `workflow_notification` leaves them out.
fn told(issue: &Issue, organization: &Organization, base: &str, older: bool) -> Value {
    let mut record = json::issue(issue, organization, base);
    if let Value::Object(fields) = &mut record {
        fields.insert("permalink".into(), Value::Null);
        if !older {
            let (slug, id, project) = (organization.slug, &issue.id, issue.project.id);
            let stream = format!("{base}/organizations/{slug}/issues/");
            fields.extend([
                ("url".into(), json!(format!("{base}/api/0/organizations/{slug}/issues/{id}/"))),
                ("web_url".into(), json!(format!("{stream}{id}/"))),
                ("project_url".into(), json!(format!("{stream}?project={project}"))),
            ]);
        }
    }
    record
}

/// The action a line of the history is told as, and what is told besides the issue.
fn news(
    line: &Activity,
    before: &Before,
    older: bool,
) -> Option<(&'static str, Map<String, Value>)> {
    let text = |field: &str| line.data.get(field).and_then(Value::as_str).unwrap_or_default();
    let resolved = |kind: &str| ("resolved", field("resolution_type", json!(kind)));
    Some(match line.kind {
        "set_resolved" => resolved("now"),
        "set_resolved_in_release" if text("version").is_empty() => resolved("in_next_release"),
        "set_resolved_in_release" => resolved("in_release"),
        "set_unresolved" => ("unresolved", Map::new()),
        "set_ignored" if older => ("ignored", Map::new()),
        "set_ignored" => ("archived", Map::new()),
        "assigned" if !before.was_assigned => {
            ("assigned", field("assignee", assignee(text("assigneeType"), text("assignee"))))
        }
        _ => return None,
    })
}

fn field(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

fn assignee(kind: &str, id: &str) -> Value {
    if kind == "team" {
        let name = TEAMS.iter().find(|team| team.id == id).map(|team| team.name);
        return json!({ "type": kind, "id": number(id), "name": name });
    }
    let account = account(id);
    json!({
        "type": kind,
        "id": number(id),
        "name": account.map(|account| account.name),
        "email": account.map(|account| account.email),
    })
}
