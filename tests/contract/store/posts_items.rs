//! Posts, lanes and workspaces as items: when DynamoDB may delete them (`exp`, in seconds), when the
//! index holds them, and what becomes of one that cannot be read, or of very many.

use serde_json::json;
use shared::{
    clock::Timestamp,
    ids::ChannelId,
    post::{KEPT, Lane, Post, PostKey},
    store::{FindWorkspaces, KeepPosts, SaveInstallation, WorkPosts, Written},
};

use super::{
    dynamo::Dynamo,
    records::{ACME, GUESTS, after, installation, installation_of, sealed, tenant},
    table::{Store, Table},
};
use crate::harness::NOON;

every_table! { tables(dynoxide, dynamodb_local) {
    a_post_is_kept_for_ninety_days_after_its_last_change,
    a_lane_is_kept_for_ninety_days_after_its_last_use,
    what_slack_was_told_is_out_of_the_index,
    a_workspace_that_cannot_be_read_hides_no_other,
    posts_about_a_subject_are_found_page_by_page,
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

async fn a_workspace_that_cannot_be_read_hides_no_other(table: Dynamo) {
    let store = table.store();
    for installation in [installation(), installation_of(GUESTS)] {
        store.save_installation(&installation).await.unwrap();
    }
    let mut item = table.item(&format!("TEN#{ACME}"), "INST").await;
    item["status"] = json!({"S": "OF A LATER VERSION"});
    table.plant(&item).await;

    let found = store.workspaces("acme", 100).await;

    assert_eq!(found, Ok(vec![installation_of(GUESTS)]));
}

/// A page has a megabyte.
async fn posts_about_a_subject_are_found_page_by_page(table: Dynamo) {
    let store = table.store();
    let large = "x".repeat(300_000);
    for n in 0..5 {
        let key = PostKey::parse(&format!("post 1 I4815 {ACME} C0NUMBER{n}")).unwrap();
        written(&store, Post::first(key, sealed(&large), NOON, NOON)).await;
    }
    let about = first().key;

    let found = store.posts_about(&about.organization, &about.subject).await.unwrap();

    assert_eq!(found.len(), 5);
}
