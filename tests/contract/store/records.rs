//! Records as the functions write them, at noon.

use std::time::Duration;

use shared::{
    audit::Row,
    change::Change,
    clock::Timestamp,
    flow::{Flow, FlowId, FlowPurpose, Stage},
    identity::{
        Account, Identity, Installation, InstallationStatus, Organization, Person, Tokens,
        Workspace,
    },
    ids::{AccountId, ChannelId, IssueId, OrganizationId, SlackUserId, TeamId, Tenant},
    job::{Job, JobKey, Phase},
    secret::Sealed,
    store::{
        LinkIdentity, LinkWrite, Linked, SaveInstallation, StoreError, UnlinkWrite, memory::Rows,
    },
};

use super::table::{Store, Table};
use crate::harness::{ALICE, ALICES, NOON};

/// The workspace with the app.
pub(crate) const ACME: &str = "T0ACME0001";
/// Another workspace.
pub(crate) const GUESTS: &str = "T0GUESTS01";

/// So many seconds after noon.
pub(crate) fn after(secs: u64) -> Timestamp {
    NOON.plus(Duration::from_secs(secs))
}

/// A tenant.
pub(crate) fn tenant(id: &str) -> Tenant {
    Tenant::parse(id).unwrap()
}

/// A sealed value, told apart by its name.
pub(crate) fn sealed(name: &str) -> Sealed {
    Sealed::from_text(format!("s1.kid.{name}"))
}

/// The app in the workspace.
pub(crate) fn installation() -> Installation {
    Installation {
        tenant: tenant(ACME),
        bot_token: sealed("bot"),
        scopes: vec!["chat:write".into(), "users:read".into()],
        app_id: "A0BELAY001".into(),
        bot_user: "U0BELAY001".into(),
        installer: ALICE.into(),
        name: "Acme".into(),
        icon: None,
        domain: "acme".into(),
        organizations: vec![organization()],
        status: InstallationStatus::Active,
        installed_at: NOON,
        refresh_token: None,
        token_expires: None,
        epoch: 0,
        next_at: Some(after(24 * 3600)),
        leased: false,
        alerts: None,
        wiped_to: None,
        trouble: None,
        version: 1,
    }
}

/// The app in any workspace.
pub(crate) fn installation_of(id: &str) -> Installation {
    Installation { tenant: tenant(id), ..installation() }
}

/// The organization that everything is about.
pub(crate) fn organization() -> Organization {
    Organization {
        id: OrganizationId::parse("1").unwrap(),
        slug: "acme".into(),
        name: "Acme Inc".into(),
    }
}

/// Somebody of the workspace.
pub(crate) fn person(user: &str) -> Person {
    Person { tenant: tenant(ACME), user: SlackUserId::parse(user).unwrap() }
}

/// Tokens, told apart by their name.
pub(crate) fn tokens(name: &str) -> Tokens {
    Tokens {
        access: sealed(&format!("access-{name}")),
        refresh: Some(sealed(&format!("refresh-{name}"))),
        expires: after(30 * 24 * 3600),
    }
}

/// Alice has done this to the installation.
pub(crate) fn row(what: &str, at: Timestamp) -> Row {
    Row::of_installation(&installation(), Some(ALICE), what, None, at)
}

/// Everything in a workspace's audit.
pub(crate) async fn whole_audit(store: &impl Store, id: &str) -> Vec<Row> {
    let ever = Timestamp::from_millis(i64::MAX);
    store.audit(&tenant(id), Timestamp::from_millis(0), ever).await.unwrap()
}

/// The link `link_id` of a Slack user to an account.
pub(crate) fn identity(user: &str, account: &str, link_id: &str) -> Identity {
    Identity {
        person: person(user),
        account: Account {
            id: AccountId::parse(account).unwrap(),
            name: format!("Account {account}"),
            email: format!("account-{account}@acme.example"),
        },
        tokens: tokens(link_id),
        link_id: link_id.into(),
        linked_at: NOON,
        refresh_lease: Timestamp::from_millis(0),
    }
}

