//! The audit: who did what to which issue, what came of it, and when. Never a token, a URL or a name.
//!
//! ```text
//! a finished job                            is its own row (it keeps no click and no response_url)
//! link, unlink, install, add, uninstall     a row each, written with the change or not at all
//! ```
//! Rows are kept for a configured time (`AUDIT_DAYS`) and read by workspace, the newest last.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    identity::{Identity, Installation},
    ids::{AccountId, IssueId, OrganizationId, Tenant},
    job::{Job, Outcome},
    signing::sha256_hex,
};

/// How long rows are kept unless it is configured otherwise.
pub const KEPT: Duration = Duration::from_hours(90 * 24);

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// In whose installation.
    pub tenant: Tenant,
    /// Who, by Slack's id; nobody where Slack itself told us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// As which Sentry account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What was done or wanted: `link`, `resolved:inNextRelease`, `user:101`.
    pub what: String,
    /// About which organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// About which issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueId>,
    /// What came of it: `DONE`, `NO_RIGHT`, …
    pub result: String,
}

impl Row {
    /// A link was made.
    pub fn linked(identity: &Identity, now: Timestamp) -> Self {
        Self::of_identity(identity, "link", now)
    }

    /// A link was removed.
    pub fn unlinked(identity: &Identity, now: Timestamp) -> Self {
        Self::of_identity(identity, "unlink", now)
    }

    /// Something became of an installation, by the person `who` if it was one.
    pub fn of_installation(
        installation: &Installation,
        who: Option<&str>,
        what: &str,
        organization: Option<&OrganizationId>,
        now: Timestamp,
    ) -> Self {
        Self {
            at: now,
            tenant: installation.tenant.clone(),
            who: who.map(str::to_owned),
            account: None,
            what: what.to_owned(),
            organization: organization.cloned(),
            issue: None,
            result: done(),
        }
    }

    /// A click that is over; `None` while it is not.
    pub fn of_job(job: &Job) -> Option<Self> {
        Some(Self {
            at: job.admitted_at,
            tenant: job.person.tenant.clone(),
            who: Some(job.person.user.to_string()),
            account: job.account.clone(),
            what: job.change.value(),
            organization: job.organization.clone(),
            issue: Some(job.issue.clone()),
            result: word(job.outcome?),
        })
    }

    /// Names the row: the same event twice is the same row.
    pub fn key(&self) -> String {
        let parts = [
            self.tenant.as_str(),
            self.who.as_deref().unwrap_or_default(),
            self.account.as_ref().map_or("", |account| account.as_str()),
            &self.what,
            &self.at.millis().to_string(),
        ];
        sha256_hex(parts.join("\0"))
    }

    fn of_identity(identity: &Identity, what: &str, now: Timestamp) -> Self {
        Self {
            at: now,
            tenant: identity.person.tenant.clone(),
            who: Some(identity.person.user.to_string()),
            account: Some(identity.account.id.clone()),
            what: what.to_owned(),
            organization: None,
            issue: None,
            result: done(),
        }
    }
}

fn done() -> String {
    word(Outcome::Done)
}

/// The outcome as the table spells it.
fn word(outcome: Outcome) -> String {
    match serde_json::to_value(outcome) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{job::tests::a_click, secret::Sealed};

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn a_job() -> Job {
        let click = a_click();
        Job::admit(click.key(), &click, Sealed::from_text("s1.x.y"), NOW)
    }

    #[test]
    fn a_click_is_a_row_once_it_is_over() {
        let job = a_job();

        let row = Row::of_job(&job.finish(Outcome::NoRight)).unwrap();

        assert_eq!(Row::of_job(&job), None);
        assert_eq!(row.who.as_deref(), Some("U0ALICE001"));
        assert_eq!((row.what.as_str(), row.result.as_str()), ("resolved", "NO_RIGHT"));
        assert_eq!(row.issue, Some(job.issue));
        assert_eq!(row.organization.map(|id| id.to_string()).as_deref(), Some("1"));
    }

    #[test]
    fn the_same_event_is_the_same_row_and_another_is_another() {
        let row = Row::of_job(&a_job().finish(Outcome::Done)).unwrap();
        let later = Row { at: NOW.plus(Duration::from_millis(1)), ..row.clone() };

        assert_eq!(row.key(), row.clone().key());
        assert_ne!(row.key(), later.key());
    }
}
