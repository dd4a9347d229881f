//! Where an answer may go: a `response_url` that is not Slack's is refused wherever it stands, and
//! none at all is fine.

use std::net::TcpListener;

use local::slack::CallKind;
use serde_json::{Value, json};
use shared::slack::{client::SlackClient, response_url::Hooks};
use url::Url;

use super::{Edits, Scene};
use crate::{
    abuse::answer::{Kind, assert_answer},
    harness::{ALICE, World},
};

/// URLs that are not of `https://hooks.slack.com`; `{port}` is one on which somebody listens.
const HOSTILE: &[&str] = &[
    "http://127.0.0.1:{port}/actions/T0/1/abc",
    "https://127.0.0.1:{port}/actions/T0/1/abc",
    "http://localhost:{port}/actions",
    "http://[::1]:{port}/actions",
    "http://2130706433:{port}/actions",
    "http://0x7f.1:{port}/actions",
    "http://0:{port}/actions",
    "https://hooks.slack.com@127.0.0.1:{port}/actions",
    "https://hooks.slack.com:x@127.0.0.1:{port}/actions",
    "https://hooks.slack.com%40127.0.0.1:{port}/actions",
    "http://hooks.slack.com/actions/T0/1/abc",
    "https://hooks.slack.com:{port}/actions/T0/1/abc",
    "https://hooks.slack.com:80/actions",
    "https://hooks.slack.com./actions",
    "https://hooks.slack.com.evil.example/actions",
    "https://evil.example/hooks.slack.com/actions",
    "https://evil.example#@hooks.slack.com/actions",
    "https://evil.example?hooks.slack.com/actions",
    "https://evil.example\\@hooks.slack.com/actions",
    "https://user@hooks.slack.com/actions",
    "https://user:word@hooks.slack.com/actions",
    "https://:word@hooks.slack.com/actions",
    "https://hooks-slack.com/actions",
    "https://xhooks.slack.com/actions",
    "https://api.slack.com/",
    "https://slack.com/actions",
    "https://hooks.slack-gov.com/actions/T0/1/abc",
    "https://hooks.slack.com。evil.example/actions",
    "https://hooks.slаck.com/actions",
    "http://169.254.169.254/latest/meta-data/iam",
    "http://[fd00:ec2::254]/latest/meta-data",
    "ftp://hooks.slack.com/actions",
    "file:///etc/passwd",
    "data:text/plain,hi",
    "javascript:alert(1)",
    "//hooks.slack.com/actions",
    "/actions/T0/1/abc",
    "hooks.slack.com/actions",
    "https://",
    "",
];

#[tokio::test]
async fn a_response_url_that_is_not_slack_s_is_refused_unopened() {
    let scene = scene_with_slacks_own_hooks().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();

    for url in HOSTILE {
        let url = url.replace("{port}", &port);
        let block = scene.spoilt(|p| p["response_url"] = json!(url));
        for (place, payload) in [("block", block), ("modal", modal(&url)), ("dialog", dialog(&url))]
        {
            scene.assert_refuses(&payload, 400, &format!("{url:?} of a {place}")).await;
        }
    }

    assert!(listener.accept().is_err(), "somebody was called");
}

#[tokio::test]
async fn a_blob_of_slack_s_is_no_response_url() {
    let scene = scene_with_slacks_own_hooks().await;

    // Its origin is its inner URL's (URL Standard, "origin"); its scheme is not https.
    let click = scene.spoilt(|p| p["response_url"] = json!("blob:https://hooks.slack.com/1"));

    scene.assert_refuses(&click, 400, "blob:").await;
}

#[tokio::test]
async fn a_response_url_of_slack_is_accepted() {
    let scene = scene_with_slacks_own_hooks().await;
    for (n, url) in [
        "https://hooks.slack.com/actions/T0ACME0001/1/abc",
        "https://hooks.slack.com:443/app/T0ACME0001/1/abc",
        "https://HOOKS.slack.com/actions/T0ACME0001/1/abc",
    ]
    .into_iter()
    .enumerate()
    {
        let jobs = scene.world.rows().jobs.len();
        let click = scene.spoilt(|p| {
            p["response_url"] = json!(url);
            p["actions"][0]["action_ts"] = json!(format!("176761440{n}.000100"));
        });
        let answer = scene.world.send(&click).await;
        assert_answer(&answer, 200, Kind::Empty, url);
        assert_eq!(scene.world.rows().jobs.len(), jobs + 1, "{url}");
    }
}

#[tokio::test]
async fn without_a_response_url_the_prompt_comes_through_the_web_api() {
    let rows: Edits = &[
        ("missing", |p| {
            p.as_object_mut().unwrap().remove("response_url");
        }),
        ("null", |p| p["response_url"] = Value::Null),
    ];
    for (case, spoil) in rows {
        let world = World::new().await;
        let mut click = world.click_payload(ALICE, &world.post_alert(), "resolved");
        spoil(&mut click);

        let answer = world.send(&click).await;

        assert_answer(&answer, 200, Kind::Empty, case);
        let calls = world.slack.log();
        assert_eq!(calls.len(), 1, "{case}: {calls:?}");
        assert_eq!(calls[0].kind, CallKind::WebApi, "{case}");
        assert_eq!(calls[0].method, "chat.postEphemeral", "{case}");
        assert!(world.prompted_link(ALICE).contains("/link-identity/"), "{case}");
    }
}

#[tokio::test]
async fn without_a_response_url_a_click_is_carried_out_all_the_same() {
    let scene = Scene::new().await;
    let click = scene.spoilt(|p| p["response_url"] = Value::Null);

    let answer = scene.world.send(&click).await;
    scene.world.work().await;

    assert_answer(&answer, 200, Kind::Empty, "no response_url");
    assert_eq!(scene.world.sentry.issue("4815").unwrap().status, "resolved");
    assert!(scene.world.slack.log().iter().any(|call| call.method == "chat.update"));
}

/// The stand-in's hooks are at a loopback address, which some of the rows are as well; so here the
/// app accepts Slack's own, and no row ever gets so far as to call one.
async fn scene_with_slacks_own_hooks() -> Scene {
    let mut scene = Scene::new().await;
    let http = shared::transport::client(None).unwrap();
    let hooks = Hooks::new(&Url::parse("https://hooks.slack.com").unwrap());
    let base = Url::parse("http://127.0.0.1:9").unwrap();
    scene.world.action.slack = SlackClient::new(http, base, hooks);
    scene
}

fn modal(url: &str) -> Value {
    json!({
        "type": "view_submission",
        "team": {"id": "T0ACME0001"},
        "user": {"id": ALICE, "team_id": "T0ACME0001"},
        "view": {
            "external_id": "1767614400.000100",
            "private_metadata": json!({"issue": 4815, "orig_response_url": url}).to_string(),
            "state": {"values": {"b": {"a": {"selected_option": {"value": "resolved"}}}}},
        },
    })
}

fn dialog(url: &str) -> Value {
    json!({
        "type": "dialog_submission",
        "team": {"id": "T0ACME0001"},
        "user": {"id": ALICE},
        "callback_id": json!({"issue": 4815, "orig_response_url": url}).to_string(),
        "submission": {"resolve_type": "resolved"},
        "action_ts": "1767614400.000100",
        "response_url": "https://hooks.slack.com/app/T0ACME0001/1/abc",
    })
}
