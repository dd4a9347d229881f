//! `assignedTo` of an update: the person or team who shall have the issue.

use serde_json::{Value, json};

use super::people::{ACCOUNTS, TEAMS};
use super::update::Place;

/// Whom an issue shall be assigned to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Assignment {
    /// The field was not sent.
    #[default]
    Keep,
    Nobody,
    /// `user:<id>` or `team:<id>`.
    To(String),
}

impl Assignment {
    /// `user:<id>`, `team:<id>`, a bare account id, a user name or e-mail address; empty or null is nobody.
    pub(super) fn parse(value: &Value, place: &Place<'_>) -> Result<Self, Value> {
        let unknown = || json!(["Unknown actor input"]);
        let text = match value {
            Value::Null => return Ok(Self::Nobody),
            Value::String(text) if text.is_empty() => return Ok(Self::Nobody),
            Value::String(text) => text.clone(),
            Value::Number(id) => id.to_string(),
            _ => return Err(unknown()),
        };
        if let Some(id) = text.strip_prefix("team:") {
            let team = TEAMS.iter().find(|team| team.id == id).ok_or_else(unknown)?;
            if team.id != place.project.team {
                return Err(json!(["Cannot assign to a team without access to the project"]));
            }
            return Ok(Self::To(format!("team:{}", team.id)));
        }
        let name = text.strip_prefix("user:").unwrap_or(&text);
        let account = ACCOUNTS
            .iter()
            .find(|account| account.id == name || account.email == name)
            .ok_or_else(unknown)?;
        if !place.organization.right_of(account.id).is_member() {
            return Err(json!(["Cannot assign to non-team member"]));
        }
        Ok(Self::To(format!("user:{}", account.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::{BACKEND, organizations};
    use super::*;

    fn parse(value: &Value) -> Result<Assignment, Value> {
        let organizations = organizations();
        let place = Place { organization: &organizations[0], project: &BACKEND, releases: &[] };
        Assignment::parse(value, &place)
    }

    #[test]
    fn an_assignee_has_many_names() {
        let bob = Assignment::To("user:102".to_owned());
        let team = Assignment::To("team:21".to_owned());
        for (given, expected) in [
            (json!("user:102"), &bob),
            (json!("102"), &bob),
            (json!(102), &bob),
            (json!("bob@acme.example"), &bob),
            (json!("team:21"), &team),
            (json!(""), &Assignment::Nobody),
            (Value::Null, &Assignment::Nobody),
        ] {
            assert_eq!(&parse(&given).unwrap(), expected, "{given}");
        }
    }

    #[test]
    fn who_cannot_have_the_issue_is_refused() {
        for (given, words) in [
            ("user:103", "Cannot assign to non-team member"),
            ("team:22", "Cannot assign to a team without access to the project"),
            ("team:99", "Unknown actor input"),
            ("nobody@acme.example", "Unknown actor input"),
        ] {
            let errors = parse(&json!(given)).unwrap_err();
            assert_eq!(errors, json!([words]), "{given}");
        }
    }
}
