//! Bodies that Sentry has signed and yet never sends.

use serde_json::{Value, json};

use super::{Edits, assert_refused, event_of, genuine};
use crate::harness::World;

const MAX_BODY: usize = 1024 * 1024;

/// This body, signed by Sentry, is refused and leaves no trace.
async fn assert_refuses(world: &World, body: &str, status: u16, case: &str) {
    let hook = world.sentry.sign_hook("acme", "event_alert", body);
    assert_refused(world, &event_of(&hook), status, case).await;
}

fn deep(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

#[tokio::test]
async fn an_event_of_a_megabyte_is_taken_and_a_larger_one_refused() {
    let world = World::new().await;
    let mut body = genuine(&world).payload();
    body["data"]["event"]["extra"] = json!("x".repeat(1_000_000));

    let hook = world.sentry.sign_hook("acme", "event_alert", body.to_string());
    let answer = world.hook(&hook).await;

    assert_eq!((answer.status, world.rows().posts.len()), (200, 1));
    assert_refuses(&world, &"x".repeat(MAX_BODY + 1), 413, "a byte too much").await;
}

#[tokio::test]
async fn a_webhook_is_one_json_object() {
    let world = World::new().await;
    let good = genuine(&world).payload().to_string();
    let inside = |field: &str| good.replacen('{', &format!("{{{field},"), 1);
    for (case, body) in [
        ("an empty list", "[]".to_owned()),
        ("a list with the webhook", format!("[{good}]")),
        ("null", "null".into()),
        ("a text", json!(good).to_string()),
        ("cut off", good[..good.len() - 1].to_owned()),
        ("two of them", format!("{good}{good}")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("half a surrogate", inside("\"actor\":{\"name\":\"\\ud800\"}")),
        ("a form", "payload=%7B%7D".into()),
        ("10,000 lists", deep(10_000)),
        (
            "10,000 lists in the tags",
            good.replace("\"tags\":", &format!("\"tags\":{},\"x\":", deep(10_000))),
        ),
        ("two actions", inside("\"action\":\"resolved\"")),
        ("two actions, one escaped", inside("\"\\u0061ction\":\"resolved\"")),
        ("two data", inside("\"data\":{}")),
        ("two numbers", good.replacen("\"issue_id\":", "\"issue_id\":\"1\",\"issue_id\":", 1)),
    ] {
        assert_refuses(&world, &body, 400, case).await;
    }
}

#[tokio::test]
async fn what_is_not_read_may_be_as_deep_as_it_likes() {
    let world = World::new().await;
    let good = genuine(&world).payload().to_string();
    let body = good.replacen('{', &format!("{{\"x\":{},", deep(10_000)), 1);

    let hook = world.sentry.sign_hook("acme", "event_alert", body);

    assert_eq!(world.hook(&hook).await.status, 200);
}

#[tokio::test]
async fn a_webhook_without_what_it_always_has_is_refused() {
    let world = World::new().await;
    let rows: Edits = &[
        ("no number", |body| drop(event(body).remove("issue_id"))),
        ("a path", |body| drop(event(body).insert("issue_id".into(), json!("../../users/me")))),
        ("a negative number", |body| drop(event(body).insert("issue_id".into(), json!(-1)))),
        ("a list", |body| drop(event(body).insert("issue_id".into(), json!(["4815"])))),
        ("a key of the table", |body| drop(event(body).insert("issue_id".into(), json!("1#I2")))),
        ("20 digits", |body| drop(event(body).insert("issue_id".into(), json!("1".repeat(20))))),
        ("a title that is none", |body| drop(event(body).insert("title".into(), json!({})))),
    ];
    for (case, spoil) in rows {
        let mut body = genuine(&world).payload();
        spoil(&mut body);
        assert_refuses(&world, &body.to_string(), 400, case).await;
    }
}

fn event(body: &mut Value) -> &mut serde_json::Map<String, Value> {
    body["data"]["event"].as_object_mut().unwrap()
}

#[tokio::test]
async fn what_is_nobodys_news_leaves_no_trace() {
    let world = World::new().await;
    for body in [
        json!({}),
        json!({"action": "created", "data": {"installation": {"status": "installed"}}}),
        json!({"action": "created", "data": {"comment": "hi", "issue_id": 4815}}),
        json!({"action": "created", "data": {"issue": {"id": "4815", "status": "unresolved"}}}),
        json!({"action": "closed", "data": {"metric_alert": {"id": 5}}}),
    ] {
        let hook = world.sentry.sign_hook("acme", "issue", body.to_string());
        assert_refused(&world, &event_of(&hook), 200, &body.to_string()).await;
    }
}
