//! Links of which half is not what it should be: the store never writes such, but a backup that was
//! put back, or a hand in the console, may leave them.

use serde_json::json;
use shared::store::{
    LinkIdentity, Linked, Member, RemoveMembers, TendInstallations, UnlinkIdentity, Written,
};

use super::{
    dynamo::Dynamo,
    records::{ACME, alice_linked, flow, link_write, opened, tenant, unlink_write},
    table::{Links, Table},
};
use crate::harness::{ALICE, ALICES, BOB};

every_table! { tables(dynoxide, dynamodb_local) {
    a_link_without_its_reverse_row_is_cleaned_away,
    a_link_without_its_reverse_row_is_made_whole_by_linking_again,
    the_page_of_an_older_link_does_not_clean_half_of_a_newer_one,
    a_reverse_row_of_another_link_is_left_alone,
    a_member_without_an_identity_is_removed,
    a_member_without_a_reverse_row_is_removed,
    of_a_member_whose_rows_are_of_two_links_nothing_is_removed,
    the_tokens_of_half_a_member_cannot_be_wiped,
}}

/// Alice as the workspace finds her.
async fn alice_of(table: &Dynamo) -> Member {
    table.store().members(&tenant(ACME), None, 10).await.unwrap().remove(0)
}

async fn remove_reverse(table: &Dynamo) {
    table.remove(&format!("TEN#{ACME}"), &format!("SEN#{ALICES}")).await;
}

async fn remove_forward(table: &Dynamo) {
    table.remove(&format!("SLK#{ACME}#{ALICE}"), "ID").await;
}

/// The account's row says that it is Bob's, by another link.
async fn plant_reverse_of_bob(table: &Dynamo) {
    let (pk, sk) = (format!("TEN#{ACME}"), format!("SEN#{ALICES}"));
    let bobs = "link of Bob's";
    table
        .plant(&json!({
            "pk": {"S": pk}, "sk": {"S": sk}, "slack_user": {"S": BOB}, "link_id": {"S": bobs},
        }))
        .await;
}

async fn a_link_without_its_reverse_row_is_cleaned_away(table: Dynamo) {
    let (store, identity) = alice_linked(&table).await;
    remove_reverse(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;

    let written = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
}

async fn a_link_without_its_reverse_row_is_made_whole_by_linking_again(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    remove_reverse(&table).await;
    let flow = opened(&store, flow("again", ALICE, 1)).await;

    let linked = store.link(&link_write(&flow, ALICES)).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let links = table.links().await;
    assert_eq!((links.reverse.len(), &links.reverse), (1, &links.forward));
}

async fn the_page_of_an_older_link_does_not_clean_half_of_a_newer_one(table: Dynamo) {
    let (store, older) = alice_linked(&table).await;
    let again = opened(&store, flow("again", ALICE, 1)).await;
    store.link(&link_write(&again, ALICES)).await.unwrap();
    remove_reverse(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 2)).await;
    let before = table.rows().await;

    let written = store.unlink(&unlink_write(&flow, &older)).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn a_reverse_row_of_another_link_is_left_alone(table: Dynamo) {
    let (store, identity) = alice_linked(&table).await;
    plant_reverse_of_bob(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    let before = table.rows().await;

    let written = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn a_member_without_an_identity_is_removed(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    remove_forward(&table).await;

    let removed = store.remove_member(&tenant(ACME), &alice_of(&table).await).await;

    assert_eq!(removed, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
}

async fn a_member_without_a_reverse_row_is_removed(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    let member = alice_of(&table).await;
    remove_reverse(&table).await;

    let removed = store.remove_member(&tenant(ACME), &member).await;

    assert_eq!(removed, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
}

async fn of_a_member_whose_rows_are_of_two_links_nothing_is_removed(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    let member = alice_of(&table).await;
    plant_reverse_of_bob(&table).await;
    let before = table.rows().await;

    let removed = store.remove_member(&tenant(ACME), &member).await;

    assert_eq!(removed, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

/// An update of what is not there would make half an identity.
async fn the_tokens_of_half_a_member_cannot_be_wiped(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    remove_forward(&table).await;
    let before = table.rows().await;

    let wiped = store.wipe_tokens(&tenant(ACME), &alice_of(&table).await).await;

    assert_eq!(wiped, Ok(()));
    assert_eq!(table.rows().await, before);
}
