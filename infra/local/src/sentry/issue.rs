//! An issue, and what a change does to it.
//!
//! Sentry's own rules, as far as a client can see them: resolving at once is written down every time,
//! even if the issue was resolved already; every other change is written down only if it changes
//! something. A substatus that was not named follows from the status the issue had.

use std::time::Duration;

use serde_json::{Map, Value, json};
use shared::clock::Timestamp;

use super::assignment::Assignment;
use super::json::user;
use super::people::{Account, Organization, Project, account};
use super::time::iso8601;
use super::update::{Resolution, Status, Update};

/// An issue, unarchived while it is younger than this, is "new" again.
const NEW: Duration = Duration::from_hours(7 * 24);

/// An issue.
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) short_id: String,
    pub(super) headline: Headline,
    pub(super) culprit: &'static str,
    pub(super) project: &'static Project,
    pub(super) count: u32,
    pub(super) users: u32,
    pub(super) priority: &'static str,
    pub(super) first_seen: Timestamp,
    pub(super) last_seen: Timestamp,
    pub(super) state: IssueState,
}

/// What an issue is about.
pub(super) struct Headline {
    /// `error`, or `default` for a message that somebody wrote.
    pub(super) kind: &'static str,
    pub(super) title: String,
    /// What Sentry has made the title of.
    pub(super) metadata: Value,
}

impl Headline {
    /// An exception: its class and what it says.
    pub(super) fn error(class: &str, value: &str) -> Self {
        Self {
            kind: "error",
            title: format!("{class}: {value}"),
            metadata: json!({ "type": class, "value": value }),
        }
    }

    /// A message.
    pub(super) fn message(title: &str) -> Self {
        Self { kind: "default", title: title.to_owned(), metadata: json!({ "title": title }) }
    }
}

/// What people change of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueState {
    /// `resolved`, `unresolved` or `ignored`.
    pub status: &'static str,
    /// `new`, `ongoing`, `archived_forever`…; resolved issues have none.
    pub substatus: Option<&'static str>,
    /// The object Sentry calls `statusDetails`.
    pub status_details: Value,
    /// `user:<id>` or `team:<id>`.
    pub assigned_to: Option<String>,
    /// What happened, the oldest first.
    pub activity: Vec<Activity>,
}

/// One line of an issue's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// `set_resolved`, `set_resolved_in_release`, `set_unresolved`, `set_ignored`, `assigned`,
    /// `unassigned` or `first_seen`.
    pub kind: &'static str,
    /// The account that did it; nobody for `first_seen`.
    pub account: Option<&'static str>,
    /// When.
    pub at: Timestamp,
    /// What Sentry tells besides, such as the assignee.
    pub data: Value,
}

impl Issue {
    /// Whose it is, of these.
    pub(super) fn organization<'a>(&self, all: &'a [Organization]) -> Option<&'a Organization> {
        all.iter().find(|organization| organization.id == self.project.organization)
    }

    /// Does what the update says, as `by`.
    pub(super) fn apply(&mut self, update: Update, by: &'static Account, now: Timestamp) {
        match update.status {
            Some(Status::Resolved(resolution)) => self.resolve(resolution, by, now),
            Some(Status::Archived { substatus, until }) => self.archive(substatus, until, by, now),
            Some(Status::Open(substatus)) => self.open(substatus, by, now),
            None => {}
        }
        match update.assignment {
            Assignment::To(actor) => self.assign(actor, by, now),
            Assignment::Nobody => self.unassign(by, now),
            Assignment::Keep => {}
        }
        if let Some(priority) = update.priority {
            self.priority = priority;
        }
    }

    fn resolve(&mut self, resolution: Resolution, by: &'static Account, now: Timestamp) {
        let waits_for_release = ["inNextRelease", "inRelease"]
            .iter()
            .any(|key| self.state.status_details.get(key).is_some());
        let (details, version) = match resolution {
            Resolution::Now => (json!({}), None),
            Resolution::InNextRelease => {
                (json!({ "inNextRelease": true, "actor": user(by) }), Some(""))
            }
            Resolution::InRelease(version) => {
                (json!({ "inRelease": version, "actor": user(by) }), Some(version))
            }
        };
        match version {
            None => self.record("set_resolved", by, now, json!({})),
            Some(_) if waits_for_release => {}
            Some(version) => {
                self.record("set_resolved_in_release", by, now, json!({ "version": version }));
            }
        }
        self.set("resolved", None, details);
    }

    fn archive(
        &mut self,
        substatus: &'static str,
        until: Map<String, Value>,
        by: &'static Account,
        now: Timestamp,
    ) {
        let details = conditions(until, by, now);
        if self.state.status == "ignored" {
            self.state.status_details = details;
            return;
        }
        self.record("set_ignored", by, now, details.clone());
        self.set("ignored", Some(substatus), details);
    }

    fn open(&mut self, substatus: Option<&'static str>, by: &'static Account, now: Timestamp) {
        let inferred = match self.state.status {
            "unresolved" => return,
            "resolved" => "regressed",
            _ if now.since(self.first_seen) < NEW => "new",
            _ => "ongoing",
        };
        self.record("set_unresolved", by, now, json!({}));
        self.set("unresolved", substatus.or(Some(inferred)), json!({}));
    }

    fn assign(&mut self, actor: String, by: &'static Account, now: Timestamp) {
        if self.state.assigned_to.as_ref() == Some(&actor) {
            return;
        }
        let (kind, id) = actor.split_once(':').unwrap_or(("user", &actor));
        let email = account(id).filter(|_| kind == "user").map(|account| account.email);
        let data = json!({ "assignee": id, "assigneeEmail": email, "assigneeType": kind });
        self.record("assigned", by, now, data);
        self.state.assigned_to = Some(actor);
    }

    fn unassign(&mut self, by: &'static Account, now: Timestamp) {
        if self.state.assigned_to.take().is_some() {
            self.record("unassigned", by, now, json!({}));
        }
    }

    fn set(&mut self, status: &'static str, substatus: Option<&'static str>, details: Value) {
        self.state.status = status;
        self.state.substatus = substatus;
        self.state.status_details = details;
    }

    fn record(&mut self, kind: &'static str, by: &'static Account, at: Timestamp, data: Value) {
        self.state.activity.push(Activity { kind, account: Some(by.id), at, data });
    }
}

/// What Sentry tells of an archived issue: its conditions, a duration as the moment it ends.
fn conditions(mut until: Map<String, Value>, by: &Account, now: Timestamp) -> Value {
    if until.is_empty() {
        return json!({});
    }
    if let Some(minutes) = until.remove("ignoreDuration").as_ref().and_then(Value::as_u64) {
        let end = now.plus(Duration::from_secs(minutes.saturating_mul(60)));
        until.insert("ignoreUntil".to_owned(), iso8601(end).into());
    }
    until.insert("actor".to_owned(), user(by));
    until.into()
}
