//! Replies find their thread, and an app in a hurry is told to wait.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    BACKEND, CHANNEL, Message, MessageTs, Slack,
    reply::Reply,
    samples::{self, BOT_TOKEN},
    web_api::tests::{call, headers},
};

const ALICE: &str = "U0ALICE001";

fn post(slack: &Slack, text: &str) -> MessageTs {
    ts_of(&call(&mut slack.state(), "chat.postMessage", &json!({"channel": CHANNEL, "text": text})))
}

fn reply_to(slack: &Slack, parent: &MessageTs, text: &str) -> Value {
    let reply = json!({"channel": CHANNEL, "thread_ts": parent.as_str(), "text": text,
        "unfurl_links": false});
    call(&mut slack.state(), "chat.postMessage", &reply)
}

fn update(slack: &Slack, ts: &MessageTs) -> Value {
    let update = json!({"channel": CHANNEL, "ts": ts.as_str(), "text": "Resolved"});
    call(&mut slack.state(), "chat.update", &update)
}

fn ts_of(reply: &Value) -> MessageTs {
    MessageTs::new(reply["ts"].as_str().unwrap())
}

fn words(messages: &[Message]) -> Vec<String> {
    messages.iter().map(Message::words).collect()
}

#[test]
fn replies_stand_in_their_thread_in_order() {
    let (slack, _) = samples::slack();
    let first = post(&slack, "Alert");
    reply_to(&slack, &first, "Again");
    post(&slack, "Another alert");

    let reply = reply_to(&slack, &first, "And again");

    assert_eq!(reply["message"]["thread_ts"], first.as_str());
    assert_eq!(words(&slack.thread(&first)), ["Again", "And again"]);
    assert_eq!(words(&slack.posts(CHANNEL)), ["Alert", "Again", "Another alert", "And again"]);
    assert!(slack.posts(BACKEND).is_empty());
}

#[test]
fn a_reply_to_a_reply_is_in_the_same_thread() {
    let (slack, _) = samples::slack();
    let first = post(&slack, "Alert");
    let second = ts_of(&reply_to(&slack, &first, "Again"));

    let third = reply_to(&slack, &second, "And again");

    assert_eq!(third["message"]["thread_ts"], first.as_str());
}

#[test]
fn a_reply_to_nothing_stands_in_the_channel_and_only_the_answer_tells() {
    let (slack, _) = samples::slack();
    let gone = post(&slack, "Alert");
    slack.delete_message(&gone);
    let elsewhere = slack.state().post(BACKEND, None, None, samples::alert());

    for parent in [gone, elsewhere, MessageTs::new("1.000000")] {
        let reply = reply_to(&slack, &parent, "Again");

        assert_eq!((&reply["ok"], reply["message"].get("thread_ts")), (&json!(true), None));
        assert_eq!(slack.message(&ts_of(&reply)).unwrap().thread, None);
    }
}

#[test]
fn a_thread_outlives_its_first_message() {
    let (slack, _) = samples::slack();
    let first = post(&slack, "Alert");
    reply_to(&slack, &first, "Again");
    slack.delete_message(&first);

    reply_to(&slack, &first, "And again");

    assert_eq!(slack.message(&first), None);
    assert_eq!(update(&slack, &first)["error"], "message_not_found");
    assert_eq!(words(&slack.thread(&first)), ["Again", "And again"]);
}

#[test]
fn a_reply_can_be_shown_in_the_channel_as_well() {
    let (slack, _) = samples::slack();
    let first = post(&slack, "Alert");
    let mut reply = json!({"channel": CHANNEL, "thread_ts": first.as_str(), "text": "Resolved",
        "reply_broadcast": true});

    let broadcast = call(&mut slack.state(), "chat.postMessage", &reply);
    reply["thread_ts"] = json!("1.000000");
    let alone = call(&mut slack.state(), "chat.postMessage", &reply);

    assert_eq!(broadcast["message"]["subtype"], "thread_broadcast");
    assert!(slack.thread(&first)[0].broadcast);
    assert!(alone["message"].get("subtype").is_none());
}

#[test]
fn a_click_on_a_message_with_replies_tells_of_them() {
    let (slack, _) = samples::slack();
    let alert = slack.state().post(CHANNEL, None, None, samples::alert());
    let before = slack.click_payload(ALICE, &alert, "status::resolved", "resolved").unwrap();
    let reply = ts_of(&reply_to(&slack, &alert, "Again"));

    let after = slack.click_payload(ALICE, &alert, "status::resolved", "resolved").unwrap();

    assert!(before["message"].get("thread_ts").is_none());
    let message = &after["message"];
    assert_eq!((&message["thread_ts"], &message["reply_count"]), (&message["ts"], &json!(1)));
    assert_eq!(message["latest_reply"], reply.as_str());
}

#[test]
fn a_message_in_a_thread_is_redrawn_there() {
    let (slack, _) = samples::slack();
    let first = post(&slack, "Alert");
    let reply = ts_of(&reply_to(&slack, &first, "Again"));

    assert_eq!(update(&slack, &reply)["ok"], true);

    let [redrawn] = &slack.thread(&first)[..] else { panic!("one reply") };
    assert_eq!((redrawn.words().as_str(), redrawn.revision), ("Resolved", 1));
}

#[test]
fn an_app_in_a_hurry_is_told_to_wait_a_second() {
    let (slack, clock) = samples::slack();
    slack.limit_posts(true);
    let headers = headers(BOT_TOKEN, "application/json");
    let hi = json!({"channel": CHANNEL, "text": "Hi"}).to_string();
    let post = || slack.state().web_api("chat.postMessage", "", &headers, hi.as_bytes());
    let told = |reply: &Reply| (reply.status.as_u16(), reply.retry_after);

    let refused = (0..10).map(|_| post()).find(|reply| reply.outcome != "ok").unwrap();
    let before = slack.posts(CHANNEL).len();
    clock.advance(Duration::from_secs(1));
    let waited = post();

    assert_eq!(told(&refused), (429, Some(1)));
    assert_eq!(refused.json(), json!({"ok": false, "error": "ratelimited"}));
    assert_eq!(waited.outcome, "ok");
    assert_eq!(slack.posts(CHANNEL).len(), before + 1);
}
