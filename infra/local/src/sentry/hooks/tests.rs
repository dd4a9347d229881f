//! What the integration is told, and what it may read.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::testing::{HOOK_SECRET, INTEGRATION_TOKEN, ISSUE, Scene, sentry};
use super::super::{AlertRule, SignedHook};
use super::signed::signature;

fn actions(hooks: &[SignedHook]) -> Vec<String> {
    hooks.iter().map(SignedHook::action).collect()
}

#[test]
fn an_alert_tells_the_event_the_rule_and_its_settings() {
    let (sentry, _) = sentry();
    let rule = AlertRule::new("Errors in production").with("channel", "C0ALERTS01");

    let hook = sentry.fire_alert("4815", &rule).unwrap();

    let payload = hook.payload();
    let event = &payload["data"]["event"];
    assert_eq!(
        (&payload["action"], &payload["actor"]["id"]),
        (&json!("triggered"), &json!("sentry"))
    );
    assert_eq!(event["title"], "TypeError: bad operand");
    assert_eq!((&event["issue_id"], &event["project"]), (&json!("4815"), &json!(11)));
    assert_eq!(event["issue_url"], "http://sentry.test/api/0/organizations/acme/issues/4815/");
    assert_eq!(event["tags"][3], json!(["release", "backend@2.4.0"]));
    assert_eq!(payload["data"]["triggered_rule"], "Errors in production");
    let settings = json!([{"name": "channel", "value": "C0ALERTS01"}]);
    assert_eq!(payload["data"]["issue_alert"]["settings"], settings);
}

#[test]
fn a_webhook_is_signed_with_the_secret_of_its_organization() {
    let (sentry, _) = sentry();

    let hook = sentry.fire_alert("4815", &AlertRule::new("r")).unwrap();

    assert_eq!(hook.signature, signature(HOOK_SECRET, &hook.body));
    assert_eq!(
        hook.headers(),
        [
            ("content-type", "application/json"),
            ("request-id", hook.request_id.as_str()),
            ("sentry-hook-resource", "event_alert"),
            ("sentry-hook-timestamp", "1700000000"),
            ("sentry-hook-signature", hook.signature.as_str()),
        ]
    );
    assert_eq!(sentry.fire_alert("9001", &AlertRule::new("r")), None);
}

#[test]
fn a_rule_without_settings_tells_no_issue_alert() {
    let (sentry, _) = sentry();
    sentry.set_releases(false);

    let hook = sentry.fire_alert("4815", &AlertRule::new("r")).unwrap();

    let data = &hook.payload()["data"];
    assert_eq!(data.get("issue_alert"), None);
    assert_eq!(data["event"]["release"], Value::Null);
}

#[tokio::test]
async fn every_alert_is_one_event_more() {
    let scene = Scene::of("101").await;

    for _ in 0..3 {
        scene.sentry.fire_alert("4815", &AlertRule::new("r")).unwrap();
    }

    let issue = scene.get().await.json();
    assert_eq!(
        (&issue["count"], &issue["lastSeen"]),
        (&json!("45"), &json!("2023-11-14T22:13:20.000000Z"))
    );
}

#[tokio::test]
async fn a_change_is_told_whoever_makes_it() {
    let scene = Scene::of("101").await;

    scene.put(&json!({"status": "resolved", "assignedTo": "team:21"})).await;
    scene.put(&json!({"assignedTo": "user:102"})).await;
    scene.put(&json!({"assignedTo": null})).await;
    scene.sentry.change_issue_as("102", "4815", "unresolved");
    scene.sentry.change_issue_as("102", "4815", "ignored");

    let hooks = scene.sentry.take_hooks();
    assert_eq!(actions(&hooks), ["resolved", "assigned", "unresolved", "archived"]);
    let (first, last) = (hooks[0].payload(), hooks[3].payload());
    assert_eq!(first["actor"], json!({"type": "user", "id": 101, "name": "Alice Archer"}));
    assert_eq!(first["data"]["resolution_type"], "now");
    assert_eq!(
        first["data"]["issue"]["project_url"],
        "http://sentry.test/organizations/acme/issues/?project=11"
    );
    assert_eq!(
        first["data"]["issue"]["web_url"],
        "http://sentry.test/organizations/acme/issues/4815/"
    );
    assert_eq!(first["data"]["issue"]["permalink"], Value::Null);
    assert_eq!(hooks[1].payload()["data"]["assignee"]["name"], "Backend");
    assert_eq!(last["actor"]["name"], "Bob Baker");
    assert_eq!(last["data"]["issue"]["status"], "ignored");
    assert!(scene.sentry.take_hooks().is_empty());
}

