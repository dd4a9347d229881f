//! The table's contract in a map: for tests, and to read what the conditions mean.
//!
//! Of itself it never deletes what has expired, as DynamoDB does not for days.

mod installations;
mod posts;
mod setup;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use self::setup::Heard;
use super::{
    AdmitJob, Clicker, Created, FollowFlow, LinkIdentity, LinkWrite, Linked, LoadClicker, OpenFlow,
    RemoveIdentity, RenewTokens, SaveInstallation, StoreError, UnlinkIdentity, UnlinkWrite,
    WeighClick, WorkJobs, Written,
};
use crate::{
    audit::Row,
    clock::Timestamp,
    flow::{Flow, FlowId, Stage},
    health::SentryLook,
    identity::{Identity, Installation, Person, Tokens},
    ids::{AccountId, ChannelId, Tenant},
    job::{Job, JobKey, NewestClick, NotClaimed, Phase},
    post::{Lane, Post, PostKey},
    setup::Setup,
};

/// A table in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Rows>>);

/// All rows, by their keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Installations.
    pub installations: BTreeMap<Tenant, Installation>,
    /// Identities by the Slack side.
    pub identities: BTreeMap<(Tenant, String), Identity>,
    /// Identities by the Sentry side: (account, tenant) → (Slack user, link).
    pub reverse: BTreeMap<(AccountId, Tenant), (String, String)>,
    /// Epochs.
    pub epochs: BTreeMap<(Tenant, String), u64>,
    /// Flows.
    pub flows: BTreeMap<String, Flow>,
    /// Jobs.
    pub jobs: BTreeMap<String, Job>,
    /// Newest clicks by organization, issue and kind.
    pub newest: BTreeMap<(String, String, &'static str), NewestClick>,
    /// Setups.
    pub setups: BTreeMap<String, Setup>,
    /// Events that were heard.
    pub events: BTreeMap<String, Heard>,
    /// Rows of the audit that are not jobs.
    pub audit: BTreeMap<String, Row>,
    /// How Sentry was found last.
    pub look: Option<SentryLook>,
    /// What is said in channels.
    pub posts: BTreeMap<PostKey, Post>,
    /// The order of channels.
    pub lanes: BTreeMap<(Tenant, ChannelId), Lane>,
}

impl MemoryStore {
    /// A copy of everything, to look at.
    pub fn rows(&self) -> Rows {
        self.lock().clone()
    }

