//! The table, one small trait per capability: a function takes the ones it needs, and its policy in
//! `infra/template.yaml` grants the same.
//!
//! ```text
//! installation   TEN#<tenant>                    INST              due = TENANT
//! reverse        TEN#<tenant>                    SEN#<account>
//! identity       SLK#<tenant>#<slack user>       ID
//! epoch          SLK#<tenant>#<slack user>       EPOCH
//! flow           FLOW#<sha256 of the nonce>      F
//! setup          FLOW#<sha256 of the cookie>     S
//! job            JOB#<key>                       J                 due = OPEN, then AUD#<tenant>
//! audit row      AUD#<key>                       A                 due = AUD#<tenant>
//! newest click   ISS#<organization>#<issue>      STATUS, ASSIGN
//! event          EVT#<sha256 of its id>          E
//! look           HEALTH                          SENTRY
//! post           MSG#<organization>#<subject>    <tenant>#<channel>  due = POST
//! lane           LANE#<tenant>#<channel>         L
//! ```
//! One sparse index, `due` by `next_at`, finds open jobs, posts that Slack is to be told of,
//! installations to look after and, once a job is over, the audit of a workspace. The reverse rows of a workspace stand together, so that all
//! its people can be found when the app is removed.
//!
//! [`dynamo`] is the table; [`memory`] is the same contract in a map. Both pass one suite
//! (`tests/contract`). DynamoDB deletes expired items days late, so an item's end is always a
//! condition of the read or write, never left to the deletion.

pub mod dynamo;
pub mod memory;

use std::future::Future;

use crate::{
    audit::Row,
    clock::Timestamp,
    flow::{Flow, FlowId},
    health::SentryLook,
    identity::{Identity, Installation, Person, Tokens},
    ids::{AccountId, ChannelId, OrganizationId, SlackUserId, Tenant},
    job::{Job, JobKey, NewestClick, NotClaimed},
    post::{Lane, Post, PostKey, Subject},
    setup::Setup,
};

/// The table failed us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No answer in time, throttled, or unreachable. A write may have landed nevertheless.
    #[error("the table is unavailable")]
    Unavailable,
    /// An item is not of the form we write.
    #[error("an item of the table cannot be read")]
    Corrupt,
}

/// What a click is judged by, in one read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clicker {
    /// The app in the workspace.
    pub installation: Option<Installation>,
    /// Who the person is in Sentry.
    pub identity: Option<Identity>,
    /// The person's epoch; 0 before the first link.
    pub epoch: u64,
}

/// Can read what a click is judged by.
pub trait LoadClicker: Send + Sync {
    /// Installation, identity and epoch, read consistently.
    fn clicker(
        &self,
        installation: &Tenant,
        person: &Person,
    ) -> impl Future<Output = Result<Clicker, StoreError>> + Send;
}

/// Whether something was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there now.
    New,
    /// It was there before.
    Already,
}

/// Can begin flows.
pub trait OpenFlow: Send + Sync {
    /// Writes a fresh flow, if there is none of its name.
    fn open_flow(&self, flow: &Flow) -> impl Future<Output = Result<Created, StoreError>> + Send;
}

/// Whether a conditional write was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was.
    Yes,
    /// What it was decided on has changed meanwhile; nothing was written.
    Outdated,
}

/// Can follow a flow.
pub trait FollowFlow: Send + Sync {
    /// The flow, read consistently; expired ones too, if they are still there.
    fn flow(&self, id: &FlowId) -> impl Future<Output = Result<Option<Flow>, StoreError>> + Send;

    /// Replaces the version of the flow that `next` was decided on, if it is still the newest.
    fn advance(&self, next: &Flow) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// A link to be made: all of it or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkWrite {
    /// The flow, used up; its `version` is one above the one that was read.
    pub flow: Flow,
    /// The identity.
    pub identity: Identity,
    /// The job of the click that waited.
    pub job: Option<Job>,
    /// The present moment: an ended flow links nothing.
    pub now: Timestamp,
}

/// How a link went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// Both rows stand, the flow is used, the epoch moved on.
    Yes,
    /// The Slack user is linked to another account. Nothing was written.
    SlackSideTaken,
    /// The account is linked to another Slack user of this tenant. Nothing was written.
    SentrySideTaken,
    /// The flow was used, changed or has ended, or the epoch moved on. Nothing was written.
    Outdated,
    /// The installation is gone. Nothing was written.
    NotInstalled,
}

