//! Modals open once, in time, and take what is chosen in them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::clock::ManualClock;

use super::{samples, state::State, web_api::tests::call};

const ALICE: &str = "U0ALICE001";

fn modal() -> Value {
    let option = |label: &str, value: &str| {
        json!({"value": value,
        "text": {"type": "plain_text", "text": label, "emoji": true}})
    };
    let (now, next) = (option("Immediately", "resolved"), option("Next", "resolved:inNextRelease"));
    json!({
        "type": "modal",
        "title": {"type": "plain_text", "text": "Resolve Issue"},
        "submit": {"type": "plain_text", "text": "Resolve"},
        "external_id": "1700000000.403007",
        "private_metadata": r#"{"issue":4815}"#,
        "blocks": [{
            "type": "section",
            "block_id": "how",
            "text": {"type": "mrkdwn", "text": "Resolve"},
            "accessory": {"type": "static_select", "action_id": "select",
                "initial_option": now, "options": [now, next]},
        }],
    })
}

fn opened() -> (State, ManualClock, String) {
    let (mut state, clock) = samples::state();
    let trigger = state.mint_trigger(ALICE);
    let reply = call(&mut state, "views.open", &json!({"trigger_id": trigger, "view": modal()}));
    let id = reply["view"]["id"].as_str().unwrap().to_owned();
    (state, clock, id)
}

#[test]
fn a_modal_opens_for_the_person_who_clicked() {
    let (state, _, id) = opened();

    assert_eq!((state.views[0].id.as_str(), state.views[0].user.as_str()), (id.as_str(), ALICE));
}

#[test]
fn a_submission_has_slacks_fields() {
    let (mut state, _, id) = opened();

    let choice = [("select".to_owned(), "resolved:inNextRelease".to_owned())];
    let payload = state.submit_view(ALICE, &id, &choice).unwrap();

    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let set = |names: &str| names.split_whitespace().map(str::to_owned).collect();
    let expected: BTreeSet<String> = set("type team user api_app_id token trigger_id view \
        response_urls is_enterprise_install enterprise");
    assert_eq!(keys(&payload), expected);
    let expected: BTreeSet<String> = set("id team_id type blocks private_metadata callback_id \
        state hash title clear_on_close notify_on_close close submit previous_view_id \
        root_view_id app_id external_id app_installed_team_id bot_id");
    assert_eq!(keys(&payload["view"]), expected);
    let chosen = &payload["view"]["state"]["values"]["how"]["select"]["selected_option"];
    assert_eq!(chosen["value"], "resolved:inNextRelease");
}

#[test]
fn a_select_nobody_touched_keeps_its_initial_option() {
    let (mut state, _, id) = opened();

    let payload = state.submit_view(ALICE, &id, &[]).unwrap();

    let chosen = &payload["view"]["state"]["values"]["how"]["select"]["selected_option"];
    assert_eq!(chosen["value"], "resolved");
}

#[test]
fn somebody_elses_modal_cannot_be_submitted() {
    let (mut state, _, id) = opened();

    assert!(state.submit_view("U0BOB00001", &id, &[]).is_err());
}

#[test]
fn an_update_finds_the_modal_by_its_external_id() {
    let (mut state, _, _) = opened();
    let before = state.views[0].hash.clone();
    let update = json!({"external_id": "1700000000.403007", "hash": before, "view": modal()});

    let reply = call(&mut state, "views.update", &update);

    assert_eq!(reply["ok"], true);
    assert_ne!(state.views[0].hash, before);
    assert_eq!(call(&mut state, "views.update", &update)["error"], "hash_conflict");
}

#[test]
fn what_slack_refuses_is_refused() {
    let (mut state, _, _) = opened();
    let mut bare = modal();
    bare["external_id"] = json!("other");
    let mut long = bare.clone();
    long["private_metadata"] = json!("x".repeat(3001));
    let mut large = bare.clone();
    large["blocks"][0]["text"]["text"] = json!("x".repeat(250_000));
    let mut home = bare.clone();
    home["type"] = json!("home");
    let wrong = [
        ("views.open", json!({"trigger_id": "1.2.x", "view": bare}), "invalid_trigger_id"),
        ("views.open", json!({"trigger_id": "1.2.x", "view": modal()}), "duplicate_external_id"),
        ("views.open", json!({"trigger_id": "1.2.x"}), "invalid_arguments"),
        ("views.open", json!({"trigger_id": "1.2.x", "view": long}), "invalid_arguments"),
        ("views.open", json!({"trigger_id": "1.2.x", "view": large}), "view_too_large"),
        ("views.open", json!({"trigger_id": "1.2.x", "view": home}), "invalid_arguments"),
        ("views.update", json!({"view_id": "V0NOWHERE1", "view": bare}), "not_found"),
        ("views.update", json!({"view": bare}), "invalid_arguments"),
    ];
    for (method, arguments, error) in wrong {
        assert_eq!(call(&mut state, method, &arguments)["error"], error, "{method}");
    }
}

#[test]
fn the_acknowledgement_says_what_becomes_of_the_modal() {
    let (mut state, _, id) = opened();

    let refused = br#"{"response_action":"errors","errors":{"how":"Not now"}}"#;
    assert!(state.submitted(&id, refused));
    assert_eq!(state.views[0].errors["how"], "Not now");

    assert!(!state.submitted(&id, br#"{"response_type":"ephemeral","text":"Hi"}"#));
    assert!(state.submitted(&id, b""));
    assert!(state.views.is_empty());
}

#[test]
fn the_app_hears_of_a_closed_modal_if_it_asked_for_it() {
    for (asked, told) in [(true, true), (false, false)] {
        let (mut state, _, id) = opened();
        state.views[0].definition.insert("notify_on_close".into(), json!(asked));

        let payload = state.close_view(ALICE, &id).unwrap();

        assert_eq!(payload.is_some_and(|payload| payload["type"] == "view_closed"), told);
        assert!(state.views.is_empty());
    }
}
