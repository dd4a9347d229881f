//! Setups, the events that were heard, how Sentry was found, and the audit.

use super::{MemoryStore, Rows};
use crate::{
    audit::Row,
    clock::Timestamp,
    flow::FlowId,
    health::SentryLook,
    identity::Installation,
    ids::Tenant,
    job::Phase,
    setup::Setup,
    store::{
        Created, FollowSetup, HearEvents, Hearing, NoteLook, OpenSetup, ReadAudit, ReadHealth,
        StoreError, Written,
    },
};

/// How an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Somebody has it, until then.
    Busy(Timestamp),
    /// It was dealt with.
    Done,
}

impl Rows {
    /// Writes a row of the audit, if there is one.
    pub(super) fn note(&mut self, row: Option<&Row>) {
        if let Some(row) = row {
            self.audit.insert(row.key(), row.clone());
        }
    }
}

impl OpenSetup for MemoryStore {
    async fn open_setup(&self, setup: &Setup) -> Result<Created, StoreError> {
        let mut rows = self.lock();
        if rows.setups.contains_key(setup.id.as_str()) {
            return Ok(Created::Already);
        }
        rows.setups.insert(setup.id.as_str().to_owned(), setup.clone());
        Ok(Created::New)
    }
}

impl FollowSetup for MemoryStore {
    async fn setup(&self, id: &FlowId) -> Result<Option<Setup>, StoreError> {
        Ok(self.lock().setups.get(id.as_str()).cloned())
    }

    async fn advance_setup(&self, next: &Setup) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        match rows.setups.get_mut(next.id.as_str()) {
            Some(stored) if stored.version + 1 == next.version => {
                *stored = next.clone();
                Ok(Written::Yes)
            }
            _ => Ok(Written::Outdated),
        }
    }
}

impl HearEvents for MemoryStore {
    async fn hear(
        &self,
        event: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Hearing, StoreError> {
        let mut rows = self.lock();
        match rows.events.get(event) {
            Some(Heard::Done) => return Ok(Hearing::Done),
            Some(Heard::Busy(busy)) if *busy > now => return Ok(Hearing::Busy),
            _ => {}
        }
        rows.events.insert(event.to_owned(), Heard::Busy(until));
        Ok(Hearing::First)
    }

    async fn heard(&self, event: &str, _: Timestamp) -> Result<(), StoreError> {
        self.lock().events.insert(event.to_owned(), Heard::Done);
        Ok(())
    }

    async fn unheard(&self, event: &str, _: Timestamp) -> Result<(), StoreError> {
        let mut rows = self.lock();
        if rows.events.get(event) != Some(&Heard::Done) {
            rows.events.remove(event);
        }
        Ok(())
    }
}

impl NoteLook for MemoryStore {
    async fn note_look(&self, look: &SentryLook) -> Result<(), StoreError> {
        self.lock().look = Some(look.clone());
        Ok(())
    }
}

impl ReadHealth for MemoryStore {
    async fn last_look(&self) -> Result<Option<SentryLook>, StoreError> {
        Ok(self.lock().look.clone())
    }

    async fn installations(&self, limit: usize) -> Result<Vec<Installation>, StoreError> {
        let rows = self.lock();
        let tended = rows.installations.values().filter(|found| found.next_at.is_some());
        Ok(tended.take(limit).cloned().collect())
    }

    async fn overdue(&self, before: Timestamp) -> Result<usize, StoreError> {
        let rows = self.lock();
        let overdue = |job: &&crate::job::Job| job.phase == Phase::Open && job.next_at < before;
        Ok(rows.jobs.values().filter(overdue).count())
    }
}

impl ReadAudit for MemoryStore {
    async fn audit(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.lock();
        let jobs = rows.jobs.values().filter_map(Row::of_job);
        let mut found: Vec<Row> = jobs
            .chain(rows.audit.values().cloned())
            .filter(|row| row.tenant == *tenant && from <= row.at && row.at < until)
            .collect();
        found.sort_by_key(|row| row.at);
        Ok(found)
    }
}
