//! What is kept about a workspace, as a person is shown it.

use std::fmt;

use shared::{
    identity::Installation,
    ids::Tenant,
    slack::message::plain,
    store::{ChangeInstallation, StoreError, TendInstallations},
};

use super::steps::PAGE;
use crate::calendar::iso8601;

/// No name is shown longer.
const MAX_NAME: usize = 80;

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    tenant: Tenant,
    installation: Option<Installation>,
    /// How many people are linked.
    pub(super) people: usize,
}

impl Kept {
    pub(super) async fn of(
        store: &(impl ChangeInstallation + TendInstallations),
        tenant: &Tenant,
    ) -> Result<Self, StoreError> {
        let installation = store.installation(tenant).await?;
        let (mut people, mut after) = (0, None);
        loop {
            let page = store.members(tenant, after.as_ref(), PAGE).await?;
            people += page.len();
            after = page.last().map(|member| member.account.clone());
            if after.is_none() {
                return Ok(Self { tenant: tenant.clone(), installation, people });
            }
        }
    }

    /// Whether there is nothing to remove, or nothing any more.
    pub(super) fn is_nothing(&self) -> bool {
        self.people == 0 && self.installation.as_ref().is_none_or(Installation::is_forgotten)
    }

    /// The installation, while the app is in the workspace.
    pub(super) fn active(&self) -> Option<&Installation> {
        self.installation.as_ref().filter(|installation| installation.is_active())
    }

    pub(super) fn is_active(&self) -> bool {
        self.active().is_some()
    }

    /// What the workspace is called; its id if that is not known any more.
    pub(super) fn name(&self) -> String {
        let name =
            self.installation.as_ref().map(|installation| plain(&installation.name, MAX_NAME));
        name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| self.tenant.to_string())
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name(), self.tenant)?;
        if let Some(installation) = &self.installation {
            let state = if installation.is_active() { "" } else { ", removed in Slack" };
            let at = iso8601(installation.installed_at);
            writeln!(f, "  installed      {at} by {}{state}", installation.installer)?;
            let names: Vec<_> =
                installation.organizations.iter().map(|o| plain(&o.name, MAX_NAME)).collect();
            writeln!(f, "  organizations  {}", names.join(", "))?;
        }
        writeln!(f, "  people linked  {}", self.people)
    }
}
