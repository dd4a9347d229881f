//! An unfurl is clicked like an alert, and changed through the click's `response_url` alone.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    alert::Alert,
    message::{Message, MessageTs},
    reply::Reply,
    samples,
    state::State,
    unfurl,
    web_api::tests::call,
    workspace::{BOB, CHANNEL},
};

const ALICE: &str = "U0ALICE001";
const URL: &str = "http://sentry.test/organizations/acme/issues/4815/";

fn with_unfurl() -> (State, MessageTs) {
    let (mut state, _) = samples::state();
    let ts = state.post_unfurl(BOB, &Alert::type_error("http://sentry.test"));
    (state, ts)
}

fn click(state: &mut State, ts: &MessageTs) -> Value {
    state.click(ALICE, ts, "status::resolved", "resolved").unwrap()
}

/// Clicks the unfurl and answers.
fn answer(state: &mut State, ts: &MessageTs, body: &Value) -> Reply {
    let click = click(state, ts);
    respond(state, &click, body)
}

/// Answers a click through its `response_url`.
fn respond(state: &mut State, click: &Value, body: &Value) -> Reply {
    let url = click["response_url"].as_str().unwrap();
    let path = url.strip_prefix(&state.settings.base_url).unwrap().to_owned();
    state.respond(&path, "application/json", body.to_string().as_bytes())
}

fn redrawn() -> Value {
    let text = json!({"type": "mrkdwn", "text": "Resolved"});
    json!({"replace_original": true, "delete_original": false,
        "blocks": [{"type": "section", "block_id": "b", "text": text}]})
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_link_is_its_authors_message() {
    let (state, ts) = with_unfurl();

    let message = state.message(&ts).unwrap();

    assert_eq!((message.author.as_str(), &message.content.text), (BOB, &format!("<{URL}>")));
    assert!(message.content.blocks.is_empty());
}

#[test]
fn a_click_on_an_unfurl_has_slacks_fields() {
    let (mut state, ts) = with_unfurl();

    let payload = click(&mut state, &ts);

    let fields = "type user api_app_id token container trigger_id team enterprise \
        is_enterprise_install channel app_unfurl state response_url actions";
    assert_eq!(keys(&payload), fields.split_whitespace().collect());
    let container = json!({"type": "message_attachment", "message_ts": ts.as_str(),
        "channel_id": CHANNEL, "attachment_id": 1, "is_ephemeral": false, "is_app_unfurl": true,
        "app_unfurl_url": URL});
    assert_eq!(payload["container"], container);
    let fields = "id blocks fallback app_id bot_id app_unfurl_url is_app_unfurl";
    assert_eq!(keys(&payload["app_unfurl"]), fields.split_whitespace().collect());
    let issue = payload["app_unfurl"]["blocks"][0]["block_id"].as_str().unwrap();
    assert!(issue.contains(r#""issue":4815"#), "{issue}");
    assert_eq!(payload["actions"][0]["value"], "resolved");
}

#[test]
fn typing_into_an_unfurls_select_carries_the_unfurl() {
    let (slack, _) = samples::slack();
    let ts = slack.post_unfurl(&Alert::type_error("http://sentry.test"));

    let payload = slack.suggest_payload(ALICE, &ts, "assign", "al").unwrap();

    assert_eq!(payload["container"]["is_app_unfurl"], true);
    assert_eq!(payload["app_unfurl"]["id"], 1);
    assert!(payload.get("message").is_none());
}

#[test]
fn new_blocks_take_the_place_of_the_unfurls_and_leave_the_link() {
    let (mut state, ts) = with_unfurl();

    let reply = answer(&mut state, &ts, &redrawn());

    let message = state.message(&ts).unwrap();
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(message.words(), format!("<{URL}>\nResolved"));
    assert_eq!((message.author.as_str(), message.revision), (BOB, 1));
    assert_eq!(unfurl::all(message).map(unfurl::url).collect::<Vec<_>>(), [URL]);
}

#[test]
fn an_answer_with_a_text_becomes_a_message_of_its_own() {
    let (mut state, ts) = with_unfurl();
    let mut body = redrawn();
    body["text"] = json!("Resolved");

    answer(&mut state, &ts, &body);

    assert!(unfurl::all(state.message(&ts).unwrap()).next().is_none());
    let last = state.messages.last().unwrap();
    assert_eq!((last.content.text.as_str(), last.only_for.is_none()), ("Resolved", true));
}

#[test]
fn deleting_the_original_takes_the_unfurl_and_leaves_the_link() {
    let (mut state, ts) = with_unfurl();

    answer(&mut state, &ts, &json!({"delete_original": true}));

    assert_eq!(state.message(&ts).map(Message::words), Some(format!("<{URL}>")));
}

#[test]
fn an_unfurl_that_is_gone_cannot_be_replaced() {
    let (mut state, ts) = with_unfurl();
    let click = click(&mut state, &ts);
    state.remove_unfurl(&ts, URL);

    let reply = respond(&mut state, &click, &redrawn());

    assert_eq!(
        (reply.status, reply.outcome.as_str()),
        (StatusCode::NOT_FOUND, "message_not_found")
    );
    assert_eq!(state.message(&ts).map(Message::words), Some(format!("<{URL}>")));
}

#[test]
fn an_update_cannot_change_an_unfurl() {
    let (mut state, ts) = with_unfurl();
    let before = state.message(&ts).cloned();
    let mut update = redrawn();
    update["channel"] = json!(CHANNEL);
    update["ts"] = json!(ts.as_str());

    let reply = call(&mut state, "chat.update", &update);

    assert_eq!(reply, json!({"ok": false, "error": "cant_update_message"}));
    assert_eq!(state.message(&ts), before.as_ref());
}