/// Can make identities.
pub trait LinkIdentity: Send + Sync {
    /// Makes the link in one transaction.
    fn link(&self, write: &LinkWrite) -> impl Future<Output = Result<Linked, StoreError>> + Send;
}

/// An identity to be removed.
#[derive(Debug, Clone, PartialEq)]
pub struct UnlinkWrite {
    /// The flow, used up; its `version` is one above the one that was read.
    pub flow: Flow,
    /// The identity that was shown.
    pub identity: Identity,
    /// The present moment.
    pub now: Timestamp,
}

/// Can remove identities.
pub trait UnlinkIdentity: Send + Sync {
    /// Removes both rows in one transaction, if they are still of the link that was shown.
    fn unlink(
        &self,
        write: &UnlinkWrite,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can remove identities of people who have proven themselves to Slack in the conversation itself,
/// so that no flow leads there.
pub trait RemoveIdentity: Send + Sync {
    /// Removes both rows in one transaction and moves the epoch on, if they are still of the link
    /// that was shown and the epoch is still this one. Once more changes nothing.
    fn remove_identity(
        &self,
        identity: &Identity,
        epoch: u64,
        now: Timestamp,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can admit jobs.
pub trait AdmitJob: Send + Sync {
    /// Writes the job, if there is none of its key. Once this is answered, the click is safe.
    fn admit(&self, job: &Job) -> impl Future<Output = Result<Created, StoreError>> + Send;

    /// The same, and in the same moment its click becomes the newest about what it is about, unless
    /// a newer one is: whoever reads the newest misses no click that was admitted so.
    fn admit_in_order(
        &self,
        job: &Job,
        click: &NewestClick,
    ) -> impl Future<Output = Result<Created, StoreError>> + Send;
}

/// Can read what a click is weighed by when it is carried out.
pub trait WeighClick: Send + Sync {
    /// Who made `click`, as [`LoadClicker`] reads it, and the newest click about what `click` is
    /// about, if any was noted; one consistent read.
    fn clicker_and_newest(
        &self,
        installation: &Tenant,
        click: &NewestClick,
    ) -> impl Future<Output = Result<(Clicker, Option<NewestClick>), StoreError>> + Send;
}

/// Can carry jobs out.
pub trait WorkJobs: Send + Sync {
    /// Takes the job for one attempt: [`Job::claim`] as a conditional write.
    fn claim(
        &self,
        key: &JobKey,
        now: Timestamp,
    ) -> impl Future<Output = Result<Result<Job, NotClaimed>, StoreError>> + Send;

    /// Writes what came of the attempt, if it is still this worker's: [`Job::may_replace`].
    fn settle(&self, job: &Job) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// The open jobs that were due before `before`, and since when; the most overdue first.
    fn due(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(JobKey, Timestamp)>, StoreError>> + Send;
}

/// Can renew a person's tokens.
pub trait RenewTokens: Send + Sync {
    /// Becomes the one that refreshes `identity`'s tokens, until `until`.
    fn lease_refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;

    /// Replaces the tokens that were read of this very link and ends the lease. Where they were wiped
    /// or renewed meanwhile, nothing is written.
    fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can set installations up, whatever was there: what a laptop begins with.
pub trait SaveInstallation: Send + Sync {
    /// Writes the installation, replacing an older one; identities are kept.
    fn save_installation(
        &self,
        installation: &Installation,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Can change installations.
pub trait ChangeInstallation: Send + Sync {
    /// The installation, read consistently.
    fn installation(
        &self,
        tenant: &Tenant,
    ) -> impl Future<Output = Result<Option<Installation>, StoreError>> + Send;

    /// Writes `next`, if the version that it was decided on is still the newest, and its row of the
    /// audit with it. Identities are rows of their own and stay.
    fn change_installation(
        &self,
        next: &Installation,
        row: Option<&Row>,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Somebody of a workspace who is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their Sentry account.
    pub account: AccountId,
    /// Who they are in Slack.
    pub user: SlackUserId,
    /// Names the link.
    pub link_id: String,
}

/// Can look after installations.
pub trait TendInstallations: Send + Sync {
    /// The installations that somebody has to look after, the most overdue first.
    fn due_installations(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Tenant>, StoreError>> + Send;

    /// Who is linked in a workspace, in the order of their accounts, behind `after`.
    fn members(
        &self,
        tenant: &Tenant,
        after: Option<&AccountId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Member>, StoreError>> + Send;

    /// Forgets a member's tokens; the link stays, and a click asks them to sign in again. A link
    /// that was made since is left alone.
    fn wipe_tokens(
        &self,
        tenant: &Tenant,
        member: &Member,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Can remove whole workspaces.
pub trait RemoveMembers: Send + Sync {
    /// Removes both rows of a member, if they are still of this link.
    fn remove_member(
        &self,
        tenant: &Tenant,
        member: &Member,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can follow a setup.
pub trait FollowSetup: Send + Sync {
    /// The setup, read consistently; expired ones too, if they are still there.
    fn setup(&self, id: &FlowId) -> impl Future<Output = Result<Option<Setup>, StoreError>> + Send;

    /// Replaces the version of the setup that `next` was decided on, if it is still the newest.
    fn advance_setup(
        &self,
        next: &Setup,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can begin setups.
pub trait OpenSetup: Send + Sync {
    /// Writes a fresh setup, if there is none of its name.
    fn open_setup(&self, setup: &Setup)
    -> impl Future<Output = Result<Created, StoreError>> + Send;
}

/// Whether an event was heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It was not: it is the caller's now.
    First,
    /// Somebody has it, and has not said yet what came of it.
    Busy,
    /// It was dealt with.
    Done,
}

/// Can tell whether an event was heard before.
pub trait HearEvents: Send + Sync {
    /// Takes the event of this name until `until`, unless somebody has it or has dealt with it.
    fn hear(
        &self,
        event: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Hearing, StoreError>> + Send;

    /// The event was dealt with: when it comes again, there is nothing to do.
    fn heard(
        &self,
        event: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The event could not be dealt with: when it comes again, it is as new, unless somebody else has
    /// dealt with it meanwhile.
    fn unheard(
        &self,
        event: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Can write down how Sentry was found.
pub trait NoteLook: Send + Sync {
    /// Replaces the last look.
    fn note_look(&self, look: &SentryLook) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Can tell how the bundle is.
pub trait ReadHealth: Send + Sync {
    /// How Sentry was found last.
    fn last_look(&self) -> impl Future<Output = Result<Option<SentryLook>, StoreError>> + Send;

    /// The installations that somebody looks after: all but those that are removed.
    fn installations(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Installation>, StoreError>> + Send;

    /// How many open jobs were due before `before`, at least: of very many, some thousands are counted.
    fn overdue(&self, before: Timestamp) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// Can read the audit.
pub trait ReadAudit: Send + Sync {
    /// The rows of a workspace from `from` on and before `until`, the oldest first.
    fn audit(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
}

/// Can find the workspaces that act in an organization.
pub trait FindWorkspaces: Send + Sync {
    /// The installations in use that are bound to the organization of this slug, at most `limit` of
    /// all there are looked at.
    fn workspaces(
        &self,
        organization: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Installation>, StoreError>> + Send;
}

/// Can say what is to stand in a channel.
pub trait KeepPosts: Send + Sync {
    /// What is said about a subject in a channel, read consistently.
    fn post(&self, key: &PostKey) -> impl Future<Output = Result<Option<Post>, StoreError>> + Send;

    /// What is said about a subject anywhere, read consistently.
    fn posts_about(
        &self,
        organization: &OrganizationId,
        subject: &Subject,
    ) -> impl Future<Output = Result<Vec<Post>, StoreError>> + Send;

    /// Writes `next`, if the version that it was decided on is still the newest.
    fn write_post(&self, next: &Post) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can bring Slack to show it.
pub trait WorkPosts: KeepPosts {
    /// The posts that were due before `before`, the most overdue first.
    fn due_posts(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<PostKey>, StoreError>> + Send;

    /// The order of a channel, read consistently.
    fn lane(
        &self,
        tenant: &Tenant,
        channel: &ChannelId,
    ) -> impl Future<Output = Result<Option<Lane>, StoreError>> + Send;

    /// Writes `next`, if the version that it was decided on is still the newest.
    fn write_lane(&self, next: &Lane) -> impl Future<Output = Result<Written, StoreError>> + Send;
}
