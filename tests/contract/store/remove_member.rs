//! Members that are removed with their workspace: both rows, and only of the link that was found.

use shared::store::{LinkIdentity, Linked, LoadClicker, Member, RemoveMembers, Written};

use super::{
    records::{
        ACME, GUESTS, alice_linked, flow, link_write, linked_in, opened, person, tenant,
        whole_audit,
    },
    table::{Links, Store, Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS};

every_table! {
    removing_a_member_removes_both_rows_and_leaves_the_epoch,
    after_removing_both_sides_are_free,
    removing_twice_is_removing_once,
    somebody_elses_link_stays,
    a_member_of_another_workspace_stays,
    a_link_that_was_made_since_is_left_alone,
    what_was_never_linked_is_removed_without_a_trace,
    removed_by_many_a_member_is_gone,
}

async fn alice_of(store: &impl Store) -> Member {
    let members = store.members(&tenant(ACME), None, 10).await.unwrap();
    members.into_iter().find(|member| member.user.as_str() == ALICE).unwrap()
}

async fn removing_a_member_removes_both_rows_and_leaves_the_epoch(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let audit = whole_audit(&store, ACME).await;

    let removed = store.remove_member(&tenant(ACME), &alice_of(&store).await).await;

    assert_eq!(removed, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (None, 1));
    assert_eq!(whole_audit(&store, ACME).await, audit);
}

async fn after_removing_both_sides_are_free(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    store.remove_member(&tenant(ACME), &alice_of(&store).await).await.unwrap();
    let alices = opened(&store, flow("alice anew", ALICE, 1)).await;
    let bobs = opened(&store, flow("bob", BOB, 0)).await;

    let alice = store.link(&link_write(&alices, BOBS)).await;
    let bob = store.link(&link_write(&bobs, ALICES)).await;

    assert_eq!([alice, bob], [Ok(Linked::Yes), Ok(Linked::Yes)]);
}

async fn removing_twice_is_removing_once(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let member = alice_of(&store).await;
    store.remove_member(&tenant(ACME), &member).await.unwrap();
    let before = table.rows().await;

    let again = store.remove_member(&tenant(ACME), &member).await;

    assert_eq!(again, Ok(Written::Yes));
    assert_eq!(table.rows().await, before);
}

async fn somebody_elses_link_stays(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let bob = linked_in(&store, ACME, BOB, BOBS).await;

    store.remove_member(&tenant(ACME), &alice_of(&store).await).await.unwrap();

    let links = table.links().await;
    assert_eq!(links.reverse, [(BOB.into(), BOBS.into(), bob.link_id)].into());
    assert_eq!(links.forward, links.reverse);
}

async fn a_member_of_another_workspace_stays(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let member = alice_of(&store).await;
    let before = table.rows().await;

    store.remove_member(&tenant(GUESTS), &member).await.unwrap();

    assert_eq!(table.rows().await, before);
}

async fn a_link_that_was_made_since_is_left_alone(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let older = alice_of(&store).await;
    let again = opened(&store, flow("again", ALICE, 1)).await;
    store.link(&link_write(&again, ALICES)).await.unwrap();
    let before = table.rows().await;

    let removed = store.remove_member(&tenant(ACME), &older).await;

    assert_eq!(removed, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn what_was_never_linked_is_removed_without_a_trace(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let nobody = Member { link_id: "never".into(), ..alice_of(&store).await };
    store.remove_member(&tenant(ACME), &alice_of(&store).await).await.unwrap();
    let before = table.rows().await;

    let removed = store.remove_member(&tenant(ACME), &nobody).await;

    assert_eq!(removed, Ok(Written::Yes));
    assert_eq!(table.rows().await, before);
}

async fn removed_by_many_a_member_is_gone(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let member = alice_of(&store).await;

    let removed = at_once((0..10).map(|_| {
        let (store, member) = (store.clone(), member.clone());
        async move { store.remove_member(&tenant(ACME), &member).await }
    }))
    .await;

    assert!(removed.contains(&Ok(Written::Yes)), "{removed:?}");
    assert_eq!(table.links().await, Links::default());
}
