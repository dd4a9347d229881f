//! Who is not Slack: signatures, timestamps, and bytes that were changed on the way.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    secret::Secret,
    signing::{request::RequestVerifier, sha256_hex},
};

use super::{Edits, Scene, assert_refused};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, NOON, World, event, event_of},
};

/// Each row makes another body of the genuine one, and says which.
type Changes = &'static [(&'static str, fn(&str) -> String)];

const SECRET: &str = "a-secret-that-only-these-tests-know";
const TIMESTAMP: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";

#[tokio::test]
async fn headers_that_slack_never_sends_are_refused() {
    let scene = Scene::new().await;
    let rows: Edits = &[
        ("no signature", |headers| remove(headers, SIGNATURE)),
        ("no timestamp", |headers| remove(headers, TIMESTAMP)),
        ("no headers at all", |headers| *headers = json!({})),
        ("an empty signature", |headers| headers[SIGNATURE] = json!("")),
        ("the version alone", |headers| headers[SIGNATURE] = json!("v0=")),
        ("all zeros", |headers| headers[SIGNATURE] = json!(format!("v0={}", "0".repeat(64)))),
        ("another version", |headers| change(headers, SIGNATURE, |s| s.replace("v0=", "v1="))),
        ("no version", |headers| change(headers, SIGNATURE, |s| s.replace("v0=", ""))),
        ("upper case", |headers| {
            change(headers, SIGNATURE, |s| s.to_uppercase().replace("V0", "v0"));
        }),
        ("one digit less", |headers| change(headers, SIGNATURE, |s| s[..s.len() - 1].into())),
        ("one byte less", |headers| change(headers, SIGNATURE, |s| s[..s.len() - 2].into())),
        ("one byte more", |headers| change(headers, SIGNATURE, |s| s + "00")),
        ("a space before", |headers| change(headers, SIGNATURE, |s| format!(" {s}"))),
        ("the signature twice", |headers| change(headers, SIGNATURE, |s| format!("{s},{s}"))),
        ("the timestamp twice", |headers| change(headers, TIMESTAMP, |s| format!("{s},{s}"))),
        ("two signatures, the last genuine", |headers| {
            change(headers, SIGNATURE, |s| format!("v0={},{s}", "0".repeat(64)));
        }),
        ("another second", |headers| headers[TIMESTAMP] = json!((NOON.secs() + 1).to_string())),
        ("the signature as a bearer token", |headers| {
            headers["authorization"] = json!(format!("Bearer {}", headers[SIGNATURE]));
            remove(headers, SIGNATURE);
        }),
    ];
    for (case, spoil) in rows {
        let mut event = scene.event();
        spoil(&mut event["headers"]);
        assert_refused(&scene.world, &event, 401, case).await;
    }
}

#[tokio::test]
async fn another_secret_s_signature_is_refused() {
    let mut scene = Scene::new().await;
    scene.world.action.verifier = RequestVerifier::new(vec![Secret::new(SECRET)]);

    assert_refused(&scene.world, &scene.event(), 401, "signed by another app").await;
}

#[tokio::test]
async fn without_a_secret_not_even_the_empty_key_s_signature_is_good() {
    let mut scene = Scene::new().await;
    scene.world.action.verifier = RequestVerifier::new(Vec::new());
    let body = body_of(&scene);

    for (case, key) in [("the empty key", ""), ("any key", SECRET)] {
        let event = signed(key, &NOON.secs().to_string(), &body);
        assert_refused(&scene.world, &event, 401, case).await;
    }
}

#[tokio::test]
async fn while_secrets_change_both_are_good() {
    let mut scene = Scene::new().await;
    let body = body_of(&scene);
    let secrets = ["the-secret-that-will-be-used-next", SECRET];
    scene.world.action.verifier = RequestVerifier::new(secrets.map(Secret::new).into());

    for secret in secrets {
        let event = signed(secret, &NOON.secs().to_string(), &body);
        let answer = scene.world.dispatch(&event).await;
        assert_answer(&answer, 200, Kind::Empty, secret);
    }
}

#[tokio::test]
async fn a_request_is_believed_for_five_minutes_in_either_direction() {
    let mut scene = Scene::new().await;
    scene.world.action.verifier = RequestVerifier::new(vec![Secret::new(SECRET)]);
    let body = body_of(&scene);

    for offset in [-31_536_000, -3_600, -301, 301, 3_600, 31_536_000] {
        let event = signed(SECRET, &(NOON.secs() + offset).to_string(), &body);
        assert_refused(&scene.world, &event, 401, &format!("{offset} s")).await;
    }
    for offset in [-300, 300] {
        let event = signed(SECRET, &(NOON.secs() + offset).to_string(), &body);
        let answer = scene.world.dispatch(&event).await;
        assert_answer(&answer, 200, Kind::Empty, &format!("{offset} s"));
    }
}

