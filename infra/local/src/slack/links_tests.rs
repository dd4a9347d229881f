//! People post links, and the app is told.

use std::collections::BTreeSet;

use axum::{Router, body::Bytes, routing::post};
use serde_json::{Value, json};
use shared::{clock::ManualClock, transport};

use super::{
    BACKEND, BOT_USER, CHANNEL, Grant, MessageTs, NotShown, OPS_PRIVATE, SignedRequest, Slack,
    install_tests::installed, samples, web_api::tests::call,
};
use crate::server::{self, Server};

const ALICE: &str = "U0ALICE001";
const MALLORY: &str = "U0MALLORY1";
pub(super) const FIRST: &str = "http://sentry.test/organizations/acme/issues/4815/";

fn event_of(request: &SignedRequest) -> Value {
    let envelope: Value = serde_json::from_slice(&request.body).unwrap();
    envelope["event"].clone()
}

/// Alice has posted the first link, and the app knows.
pub(super) struct Shared {
    pub(super) slack: Slack,
    pub(super) clock: ManualClock,
    pub(super) ts: MessageTs,
    pub(super) event: Value,
}

pub(super) fn shared_as(text: &str) -> Shared {
    let (slack, clock) = samples::slack();
    let (ts, request) = slack.share_link(ALICE, BACKEND, text).unwrap();
    Shared { slack, clock, ts, event: event_of(&request) }
}

pub(super) fn shared() -> Shared {
    shared_as(FIRST)
}

/// An unfurl with these words and a button.
pub(super) fn unfurl(words: &str) -> Value {
    let text = json!({"type": "mrkdwn", "text": words});
    let label = json!({"type": "plain_text", "text": "Resolve"});
    let button =
        json!({"type": "button", "action_id": "resolve", "value": "resolved", "text": label});
    json!({"blocks": [
        {"type": "section", "block_id": "text", "text": text},
        {"type": "actions", "block_id": "act", "elements": [button]},
    ]})
}

impl Shared {
    pub(super) fn call(&self, arguments: &Value) -> Value {
        call(&mut self.slack.state(), "chat.unfurl", arguments)
    }

    pub(super) fn unfurl(&self, unfurls: &Value) -> Value {
        self.call(&json!({"channel": BACKEND, "ts": self.ts.as_str(), "unfurls": unfurls}))
    }
}

#[test]
fn the_event_has_slacks_fields() {
    let Shared { slack, ts, event, .. } = shared();

    let keys: BTreeSet<_> = event.as_object().unwrap().keys().map(String::as_str).collect();

    let fields = "type channel is_bot_user_member user message_ts unfurl_id source event_ts links";
    assert_eq!(keys, fields.split_whitespace().collect());
    assert_eq!(
        (&event["type"], &event["source"]),
        (&json!("link_shared"), &json!("conversations_history"))
    );
    assert_eq!((&event["user"], &event["channel"]), (&json!(ALICE), &json!(BACKEND)));
    assert_eq!(event["links"], json!([{"domain": "sentry.test", "url": FIRST}]));
    assert_eq!(event["message_ts"], ts.as_str());
    assert!(event["unfurl_id"].as_str().unwrap().starts_with(&format!("{BACKEND}.{ts}.")));
    assert_eq!(slack.message(&ts).unwrap().author, ALICE);
}

#[test]
fn a_url_stands_in_the_event_as_in_the_message() {
    let shared = shared_as("http://sentry.test/issues/?a=1&b=2");

    let url = "http://sentry.test/issues/?a=1&amp;b=2";
    assert_eq!(shared.event["links"][0]["url"], url);
    assert_eq!(shared.unfurl(&json!({url: unfurl("Two")}))["ok"], true);
}

#[test]
fn the_app_is_told_wherever_the_link_is() {
    let (slack, _) = samples::slack();

    let (ts, request) = slack.share_link(ALICE, OPS_PRIVATE, FIRST).unwrap();

    assert_eq!(event_of(&request)["is_bot_user_member"], false);
    let unfurls = json!({FIRST: unfurl("Issue")});
    let arguments = json!({"channel": OPS_PRIVATE, "ts": ts.as_str(), "unfurls": unfurls});
    assert_eq!(call(&mut slack.state(), "chat.unfurl", &arguments), json!({"ok": true}));
}

#[test]
fn the_app_is_told_of_its_own_domain_alone_and_only_if_it_may_read_links() {
    let (slack, _) = samples::slack();
    let foreign = slack.share_link(ALICE, CHANNEL, "https://example.com/issues/1/");
    slack.uninstall();
    installed(&slack, Grant::default());

    let unread = slack.share_link(ALICE, CHANNEL, FIRST);

    assert_eq!((foreign.err(), unread.err()), (Some(NotShown), Some(NotShown)));
    assert_eq!(slack.posts(CHANNEL).len(), 2);
}

#[test]
fn nobody_writes_where_they_are_not() {
    let (slack, _) = samples::slack();
    slack.archive_channel(CHANNEL);

    for (user, channel) in [(MALLORY, OPS_PRIVATE), (ALICE, CHANNEL), (BOT_USER, BACKEND)] {
        assert!(slack.share_link(user, channel, FIRST).is_err(), "{user} {channel}");
        assert!(slack.posts(channel).is_empty());
    }
}

#[tokio::test]
async fn a_link_typed_on_the_page_reaches_the_app_and_other_words_do_not() {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let app = async move |body: Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let links = &body["event"]["links"];
        if links.is_array() {
            heard.send(links.clone()).unwrap();
        }
        body["challenge"].as_str().unwrap_or_default().to_owned()
    };
    let listener = server::listen(0).await.unwrap();
    let url = server::origin(&listener).unwrap();
    let _server = Server::start(listener, Router::new().route("/event", post(app)));
    let (slack, _) = samples::slack();
    slack.deliver_to(&url, transport::client(None).unwrap());
    slack.deliver_events_to(&format!("{url}/event"));

    slack.press_post(ALICE, BACKEND, "Good morning").unwrap();
    slack.press_post(ALICE, BACKEND, &format!("See {FIRST}.")).unwrap();

    let links = hears.recv().await.unwrap();
    assert_eq!(links, json!([{"domain": "sentry.test", "url": FIRST}]));
    assert_eq!(slack.posts(BACKEND).len(), 2);
    assert!(hears.try_recv().is_err());
}
