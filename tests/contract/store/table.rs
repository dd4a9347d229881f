//! What a case needs of a table: its store, and a look at everything that is written.

use std::{collections::BTreeSet, fmt::Debug, future::Future};

use shared::store::{
    AdmitJob, ChangeInstallation, FindWorkspaces, FollowFlow, FollowSetup, HearEvents,
    LinkIdentity, LoadClicker, NoteLook, OpenFlow, OpenSetup, ReadAudit, ReadHealth,
    RemoveIdentity, RemoveMembers, RenewTokens, SaveInstallation, TendInstallations,
    UnlinkIdentity, WeighClick, WorkJobs, WorkPosts,
    memory::{MemoryStore, Rows},
};
use tokio::task::JoinSet;

/// Every capability there is.
pub(crate) trait Store:
    LoadClicker
    + OpenFlow
    + FollowFlow
    + LinkIdentity
    + UnlinkIdentity
    + RemoveIdentity
    + AdmitJob
    + WeighClick
    + WorkJobs
    + RenewTokens
    + SaveInstallation
    + ChangeInstallation
    + TendInstallations
    + RemoveMembers
    + OpenSetup
    + FollowSetup
    + HearEvents
    + NoteLook
    + ReadHealth
    + ReadAudit
    + FindWorkspaces
    + WorkPosts
    + Clone
    + 'static
{
}

impl<S> Store for S where
    S: LoadClicker
        + OpenFlow
        + FollowFlow
        + LinkIdentity
        + UnlinkIdentity
        + RemoveIdentity
        + AdmitJob
        + WeighClick
        + WorkJobs
        + RenewTokens
        + SaveInstallation
        + ChangeInstallation
        + TendInstallations
        + RemoveMembers
        + OpenSetup
        + FollowSetup
        + HearEvents
        + NoteLook
        + ReadHealth
        + ReadAudit
        + FindWorkspaces
        + WorkPosts
        + Clone
        + 'static
{
}

/// A table of one case alone, empty at first.
pub(crate) trait Table {
    /// How it is read and written.
    type Store: Store;
    /// Everything in it: the same before and after means that nothing was written.
    type Rows: Debug + PartialEq;

    /// Its store; clones share the table.
    fn store(&self) -> Self::Store;

    /// Everything in it.
    async fn rows(&self) -> Self::Rows;

    /// The rows that bind a Slack user to an account, seen from each side.
    async fn links(&self) -> Links;
}

/// Slack user, account, link.
pub(crate) type Half = (String, String, String);

/// All links of a table, from both sides.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Links {
    /// As the identities say.
    pub(super) forward: BTreeSet<Half>,
    /// As the reverse rows say.
    pub(super) reverse: BTreeSet<Half>,
}

/// The map.
#[derive(Debug, Default)]
pub(super) struct Memory(MemoryStore);

impl Table for Memory {
    type Store = MemoryStore;
    type Rows = Rows;

    fn store(&self) -> MemoryStore {
        self.0.clone()
    }

    async fn rows(&self) -> Rows {
        self.0.rows()
    }

    async fn links(&self) -> Links {
        let rows = self.0.rows();
        let forward = rows.identities.into_iter().map(|((_, user), identity)| {
            (user, identity.account.id.as_str().to_owned(), identity.link_id)
        });
        let reverse = rows
            .reverse
            .into_iter()
            .map(|((account, _), (user, link_id))| (user, account.as_str().to_owned(), link_id));
        Links { forward: forward.collect(), reverse: reverse.collect() }
    }
}

/// Does all of this at once and tells what came of each, in no order.
pub(super) async fn at_once<F>(attempts: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    attempts.into_iter().collect::<JoinSet<_>>().join_all().await
}
