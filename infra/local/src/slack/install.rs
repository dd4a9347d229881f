//! Adding the app: the consent and the code (Slack:
//! docs.slack.dev/authentication/installing-with-oauth).
//!
//! `GET /oauth/v2/authorize?client_id&scope=a,b&user_scope=&state&redirect_uri&team` asks; the answer
//! is a redirect with `code`, or with `error=access_denied`. The app is in the workspace once the
//! code is exchanged, not before. The stand-in lets a person withhold any scope, where Slack has an
//! app say which are optional; and it gives no user tokens.

use shared::clock::Timestamp;

use super::{
    Slack,
    call::CallKind,
    installs::Reach,
    redirect::{self, Redirect, parameter},
    scopes::{self, Scopes},
    state::State,
    workspace::{Person, TEAM},
};
use crate::random;

/// What somebody allows an app that wants to be installed. The default is all of it, for the
/// workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// The scopes that are not given.
    pub withheld: Vec<String>,
    /// For the whole organization (Enterprise Grid), not for the workspace alone.
    pub org_wide: bool,
}

/// A consent that was given, until it is exchanged.
pub(super) struct InstallCode {
    pub(super) user: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Scopes,
    pub(super) reach: Reach,
    pub(super) issued: Timestamp,
}

/// A request that may be asked.
#[derive(Debug)]
pub(super) struct Request {
    redirect: Redirect,
    pub(super) scopes: Scopes,
}

impl Slack {
    /// What the consent page does when `user` allows it: the redirect, or the error that is shown.
    pub fn install(&self, user: &str, authorize_url: &str, grant: Grant) -> Result<String, String> {
        self.state().install(user, redirect::query(authorize_url), Some(grant))
    }

    /// What the consent page does when `user` does not.
    pub fn cancel_install(&self, user: &str, authorize_url: &str) -> Result<String, String> {
        self.state().install(user, redirect::query(authorize_url), None)
    }
}

impl State {
    /// Checks a request to install the app, for the person who is signed in to Slack.
    pub(super) fn ask_install(&self, person: &Person, query: &str) -> Result<Request, String> {
        let redirect = Redirect::read(&self.settings, query)?;
        let scopes = scopes::requested(&parameter(query, "scope").unwrap_or_default())?;
        if let Some(scope) =
            scopes::split(&parameter(query, "user_scope").unwrap_or_default()).next()
        {
            return Err(format!("invalid_scope: {scope}: the stand-in gives no user tokens"));
        }
        let team = parameter(query, "team").filter(|team| !team.is_empty());
        if !self.belongs(person, team.as_deref().unwrap_or(TEAM)) {
            return Err("invalid_team: you are not signed in to that workspace".to_owned());
        }
        if person.deleted || person.is_bot {
            return Err("account_inactive".to_owned());
        }
        if person.is_restricted {
            return Err("restricted_action: guests cannot add apps".to_owned());
        }
        Ok(Request { redirect, scopes })
    }

    /// Takes the person's answer: a grant, or none.
    pub(super) fn install(
        &mut self,
        user: &str,
        query: &str,
        grant: Option<Grant>,
    ) -> Result<String, String> {
        let cancelled = grant.is_none();
        let outcome = self.answer_install(user, query, grant);
        let (word, status) = match &outcome {
            Ok(_) if cancelled => ("access_denied", 303),
            Ok(_) => ("ok", 303),
            Err(shown) => (shown.split(':').next().unwrap_or_default(), 400),
        };
        self.record(CallKind::Install, "authorize", (word, status), false);
        outcome
    }

    fn answer_install(
        &mut self,
        user: &str,
        query: &str,
        grant: Option<Grant>,
    ) -> Result<String, String> {
        let person = self.person(user).ok_or("not_authed: sign in to Slack first")?.clone();
        let Request { redirect, mut scopes } = self.ask_install(&person, query)?;
        let Some(grant) = grant else { return Ok(redirect.with("error", "access_denied")) };
        scopes.retain(|scope| !grant.withheld.contains(scope));
        if scopes.is_empty() {
            return Err("no_bot_scopes_requested: all of them were withheld".to_owned());
        }
        let reach = if grant.org_wide { Reach::Organization } else { Reach::Workspace };
        if grant.org_wide && self.enterprise.is_none() {
            return Err("not_an_enterprise: the workspace is in no organization".to_owned());
        }
        let code = format!("{}.{}.{}", self.mint_serial(), self.mint_serial(), random::secret(32));
        let consent = InstallCode {
            user: person.id,
            redirect_uri: redirect.uri.clone(),
            scopes,
            reach,
            issued: self.now(),
        };
        self.install_codes.insert(code.clone(), consent);
        Ok(redirect.with("code", &code))
    }
}
