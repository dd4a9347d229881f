//! Tokens that are forgotten after the app was removed: the link stays, and linking anew restores it.

use shared::{
    identity::{Identity, Tokens},
    store::{
        LinkIdentity, Linked, LoadClicker, Member, RenewTokens, TendInstallations, UnlinkIdentity,
        Written,
    },
};

use super::{
    records::{
        ACME, GUESTS, after, alice_linked, flow, link_write, linked_in, opened, person, tenant,
        tokens, unlink_write,
    },
    table::{Store, Table},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS, NOON};

every_table! {
    a_wiped_member_is_linked_and_has_no_tokens,
    wiping_twice_is_wiping_once,
    wiping_ends_the_lease_of_who_was_renewing,
    who_was_renewing_what_is_wiped_cannot_lease_again,
    who_was_renewing_what_is_wiped_writes_nothing_back,
    somebody_elses_tokens_stay,
    the_same_person_of_another_workspace_keeps_theirs,
    a_link_that_was_made_since_is_left_alone,
    where_nobody_is_linked_any_more_nothing_is_written,
    linking_again_restores_what_was_wiped,
}

async fn member_of(store: &impl Store, account: &str) -> Member {
    let members = store.members(&tenant(ACME), None, 10).await.unwrap();
    members.into_iter().find(|member| member.account.as_str() == account).unwrap()
}

async fn stored(store: &impl Store) -> Option<Identity> {
    store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap().identity
}

async fn a_wiped_member_is_linked_and_has_no_tokens(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let links = table.links().await;

    store.wipe_tokens(&tenant(ACME), &member_of(&store, ALICES).await).await.unwrap();

    assert_eq!(stored(&store).await, Some(Identity { tokens: Tokens::wiped(), ..alice }));
    assert_eq!(table.links().await, links);
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.epoch, 1);
}

async fn wiping_twice_is_wiping_once(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let member = member_of(&store, ALICES).await;
    store.wipe_tokens(&tenant(ACME), &member).await.unwrap();
    let before = table.rows().await;

    let again = store.wipe_tokens(&tenant(ACME), &member).await;

    assert_eq!(again, Ok(()));
    assert_eq!(table.rows().await, before);
}

async fn wiping_ends_the_lease_of_who_was_renewing(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    store.lease_refresh(&alice, NOON, after(20)).await.unwrap();

    store.wipe_tokens(&tenant(ACME), &member_of(&store, ALICES).await).await.unwrap();

    assert_eq!(stored(&store).await, Some(Identity { tokens: Tokens::wiped(), ..alice }));
}

async fn who_was_renewing_what_is_wiped_cannot_lease_again(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;

    store.wipe_tokens(&tenant(ACME), &member_of(&store, ALICES).await).await.unwrap();

    let leased = store.lease_refresh(&alice, NOON, after(20)).await;
    assert_eq!(leased, Ok(Written::Outdated));
}

async fn who_was_renewing_what_is_wiped_writes_nothing_back(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    store.lease_refresh(&alice, NOON, after(20)).await.unwrap();
    store.wipe_tokens(&tenant(ACME), &member_of(&store, ALICES).await).await.unwrap();

    let saved = store.save_tokens(&alice, &tokens("renewed")).await;

    assert_eq!(saved, Ok(Written::Outdated));
    assert_eq!(stored(&store).await, Some(Identity { tokens: Tokens::wiped(), ..alice }));
}

async fn somebody_elses_tokens_stay(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    linked_in(&store, ACME, BOB, BOBS).await;

    store.wipe_tokens(&tenant(ACME), &member_of(&store, BOBS).await).await.unwrap();

    assert_eq!(stored(&store).await, Some(alice));
}

async fn the_same_person_of_another_workspace_keeps_theirs(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let member = member_of(&store, ALICES).await;

    store.wipe_tokens(&tenant(GUESTS), &member).await.unwrap();

    assert_eq!(stored(&store).await, Some(alice));
}

async fn a_link_that_was_made_since_is_left_alone(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let older = member_of(&store, ALICES).await;
    let again = opened(&store, flow("again", ALICE, 1)).await;
    store.link(&link_write(&again, ALICES)).await.unwrap();
    let before = table.rows().await;

    let wiped = store.wipe_tokens(&tenant(ACME), &older).await;

    assert_eq!(wiped, Ok(()));
    assert_eq!(table.rows().await, before);
}

/// An update of what is not there would make half an identity.
async fn where_nobody_is_linked_any_more_nothing_is_written(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let member = member_of(&store, ALICES).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    store.unlink(&unlink_write(&flow, &alice)).await.unwrap();
    let before = table.rows().await;

    let wiped = store.wipe_tokens(&tenant(ACME), &member).await;

    assert_eq!(wiped, Ok(()));
    assert_eq!(table.rows().await, before);
}

async fn linking_again_restores_what_was_wiped(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    store.wipe_tokens(&tenant(ACME), &member_of(&store, ALICES).await).await.unwrap();
    let again = opened(&store, flow("again", ALICE, 1)).await;
    let mut write = link_write(&again, ALICES);
    write.identity.tokens = tokens("restored");

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes));
    assert_eq!(stored(&store).await, Some(write.identity));
}
