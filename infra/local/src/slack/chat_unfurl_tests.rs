//! The app puts its blocks under the links it was told of.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Alert, BACKEND, CHANNEL, Grant,
    install_tests::{self, installed},
    links_tests::{FIRST, Shared, shared, shared_as, unfurl},
    samples,
    web_api::tests::call,
};

const ALICE: &str = "U0ALICE001";
const SECOND: &str = "http://sentry.test/organizations/acme/issues/4816/";

impl Shared {
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
