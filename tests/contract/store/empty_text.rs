//! Text that is empty. DynamoDB takes it since 2020; the DynamoDB Local that npm has is older.

use shared::{
    identity::{Account, Identity},
    store::{LinkIdentity, LinkWrite, Linked, LoadClicker},
};

use super::{
    records::{ACME, flow, installed, link_write, opened, person, tenant},
    table::Table,
};
use crate::harness::{ALICE, ALICES};

every_table! { tables(memory, dynoxide) {
    an_account_without_an_e_mail_is_linked,
}}

async fn an_account_without_an_e_mail_is_linked(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = link_write(&flow, ALICES);
    let account = Account { email: String::new(), ..write.identity.account.clone() };
    let identity = Identity { account, ..write.identity.clone() };

    let linked = store.link(&LinkWrite { identity: identity.clone(), ..write }).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.identity, Some(identity));
}
