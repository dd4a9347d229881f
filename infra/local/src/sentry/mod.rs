//! A stand-in for Sentry: a model with state that refuses what the real one refuses.
//!
//! It has accounts, three organizations, issues with their history, an OAuth server (authorize, consent,
//! token) and the part of the API that Belay uses, in the shapes of docs.sentry.io. `GET /` is a page
//! that shows all of it and changes it. All expiry goes by the injected clock.

mod api;
mod assignment;
mod authorization;
mod caller;
mod client_config;
mod consent;
mod consent_pages;
mod controls;
mod grants;
mod hooks;
mod issue;
mod issues;
mod json;
mod layout;
mod mode;
mod page;
mod people;
mod rights;
mod status_details;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod time;
mod token;
mod update;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{Router, middleware};
use shared::clock::{Clock, Timestamp};
use url::Url;

pub use self::hooks::{AlertRule, Channels, Delivery, SelectRequest, SignedHook};
pub use self::issue::{Activity, IssueState};
pub use self::issues::FIRST_ADDED;
pub use self::mode::{Call, Mode};
pub use self::people::{ACCOUNTS, Account};
pub use self::rights::Right;
pub use self::world::Change;

use self::consent::Decision;
use self::issue::Headline;
use self::world::World;

/// What the stand-in is made with.
pub struct Settings {
    /// The time by which codes and tokens expire.
    pub clock: Arc<dyn Clock>,
    /// The registered application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Its redirect URIs, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// The stand-in's own origin, without a trailing slash.
    pub base_url: String,
    /// Belay's internal integrations: the slug of an organization, and the client secret that signs
    /// what is sent from there.
    pub hook_secrets: Vec<(String, String)>,
    /// The integrations' API token, which reads in each of those organizations and writes in none;
    /// empty for no token.
    pub integration_token: String,
}

/// The stand-in. Clones share their state.
#[derive(Clone)]
pub struct Sentry(Arc<Inner>);

struct Inner {
    settings: Settings,
    world: Mutex<World>,
}

impl Sentry {
    /// A Sentry in which nothing has happened yet.
    pub fn new(settings: Settings) -> Self {
        let world = Mutex::new(World::new(&settings));
        Self(Arc::new(Inner { settings, world }))
    }

    /// Its HTTP side.
    pub fn router(&self) -> Router {
        let recorded = Router::new()
            .merge(api::routes())
            .merge(client_config::routes())
            .merge(token::routes())
            .merge(consent::routes())
            .layer(middleware::from_fn_with_state(self.clone(), mode::under_mode));
        let pages =
            Router::new().merge(page::routes()).merge(controls::routes()).merge(hooks::routes());
        recorded.merge(pages).with_state(self.clone())
    }

    /// Opens an authorize URL as that person and approves. Gives the location the browser is sent to
    /// (with a `code`, or with an `error` the client is to hear), or the words of the error page.
    pub fn authorize(&self, account_id: &str, authorize_url: &str) -> Result<String, String> {
        self.decide(account_id, authorize_url, Decision::Approve)
    }

    /// Like [`Self::authorize`], but the person declines.
    pub fn deny(&self, account_id: &str, authorize_url: &str) -> Result<String, String> {
        self.decide(account_id, authorize_url, Decision::Deny)
    }

    /// How an issue stands.
    pub fn issue(&self, id: &str) -> Option<IssueState> {
        self.world().issue_numbered(id).map(|issue| issue.state.clone())
    }

    /// So many issues more in Acme's project: 10001 is `Error 1`, 10002 is `Error 2`…
    pub fn add_issues(&self, count: usize) {
        let now = self.now();
        self.world().add_issues(count, now);
    }

    /// Gives an issue another title: any text, that of a message somebody sent to Sentry. Does nothing
    /// for an issue that does not exist.
    pub fn rename_issue(&self, id: &str, title: &str) {
        if let Some(issue) = self.world().issue_numbered_mut(id) {
            issue.headline = Headline::message(title);
        }
    }

    /// Somebody sets a status (`resolved`, `unresolved`, `ignored`) in the web UI, now. Does nothing
    /// for an account, issue or status that does not exist.
    pub fn change_issue_as(&self, account_id: &str, issue_id: &str, status: &str) {
        let now = self.now();
        self.world().change(account_id, issue_id, status, now);
    }

    /// How the API and the token endpoint behave from now on.
    pub fn set_mode(&self, mode: Mode) {
        self.world().mode = mode;
    }

    /// Whether the projects have releases; without, nothing is resolved in one.
    pub fn set_releases(&self, present: bool) {
        self.world().has_releases = present;
    }

    /// Takes back everything the person has given the application: approval, codes and tokens.
    pub fn revoke_tokens(&self, account_id: &str) {
        self.world().grants.revoke(account_id);
    }

    /// Makes the person a member who may write.
    pub fn add_member(&self, account_id: &str, organization: &str) {
        self.set_right(account_id, organization, Right::Write);
    }

    /// Takes the person out of the organization; their tokens live on.
    pub fn remove_member(&self, account_id: &str, organization: &str) {
        self.set_right(account_id, organization, Right::None);
    }

    /// What the person may do in the organization, given by id or slug. Does nothing for an account or
    /// organization that does not exist.
    pub fn set_right(&self, account_id: &str, organization: &str, right: Right) {
        let mut world = self.world();
        let organization = world.organizations.iter_mut().find(|o| o.is(organization));
        if let Some((organization, account)) = organization.zip(people::account(account_id)) {
            organization.set_right(account, right);
        }
    }

    /// Gives every project this many members more: names and addresses, nobody who logs in.
    pub fn set_crowd(&self, people: usize) {
        self.world().crowd = people;
    }

    /// Every `PUT` that was applied, in order.
    pub fn changes(&self) -> Vec<Change> {
        self.world().changes.clone()
    }

    /// Every request to the API and to the OAuth server, in order of their answers.
    pub fn log(&self) -> Vec<Call> {
        self.world().log.clone()
    }

    /// How often tokens have been refreshed.
    pub fn refreshes(&self) -> usize {
        self.world().grants.refreshes
    }

    fn decide(&self, account: &str, url: &str, decision: Decision) -> Result<String, String> {
        let account = people::account(account).ok_or("there is no such account")?;
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        if url.path() != consent::PATH {
            return Err(format!("{} is not {}", url.path(), consent::PATH));
        }
        consent::decide(self, url.query().unwrap_or_default(), account, decision)
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn base(&self) -> &str {
        self.settings().base_url.trim_end_matches('/')
    }

    fn now(&self) -> Timestamp {
        self.settings().clock.now()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
