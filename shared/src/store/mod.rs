//! The table, one small trait per capability: a function takes the ones it needs, and its policy in
//! `infra/template.yaml` grants the same.
//!
//! ```text
//! installation   TEN#<tenant>                    INST
//! identity       SLK#<tenant>#<slack user>       ID
//! reverse        SEN#<account>#<tenant>          ID
//! epoch          SLK#<tenant>#<slack user>       EPOCH
//! flow           FLOW#<sha256 of the nonce>      F
//! job            JOB#<key>                       J      + index `due` while it is open
//! newest click   ISS#<organization>#<issue>      STATUS, ASSIGN
//! ```
//! [`dynamo`] is the table; [`memory`] is the same contract in a map. Both pass one suite
//! (`tests/contract`). DynamoDB deletes expired items days late, so an item's end is always a
//! condition of the read or write, never left to the deletion.

pub mod dynamo;
pub mod memory;

use std::future::Future;

use crate::{
    clock::Timestamp,
    flow::{Flow, FlowId},
    identity::{Identity, Installation, Person, Tokens},
    ids::Tenant,
    job::{Job, JobKey, NewestClick, NotClaimed},
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
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can admit jobs.
pub trait AdmitJob: Send + Sync {
    /// Writes the job, if there is none of its key. Once this is answered, the click is safe.
    fn admit(&self, job: &Job) -> impl Future<Output = Result<Created, StoreError>> + Send;
}

/// Can keep clicks in order.
pub trait OrderClicks: Send + Sync {
    /// Writes the click down as the newest of its kind about the issue, if it is.
    fn note_click(
        &self,
        click: &NewestClick,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The newest click about what `click` is about, if any was noted; read consistently.
    fn newest_click(
        &self,
        click: &NewestClick,
    ) -> impl Future<Output = Result<Option<NewestClick>, StoreError>> + Send;
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

    /// The open jobs that were due before `before`, the most overdue first.
    fn due(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<JobKey>, StoreError>> + Send;
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

    /// Replaces the tokens of this very link and ends the lease.
    fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// Can set installations up.
pub trait SaveInstallation: Send + Sync {
    /// Writes the installation, replacing an older one; identities are kept.
    fn save_installation(
        &self,
        installation: &Installation,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
