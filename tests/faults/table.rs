//! A table parts of which can be broken, and the functions in front of it.

use std::sync::{Arc, Mutex};

use action::Action;
use local::slack::SignedRequest;
use perform::Perform;
use shared::{
    audit::Row,
    clock::{ManualClock, Timestamp},
    flow::Flow,
    health::SentryLook,
    http::serve,
    identity::{Identity, Installation, Person, Tokens},
    ids::{AccountId, ChannelId, OrganizationId, Tenant},
    job::{Job, JobKey, NewestClick, NotClaimed},
    post::{Lane, Post, PostKey, Subject},
    sentry::client::SentryClient,
    store::{
        AdmitJob, ChangeInstallation, Clicker, Created, FindWorkspaces, HearEvents, Hearing,
        KeepPosts, LoadClicker, Member, NoteLook, OpenFlow, RemoveIdentity, RenewTokens,
        StoreError, TendInstallations, WeighClick, WorkJobs, WorkPosts, Written,
        memory::MemoryStore,
    },
};

use crate::{
    contract::store::table::Store,
    harness::{World, event_of, queue::TestQueue},
};

/// What can be broken of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    ReadClicker,
    OpenFlow,
    Admit,
    /// The job is written, and the answer lost.
    AnswerOfAdmit,
    Claim,
    Settle,
    FindDue,
    ChangeInstallation,
    ReadPost,
}

/// The table of a world, or another one, throttled where it is told to be.
#[derive(Debug, Clone)]
pub(crate) struct Table<S = MemoryStore> {
    inner: S,
    broken: Arc<Mutex<Vec<Part>>>,
    once: Arc<Mutex<Vec<Part>>>,
    stale: Arc<Mutex<Option<Clicker>>>,
}

impl Table {
    pub(crate) fn of(world: &World) -> Self {
        Self::before(world.store.clone())
    }
}

impl<S: Store> Table<S> {
    /// The same with another store behind it.
    pub(crate) fn before(store: S) -> Self {
        Self { inner: store, broken: Arc::default(), once: Arc::default(), stale: Arc::default() }
    }

    pub(crate) fn break_down(&self, part: Part) {
        self.broken.lock().unwrap().push(part);
    }

    /// The next call of this part fails, and no other.
    pub(crate) fn fail_once(&self, part: Part) {
        self.once.lock().unwrap().push(part);
    }

    pub(crate) fn repair(&self) {
        self.broken.lock().unwrap().clear();
    }

    /// The next reader gets this, as one that read a moment earlier would have.
    pub(crate) fn read_earlier(&self, clicker: Clicker) {
        *self.stale.lock().unwrap() = Some(clicker);
    }

    fn check(&self, part: Part) -> Result<(), StoreError> {
        let mut once = self.once.lock().unwrap();
        let fails = once.iter().position(|failing| *failing == part).map(|at| once.remove(at));
        let is_broken = self.broken.lock().unwrap().contains(&part);
        if is_broken || fails.is_some() { Err(StoreError::Unavailable) } else { Ok(()) }
    }

    /// `POST /action` in front of this table.
    pub(crate) fn action(&self, world: &World) -> Action<Self, TestQueue, ManualClock> {
        world.action_at(self.clone())
    }

    /// The worker in front of this table.
    pub(crate) fn perform(&self, world: &World) -> Perform<Self, TestQueue, ManualClock> {
        world.perform_at(self.clone())
    }
}

/// The world's worker with another table and another way to Sentry.
pub(crate) fn perform_with<S>(
    world: &World,
    store: S,
    sentry: SentryClient,
) -> Perform<S, TestQueue, ManualClock> {
    Perform { sentry, ..world.perform_at(store) }
}

/// The status that Slack gets for a click.
pub(crate) async fn status_of<S: Store>(
    action: &Action<Table<S>, TestQueue, ManualClock>,
    click: &SignedRequest,
) -> i64 {
    let request = serde_json::from_value(event_of(click)).unwrap();
    serve(request, &|request| action.handle(request)).await.status_code
}

impl<S: Store> LoadClicker for Table<S> {
    async fn clicker(&self, tenant: &Tenant, person: &Person) -> Result<Clicker, StoreError> {
        self.check(Part::ReadClicker)?;
        let earlier = self.stale.lock().unwrap().take();
        match earlier {
            Some(clicker) => Ok(clicker),
            None => self.inner.clicker(tenant, person).await,
        }
    }
}

impl<S: Store> OpenFlow for Table<S> {
    async fn open_flow(&self, flow: &Flow) -> Result<Created, StoreError> {
        self.check(Part::OpenFlow)?;
        self.inner.open_flow(flow).await
    }
}

impl<S: Store> AdmitJob for Table<S> {
    async fn admit(&self, job: &Job) -> Result<Created, StoreError> {
        self.check(Part::Admit)?;
        let created = self.inner.admit(job).await;
        self.check(Part::AnswerOfAdmit)?;
        created
    }

