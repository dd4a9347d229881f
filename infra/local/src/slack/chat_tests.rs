//! Messages are posted and redrawn by the app.

use serde_json::json;

use super::{
    message::Content,
    samples,
    web_api::tests::call,
    workspace::{BOT_USER, CHANNEL},
};

const ALICE: &str = "U0ALICE001";

#[test]
fn a_user_id_as_the_channel_is_a_direct_message() {
    let (mut state, _) = samples::state();

    let reply = call(&mut state, "chat.postMessage", &json!({"channel": ALICE, "text": "Hi"}));

    assert_eq!((&reply["ok"], &reply["channel"]), (&json!(true), &json!("D0ALICE001")));
    assert_eq!(state.messages[0].channel, "D0ALICE001");
}

#[test]
fn an_ephemeral_message_is_for_one_member() {
    let (mut state, _) = samples::state();
    let hi = json!({"channel": CHANNEL, "user": ALICE, "text": "Hi"});

    let reply = call(&mut state, "chat.postEphemeral", &hi);

    assert_eq!(reply["message_ts"], state.messages[0].ts.as_str());
    assert_eq!(state.messages[0].only_for.as_deref(), Some(ALICE));
}

#[test]
fn an_update_without_blocks_removes_them() {
    let (mut state, _) = samples::state();
    let alert = state.post_to_channel(samples::alert());
    let done = json!({"channel": CHANNEL, "ts": alert.as_str(), "text": "Done"});

    let reply = call(&mut state, "chat.update", &done);

    assert_eq!(reply["ok"], true);
    let message = state.message(&alert).unwrap();
    assert_eq!((message.words().as_str(), message.revision), ("Done", 1));
}

#[test]
fn what_slack_refuses_is_refused() {
    let (slack, _) = samples::slack();
    slack.remove_from_channel("U0MALLORY1");
    let mut state = slack.state();
    let hers = Some(ALICE.to_owned());
    let ephemeral = state.post(CHANNEL, None, hers, Content::text("Hi"));
    let bobs = state.post_to_channel(Content::text("Hello"));
    state.message_mut(&bobs).unwrap().author = "U0BOB00001".to_owned();
    let (ephemeral, bobs) = (ephemeral.as_str(), bobs.as_str());
    let wrong = [
        ("chat.postMessage", json!({"channel": "C0NOWHERE1", "text": "Hi"}), "channel_not_found"),
        ("chat.postMessage", json!({"channel": CHANNEL}), "no_text"),
        ("chat.postMessage", json!({"text": "Hi"}), "invalid_arguments"),
        (
            "chat.postEphemeral",
            json!({"channel": CHANNEL, "user": "U0MALLORY1", "text": "Hi"}),
            "user_not_in_channel",
        ),
        (
            "chat.update",
            json!({"channel": CHANNEL, "ts": ephemeral, "text": "Hi"}),
            "message_not_found",
        ),
        (
            "chat.update",
            json!({"channel": CHANNEL, "ts": bobs, "text": "Hi"}),
            "cant_update_message",
        ),
        (
            "chat.update",
            json!({"channel": CHANNEL, "ts": "1.000000", "text": "Hi"}),
            "message_not_found",
        ),
    ];
    for (method, arguments, error) in wrong {
        let reply = call(&mut state, method, &arguments);
        assert_eq!((&reply["ok"], &reply["error"]), (&json!(false), &json!(error)), "{method}");
    }
}

#[test]
fn the_bot_cannot_post_where_it_is_not_a_member() {
    let (slack, _) = samples::slack();
    slack.remove_from_channel(BOT_USER);

    let reply =
        call(&mut slack.state(), "chat.postMessage", &json!({"channel": CHANNEL, "text": "x"}));

    assert_eq!(reply["error"], "not_in_channel");
}
