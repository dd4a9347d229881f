//! The app's home is published for one person, visited and clicked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{SignedRequest, Slack, samples, web_api::tests::call};

const ALICE: &str = "U0ALICE001";

fn home() -> Value {
    let text = json!({"type": "plain_text", "text": "Unlink"});
    let button = json!({"type": "button", "action_id": "unlink", "value": "v", "text": text});
    json!({"type": "home", "private_metadata": "m", "external_id": "home-of-alice",
        "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]})
}

fn publish(slack: &Slack, user: &str, view: &Value) -> Value {
    call(&mut slack.state(), "views.publish", &json!({"user_id": user, "view": view}))
}

fn event_of(request: &SignedRequest) -> Value {
    let envelope: Value = serde_json::from_slice(&request.body).unwrap();
    envelope["event"].clone()
}

#[test]
fn a_home_is_published_for_one_person() {
    let (slack, _) = samples::slack();

    let reply = publish(&slack, ALICE, &home());

    assert_eq!((&reply["ok"], &reply["view"]["type"]), (&json!(true), &json!("home")));
    assert_eq!(slack.home(ALICE).unwrap().id, reply["view"]["id"].as_str().unwrap());
    assert_eq!(slack.home("U0BOB00001"), None);
    assert!(slack.views(ALICE).is_empty());
}

#[test]
fn a_home_that_is_published_again_keeps_its_id() {
    let (slack, _) = samples::slack();
    publish(&slack, ALICE, &home());
    let before = slack.home(ALICE).unwrap();

    publish(&slack, ALICE, &json!({"type": "home", "blocks": []}));

    let after = slack.home(ALICE).unwrap();
    assert_eq!(after.id, before.id);
    assert!(after.blocks().is_empty());
}

#[test]
fn what_slack_refuses_is_refused() {
    let (slack, _) = samples::slack();
    publish(&slack, ALICE, &home());
    let with = |name: &str, value: Value| {
        let mut view = home();
        view[name] = value;
        view
    };
    let wrong = [
        ("U0NOBODY01", home(), "user_not_found"),
        ("U0BOB00001", home(), "duplicate_external_id"),
        (ALICE, with("type", json!("modal")), "invalid_arguments"),
        (ALICE, with("notify_on_close", json!(true)), "invalid_arguments"),
        (ALICE, with("blocks", json!(null)), "invalid_arguments"),
        (ALICE, with("private_metadata", json!("x".repeat(3001))), "invalid_arguments"),
        (ALICE, with("blocks", json!([{"type": "marquee"}])), "invalid_blocks"),
    ];
    for (user, view, error) in wrong {
        assert_eq!(publish(&slack, user, &view)["error"], error, "{view}");
    }
}

#[test]
fn a_visit_tells_the_app_what_is_shown() {
    let (slack, _) = samples::slack();
    let first = event_of(&slack.open_home(ALICE).unwrap());
    publish(&slack, ALICE, &home());

    let second = event_of(&slack.open_home(ALICE).unwrap());
    let messages = event_of(&slack.open_messages(ALICE).unwrap());

    assert_eq!((&first["type"], &first["tab"]), (&json!("app_home_opened"), &json!("home")));
    assert_eq!((&first["user"], &first["channel"]), (&json!(ALICE), &json!("D0ALICE001")));
    assert!(first.get("view").is_none());
    assert_eq!(second["view"]["private_metadata"], "m");
    assert_eq!((&messages["tab"], messages.get("view")), (&json!("messages"), None));
}

#[test]
fn a_click_at_home_has_a_view_and_no_message() {
    let (slack, _) = samples::slack();
    publish(&slack, ALICE, &home());

    let payload = slack.click_home_payload(ALICE, "unlink", "v").unwrap();

    let keys: BTreeSet<_> = payload.as_object().unwrap().keys().map(String::as_str).collect();
    let fields = "type user api_app_id token container trigger_id team enterprise \
        is_enterprise_install view actions";
    assert_eq!(keys, fields.split_whitespace().collect());
    let view_id = slack.home(ALICE).unwrap().id;
    assert_eq!(payload["container"], json!({"type": "view", "view_id": view_id}));
    assert_eq!(payload["view"]["external_id"], "home-of-alice");
    assert_eq!(payload["actions"][0]["block_id"], "b");
    assert!(payload["actions"][0]["action_ts"].is_string());
}

#[test]
fn what_is_not_shown_cannot_be_clicked() {
    let (slack, _) = samples::slack();
    publish(&slack, ALICE, &home());

    assert!(slack.click_home(ALICE, "unlink", "other").is_err());
    assert!(slack.click_home("U0BOB00001", "unlink", "v").is_err());
}
