//! Tokens renewed: one renews, the others wait, and only the link they belong to gets them.

use shared::{
    identity::{Identity, Tokens},
    store::{LinkIdentity, Linked, RenewTokens, UnlinkIdentity, Written},
};

use super::{
    records::{
        ACME, after, alice_linked, flow, link_write, opened, person, sealed, tenant, tokens,
        unlink_write,
    },
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! {
    of_many_that_want_to_renew_one_may,
    a_lease_holds_until_it_ends,
    who_has_read_older_tokens_may_not_renew,
    renewed_tokens_are_read_and_the_lease_is_over,
    a_server_that_gives_no_refresh_token_is_taken_at_its_word,
    what_was_read_of_an_older_link_renews_nothing,
    who_has_read_older_tokens_does_not_replace_newer_ones,
    after_unlinking_nothing_is_renewed,
}

/// Alice as the table has her.
pub(crate) async fn stored(store: &impl Store) -> Identity {
    store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap().identity.unwrap()
}

async fn of_many_that_want_to_renew_one_may(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;

    let leased = at_once((0..50).map(|_| {
        let (store, identity) = (store.clone(), identity.clone());
        async move { store.lease_refresh(&identity, NOON, after(20)).await.unwrap() }
    }))
    .await;

    assert_eq!(leased.iter().filter(|leased| **leased == Written::Yes).count(), 1);
}

async fn a_lease_holds_until_it_ends(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    store.lease_refresh(&identity, NOON, after(20)).await.unwrap();

    let early = store.lease_refresh(&identity, after(19), after(100)).await;
    let late = store.lease_refresh(&identity, after(20), after(100)).await;

    assert_eq!([early, late], [Ok(Written::Outdated), Ok(Written::Yes)]);
    assert_eq!(stored(&store).await, Identity { refresh_lease: after(100), ..identity });
}

async fn who_has_read_older_tokens_may_not_renew(table: impl Table) {
    let (store, read) = alice_linked(&table).await;
    store.save_tokens(&read, &tokens("renewed")).await.unwrap();
    let before = table.rows().await;

    let leased = store.lease_refresh(&read, after(1000), after(1020)).await;

    assert_eq!(leased, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn renewed_tokens_are_read_and_the_lease_is_over(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    store.lease_refresh(&identity, NOON, after(20)).await.unwrap();

    let saved = store.save_tokens(&identity, &tokens("renewed")).await;

    assert_eq!(saved, Ok(Written::Yes));
    let renewed = Identity { tokens: tokens("renewed"), ..identity };
    assert_eq!(stored(&store).await, renewed);
    let next = store.lease_refresh(&renewed, after(1), after(20)).await;
    assert_eq!(next, Ok(Written::Yes));
}

async fn a_server_that_gives_no_refresh_token_is_taken_at_its_word(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let only = Tokens { access: sealed("only"), refresh: None, expires: after(60) };

    store.save_tokens(&identity, &only).await.unwrap();

    assert_eq!(stored(&store).await.tokens, only);
}

async fn what_was_read_of_an_older_link_renews_nothing(table: impl Table) {
    let (store, older) = alice_linked(&table).await;
    let flow = opened(&store, flow("again", ALICE, 1)).await;
    let mut write = link_write(&flow, ALICES);
    write.identity.tokens = older.tokens.clone();
    assert_eq!(store.link(&write).await, Ok(Linked::Yes));
    let before = table.rows().await;

    let leased = store.lease_refresh(&older, NOON, after(20)).await;
    let saved = store.save_tokens(&older, &tokens("renewed")).await;

    assert_eq!([leased, saved], [Ok(Written::Outdated), Ok(Written::Outdated)]);
    assert_eq!(table.rows().await, before);
}

async fn who_has_read_older_tokens_does_not_replace_newer_ones(table: impl Table) {
    let (store, read) = alice_linked(&table).await;
    store.save_tokens(&read, &tokens("renewed")).await.unwrap();
    let before = table.rows().await;

    let saved = store.save_tokens(&read, &tokens("late")).await;

    assert_eq!(saved, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

/// An update of what is not there would make half an identity.
async fn after_unlinking_nothing_is_renewed(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    store.unlink(&unlink_write(&flow, &identity)).await.unwrap();
    let before = table.rows().await;

    let leased = store.lease_refresh(&identity, NOON, after(20)).await;
    let saved = store.save_tokens(&identity, &tokens("renewed")).await;

    assert_eq!([leased, saved], [Ok(Written::Outdated), Ok(Written::Outdated)]);
    assert_eq!(table.rows().await, before);
}
