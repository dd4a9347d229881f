//! The body of `PUT …/issues/{id}/`, checked as Sentry checks it.
//!
//! Source: docs.sentry.io/api/events/update-an-issue, and Sentry's validators for their words. Only
//! the fields sent are changed; unknown ones are ignored. What is refused is told per field, in the
//! shape of the body: `{"statusDetails":{"inNextRelease":["…"]}}`.

use serde_json::{Map, Value, json};

use super::assignment::Assignment;
use super::people::{Organization, Project};
use super::status_details::Details;

const STATUSES: &[&str] = &["resolved", "unresolved", "ignored", "resolvedInNextRelease", "muted"];
const OPEN: &[&str] = &["ongoing", "escalating", "regressed", "new"];
const UNTIL_MET: &str = "archived_until_condition_met";
const FOREVER: &str = "archived_forever";
const ARCHIVED: &[&str] = &["archived_until_escalating", UNTIL_MET, FOREVER];
const PRIORITIES: &[&str] = &["low", "medium", "high"];

/// What is to change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) status: Option<Status>,
    pub(super) assignment: Assignment,
    pub(super) priority: Option<&'static str>,
}

/// The status an issue shall have.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Status {
    Resolved(Resolution),
    /// Until the conditions are met; without conditions, as the substatus says.
    Archived {
        substatus: &'static str,
        until: Map<String, Value>,
    },
    /// With this substatus, or with what follows from the past.
    Open(Option<&'static str>),
}

/// Since when an issue counts as resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    Now,
    InNextRelease,
    InRelease(&'static str),
}

/// Where the issue is, as far as it decides what may be said about it.
pub(super) struct Place<'a> {
    pub(super) organization: &'a Organization,
    pub(super) project: &'a Project,
    /// The project's releases, the newest last.
    pub(super) releases: &'a [&'static str],
}

impl Update {
    /// Checks a body. The error is the body of the 400.
    pub(super) fn parse(body: &Value, place: &Place<'_>) -> Result<Self, Value> {
        let Value::Object(body) = body else {
            return Err(json!({ "nonFieldErrors": ["Invalid data. Expected a dictionary."] }));
        };
        let mut errors = Map::new();
        let substatuses = [ARCHIVED, OPEN].concat();
        let status = checked(body, "status", &mut errors, |v| choice(v, STATUSES));
        let substatus = checked(body, "substatus", &mut errors, |v| match v {
            Value::Null => Ok(None),
            value => choice(value, &substatuses).map(Some),
        });
        let details = checked(body, "statusDetails", &mut errors, |v| {
            Details::parse(v, place.releases).map_err(Value::Object)
        });
        let assignment = checked(body, "assignedTo", &mut errors, |v| Assignment::parse(v, place));
        let priority = checked(body, "priority", &mut errors, |v| choice(v, PRIORITIES));
        if !errors.is_empty() {
            return Err(Value::Object(errors));
        }
        let details = details.unwrap_or_default();
        Ok(Self {
            status: status.map(|status| resolved_or_not(status, substatus.flatten(), details)),
            assignment: assignment.unwrap_or_default(),
            priority,
        })
    }
}

/// A field that may be absent; what is wrong with it is put down under its name.
fn checked<T>(
    body: &Map<String, Value>,
    field: &str,
    errors: &mut Map<String, Value>,
    check: impl FnOnce(&Value) -> Result<T, Value>,
) -> Option<T> {
    match check(body.get(field)?) {
        Ok(value) => Some(value),
        Err(error) => {
            errors.insert(field.to_owned(), error);
            None
        }
    }
}

