//! An issue as Sentry's API tells it; only the fields that are read are named.
//!
//! Source: docs.sentry.io/api/events/retrieve-an-issue/. `count` is text there, `statusDetails`
//! differs by status, and older servers leave out `substatus`.

use aws_smithy_types::date_time::{DateTime, Format};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::lenient;
use crate::{
    change::{Change, IssueState},
    clock::Timestamp,
};

/// An issue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// Its number.
    pub id: String,
    /// Its short name, `BACKEND-12`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub short_id: String,
    /// Its title.
    #[serde(default, deserialize_with = "lenient::text")]
    pub title: String,
    /// Where in the code it comes from.
    #[serde(default, deserialize_with = "lenient::text")]
    pub culprit: String,
    /// Its page. Sentry names it to members alone, and to nobody in what it tells by itself.
    #[serde(default, deserialize_with = "lenient::text")]
    pub permalink: String,
    /// `error`, `warning`, …
    #[serde(default, deserialize_with = "lenient::text")]
    pub level: String,
    /// `unresolved`, `resolved`, `ignored`.
    pub status: String,
    /// What kind of that.
    pub substatus: Option<String>,
    /// Until when, in which release.
    #[serde(default)]
    pub status_details: Value,
    /// Its project.
    #[serde(default)]
    pub project: Project,
    /// How many events it has.
    #[serde(default, deserialize_with = "lenient::text")]
    pub count: String,
    /// How many users it touched.
    #[serde(default)]
    pub user_count: u64,
    /// When it was first seen.
    #[serde(default, deserialize_with = "moment", serialize_with = "rfc3339")]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    #[serde(default, deserialize_with = "moment", serialize_with = "rfc3339")]
    pub last_seen: Option<Timestamp>,
    /// Who looks after it.
    pub assigned_to: Option<Assigned>,
    /// What was done to it, newest first.
    #[serde(default)]
    pub activity: Vec<Activity>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Project {
    /// Its number.
    #[serde(default, deserialize_with = "lenient::text")]
    pub id: String,
    /// Its name in URLs.
    #[serde(default, deserialize_with = "lenient::text")]
    pub slug: String,
}

/// Who looks after an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// `user` or `team`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The number.
    pub id: String,
    /// The display name, a team's slug.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
}

/// Something that was done to an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// What: `set_resolved`, `assigned`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    #[serde(default, deserialize_with = "moment", serialize_with = "rfc3339")]
    pub date_created: Option<Timestamp>,
    /// By whom; nobody for what Sentry did itself.
    pub user: Option<ActivityUser>,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityUser {
    /// The display name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
}

impl Issue {
    /// Whether it needs this change no more.
    pub fn is_already(&self, change: &Change) -> bool {
        change.is_done_in(&IssueState {
            status: &self.status,
            substatus: self.substatus.as_deref(),
            status_details: &self.status_details,
            assigned_to: self.assigned_to.as_ref().map(|to| format!("{}:{}", to.kind, to.id)),
        })
    }

    /// The same; told without its page, it keeps the one that is `known`.
    #[must_use]
    pub fn keeping_page(mut self, known: &Self) -> Self {
        if self.permalink.is_empty() {
            self.permalink.clone_from(&known.permalink);
        }
        self
    }

    /// What was decided about the same thing after `moment`, the newest of it.
    pub fn decided_since(&self, change: &Change, moment: Timestamp) -> Option<&Activity> {
        self.activity
            .iter()
            .filter(|activity| change.rival_activities().contains(&activity.kind.as_str()))
            .filter(|activity| activity.date_created.is_some_and(|at| at > moment))
            .max_by_key(|activity| activity.date_created)
    }
}

/// RFC 3339, as Sentry writes it; anything else is no moment.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| {
        let time = DateTime::from_str(&text, Format::DateTimeWithOffset).ok()?;
        Some(Timestamp::from_millis(time.to_millis().ok()?))
    }))
}

#[expect(clippy::ref_option, reason = "serde hands a field over by reference")]
fn rfc3339<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = moment
        .and_then(|at| DateTime::from_millis(at.millis()).fmt(Format::DateTimeWithOffset).ok());
    text.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issue() -> Issue {
        serde_json::from_value(json!({
            "id": "4815", "status": "resolved", "statusDetails": {}, "culprit": null,
            "firstSeen": "2026-01-05T12:00:00.250Z", "count": "3",
            "activity": [
                {"type": "set_unresolved", "dateCreated": "2026-01-05T12:30:00Z",
                 "user": {"name": "Bob Baker"}},
                {"type": "set_resolved", "dateCreated": "2026-01-05T12:20:00+00:00", "user": null},
                {"type": "note", "dateCreated": "2026-01-05T12:40:00Z", "user": null},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn times_are_read_to_the_millisecond() {
        assert_eq!(issue().first_seen, Some(Timestamp::from_millis(1_767_614_400_250)));
        assert_eq!(issue().last_seen, None);
    }

    #[test]
    fn the_newest_rival_decision_after_a_moment_counts_and_notes_do_not() {
        let resolve = Change::parse_status("resolved").unwrap();
        let since = |secs| issue().decided_since(&resolve, Timestamp::from_secs(secs)).cloned();

        let newest = since(1_767_614_400).unwrap();
        assert_eq!(newest.user.unwrap().name, "Bob Baker");
        assert_eq!(since(1_767_616_200), None);
        let assign = Change::parse_assign("none").unwrap();
        assert_eq!(issue().decided_since(&assign, Timestamp::from_secs(0)), None);
    }
}
