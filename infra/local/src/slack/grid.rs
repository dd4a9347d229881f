//! Enterprise Grid: the workspace as part of an organization, and an app that is installed in all of
//! it. Its token is the organization's, and payloads say so (Slack:
//! docs.slack.dev/enterprise/organization-ready-apps).

use serde_json::{Value, json};

use super::{
    Slack,
    installs::Reach,
    message::insert,
    state::State,
    workspace::{ENTERPRISE_NAME, Person, SIBLING_TEAM, TEAM, TEAM_DOMAIN, TEAM_NAME},
};

impl Slack {
    /// Makes the workspace part of this organization, or of none. From then on the app can be
    /// installed in the whole organization, and payloads name it.
    pub fn set_enterprise(&self, id: Option<&str>) {
        self.state().enterprise = id.map(str::to_owned);
    }
}

impl State {
    /// The installation that clicks, commands and events belong to: the organization's, if there is
    /// one.
    pub(super) fn reach(&self) -> Option<Reach> {
        let organization = self.enterprise.as_ref().map(|_| Reach::Organization);
        let mut reaches = organization.into_iter().chain([Reach::Workspace]);
        reaches.find(|reach| self.installs.scopes(*reach).is_some())
    }

    /// Whether that installation has this scope.
    pub(super) fn may(&self, scope: &str) -> bool {
        let granted = self.reach().and_then(|reach| self.installs.scopes(reach));
        granted.is_some_and(|scopes| scopes.contains(scope))
    }

    pub(super) fn is_org_wide(&self) -> bool {
        self.reach() == Some(Reach::Organization)
    }

    /// The id of what the app is installed in.
    pub(super) fn id_of(&self, reach: Reach) -> &str {
        match reach {
            Reach::Workspace => TEAM,
            Reach::Organization => self.enterprise.as_deref().unwrap_or_default(),
        }
    }

    /// `team` of a payload: on Enterprise Grid it names the organization, too.
    pub(super) fn workspace_json(&self) -> Value {
        let mut team = json!({"id": TEAM, "domain": TEAM_DOMAIN});
        if let Some(id) = &self.enterprise {
            insert(&mut team, "enterprise_id", json!(id));
            insert(&mut team, "enterprise_name", json!(ENTERPRISE_NAME));
        }
        team
    }

    /// `team` of a payload about a view: an app of the whole organization is not told
    /// (github.com/slackapi/bolt-python/pull/23).
    pub(super) fn team_of_view(&self) -> Value {
        if self.is_org_wide() { Value::Null } else { self.workspace_json() }
    }

    /// `team` of an installation; an org-wide one has none.
    pub(super) fn team_json(reach: Reach) -> Value {
        match reach {
            Reach::Workspace => json!({"id": TEAM, "name": TEAM_NAME}),
            Reach::Organization => Value::Null,
        }
    }

    pub(super) fn enterprise_json(&self) -> Value {
        let of = |id: &String| json!({"id": id, "name": ENTERPRISE_NAME});
        self.enterprise.as_ref().map_or(Value::Null, of)
    }

    /// Whether somebody is at home in this workspace or organization. On Enterprise Grid a person
    /// of the organization, or of another of its workspaces, is one of the workspace, too.
    pub(super) fn belongs(&self, person: &Person, id: &str) -> bool {
        let of_grid =
            |id: &str| [TEAM, SIBLING_TEAM].contains(&id) || Some(id) == self.enterprise.as_deref();
        person.team_id == id
            || (self.enterprise.is_some() && of_grid(&person.team_id) && of_grid(id))
    }
}
