//! Payloads that Slack has signed and that no alert and no modal of ours can cause.

use serde_json::{Value, json};

use super::{Edits, Scene};
use crate::harness::{ALICE, World};

/// A way to put an issue's context, or a control's value, into a payload.
type Put = fn(&World, &Value) -> Value;

#[tokio::test]
async fn a_block_click_has_what_it_always_has() {
    let scene = Scene::new().await;
    let rows: Edits = &[
        ("no type", |p| remove(p, "type")),
        ("a type that is no text", |p| p["type"] = json!(["block_actions"])),
        ("no user", |p| remove(p, "user")),
        ("a user without an id", |p| remove(&mut p["user"], "id")),
        ("a user who is no user", |p| p["user"]["id"] = json!("T0ACME0001")),
        ("a user in lower case", |p| p["user"]["id"] = json!("u0alice001")),
        ("a user who is a key", |p| p["user"]["id"] = json!("U0ALICE001#T0ACME0001")),
        ("a user who is a mention", |p| p["user"]["id"] = json!("<!channel>")),
        ("a user of 40 characters", |p| p["user"]["id"] = json!("U".repeat(40))),
        ("a user who is a number", |p| p["user"]["id"] = json!(1)),
        ("a home that is no team", |p| p["user"]["team_id"] = json!("../T0ACME0001")),
        ("a channel that is no channel", |p| p["channel"]["id"] = json!("C0/../D0")),
        ("no actions", |p| p["actions"] = json!([])),
        ("actions that are no list", |p| p["actions"] = json!({"0": p["actions"][0]})),
        ("no time of the click", |p| remove(&mut p["actions"][0], "action_ts")),
        ("a click soon", |p| p["actions"][0]["action_ts"] = json!("soon")),
        ("a click before all time", |p| p["actions"][0]["action_ts"] = json!("-1.000000")),
        ("a click at 1e9", |p| p["actions"][0]["action_ts"] = json!("1e9")),
        ("a click at no text", |p| p["actions"][0]["action_ts"] = json!(1_767_614_400)),
        ("a click at the end of time", |p| p["actions"][0]["action_ts"] = json!("9".repeat(40))),
        ("no message", |p| remove(p, "message")),
        ("a message without blocks", |p| p["message"]["blocks"] = json!([])),
        ("a first block without an issue", |p| {
            p["message"]["blocks"].as_array_mut().unwrap().remove(0);
            p["message"]["blocks"].as_array_mut().unwrap().remove(0);
        }),
        ("a first block that says nothing", |p| block_id(p, "")),
        ("a first block of a list", |p| block_id(p, "[4815]")),
        ("a first block too deep", |p| block_id(p, &"[".repeat(10_000))),
        ("two issues in one block", |p| block_id(p, r#"{"issue":4815,"issue":4816}"#)),
        ("two organizations in one block", |p| block_id(p, r#"{"issue":1,"org":"1","org":"2"}"#)),
        ("an organization that is none", |p| block_id(p, r#"{"issue":4815,"org":"acme/../x"}"#)),
        ("an organization of 40 digits", |p| {
            block_id(p, &format!(r#"{{"issue":4815,"org":"{}"}}"#, "9".repeat(40)));
        }),
        ("a rule that is no number", |p| block_id(p, r#"{"issue":4815,"rule":"../1"}"#)),
    ];
    for (case, spoil) in rows {
        scene.assert_refuses(&scene.spoilt(spoil), 400, case).await;
    }
}

#[tokio::test]
async fn an_issue_is_a_number_of_at_most_19_digits() {
    let scene = Scene::new().await;
    let places: &[(&str, Put)] =
        &[("block", block_with), ("modal", modal_with), ("old alert", old_alert_with)];
    for (place, put) in places {
        for issue in [
            json!("../../users/me"),
            json!("4815/../../../users/me"),
            json!("1?x="),
            json!("1#"),
            json!("%2e%2e"),
            json!(".."),
            json!("4815 "),
            json!("+4815"),
            json!("０１２"),
            json!("BACKEND-12"),
            json!(""),
            json!("9".repeat(40)),
            json!(-1),
            json!(1.5),
            json!(4815.0),
            json!(1e30),
            Value::Null,
            json!(true),
            json!([4815]),
            json!({"id": 4815}),
        ] {
            let context = json!({"issue": issue, "org": "1"});
            let payload = put(&scene.world, &context);
            scene.assert_refuses(&payload, 400, &format!("{issue} in a {place}")).await;
        }
        let digits = format!(r#"{{"issue":{}}}"#, "9".repeat(40));
        let payload = put(&scene.world, &json!(digits));
        scene.assert_refuses(&payload, 400, &format!("40 digits in a {place}")).await;
    }
}

#[tokio::test]
async fn a_status_that_no_control_has_is_refused() {
    let scene = Scene::new().await;
    for value in [
        "resolved:evil",
        "resolved:",
        "resolved:inNextRelease:x",
        ":resolved",
        "Resolved",
        "resolved ",
        "",
        "deleted",
        "reprocessing",
        "ignored:archived_for:31",
        "ignored:archived_until_condition_met:1",
        "unresolved:new",
        "user:101",
        "{\"status\":\"resolved\"}",
    ] {
        let block = scene.spoilt(|p| p["actions"][0]["value"] = json!(value));
        let modal = submission(&json!({"issue": 4815}), value);
        let dialog = dialog(value);
        for (place, payload) in [("block", block), ("modal", modal), ("dialog", dialog)] {
            scene.assert_refuses(&payload, 400, &format!("{value:?} in a {place}")).await;
        }
    }
}

#[tokio::test]
async fn an_assignee_that_no_control_has_is_refused() {
    let scene = Scene::new().await;
    for value in [
        "",
        "user:",
        "team:",
        "user",
        "101",
        "user:../1",
        "user:1:2",
        "user:me",
        "org:1",
        "User:101",
        "user:-1",
        "nobody",
        "none ",
        "resolved",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!("team:{}", "9".repeat(40))])
    {
        let payload = scene.spoilt(|p| {
            p["actions"][0]["action_id"] = json!("assign");
            p["actions"][0]["selected_option"] = json!({"value": value});
        });
        scene.assert_refuses(&payload, 400, &format!("{value:?}")).await;
    }
}

#[tokio::test]
async fn a_control_without_a_value_is_refused() {
    let scene = Scene::new().await;
    for name in ["status::resolved", "assign", "unresolved:ongoing"] {
        let payload = scene.spoilt(|p| {
            p["actions"][0]["action_id"] = json!(name);
            remove(&mut p["actions"][0], "value");
        });
        scene.assert_refuses(&payload, 400, name).await;
    }
}

#[tokio::test]
async fn a_modal_brings_its_context_or_is_refused() {
    let scene = Scene::new().await;
    let rows: Edits = &[
        ("no context", |view| remove(view, "private_metadata")),
        ("an empty context", |view| view["private_metadata"] = json!("")),
        ("a context that is no JSON", |view| view["private_metadata"] = json!("issue=4815")),
        ("a context without an issue", |view| view["private_metadata"] = json!("{\"rule\":1}")),
        ("a context that is no text", |view| view["private_metadata"] = json!({"issue": 4815})),
        ("no time", |view| {
            view["external_id"] = json!("");
            view["hash"] = json!("");
        }),
        ("a time that is none", |view| {
            view["external_id"] = json!("soon");
            view["hash"] = json!("abc.def");
        }),
    ];
    for (case, spoil) in rows {
        let mut payload = submission(&json!({"issue": 4815}), "resolved");
        spoil(&mut payload["view"]);
        scene.assert_refuses(&payload, 400, case).await;
    }
    let mut payload = submission(&json!({"issue": 4815}), "resolved");
    remove(&mut payload, "view");
    scene.assert_refuses(&payload, 400, "no view").await;
}

#[tokio::test]
async fn an_old_alert_brings_its_context_or_is_refused() {
    let scene = Scene::new().await;
    let rows: Edits = &[
        ("no callback", |p| remove(p, "callback_id")),
        ("an empty callback", |p| p["callback_id"] = json!("")),
        ("a callback that is no JSON", |p| p["callback_id"] = json!("4815")),
        ("a callback without an issue", |p| p["callback_id"] = json!("{}")),
        ("no time", |p| remove(p, "action_ts")),
        ("no team", |p| remove(p, "team")),
        ("no user", |p| remove(p, "user")),
        ("no actions", |p| remove(p, "actions")),
    ];
    for (case, spoil) in rows {
        let mut payload = old_alert(&scene.world);
        spoil(&mut payload);
        scene.assert_refuses(&payload, 400, case).await;
    }
}

fn block_with(world: &World, context: &Value) -> Value {
    let alert = world.post_alert();
    let mut payload = world.click_payload(ALICE, &alert, "resolved");
    block_id(&mut payload, &text_of(context));
    payload
}

fn modal_with(_: &World, context: &Value) -> Value {
    submission(context, "resolved")
}

fn old_alert_with(world: &World, context: &Value) -> Value {
    let mut payload = old_alert(world);
    payload["callback_id"] = json!(text_of(context));
    payload
}

fn old_alert(world: &World) -> Value {
    world.slack.click_payload(ALICE, &world.post_legacy_alert(), "status", "resolved").unwrap()
}

fn submission(context: &Value, value: &str) -> Value {
    json!({
        "type": "view_submission",
        "team": {"id": "T0ACME0001"},
        "user": {"id": ALICE, "team_id": "T0ACME0001"},
        "view": {
            "external_id": "1767614400.000100",
            "private_metadata": text_of(context),
            "state": {"values": {"b": {"a": {"selected_option": {"value": value}}}}},
        },
    })
}

fn dialog(value: &str) -> Value {
    json!({
        "type": "dialog_submission",
        "team": {"id": "T0ACME0001"},
        "user": {"id": ALICE},
        "callback_id": "{\"issue\":4815}",
        "submission": {"resolve_type": value},
        "action_ts": "1767614400.000100",
    })
}

/// A context that is a text already is put in as it stands: JSON that `json!` cannot write.
fn text_of(context: &Value) -> String {
    context.as_str().map_or_else(|| context.to_string(), str::to_owned)
}

fn block_id(payload: &mut Value, text: &str) {
    payload["message"]["blocks"][0]["block_id"] = json!(text);
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name);
}
