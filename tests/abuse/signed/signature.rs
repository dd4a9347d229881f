//! Who is not Slack: signatures, timestamps, and bytes that were changed on the way.

use serde_json::{Value, json};
use shared::signing::sha256_hex;

use super::{Edits, Scene};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{NOON, event},
};

/// Each row makes another body of the genuine one, and says which.
type Changes = &'static [(&'static str, fn(&str) -> String)];

const SECRET: &str = "a-secret-that-only-these-tests-know";
const TIMESTAMP: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";

#[tokio::test]
async fn headers_that_slack_never_sends_are_refused() {
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
    for scene in Scene::all().await {
        for (case, spoil) in rows {
            let mut event = scene.event();
            spoil(&mut event["headers"]);
            let answer = scene.assert_refused(&event, 401, case).await;
            // Slack may try again, signed anew.
            assert!(!answer.headers.contains_key("x-slack-no-retry"), "{case}");
        }
    }
}

#[tokio::test]
async fn another_secret_s_signature_is_refused() {
    for mut scene in Scene::all().await {
        scene.trust(&[SECRET]);

        scene.assert_refused(&scene.event(), 401, "signed by another app").await;
    }
}

#[tokio::test]
async fn without_a_secret_not_even_the_empty_key_s_signature_is_good() {
    for mut scene in Scene::all().await {
        scene.trust(&[]);

        for (case, key) in [("the empty key", ""), ("any key", SECRET)] {
            let event = signed(&scene, key, &NOON.secs().to_string());
            scene.assert_refused(&event, 401, case).await;
        }
    }
}

#[tokio::test]
async fn while_secrets_change_both_are_good() {
    let secrets = ["the-secret-that-will-be-used-next", SECRET];
    for secret in secrets {
        for mut scene in Scene::all().await {
            scene.trust(&secrets);
            let event = signed(&scene, secret, &NOON.secs().to_string());
            scene.assert_taken(&event, secret).await;
        }
    }
}

#[tokio::test]
async fn a_request_is_believed_for_five_minutes_in_either_direction() {
    for mut scene in Scene::all().await {
        scene.trust(&[SECRET]);
        let at = |offset: i64| signed(&scene, SECRET, &(NOON.secs() + offset).to_string());

        for offset in [-31_536_000, -3_600, -301, 301, 3_600, 31_536_000] {
            scene.assert_refused(&at(offset), 401, &format!("{offset} s")).await;
        }
        for offset in [-300, 300] {
            scene.assert_taken(&at(offset), &format!("{offset} s")).await;
        }
    }
}

#[tokio::test]
async fn a_timestamp_of_another_form_is_refused_though_it_was_signed() {
    let noon = NOON.secs();
    for mut scene in Scene::all().await {
        scene.trust(&[SECRET]);
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
            let event = signed(&scene, SECRET, &text);
            scene.assert_refused(&event, 401, &format!("the timestamp {text:?}")).await;
        }
    }
}

#[tokio::test]
async fn one_bit_changed_anywhere_in_the_body_is_refused() {
    for scene in Scene::all().await {
        let (mut event, body) = (scene.event(), scene.body());
        let before = Before::of(&scene);

        for at in 0..body.len() {
            let mut changed = body.clone().into_bytes();
            changed[at] ^= 1;
            event["body"] = json!(String::from_utf8(changed).unwrap());
            let answer = scene.dispatch(&event).await;
            assert_answer(&answer, 401, Kind::Empty, &format!("{:?}: byte {at}", scene.route));
        }

        before.assert_untouched(&scene, "all of them");
    }
}

#[tokio::test]
async fn the_same_words_in_other_bytes_are_refused() {
    let rows: Changes = &[
        ("nothing", |_| String::new()),
        ("a line break more", |body| format!("{body}\r\n")),
        ("a byte order mark", |body| format!("\u{feff}{body}")),
        ("a parameter more", |body| format!("{body}&ssl_check=1")),
        ("the last byte less", |body| body[..body.len() - 1].into()),
        ("escapes in lower case", |body| body.replace("%7B", "%7b").replace("%2F", "%2f")),
        ("spaces as %20", |body| body.replace('+', "%20")),
        ("spaces where none were", |body| body.replace("\":", "\": ")),
        ("decoded", |body| body.replace("%22", "\"").replace("%2F", "/")),
        ("ssl_check, which needs no payload", |_| "ssl_check=1".into()),
        ("a challenge, which needs nobody", |_| {
            json!({"type": "url_verification", "challenge": "c"}).to_string()
        }),
    ];
    for scene in Scene::all().await {
        let body = scene.body();
        // A form has no spaces in its JSON, JSON no escapes: what changes nothing is no row.
        let changed = rows.iter().filter(|(_, change)| change(&body) != body);
        let mut seen = 0;
        for (case, change) in changed {
            let mut event = scene.event();
            event["body"] = json!(change(&body));
            scene.assert_refused(&event, 401, case).await;
            seen += 1;
        }
        assert!(seen > 7, "{:?}: {seen} rows", scene.route);
    }
}

/// The event of the genuine body, signed with `key` at a time that is any text.
fn signed(scene: &Scene, key: &str, timestamp: &str) -> Value {
    let body = scene.body();
    let signature = hmac(key, &format!("v0:{timestamp}:{body}"));
    let headers = json!({TIMESTAMP: timestamp, SIGNATURE: format!("v0={signature}")});
    event("POST", scene.route.path(), &headers, &body)
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