#[test]
fn where_there_is_no_integration_nothing_is_told() {
    let (sentry, _) = sentry();

    sentry.change_issue_as("103", "9001", "resolved");

    assert_eq!(sentry.issue("9001").unwrap().status, "resolved");
    assert!(sentry.take_hooks().is_empty());
}

#[test]
fn an_older_sentry_says_ignored_and_names_no_organization() {
    let (sentry, _) = sentry();
    sentry.set_older_hooks(true);

    sentry.change_issue_as("102", "4815", "ignored");
    let alert = sentry.fire_alert("4815", &AlertRule::new("r")).unwrap();

    let hooks = sentry.take_hooks();
    assert_eq!(actions(&hooks), ["ignored"]);
    assert_eq!(hooks[0].payload()["data"]["issue"].get("web_url"), None);
    let url = &alert.payload()["data"]["event"]["issue_url"];
    assert_eq!(url, "http://sentry.test/api/0/issues/4815/");
}

#[test]
fn a_change_that_is_held_back_is_told_after_the_one_that_follows() {
    let (sentry, _) = sentry();
    sentry.hold_back_next_hook();

    for status in ["resolved", "unresolved", "ignored"] {
        sentry.change_issue_as("102", "4815", status);
    }

    assert_eq!(actions(&sentry.take_hooks()), ["unresolved", "resolved", "archived"]);
}

#[test]
fn an_incident_lasts_from_the_first_alarm_until_it_is_resolved() {
    let (sentry, clock) = sentry();
    let rule = AlertRule::new("Too many errors").with("channel", "C0ALERTS01");

    let mut told = Vec::new();
    for action in ["warning", "critical", "resolved", "critical"] {
        let data =
            sentry.fire_metric_alert("acme", action, &rule).unwrap().payload()["data"].clone();
        let alert = &data["metric_alert"];
        told.push((
            data["description_title"].clone(),
            alert["identifier"].clone(),
            alert["status"].clone(),
        ));
        clock.advance(Duration::from_mins(5));
    }

    assert_eq!(
        told,
        [
            (json!("Warning: Too many errors"), json!("1"), json!(10)),
            (json!("Critical: Too many errors"), json!("1"), json!(20)),
            (json!("Resolved: Too many errors"), json!("1"), json!(2)),
            (json!("Critical: Too many errors"), json!("2"), json!(20)),
        ]
    );
    assert_eq!(sentry.fire_metric_alert("acme", "panic", &rule), None);
}

#[test]
fn any_body_can_be_signed_and_a_forgery_is_signed_with_another_secret() {
    let (sentry, _) = sentry();

    let signed = sentry.sign_hook("acme", "issue", "{}");
    let forged = sentry.sign_hook("nobody", "issue", "{}");

    assert_eq!(signed.signature, signature(HOOK_SECRET, b"{}"));
    assert_ne!(forged.signature, signed.signature);
}

#[tokio::test]
async fn the_integration_reads_and_does_not_write() {
    let scene = Scene::of("101").await;
    let members = "api/0/projects/acme/backend/members/";

    for (method, path, status) in [
        ("GET", ISSUE, 200),
        ("GET", members, 200),
        ("GET", "api/0/organizations/acme/", 200),
        ("GET", "api/0/organizations/umbrella/issues/9001/", 403),
        ("GET", "api/0/users/me/", 403),
        ("PUT", ISSUE, 403),
    ] {
        let body = json!({"status": "resolved"}).to_string();
        let answer = scene.call_by(INTEGRATION_TOKEN, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
    assert_eq!(scene.sentry.issue("4815").unwrap().status, "unresolved");
    assert_eq!(scene.sentry.log().last().unwrap().account, None);
}
