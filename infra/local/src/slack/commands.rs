//! Slash commands: a form of plain fields (Slack:
//! docs.slack.dev/interactivity/implementing-slash-commands).

use url::form_urlencoded;

use super::{
    answer::Place,
    clicks::{LEGACY_TOKEN, NotShown},
    hooks::Family,
    state::State,
    workspace::{APP, ENTERPRISE_NAME, TEAM, TEAM_DOMAIN, direct_channel},
};

impl State {
    /// `/sentry link`, typed in a channel or to the app: the form's body.
    pub(super) fn command(
        &mut self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> Result<Vec<u8>, NotShown> {
        let name = self.person(user).ok_or(NotShown)?.name.clone();
        if !self.is_member(user, channel) && channel != direct_channel(user) {
            return Err(NotShown);
        }
        let channel_name = self.channel_name(channel).to_owned();
        let response_url = self.mint_response_url(Family::Commands, Place::typing(user, channel));
        let trigger = self.mint_trigger(user);
        let org_wide = if self.is_org_wide() { "true" } else { "false" };
        let mut fields = vec![
            ("token", LEGACY_TOKEN),
            ("team_id", TEAM),
            ("team_domain", TEAM_DOMAIN),
            ("channel_id", channel),
            ("channel_name", &channel_name),
            ("user_id", user),
            ("user_name", &name),
            ("command", command),
            ("text", text),
            ("api_app_id", APP),
            ("is_enterprise_install", org_wide),
            ("response_url", &response_url),
            ("trigger_id", &trigger),
        ];
        if let Some(id) = &self.enterprise {
            fields.extend([("enterprise_id", id.as_str()), ("enterprise_name", ENTERPRISE_NAME)]);
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Ok(form.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::slack::{CHANNEL, samples};

    #[test]
    fn a_command_is_answered_through_its_own_response_url() {
        let (mut state, _) = samples::state();
        let body = state.command("U0ALICE001", CHANNEL, "/sentry", "link").unwrap();
        let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let url = &fields.iter().find(|(name, _)| name == "response_url").unwrap().1;
        let path = url.strip_prefix("http://slack.test").unwrap();

        let reply = state.respond(path, "application/json", br#"{"text":"Hi"}"#);

        assert!(path.starts_with("/commands/T0ACME0001/"));
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(state.messages[0].only_for.as_deref(), Some("U0ALICE001"));
    }

    #[test]
    fn a_command_may_be_typed_to_the_app_and_nowhere_else() {
        let (mut state, _) = samples::state();

        let body = state.command("U0ALICE001", "D0ALICE001", "/sentry", "link").unwrap();

        let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        assert!(fields.contains(&("channel_name".to_owned(), "directmessage".to_owned())));
        assert!(state.command("U0ALICE001", "D0BOB00001", "/sentry", "link").is_err());
    }
}
