//! Links of which half is not what it should be: the store never writes such, but a backup that was
//! put back, or a hand in the console, may leave them.

use serde_json::json;
use shared::store::{LinkIdentity, Linked, UnlinkIdentity, Written};

use super::{
    dynamo::Dynamo,
    records::{ACME, alice_linked, flow, link_write, opened, unlink_write},
    table::{Links, Table},
};
use crate::harness::{ALICE, ALICES, BOB};

every_table! { tables(dynoxide, dynamodb_local) {
    a_link_without_its_reverse_row_is_cleaned_away,
    a_link_without_its_reverse_row_is_made_whole_by_linking_again,
    the_page_of_an_older_link_does_not_clean_half_of_a_newer_one,
    a_reverse_row_of_another_link_is_left_alone,
}}

async fn a_link_without_its_reverse_row_is_cleaned_away(table: Dynamo) {
    let (store, identity) = alice_linked(&table).await;
    table.remove(&format!("TEN#{ACME}"), &format!("SEN#{ALICES}")).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;

    let written = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(table.links().await, Links::default());
}

async fn a_link_without_its_reverse_row_is_made_whole_by_linking_again(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    table.remove(&format!("TEN#{ACME}"), &format!("SEN#{ALICES}")).await;
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
    table.remove(&format!("TEN#{ACME}"), &format!("SEN#{ALICES}")).await;
    let flow = opened(&store, flow("unlink", ALICE, 2)).await;
    let before = table.rows().await;

    let written = store.unlink(&unlink_write(&flow, &older)).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn a_reverse_row_of_another_link_is_left_alone(table: Dynamo) {
    let (store, identity) = alice_linked(&table).await;
    let (pk, sk) = (format!("TEN#{ACME}"), format!("SEN#{ALICES}"));
    let bobs = "link of Bob's";
    table
        .plant(&json!({
            "pk": {"S": pk}, "sk": {"S": sk}, "slack_user": {"S": BOB}, "link_id": {"S": bobs},
        }))
        .await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;
    let before = table.rows().await;

    let written = store.unlink(&unlink_write(&flow, &identity)).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}
