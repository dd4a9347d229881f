//! Everything the stand-in remembers, and what may be asked of it.

use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::Settings;
use super::api::Refusal;
use super::caller::Caller;
use super::grants::Grants;
use super::hooks::{Before, Hooks};
use super::issue::Issue;
use super::issues::issues;
use super::mode::{Call, Mode};
use super::people::{Account, Organization, account, organizations};
use super::status_details::RELEASES;
use super::update::{Place, Update};

/// A `PUT` that was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Whose token was used.
    pub account: &'static str,
    /// The issue's number.
    pub issue: String,
    /// What was sent.
    pub body: Value,
}

/// The state behind the lock.
pub(super) struct World {
    pub(super) mode: Mode,
    pub(super) organizations: Vec<Organization>,
    pub(super) issues: Vec<Issue>,
    /// Whether the projects have releases.
    pub(super) has_releases: bool,
    /// How many members every project has besides those with an account.
    pub(super) crowd: usize,
    pub(super) grants: Grants,
    pub(super) hooks: Hooks,
    pub(super) changes: Vec<Change>,
    pub(super) log: Vec<Call>,
}

impl World {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            mode: Mode::Normal,
            organizations: organizations(),
            issues: issues(settings.clock.now()),
            has_releases: true,
            crowd: 0,
            grants: Grants::default(),
            hooks: Hooks::new(settings),
            changes: Vec::new(),
            log: Vec::new(),
        }
    }

    /// The organization, if there is one and it is open to the caller.
    pub(super) fn organization(
        &self,
        id_or_slug: &str,
        caller: &Caller,
    ) -> Result<&Organization, Refusal> {
        let organization =
            self.organizations.iter().find(|o| o.is(id_or_slug)).ok_or(Refusal::NotFound)?;
        let is_open = self.is_open_to(organization, caller);
        is_open.then_some(organization).ok_or(Refusal::Forbidden)
    }

    /// Whether the caller is a member, or an integration that is installed there.
    pub(super) fn is_open_to(&self, organization: &Organization, caller: &Caller) -> bool {
        match caller.account() {
            Some(account) => organization.right_of(account.id).is_member(),
            None => self.hooks.integration(organization.slug).is_some(),
        }
    }

    /// The issue, if it is the organization's.
    pub(super) fn issue(&self, organization: &Organization, id: &str) -> Result<&Issue, Refusal> {
        self.issue_numbered(id)
            .filter(|issue| issue.project.organization == organization.id)
            .ok_or(Refusal::NotFound)
    }

    /// Applies a `PUT`: right, then issue, then body, as Sentry checks them.
    pub(super) fn put(
        &mut self,
        organization: &str,
        issue: &str,
        body: Value,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let organization = self.organization(organization, caller)?;
        let by = caller.person()?;
        if !organization.right_of(by.id).may_write() {
            return Err(Refusal::Forbidden);
        }
        let issue = self.issue(organization, issue)?;
        let update = self.checked(organization, issue, &body).map_err(Refusal::Invalid)?;
        let issue = issue.id.clone();
        self.apply(&issue, update, by, now);
        self.changes.push(Change { account: by.id, issue, body });
        Ok(())
    }

    /// Changes a status as the web UI does: whoever it is, and without a line in [`Self::changes`].
    pub(super) fn change(&mut self, account_id: &str, issue: &str, status: &str, now: Timestamp) {
        let found = self.issue_numbered(issue);
        let Some((issue, by)) = found.zip(account(account_id)) else { return };
        let Some(organization) = issue.organization(&self.organizations) else { return };
        if let Ok(update) = self.checked(organization, issue, &json!({ "status": status })) {
            let issue = issue.id.clone();
            self.apply(&issue, update, by, now);
        }
    }

    fn checked(
        &self,
        organization: &Organization,
        issue: &Issue,
        body: &Value,
    ) -> Result<Update, Value> {
        let releases = if self.has_releases { RELEASES } else { &[] };
        Update::parse(body, &Place { organization, project: issue.project, releases })
    }

    fn apply(&mut self, issue: &str, update: Update, by: &'static Account, now: Timestamp) {
        let Some(found) = self.issue_numbered_mut(issue) else { return };
        let before = Before::of(found);
        found.apply(update, by, now);
        self.tell_of_change(issue, &before, by, now);
    }
}
