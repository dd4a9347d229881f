//! The bot asks which channels there are.

use serde_json::{Value, json};

use super::{
    BACKEND, BOT_USER, CHANNEL, ENTERPRISE, Grant, OPS_PRIVATE, Slack, TEAM,
    install_tests::{call, installed, installed_for, org_wide},
    samples::{self, BOT_TOKEN},
};

fn list(slack: &Slack, form: &str) -> Value {
    call(slack, &json!(BOT_TOKEN), "conversations.list", form)
}

fn ids(page: &Value) -> Vec<&str> {
    let channels = page["channels"].as_array().unwrap();
    channels.iter().map(|channel| channel["id"].as_str().unwrap()).collect()
}

#[test]
fn public_channels_are_listed_whether_the_bot_is_there_or_not() {
    let (slack, _) = samples::slack();
    slack.remove_from_channel_of(BOT_USER, BACKEND);

    let page = list(&slack, "");

    assert_eq!(ids(&page), [CHANNEL, BACKEND]);
    let backend = json!({"id": BACKEND, "name": "backend", "name_normalized": "backend",
        "is_archived": false, "is_member": false, "is_private": false});
    assert_eq!(page["channels"][1], backend);
    assert_eq!(page["response_metadata"]["next_cursor"], "");
}

#[test]
fn a_private_channel_is_listed_once_the_bot_is_in_it() {
    let (slack, _) = samples::slack();
    let before = list(&slack, "types=private_channel");

    slack.invite_bot(OPS_PRIVATE);

    assert!(ids(&before).is_empty());
    assert_eq!(ids(&list(&slack, "types=private_channel")), [OPS_PRIVATE]);
    assert_eq!(ids(&list(&slack, "types=public_channel,private_channel")).len(), 3);
}

#[test]
fn a_long_list_comes_in_pages() {
    let (slack, _) = samples::slack();
    slack.add_channels(3);
    let mut form = "limit=2".to_owned();

    let mut sizes = Vec::new();
    for _ in 0..3 {
        let page = list(&slack, &form);
        sizes.push(ids(&page).len());
        let next = page["response_metadata"]["next_cursor"].as_str().unwrap();
        form = format!("limit=2&cursor={}", next.replace('=', "%3D"));
    }

    assert_eq!(sizes, [2, 2, 1]);
}

#[test]
fn a_page_without_its_archived_channels_may_be_empty_and_not_the_last() {
    let (slack, _) = samples::slack();
    slack.archive_channel(CHANNEL);

    let page = list(&slack, "limit=1&exclude_archived=true");

    assert!(ids(&page).is_empty());
    assert_ne!(page["response_metadata"]["next_cursor"], "");
    assert_eq!(ids(&list(&slack, "limit=1")), [CHANNEL]);
}

#[test]
fn what_slack_refuses_is_refused() {
    let (slack, _) = samples::slack();
    for (form, error) in [
        ("limit=0", "invalid_limit"),
        ("limit=1000", "invalid_limit"),
        ("limit=many", "invalid_limit"),
        ("cursor=guess", "invalid_cursor"),
        ("types=channels", "invalid_types"),
        ("team_id=T0UMBRELLA", "team_access_not_granted"),
    ] {
        assert_eq!(list(&slack, form)["error"], error, "{form}");
    }
}

#[test]
fn each_kind_of_channel_takes_its_scope() {
    let (slack, _) = samples::slack();
    slack.uninstall();
    let token = installed(&slack, Grant::default())["access_token"].take();

    for (form, scope) in [("", "channels:read"), ("types=private_channel", "groups:read")] {
        let reply = call(&slack, &token, "conversations.list", form);
        assert_eq!(
            (&reply["error"], &reply["needed"]),
            (&json!("missing_scope"), &json!(scope)),
            "{form}"
        );
    }
}

#[test]
fn a_token_of_the_organization_says_which_workspace_it_means() {
    let (slack, _) = samples::slack();
    slack.set_enterprise(Some(ENTERPRISE));
    let scopes = "channels:read,chat:write";
    let token = installed_for(&slack, scopes, org_wide())["access_token"].take();

    let nowhere = call(&slack, &token, "conversations.list", "");
    let there = call(&slack, &token, "conversations.list", &format!("team_id={TEAM}"));

    assert_eq!(nowhere["error"], "missing_argument");
    assert_eq!(ids(&there), [CHANNEL, BACKEND]);
}
