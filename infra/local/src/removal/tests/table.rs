//! A table with one workspace that can fail half-way.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use shared::{
    audit::Row,
    clock::Timestamp,
    identity::Installation,
    ids::{AccountId, SlackUserId, Tenant},
    store::{
        ChangeInstallation, Member, RemoveMembers, SaveInstallation, StoreError, TendInstallations,
        Written, memory::MemoryStore,
    },
};

use super::acme;

/// A table with Acme in it.
#[derive(Clone)]
pub(super) struct Table {
    installations: MemoryStore,
    people: Arc<Mutex<BTreeMap<AccountId, Member>>>,
    /// So many people can be removed before the table fails.
    pub(super) patience: Arc<AtomicUsize>,
    /// So many changes of the installation come too late.
    pub(super) rivals: Arc<AtomicUsize>,
}

impl Table {
    pub(super) async fn with_people(number: usize) -> Self {
        let installations = MemoryStore::default();
        installations.save_installation(&acme()).await.unwrap();
        let people = (0..number).map(|number| {
            let account = AccountId::parse(&format!("{}", 1_000 + number)).unwrap();
            let user = SlackUserId::parse(&format!("U{number:08}")).unwrap();
            (account.clone(), Member { account, user, link_id: "link".into() })
        });
        Self {
            installations,
            people: Arc::new(Mutex::new(people.collect())),
            patience: Arc::new(AtomicUsize::new(usize::MAX)),
            rivals: Arc::default(),
        }
    }

    pub(super) fn stored(&self) -> Installation {
        self.installations.rows().installations.into_values().next().unwrap()
    }

    pub(super) fn audit(&self) -> Vec<(Option<String>, String)> {
        let rows = self.installations.rows().audit.into_values();
        rows.map(|row| (row.who, row.what)).collect()
    }

    pub(super) fn people(&self) -> usize {
        self.people.lock().unwrap().len()
    }
}

impl ChangeInstallation for Table {
    async fn installation(&self, tenant: &Tenant) -> Result<Option<Installation>, StoreError> {
        self.installations.installation(tenant).await
    }

    async fn change_installation(
        &self,
        next: &Installation,
        row: Option<&Row>,
    ) -> Result<Written, StoreError> {
        let rivals = self.rivals.load(Ordering::Relaxed);
        if rivals > 0 {
            self.rivals.store(rivals - 1, Ordering::Relaxed);
            return Ok(Written::Outdated);
        }
        self.installations.change_installation(next, row).await
    }
}

impl TendInstallations for Table {
    async fn due_installations(&self, _: Timestamp, _: usize) -> Result<Vec<Tenant>, StoreError> {
        unreachable!("a removal looks after no other workspace")
    }

    async fn members(
        &self,
        _: &Tenant,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let people = self.people.lock().unwrap();
        let behind = people.values().filter(|member| after.is_none_or(|a| member.account > *a));
        Ok(behind.take(limit).cloned().collect())
    }

    async fn wipe_tokens(&self, _: &Tenant, _: &Member) -> Result<(), StoreError> {
        unreachable!("whoever is removed has no tokens left to wipe")
    }
}

impl RemoveMembers for Table {
    async fn remove_member(&self, _: &Tenant, member: &Member) -> Result<Written, StoreError> {
        if self.patience.fetch_sub(1, Ordering::Relaxed) == 0 {
            return Err(StoreError::Unavailable);
        }
        self.people.lock().unwrap().remove(&member.account);
        Ok(Written::Yes)
    }
}
