//! Flows: begun once, and of two writes that were decided on the same version one holds.

use shared::{
    flow::{Flow, FlowId, ProvenAccount, Stage},
    store::{Created, FollowFlow, OpenFlow, Written},
};

use super::{
    records::{after, flow, identity, opened, sealed},
    table::{Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB};

every_table! {
    a_flow_is_begun_once,
    a_flow_reads_back_at_every_stage,
    a_flow_that_is_not_there_is_none_and_does_not_advance,
    a_flow_advances_from_its_newest_version_only,
    a_used_flow_never_advances,
    of_many_that_advance_a_flow_one_does,
    an_ended_flow_is_read_as_long_as_it_is_there,
}

async fn a_flow_is_begun_once(table: impl Table) {
    let store = table.store();
    let first = flow("nonce", ALICE, 0);
    let second = Flow { person_name: "somebody else".into(), ..first.clone() };

    let created = [store.open_flow(&first).await, store.open_flow(&second).await];

    assert_eq!(created, [Ok(Created::New), Ok(Created::Already)]);
    assert_eq!(store.flow(&first.id).await, Ok(Some(first)));
}

async fn a_flow_reads_back_at_every_stage(table: impl Table) {
    let store = table.store();
    let offered = opened(&store, flow("nonce", ALICE, 0)).await;
    let at_slack = Stage::AtSlack { state: "hash".into(), nonce: "n".into() };
    let at_sentry = Stage::AtSentry { state: "hash".into(), verifier: sealed("verifier") };
    let identity = identity(ALICE, ALICES, "link");
    let proven = ProvenAccount { account: identity.account, tokens: Some(identity.tokens) };
    let begun = offered.begun("cookie", sealed("link"), at_slack);
    let exchanging = begun.exchanging();
    let on_to_sentry = exchanging.with_slack(Some("Alice".into()), at_sentry);
    let ready = on_to_sentry.with_account(proven, None);
    let used = ready.used();

    for next in [begun, exchanging, on_to_sentry, ready, used] {
        assert_eq!(store.advance(&next).await, Ok(Written::Yes), "{:?}", next.stage);
        assert_eq!(store.flow(&next.id).await, Ok(Some(next)));
    }
}

async fn a_flow_that_is_not_there_is_none_and_does_not_advance(table: impl Table) {
    let store = table.store();
    opened(&store, flow("nonce", ALICE, 0)).await;
    let before = table.rows().await;
    let gone = flow("deleted", ALICE, 0);

    let advanced = store.advance(&gone.exchanging()).await;

    assert_eq!(store.flow(&FlowId::of_nonce("deleted")).await, Ok(None));
    assert_eq!(advanced, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn a_flow_advances_from_its_newest_version_only(table: impl Table) {
    let store = table.store();
    let read = opened(&store, flow("nonce", ALICE, 0)).await;
    store.advance(&read.exchanging()).await.unwrap();
    let before = table.rows().await;
    let late = read.begun("cookie", sealed("link"), Stage::Proven);
    let early = read.exchanging().exchanging().exchanging();

    let advanced = [store.advance(&late).await, store.advance(&early).await];

    assert_eq!(advanced, [Ok(Written::Outdated), Ok(Written::Outdated)]);
    assert_eq!(table.rows().await, before);
}

async fn a_used_flow_never_advances(table: impl Table) {
    let store = table.store();
    let used = opened(&store, flow("nonce", ALICE, 0)).await.used();
    store.advance(&used).await.unwrap();
    let before = table.rows().await;

    let again = store.advance(&used.begun("cookie", sealed("link"), Stage::Offered)).await;

    assert_eq!(again, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn of_many_that_advance_a_flow_one_does(table: impl Table) {
    let store = table.store();
    let read = opened(&store, flow("nonce", ALICE, 0)).await;
    opened(&store, flow("another", BOB, 0)).await;

    let advanced = at_once((0..20).map(|n| {
        let (store, next) = (store.clone(), read.begun(&n.to_string(), sealed("l"), Stage::Proven));
        async move { (store.advance(&next).await, next) }
    }))
    .await;

    let (won, lost): (Vec<_>, Vec<_>) =
        advanced.into_iter().partition(|(written, _)| *written == Ok(Written::Yes));
    let [(_, winner)] = &won[..] else { panic!("{} won", won.len()) };
    assert!(lost.iter().all(|(written, _)| *written == Ok(Written::Outdated)), "{lost:?}");
    assert_eq!(store.flow(&read.id).await.unwrap().as_ref(), Some(winner));
}

/// DynamoDB deletes days late: whoever reads has to look at the time.
async fn an_ended_flow_is_read_as_long_as_it_is_there(table: impl Table) {
    let store = table.store();
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;

    let read = store.flow(&flow.id).await.unwrap().unwrap();

    assert!(read.is_open(after(899)));
    assert!(!read.is_open(after(900)));
}
