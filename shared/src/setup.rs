//! A setup is an install under way: from an admin's first press to the last page.
//!
//! ```text
//! AtSentry ─▶ Exchanging ─▶ Choosing ─▶ AtSlack ─▶ Exchanging ─┬──────────────▶ Done
//! who installs              which        the app in            └─▶ Adding ────▶ Done
//!                           organization the workspace             one more organization
//! ```
//! It belongs to one browser: its name is the hash of that browser's cookie, and no link leads to
//! it. A state that comes back from Sentry or Slack is used up *before* its code is exchanged. Every
//! write names the version it was decided on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    flow::FlowId,
    identity::{Account, Installation, Organization},
    ids::{OrganizationId, TeamId, Tenant},
    installation::Looks,
    secret::Sealed,
};

/// How long an admin may take, from the first press to the last.
pub const LIFE: Duration = Duration::from_mins(30);

/// An install under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Its name: the hash of the browser's cookie.
    pub id: FlowId,
    /// How far it is.
    pub stage: SetupStage,
    /// The organization that was asked for by its slug, where Sentry's list may not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// Who signed in at Sentry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The organizations that this account owns or manages.
    #[serde(default)]
    pub organizations: Vec<Organization>,
    /// When it ends.
    pub expires: Timestamp,
    /// Goes up with every write.
    pub version: u64,
}

/// How far a setup has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SetupStage {
    /// The browser is at Sentry to prove who installs.
    AtSentry {
        /// Hash of the `state` that must come back.
        state: String,
    },
    /// A state came back and was used up.
    Exchanging,
    /// The page asks for which organization.
    Choosing,
    /// The browser is at Slack to approve the app.
    AtSlack {
        /// Hash of the `state` that must come back.
        state: String,
        /// What the workspace will act in.
        organization: Organization,
    },
    /// Slack has approved, but the workspace acts in other organizations: the page asks.
    Adding(Box<Adding>),
    /// Over.
    Done(Outcome),
}

/// An approved install that waits for the person's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adding {
    /// Whose installation it is.
    pub tenant: Tenant,
    /// What Slack granted, sealed for that tenant.
    pub grant: Sealed,
    /// The organization that would be added.
    pub organization: Organization,
    /// What the workspace looks like.
    pub looks: Looks,
    /// Its name.
    pub workspace: String,
    /// The names of the organizations it acts in.
    pub current: Vec<String>,
    /// The installation's epoch then.
    #[serde(default)]
    pub epoch: u64,
}

impl Adding {
    /// Whether the app has stayed where it was: what Slack granted before a removal is worth nothing
    /// after.
    pub fn stands(&self, stored: Option<&Installation>) -> bool {
        stored.is_some_and(|stored| stored.is_active() && stored.epoch == self.epoch)
    }
}

/// What came of it, for the last page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The workspace's name.
    pub workspace: String,
    /// The names of the organizations it acts in.
    pub organizations: Vec<String>,
    /// Whether the app was there before.
    pub again: bool,
    /// The workspace; an org-wide install names none.
    pub team: Option<TeamId>,
    /// The app, `A…`.
    pub app: String,
}

impl Setup {
    /// A fresh one, of the browser with this cookie.
    pub fn begin(cookie: &str, stage: SetupStage, wanted: Option<String>, now: Timestamp) -> Self {
        Self {
            id: FlowId::of_nonce(cookie),
            stage,
            wanted,
            account: None,
            organizations: Vec::new(),
            expires: now.plus(LIFE),
            version: 0,
        }
    }

    /// Whether it can still be finished at `now`; what is done can still be looked at.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires
    }

    /// The setup at its next stage. Once it is over, the admin is forgotten.
    #[must_use]
    pub fn at(&self, stage: SetupStage) -> Self {
        let (mut account, mut organizations) = (self.account.clone(), self.organizations.clone());
        if matches!(stage, SetupStage::Done(_)) {
            account = None;
            organizations.clear();
        }
        Self { stage, account, organizations, version: self.version + 1, ..self.clone() }
    }

    /// The setup with the admin proven.
    #[must_use]
    pub fn with_admin(&self, account: Account, organizations: Vec<Organization>) -> Self {
        Self { account: Some(account), organizations, ..self.at(SetupStage::Choosing) }
    }

    /// The organization of this number, if the admin may install for it.
    pub fn organization(&self, id: &OrganizationId) -> Option<&Organization> {
        self.organizations.iter().find(|organization| organization.id == *id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::prompt::tests::an_installation;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn setup() -> Setup {
        let stage = SetupStage::AtSentry { state: "hash".into() };
        Setup::begin("the-cookie", stage, None, NOW)
    }

    #[test]
    fn it_is_the_browsers_by_its_cookie_which_is_not_kept() {
        let setup = setup();

        assert_eq!(setup.id, FlowId::of_nonce("the-cookie"));
        assert_ne!(setup.id, FlowId::of_nonce(setup.id.as_str()));
    }

    #[test]
    fn it_is_open_for_half_an_hour() {
        assert!(setup().is_open(NOW.plus(LIFE).minus(Duration::from_millis(1))));
        assert!(!setup().is_open(NOW.plus(LIFE)));
    }

    #[test]
    fn an_approval_stands_until_the_app_is_removed_whoever_installs_it_again() {
        // As it was written before there were epochs in it.
        let adding: Adding = serde_json::from_value(json!({
            "tenant": "T0ACME0001", "grant": "s1.x.grant", "looks": {}, "workspace": "Acme",
            "organization": {"id": "2", "slug": "o2", "name": "O 2"}, "current": ["O 1"],
        }))
        .unwrap();
        let installation = an_installation();
        let removed = installation.removed(NOW);
        let again = Installation { status: installation.status, ..removed.clone() };

        assert!(adding.stands(Some(&installation)));
        assert!(!adding.stands(Some(&removed)));
        assert!(!adding.stands(Some(&again)));
        assert!(!adding.stands(None));
    }

    #[test]
    fn an_admin_chooses_among_their_own_organizations() {
        let acme: Organization =
            serde_json::from_value(json!({"id": "1", "slug": "acme", "name": "Acme"})).unwrap();
        let alice: Account =
            serde_json::from_value(json!({"id": "101", "name": "Alice", "email": ""})).unwrap();

        let setup = setup().with_admin(alice, vec![acme.clone()]);

        assert_eq!((setup.version, &setup.stage), (1, &SetupStage::Choosing));
        assert_eq!(setup.organization(&acme.id), Some(&acme));
        assert_eq!(setup.organization(&OrganizationId::parse("2").unwrap()), None);
        let outcome = Outcome {
            workspace: "Acme".into(),
            organizations: vec!["Acme".into()],
            again: false,
            team: None,
            app: String::new(),
        };
        let done = setup.at(SetupStage::Done(outcome));
        assert_eq!((done.account, done.organizations), (None, vec![]));
    }
}
