//! People post links, the app is told, and puts its blocks under them.

use std::{collections::BTreeSet, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use shared::clock::ManualClock;

use super::{
    Alert, BACKEND, BOT_USER, CHANNEL, Grant, MessageTs, NotShown, OPS_PRIVATE, SignedRequest,
    Slack,
    install_tests::{self, installed},
    samples,
    web_api::tests::call,
};

const ALICE: &str = "U0ALICE001";
const MALLORY: &str = "U0MALLORY1";
const FIRST: &str = "http://sentry.test/organizations/acme/issues/4815/";
const SECOND: &str = "http://sentry.test/organizations/acme/issues/4816/";

fn event_of(request: &SignedRequest) -> Value {
    let envelope: Value = serde_json::from_slice(&request.body).unwrap();
    envelope["event"].clone()
}

/// Alice has posted the first link, and the app knows.
struct Shared {
    slack: Slack,
    clock: ManualClock,
    ts: MessageTs,
    event: Value,
}

fn shared_as(text: &str) -> Shared {
    let (slack, clock) = samples::slack();
    let (ts, request) = slack.share_link(ALICE, BACKEND, text).unwrap();
    Shared { slack, clock, ts, event: event_of(&request) }
}

fn shared() -> Shared {
    shared_as(FIRST)
}

/// An unfurl with these words and a button.
fn unfurl(words: &str) -> Value {
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
    fn call(&self, arguments: &Value) -> Value {
        call(&mut self.slack.state(), "chat.unfurl", arguments)
    }

    fn unfurl(&self, unfurls: &Value) -> Value {
        self.call(&json!({"channel": BACKEND, "ts": self.ts.as_str(), "unfurls": unfurls}))
    }

    fn words(&self) -> String {
        self.slack.message(&self.ts).unwrap().words()
    }

    /// Clicks the button in the unfurl of this link.
    fn click(&self, url: &str) -> Value {
        let mut state = self.slack.state();
        state.click_at(ALICE, &self.ts, Some(url), "resolve", "resolved").unwrap()
    }

    fn respond(&self, click: &Value, body: &Value) -> StatusCode {
        let path = click["response_url"].as_str().unwrap().strip_prefix("http://slack.test");
        let body = body.to_string();
        self.slack.state().respond(path.unwrap(), "application/json", body.as_bytes()).status
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

#[test]
fn an_unfurl_stands_under_its_link_and_is_replaced_by_the_next() {
    let shared = shared();
    shared.unfurl(&json!({FIRST: unfurl("New issue")}));
    let before = shared.words();

    shared.unfurl(&json!({FIRST: unfurl("Resolved issue")}));

    assert_eq!(before, format!("<{FIRST}>\nNew issue\nResolve"));
    assert_eq!(shared.words(), format!("<{FIRST}>\nResolved issue\nResolve"));
    assert_eq!(shared.slack.message(&shared.ts).unwrap().revision, 1);
}

#[test]
fn the_message_may_be_named_by_the_unfurl_id() {
    let shared = shared();
    let unfurls = json!({FIRST: unfurl("Issue")}).to_string();

    let reply = shared.call(&json!({"unfurl_id": shared.event["unfurl_id"],
        "source": "conversations_history", "unfurls": unfurls}));

    assert_eq!(reply, json!({"ok": true}));
    assert!(shared.words().ends_with("Issue\nResolve"), "{}", shared.words());
}

#[test]
fn each_unfurl_of_a_message_is_clicked_and_changed_by_itself() {
    let shared = shared_as(&format!("{FIRST} and {SECOND}"));
    shared.unfurl(&json!({FIRST: unfurl("One"), SECOND: unfurl("Two")}));

    let click = shared.click(SECOND);
    let text = json!({"type": "mrkdwn", "text": "Done"});
    let done = json!({"replace_original": true, "delete_original": false,
        "blocks": [{"type": "section", "text": text}]});
    let status = shared.respond(&click, &done);

    let container = &click["container"];
    assert_eq!(
        (&container["is_app_unfurl"], &container["attachment_id"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(click["app_unfurl"]["app_unfurl_url"], SECOND);
    assert_eq!(status, StatusCode::OK);
    assert!(shared.words().ends_with("One\nResolve\nDone"), "{}", shared.words());
}

#[test]
fn a_legacy_attachment_may_be_an_unfurl() {
    let shared = shared();

    let reply = shared.unfurl(&json!({FIRST: {"title": "TypeError", "text": "bad operand"}}));

    assert_eq!(reply["ok"], true);
    assert!(shared.words().contains("TypeError"), "{}", shared.words());
}

#[test]
fn what_slack_refuses_is_refused() {
    let shared = shared_as(&format!("{FIRST} https://example.com/"));
    let (ts, id) = (shared.ts.as_str(), &shared.event["unfurl_id"]);
    let unfurls = json!({FIRST: unfurl("Issue")});
    let with = |unfurls: Value| json!({"channel": BACKEND, "ts": ts, "unfurls": unfurls});
    let wrong = [
        (json!({"ts": ts, "unfurls": unfurls}), "missing_channel"),
        (json!({"channel": BACKEND, "unfurls": unfurls}), "missing_ts"),
        (json!({"unfurl_id": id, "unfurls": unfurls}), "missing_source"),
        (json!({"source": "composer", "unfurls": unfurls}), "missing_unfurl_id"),
        (json!({"unfurl_id": id, "source": "elsewhere", "unfurls": unfurls}), "invalid_source"),
        (json!({"unfurl_id": id, "source": "composer", "unfurls": unfurls}), "invalid_unfurl_id"),
        (json!({"channel": "C0NOWHERE1", "ts": ts, "unfurls": unfurls}), "cannot_find_channel"),
        (json!({"channel": CHANNEL, "ts": ts, "unfurls": unfurls}), "cannot_find_message"),
        (json!({"channel": BACKEND, "ts": ts}), "missing_unfurls"),
        (with(json!("{")), "invalid_unfurls_format"),
        (with(json!([])), "invalid_unfurls_format"),
        (with(json!({FIRST: "Issue"})), "invalid_unfurls_format"),
        (with(json!({FIRST: {}})), "cannot_parse_attachment"),
        (with(json!({FIRST: {"blocks": [{"type": "marquee"}]}})), "cannot_parse_attachment"),
        (with(json!({SECOND: unfurl("Issue")})), "cannot_unfurl_message"),
        (with(json!({"https://example.com/": unfurl("Page")})), "cannot_unfurl_url"),
    ];
    for (arguments, error) in wrong {
        assert_eq!(shared.call(&arguments)["error"], error, "{arguments}");
    }
    assert!(shared.slack.message(&shared.ts).unwrap().content.attachments.is_empty());
}

#[test]
fn a_link_can_be_unfurled_for_an_hour() {
    let shared = shared();
    let unfurls = json!({FIRST: unfurl("Issue")});
    shared.clock.advance(Duration::from_secs(3599));
    let in_time = shared.unfurl(&unfurls);
    shared.clock.advance(Duration::from_secs(1));

    let late = shared.unfurl(&unfurls);

    assert_eq!((&in_time["ok"], &late["error"]), (&json!(true), &json!("cannot_unfurl_url")));
}

#[test]
fn an_unfurl_takes_its_scope_and_a_channel_that_is_open() {
    let shared = shared();
    let unfurls = json!({FIRST: unfurl("Issue")});
    shared.slack.archive_channel(BACKEND);
    let archived = shared.unfurl(&unfurls);
    shared.slack.uninstall();
    let token = installed(&shared.slack, Grant::default())["access_token"].take();

    let reply = install_tests::call(&shared.slack, &token, "chat.unfurl", "");

    assert_eq!(archived["error"], "is_archived");
    assert_eq!(
        (&reply["error"], &reply["needed"]),
        (&json!("missing_scope"), &json!("links:write"))
    );
}

#[test]
fn the_unfurl_of_an_alert_is_unfurled_again_like_any_other() {
    let (slack, _) = samples::slack();
    let ts = slack.post_unfurl(&Alert::type_error("http://sentry.test"));
    let unfurls = json!({FIRST: unfurl("Resolved")});

    let again = json!({"channel": CHANNEL, "ts": ts.as_str(), "unfurls": unfurls});
    let reply = call(&mut slack.state(), "chat.unfurl", &again);

    assert_eq!(reply["ok"], true);
    let message = slack.message(&ts).unwrap();
    assert_eq!(message.words(), format!("<{FIRST}>\nResolved\nResolve"));
    assert_eq!(message.content.attachments.len(), 1);
}
