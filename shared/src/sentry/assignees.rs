//! Who can be given an issue: the members of its project's teams, and those teams.
//!
//! ```text
//! GET /api/0/projects/{organization}/{project}/members/   [{"user":{"id":"77","name":…}|null,…}]
//! GET /api/0/projects/{organization}/{project}/teams/     [{"id":"21","slug":"backend",…}]
//! ```
//! Both need `project:read` only, and name just those whom Sentry accepts as assignees. An invited
//! member has no `user` yet and cannot be given anything; the member's own id is of no use.
//! Of teams, the first hundred are read. Source: docs.sentry.io/api/.

use reqwest::Method;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use super::{
    client::{SentryClient, SentryError},
    lenient,
    oauth::UserToken,
};
use crate::{identity::Organization, ids::AccountId};

/// A person on a project. What Sentry leaves out or gives as null is empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// The account, not the membership.
    #[serde(deserialize_with = "number")]
    pub id: AccountId,
    /// The display name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
    /// The primary address.
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: String,
    /// The name to log in with, often the address.
    #[serde(default, deserialize_with = "lenient::text")]
    pub username: String,
}

/// A team with access to a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Team {
    /// Its number.
    #[serde(deserialize_with = "number")]
    pub id: AccountId,
    /// Its name in URLs, which is the one that people know.
    pub slug: String,
    /// Its display name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: String,
}

/// A membership; null for somebody who is invited.
#[derive(Deserialize)]
struct Membership {
    user: Option<Member>,
}

impl SentryClient {
    /// The people on a project, by its slug.
    pub async fn members(
        &self,
        token: &UserToken,
        organization: &Organization,
        project: &str,
    ) -> Result<Vec<Member>, SentryError> {
        let memberships = self.of_project::<Membership>(token, organization, project, "members");
        Ok(memberships.await?.into_iter().filter_map(|membership| membership.user).collect())
    }

    /// The teams with access to a project, by its slug.
    pub async fn teams(
        &self,
        token: &UserToken,
        organization: &Organization,
        project: &str,
    ) -> Result<Vec<Team>, SentryError> {
        self.of_project(token, organization, project, "teams").await
    }

    async fn of_project<T: DeserializeOwned>(
        &self,
        token: &UserToken,
        organization: &Organization,
        project: &str,
        what: &str,
    ) -> Result<Vec<T>, SentryError> {
        let url = self.at(&["api", "0", "projects", &organization.slug, project, what]);
        records(self.send(self.request(Method::GET, url, token)).await?)
    }
}

/// One record that we cannot read does not hide the others.
fn records<T: DeserializeOwned>(json: Value) -> Result<Vec<T>, SentryError> {
    let Value::Array(records) = json else { return Err(SentryError::Unavailable) };
    Ok(records.into_iter().filter_map(|record| serde_json::from_value(record).ok()).collect())
}

/// Ids are text; some servers have written numbers.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountId, D::Error> {
    let text = lenient::text(deserializer)?;
    AccountId::parse(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_account_counts_and_an_invited_member_has_none() {
        let json = json!([
            {"id": "9101", "name": "Alice Archer", "user":
                {"id": "101", "name": "Alice Archer", "email": null, "username": "alice"}},
            {"id": "9105", "email": "eve@acme.example", "user": null, "pending": true},
            {"id": "9102", "user": {"id": 102, "name": null}},
        ]);

        let members: Vec<Membership> = records(json).unwrap();

        let users: Vec<_> = members.into_iter().filter_map(|membership| membership.user).collect();
        let of = |id, name: &str, username: &str| Member {
            id: AccountId::parse(id).unwrap(),
            name: name.into(),
            email: String::new(),
            username: username.into(),
        };
        assert_eq!(users, [of("101", "Alice Archer", "alice"), of("102", "", "")]);
    }

    #[test]
    fn a_record_that_cannot_be_read_hides_no_other() {
        let json = json!([{"id": "../1", "slug": "evil"}, 7, {"id": "21", "slug": "backend"}]);

        let teams: Vec<Team> = records(json).unwrap();

        assert_eq!(teams.iter().map(|team| &*team.slug).collect::<Vec<_>>(), ["backend"]);
        assert_eq!(records::<Team>(json!({})), Err(SentryError::Unavailable));
    }
}
