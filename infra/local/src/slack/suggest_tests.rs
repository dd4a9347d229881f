//! A select asks the app for its options while somebody types.

use std::collections::BTreeSet;

use axum::{Router, routing::post};
use serde_json::{Value, json};
use shared::transport;

use super::{Alert, MessageTs, NotShown, Offer, OfferedGroup, Slack, samples};
use crate::server::{self, Server};

const ALICE: &str = "U0ALICE001";

fn alert(slack: &Slack) -> MessageTs {
    slack.post_alert(&Alert::type_error("http://sentry.test"))
}

fn option(text: &str, value: &str) -> Value {
    json!({"text": {"type": "plain_text", "text": text}, "value": value})
}

fn group(options: &[Value]) -> Value {
    json!({"label": {"type": "plain_text", "text": "People"}, "options": options})
}

fn read(reply: &Value) -> Offer {
    Offer::read(reply.to_string().as_bytes())
}

#[test]
fn typing_has_slacks_fields() {
    let (slack, _) = samples::slack();
    let alert = alert(&slack);

    let payload = slack.suggest_payload(ALICE, &alert, "assign", "al").unwrap();

    let fields = "type user api_app_id token team enterprise is_enterprise_install action_id \
        block_id value container channel message";
    let keys: BTreeSet<_> = payload.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, fields.split_whitespace().collect());
    assert_eq!((&payload["type"], &payload["value"]), (&json!("block_suggestion"), &json!("al")));
    assert_eq!(payload["container"]["message_ts"], alert.as_str());
}

#[test]
fn only_a_select_that_loads_its_options_can_be_typed_into() {
    let (slack, _) = samples::slack();
    let alert = alert(&slack);

    for (user, action_id) in
        [(ALICE, "status::resolved"), (ALICE, "delete"), ("U0NOBODY01", "assign")]
    {
        let typed = slack.suggest_payload(user, &alert, action_id, "resolved");

        assert_eq!(typed, Err(NotShown), "{user} {action_id}");
    }
}

#[test]
fn groups_and_bare_options_are_shown() {
    let alice = vec![("Alice".to_owned(), "user:1".to_owned())];
    for (reply, label) in [
        (json!({"option_groups": [group(&[option("Alice", "user:1")])]}), "People"),
        (json!({"options": [option("Alice", "user:1")]}), ""),
    ] {
        let offered = OfferedGroup { label: label.to_owned(), options: alice.clone() };

        assert_eq!(read(&reply), Offer::Groups(vec![offered]));
    }
    for none in [json!({"option_groups": []}), json!({"options": []})] {
        assert_eq!(read(&none), Offer::Groups(Vec::new()));
    }
}

#[test]
fn what_slack_would_not_show_is_trouble() {
    let many = vec![option("Alice", "user:1"); 101];
    for reply in [
        json!({}),
        json!([]),
        json!({"options": many}),
        json!({"option_groups": [group(&many)]}),
        json!({"option_groups": [group(&[])]}),
        json!({"options": [option(&"x".repeat(76), "user:1")]}),
        json!({"options": [option("", "user:1")]}),
        json!({"options": [option("Alice", &"x".repeat(151))]}),
        json!({"options": [{"text": {"type": "mrkdwn", "text": "A"}, "value": "user:1"}]}),
    ] {
        assert_eq!(read(&reply), Offer::Trouble, "{reply}");
    }
    assert_eq!(Offer::read(b""), Offer::Trouble);
}

#[tokio::test]
async fn what_is_typed_is_asked_at_its_own_url() {
    let (slack, _) = samples::slack();
    let listener = server::listen(0).await.unwrap();
    let url = format!("{}/options", server::origin(&listener).unwrap());
    let reply = json!({"options": [option("Alice", "user:1")]}).to_string();
    let app = Router::new().route("/options", post(async move || reply));
    let _server = Server::start(listener, app);
    slack.deliver_to("http://nowhere.test", transport::client(None).unwrap());
    slack.load_options_from(&url);

    let offer = slack.type_into(ALICE, &alert(&slack), "assign", "al").await.unwrap();

    assert!(matches!(offer, Offer::Groups(groups) if groups.len() == 1));
}
