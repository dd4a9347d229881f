//! How a deployment is: a few words for everybody, the details for who holds its key.
//!
//! ```text
//! GET /health                                      {status, version, time, url, checks{…}}
//! Authorization: Bearer v1.<kid>.<claims>.<mac>    the same with details: whoever has MASTER_KEY signs
//!                                                  {x: end} for the purpose `health` (signing::link)
//! ```
//! Sentry is asked by `perform` alone, at its minutely tick, which writes down what it found.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    identity::{Installation, InstallationStatus},
    ids::Tenant,
    signing::link::Expires,
    slack::grant,
};

/// How long a proof for the details is good.
pub const PROOF_LIFE: Duration = Duration::from_mins(2);

/// How often Sentry is looked at.
pub const LOOK_EVERY: Duration = Duration::from_mins(5);

/// A look that is older says nothing about today: the schedule stands still.
pub const LATE: Duration = Duration::from_mins(15);

/// What a proof says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthClaims {
    /// When it ends.
    #[serde(rename = "x")]
    pub expires: Timestamp,
}

impl Expires for HealthClaims {
    fn expires(&self) -> Timestamp {
        self.expires
    }
}

/// What was found at Sentry, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentryLook {
    /// When it was looked at.
    pub at: Timestamp,
    /// Whether it answered.
    pub reachable: bool,
    /// Its version, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// As it should.
    Ok,
    /// Not as it should.
    Failing,
    /// Nobody knows.
    Unknown,
}

/// What everybody may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` if nothing is failing.
    pub status: Check,
    /// The bundle's version.
    pub version: String,
    /// Its clock, in milliseconds since the epoch.
    pub time: Timestamp,
    /// The origin it believes to be reached at; empty if that is what is wrong.
    pub url: String,
    /// What was looked at.
    pub checks: Checks,
    /// The settings that are missing or not usable, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// For who has proven to hold the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// The settings and secrets that this function can see.
    pub settings: Check,
    /// The table.
    pub table: Check,
    /// The minutely schedule.
    pub schedule: Check,
    /// Sentry, as `perform` found it.
    pub sentry: Check,
}

impl Checks {
    /// Whether any is failing.
    pub fn any_failing(&self) -> bool {
        [self.settings, self.table, self.schedule, self.sentry].contains(&Check::Failing)
    }

    /// What the last look says of Sentry and the schedule.
    #[must_use]
    pub fn with_look(self, look: Option<&SentryLook>, now: Timestamp) -> Self {
        let Some(look) = look else { return self };
        let late = now.since(look.at) > LATE;
        let ok = |good| if good { Check::Ok } else { Check::Failing };
        Self {
            schedule: ok(!late),
            sentry: if late { Check::Unknown } else { ok(look.reachable) },
            ..self
        }
    }
}

/// What the holder of the key may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What `perform` found at Sentry.
    pub sentry: Option<SentryLook>,
    /// The workspaces; at most as many as the function asks for.
    pub workspaces: Vec<Workspace>,
    /// How many jobs are overdue: their wake-ups are lost, or nobody works.
    pub overdue: usize,
}

/// How an installation is. Never its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Whose it is.
    pub tenant: Tenant,
    /// Its name.
    pub name: String,
    /// Whether it may be used.
    pub status: InstallationStatus,
    /// The names of the organizations it acts in.
    pub organizations: Vec<String>,
    /// The scopes that it needs and does not have.
    pub missing_scopes: Vec<String>,
    /// When its token ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires: Option<Timestamp>,
    /// What is wrong with it, by Slack's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl From<&Installation> for Workspace {
    fn from(installation: &Installation) -> Self {
        let missing = grant::missing(&installation.scopes);
        let names = installation.organizations.iter().map(|o| o.name.clone());
        Self {
            tenant: installation.tenant.clone(),
            name: installation.name.clone(),
            status: installation.status,
            organizations: names.collect(),
            missing_scopes: missing.iter().map(|scope| scope.name.to_owned()).collect(),
            token_expires: installation.token_expires,
            trouble: installation.trouble.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::grant::BOT_SCOPES;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn checks() -> Checks {
        Checks {
            settings: Check::Ok,
            table: Check::Ok,
            schedule: Check::Unknown,
            sentry: Check::Unknown,
        }
    }

    fn look(ago: Duration, reachable: bool) -> SentryLook {
        SentryLook { at: NOW.minus(ago), reachable, version: None }
    }

    #[test]
    fn a_fresh_look_says_how_sentry_is_and_that_the_schedule_runs() {
        let found = checks().with_look(Some(&look(Duration::from_mins(1), false)), NOW);

        assert_eq!((found.schedule, found.sentry), (Check::Ok, Check::Failing));
        assert!(found.any_failing());
    }

    #[test]
    fn an_old_look_says_that_the_schedule_stands_still_and_nothing_of_sentry() {
        let found = checks().with_look(Some(&look(Duration::from_mins(16), true)), NOW);

        assert_eq!((found.schedule, found.sentry), (Check::Failing, Check::Unknown));
    }

    #[test]
    fn before_the_first_look_nothing_is_failing() {
        assert!(!checks().with_look(None, NOW).any_failing());
    }

    #[test]
    fn a_workspace_names_what_it_lacks() {
        let workspace = Workspace::from(&crate::prompt::tests::an_installation());

        let needed = BOT_SCOPES.iter().map(|scope| scope.name);
        let lacking: Vec<_> = needed.filter(|name| *name != "chat:write").collect();
        assert_eq!(workspace.missing_scopes, lacking);
    }
}
