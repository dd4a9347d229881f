//! Tokens expire and are refreshed, and die with the app.

use serde_json::{Value, json};
use shared::clock::ManualClock;

use super::{
    Grant, Slack, TEAM,
    install_tests::{ask, call, installed},
    installs::ACCESS_LIFE,
    refresh::GRACE,
    samples,
};

fn rotating() -> (Slack, ManualClock) {
    let (slack, clock) = samples::slack();
    slack.set_token_rotation(true);
    (slack, clock)
}

fn refresh(slack: &Slack, token: &str) -> Value {
    ask(slack, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

#[test]
fn a_rotating_token_lives_twelve_hours() {
    let (slack, clock) = rotating();
    let reply = installed(&slack, Grant::default());
    let token = &reply["access_token"];

    assert!(token.as_str().unwrap().starts_with("xoxe.xoxb-1-"), "{token}");
    assert_eq!(reply["expires_in"], 43_200);
    assert_eq!(call(&slack, token, "auth.test", "")["ok"], true);
    clock.advance(ACCESS_LIFE);
    assert_eq!(call(&slack, token, "auth.test", "")["error"], "token_expired");
}

#[test]
fn a_refresh_gives_a_new_pair_and_keeps_the_installation() {
    let (slack, _) = rotating();
    let first = installed(&slack, Grant::default());

    let second = refresh(&slack, first["refresh_token"].as_str().unwrap());

    assert_ne!(second["access_token"], first["access_token"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert!(second["refresh_token"].as_str().unwrap().starts_with("xoxe-1-"));
    assert_eq!((&second["team"], &second["scope"]), (&first["team"], &first["scope"]));
    assert_eq!((second.get("authed_user"), slack.refreshes()), (None, 1));
}

#[test]
fn a_refresh_token_is_spent_once_but_for_a_grace_period() {
    let (slack, clock) = rotating();
    let first = installed(&slack, Grant::default());
    let token = first["refresh_token"].as_str().unwrap();
    refresh(&slack, token);

    assert_eq!(refresh(&slack, token)["ok"], true);
    clock.advance(GRACE);
    assert_eq!(refresh(&slack, token)["error"], "invalid_refresh_token");
    assert_eq!(refresh(&slack, "xoxe-1-guess")["error"], "invalid_refresh_token");
}

#[test]
fn two_refreshes_at_once_kill_the_first_access_token() {
    let (slack, _) = rotating();
    let first = installed(&slack, Grant::default());
    let token = first["refresh_token"].as_str().unwrap();

    let (second, third) = (refresh(&slack, token), refresh(&slack, token));

    let standing = |reply: &Value| call(&slack, &reply["access_token"], "auth.test", "");
    assert_eq!(standing(&first)["error"], "token_revoked");
    assert_eq!((&standing(&second)["ok"], &standing(&third)["ok"]), (&json!(true), &json!(true)));
    assert_eq!(slack.live_tokens(), 3, "the seeded one as well");
}

#[test]
fn an_app_that_an_admin_removes_hears_of_it_twice() {
    let (slack, _) = samples::slack();

    let events = slack.uninstall();

    let bodies = events.iter().map(|event| serde_json::from_slice::<Value>(&event.body).unwrap());
    let [removed, revoked] = &bodies.collect::<Vec<_>>()[..] else { panic!("two events") };
    assert_eq!(removed["event"], json!({"type": "app_uninstalled"}));
    let tokens = json!({"oauth": [], "bot": ["U0BELAYBOT"]});
    assert_eq!(revoked["event"], json!({"type": "tokens_revoked", "tokens": tokens}));
    assert_eq!((&removed["team_id"], &removed["type"]), (&json!(TEAM), &json!("event_callback")));
    assert_eq!(slack.live_tokens(), 0);
    assert!(slack.uninstall().is_empty());
}

#[test]
fn an_app_can_remove_itself() {
    let (slack, _) = samples::slack();
    let token = json!(samples::BOT_TOKEN);
    let form = "client_id=1.2&client_secret=client-secret";

    let refused = call(&slack, &token, "apps.uninstall", "client_id=1.2&client_secret=guess");
    let removed = call(&slack, &token, "apps.uninstall", form);

    assert_eq!(refused["error"], "bad_client_secret");
    assert_eq!(removed, json!({"ok": true}));
    assert_eq!(slack.take_due_events().len(), 2);
    assert_eq!(call(&slack, &token, "auth.test", "")["error"], "account_inactive");
}
