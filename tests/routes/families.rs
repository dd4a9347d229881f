//! The families of payload, each from its own message: what is admitted is what was asked for.

use local::slack::{Alert, Button};
use serde_json::{Value, json};
use shared::{
    change::STATUS_CHANGES,
    job::{Job, Outcome},
};

use crate::{
    abuse::{
        Edits,
        answer::{Kind, assert_answer},
    },
    harness::{ALICE, ALICES, Answer, World},
};

/// The job that the payload is admitted as, and no other; carried out.
async fn admitted(world: &World, payload: &Value, case: &str) -> Job {
    let before = world.rows().jobs;

    let answer = world.send(payload).await;

    assert_acknowledged(&answer, payload, case);
    let mut jobs = world.rows().jobs;
    jobs.retain(|key, _| !before.contains_key(key));
    let new: Vec<Job> = jobs.into_values().collect();
    assert_eq!(new.len(), 1, "{case}: {new:?}");
    assert_eq!(new[0].person.user.as_str(), ALICE, "{case}");
    new[0].clone()
}

/// A modal's reply says what the modal shows next; every other family's is empty.
fn assert_acknowledged(answer: &Answer, payload: &Value, case: &str) {
    if payload["type"] != "view_submission" {
        return assert_answer(answer, 200, Kind::Empty, case);
    }
    assert_answer(answer, 200, Kind::Json, case);
    let reply: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(reply["response_action"], "update", "{case}: {reply}");
}

#[tokio::test]
async fn a_block_button_asks_for_each_status_there_is() {
    let world = World::with_linked(ALICE, ALICES).await;
    for row in STATUS_CHANGES {
        let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        click["actions"][0]["value"] = json!(row.value);

        let job = admitted(&world, &click, row.value).await;

        assert_eq!(job.change.value(), row.value);
        assert_eq!(job.issue.as_str(), "4815", "{}", row.value);
    }
}

#[tokio::test]
async fn a_control_s_name_may_be_routed_and_its_value_chosen() {
    let world = World::with_linked(ALICE, ALICES).await;
    let chosen = |value: &str| json!({"selected_option": {"text": {"type": "plain_text", "text": "…"}, "value": value}});
    for (case, name, action, change) in [
        ("plain", "status", json!({"value": "ignored"}), "ignored"),
        ("routed", "status::1::11", json!({"value": "ignored"}), "ignored"),
        ("a static select", "status", chosen("resolved:inNextRelease"), "resolved:inNextRelease"),
        (
            "ongoing",
            "unresolved:ongoing",
            json!({"value": "unresolved:ongoing"}),
            "unresolved:ongoing",
        ),
        (
            "a select beside a value",
            "status",
            {
                let mut both = chosen("unresolved");
                both["value"] = json!("ignored");
                both
            },
            "unresolved",
        ),
        ("assign to a person", "assign", chosen("user:102"), "user:102"),
        ("assign to a team", "assign", chosen("team:21"), "team:21"),
        ("assign to nobody", "assign", chosen("none"), "none"),
        ("assign, routed", "assign::1::11", chosen("user:102"), "user:102"),
    ] {
        let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        let time = click["actions"][0]["action_ts"].clone();
        click["actions"][0] = action;
        click["actions"][0]["action_id"] = json!(name);
        click["actions"][0]["action_ts"] = time;

        let job = admitted(&world, &click, case).await;

        assert_eq!(job.change.value(), change, "{case}");
    }
}

#[tokio::test]
async fn an_assignee_chosen_in_a_select_of_the_alert_becomes_sentry_s() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    click["actions"][0] = json!({
        "type": "external_select", "action_id": "assign", "block_id": "act",
        "selected_option": {
            "text": {"type": "plain_text", "text": "bob@acme.example", "emoji": true},
            "value": "user:102",
        },
        "placeholder": {"type": "plain_text", "text": "Select Assignee...", "emoji": true},
        "action_ts": click["actions"][0]["action_ts"],
    });

    let job = admitted(&world, &click, "assign").await;
    world.work().await;

    assert_eq!(job.change.value(), "user:102");
    assert_eq!(world.rows().jobs[job.key.as_str()].outcome, Some(Outcome::Done));
    assert_eq!(world.sentry.changes().pop().unwrap().body, json!({"assignedTo": "user:102"}));
}

#[tokio::test]
async fn an_alert_of_sentry_s_own_names_no_organization_and_need_not() {
    let world = World::with_linked(ALICE, ALICES).await;
    for context in [
        json!({"issue": 4815, "rule": 162}),
        json!({"issue": 4815}),
        json!({"issue": "4815", "org": 1}),
        json!({"issue": 4815, "rule": null, "org": "1", "later": {"field": []}}),
    ] {
        let mut click = world.click_payload(ALICE, &world.post_alert(), "ignored");
        click["message"]["blocks"][0]["block_id"] = json!(context.to_string());

        let job = admitted(&world, &click, &context.to_string()).await;

        assert_eq!(job.issue.as_str(), "4815", "{context}");
    }
}

#[tokio::test]
async fn a_link_s_preview_has_its_blocks_in_the_unfurl() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
    click["app_unfurl"] = json!({"blocks": click["message"]["blocks"]});
    click["message"]["blocks"] = json!([{"type": "rich_text", "block_id": "x", "elements": []}]);
    click["container"]["type"] = json!("message_attachment");
    click["container"]["is_app_unfurl"] = json!(true);

    let job = admitted(&world, &click, "unfurl").await;

    assert_eq!((job.issue.as_str(), job.change.value().as_str()), ("4815", "resolved"));
}

