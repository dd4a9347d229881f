//! The issues there are: three at the start, and as many more as one wants.

use serde_json::json;
use shared::clock::Timestamp;

use super::issue::{Activity, Headline, Issue, IssueState};
use super::people::{BACKEND, PORTAL, Project};
use super::world::World;

/// The number before that of the first issue that was not there at the start.
pub const FIRST_ADDED: usize = 10_000;

/// The issues at the start.
pub(super) fn issues(now: Timestamp) -> Vec<Issue> {
    let at_start = |id: &str, short_id: &str, headline, culprit, project, count, users| Issue {
        culprit,
        count,
        users,
        ..issue(id, short_id, headline, project, now)
    };
    let (type_error, timeout, key_error) = (
        Headline::error("TypeError", "bad operand"),
        Headline::error("TimeoutError", "upstream took 30s"),
        Headline::error("KeyError", "session"),
    );
    vec![
        at_start("4815", "BACKEND-12", type_error, "pricing.total", &BACKEND, 42, 7),
        at_start("4816", "BACKEND-13", timeout, "gateway.fetch", &BACKEND, 7, 3),
        at_start("9001", "PORTAL-1", key_error, "portal.login", &PORTAL, 3, 1),
    ]
}

impl World {
    /// So many issues more in Acme's project.
    pub(super) fn add_issues(&mut self, count: usize, now: Timestamp) {
        let added = self.issues.iter().filter(|issue| issue.is_added()).count();
        self.issues.extend((added + 1..=added + count).map(|number| {
            let id = (FIRST_ADDED + number).to_string();
            let headline = Headline::message(&format!("Error {number}"));
            issue(&id, &format!("BACKEND-{id}"), headline, &BACKEND, now)
        }));
    }

    /// The issue of that number.
    pub(super) fn issue_numbered(&self, id: &str) -> Option<&Issue> {
        self.issues.get(self.place_of(id)?)
    }

    /// The issue of that number, to be changed.
    pub(super) fn issue_numbered_mut(&mut self, id: &str) -> Option<&mut Issue> {
        let place = self.place_of(id)?;
        self.issues.get_mut(place)
    }

    /// Issues stand in the order of their numbers; there may be tens of thousands.
    fn place_of(&self, id: &str) -> Option<usize> {
        let number = |id: &str| id.parse::<u64>().unwrap_or_default();
        let place = self.issues.binary_search_by_key(&number(id), |issue| number(&issue.id));
        // A number has many forms, and one of them is an id.
        place.ok().filter(|place| self.issues.get(*place).is_some_and(|issue| issue.id == id))
    }
}

impl Issue {
    fn is_added(&self) -> bool {
        self.id.parse().is_ok_and(|id: usize| id > FIRST_ADDED)
    }
}

/// An issue of two hours ago that nobody has touched.
fn issue(
    id: &str,
    short_id: &str,
    headline: Headline,
    project: &'static Project,
    now: Timestamp,
) -> Issue {
    let first_seen = Timestamp::from_millis(now.millis() - 7_200_000);
    Issue {
        id: id.to_owned(),
        short_id: short_id.to_owned(),
        headline,
        culprit: "worker.run",
        project,
        count: 1,
        users: 1,
        priority: "high",
        first_seen,
        last_seen: Timestamp::from_millis(now.millis() - 60_000),
        state: IssueState {
            status: "unresolved",
            substatus: Some("new"),
            status_details: json!({}),
            assigned_to: None,
            activity: vec![Activity {
                kind: "first_seen",
                account: None,
                at: first_seen,
                data: json!({}),
            }],
        },
    }
}