#[tokio::test]
async fn a_timestamp_of_another_form_is_refused_though_it_was_signed() {
    let mut scene = Scene::new().await;
    scene.world.action.verifier = RequestVerifier::new(vec![Secret::new(SECRET)]);
    let body = body_of(&scene);
    let noon = NOON.secs();

    for text in [
        String::new(),
        format!("{noon:#x}"),
        format!("{noon:o}"),
        format!("{noon}.0"),
        format!("{noon}e0"),
        "1.7676144e9".into(),
        format!("+{noon}"),
        format!("-{noon}"),
        format!(" {noon}"),
        format!("{noon} "),
        format!("0{noon}"),
        format!("{noon}000"),
        format!("{noon:020}"),
        format!("{noon},{noon}"),
        "1_767_614_400".into(),
        "176761440".into(),
        "noon".into(),
    ] {
        let event = signed(SECRET, &text, &body);
        assert_refused(&scene.world, &event, 401, &format!("the timestamp {text:?}")).await;
    }
}

#[tokio::test]
async fn one_bit_changed_anywhere_in_the_body_is_refused() {
    let scene = Scene::new().await;
    let (event, body) = (scene.event(), body_of(&scene));
    let before = Before::of(&scene.world);

    for at in 0..body.len() {
        let mut changed = body.clone().into_bytes();
        changed[at] ^= 1;
        let mut event = event.clone();
        event["body"] = json!(String::from_utf8(changed).unwrap());
        let answer = scene.world.dispatch(&event).await;
        assert_answer(&answer, 401, Kind::Empty, &format!("byte {at}"));
    }

    before.assert_untouched(&scene.world, "all of them");
}

#[tokio::test]
async fn the_same_form_in_other_bytes_is_refused() {
    let scene = Scene::new().await;
    let rows: Changes = &[
        ("nothing", |_| String::new()),
        ("a line break more", |body| format!("{body}\r\n")),
        ("a byte order mark", |body| format!("\u{feff}{body}")),
        ("a parameter more", |body| format!("{body}&ssl_check=1")),
        ("the last byte less", |body| body[..body.len() - 1].into()),
        ("escapes in lower case", |body| body.replace("%7B", "%7b")),
        ("spaces as %20", |body| body.replace('+', "%20")),
        ("decoded", |body| body.replace("%22", "\"")),
        ("ssl_check, which needs no payload", |_| "ssl_check=1".into()),
    ];
    for (case, change) in rows {
        let mut event = scene.event();
        event["body"] = json!(change(event["body"].as_str().unwrap()));
        assert_refused(&scene.world, &event, 401, case).await;
    }
}

#[tokio::test]
async fn a_captured_click_sent_again_does_nothing_new() {
    let world = World::new().await;
    let alert = world.post_alert();
    let click =
        event_of(&world.slack.click(ALICE, &alert, "status::resolved", "resolved").unwrap());
    world.dispatch(&click).await;
    let before = Before::of(&world);

    for retry in ["1", "2", "3"] {
        world.clock.advance(Duration::from_secs(100));
        let mut again = click.clone();
        again["headers"]["x-slack-retry-num"] = json!(retry);
        let answer = world.dispatch(&again).await;
        assert_answer(&answer, 200, Kind::Empty, retry);
    }

    before.assert_untouched(&world, "all of them");
    world.clock.advance(Duration::from_secs(1));
    assert_refused(&world, &click, 401, "after five minutes").await;
}

#[tokio::test]
async fn a_captured_click_of_a_linked_person_is_not_done_again() {
    let scene = Scene::new().await;
    scene.world.dispatch(&scene.event()).await;
    scene.world.work().await;
    let before = Before::of(&scene.world);

    let mut again = scene.event();
    again["headers"]["x-slack-retry-num"] = json!("1");
    let answer = scene.world.dispatch(&again).await;
    scene.world.work().await;

    assert_answer(&answer, 200, Kind::Empty, "the replay");
    before.assert_unwritten(&scene.world, "the replay");
    assert_eq!(scene.world.sentry.changes().len(), 2, "linking's own, and the click's");
}

fn body_of(scene: &Scene) -> String {
    scene.event()["body"].as_str().unwrap().to_owned()
}

/// The event of a body that is signed with `key` at a time that is any text.
fn signed(key: &str, timestamp: &str, body: &str) -> Value {
    let signature = hmac(key, &format!("v0:{timestamp}:{body}"));
    let headers = json!({TIMESTAMP: timestamp, SIGNATURE: format!("v0={signature}")});
    event("POST", "/action", &headers, body)
}

/// HMAC-SHA256 as RFC 2104 writes it down: a second opinion, and one that signs what Slack would
/// not.
fn hmac(key: &str, message: &str) -> String {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let padded = |with: u8, text: &[u8]| [block.map(|byte| byte ^ with).as_slice(), text].concat();
    let inner = bytes(&sha256_hex(padded(0x36, message.as_bytes())));
    sha256_hex(padded(0x5c, &inner))
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn remove(headers: &mut Value, name: &str) {
    headers.as_object_mut().unwrap().remove(name);
}

fn change(headers: &mut Value, name: &str, edit: impl FnOnce(String) -> String) {
    headers[name] = json!(edit(headers[name].as_str().unwrap().to_owned()));
}
