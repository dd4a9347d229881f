//! What the form of an alert rule asks: whose question it is, and which channels are its own.

use serde_json::{Value, json};
use shared::store::SaveInstallation;

use super::{Edits, Kind, assert_answer, assert_refused};
use crate::harness::{Answer, World, alerts::ELSEWHERE, event};

const SIGNATURE: &str = "sentry-app-signature";

/// API Gateway's event of a rule that is being saved.
fn saving(world: &World, channel: &Value) -> Value {
    let body = json!({
        "fields": [{"name": "note", "value": "x"}, {"name": "channel", "value": channel}],
        "installationId": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de",
    });
    signed(world, "POST", "/alert/rule", &body.to_string())
}

/// API Gateway's event of somebody who chooses a channel.
fn choosing(world: &World, query: &str) -> Value {
    signed(world, "GET", &format!("/alert/channels?{query}"), "")
}

fn signed(world: &World, method: &str, path: &str, body: &str) -> Value {
    let signature = world.sentry.sign_hook("acme", "", body).signature;
    event(method, path, &json!({SIGNATURE: signature}), body)
}

fn values(answer: &Answer) -> Vec<String> {
    let choices: Value = serde_json::from_str(&answer.body).unwrap();
    let values = choices.as_array().unwrap().iter();
    values.map(|choice| choice["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_does_not_sign_is_told_nothing() {
    let world = World::new().await;
    for good in [saving(&world, &json!("T0ACME0001:C0ALERTS01")), choosing(&world, "query=a")] {
        let spoilt: Edits = &[
            ("no signature", |headers| *headers = json!({})),
            ("all zeros", |headers| headers[SIGNATURE] = json!("0".repeat(64))),
            ("twice", |headers| {
                let one = headers[SIGNATURE].as_str().unwrap().to_owned();
                headers[SIGNATURE] = json!(format!("{one},{one}"));
            }),
            ("a webhook's header", |headers| {
                *headers = json!({"sentry-hook-signature": headers[SIGNATURE]});
            }),
        ];
        for (case, spoil) in spoilt {
            let mut event = good.clone();
            spoil(&mut event["headers"]);
            assert_refused(&world, &event, 401, case).await;
        }
    }
}

#[tokio::test]
async fn the_form_offers_the_channels_of_the_organization_s_workspaces() {
    let world = World::new().await;

    let all = world.dispatch(&choosing(&world, "installationId=x&projectSlug=backend")).await;
    let some = world.dispatch(&choosing(&world, "query=%23ALER")).await;
    let none = world.dispatch(&choosing(&world, "query=%3C%21channel%3E")).await;

    assert_answer(&all, 200, Kind::Json, "all");
    assert_eq!(values(&all), ["T0ACME0001:C0ALERTS01", "T0ACME0001:C0BACKEND1"]);
    assert_eq!(values(&some), ["T0ACME0001:C0ALERTS01"]);
    assert!(values(&none).is_empty());
    assert!(all.body.contains("\"label\":\"#alerts\""), "{}", all.body);
}

#[tokio::test]
async fn where_two_organizations_are_known_by_one_slug_the_form_offers_nothing() {
    let world = World::new().await;
    world.add_workspace().await;
    world
        .edit_workspace(ELSEWHERE, |installation| {
            installation.organizations[0].id = shared::ids::OrganizationId::parse("2").unwrap();
        })
        .await;

    let offered = world.dispatch(&choosing(&world, "")).await;
    let saved = world.dispatch(&saving(&world, &json!("T0ELSEWHERE:C0BACKEND1"))).await;

    assert!(values(&offered).is_empty(), "{}", offered.body);
    assert_answer(&saved, 400, Kind::Json, "a channel of either");
}

#[tokio::test]
async fn with_several_workspaces_the_form_says_which() {
    let world = World::new().await;
    world.add_workspace().await;

    let answer = world.dispatch(&choosing(&world, "query=alerts")).await;

    assert!(answer.body.contains("\"label\":\"#alerts (Acme)\""), "{}", answer.body);
    assert_eq!(values(&answer).len(), 2);
}

#[tokio::test]
async fn a_workspace_that_does_not_say_leaves_the_others() {
    let world = World::new().await;
    world.add_workspace().await;
    let tenant = shared::ids::Tenant::parse(ELSEWHERE).unwrap();
    let rows = world.rows();
    let spoilt = rows.installations.values().find(|found| found.tenant == tenant).unwrap();
    let acme = rows.installations.values().find(|found| found.tenant != tenant).unwrap();
    let spoilt =
        shared::identity::Installation { bot_token: acme.bot_token.clone(), ..spoilt.clone() };
    world.store.save_installation(&spoilt).await.unwrap();

    let answer = world.dispatch(&choosing(&world, "")).await;

    assert_eq!(values(&answer), ["T0ACME0001:C0ALERTS01", "T0ACME0001:C0BACKEND1"]);
}

#[tokio::test]
async fn a_rule_may_have_a_channel_of_its_organization_s_workspaces() {
    let world = World::new().await;
    for channel in ["T0ACME0001:C0ALERTS01", "C0ALERTS01"] {
        let answer = world.dispatch(&saving(&world, &json!(channel))).await;
        assert_answer(&answer, 200, Kind::Empty, channel);
    }
}

#[tokio::test]
async fn any_other_channel_is_refused_with_words_for_the_form() {
    let world = World::new().await;
    for channel in [
        json!("T0FOREIGN1:C0ALERTS01"),
        json!("T0ACME0001:alerts"),
        json!("#alerts"),
        json!("U0ALICE001"),
        json!({"id": "C0ALERTS01"}),
    ] {
        let answer = world.dispatch(&saving(&world, &channel)).await;
        assert_answer(&answer, 400, Kind::Json, &channel.to_string());
        let words: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(words["message"].as_str().unwrap().starts_with("Choose a channel from the list:"));
    }
}

#[tokio::test]
async fn a_channel_that_is_none_is_not_taken_for_the_workspace_s_own() {
    let world = World::new().await;
    world.choose_default_channel().await;

    let none = world.dispatch(&saving(&world, &json!(""))).await;
    let unreadable = world.dispatch(&saving(&world, &json!("#alerts"))).await;

    assert_answer(&none, 200, Kind::Empty, "the workspace's own");
    assert_answer(&unreadable, 400, Kind::Json, "#alerts");
}

#[tokio::test]
async fn a_form_that_is_none_is_refused() {
    let world = World::new().await;
    for body in ["", "null", "{\"fields\":{}}", "{\"fields\":[5]}"] {
        let event = signed(&world, "POST", "/alert/rule", body);
        assert_refused(&world, &event, 400, body).await;
    }
}
