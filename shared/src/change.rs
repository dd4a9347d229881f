//! What a person can want done to an issue, and what Sentry is told then.
//!
//! Slack hands back a control's value (`resolved:inNextRelease`, `user:77`); [`Change`] is that
//! value understood. What is not in [`STATUS_CHANGES`] does not exist: it is refused before
//! anything is called. Values and API fields: Sentry's own Slack buttons and its "update an issue"
//! API (docs.sentry.io/api/events/update-an-issue/).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids::AccountId;

/// A change to one issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Change {
    /// Another status.
    Status(StatusChange),
    /// Another assignee.
    Assign(Assignee),
}

/// A change of status, one of [`STATUS_CHANGES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusChange(&'static StatusRow);

/// Who is to look after the issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// A person.
    User(AccountId),
    /// A team.
    Team(AccountId),
    /// Nobody any more.
    Nobody,
}

/// One row of the table from a control's value to Sentry's API.
#[derive(Debug, PartialEq, Eq)]
pub struct StatusRow {
    /// The control's value.
    pub value: &'static str,
    /// Its name in a menu, with "Until …" phrased as Sentry's own menu does.
    pub label: &'static str,
    /// The modal that offers it, if any.
    pub dialog: Option<Dialog>,
    /// `status`.
    status: &'static str,
    /// `substatus`.
    substatus: Option<&'static str>,
    /// `statusDetails`.
    details: Details,
}

/// `statusDetails` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Details {
    None,
    InNextRelease,
    /// The release that is newest when Sentry reads it.
    InLatestRelease,
    Count(u32),
    Users(u32),
    /// Minutes.
    Duration(u32),
}

/// A modal that asks how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialog {
    /// "Resolve…"
    Resolve,
    /// "Archive…"
    Archive,
}

const RESOLVE: Option<Dialog> = Some(Dialog::Resolve);
const ARCHIVE: Option<Dialog> = Some(Dialog::Archive);

macro_rules! row {
    ($value:literal, $label:literal, $dialog:expr, $status:literal, $sub:expr, $details:expr) => {
        StatusRow {
            value: $value,
            label: $label,
            dialog: $dialog,
            status: $status,
            substatus: $sub,
            details: $details,
        }
    };
}

const UNTIL: Option<&str> = Some("archived_until_condition_met");

/// Every status change there is.
#[rustfmt::skip]
pub const STATUS_CHANGES: &[StatusRow] = &[
    row!("resolved", "Immediately", RESOLVE, "resolved", None, Details::None),
    row!("resolved:inNextRelease", "In the next release", RESOLVE, "resolved", None, Details::InNextRelease),
    row!("resolved:inCurrentRelease", "In the current release", RESOLVE, "resolved", None, Details::InLatestRelease),
    row!("ignored", "Archive", None, "ignored", None, Details::None),
    row!("ignored:archived_until_escalating", "Until escalating", ARCHIVE, "ignored", Some("archived_until_escalating"), Details::None),
    row!("ignored:archived_until_condition_met:10", "Until 10 events", ARCHIVE, "ignored", UNTIL, Details::Count(10)),
    row!("ignored:archived_until_condition_met:100", "Until 100 events", ARCHIVE, "ignored", UNTIL, Details::Count(100)),
    row!("ignored:archived_until_condition_met:1000", "Until 1000 events", ARCHIVE, "ignored", UNTIL, Details::Count(1000)),
    row!("ignored:archived_for:30", "For 30 minutes", ARCHIVE, "ignored", UNTIL, Details::Duration(30)),
    row!("ignored:archived_for:120", "For 2 hours", ARCHIVE, "ignored", UNTIL, Details::Duration(120)),
    row!("ignored:archived_for:1440", "For a day", ARCHIVE, "ignored", UNTIL, Details::Duration(1440)),
    row!("ignored:archived_for:10080", "For a week", ARCHIVE, "ignored", UNTIL, Details::Duration(10080)),
    row!("ignored:archived_until_users:10", "Until 10 users are affected", ARCHIVE, "ignored", UNTIL, Details::Users(10)),
    row!("ignored:archived_until_users:100", "Until 100 users are affected", ARCHIVE, "ignored", UNTIL, Details::Users(100)),
    row!("ignored:archived_forever", "Forever", ARCHIVE, "ignored", Some("archived_forever"), Details::None),
    row!("unresolved", "Re-open", None, "unresolved", None, Details::None),
    row!("unresolved:ongoing", "Mark as ongoing", None, "unresolved", Some("ongoing"), Details::None),
];

/// A value no control of ours or Sentry's has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown change")]
pub struct UnknownChange;

impl Change {
    /// The status change a control's value stands for.
    pub fn parse_status(value: &str) -> Result<Self, UnknownChange> {
        let row = STATUS_CHANGES.iter().find(|row| row.value == value).ok_or(UnknownChange)?;
        Ok(Self::Status(StatusChange(row)))
    }

