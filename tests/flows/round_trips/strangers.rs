//! What nobody signed costs nothing.

use serde_json::{Value, json};

use super::Scene;
use crate::harness::{NOON, event};

/// The same link under another signature.
fn forged(link: &str) -> String {
    let (claims, mac) = link.rsplit('/').next().unwrap().rsplit_once('.').unwrap();
    let first = if mac.starts_with('A') { "B" } else { "A" };
    format!("{claims}.{first}{}", &mac[1..])
}

/// Requests of a stranger, who knows the routes, and has this token and no key.
fn strangers(token: &str) -> Vec<(&'static str, Value)> {
    let zeros = "0".repeat(64);
    let slack = json!({
        "x-slack-signature": format!("v0={zeros}"),
        "x-slack-request-timestamp": NOON.secs().to_string(),
    });
    let hook = json!({"sentry-hook-signature": zeros, "sentry-hook-resource": "event_alert"});
    let rule = json!({"sentry-app-signature": zeros});
    let own = json!({"sec-fetch-site": "same-origin"});
    let at = |route: &str| format!("/{route}/{token}");
    let mut strangers = Vec::new();
    for path in ["/action", "/options", "/command", "/event"] {
        strangers.push(("unsigned", event("POST", path, &json!({}), "payload={}")));
        strangers.push(("forged", event("POST", path, &slack, "payload={}")));
    }
    for (method, path, headers) in [
        ("POST", "/alert", &hook),
        ("POST", "/alert/rule", &rule),
        ("GET", "/alert/channels", &rule),
    ] {
        strangers.push(("unsigned", event(method, path, &json!({}), "{}")));
        strangers.push(("forged", event(method, path, headers, "{}")));
    }
    for route in ["link-identity", "unlink-identity"] {
        strangers.push(("forged", event("GET", &at(route), &json!({}), "")));
        strangers.push(("forged", event("POST", &at(route), &own, "step=confirm&mine=yes")));
    }
    for path in ["/sign-in/slack", "/sign-in/sentry", "/install/slack"] {
        strangers.push(("no state", event("GET", path, &own, "")));
        let forged = format!("{path}?state={token}&code=1");
        strangers.push(("forged", event("GET", &forged, &own, "")));
    }
    // What a browser says of itself is nobody's signature.
    for (_, request) in &mut strangers {
        request["cookies"] = json!(["__Host-belay=planted", "__Host-belay-setup=planted"]);
    }
    strangers.push(("a form of another site", {
        let foreign = json!({"sec-fetch-site": "cross-site"});
        event("POST", "/install", &foreign, "step=begin")
    }));
    strangers.push(("a form of nobody", event("POST", "/install", &own, "step=begin")));
    strangers
}

#[tokio::test]
async fn what_nobody_signed_asks_nobody() {
    let scene = Scene::with_linked().await;
    let token = forged(&scene.link_to_unlink().await);
    for (how, request) in strangers(&token) {
        let (path, method) = (&request["rawPath"], &request["requestContext"]["http"]["method"]);
        println!("{method} {path}, {how}");

        let answer = scene.costs("forged, to any route", scene.dispatch(&request)).await;

        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
}