#[tokio::test]
async fn an_old_alert_s_controls_ask_for_the_same() {
    let world = World::with_linked(ALICE, ALICES).await;
    let rows: Edits = &[
        ("resolved", |_| ()),
        ("ignored", |p| {
            p["actions"][0] = json!({"name": "status", "type": "select",
                "selected_options": [{"value": "ignored"}]});
        }),
        ("user:102", |p| {
            p["actions"][0] = json!({"name": "assign", "type": "select",
                "selected_options": [{"value": "user:102"}]});
        }),
        ("resolved", |p| {
            p["is_app_unfurl"] = json!(true);
            p.as_object_mut().unwrap().remove("original_message");
        }),
        ("resolved", |p| p["callback_id"] = json!("{\"issue\":\"4815\"}")),
    ];
    for (change, edit) in rows {
        let alert = world.post_legacy_alert();
        let mut click = world.slack.click_payload(ALICE, &alert, "status", "resolved").unwrap();
        edit(&mut click);

        let job = admitted(&world, &click, &click.to_string()).await;

        assert_eq!((job.issue.as_str(), job.change.value().as_str()), ("4815", *change), "{click}");
    }
}

#[tokio::test]
async fn an_old_dialog_s_choice_is_carried_out_where_its_button_was() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_legacy_alert();
    let click = world.slack.click_payload(ALICE, &alert, "status", "resolved").unwrap();
    let context = json!({
        "issue": 4815, "orig_response_url": click["response_url"], "is_message": true,
    });
    let submission = json!({
        "type": "dialog_submission",
        "submission": {"resolve_type": "resolved:inNextRelease"},
        "callback_id": context.to_string(),
        "state": "",
        "team": click["team"], "channel": click["channel"], "user": click["user"],
        "action_ts": "1767614401.164398",
        "token": "deprecated",
        // The dialog's own: what is posted there does not touch the alert.
        "response_url": dead_url(&click),
    });

    let job = admitted(&world, &submission, "dialog").await;
    world.work().await;

    assert_eq!(job.change.value(), "resolved:inNextRelease");
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_modal_s_choice_is_carried_out_where_its_button_was() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let click = world.click_payload(ALICE, &alert, "resolved");

    let job = admitted(&world, &modal(&click, "resolved:inCurrentRelease"), "modal").await;
    world.work().await;

    assert_eq!(job.change.value(), "resolved:inCurrentRelease");
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_modal_submitted_twice_is_one_choice() {
    for (case, external_id) in [("opened by us", "1767614400.403007"), ("opened by Sentry", "")] {
        let world = World::with_linked(ALICE, ALICES).await;
        let click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        let mut submission = modal(&click, "ignored:archived_forever");
        submission["view"]["external_id"] = json!(external_id);
        let job = admitted(&world, &submission, case).await;

        submission["trigger_id"] = json!("1.2.another");
        let again = world.send(&submission).await;

        assert_acknowledged(&again, &submission, case);
        assert_eq!(job.change.value(), "ignored:archived_forever", "{case}");
        let same = |j: &&Job| j.change == job.change;
        assert_eq!(world.rows().jobs.values().filter(same).count(), 1, "{case}");
    }
}

#[tokio::test]
async fn an_alert_may_be_about_any_issue_of_the_organization() {
    let world = World::with_linked(ALICE, ALICES).await;
    let buttons = vec![Button::new("status::resolved", "resolved", "Resolve")];
    let alert = Alert { buttons, ..Alert::timeout_error(&world.sentry_url) };
    let alert = world.slack.post_alert(&alert);

    let click = world.click_payload(ALICE, &alert, "resolved");
    let job = admitted(&world, &click, "BACKEND-13").await;
    world.work().await;

    assert_eq!(job.issue.as_str(), "4816");
    assert_eq!(world.sentry.issue("4816").unwrap().status, "resolved");
    assert_eq!(world.sentry.issue("4815").unwrap().status, "unresolved");
}

/// The modal that the click has opened, submitted: Slack sends no channel and no `response_url`.
fn modal(click: &Value, value: &str) -> Value {
    let context = json!({
        "issue": 4815, "rule": 162, "org": "1", "is_message": true, "workflow": null,
        "orig_response_url": click["response_url"],
        "channel_id": click["channel"]["id"],
        "message_ts": click["container"]["message_ts"],
        "tags": ["environment", "release"],
    });
    json!({
        "type": "view_submission",
        "team": click["team"], "user": click["user"],
        "api_app_id": click["api_app_id"], "token": "deprecated", "trigger_id": "1.2.fresh",
        "view": {
            "id": "V0RESOLVE1", "type": "modal", "hash": "1767614401.CZNlXHKw",
            "external_id": click["actions"][0]["action_ts"],
            "private_metadata": context.to_string(),
            "callback_id": "resolve",
            "blocks": [],
            "state": {"values": {"a6HD+": {"static_select-action": {
                "type": "static_select",
                "selected_option": {"text": {"type": "plain_text", "text": "…"}, "value": value},
            }}}},
        },
        "response_urls": [], "is_enterprise_install": false, "enterprise": null,
    })
}

/// A `response_url` of Slack's that leads to no message.
fn dead_url(click: &Value) -> Value {
    json!(format!("{}-dead", click["response_url"].as_str().unwrap()))
}
