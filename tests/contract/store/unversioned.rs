//! Installations that were written before installations had versions and epochs: they read as
//! version 0 and epoch 0, and are linked against and changed as such.

use serde_json::{Value, json};
use shared::{
    flow::Flow,
    identity::Installation,
    store::{ChangeInstallation, LinkIdentity, Linked, Written},
};

use super::{
    dynamo::Dynamo,
    records::{ACME, flow, installation, link_write, opened, row, tenant},
    table::Table,
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! { tables(dynoxide, dynamodb_local) {
    an_installation_without_a_version_is_read_as_the_zeroth,
    an_installation_without_a_version_is_replaced_by_the_first,
    an_installation_without_a_version_is_not_replaced_by_the_second,
    an_installation_without_an_epoch_is_linked_against,
    an_installation_without_an_epoch_is_not_of_a_later_one,
}}

/// The installation as it was written then.
async fn plant(table: &Dynamo) {
    table.store().change_installation(&installation(), None).await.unwrap();
    let mut item: Value = table.item(&format!("TEN#{ACME}"), "INST").await;
    let attributes = item.as_object_mut().unwrap();
    for since in ["version", "epoch", "next_at", "due"] {
        assert!(attributes.remove(since).is_some(), "{since}");
    }
    assert_eq!(item["status"], json!({"S": "ACTIVE"}));
    table.plant(&item).await;
}

fn unversioned() -> Installation {
    Installation { version: 0, next_at: None, ..installation() }
}

async fn an_installation_without_a_version_is_read_as_the_zeroth(table: Dynamo) {
    plant(&table).await;

    let read = table.store().installation(&tenant(ACME)).await;

    assert_eq!(read, Ok(Some(unversioned())));
}

async fn an_installation_without_a_version_is_replaced_by_the_first(table: Dynamo) {
    plant(&table).await;
    let next = unversioned().removed(NOON);

    let written = table.store().change_installation(&next, Some(&row("uninstall", NOON))).await;

    assert_eq!((next.version, written), (1, Ok(Written::Yes)));
    assert_eq!(table.store().installation(&tenant(ACME)).await, Ok(Some(next)));
}

async fn an_installation_without_a_version_is_not_replaced_by_the_second(table: Dynamo) {
    plant(&table).await;
    let before = table.rows().await;

    let next = Installation { version: 2, ..unversioned() };
    let written = table.store().change_installation(&next, None).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn an_installation_without_an_epoch_is_linked_against(table: Dynamo) {
    plant(&table).await;
    let store = table.store();
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;

    let linked = store.link(&link_write(&flow, ALICES)).await;

    assert_eq!(linked, Ok(Linked::Yes));
}

async fn an_installation_without_an_epoch_is_not_of_a_later_one(table: Dynamo) {
    plant(&table).await;
    let store = table.store();
    let later = Flow { installation_epoch: 1, ..flow("nonce", ALICE, 0) };
    let flow = opened(&store, later).await;
    let before = table.rows().await;

    let linked = store.link(&link_write(&flow, ALICES)).await;

    assert_eq!(linked, Ok(Linked::NotInstalled));
    assert_eq!(table.rows().await, before);
}
