//! What Slack may add tomorrow: fields, blocks and types that nobody here reads.

use serde_json::{Value, json};

use crate::{
    abuse::{
        Edits,
        answer::{Kind, assert_answer},
    },
    harness::{ALICE, ALICES, World},
};

#[tokio::test]
async fn fields_that_nobody_reads_may_hold_anything() {
    let rows: Edits = &[
        ("a field of the payload", |p| p["later"] = json!([1, {"x": null}])),
        ("a field of the user", |p| p["user"]["later"] = json!({"x": [1]})),
        ("a field of the action", |p| p["actions"][0]["later"] = json!(true)),
        ("a second action", |p| {
            p["actions"].as_array_mut().unwrap().push(json!({"type": "later"}));
        }),
        ("a user without names", |p| {
            p["user"].as_object_mut().unwrap().retain(|name, _| name == "id" || name == "team_id");
        }),
        ("a user without a home", |p| {
            p["user"].as_object_mut().unwrap().remove("team_id");
        }),
        ("no channel", |p| {
            p.as_object_mut().unwrap().remove("channel");
        }),
        ("a direct message", |p| p["channel"]["id"] = json!("D0DIRECT01")),
        ("no container", |p| {
            p.as_object_mut().unwrap().remove("container");
        }),
        ("no trigger", |p| {
            p.as_object_mut().unwrap().remove("trigger_id");
        }),
        ("a workspace's names in other letters", |p| p["team"]["domain"] = json!("äöü 🦀")),
    ];
    for (case, edit) in rows {
        assert_admitted(edit, case).await;
    }
}

#[tokio::test]
async fn an_alert_may_hold_any_block_beside_its_own() {
    let blocks = [
        json!({"type": "divider", "block_id": "x"}),
        json!({"type": "image", "image_url": "https://x.example", "alt_text": "x"}),
        json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]}),
        json!({"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}]}),
        json!({"type": "rich_text", "block_id": "r", "elements": []}),
        json!({"type": "header", "text": {"type": "plain_text", "text": "x"}}),
        json!({"type": "later", "block_id": "[1]", "later": 1}),
    ];
    for block in blocks {
        let case = block.to_string();
        assert_admitted(|p| p["message"]["blocks"].as_array_mut().unwrap().push(block), &case)
            .await;
    }
}

#[tokio::test]
async fn an_alert_may_hold_a_markdown_block() {
    // Its `text` is no object (docs.slack.dev/reference/block-kit/blocks/markdown-block).
    let markdown = json!({"type": "markdown", "block_id": "m", "text": "**Why** it happened"});

    assert_admitted(|p| p["message"]["blocks"].as_array_mut().unwrap().push(markdown), "markdown")
        .await;
}

#[tokio::test]
async fn a_type_that_nobody_knows_may_have_any_shape() {
    let world = World::new().await;
    for payload in [
        json!({"type": "something_new", "user": "U0ALICE001"}),
        json!({"type": "something_new", "team": "T0ACME0001"}),
        json!({"type": "something_new", "channel": "C0ALERTS01"}),
        json!({"type": "something_new", "user": {"id": "B0BOT00001"}}),
        json!({"type": "something_new", "message": "hi"}),
        json!({"type": "something_new", "view": "V1"}),
        json!({"type": "something_new", "actions": {"a": 1}}),
    ] {
        let answer = world.send(&payload).await;
        assert_answer(&answer, 200, Kind::Empty, &payload.to_string());
    }
}

/// Alice's click, with something more or less, is admitted all the same.
async fn assert_admitted(edit: impl FnOnce(&mut Value), case: &str) {
    let world = Box::pin(World::with_linked(ALICE, ALICES)).await;
    let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    edit(&mut click);
    let jobs = world.rows().jobs.len();

    let answer = world.send(&click).await;

    assert_answer(&answer, 200, Kind::Empty, case);
    assert_eq!(world.rows().jobs.len(), jobs + 1, "{case}");
}
