//! Who is who: `auth.test`, `team.info`, `users.info`.

use serde_json::{Value, json};

use super::{
    reply::Refusal,
    state::State,
    web_api::Arguments,
    workspace::{BOT, BOT_USER, Person, TEAM, TEAM_DOMAIN, TEAM_NAME},
};

impl State {
    pub(super) fn auth_test(&self) -> Value {
        json!({
            "url": format!("{}/", self.settings.base_url),
            "team": TEAM_NAME,
            "user": "belay",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": false,
        })
    }

    pub(super) fn team_info(&self) -> Value {
        let icon = format!("{}/icon.svg", self.settings.base_url);
        let icon = json!({"image_132": icon, "image_default": true});
        json!({"team": {"id": TEAM, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "icon": icon}})
    }

    pub(super) fn users_info(&self, arguments: &Arguments) -> Result<Value, Refusal> {
        let user = arguments.required("user")?;
        let person = self.person(user).ok_or(Refusal::new("user_not_found"))?;
        Ok(json!({"user": profile(person)}))
    }
}

/// Without the e-mail address: that takes a scope of its own, `users:read.email`.
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
        "is_stranger": person.team_id != TEAM,
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
    fn the_token_knows_its_workspace() {
        let (mut state, _) = samples::state();

        let reply = call(&mut state, "auth.test", &json!({}));

        assert_eq!((&reply["ok"], &reply["team_id"]), (&json!(true), &json!("T0ACME0001")));
    }
}