    /// The assignment a control's value stands for: `user:<id>`, `team:<id>` or `none`.
    pub fn parse_assign(value: &str) -> Result<Self, UnknownChange> {
        let id = |text| AccountId::parse(text).map_err(|_| UnknownChange);
        let assignee = match value.split_once(':') {
            Some(("user", user)) => Assignee::User(id(user)?),
            Some(("team", team)) => Assignee::Team(id(team)?),
            None if value == "none" => Assignee::Nobody,
            _ => return Err(UnknownChange),
        };
        Ok(Self::Assign(assignee))
    }

    /// The control's value again.
    pub fn value(&self) -> String {
        match self {
            Self::Status(change) => change.0.value.to_owned(),
            Self::Assign(Assignee::User(id)) => format!("user:{id}"),
            Self::Assign(Assignee::Team(id)) => format!("team:{id}"),
            Self::Assign(Assignee::Nobody) => "none".to_owned(),
        }
    }

    /// The body of `PUT …/issues/{id}/`. Only what is sent is changed.
    pub fn api_body(&self) -> Value {
        match self {
            Self::Status(StatusChange(row)) => row.api_body(),
            Self::Assign(Assignee::Nobody) => json!({ "assignedTo": null }),
            Self::Assign(_) => json!({ "assignedTo": self.value() }),
        }
    }

    /// What it does, in the imperative: "resolve", for "then: resolve BACKEND-12".
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Status(StatusChange(row)) => match row.status {
                "resolved" => "resolve",
                "ignored" => "archive",
                _ => "re-open",
            },
            Self::Assign(Assignee::Nobody) => "unassign",
            Self::Assign(_) => "assign",
        }
    }

    /// Whether an issue in this state needs the change no more.
    ///
    /// Compares what the change asks for and nothing else; `substatus` only where the issue shows
    /// one, since older servers do not.
    pub fn is_done_in(&self, issue: &IssueState<'_>) -> bool {
        match self {
            Self::Status(StatusChange(row)) => {
                issue.status == row.status
                    && row.substatus.is_none_or(|sub| issue.substatus.is_none_or(|is| is == sub))
                    && row.details.stand_in(issue.status_details)
            }
            Self::Assign(Assignee::Nobody) => issue.assigned_to.is_none(),
            Self::Assign(_) => issue.assigned_to.as_deref() == Some(&self.value()),
        }
    }

    /// What it decides: changes of one kind contradict each other.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status(_) => "STATUS",
            Self::Assign(_) => "ASSIGN",
        }
    }

    /// The modal this belongs to.
    pub fn dialog(&self) -> Dialog {
        if self.verb() == "archive" { Dialog::Archive } else { Dialog::Resolve }
    }

    /// Sentry's names (in an issue's `activity`) for changes that decide the same thing as this one.
    pub fn rival_activities(&self) -> &'static [&'static str] {
        match self {
            Self::Status(_) => &[
                "set_resolved",
                "set_resolved_in_release",
                "set_resolved_in_commit",
                "set_resolved_by_age",
                "set_resolved_in_pull_request",
                "set_unresolved",
                "set_regression",
                "set_ignored",
                "set_escalating",
                "unmerge_destination",
            ],
            Self::Assign(_) => &["assigned", "unassigned"],
        }
    }
}

/// What [`Change::is_done_in`] looks at.
#[derive(Debug, Clone)]
pub struct IssueState<'a> {
    /// `status`.
    pub status: &'a str,
    /// `substatus`.
    pub substatus: Option<&'a str>,
    /// `statusDetails`.
    pub status_details: &'a Value,
    /// `assignedTo` as `user:<id>` or `team:<id>`.
    pub assigned_to: Option<String>,
}

impl StatusRow {
    /// Whether it works only where the project has releases.
    pub fn needs_releases(&self) -> bool {
        matches!(self.details, Details::InNextRelease | Details::InLatestRelease)
    }

    fn api_body(&self) -> Value {
        let mut body = json!({ "status": self.status });
        if let Some(substatus) = self.substatus {
            merge(&mut body, json!({ "substatus": substatus }));
        }
        if let Some(details) = self.details.json() {
            merge(&mut body, json!({ "statusDetails": details }));
        }
        body
    }
}

impl Details {
    fn json(self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::InNextRelease => Some(json!({ "inNextRelease": true })),
            Self::InLatestRelease => Some(json!({ "inRelease": "latest" })),
            Self::Count(n) => Some(json!({ "ignoreCount": n })),
            Self::Users(n) => Some(json!({ "ignoreUserCount": n })),
            Self::Duration(minutes) => Some(json!({ "ignoreDuration": minutes })),
        }
    }

    /// Sentry answers with its own reading (a version for `latest`, an end for a duration, of a number of
    /// events or people what is left of it: `_get_status` in its `group.py`), so the presence of the
    /// right key is what can be compared, and that there is not more of it.
    fn stand_in(self, details: &Value) -> bool {
        match self {
            Self::None => true,
            Self::InNextRelease => details.get("inNextRelease").is_some(),
            Self::InLatestRelease => details.get("inRelease").is_some(),
            Self::Count(n) => is_at_most(details.get("ignoreCount"), n),
            Self::Users(n) => is_at_most(details.get("ignoreUserCount"), n),
            Self::Duration(_) => details.get("ignoreUntil").is_some_and(|until| !until.is_null()),
        }
    }
}

