//! The reply that Slack honours, payload by payload.

use local::slack::CallKind;
use serde_json::{Value, json};

use crate::{
    abuse::{
        Edits,
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, ALICES, BOB, World},
};

#[tokio::test]
async fn a_block_click_is_acknowledged_empty_and_answered_through_its_response_url() {
    let world = World::new().await;
    let click = world.click_payload(ALICE, &world.post_alert(), "resolved");

    let answer = world.send(&click).await;

    assert_answer(&answer, 200, Kind::Empty, "not linked");
    assert_eq!(calls(&world), [(CallKind::ResponseUrl, "actions".to_owned())]);
    assert!(world.newest_words(ALICE).contains("Link your identity now"));
}

#[tokio::test]
async fn an_old_button_is_answered_in_the_body_and_nowhere_else() {
    let world = World::new().await;
    let click = old_click(&world);

    let answer = world.send(&click).await;

    assert_answer(&answer, 200, Kind::Json, "not linked");
    let envelope: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(envelope["response_type"], "ephemeral");
    assert_eq!(envelope["replace_original"], false);
    assert_eq!(envelope["delete_original"], false);
    assert!(envelope["text"].as_str().unwrap().contains("/link-identity/"), "{envelope}");
    assert!(world.slack.log().is_empty());
}

#[tokio::test]
async fn an_old_button_of_a_linked_person_leaves_the_alert_as_it_is_for_now() {
    let world = World::with_linked(ALICE, ALICES).await;
    let click = old_click(&world);

    let answer = world.send(&click).await;

    assert_answer(&answer, 200, Kind::Empty, "linked");
}

#[tokio::test]
async fn a_prompt_in_the_body_is_given_once() {
    let world = World::new().await;
    let click = old_click(&world);
    world.send(&click).await;
    let before = Before::of(&world);

    let again = world.send(&click).await;

    assert_answer(&again, 200, Kind::Empty, "the same click again");
    before.assert_untouched(&world, "the same click again");
}

#[tokio::test]
async fn an_old_dialog_is_acknowledged_empty_and_its_prompt_goes_to_the_alert() {
    let world = World::new().await;
    let click = old_click(&world);
    let context = json!({"issue": 4815, "orig_response_url": click["response_url"]});
    let submission = json!({
        "type": "dialog_submission",
        "submission": {"resolve_type": "resolved"},
        "callback_id": context.to_string(),
        "team": click["team"], "channel": click["channel"], "user": click["user"],
        "action_ts": "1767614401.164398",
        "response_url": format!("{}-dead", click["response_url"].as_str().unwrap()),
    });

    let answer = world.send(&submission).await;

    assert_answer(&answer, 200, Kind::Empty, "a dialog reads no message in the body");
    assert_eq!(calls(&world), [(CallKind::ResponseUrl, "actions".to_owned())]);
    assert!(world.prompted_link(ALICE).contains("/link-identity/"));
}

#[tokio::test]
async fn a_submitted_modal_shows_in_its_own_place_what_there_is_to_say() {
    for has_url in [true, false] {
        let case = if has_url { "with a response_url" } else { "without one" };
        let world = World::new().await;
        let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        let context = json!({
            "issue": 4815, "org": "1", "channel_id": click["channel"]["id"],
            "orig_response_url": has_url.then_some(&click["response_url"]),
        });
        let submission = json!({
            "type": "view_submission",
            "team": click["team"], "user": click["user"],
            "view": {
                "external_id": click["actions"][0]["action_ts"],
                "private_metadata": context.to_string(),
                "state": {"values": {"b": {"a": {"selected_option": {"value": "resolved"}}}}},
            },
        });

        let answer = world.send(&submission).await;

        assert_answer(&answer, 200, Kind::Json, case);
        let reply: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(reply["response_action"], "update", "{case}: {reply}");
        assert!(reply["view"].to_string().contains("/link-identity/"), "{case}: {reply}");
        assert!(world.slack.log().is_empty(), "{case}");
    }
}

