//! Who is not Sentry: signatures, and what is not under them.

use std::time::Duration;

use local::slack::BACKEND;
use serde_json::{Value, json};
use shared::{
    secret::Secret,
    signing::webhook::{HookVerifier, sign},
};

use super::{Edits, Kind, assert_answer, assert_refused, event_of, genuine};
use crate::harness::{
    BOBS, World,
    alerts::{ISSUE, rule_for},
};

/// Each row makes another body of the genuine one, and says which.
type Changes = &'static [(&'static str, fn(&str) -> String)];

const SIGNATURE: &str = "sentry-hook-signature";

fn change(headers: &mut Value, edit: impl FnOnce(String) -> String) {
    headers[SIGNATURE] = json!(edit(headers[SIGNATURE].as_str().unwrap().to_owned()));
}

fn remove(headers: &mut Value) -> Value {
    headers.as_object_mut().unwrap().remove(SIGNATURE).unwrap()
}

#[tokio::test]
async fn headers_that_sentry_never_sends_are_refused() {
    let world = World::new().await;
    let rows: Edits = &[
        ("no signature", |headers| drop(remove(headers))),
        ("no headers at all", |headers| *headers = json!({})),
        ("an empty signature", |headers| headers[SIGNATURE] = json!("")),
        ("all zeros", |headers| headers[SIGNATURE] = json!("0".repeat(64))),
        ("upper case", |headers| change(headers, |s| s.to_uppercase())),
        ("one digit less", |headers| change(headers, |s| s[..63].into())),
        ("one byte less", |headers| change(headers, |s| s[..62].into())),
        ("one byte more", |headers| change(headers, |s| s + "00")),
        ("a space before", |headers| change(headers, |s| format!(" {s}"))),
        ("Slack's form", |headers| change(headers, |s| format!("v0={s}"))),
        ("the signature twice", |headers| change(headers, |s| format!("{s},{s}"))),
        ("two signatures, the last genuine", |headers| {
            change(headers, |s| format!("{},{s}", "0".repeat(64)));
        }),
        ("the signature of a form's request", |headers| {
            headers["sentry-app-signature"] = remove(headers);
        }),
        ("the signature as a bearer token", |headers| {
            headers["authorization"] = json!(format!("Bearer {}", remove(headers)));
        }),
    ];
    for (case, spoil) in rows {
        let mut event = event_of(&genuine(&world));
        spoil(&mut event["headers"]);
        assert_refused(&world, &event, 401, case).await;
    }
}

#[tokio::test]
async fn another_secret_s_signature_is_refused() {
    let world = World::new().await;
    let hook = genuine(&world);
    for secret in ["", "a-secret-that-only-these-tests-know", "canary-hook-secret-of-umbrella"] {
        let mut event = event_of(&hook);
        event["headers"][SIGNATURE] = json!(sign(&Secret::new(secret), &hook.body));
        assert_refused(&world, &event, 401, secret).await;
    }
}

#[tokio::test]
async fn without_a_secret_nobody_is_sentry() {
    let mut world = World::new().await;
    world.alert.verifier = HookVerifier::new(Vec::new());
    let hook = genuine(&world);

    assert_refused(&world, &event_of(&hook), 401, "no integrations").await;
    let mut event = event_of(&hook);
    event["headers"][SIGNATURE] = json!(sign(&Secret::new(""), &hook.body));
    assert_refused(&world, &event, 401, "the empty key").await;
}

#[tokio::test]
async fn other_bytes_are_refused() {
    let world = World::new().await;
    let rows: Changes = &[
        ("nothing", |_| String::new()),
        ("a line break more", |body| format!("{body}\n")),
        ("a space more", |body| body.replacen(':', ": ", 1)),
        ("another issue", |body| body.replace("4815", "4816")),
        ("another channel", |body| body.replace(BACKEND, "C0ALERTS01")),
    ];
    for (case, edit) in rows {
        let mut event = event_of(&genuine(&world));
        event["body"] = json!(edit(event["body"].as_str().unwrap()));
        assert_refused(&world, &event, 401, case).await;
    }
}

#[tokio::test]
async fn an_empty_body_needs_its_signature_and_says_nothing() {
    let world = World::new().await;
    let empty = world.sentry.sign_hook("acme", "event_alert", "");
    let mut unsigned = event_of(&empty);
    remove(&mut unsigned["headers"]);
    let rows = world.rows();

    assert_refused(&world, &unsigned, 401, "unsigned").await;

    let answer = world.dispatch(&event_of(&empty)).await;
    assert_answer(&answer, 200, Kind::Empty, "signed");
    assert!(world.rows() == rows);
}

#[tokio::test]
async fn a_captured_alert_under_another_name_is_at_most_a_repeat() {
    let world = World::new().await;
    let hook = world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_secs(1));
    let mut event = event_of(&hook);
    event["headers"]["request-id"] = json!("0".repeat(32));

    let answer = world.dispatch(&event).await;
    world.settle().await;

    assert_answer(&answer, 200, Kind::Empty, "the replay");
    let alert = world.alert_in(BACKEND).ts;
    assert_eq!(world.replies(&alert).len(), 1);
}

#[tokio::test]
async fn a_captured_change_does_not_bring_the_old_state_back() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    let captured = event_of(&world.sentry.take_hooks()[0]);
    world.dispatch(&captured).await;
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "unresolved");
    world.tell_changes().await;

    let mut again = captured.clone();
    again["headers"]["request-id"] = json!("0".repeat(32));
    world.dispatch(&again).await;
    world.settle().await;

    assert!(!world.alert_in(BACKEND).words().contains("State: Resolved"));
}

#[tokio::test]
async fn a_time_that_lies_ahead_does_not_make_what_follows_look_old() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    for hook in world.sentry.take_hooks() {
        let mut event = event_of(&hook);
        event["headers"]["sentry-hook-timestamp"] = json!("9999999999");
        assert_answer(&world.dispatch(&event).await, 200, Kind::Empty, "the far future");
    }
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "unresolved");

    world.tell_changes().await;

    assert!(world.alert_in(BACKEND).words().contains("*Issue re-opened by Bob Baker*"));
}

#[tokio::test]
async fn times_and_names_of_any_form_break_nothing() {
    let world = World::new().await;
    for (name, value) in [
        ("sentry-hook-timestamp", ""),
        ("sentry-hook-timestamp", "noon"),
        ("sentry-hook-timestamp", "-1"),
        ("sentry-hook-timestamp", "99999999999999999999"),
        ("request-id", ""),
        ("request-id", "a b\u{e9}#c"),
        ("sentry-hook-resource", "installation"),
    ] {
        let mut event = event_of(&genuine(&world));
        event["headers"][name] = json!(value);
        let answer = world.dispatch(&event).await;
        assert_answer(&answer, 200, Kind::Empty, &format!("{name}: {value:?}"));
    }
    let mut event = event_of(&genuine(&world));
    event["headers"]["request-id"] = json!("x".repeat(8_000));
    assert_answer(&world.dispatch(&event).await, 200, Kind::Empty, "a long name");
}
