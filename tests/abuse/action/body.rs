//! Bodies that are no form with one JSON object in it, however they travelled.

use serde_json::{Value, json};

use super::{Scene, assert_refused};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::event_of,
};

/// Each row makes another body of the genuine one, and says which.
type Changes = &'static [(&'static str, fn(String) -> String)];

const MAX_BODY: usize = 1024 * 1024;

#[tokio::test]
async fn a_body_that_came_as_base64_is_the_same_click() {
    let scene = Scene::new().await;
    let mut event = scene.event();
    event["body"] = json!(base64(event["body"].as_str().unwrap()));
    event["isBase64Encoded"] = json!(true);
    let jobs = scene.world.rows().jobs.len();

    let answer = scene.world.dispatch(&event).await;

    assert_answer(&answer, 200, Kind::Empty, "base64");
    assert_eq!(scene.world.rows().jobs.len(), jobs + 1);
}

#[tokio::test]
async fn what_is_called_base64_and_is_none_is_refused() {
    let scene = Scene::new().await;
    let rows: Changes = &[
        ("plain text", |_| "no base64!".into()),
        ("the form itself", |plain| plain),
        ("without its padding", |_| "cGF5bG9hZA".into()),
        ("too much padding", |_| "cGF5bG9hZA===".into()),
        ("padding in the middle", |_| "cGF5=bG9hZA=".into()),
        ("the alphabet for URLs", |_| "_-_-".into()),
        ("a line break", |plain| format!("{}\n", base64(&plain))),
        ("a space", |plain| format!(" {}", base64(&plain))),
        ("bits left over", |_| "cGF5bG9hZB==".into()),
    ];
    for (case, body) in rows {
        let mut event = scene.event();
        event["body"] = json!(body(event["body"].as_str().unwrap().to_owned()));
        event["isBase64Encoded"] = json!(true);
        assert_refused(&scene.world, &event, 400, case).await;
    }
}

#[tokio::test]
async fn base64_that_is_not_called_so_is_other_bytes() {
    let scene = Scene::new().await;
    let mut event = scene.event();
    event["body"] = json!(base64(event["body"].as_str().unwrap()));

    assert_refused(&scene.world, &event, 401, "no flag").await;
}

#[tokio::test]
async fn a_body_may_have_1_mib_and_not_one_byte_more() {
    let scene = Scene::new().await;
    for (case, length, status) in
        [("the most", MAX_BODY, 200), ("a byte more", MAX_BODY + 1, 413), ("2 MiB", 2_097_152, 413)]
    {
        let mut body = scene.world.slack.sign_payload(&scene.click).body;
        body.extend(b"&padding=");
        body.resize(length, b'x');
        let answer = scene.world.deliver(&scene.world.slack.sign(&body)).await;
        assert_answer(&answer, status, Kind::Empty, case);
    }
}

#[tokio::test]
async fn what_is_larger_than_it_looks_is_refused_too() {
    let scene = Scene::new().await;
    let mut event = scene.event();
    event["body"] = json!(base64(&"x".repeat(MAX_BODY + 1)));
    event["isBase64Encoded"] = json!(true);

    assert_refused(&scene.world, &event, 413, "base64 of a byte too much").await;
}

#[tokio::test]
async fn a_form_has_one_payload() {
    let scene = Scene::new().await;
    let one = String::from_utf8(scene.world.slack.sign_payload(&scene.click).body).unwrap();
    for (case, body) in [
        ("nothing", String::new()),
        ("no payload", "text=hello&command=%2Fsentry".into()),
        ("another case", one.replace("payload=", "Payload=")),
        ("a list's name", one.replace("payload=", "payload[]=")),
        ("twice the same", format!("{one}&{one}")),
        ("an empty one first", format!("payload=&{one}")),
        ("an empty one last", format!("{one}&payload")),
        ("twice, once escaped", format!("{one}&%70ayload=%7B%7D")),
        ("an empty payload", "payload=".into()),
        ("the JSON itself", scene.click.to_string()),
    ] {
        scene.assert_refuses_body(body.as_bytes(), 400, case).await;
    }
}