fn choice(value: &Value, choices: &[&'static str]) -> Result<&'static str, Value> {
    let found = choices.iter().find(|choice| value.as_str() == Some(choice));
    found.copied().ok_or_else(|| match value {
        Value::Null => json!(["This field may not be null."]),
        Value::String(text) => json!([format!("\"{text}\" is not a valid choice.")]),
        other => json!([format!("\"{other}\" is not a valid choice.")]),
    })
}

/// A substatus that does not go with the status is passed over.
fn resolved_or_not(status: &str, substatus: Option<&'static str>, details: Details) -> Status {
    let fitting = |family: &[&str]| substatus.filter(|word| family.contains(word));
    match (status, details.in_release) {
        ("resolvedInNextRelease", _) => Status::Resolved(Resolution::InNextRelease),
        ("resolved", _) if details.in_next_release => Status::Resolved(Resolution::InNextRelease),
        ("resolved", Some(version)) => Status::Resolved(Resolution::InRelease(version)),
        ("resolved", None) => Status::Resolved(Resolution::Now),
        ("unresolved", _) => Status::Open(fitting(OPEN)),
        _ => {
            let inferred = if details.until.is_empty() { FOREVER } else { UNTIL_MET };
            let substatus = fitting(ARCHIVED).unwrap_or(inferred);
            Status::Archived { substatus, until: details.until }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::{BACKEND, organizations};
    use super::super::status_details::RELEASES;
    use super::*;

    fn parse(body: &Value, releases: &[&'static str]) -> Result<Update, Value> {
        let organizations = organizations();
        let organization = organizations.first().unwrap();
        Update::parse(body, &Place { organization, project: &BACKEND, releases })
    }

    #[test]
    fn what_sentrys_own_buttons_send_is_understood() {
        let resolved = |resolution| Status::Resolved(resolution);
        for (body, status) in [
            (json!({"status": "resolved"}), resolved(Resolution::Now)),
            (
                json!({"status": "resolved", "statusDetails": {"inNextRelease": true}}),
                resolved(Resolution::InNextRelease),
            ),
            (
                json!({"status": "resolved", "statusDetails": {"inRelease": "latest"}}),
                resolved(Resolution::InRelease("backend@2.4.0")),
            ),
            (
                json!({"status": "unresolved", "substatus": "ongoing"}),
                Status::Open(Some("ongoing")),
            ),
            (
                json!({"status": "ignored", "substatus": "archived_until_escalating"}),
                Status::Archived { substatus: "archived_until_escalating", until: Map::new() },
            ),
        ] {
            assert_eq!(parse(&body, RELEASES).unwrap().status, Some(status), "{body}");
        }
    }

    #[test]
    fn a_substatus_of_another_status_is_passed_over() {
        let body = json!({"status": "ignored", "substatus": "ongoing"});

        let update = parse(&body, RELEASES).unwrap();

        let expected = Status::Archived { substatus: "archived_forever", until: Map::new() };
        assert_eq!(update.status, Some(expected));
    }

    #[test]
    fn a_condition_without_a_substatus_archives_until_it_is_met() {
        let body = json!({"status": "ignored", "statusDetails": {"ignoreCount": 100}});

        let Some(Status::Archived { substatus, until }) = parse(&body, &[]).unwrap().status else {
            panic!("not archived");
        };

        assert_eq!(substatus, "archived_until_condition_met");
        assert_eq!(until.get("ignoreCount"), Some(&json!(100)));
    }

    #[test]
    fn every_fault_is_told_under_its_field() {
        let body = json!({
            "status": "fixed",
            "substatus": "gone",
            "statusDetails": {"inNextRelease": true},
            "priority": null,
            "assignedTo": "user:103",
        });

        let errors = parse(&body, &[]).unwrap_err();

        let no_release = "No release data present in the system to form a basis for 'Next Release'";
        assert_eq!(
            errors,
            json!({
                "status": ["\"fixed\" is not a valid choice."],
                "substatus": ["\"gone\" is not a valid choice."],
                "statusDetails": {"inNextRelease": [no_release]},
                "priority": ["This field may not be null."],
                "assignedTo": ["Cannot assign to non-team member"],
            })
        );
    }
}
