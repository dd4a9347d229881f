//! Who is who: `auth.test`, `auth.teams.list`, `team.info`, `users.info`.

use serde_json::{Value, json};

use super::{
    installs::Reach,
    message::insert,
    reply::Refusal,
    state::State,
    web_api::Arguments,
    workspace::{BOT, BOT_USER, ENTERPRISE_NAME, Person, TEAM, TEAM_DOMAIN, TEAM_NAME},
};

impl State {
    /// A token of the whole organization names the organization where another names its workspace.
    pub(super) fn auth_test(&self, reach: Reach) -> Value {
        let mut identity = json!({
            "url": format!("{}/", self.settings.base_url),
            "team": name(reach),
            "user": "belay",
            "team_id": self.id_of(reach),
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": reach == Reach::Organization,
        });
        if let Some(id) = &self.enterprise {
            insert(&mut identity, "enterprise_id", json!(id));
        }
        identity
    }

    /// The workspaces that a token reaches: of a whole organization those it is approved for, which is
    /// this one (Slack: docs.slack.dev/reference/methods/auth.teams.list).
    pub(super) fn auth_teams_list(arguments: &Arguments) -> Result<Value, Refusal> {
        arguments.limit(1_000)?;
        if arguments.text("cursor").is_some() {
            return Err(Refusal::new("invalid_cursor"));
        }
        let teams = json!([{"id": TEAM, "name": TEAM_NAME}]);
        Ok(json!({"teams": teams, "response_metadata": {"next_cursor": ""}}))
    }

    pub(super) fn team_info(&self, reach: Reach, arguments: &Arguments) -> Result<Value, Refusal> {
        let asked = match arguments.text("team") {
            None => reach,
            Some(TEAM) => Reach::Workspace,
            Some(id) if id == self.id_of(reach) => reach,
            Some(_) => return Err(Refusal::new("team_not_found")),
        };
        let icon = format!("{}/icon.svg", self.settings.base_url);
        let mut team = json!({
            "id": self.id_of(asked),
            "name": name(asked),
            "domain": TEAM_DOMAIN,
            "icon": {"image_132": icon, "image_default": true},
        });
        if let Some(id) = &self.enterprise {
            insert(&mut team, "enterprise_id", json!(id));
            insert(&mut team, "enterprise_name", json!(ENTERPRISE_NAME));
        }
        Ok(json!({"team": team}))
    }

    pub(super) fn users_info(&self, arguments: &Arguments) -> Result<Value, Refusal> {
        let user = arguments.required("user")?;
        let person = self.person(user).ok_or(Refusal::new("user_not_found"))?;
        let mut user = profile(person);
        if let Some(id) = self.enterprise.as_ref().filter(|id| self.belongs(person, id)) {
            let teams = json!([TEAM, person.team_id]);
            let of_grid = json!({"id": person.id, "enterprise_id": id, "teams": teams});
            insert(&mut user, "enterprise_user", of_grid);
        }
        Ok(json!({"user": user}))
    }
}

/// What an installation's home is called.
fn name(reach: Reach) -> &'static str {
    match reach {
        Reach::Workspace => TEAM_NAME,
        Reach::Organization => ENTERPRISE_NAME,
    }
}

/// Without the e-mail address: that takes a scope of its own, `users:read.email`. Nobody is a stranger who
/// shares a channel with the app, guest or not.
fn profile(person: &Person) -> Value {
    json!({
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": false,
        "is_stranger": false,
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{
        samples,
        web_api::tests::{call, headers},
    };

    fn users_info(state: &mut State, user: &str) -> Value {
        let form = format!("user={user}");
        let headers = headers(samples::BOT_TOKEN, "application/x-www-form-urlencoded");
        state.web_api("users.info", "", &headers, form.as_bytes()).json()
    }

    #[test]
    fn a_person_has_two_names_and_no_address() {
        let (mut state, _) = samples::state();

        let user = &users_info(&mut state, "U0BOB00001")["user"];

        assert_eq!(user["profile"]["display_name"], "bob");
        assert_eq!(user["profile"]["real_name"], "Bob Baker");
        assert!(user["profile"].get("email").is_none());
    }

    #[test]
    fn nobody_is_not_found() {
        let (mut state, _) = samples::state();

        let reply = users_info(&mut state, "U0NOBODY01");

        assert_eq!(reply["error"], "user_not_found");
    }

    #[test]
    fn the_token_lists_where_it_reaches() {
        let (mut state, _) = samples::state();
        let headers = headers(samples::BOT_TOKEN, "application/x-www-form-urlencoded");
        let mut list =
            |form: &str| state.web_api("auth.teams.list", "", &headers, form.as_bytes()).json();

        let listed = list("limit=20");
        assert_eq!(listed["teams"], json!([{"id": "T0ACME0001", "name": "Acme"}]));
        assert_eq!(list("limit=0")["error"], "invalid_limit");
        assert_eq!(list("limit=1001")["error"], "invalid_limit");
        assert_eq!(list("cursor=x")["error"], "invalid_cursor");
    }

    #[test]
    fn the_token_knows_its_workspace() {
        let (mut state, _) = samples::state();

        let reply = call(&mut state, "auth.test", &json!({}));

        assert_eq!((&reply["ok"], &reply["team_id"]), (&json!(true), &json!("T0ACME0001")));
    }
}
