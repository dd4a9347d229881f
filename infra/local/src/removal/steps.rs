//! The steps of a removal in the table. Each can be taken again.

use shared::{
    audit::Row,
    clock::Clock,
    identity::Installation,
    ids::{AccountId, Tenant},
    store::{ChangeInstallation, RemoveMembers, StoreError, TendInstallations, Written},
};

use super::RemovalError;

/// So many people are read and removed at a time.
pub(super) const PAGE: usize = 50;

/// How often a change is tried that collides with somebody else's.
const TRIES: usize = 5;

/// Who did it, in the audit.
const WHO: &str = "operator";

pub(super) struct Steps<'a, S, C> {
    pub(super) tenant: &'a Tenant,
    pub(super) store: &'a S,
    pub(super) clock: &'a C,
}

/// What became of a page of people.
pub(super) struct Page {
    /// How many were removed.
    pub(super) removed: usize,
    /// The last of them.
    pub(super) last: AccountId,
}

impl<S, C> Steps<'_, S, C>
where
    S: ChangeInstallation + TendInstallations + RemoveMembers,
    C: Clock,
{
    /// From here on nobody can link, and no click is admitted.
    pub(super) async fn disable(&self) -> Result<(), RemovalError> {
        let now = self.clock.now();
        self.change(None, |stored| Ok(stored.is_active().then(|| stored.removed(now)))).await
    }

    /// Removes the people behind `after`, a page of them; `None` if there is nobody.
    pub(super) async fn remove_page(
        &self,
        after: Option<&AccountId>,
    ) -> Result<Option<Page>, StoreError> {
        let members = self.store.members(self.tenant, after, PAGE).await?;
        let Some(last) = members.last().map(|member| member.account.clone()) else {
            return Ok(None);
        };
        let mut removed = 0;
        for member in &members {
            let done = self.store.remove_member(self.tenant, member).await?;
            removed += usize::from(done == Written::Yes);
        }
        Ok(Some(Page { removed, last }))
    }

    /// Leaves a tombstone. An installation that was made meanwhile is not touched.
    pub(super) async fn forget(&self) -> Result<(), RemovalError> {
        let now = self.clock.now();
        self.change(Some("remove"), |stored| match stored {
            stored if stored.is_active() => Err(RemovalError::InstalledAgain),
            stored => Ok((!stored.is_forgotten()).then(|| stored.forgotten(now))),
        })
        .await
    }

    /// Replaces the installation by what is decided on it, again if somebody else was faster.
    async fn change(
        &self,
        what: Option<&str>,
        decide: impl Fn(&Installation) -> Result<Option<Installation>, RemovalError>,
    ) -> Result<(), RemovalError> {
        for _ in 0..TRIES {
            let Some(stored) = self.store.installation(self.tenant).await? else { return Ok(()) };
            let Some(next) = decide(&stored)? else { return Ok(()) };
            let now = self.clock.now();
            let row = what.map(|what| Row::of_installation(&next, Some(WHO), what, None, now));
            if self.store.change_installation(&next, row.as_ref()).await? == Written::Yes {
                return Ok(());
            }
        }
        Err(RemovalError::Busy)
    }
}