    /// Deletes every flow and every setup, at whatever stage, as if their end were long past.
    /// DynamoDB does so to each of them in its own time, and no rule may hang on when.
    pub fn delete_flows(&self) {
        let mut rows = self.lock();
        rows.flows.clear();
        rows.setups.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slack_key(person: &Person) -> (Tenant, String) {
    (person.tenant.clone(), person.user.as_str().to_owned())
}

fn sentry_key(identity: &Identity) -> (AccountId, Tenant) {
    (identity.account.id.clone(), identity.person.tenant.clone())
}

impl Rows {
    fn clicker(&self, installation: &Tenant, person: &Person) -> Clicker {
        Clicker {
            installation: self.installations.get(installation).cloned(),
            identity: self.identities.get(&slack_key(person)).cloned(),
            epoch: self.epoch(person),
        }
    }

    fn admit(&mut self, job: &Job) -> Created {
        if self.jobs.contains_key(job.key.as_str()) {
            return Created::Already;
        }
        self.jobs.insert(job.key.as_str().to_owned(), job.clone());
        Created::New
    }

    /// Whether `next` was decided on the flow that is stored, and that one can still be finished.
    fn flow_allows(&self, next: &Flow, now: Timestamp) -> bool {
        self.flows.get(next.id.as_str()).is_some_and(|stored| {
            stored.version + 1 == next.version
                && stored.stage != Stage::Used
                && now < stored.expires
        })
    }

    fn epoch(&self, person: &Person) -> u64 {
        self.epochs.get(&slack_key(person)).copied().unwrap_or(0)
    }

    fn finish_flow(&mut self, flow: &Flow) {
        self.flows.insert(flow.id.as_str().to_owned(), flow.clone());
        self.move_epoch_on(&flow.person);
    }

    fn move_epoch_on(&mut self, person: &Person) {
        *self.epochs.entry(slack_key(person)).or_default() += 1;
    }

    /// Whether both rows are of this very link, and the epoch is this one.
    fn link_is(&self, identity: &Identity, epoch: u64) -> bool {
        let forward = self.identities.get(&slack_key(&identity.person));
        let reverse = self.reverse.get(&sentry_key(identity));
        forward.is_some_and(|stored| stored.link_id == identity.link_id)
            && reverse.is_none_or(|(_, link)| *link == identity.link_id)
            && self.epoch(&identity.person) == epoch
    }

    fn remove_link(&mut self, identity: &Identity) {
        self.identities.remove(&slack_key(&identity.person));
        self.reverse.remove(&sentry_key(identity));
    }
}

impl LoadClicker for MemoryStore {
    async fn clicker(&self, tenant: &Tenant, person: &Person) -> Result<Clicker, StoreError> {
        Ok(self.lock().clicker(tenant, person))
    }
}

impl OpenFlow for MemoryStore {
    async fn open_flow(&self, flow: &Flow) -> Result<Created, StoreError> {
        let mut rows = self.lock();
        if rows.flows.contains_key(flow.id.as_str()) {
            return Ok(Created::Already);
        }
        rows.flows.insert(flow.id.as_str().to_owned(), flow.clone());
        Ok(Created::New)
    }
}

impl FollowFlow for MemoryStore {
    async fn flow(&self, id: &FlowId) -> Result<Option<Flow>, StoreError> {
        Ok(self.lock().flows.get(id.as_str()).cloned())
    }

    async fn advance(&self, next: &Flow) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let stored = rows.flows.get(next.id.as_str());
        if stored.is_none_or(|s| s.version + 1 != next.version || s.stage == Stage::Used) {
            return Ok(Written::Outdated);
        }
        rows.flows.insert(next.id.as_str().to_owned(), next.clone());
        Ok(Written::Yes)
    }
}

impl LinkIdentity for MemoryStore {
    async fn link(&self, write: &LinkWrite) -> Result<Linked, StoreError> {
        let mut rows = self.lock();
        let LinkWrite { flow, identity, job, now } = write;
        let slack = slack_key(&identity.person);
        let sentry = sentry_key(identity);
        if rows.identities.get(&slack).is_some_and(|i| i.account.id != identity.account.id) {
            return Ok(Linked::SlackSideTaken);
        }
        if rows.reverse.get(&sentry).is_some_and(|(user, _)| *user != slack.1) {
            return Ok(Linked::SentrySideTaken);
        }
        if !rows.flow_allows(flow, *now) || rows.epoch(&identity.person) != flow.epoch {
            return Ok(Linked::Outdated);
        }
        let installed = rows.installations.get(&flow.tenant).is_some_and(|installation| {
            installation.is_active() && installation.epoch == flow.installation_epoch
        });
        if !installed {
            return Ok(Linked::NotInstalled);
        }
        rows.reverse.insert(sentry, (slack.1.clone(), identity.link_id.clone()));
        rows.identities.insert(slack, identity.clone());
        rows.finish_flow(flow);
        if let Some(job) = job {
            rows.jobs.entry(job.key.as_str().to_owned()).or_insert_with(|| job.clone());
        }
        rows.note(Some(&Row::linked(identity, *now)));
        Ok(Linked::Yes)
    }
}

impl UnlinkIdentity for MemoryStore {
    async fn unlink(&self, write: &UnlinkWrite) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let UnlinkWrite { flow, identity, now } = write;
        if !rows.link_is(identity, flow.epoch) || !rows.flow_allows(flow, *now) {
            return Ok(Written::Outdated);
        }
        rows.remove_link(identity);
        rows.finish_flow(flow);
        rows.note(Some(&Row::unlinked(identity, *now)));
        Ok(Written::Yes)
    }
}

