use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::{
    secret::Secret,
    signing::request::{RequestVerifier, SIGNATURE, TIMESTAMP, sign},
};

const SENT: i64 = 1_700_000_000;

/// A body that Slack has signed.
pub(crate) fn verified(body: &str) -> Verified<Signed> {
    let secret = Secret::new("test-signing-secret-0123456789abcdef");
    let signature = sign(&secret, SENT, body.as_bytes());
    let headers = HeaderMap::from_iter([
        (TIMESTAMP, HeaderValue::from(SENT)),
        (SIGNATURE, HeaderValue::from_str(&signature).unwrap()),
    ]);
    RequestVerifier::new(vec![secret])
        .verify(&headers, body.into(), Timestamp::from_secs(SENT))
        .unwrap()
}

fn parse_body(body: &str) -> Result<Interaction, PayloadError> {
    parse(&verified(body), &Hooks::new(&Url::parse("https://hooks.slack.com").unwrap()))
}

/// A payload as it travels.
pub(crate) fn form(payload: &Value) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string()).finish()
}

fn parse_payload(payload: &Value) -> Result<Interaction, PayloadError> {
    parse_body(&form(payload))
}

fn issue(payload: &Value) -> IssueInteraction {
    match parse_payload(payload) {
        Ok(Interaction::Issue(interaction)) => *interaction,
        other => panic!("{other:?}"),
    }
}

fn click() -> Value {
    json!({
        "type": "block_actions",
        "user": {"id": "U0ALICE001", "name": "alice", "team_id": "T0ACME0001"},
        "api_app_id": "A0BELAY001",
        "container": {"type": "message", "message_ts": "1699999866.000100"},
        "team": {"id": "T0ACME0001", "domain": "acme"},
        "enterprise": null,
        "is_enterprise_install": false,
        "channel": {"id": "C0ALERTS01", "name": "alerts"},
        "message": {"blocks": [
            {"block_id": "{\"issue\":4815,\"rule\":162}", "text": {"text": "TypeError"}},
            {"block_id": "{\"issue\":4815,\"block\":\"tags\"}", "text": {"text": "release: `1`"}},
        ]},
        "response_url": "https://hooks.slack.com/actions/T0/1/abc",
        "actions": [{"action_id": "status", "value": "resolved", "action_ts": "1700000000.403007"}],
    })
}

fn changed(edit: impl FnOnce(&mut Value)) -> Value {
    let mut payload = click();
    edit(&mut payload);
    payload
}

#[test]
fn a_button_of_a_message_is_understood() {
    let interaction = issue(&click());

    assert_eq!(interaction.issue.as_str(), "4815");
    assert_eq!(interaction.person.user.as_str(), "U0ALICE001");
    assert_eq!(interaction.tenant.as_str(), "T0ACME0001");
    assert_eq!(interaction.alert.rule, Some(162));
    assert_eq!(interaction.alert.tags.as_deref(), Some("release: `1`"));
    assert_eq!(interaction.alert.family, Family::Blocks);
    assert_eq!(interaction.wanted, Wanted::Change(Change::parse_status("resolved").unwrap()));
    assert_eq!(interaction.belonging, Belonging::Member);
}

#[test]
fn a_routed_action_names_its_organization() {
    let routed = changed(|p| p["actions"][0]["action_id"] = json!("status::42::7"));
    let ours = changed(|p| {
        p["message"]["blocks"][0]["block_id"] = json!("{\"issue\":1,\"org\":\"7\"}");
    });

    assert_eq!(issue(&routed).organization, OrganizationId::parse("42").ok());
    assert_eq!(issue(&ours).organization, OrganizationId::parse("7").ok());
}

#[test]
fn an_org_wide_install_has_no_team_and_an_enterprise() {
    let payload = changed(|p| {
        p["team"] = Value::Null;
        p["enterprise"] = json!({"id": "E0GRID0001"});
        p["is_enterprise_install"] = json!(true);
    });

    let interaction = issue(&payload);

    assert_eq!(interaction.tenant.as_str(), "E0GRID0001");
    assert_eq!(interaction.person.tenant.as_str(), "E0GRID0001");
    assert_eq!(interaction.belonging, Belonging::Unsaid);
}

#[test]
fn in_an_org_wide_installation_another_workspace_may_be_the_enterprises_own() {
    let belonging = |home: &str| {
        let click = changed(|p| {
            p["is_enterprise_install"] = json!(true);
            p["enterprise"] = json!({"id": "E0GRID0001", "name": "Grid"});
            p["user"]["team_id"] = json!(home);
        });
        issue(&click).belonging
    };

    assert_eq!(belonging("T0ACME0001"), Belonging::Member);
    assert_eq!(belonging("E0GRID0001"), Belonging::Member);
    assert_eq!(belonging("T0OTHER001"), Belonging::Unsaid);
}

#[test]
fn a_guest_of_another_workspace_is_told_apart_and_keyed_by_their_own() {
    let interaction = issue(&changed(|p| p["user"]["team_id"] = json!("T0OTHER001")));

    assert_eq!(interaction.belonging, Belonging::Guest);
    assert_eq!(interaction.person.tenant.as_str(), "T0OTHER001");
    assert_eq!(interaction.tenant.as_str(), "T0ACME0001");
}

#[test]
fn controls_that_ask_nothing_are_acknowledged() {
    for payload in [
        changed(|p| p["actions"][0]["action_id"] = json!("link_identity")),
        changed(|p| p["view"] = json!({"id": "V1"})),
        changed(|p| p["container"]["type"] = json!("view")),
        json!({"type": "view_closed"}),
        json!({"type": "something_new", "anything": [1, 2]}),
        json!({"type": "view_submission", "view": {"state": {"values": {}}}}),
    ] {
        assert_eq!(parse_payload(&payload), Ok(Interaction::Nothing), "{payload}");
    }
}

