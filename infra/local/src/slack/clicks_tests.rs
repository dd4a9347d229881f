//! Clicks have the shape Slack gives them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    alert::Alert,
    clicks::{NotShown, form},
    message::{Content, MessageTs},
    samples,
    state::State,
};

const ALICE: &str = "U0ALICE001";
const RESOLVE: &str = "status::resolved";

fn with_alert() -> (State, MessageTs) {
    let (mut state, _) = samples::state();
    let alert = state.post_to_channel(samples::alert());
    (state, alert)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_block_kit_click_has_slacks_fields() {
    let (mut state, alert) = with_alert();

    let payload = state.click(ALICE, &alert, RESOLVE, "resolved").unwrap();

    let fields = "type user api_app_id token container trigger_id team enterprise \
        is_enterprise_install channel message state response_url actions";
    assert_eq!(keys(&payload), fields.split_whitespace().collect());
    assert_eq!(keys(&payload["user"]), ["id", "username", "name", "team_id"].into());
    assert_eq!(payload["container"]["message_ts"], alert.as_str());
    assert_eq!(payload["container"]["is_ephemeral"], false);
    assert_eq!(payload["message"]["blocks"][0]["type"], "section");
    let action = &payload["actions"][0];
    let fields = "type action_id block_id text value style action_ts";
    assert_eq!(keys(action), fields.split_whitespace().collect());
    assert_eq!(action["value"], "resolved");
}

#[test]
fn a_legacy_click_has_slacks_fields() {
    let (mut state, _) = samples::state();
    let alert = state.post_to_channel(Alert::type_error("http://sentry.test").attachment());

    let payload = state.click(ALICE, &alert, "status", "resolved").unwrap();

    let fields = "type actions callback_id team channel user action_ts message_ts attachment_id \
        token is_app_unfurl response_url trigger_id original_message";
    assert_eq!(keys(&payload), fields.split_whitespace().collect());
    assert_eq!(payload["callback_id"], r#"{"issue":4815}"#);
    assert_eq!(payload["attachment_id"], "1");
    assert_eq!(payload["original_message"]["subtype"], "bot_message");
    let action = json!([{"name": "status", "type": "button", "value": "resolved"}]);
    assert_eq!(payload["actions"], action);
}

#[test]
fn a_choice_in_a_select_is_in_the_action_and_in_the_state() {
    let (mut state, _) = samples::state();
    let select = json!({"type": "external_select", "action_id": "assign",
        "placeholder": {"type": "plain_text", "text": "Select Assignee..."}});
    let blocks = vec![json!({"type": "actions", "block_id": "b", "elements": [select]})];
    let alert = state.post_to_channel(Content { blocks, ..Content::default() });

    let payload = state.click(ALICE, &alert, "assign", "user:77").unwrap();

    assert_eq!(payload["actions"][0]["selected_option"]["value"], "user:77");
    let chosen = &payload["state"]["values"]["b"]["assign"];
    assert_eq!(chosen["selected_option"]["value"], "user:77");
    assert!(payload["actions"][0].get("value").is_none());
}

#[test]
fn two_clicks_share_neither_time_nor_trigger_nor_response_url() {
    let (mut state, alert) = with_alert();

    let first = state.click(ALICE, &alert, RESOLVE, "resolved");
    let second = state.click(ALICE, &alert, RESOLVE, "resolved");

    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first["trigger_id"], second["trigger_id"]);
    assert_ne!(first["response_url"], second["response_url"]);
    assert_ne!(first["actions"][0]["action_ts"], second["actions"][0]["action_ts"]);
}

#[test]
fn what_is_not_shown_cannot_be_clicked() {
    let (mut state, alert) = with_alert();
    let content = state.message(&alert).unwrap().content.clone();
    let bobs = Some("U0BOB00001".to_owned());
    let only_for_bob = state.post("C0ALERTS01", None, bobs, content);
    let wrong = [
        (ALICE, &alert, RESOLVE, "ignored"),
        (ALICE, &alert, "delete", "resolved"),
        ("U0NOBODY01", &alert, RESOLVE, "resolved"),
        (ALICE, &only_for_bob, RESOLVE, "resolved"),
        (ALICE, &MessageTs::new("1.000000"), RESOLVE, "resolved"),
    ];
    for (user, ts, action_id, value) in wrong {
        assert_eq!(state.click(user, ts, action_id, value), Err(NotShown), "{user} {action_id}");
    }
}

#[test]
fn a_click_on_an_ephemeral_message_does_not_carry_it() {
    let (mut state, _) = samples::state();
    let hers = Some(ALICE.to_owned());
    let ts = state.post("C0ALERTS01", None, hers, samples::alert());

    let payload = state.click(ALICE, &ts, RESOLVE, "resolved").unwrap();

    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert!(payload.get("message").is_none());
}

#[test]
fn a_payload_travels_in_one_form_field() {
    let body = form(&json!({"type": "x y"}));

    assert_eq!(body, b"payload=%7B%22type%22%3A%22x+y%22%7D");
}