    async fn admit_in_order(&self, job: &Job, click: &NewestClick) -> Result<Created, StoreError> {
        self.check(Part::Admit)?;
        let created = self.inner.admit_in_order(job, click).await;
        self.check(Part::AnswerOfAdmit)?;
        created
    }
}

impl<S: Store> RemoveIdentity for Table<S> {
    async fn remove_identity(
        &self,
        identity: &Identity,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        self.inner.remove_identity(identity, epoch, now).await
    }
}

impl<S: Store> WeighClick for Table<S> {
    async fn clicker_and_newest(
        &self,
        installation: &Tenant,
        click: &NewestClick,
    ) -> Result<(Clicker, Option<NewestClick>), StoreError> {
        // Read apart, so that who clicked is what this table says.
        let clicker = self.clicker(installation, &click.person).await?;
        let (_, newest) = self.inner.clicker_and_newest(installation, click).await?;
        Ok((clicker, newest))
    }
}

impl<S: Store> WorkJobs for Table<S> {
    async fn claim(
        &self,
        key: &JobKey,
        now: Timestamp,
    ) -> Result<Result<Job, NotClaimed>, StoreError> {
        self.check(Part::Claim)?;
        self.inner.claim(key, now).await
    }

    async fn settle(&self, job: &Job) -> Result<Written, StoreError> {
        self.check(Part::Settle)?;
        self.inner.settle(job).await
    }

    async fn due(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(JobKey, Timestamp)>, StoreError> {
        self.check(Part::FindDue)?;
        self.inner.due(before, limit).await
    }
}

impl<S: Store> RenewTokens for Table<S> {
    async fn lease_refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Written, StoreError> {
        self.inner.lease_refresh(identity, now, until).await
    }

    async fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> Result<Written, StoreError> {
        self.inner.save_tokens(identity, tokens).await
    }
}

impl<S: Store> ChangeInstallation for Table<S> {
    async fn installation(&self, tenant: &Tenant) -> Result<Option<Installation>, StoreError> {
        self.inner.installation(tenant).await
    }

    async fn change_installation(
        &self,
        next: &Installation,
        row: Option<&Row>,
    ) -> Result<Written, StoreError> {
        self.check(Part::ChangeInstallation)?;
        self.inner.change_installation(next, row).await
    }
}

impl<S: Store> TendInstallations for Table<S> {
    async fn due_installations(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Tenant>, StoreError> {
        self.check(Part::FindDue)?;
        self.inner.due_installations(before, limit).await
    }

    async fn members(
        &self,
        tenant: &Tenant,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        self.inner.members(tenant, after, limit).await
    }

    async fn wipe_tokens(&self, tenant: &Tenant, member: &Member) -> Result<(), StoreError> {
        self.inner.wipe_tokens(tenant, member).await
    }
}

impl<S: Store> FindWorkspaces for Table<S> {
    async fn workspaces(
        &self,
        organization: &str,
        limit: usize,
    ) -> Result<Vec<Installation>, StoreError> {
        self.inner.workspaces(organization, limit).await
    }
}

impl<S: Store> HearEvents for Table<S> {
    async fn hear(
        &self,
        event: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Hearing, StoreError> {
        self.inner.hear(event, now, until).await
    }

    async fn heard(&self, event: &str, now: Timestamp) -> Result<(), StoreError> {
        self.inner.heard(event, now).await
    }

    async fn unheard(&self, event: &str, now: Timestamp) -> Result<(), StoreError> {
        self.inner.unheard(event, now).await
    }
}

impl<S: Store> KeepPosts for Table<S> {
    async fn post(&self, key: &PostKey) -> Result<Option<Post>, StoreError> {
        self.check(Part::ReadPost)?;
        self.inner.post(key).await
    }

    async fn posts_about(
        &self,
        organization: &OrganizationId,
        subject: &Subject,
    ) -> Result<Vec<Post>, StoreError> {
        self.inner.posts_about(organization, subject).await
    }

    async fn write_post(&self, next: &Post) -> Result<Written, StoreError> {
        self.inner.write_post(next).await
    }
}

impl<S: Store> WorkPosts for Table<S> {
    async fn due_posts(&self, before: Timestamp, limit: usize) -> Result<Vec<PostKey>, StoreError> {
        self.check(Part::FindDue)?;
        self.inner.due_posts(before, limit).await
    }

    async fn lane(&self, tenant: &Tenant, channel: &ChannelId) -> Result<Option<Lane>, StoreError> {
        self.inner.lane(tenant, channel).await
    }

    async fn write_lane(&self, next: &Lane) -> Result<Written, StoreError> {
        self.inner.write_lane(next).await
    }
}

impl<S: Store> NoteLook for Table<S> {
    async fn note_look(&self, look: &SentryLook) -> Result<(), StoreError> {
        self.inner.note_look(look).await
    }
}
