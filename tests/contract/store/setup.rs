//! Setups: begun once, and of two writes that were decided on the same version one holds.

use shared::{
    flow::FlowId,
    installation::Looks,
    setup::{Adding, Outcome, Setup, SetupStage},
    store::{Created, FollowFlow, FollowSetup, OpenSetup, Written},
};

use super::{
    records::{ACME, flow, identity, opened, organization, sealed, tenant},
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! {
    a_setup_is_begun_once,
    of_many_that_begin_a_setup_one_does,
    a_setup_reads_back_at_every_stage,
    a_setup_that_is_not_there_is_none_and_does_not_advance,
    a_setup_advances_from_its_newest_version_only,
    of_many_that_advance_a_setup_one_does,
    an_ended_setup_is_read_as_long_as_it_is_there,
    a_setup_is_no_flow_and_a_flow_no_setup,
}

/// An admin's browser, off to Sentry at noon.
fn setup(cookie: &str) -> Setup {
    let stage = SetupStage::AtSentry { state: "hash".into() };
    Setup::begin(cookie, stage, Some("acme".into()), NOON)
}

async fn begun(store: &impl Store, cookie: &str) -> Setup {
    store.open_setup(&setup(cookie)).await.unwrap();
    setup(cookie)
}

fn adding() -> SetupStage {
    SetupStage::Adding(Box::new(Adding {
        tenant: tenant(ACME),
        grant: sealed("grant"),
        organization: organization(),
        looks: Looks { name: Some("Acme".into()), icon: None, domain: Some("acme".into()) },
        workspace: "Acme".into(),
        current: vec!["Other Inc".into()],
        epoch: 3,
    }))
}

fn done() -> SetupStage {
    SetupStage::Done(Outcome {
        workspace: "Acme".into(),
        organizations: vec!["Acme Inc".into(), "Other Inc".into()],
        again: true,
        team: None,
        app: "A0BELAY001".into(),
    })
}

async fn a_setup_is_begun_once(table: impl Table) {
    let store = table.store();
    let first = setup("cookie");
    let second = Setup { wanted: None, ..first.clone() };

    let created = [store.open_setup(&first).await, store.open_setup(&second).await];

    assert_eq!(created, [Ok(Created::New), Ok(Created::Already)]);
    assert_eq!(store.setup(&first.id).await, Ok(Some(first)));
}

async fn of_many_that_begin_a_setup_one_does(table: impl Table) {
    let store = table.store();

    let created = at_once((0..20).map(|_| {
        let store = store.clone();
        async move { store.open_setup(&setup("cookie")).await.unwrap() }
    }))
    .await;

    assert_eq!(created.iter().filter(|created| **created == Created::New).count(), 1);
}

async fn a_setup_reads_back_at_every_stage(table: impl Table) {
    let store = table.store();
    let at_sentry = begun(&store, "cookie").await;
    let exchanging = at_sentry.at(SetupStage::Exchanging);
    let account = identity(ALICE, ALICES, "link").account;
    let choosing = exchanging.with_admin(account, vec![organization()]);
    let at_slack = SetupStage::AtSlack { state: "hash".into(), organization: organization() };
    let at_slack = choosing.at(at_slack);
    let approved = at_slack.at(SetupStage::Exchanging);
    let adding = approved.at(adding());
    let done = adding.at(done());

    for next in [exchanging, choosing, at_slack, approved, adding, done] {
        assert_eq!(store.advance_setup(&next).await, Ok(Written::Yes), "{:?}", next.stage);
        assert_eq!(store.setup(&next.id).await, Ok(Some(next)));
    }
}

async fn a_setup_that_is_not_there_is_none_and_does_not_advance(table: impl Table) {
    let store = table.store();
    begun(&store, "cookie").await;
    let before = table.rows().await;
    let gone = setup("deleted").at(SetupStage::Exchanging);

    let advanced = store.advance_setup(&gone).await;

    assert_eq!(store.setup(&FlowId::of_nonce("deleted")).await, Ok(None));
    assert_eq!(advanced, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn a_setup_advances_from_its_newest_version_only(table: impl Table) {
    let store = table.store();
    let read = begun(&store, "cookie").await;
    let newest = read.at(SetupStage::Exchanging);
    store.advance_setup(&newest).await.unwrap();
    let before = table.rows().await;
    let late = read.at(SetupStage::Choosing);
    let early = newest.at(SetupStage::Choosing).at(SetupStage::Exchanging);

    let advanced = [store.advance_setup(&late).await, store.advance_setup(&early).await];

    assert_eq!(advanced, [Ok(Written::Outdated), Ok(Written::Outdated)]);
    assert_eq!(table.rows().await, before);
}

async fn of_many_that_advance_a_setup_one_does(table: impl Table) {
    let store = table.store();
    let read = begun(&store, "cookie").await;
    begun(&store, "another browser").await;

    let advanced = at_once((0..20).map(|n| {
        let next = read.at(SetupStage::AtSentry { state: n.to_string() });
        let store = store.clone();
        async move { (store.advance_setup(&next).await, next) }
    }))
    .await;

    let (won, lost): (Vec<_>, Vec<_>) =
        advanced.into_iter().partition(|(written, _)| *written == Ok(Written::Yes));
    let [(_, winner)] = &won[..] else { panic!("{} won", won.len()) };
    assert!(lost.iter().all(|(written, _)| *written == Ok(Written::Outdated)), "{lost:?}");
    assert_eq!(store.setup(&read.id).await.unwrap().as_ref(), Some(winner));
}

/// DynamoDB deletes days late: whoever reads has to look at the time.
async fn an_ended_setup_is_read_as_long_as_it_is_there(table: impl Table) {
    let store = table.store();
    let begun = begun(&store, "cookie").await;

    let read = store.setup(&begun.id).await.unwrap().unwrap();

    assert_eq!((read.expires, read.is_open(begun.expires)), (begun.expires, false));
}

/// Both are named by a hash, and stand in one partition.
async fn a_setup_is_no_flow_and_a_flow_no_setup(table: impl Table) {
    let store = table.store();
    let flow = opened(&store, flow("a setup's cookie", ALICE, 0)).await;
    begun(&store, "a flow's nonce").await;

    let as_setup = store.setup(&flow.id).await;
    let as_flow = store.flow(&FlowId::of_nonce("a flow's nonce")).await;

    assert_eq!((as_setup, as_flow), (Ok(None), Ok(None)));
    assert_eq!(store.open_setup(&setup("a setup's cookie")).await, Ok(Created::New));
}
