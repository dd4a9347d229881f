//! Who is whom: plain records, as they stand in the table.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{AccountId, ChannelId, OrganizationId, SlackUserId, TeamId, Tenant},
    secret::Sealed,
};

/// To whom a sealed value belongs.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The installation, or the person's home.
    pub tenant: &'a Tenant,
    /// The person; `None` for what belongs to the installation.
    pub user: Option<&'a SlackUserId>,
}

/// A person in Slack, keyed by their **own** home: a Slack Connect guest is never mistaken for a
/// local user with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// The person's home: their enterprise for an org-wide install, else their workspace.
    pub tenant: Tenant,
    /// The person there.
    pub user: SlackUserId,
}

impl Person {
    /// The owner of what is sealed for this person.
    pub fn owner(&self) -> Owner<'_> {
        Owner { tenant: &self.tenant, user: Some(&self.user) }
    }
}

/// A Sentry account, as Sentry's token reply names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's number: what identities are keyed by. Nothing is ever decided by an e-mail.
    pub id: AccountId,
    /// Its display name; the e-mail if Sentry gives no name.
    pub name: String,
    /// Its e-mail; may be empty, Sentry's may be null.
    pub email: String,
}

/// A Sentry token pair, sealed for the person it was given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// What acts as the person.
    pub access: Sealed,
    /// What renews it; a server may give none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Sealed>,
    /// When the access token ends.
    pub expires: Timestamp,
}

impl Tokens {
    /// What is left of tokens that were wiped: they open for nobody and cannot be renewed.
    pub fn wiped() -> Self {
        Self { access: Sealed::nothing(), refresh: None, expires: never() }
    }
}

/// The proven fact that a Slack user owns a Sentry account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The Slack side.
    pub person: Person,
    /// The Sentry side.
    pub account: Account,
    /// What acts as the account.
    pub tokens: Tokens,
    /// Names this very link: an old unlink page cannot remove a newer one.
    pub link_id: String,
    /// When it was proven.
    pub linked_at: Timestamp,
    /// Until when one worker is refreshing the tokens; others wait.
    #[serde(default = "never")]
    pub refresh_lease: Timestamp,
}

fn never() -> Timestamp {
    Timestamp::from_millis(0)
}

/// A Sentry organization that an installation acts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// Its name in URLs; can change in Sentry, which is why the id is the key.
    pub slug: String,
    /// Its display name.
    pub name: String,
}

/// Whether an installation may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstallationStatus {
    /// In use.
    Active,
    /// Removed from Slack; kept so that a re-install finds its people again.
    Disabled,
}

/// The app in a workspace, or in a whole enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Whom it belongs to.
    pub tenant: Tenant,
    /// The app's token there, sealed for the installation.
    pub bot_token: Sealed,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The app, `A…`.
    pub app_id: String,
    /// The app's user, `U…`.
    pub bot_user: String,
    /// Who installed it.
    pub installer: String,
    /// The workspace's display name.
    pub name: String,
    /// The workspace's icon, if it has one.
    pub icon: Option<String>,
    /// The workspace's subdomain.
    pub domain: String,
    /// The Sentry organizations it is bound to.
    pub organizations: Vec<Organization>,
    /// Whether it may be used.
    pub status: InstallationStatus,
    /// When it was installed: older uninstall events are ignored.
    pub installed_at: Timestamp,
    /// What renews the bot token, sealed; only with Slack's token rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Sealed>,
    /// When the bot token ends; only with Slack's token rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires: Option<Timestamp>,
    /// Goes up when the app is removed: links made before open nothing after.
    #[serde(default)]
    pub epoch: u64,
    /// When somebody has to look after it, and until when somebody does: plan and lease in one.
    /// `None` when nothing is left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Whether `next_at` is the end of a lease.
    #[serde(default)]
    pub leased: bool,
    /// After a removal: whose tokens, in the order of accounts, are wiped already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wiped_to: Option<AccountId>,
    /// What is wrong with it, by Slack's name, until it is mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Where alerts go whose rule names no channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<ChannelId>,
    /// Goes up with every write; 0 before the first.
    #[serde(default)]
    pub version: u64,
}

/// Which organization an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<'a> {
    /// This one, which the installation is bound to.
    Known(&'a Organization),
    /// One that the installation is not bound to.
    Foreign,
    /// The alert does not say, and there is not exactly one.
    Unsaid,
}

impl Installation {
    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.status == InstallationStatus::Active
    }

    /// Whether it may be used, in the organization of this slug.
    pub fn acts_in(&self, organization: &str) -> bool {
        self.is_active() && self.organizations.iter().any(|known| known.slug == organization)
    }

    /// The owner of what is sealed for this installation.
    pub fn owner(&self) -> Owner<'_> {
        Owner { tenant: &self.tenant, user: None }
    }

    /// Which organization an alert is about: the one it names, else the only one. Never a guess
    /// among several.
    pub fn organization(&self, named: Option<&OrganizationId>) -> About<'_> {
        let mut known = self.organizations.iter();
        match (named, self.organizations.as_slice()) {
            (Some(id), _) => known.find(|o| o.id == *id).map_or(About::Foreign, About::Known),
            (None, [only]) => About::Known(only),
            (None, _) => About::Unsaid,
        }
    }
}

/// Where in Slack somebody stands: enough for the way back (`slack://channel?…`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// The workspace; an org-wide payload may not name one.
    pub team: Option<TeamId>,
    /// Its display name.
    pub name: String,
}
