//! What Slack signs and never sends: refused for good, and nothing comes of it.

use serde_json::{Value, json};

use crate::{
    abuse::{
        Edits,
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, Answer, World},
};

fn assert_refused_for_good(answer: &Answer, case: &str) {
    assert_answer(answer, 400, Kind::Empty, case);
    assert_eq!(answer.headers["x-slack-no-retry"], "1", "{case}");
}

fn come_from(envelope: &mut Value, workspace: &str) {
    envelope["team_id"] = json!(workspace);
    envelope["authorizations"][0]["team_id"] = json!(workspace);
}

#[tokio::test]
async fn what_is_no_envelope_is_refused_for_good() {
    let world = World::new().await;
    let before = Before::of(&world);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested =
        format!("{{\"type\":\"event_callback\",\"event\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    for (case, body) in [
        ("nothing", ""),
        ("a word", "garbage"),
        ("a list", r#"["event_callback","c"]"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("a form", "payload=%7B%7D"),
        ("cut", r#"{"type":"event_callback","event"#),
        ("a number as the type", r#"{"type":7}"#),
        (
            "the type twice",
            r#"{"type":"event_callback","type":"url_verification","challenge":"c"}"#,
        ),
        ("a deep list", deep.as_str()),
        ("a deep event", nested.as_str()),
    ] {
        let answer = world.hear(&world.slack.sign(body.as_bytes())).await;
        assert_refused_for_good(&answer, case);
        before.assert_untouched(&world, case);
    }
}

#[tokio::test]
async fn a_challenge_is_one_short_text() {
    let world = World::new().await;
    let before = Before::of(&world);
    for (case, challenge) in [
        ("none", Value::Null),
        ("empty", json!("")),
        ("a number", json!(7)),
        ("long", json!("x".repeat(1_025))),
        ("an object", json!({"a": 1})),
    ] {
        let body = json!({"type": "url_verification", "challenge": challenge}).to_string();
        let answer = world.hear(&world.slack.sign(body.as_bytes())).await;
        assert_refused_for_good(&answer, case);
        before.assert_untouched(&world, case);
    }
}

#[tokio::test]
async fn an_event_lacks_nothing_that_it_is_judged_by() {
    let rows: Edits = &[
        ("no name", |e| remove(e, "event_id")),
        ("an empty name", |e| e["event_id"] = json!("")),
        ("a long name", |e| e["event_id"] = json!("E".repeat(1_025))),
        ("no time", |e| remove(e, "event_time")),
        ("a text as the time", |e| e["event_time"] = json!("1767614400")),
        ("no event", |e| remove(e, "event")),
        ("an event without a type", |e| remove(&mut e["event"], "type")),
        ("no workspace", |e| {
            remove(e, "team_id");
            e["authorizations"] = json!([]);
        }),
        ("a workspace that climbs", |e| come_from(e, "../T0ACME0001")),
        ("an org-wide install of nothing", |e| {
            e["authorizations"] = json!([{"is_enterprise_install": true, "team_id": null}]);
        }),
        ("nobody", |e| remove(&mut e["event"], "user")),
        ("everybody", |e| e["event"]["user"] = json!("<!channel>")),
        ("a list of people", |e| e["event"]["user"] = json!(["U0ALICE001"])),
        ("no conversation", |e| remove(&mut e["event"], "channel")),
        ("a conversation that climbs", |e| e["event"]["channel"] = json!("D0/../x")),
    ];
    for (case, edit) in rows {
        let world = World::new().await;
        let good = world.slack.direct_message(ALICE, "link").unwrap();
        let mut body: Value = serde_json::from_slice(&good.body).unwrap();
        edit(&mut body);
        let before = Before::of(&world);

        let answer = world.hear(&world.slack.sign(body.to_string().as_bytes())).await;

        assert_refused_for_good(&answer, case);
        before.assert_untouched(&world, case);
    }
}

#[tokio::test]
async fn the_event_that_the_rows_spoil_is_good() {
    let world = World::new().await;

    let answer = world.hear(&world.slack.direct_message(ALICE, "link").unwrap()).await;

    assert_answer(&answer, 200, Kind::Empty, "the good one");
    assert_eq!(world.rows().flows.len(), 1);
}

#[tokio::test]
async fn a_workspace_that_nobody_knows_is_refused_for_good() {
    let world = World::new().await;
    let good = world.slack.direct_message(ALICE, "link").unwrap();
    let mut body: Value = serde_json::from_slice(&good.body).unwrap();
    come_from(&mut body, "T0OTHER001");
    let before = Before::of(&world);

    let answer = world.hear(&world.slack.sign(body.to_string().as_bytes())).await;

    assert_answer(&answer, 403, Kind::Empty, "unknown");
    assert_eq!(answer.headers["x-slack-no-retry"], "1");
    before.assert_untouched(&world, "unknown");
}

#[tokio::test]
async fn a_removal_of_what_is_not_there_is_acknowledged() {
    let world = World::bare().await;
    for inner in [
        json!({"type": "app_uninstalled"}),
        json!({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BELAYBOT"]}}),
    ] {
        let answer = world.hear(&world.slack.event(&inner)).await;
        assert_answer(&answer, 200, Kind::Empty, &inner.to_string());
        assert!(world.rows().installations.is_empty());
    }
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name).unwrap();
}