#[tokio::test]
async fn what_asks_nothing_of_us_is_acknowledged_empty() {
    let world = World::with_linked(ALICE, ALICES).await;
    let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    let of = |kind: &str| {
        let mut payload = click.clone();
        payload["type"] = json!(kind);
        payload
    };
    for kind in [
        "view_closed",
        "block_suggestion",
        "dialog_cancellation",
        "dialog_suggestion",
        "shortcut",
        "message_action",
        "workflow_step_edit",
        "something_new",
        "",
    ] {
        for user in [ALICE, BOB] {
            let mut payload = of(kind);
            payload["user"]["id"] = json!(user);
            assert_acknowledged(&world, &payload, kind).await;
        }
    }
    assert_acknowledged(&world, &json!({"type": "view_closed"}), "a bare view_closed").await;
}

#[tokio::test]
async fn a_click_inside_a_modal_is_acknowledged_empty() {
    let world = World::with_linked(ALICE, ALICES).await;
    let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    let rows: Edits = &[
        ("its view beside it", |p| {
            p["view"] = json!({"id": "V1", "private_metadata": "{\"issue\":4815}"});
        }),
        ("its view as the container", |p| {
            p["container"] = json!({"type": "view", "view_id": "V1"});
            p.as_object_mut().unwrap().remove("message");
            p.as_object_mut().unwrap().remove("response_url");
        }),
    ];
    for (case, edit) in rows {
        let mut payload = click.clone();
        edit(&mut payload);
        assert_acknowledged(&world, &payload, case).await;
    }
}

#[tokio::test]
async fn a_control_that_is_not_ours_is_acknowledged_empty() {
    let world = World::with_linked(ALICE, ALICES).await;
    for (name, old) in [
        ("link_identity", false),
        ("view_in_sentry", false),
        ("statuses", false),
        ("Status", false),
        ("", false),
        ("::status", false),
        ("view_in_sentry", true),
    ] {
        let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        if old {
            click = old_click(&world);
            click["actions"][0]["name"] = json!(name);
        } else {
            click["actions"][0]["action_id"] = json!(name);
        }
        assert_acknowledged(&world, &click, name).await;
    }
}

#[tokio::test]
async fn a_dialog_without_a_choice_of_ours_is_acknowledged_empty() {
    let world = World::with_linked(ALICE, ALICES).await;
    let click = old_click(&world);
    for submission in
        [Value::Null, json!({}), json!({"comment": "hi"}), json!({"resolve_type": null})]
    {
        let payload = json!({
            "type": "dialog_submission", "submission": submission, "callback_id": "{}",
            "team": click["team"], "user": click["user"], "action_ts": "1767614401.164398",
        });
        assert_acknowledged(&world, &payload, &submission.to_string()).await;
    }
}

#[tokio::test]
async fn a_modal_without_a_choice_of_ours_is_acknowledged_empty() {
    let world = World::with_linked(ALICE, ALICES).await;
    let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    for state in [
        Value::Null,
        json!({"values": {}}),
        json!({"values": {"b": {}}}),
        json!({"values": {"b": {"a": {"type": "plain_text_input", "value": "resolved"}}}}),
        json!({"values": {"b": {"a": {"selected_option": null}}}}),
        json!({"values": {"b": "x"}}),
    ] {
        let payload = json!({
            "type": "view_submission", "team": click["team"], "user": click["user"],
            "view": {"private_metadata": "", "state": state},
        });
        assert_acknowledged(&world, &payload, &state.to_string()).await;
    }
}

async fn assert_acknowledged(world: &World, payload: &Value, case: &str) {
    let before = Before::of(world);

    let answer = world.send(payload).await;

    assert_answer(&answer, 200, Kind::Empty, case);
    before.assert_untouched(world, case);
}

fn old_click(world: &World) -> Value {
    world.slack.click_payload(ALICE, &world.post_legacy_alert(), "status", "resolved").unwrap()
}

fn calls(world: &World) -> Vec<(CallKind, String)> {
    world.slack.log().into_iter().map(|call| (call.kind, call.method)).collect()
}