#[tokio::test]
async fn json_as_the_body_is_no_form_whatever_it_is_called() {
    let scene = Scene::new().await;
    for content_type in [Some("application/json"), Some("text/plain"), None] {
        let json = scene.click.to_string();
        let mut event = event_of(&scene.world.slack.sign(json.as_bytes()));
        event["headers"].as_object_mut().unwrap().remove("content-type");
        if let Some(content_type) = content_type {
            event["headers"]["content-type"] = json!(content_type);
        }
        assert_refused(&scene.world, &event, 400, &format!("{content_type:?}")).await;
    }
}

#[tokio::test]
async fn a_payload_is_one_json_object() {
    let scene = Scene::new().await;
    let good = scene.click.to_string();
    let inside = |field: &str| good.replacen('{', &format!("{{{field},"), 1);
    for (case, json) in [
        ("an empty list", "[]".into()),
        ("a list with the payload", format!("[{good}]")),
        ("null", "null".into()),
        ("a text", "\"payload\"".into()),
        ("a text that is JSON", json!(good).to_string()),
        ("a number", "1".into()),
        ("an empty object", "{}".into()),
        ("cut off", good[..good.len() - 1].to_owned()),
        ("two of them", format!("{good}{good}")),
        ("a word behind it", format!("{good} x")),
        ("a NUL behind it", format!("{good}\0")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("a comment", format!("/* */{good}")),
        ("single quotes", good.replace('"', "'")),
        ("no number", inside("\"x\":NaN")),
        ("half a surrogate", inside("\"type\":\"\\ud800\"")),
        ("10,000 lists", "[".repeat(10_000) + &"]".repeat(10_000)),
        ("10,000 objects", "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000)),
        ("10,000 lists in a field", inside(&format!("\"view\":{{\"state\":{}}}", deep(10_000)))),
        ("10,000 lists in a field that is not read", inside(&format!("\"x\":{}", deep(10_000)))),
        ("200 lists in a value", inside(&values(&deep(200)))),
        ("two teams", inside("\"team\":{\"id\":\"T0OTHER001\"}")),
        ("two teams, one escaped", inside("\"te\\u0061m\":{\"id\":\"T0OTHER001\"}")),
        ("two users", inside("\"user\":{\"id\":\"U0BOB00001\"}")),
        ("two types", inside("\"type\":\"view_closed\"")),
        ("two lists of actions", inside("\"actions\":[]")),
    ] {
        scene.assert_refuses_body(&form(&json), 400, case).await;
    }
}

#[tokio::test]
async fn a_list_of_a_payload_s_values_is_no_payload() {
    let scene = Scene::new().await;
    // The values of the fields that are read, in the order in which the code has them.
    let mut values = vec![json!("view_closed"), json!("A0BELAY001")];
    values.extend([Value::Null, Value::Null, json!(false)]);
    values.extend(vec![Value::Null; 6]);
    values.push(json!([]));
    values.extend(vec![Value::Null; 3]);
    values.push(json!(false));
    values.extend(vec![Value::Null; 4]);

    scene.assert_refuses(&json!(values), 400, "a list").await;
}

#[tokio::test]
async fn a_signed_ssl_check_is_acknowledged() {
    let scene = Scene::new().await;
    let before = Before::of(&scene.world);

    let answer = scene.world.deliver(&scene.world.slack.sign(b"token=x&ssl_check=1")).await;

    assert_answer(&answer, 200, Kind::Empty, "ssl_check");
    before.assert_untouched(&scene.world, "ssl_check");
}

/// Where the choices of a modal stand, the only field that is read as whatever it is.
fn values(json: &str) -> String {
    format!("\"view\":{{\"state\":{{\"values\":{{\"b\":{json}}}}}}}")
}

fn deep(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

fn form(json: &str) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", json).finish().into_bytes()
}

/// RFC 4648, section 4.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let quad = |chunk: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        let digit = |at: usize| {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
            if at <= chunk.len() { digit } else { '=' }
        };
        (0..4).map(digit).collect::<String>()
    };
    text.as_bytes().chunks(3).map(quad).collect()
}
