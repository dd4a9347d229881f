//! Installations that change: of two writes that were decided on the same version one holds, and the
//! row of the audit stands or falls with it.

use shared::{
    audit::Row,
    identity::Installation,
    ids::AccountId,
    store::{ChangeInstallation, LoadClicker, Written},
};

use super::{
    records::{
        ACME, GUESTS, after, alice_linked, installation, installation_of, installed, person, row,
        sealed, tenant, whole_audit,
    },
    table::{Table, at_once},
};
use crate::harness::{ALICE, NOON};

every_table! {
    the_first_version_is_written_where_there_is_nothing,
    a_first_version_does_not_replace_what_is_there,
    a_later_version_is_not_written_where_there_is_nothing,
    the_successor_replaces_and_its_row_is_written_with_it,
    a_change_without_a_row_writes_none,
    only_the_successor_of_the_newest_version_replaces_it,
    every_field_comes_back_as_it_was_written,
    fields_that_are_emptied_come_back_empty,
    of_many_that_change_one_version_one_does,
    of_many_that_change_one_version_without_a_row_one_does,
    of_many_that_install_first_one_does,
    workspaces_change_beside_each_other,
    whoever_is_linked_stays_linked,
}

/// Tries to change the installation; the table is as it was.
async fn refused<T: Table>(table: &T, next: &Installation, row: Option<&Row>) -> Written {
    let before = table.rows().await;
    let written = table.store().change_installation(next, row).await.unwrap();
    assert_eq!(table.rows().await, before);
    written
}

/// Everything that can be there is there.
fn full() -> Installation {
    Installation {
        icon: Some("https://example.com/icon.png".into()),
        refresh_token: Some(sealed("refresh")),
        token_expires: Some(after(12 * 3600)),
        epoch: 3,
        next_at: Some(after(60)),
        wiped_to: AccountId::parse("101").ok(),
        trouble: Some("token_revoked".into()),
        ..installation()
    }
}

async fn the_first_version_is_written_where_there_is_nothing(table: impl Table) {
    let store = table.store();

    let written = store.change_installation(&installation(), Some(&row("install", NOON))).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(installation())));
    assert_eq!(whole_audit(&store, ACME).await, [row("install", NOON)]);
}

async fn a_first_version_does_not_replace_what_is_there(table: impl Table) {
    installed(&table).await;
    let first = Installation { name: "somebody else's".into(), ..installation() };

    let alone = refused(&table, &first, None).await;
    let with_its_row = refused(&table, &first, Some(&row("install", NOON))).await;

    assert_eq!([alone, with_its_row], [Written::Outdated; 2]);
}

async fn a_later_version_is_not_written_where_there_is_nothing(table: impl Table) {
    let later = installation().claimed(NOON);

    let alone = refused(&table, &later, None).await;
    let with_its_row = refused(&table, &later, Some(&row("uninstall", NOON))).await;

    assert_eq!([alone, with_its_row], [Written::Outdated; 2]);
    assert_eq!(table.store().installation(&tenant(ACME)).await, Ok(None));
}

async fn the_successor_replaces_and_its_row_is_written_with_it(table: impl Table) {
    let store = installed(&table).await;
    let removed = installation().removed(after(5));

    let written = store.change_installation(&removed, Some(&row("uninstall", after(5)))).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(removed)));
    assert_eq!(whole_audit(&store, ACME).await, [row("uninstall", after(5))]);
}

async fn a_change_without_a_row_writes_none(table: impl Table) {
    let store = installed(&table).await;

    let written = store.change_installation(&installation().found_well(NOON), None).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(whole_audit(&store, ACME).await, []);
}

async fn only_the_successor_of_the_newest_version_replaces_it(table: impl Table) {
    let store = installed(&table).await;
    let newest = installation().claimed(NOON);
    store.change_installation(&newest, None).await.unwrap();
    let late = installation().removed(NOON);
    let again = newest.clone();
    let early = newest.claimed(NOON).claimed(NOON);

    for other in [late, again, early] {
        let alone = refused(&table, &other, None).await;
        let with_its_row = refused(&table, &other, Some(&row("uninstall", NOON))).await;

        assert_eq!([alone, with_its_row], [Written::Outdated; 2], "version {}", other.version);
    }
}

async fn every_field_comes_back_as_it_was_written(table: impl Table) {
    let store = table.store();

    store.change_installation(&full(), None).await.unwrap();

    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(full())));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.installation, Some(full()));
}

async fn fields_that_are_emptied_come_back_empty(table: impl Table) {
    let store = table.store();
    store.change_installation(&full(), None).await.unwrap();
    let bare = Installation {
        scopes: Vec::new(),
        icon: None,
        organizations: Vec::new(),
        refresh_token: None,
        token_expires: None,
        next_at: None,
        wiped_to: None,
        trouble: None,
        version: 2,
        ..full()
    };

    store.change_installation(&bare, Some(&row("uninstall", NOON))).await.unwrap();

    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(bare)));
}

async fn of_many_that_change_one_version_one_does(table: impl Table) {
    let store = installed(&table).await;

    let changed = at_once((0..20).map(|n| {
        let next = Installation { name: n.to_string(), ..installation().removed(after(n)) };
        let store = store.clone();
        async move {
            let written = store.change_installation(&next, Some(&row("uninstall", after(n)))).await;
            (written, next, row("uninstall", after(n)))
        }
    }))
    .await;

    let mut won = changed.into_iter().filter(|(written, ..)| *written == Ok(Written::Yes));
    let (_, winner, row) = won.next().unwrap();
    assert_eq!(won.next(), None);
    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(winner)));
    assert_eq!(whole_audit(&store, ACME).await, [row]);
}

async fn of_many_that_change_one_version_without_a_row_one_does(table: impl Table) {
    let store = installed(&table).await;

    let written = at_once((0..20).map(|n| {
        let (store, next) = (store.clone(), installation().claimed(after(n)));
        async move { store.change_installation(&next, None).await.unwrap() }
    }))
    .await;

    assert_eq!(written.iter().filter(|written| **written == Written::Yes).count(), 1);
}

async fn of_many_that_install_first_one_does(table: impl Table) {
    let store = table.store();

    let written = at_once((0..20).map(|n| {
        let first = Installation { name: n.to_string(), ..installation() };
        let store = store.clone();
        async move { store.change_installation(&first, Some(&row("install", after(n)))).await }
    }))
    .await;

    let won = written.iter().filter(|written| **written == Ok(Written::Yes)).count();
    assert_eq!(won, 1, "{written:?}");
    assert_eq!(whole_audit(&store, ACME).await.len(), 1);
}

async fn workspaces_change_beside_each_other(table: impl Table) {
    let store = installed(&table).await;

    let written = store.change_installation(&installation_of(GUESTS), None).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(store.installation(&tenant(GUESTS)).await, Ok(Some(installation_of(GUESTS))));
    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(installation())));
}

async fn whoever_is_linked_stays_linked(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let links = table.links().await;
    let removed = installation().removed(NOON);

    store.change_installation(&removed, Some(&row("uninstall", NOON))).await.unwrap();

    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.installation, Some(removed));
    assert_eq!((clicker.identity, clicker.epoch), (Some(alice), 1));
    assert_eq!(table.links().await, links);
}
