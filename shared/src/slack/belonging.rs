//! Whether somebody belongs to those who installed the app, as far as Slack says.
//!
//! A request names the person's own workspace (`user.team_id`, `user_team`). Of a member of several
//! workspaces of an Enterprise Grid it names the same one in whichever they are
//! (github.com/slackapi/bolt-js/issues/1875), and at times the organization. So a foreign name makes a
//! guest only where there is no Grid; where there is one, `users.info` tells.

use serde_json::Value;

use crate::ids::Tenant;

/// Whether somebody belongs to the workspace or organization that has the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belonging {
    /// They do.
    Member,
    /// The request does not say: `users.info` does.
    Unsaid,
    /// They are a guest from another organization.
    Guest,
}

impl Belonging {
    /// What a request says: `own` is the person's own workspace or organization, `here` the workspace
    /// it comes from, `enterprise` the organization that is part of.
    pub(super) fn of(
        installation: &Tenant,
        own: Option<&str>,
        here: Option<&str>,
        enterprise: Option<&str>,
    ) -> Self {
        let is_org_wide = installation.is_organization();
        match own {
            None => Self::Member,
            Some(own) if own == installation.as_str() || Some(own) == enterprise => Self::Member,
            Some(own) if is_org_wide && Some(own) == here => Self::Member,
            Some(_) if is_org_wide || enterprise.is_some() => Self::Unsaid,
            Some(_) => Self::Guest,
        }
    }
}

/// Whether `users.info` tells of a guest. `is_stranger` alone does not: it is false of guests, too, once
/// they share a channel with the app (docs.slack.dev/reference/objects/user-object). On Enterprise Grid
/// `team_id` may be missing, and `enterprise_user.teams` has all workspaces of the person.
pub(super) fn is_guest(answer: &Value, installation: &Tenant) -> bool {
    let user = answer.get("user").unwrap_or(&Value::Null);
    let text = |path| user.pointer(path).and_then(Value::as_str);
    let teams = user.pointer("/enterprise_user/teams").and_then(Value::as_array);
    let mut homes = [text("/team_id"), text("/enterprise_user/enterprise_id")]
        .into_iter()
        .chain(teams.into_iter().flatten().map(Value::as_str))
        .flatten()
        .peekable();
    if homes.peek().is_none() {
        return user.get("is_stranger") == Some(&Value::Bool(true));
    }
    homes.all(|home| home != installation.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACME: &str = "T0ACME0001";
    const SIBLING: &str = "T0ACME0002";
    const OTHER: &str = "T0OTHER001";
    const GRID: &str = "E0GRID0001";

    fn tenant(id: &str) -> Tenant {
        Tenant::parse(id).unwrap()
    }

    #[test]
    fn in_a_workspace_of_its_own_whoever_is_of_another_is_a_guest() {
        let of = |own| Belonging::of(&tenant(ACME), own, Some(ACME), None);

        assert_eq!([None, Some(ACME)].map(of), [Belonging::Member; 2]);
        assert_eq!(of(Some(OTHER)), Belonging::Guest);
    }

    #[test]
    fn on_a_grid_another_workspace_does_not_say_whose() {
        let of = |own| Belonging::of(&tenant(ACME), own, Some(ACME), Some(GRID));

        assert_eq!([None, Some(ACME), Some(GRID)].map(of), [Belonging::Member; 3]);
        assert_eq!([Some(SIBLING), Some(OTHER)].map(of), [Belonging::Unsaid; 2]);
    }

    #[test]
    fn of_an_app_of_the_whole_grid_whoever_is_at_home_where_it_happens_is_a_member() {
        let of = |own| Belonging::of(&tenant(GRID), own, Some(ACME), Some(GRID));

        assert_eq!([None, Some(ACME), Some(GRID)].map(of), [Belonging::Member; 3]);
        assert_eq!([Some(SIBLING), Some(OTHER)].map(of), [Belonging::Unsaid; 2]);
    }

    #[test]
    fn slack_tells_of_a_guest_by_where_they_are_at_home() {
        let colleague = json!({"team_id": SIBLING, "is_stranger": false,
            "enterprise_user": {"enterprise_id": GRID, "teams": [SIBLING, ACME]}});
        let nameless = json!({"enterprise_user": {"enterprise_id": GRID, "teams": [ACME]}});
        let elsewhere = json!({"team_id": SIBLING,
            "enterprise_user": {"enterprise_id": GRID, "teams": [SIBLING]}});
        let guest = json!({"team_id": OTHER, "is_stranger": false});
        let unseen = json!({"is_stranger": true});

        for (user, in_workspace, on_grid) in [
            (json!({"team_id": ACME}), false, true),
            (colleague, false, false),
            (nameless, false, false),
            (elsewhere, true, false),
            (guest, true, true),
            (unseen, true, true),
            (json!({}), false, false),
        ] {
            let told = json!({ "user": user });
            let guest = [ACME, GRID].map(|id| is_guest(&told, &tenant(id)));
            assert_eq!(guest, [in_workspace, on_grid], "{told}");
        }
    }
}
