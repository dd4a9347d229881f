//! Installations and the people linked in them.

use super::{MemoryStore, slack_key};
use crate::{
    audit::Row,
    clock::Timestamp,
    identity::{Installation, Person, Tokens},
    ids::{AccountId, SlackUserId, Tenant},
    store::{ChangeInstallation, Member, RemoveMembers, StoreError, TendInstallations, Written},
};

impl ChangeInstallation for MemoryStore {
    async fn installation(&self, tenant: &Tenant) -> Result<Option<Installation>, StoreError> {
        Ok(self.lock().installations.get(tenant).cloned())
    }

    async fn change_installation(
        &self,
        next: &Installation,
        row: Option<&Row>,
    ) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let seen = next.version.saturating_sub(1);
        let current = match rows.installations.get(&next.tenant) {
            Some(stored) => stored.version == seen,
            None => seen == 0,
        };
        if !current {
            return Ok(Written::Outdated);
        }
        rows.installations.insert(next.tenant.clone(), next.clone());
        rows.note(row);
        Ok(Written::Yes)
    }
}

impl TendInstallations for MemoryStore {
    async fn due_installations(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Tenant>, StoreError> {
        let rows = self.lock();
        let mut due: Vec<(Timestamp, &Tenant)> = rows
            .installations
            .values()
            .filter_map(|found| Some((found.next_at?, &found.tenant)))
            .filter(|(next_at, _)| *next_at < before)
            .collect();
        due.sort();
        Ok(due.into_iter().take(limit).map(|(_, tenant)| tenant.clone()).collect())
    }

    async fn members(
        &self,
        tenant: &Tenant,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let rows = self.lock();
        let theirs = rows.reverse.iter().filter(|((account, home), _)| {
            home == tenant && after.is_none_or(|after| account > after)
        });
        theirs
            .take(limit)
            .map(|((account, _), (user, link_id))| {
                let user = SlackUserId::parse(user).map_err(|_| StoreError::Corrupt)?;
                Ok(Member { account: account.clone(), user, link_id: link_id.clone() })
            })
            .collect()
    }

    async fn wipe_tokens(&self, tenant: &Tenant, member: &Member) -> Result<(), StoreError> {
        let mut rows = self.lock();
        if let Some(stored) = rows.identities.get_mut(&slack_key(&person(tenant, member)))
            && stored.link_id == member.link_id
        {
            stored.tokens = Tokens::wiped();
            stored.refresh_lease = Timestamp::from_millis(0);
        }
        Ok(())
    }
}

impl RemoveMembers for MemoryStore {
    async fn remove_member(&self, tenant: &Tenant, member: &Member) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let forward = slack_key(&person(tenant, member));
        let reverse = (member.account.clone(), tenant.clone());
        let is_this = rows.identities.get(&forward).is_none_or(|i| i.link_id == member.link_id)
            && rows.reverse.get(&reverse).is_none_or(|(_, link)| *link == member.link_id);
        if !is_this {
            return Ok(Written::Outdated);
        }
        rows.identities.remove(&forward);
        rows.reverse.remove(&reverse);
        Ok(Written::Yes)
    }
}

fn person(tenant: &Tenant, member: &Member) -> Person {
    Person { tenant: tenant.clone(), user: member.user.clone() }
}
