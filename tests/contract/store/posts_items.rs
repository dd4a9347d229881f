//! Posts and lanes as items: when DynamoDB may delete them (`exp`, in seconds), and when the index
//! holds them.

use shared::{
    clock::Timestamp,
    ids::ChannelId,
    post::{KEPT, Lane, Post, PostKey},
    store::{WorkPosts, Written},
};

use super::{
    dynamo::Dynamo,
    records::{ACME, after, sealed, tenant},
    table::{Store, Table},
};
use crate::harness::NOON;

every_table! { tables(dynoxide, dynamodb_local) {
    a_post_is_kept_for_ninety_days_after_its_last_change,
    a_lane_is_kept_for_ninety_days_after_its_last_use,
    what_slack_was_told_is_out_of_the_index,
}}

const ALERTS: &str = "C0ALERTS01";

fn first() -> Post {
    let key = PostKey::parse(&format!("post 1 I4815 {ACME} {ALERTS}")).unwrap();
    Post::first(key, sealed("card"), NOON, NOON)
}

/// Writes it, and gives it back.
async fn written(store: &impl Store, post: Post) -> Post {
    assert_eq!(store.write_post(&post).await, Ok(Written::Yes));
    post
}

/// When an item may be deleted.
async fn end(table: &Dynamo, pk: &str, sk: &str) -> Timestamp {
    let item = table.item(pk, sk).await;
    Timestamp::from_secs(item["exp"]["N"].as_str().unwrap().parse().unwrap())
}

async fn a_post_is_kept_for_ninety_days_after_its_last_change(table: Dynamo) {
    let store = table.store();
    let post = written(&store, first()).await;
    let place = format!("{ACME}#{ALERTS}");
    assert_eq!(end(&table, "MSG#1#I4815", &place).await, NOON.plus(KEPT));

    written(&store, post.again(sealed("again"), KEPT, after(60))).await;

    assert_eq!(end(&table, "MSG#1#I4815", &place).await, after(60).plus(KEPT));
}

async fn a_lane_is_kept_for_ninety_days_after_its_last_use(table: Dynamo) {
    let lane = Lane::new(tenant(ACME), ChannelId::parse(ALERTS).unwrap(), NOON);
    let (used, _) = lane.reserved(after(5));

    table.store().write_lane(&used).await.unwrap();

    assert_eq!(end(&table, &format!("LANE#{ACME}#{ALERTS}"), "L").await, after(5).plus(KEPT));
}

async fn what_slack_was_told_is_out_of_the_index(table: Dynamo) {
    let store = table.store();
    let claimed = first().claim(NOON).unwrap();
    written(&store, first()).await;
    written(&store, claimed.clone()).await;
    let place = format!("{ACME}#{ALERTS}");
    assert_eq!(table.item("MSG#1#I4815", &place).await["due"]["S"], "POST");

    written(&store, claimed.posted("1.0", 1, NOON)).await;

    let item = table.item("MSG#1#I4815", &place).await;
    assert!(item.get("due").is_none() && item.get("next_at").is_none(), "{item}");
}
