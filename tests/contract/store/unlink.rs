//! Links that are taken apart: both rows, and only of the link that was shown.

use shared::{
    clock::Timestamp,
    flow::Stage,
    store::{FollowFlow, LinkIdentity, Linked, LoadClicker, UnlinkIdentity, UnlinkWrite, Written},
};

use super::{
    records::{
        ACME, alice_linked, flow, identity, installed, link_write, opened, person, sealed, tenant,
        unlink_write,
    },
    table::{Links, Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS};

every_table! {
    unlinking_removes_both_rows_and_uses_the_flow,
    after_unlinking_both_sides_are_free,
    the_page_of_an_older_link_removes_nothing,
    where_there_is_no_link_nothing_is_removed,
    an_unlink_is_refused_from_the_moment_its_flow_ends,
    a_flow_that_does_not_hold_any_more_unlinks_nothing,
    the_form_sent_many_times_unlinks_once,
}

/// Tries to unlink; the table is as it was.
async fn refused<T: Table>(table: &T, write: &UnlinkWrite) -> Written {
    let before = table.rows().await;
    let written = table.store().unlink(write).await.unwrap();
    assert_eq!(table.rows().await, before);
    written
}

async fn unlinking_removes_both_rows_and_uses_the_flow(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;

    let written = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
    assert_eq!(store.flow(&flow.id).await, Ok(Some(flow.used())));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (None, 2));
}

async fn after_unlinking_both_sides_are_free(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let unlinking = opened(&store, flow("unlink", ALICE, 1)).await;
    store.unlink(&unlink_write(&unlinking, &identity)).await.unwrap();
    let alices = opened(&store, flow("alice anew", ALICE, 2)).await;
    let bobs = opened(&store, flow("bob", BOB, 0)).await;

    let alice = store.link(&link_write(&alices, BOBS)).await;
    let bob = store.link(&link_write(&bobs, ALICES)).await;

    assert_eq!([alice, bob], [Ok(Linked::Yes), Ok(Linked::Yes)]);
}

async fn the_page_of_an_older_link_removes_nothing(table: impl Table) {
    let (store, older) = alice_linked(&table).await;
    let again = opened(&store, flow("again", ALICE, 1)).await;
    store.link(&link_write(&again, ALICES)).await.unwrap();
    // Everything else about it is as it should be.
    let flow = opened(&store, flow("unlink", ALICE, 2)).await;

    let answer = refused(&table, &unlink_write(&flow, &older)).await;

    assert_eq!(answer, Written::Outdated);
}

async fn where_there_is_no_link_nothing_is_removed(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 0)).await;

    let answer = refused(&table, &unlink_write(&flow, &identity(ALICE, ALICES, "link"))).await;

    assert_eq!(answer, Written::Outdated);
}

async fn an_unlink_is_refused_from_the_moment_its_flow_ends(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    let write = unlink_write(&flow, &identity);

    let answer = refused(&table, &UnlinkWrite { now: flow.expires, ..write.clone() }).await;

    assert_eq!(answer, Written::Outdated);
    let just_in_time = Timestamp::from_millis(flow.expires.millis() - 1);
    let written = store.unlink(&UnlinkWrite { now: just_in_time, ..write }).await;
    assert_eq!(written, Ok(Written::Yes));
}

async fn a_flow_that_does_not_hold_any_more_unlinks_nothing(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let deleted = flow("deleted", ALICE, 1);
    let older = opened(&store, flow("from before", ALICE, 0)).await;
    let used = opened(&store, flow("used", ALICE, 1)).await.used();
    store.advance(&used).await.unwrap();
    let stale = opened(&store, flow("stale", ALICE, 1)).await;
    let begun_again = stale.begun("another browser", sealed("link"), Stage::Offered);
    store.advance(&begun_again).await.unwrap();

    for flow in [deleted, older, used, stale] {
        let answer = refused(&table, &unlink_write(&flow, &identity)).await;

        assert_eq!(answer, Written::Outdated, "{flow:?}");
    }
}

async fn the_form_sent_many_times_unlinks_once(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    let write = unlink_write(&flow, &identity);

    let written = at_once((0..20).map(|_| {
        let (store, write) = (store.clone(), write.clone());
        async move { store.unlink(&write).await }
    }))
    .await;

    let removed = written.iter().filter(|written| **written == Ok(Written::Yes)).count();
    assert_eq!(removed, 1, "{written:?}");
    assert_eq!(table.links().await, Links::default());
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.epoch, 2);
}