impl RemoveIdentity for MemoryStore {
    async fn remove_identity(
        &self,
        identity: &Identity,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        if !rows.link_is(identity, epoch) {
            return Ok(Written::Outdated);
        }
        rows.remove_link(identity);
        rows.move_epoch_on(&identity.person);
        rows.note(Some(&Row::unlinked(identity, now)));
        Ok(Written::Yes)
    }
}

impl AdmitJob for MemoryStore {
    async fn admit(&self, job: &Job) -> Result<Created, StoreError> {
        Ok(self.lock().admit(job))
    }

    async fn admit_in_order(&self, job: &Job, click: &NewestClick) -> Result<Created, StoreError> {
        let mut rows = self.lock();
        let (created, key) = (rows.admit(job), order_key(click));
        let is_newest = rows.newest.get(&key).is_none_or(|stored| stored.made_at < click.made_at);
        if created == Created::New && is_newest {
            rows.newest.insert(key, click.clone());
        }
        Ok(created)
    }
}

fn order_key(click: &NewestClick) -> (String, String, &'static str) {
    let organization = click.organization.as_str().to_owned();
    (organization, click.issue.as_str().to_owned(), click.change.kind())
}

impl WeighClick for MemoryStore {
    async fn clicker_and_newest(
        &self,
        installation: &Tenant,
        click: &NewestClick,
    ) -> Result<(Clicker, Option<NewestClick>), StoreError> {
        let rows = self.lock();
        let newest = rows.newest.get(&order_key(click)).cloned();
        Ok((rows.clicker(installation, &click.person), newest))
    }
}

impl WorkJobs for MemoryStore {
    async fn claim(
        &self,
        key: &JobKey,
        now: Timestamp,
    ) -> Result<Result<Job, NotClaimed>, StoreError> {
        let mut rows = self.lock();
        let Some(stored) = rows.jobs.get_mut(key.as_str()) else {
            return Ok(Err(NotClaimed::Over));
        };
        let claimed = stored.claim(now);
        if let Ok(claimed) = &claimed {
            *stored = claimed.clone();
        }
        Ok(claimed)
    }

    async fn settle(&self, job: &Job) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        match rows.jobs.get_mut(job.key.as_str()) {
            Some(stored) if job.may_replace(stored) => {
                *stored = job.clone();
                Ok(Written::Yes)
            }
            _ => Ok(Written::Outdated),
        }
    }

    async fn due(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(JobKey, Timestamp)>, StoreError> {
        let rows = self.lock();
        let mut due: Vec<&Job> = rows
            .jobs
            .values()
            .filter(|job| job.phase == Phase::Open && job.next_at < before)
            .collect();
        due.sort_by_key(|job| job.next_at);
        Ok(due.into_iter().take(limit).map(|job| (job.key.clone(), job.next_at)).collect())
    }
}

impl RenewTokens for MemoryStore {
    async fn lease_refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        match rows.identities.get_mut(&slack_key(&identity.person)) {
            Some(stored)
                if stored.link_id == identity.link_id
                    && stored.tokens == identity.tokens
                    && stored.refresh_lease <= now =>
            {
                stored.refresh_lease = until;
                Ok(Written::Yes)
            }
            _ => Ok(Written::Outdated),
        }
    }

    async fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        match rows.identities.get_mut(&slack_key(&identity.person)) {
            Some(stored)
                if stored.link_id == identity.link_id
                    && stored.tokens.access == identity.tokens.access =>
            {
                stored.tokens = tokens.clone();
                stored.refresh_lease = Timestamp::from_millis(0);
                Ok(Written::Yes)
            }
            _ => Ok(Written::Outdated),
        }
    }
}

impl SaveInstallation for MemoryStore {
    async fn save_installation(&self, installation: &Installation) -> Result<(), StoreError> {
        self.lock().installations.insert(installation.tenant.clone(), installation.clone());
        Ok(())
    }
}