/// A prompt shown to a Slack user at this epoch, good for a quarter of an hour.
pub(crate) fn flow(nonce: &str, user: &str, epoch: u64) -> Flow {
    Flow {
        id: FlowId::of_nonce(nonce),
        purpose: FlowPurpose::Link,
        person: person(user),
        person_name: "alice".into(),
        tenant: tenant(ACME),
        workspace: Workspace { team: TeamId::parse(ACME).ok(), name: "Acme".into() },
        channel: ChannelId::parse("C0GENERAL1").ok(),
        organization: organization(),
        epoch,
        installation_epoch: 0,
        stage: Stage::Offered,
        browser: None,
        slack_proven: false,
        account: None,
        link_token: None,
        click: Some(sealed("click")),
        click_words: Some("resolve BACKEND-12".into()),
        reply_to: Some(sealed("reply")),
        expires: after(900),
        version: 0,
    }
}

/// A click of Alice's, due at noon.
pub(crate) fn job(name: &str) -> Job {
    Job {
        key: JobKey::of_flow(name),
        person: person(ALICE),
        issue: IssueId::parse("4815").unwrap(),
        change: Change::parse_status("ignored:archived_until_escalating").unwrap(),
        click: sealed("click"),
        phase: Phase::Open,
        attempt: 0,
        clean: 0,
        url_uses: 0,
        noted: false,
        next_at: NOON,
        outcome: None,
        admitted_at: NOON,
        request: None,
        organization: OrganizationId::parse("1").ok(),
        account: None,
    }
}

/// The jobs that are due.
pub(crate) async fn keys_due(
    store: &impl Store,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<JobKey>, StoreError> {
    let due = store.due(before, limit).await?;
    Ok(due.into_iter().map(|(key, _)| key).collect())
}

/// What `link-identity` writes at the end of `flow`: the link is named after the flow, and the click
/// that waited becomes a job.
pub(crate) fn link_write(flow: &Flow, account: &str) -> LinkWrite {
    let link_id = format!("link-{}", flow.id.as_str());
    let identity = identity(flow.person.user.as_str(), account, &link_id);
    let job = Job { person: flow.person.clone(), ..job(flow.id.as_str()) };
    LinkWrite { flow: flow.used(), identity, job: Some(job), now: NOON }
}

/// What `unlink-identity` writes at the end of `flow`.
pub(crate) fn unlink_write(flow: &Flow, identity: &Identity) -> UnlinkWrite {
    UnlinkWrite { flow: flow.used(), identity: identity.clone(), now: NOON }
}

/// The app installed.
pub(crate) async fn installed<T: Table>(table: &T) -> T::Store {
    let store = table.store();
    store.save_installation(&installation()).await.unwrap();
    store
}

/// A flow that is stored.
pub(crate) async fn opened(store: &impl Store, flow: Flow) -> Flow {
    store.open_flow(&flow).await.unwrap();
    flow
}

/// The app installed, and a Slack user linked to an account by a first prompt: the epoch is 1.
pub(crate) async fn linked<T: Table>(table: &T, user: &str, account: &str) -> (T::Store, Identity) {
    let store = installed(table).await;
    let flow = opened(&store, flow(&format!("first of {user}"), user, 0)).await;
    let write = LinkWrite { job: None, ..link_write(&flow, account) };
    assert_eq!(store.link(&write).await, Ok(Linked::Yes));
    (store, write.identity)
}

/// Somebody of any workspace, linked there by a first prompt. The app has to be installed.
pub(crate) async fn linked_in(
    store: &impl Store,
    home: &str,
    user: &str,
    account: &str,
) -> Identity {
    let person = Person { tenant: tenant(home), ..person(user) };
    let flow = flow(&format!("{user} of {home}"), user, 0);
    let flow = opened(store, Flow { person: person.clone(), tenant: tenant(home), ..flow }).await;
    let write = LinkWrite { job: None, ..link_write(&flow, account) };
    let identity = Identity { person, ..write.identity.clone() };
    let linked = store.link(&LinkWrite { identity: identity.clone(), ..write }).await;
    assert_eq!(linked, Ok(Linked::Yes));
    identity
}

/// The same with Alice and her account.
pub(crate) async fn alice_linked<T: Table>(table: &T) -> (T::Store, Identity) {
    linked(table, ALICE, ALICES).await
}

/// The app installed and Alice linked, as they are in a map.
pub(crate) async fn copied(rows: &Rows, store: &impl Store) {
    store.save_installation(rows.installations.values().next().unwrap()).await.unwrap();
    let flow = opened(store, flow("first", ALICE, 0)).await;
    let identity = rows.identities.values().next().unwrap().clone();
    let write = LinkWrite { job: None, identity, ..link_write(&flow, ALICES) };
    assert_eq!(store.link(&write).await, Ok(Linked::Yes));
}