fn is_at_most(left: Option<&Value>, n: u32) -> bool {
    left.and_then(Value::as_i64).is_some_and(|left| left <= n.into())
}

fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

impl From<Change> for String {
    fn from(change: Change) -> Self {
        match change {
            Change::Status(_) => change.value(),
            Change::Assign(_) => format!("assign:{}", change.value()),
        }
    }
}

impl TryFrom<String> for Change {
    type Error = UnknownChange;

    fn try_from(text: String) -> Result<Self, UnknownChange> {
        match text.strip_prefix("assign:") {
            Some(assignee) => Self::parse_assign(assignee),
            None => Self::parse_status(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: &str) -> Value {
        Change::parse_status(value).unwrap().api_body()
    }

    #[test]
    fn sentrys_own_values_become_sentrys_own_bodies() {
        assert_eq!(body("resolved"), json!({"status": "resolved"}));
        assert_eq!(
            body("resolved:inNextRelease"),
            json!({"status": "resolved", "statusDetails": {"inNextRelease": true}})
        );
        assert_eq!(
            body("resolved:inCurrentRelease"),
            json!({"status": "resolved", "statusDetails": {"inRelease": "latest"}})
        );
        assert_eq!(
            body("ignored:archived_until_condition_met:100"),
            json!({"status": "ignored", "substatus": "archived_until_condition_met",
                   "statusDetails": {"ignoreCount": 100}})
        );
        assert_eq!(
            body("unresolved:ongoing"),
            json!({"status": "unresolved", "substatus": "ongoing"})
        );
    }

    #[test]
    fn what_is_not_in_the_table_does_not_exist() {
        for value in ["resolved:evil", "", "RESOLVED", "ignored:archived_until_condition_met:7"] {
            assert_eq!(Change::parse_status(value), Err(UnknownChange), "{value:?}");
        }
        for value in ["user:", "user:../1", "team:1?x", "bob@example.com", "everyone"] {
            assert_eq!(Change::parse_assign(value), Err(UnknownChange), "{value:?}");
        }
    }

    #[test]
    fn assignments_name_a_person_a_team_or_nobody() {
        let body = |value| Change::parse_assign(value).unwrap().api_body();

        assert_eq!(body("user:77"), json!({"assignedTo": "user:77"}));
        assert_eq!(body("team:5"), json!({"assignedTo": "team:5"}));
        assert_eq!(body("none"), json!({"assignedTo": null}));
    }

    #[test]
    fn every_change_survives_being_stored() {
        let statuses = STATUS_CHANGES.iter().map(|row| Change::parse_status(row.value).unwrap());
        let assigns = ["user:77", "team:5", "none"].map(|v| Change::parse_assign(v).unwrap());
        for change in statuses.chain(assigns) {
            let stored = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&stored).unwrap(), change, "{stored}");
        }
    }

    #[test]
    fn a_change_knows_when_it_is_done_already() {
        let resolved = IssueState {
            status: "resolved",
            substatus: None,
            status_details: &json!({"inNextRelease": true}),
            assigned_to: Some("user:77".into()),
        };
        let done = |value| Change::parse_status(value).unwrap().is_done_in(&resolved);

        assert!(done("resolved"));
        assert!(done("resolved:inNextRelease"));
        assert!(!done("resolved:inCurrentRelease"));
        assert!(!done("unresolved"));
        assert!(Change::parse_assign("user:77").unwrap().is_done_in(&resolved));
        assert!(!Change::parse_assign("none").unwrap().is_done_in(&resolved));
    }

    #[test]
    fn of_a_number_of_events_what_is_left_is_still_the_change() {
        let archived = |details: &Value| {
            let issue = IssueState {
                status: "ignored",
                substatus: Some("archived_until_condition_met"),
                status_details: details,
                assigned_to: None,
            };
            ["archived_until_condition_met:100", "archived_until_users:100"].map(|until| {
                Change::parse_status(&format!("ignored:{until}")).unwrap().is_done_in(&issue)
            })
        };

        assert_eq!(archived(&json!({"ignoreCount": 100})), [true, false]);
        assert_eq!(archived(&json!({"ignoreCount": 93})), [true, false]);
        assert_eq!(archived(&json!({"ignoreUserCount": 7})), [false, true]);
        assert_eq!(archived(&json!({"ignoreCount": 1000})), [false, false]);
        assert_eq!(archived(&json!({})), [false, false]);
    }
}
