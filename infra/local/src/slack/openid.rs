//! Sign in with Slack: the consent and the code (Slack:
//! docs.slack.dev/authentication/sign-in-with-slack).
//!
//! `GET /openid/connect/authorize` asks; the answer is a redirect with `code`, or with
//! `error=access_denied`.

use std::time::Duration;

use shared::clock::Timestamp;

use super::{
    call::CallKind,
    redirect::{Redirect, parameter},
    state::State,
    workspace::Person,
};
use crate::random;

/// How long a code can be exchanged.
pub(super) const CODE_LIFE: Duration = Duration::from_mins(10);

const SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// A consent that was given, until it is exchanged.
pub(super) struct Code {
    pub(super) user: String,
    pub(super) redirect_uri: String,
    pub(super) nonce: Option<String>,
    pub(super) scopes: String,
    pub(super) issued: Timestamp,
}

/// What the person did with the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    Allow,
    Cancel,
}

/// A request that may be asked.
pub(super) struct Request {
    redirect: Redirect,
    nonce: Option<String>,
    pub(super) scopes: String,
}

impl State {
    /// Checks an authorization request for the person who is signed in to Slack.
    pub(super) fn ask(&self, person: &Person, query: &str) -> Result<Request, String> {
        let redirect = Redirect::read(&self.settings, query)?;
        if parameter(query, "response_type").as_deref() != Some("code") {
            return Err("invalid_response_type: it must be code".to_owned());
        }
        let scopes = parameter(query, "scope").unwrap_or_default();
        check_scopes(&scopes)?;
        if parameter(query, "team").is_some_and(|team| !self.belongs(person, &team)) {
            return Err("invalid_team: you are not signed in to that workspace".to_owned());
        }
        if person.deleted || person.is_bot {
            return Err("account_inactive".to_owned());
        }
        Ok(Request { redirect, nonce: parameter(query, "nonce"), scopes })
    }

    /// Where the browser goes with the person's answer.
    fn redirect(&mut self, user: &str, request: Request, consent: Consent) -> String {
        if consent == Consent::Cancel {
            return request.redirect.with("error", "access_denied");
        }
        let code = format!("{}.{}", self.mint_serial(), random::secret(32));
        let grant = Code {
            user: user.to_owned(),
            redirect_uri: request.redirect.uri.clone(),
            nonce: request.nonce,
            scopes: request.scopes,
            issued: self.now(),
        };
        self.codes.insert(code.clone(), grant);
        request.redirect.with("code", &code)
    }

    /// Takes the person's answer to a request.
    pub(super) fn authorize(
        &mut self,
        user: &str,
        query: &str,
        consent: Consent,
    ) -> Result<String, String> {
        let outcome = self.answer(user, query, consent);
        let (word, status) = match (&outcome, consent) {
            (Ok(_), Consent::Allow) => ("ok", 303),
            (Ok(_), Consent::Cancel) => ("access_denied", 303),
            (Err(shown), _) => (shown.split(':').next().unwrap_or_default(), 400),
        };
        self.record(CallKind::SignIn, "authorize", (word, status), false);
        outcome
    }

    fn answer(&mut self, user: &str, query: &str, consent: Consent) -> Result<String, String> {
        let person = self.person(user).ok_or("not_authed: sign in to Slack first")?.clone();
        let request = self.ask(&person, query)?;
        Ok(self.redirect(&person.id, request, consent))
    }
}

/// `openid` must be among them, and nothing of the Web API.
fn check_scopes(scopes: &str) -> Result<(), String> {
    let scopes: Vec<_> = scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).collect();
    if !scopes.contains(&"openid") || scopes.iter().any(|scope| !SCOPES.contains(scope)) {
        return Err("invalid_scope: openid, and possibly profile and email".to_owned());
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use url::{Url, form_urlencoded};

    use super::*;
    use crate::slack::{
        samples::{self, REDIRECT_URI},
        workspace::TEAM,
    };

    pub(crate) const ALICE: &str = "U0ALICE001";

    /// A good request, with some parameters changed.
    pub(crate) fn query(changes: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("client_id", "1.2"),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "the state"),
            ("nonce", "the nonce"),
            ("team", TEAM),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            parameters.push((name, value));
        }
        form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
    }

    fn parameter(location: &str, name: &str) -> Option<String> {
        let url = Url::parse(location).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    #[test]
    fn allowing_leads_back_with_a_code_and_the_state() {
        let (mut state, _) = samples::state();

        let location = state.authorize(ALICE, &query(&[]), Consent::Allow).unwrap();

        assert!(location.starts_with(REDIRECT_URI), "{location}");
        assert_eq!(parameter(&location, "state").as_deref(), Some("the state"));
        assert!(parameter(&location, "code").is_some_and(|code| code.len() > 40));
    }

    #[test]
    fn cancelling_leads_back_without_a_code() {
        let (mut state, _) = samples::state();

        let location = state.authorize(ALICE, &query(&[]), Consent::Cancel).unwrap();

        assert_eq!(parameter(&location, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&location, "code"), None);
        assert!(state.codes.is_empty());
    }

    #[test]
    fn a_wrong_request_is_shown_and_goes_nowhere() {
        let (mut state, _) = samples::state();
        let wrong = [
            ("client_id", "3.4", "invalid_client_id"),
            ("redirect_uri", "http://belay.test/sign-in/slack/", "bad_redirect_uri"),
            ("redirect_uri", "http://evil.test/", "bad_redirect_uri"),
            ("response_type", "token", "invalid_response_type"),
            ("scope", "profile email", "invalid_scope"),
            ("scope", "openid chat:write", "invalid_scope"),
            ("team", "T0UMBRELLA", "invalid_team"),
        ];
        for (name, value, error) in wrong {
            let shown = state.authorize(ALICE, &query(&[(name, value)]), Consent::Allow);
            assert!(shown.clone().unwrap_err().starts_with(error), "{name}={value}: {shown:?}");
        }
    }

    #[test]
    fn nobody_and_the_bot_cannot_sign_in() {
        let (mut state, _) = samples::state();

        assert!(state.authorize("U0NOBODY01", &query(&[]), Consent::Allow).is_err());
        assert!(state.authorize("U0BELAYBOT", &query(&[]), Consent::Allow).is_err());
    }
}
