//! `POST /event`: what Slack says has happened, and what it is answered.

mod garbage;
mod home;
mod home_buttons;
mod unheard;
mod words;

use serde_json::{Value, json};

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, ALICES, World, event},
};

#[tokio::test]
async fn the_challenge_comes_back_to_who_signs_it() {
    let world = World::new().await;
    let before = Before::of(&world);

    let answer = world.hear(&world.slack.url_verification("3eZbrw1aB")).await;

    assert_answer(&answer, 200, Kind::Json, "signed");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body, json!({"challenge": "3eZbrw1aB"}));
    before.assert_untouched(&world, "signed");
}

#[tokio::test]
async fn an_app_that_is_installed_nowhere_can_be_set_up() {
    let world = World::bare().await;

    let answer = world.hear(&world.slack.url_verification("3eZbrw1aB")).await;

    assert_answer(&answer, 200, Kind::Json, "nowhere");
}

#[tokio::test]
async fn the_challenge_does_not_come_back_to_strangers() {
    let world = World::new().await;
    let before = Before::of(&world);
    let good = world.slack.url_verification("3eZbrw1aB");
    let body = String::from_utf8(good.body.clone()).unwrap();
    let time = good.timestamp.as_str();
    for (case, headers) in [
        ("no signature", json!({"x-slack-request-timestamp": time})),
        ("no time", json!({"x-slack-signature": good.signature})),
        ("nothing", json!({})),
        (
            "another signature",
            json!({"x-slack-request-timestamp": time,
                "x-slack-signature": format!("v0={}", "0".repeat(64))}),
        ),
    ] {
        let answer = world.dispatch(&event("POST", "/event", &headers, &body)).await;
        assert_answer(&answer, 401, Kind::Empty, case);
        assert!(!answer.headers.contains_key("x-slack-no-retry"), "{case}");
        before.assert_untouched(&world, case);
    }
}

#[tokio::test]
async fn an_old_event_is_refused_and_the_same_one_signed_anew_is_taken() {
    let world = World::with_linked(ALICE, ALICES).await;
    let old = world.slack.direct_message(ALICE, "help").unwrap();
    world.clock.advance(std::time::Duration::from_secs(301));

    let refused = world.hear(&old).await;
    let retry = local::slack::Retry { number: 3, reason: "http_error" };
    let taken = world.hear(&world.slack.retried(&old, retry)).await;

    assert_eq!((refused.status, taken.status), (401, 200));
}

#[tokio::test]
async fn other_methods_are_told_which_one_there_is() {
    let world = World::new().await;
    let before = Before::of(&world);
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = world.dispatch(&event(method, "/event", &json!({}), "")).await;
        assert_answer(&answer, 405, Kind::Empty, method);
        assert_eq!(answer.headers["allow"], "POST", "{method}");
        before.assert_untouched(&world, method);
    }
}

#[tokio::test]
async fn what_the_bundle_did_not_ask_for_is_acknowledged_and_left_alone() {
    let world = World::new().await;
    let before = Before::of(&world);
    for inner in [
        json!({"type": "team_join", "user": {"id": "U0NEW00001"}}),
        json!({"type": "reaction_added", "user": ALICE, "item": {"type": "message"}}),
        json!({"type": "message", "channel_type": "channel", "channel": "C0ALERTS01",
            "user": ALICE, "text": "link"}),
        json!({"type": "something_new", "user": ["x"], "channel": {"a": 1}}),
    ] {
        let answer = world.hear(&world.slack.event(&inner)).await;
        assert_answer(&answer, 200, Kind::Empty, &inner.to_string());
        before.assert_untouched(&world, &inner.to_string());
    }
    let limited = br#"{"type":"app_rate_limited","minute_rate_limited":1518467820}"#;
    let answer = world.hear(&world.slack.sign(limited)).await;
    assert_answer(&answer, 200, Kind::Empty, "rate limited");
    before.assert_untouched(&world, "rate limited");
}