#[test]
fn what_a_family_always_has_must_be_there() {
    for payload in [
        changed(|p| p["user"] = Value::Null),
        changed(|p| p["team"] = Value::Null),
        changed(|p| p["team"]["id"] = json!("T0#SLK")),
        changed(|p| p["actions"] = json!([])),
        changed(|p| p["actions"][0]["action_ts"] = json!("soon")),
        changed(|p| p["message"]["blocks"] = json!([])),
        changed(|p| p["message"]["blocks"][0]["block_id"] = json!("bXwil")),
        changed(|p| {
            p["message"]["blocks"][0]["block_id"] = json!("{\"issue\":\"../../users/me\"}");
        }),
        changed(|p| {
            p["message"]["blocks"][0]["block_id"] =
                json!(format!("{{\"issue\":{}}}", "9".repeat(40)));
        }),
    ] {
        let verdict = parse_payload(&payload);
        assert!(matches!(verdict, Err(PayloadError::Missing(_))), "{payload}: {verdict:?}");
    }
}

#[test]
fn what_nobody_can_click_is_refused() {
    let evil = changed(|p| p["actions"][0]["value"] = json!("resolved:evil"));
    let foreign = changed(|p| p["response_url"] = json!("https://evil.example/actions"));

    assert_eq!(parse_payload(&evil), Err(PayloadError::UnknownChange));
    assert_eq!(parse_payload(&foreign), Err(PayloadError::ForeignUrl));
}

#[test]
fn a_body_is_a_form_with_one_payload() {
    assert_eq!(parse_body(""), Err(PayloadError::Form));
    assert_eq!(parse_body("payload=%7B%7D&payload=%7B%7D"), Err(PayloadError::Form));
    for body in ["payload=", "payload=[]", "payload=1", "payload=%7B", "payload=%7B%7D"] {
        assert_eq!(parse_body(body), Err(PayloadError::Json), "{body}");
    }
    let deep = format!("payload={}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(parse_body(&deep), Err(PayloadError::Json));
    let twice = r#"payload={"type":"block_actions","team":{"id":"T01"},"team":{"id":"T02"}}"#;
    assert_eq!(parse_body(twice), Err(PayloadError::Json));
}

#[test]
fn depth_counts_brackets_that_are_no_text() {
    assert_eq!(depth(r#"{"a":[{"b":"[[[\"{{{"}],"c":[]}"#), 3);
    let nested = |n| format!("{{\"type\":\"x\",\"y\":{}{}}}", "[".repeat(n), "]".repeat(n));
    let parsed = |n| parse_body(&format!("payload={}", nested(n)));

    assert_eq!(parsed(MAX_DEPTH - 1), Ok(Interaction::Nothing));
    assert_eq!(parsed(MAX_DEPTH), Err(PayloadError::Json));
    assert_eq!(parsed(10_000), Err(PayloadError::Json));
}

#[test]
fn old_alerts_and_dialogs_carry_their_issue_in_the_callback_id() {
    let button = json!({
        "type": "interactive_message",
        "actions": [{"name": "status", "type": "button", "value": "ignored"}],
        "callback_id": "{\"issue\":4815}",
        "team": {"id": "T0ACME0001"}, "channel": {"id": "C0ALERTS01"},
        "user": {"id": "U0ALICE001", "name": "alice"},
        "action_ts": "1699999999.164398", "message_ts": "1699999866.000004",
        "original_message": {"type": "message"},
    });
    let dialog = json!({
        "type": "dialog_submission",
        "submission": {"resolve_type": "resolved:inNextRelease"},
        "callback_id": "{\"issue\":4815,\"orig_response_url\":\"https://hooks.slack.com/a\",\"is_message\":false}",
        "team": {"id": "T0ACME0001"}, "user": {"id": "U0ALICE001"},
        "action_ts": "1700000000.164398",
        "response_url": "https://hooks.slack.com/app/T0/3/x",
    });

    assert_eq!(issue(&button).alert.family, Family::Attachment);
    assert_eq!(issue(&button).alert.message_ts.as_deref(), Some("1699999866.000004"));
    let dialog = issue(&dialog);
    assert_eq!(dialog.alert.family, Family::AttachmentUnfurl);
    let hooks = Hooks::new(&Url::parse("https://hooks.slack.com").unwrap());
    assert_eq!(dialog.response_url, hooks.parse("https://hooks.slack.com/a").ok());
}

#[test]
fn a_submitted_modal_brings_its_context_along() {
    let submission = json!({
        "type": "view_submission",
        "team": {"id": "T0ACME0001"}, "user": {"id": "U0ALICE001", "team_id": "T0ACME0001"},
        "view": {
            "external_id": "1700000000.403007",
            "private_metadata": "{\"issue\":4815,\"orig_response_url\":\"https://hooks.slack.com/a\",\"is_message\":true,\"channel_id\":\"C0ALERTS01\"}",
            "state": {"values": {"a6HD+": {"x": {"selected_option": {"value": "resolved"}}}}},
        },
    });

    let interaction = issue(&submission);

    assert_eq!(interaction.action_ts, "1700000000.403007");
    assert_eq!(interaction.decided_at, Some(Timestamp::from_secs(SENT)));
    assert_eq!(interaction.alert.channel, ChannelId::parse("C0ALERTS01").ok());
    assert!(interaction.response_url.is_some());
}
