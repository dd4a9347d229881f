//! Links that are taken apart without a flow: both rows, and only of the link that was shown.

use shared::{
    identity::Identity,
    store::{LinkIdentity, Linked, LoadClicker, RemoveIdentity, UnlinkIdentity, Written},
};

use super::{
    records::{
        ACME, alice_linked, flow, identity, installed, link_write, linked, opened, person, tenant,
        unlink_write,
    },
    table::{Links, Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS, NOON};

every_table! {
    removing_removes_both_rows_and_moves_the_epoch_on,
    after_removing_both_sides_are_free,
    somebody_elses_link_stays,
    the_button_of_an_older_link_removes_nothing,
    at_another_epoch_nothing_is_removed,
    where_there_is_no_identity_nothing_is_removed,
    the_button_pressed_many_times_removes_once,
    of_the_button_and_the_page_one_removes,
    after_removing_a_prompt_from_before_links_nothing,
}

/// Tries to remove; the table is as it was.
async fn refused<T: Table>(table: &T, identity: &Identity, epoch: u64) -> Written {
    let before = table.rows().await;
    let written = table.store().remove_identity(identity, epoch, NOON).await.unwrap();
    assert_eq!(table.rows().await, before);
    written
}

async fn removing_removes_both_rows_and_moves_the_epoch_on(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;

    let written = store.remove_identity(&identity, 1, NOON).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (None, 2));
}

async fn after_removing_both_sides_are_free(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    store.remove_identity(&identity, 1, NOON).await.unwrap();
    let alices = opened(&store, flow("alice anew", ALICE, 2)).await;
    let bobs = opened(&store, flow("bob", BOB, 0)).await;

    let alice = store.link(&link_write(&alices, BOBS)).await;
    let bob = store.link(&link_write(&bobs, ALICES)).await;

    assert_eq!([alice, bob], [Ok(Linked::Yes), Ok(Linked::Yes)]);
}

async fn somebody_elses_link_stays(table: impl Table) {
    let (_, bobs) = linked(&table, BOB, BOBS).await;
    let (store, alices) = alice_linked(&table).await;

    store.remove_identity(&alices, 1, NOON).await.unwrap();

    let clicker = store.clicker(&tenant(ACME), &person(BOB)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(bobs), 1));
    assert_eq!(table.links().await.reverse.len(), 1);
}

async fn the_button_of_an_older_link_removes_nothing(table: impl Table) {
    let (store, older) = alice_linked(&table).await;
    let again = opened(&store, flow("again", ALICE, 1)).await;
    store.link(&link_write(&again, ALICES)).await.unwrap();

    // Everything else about it is as it should be.
    let answer = refused(&table, &older, 2).await;

    assert_eq!(answer, Written::Outdated);
}

async fn at_another_epoch_nothing_is_removed(table: impl Table) {
    let (_, identity) = alice_linked(&table).await;

    for epoch in [0, 2] {
        let answer = refused(&table, &identity, epoch).await;

        assert_eq!(answer, Written::Outdated, "epoch {epoch}");
    }
}

async fn where_there_is_no_identity_nothing_is_removed(table: impl Table) {
    installed(&table).await;

    let answer = refused(&table, &identity(ALICE, ALICES, "link"), 0).await;

    assert_eq!(answer, Written::Outdated);
}

async fn the_button_pressed_many_times_removes_once(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;

    let written = at_once((0..20).map(|_| {
        let (store, identity) = (store.clone(), identity.clone());
        async move { store.remove_identity(&identity, 1, NOON).await }
    }))
    .await;

    let removed = written.iter().filter(|written| **written == Ok(Written::Yes)).count();
    assert_eq!(removed, 1, "{written:?}");
    assert_eq!(table.links().await, Links::default());
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.epoch, 2);
}

async fn of_the_button_and_the_page_one_removes(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    store.remove_identity(&identity, 1, NOON).await.unwrap();

    let late = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(late, Ok(Written::Outdated));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.epoch, 2);
}

async fn after_removing_a_prompt_from_before_links_nothing(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let before = opened(&store, flow("from before", ALICE, 1)).await;
    store.remove_identity(&identity, 1, NOON).await.unwrap();

    let linked = store.link(&link_write(&before, ALICES)).await;

    assert_eq!(linked, Ok(Linked::Outdated));
    assert_eq!(table.links().await, Links::default());
}
