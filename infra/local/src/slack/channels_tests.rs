//! The bot writes where it is, and is refused elsewhere in the words of each case.

use serde_json::{Value, json};

use super::{
    BACKEND, BOT_USER, CHANNEL, NotShown, OPS_PRIVATE, Slack, message::Content, samples,
    web_api::tests::call,
};

const ALICE: &str = "U0ALICE001";
const MALLORY: &str = "U0MALLORY1";

fn post(slack: &Slack, channel: &str) -> Value {
    call(&mut slack.state(), "chat.postMessage", &json!({"channel": channel, "text": "Hi"}))
}

/// What each method says to a message in this channel, in a workspace where this was done.
fn refused(channel: &str, done: fn(&Slack)) -> Vec<String> {
    let (slack, _) = samples::slack();
    let ts = slack.state().post(channel, None, None, Content::text("Hello"));
    done(&slack);
    let arguments = json!({"channel": channel, "ts": ts.as_str(), "user": ALICE, "text": "Hi"});
    ["chat.postMessage", "chat.postEphemeral", "chat.update"]
        .map(|method| call(&mut slack.state(), method, &arguments)["error"].to_string())
        .map(|error| error.trim_matches('"').to_owned())
        .into()
}

#[test]
fn the_bot_writes_in_every_channel_it_is_in() {
    let (slack, _) = samples::slack();
    slack.invite_bot(OPS_PRIVATE);

    let written = [CHANNEL, BACKEND, OPS_PRIVATE].map(|channel| post(&slack, channel));

    assert_eq!(written.map(|reply| reply["ok"].clone()), [true, true, true]);
    assert_eq!(slack.channel().len(), 1);
}

#[test]
fn each_case_has_its_own_error() {
    assert_eq!(
        refused(BACKEND, |slack| slack.remove_from_channel_of(BOT_USER, BACKEND)),
        ["not_in_channel"; 3]
    );
    assert_eq!(refused(OPS_PRIVATE, |_| ()), ["channel_not_found"; 3]);
    assert_eq!(
        refused(BACKEND, |slack| slack.archive_channel(BACKEND)),
        ["is_archived", "is_archived", "is_inactive"]
    );
    assert_eq!(refused(BACKEND, |slack| slack.delete_channel(BACKEND)), ["channel_not_found"; 3]);
}

#[test]
fn an_archived_private_channel_stays_unknown_to_the_bot() {
    let archived = refused(OPS_PRIVATE, |slack| slack.archive_channel(OPS_PRIVATE));

    assert_eq!(archived, ["channel_not_found"; 3]);
}

#[test]
fn a_deleted_channel_takes_its_messages_along() {
    let (slack, _) = samples::slack();
    let ts = slack.state().post(BACKEND, None, None, samples::alert());

    slack.delete_channel(BACKEND);

    assert_eq!(slack.message(&ts), None);
}

#[test]
fn a_private_channel_is_clicked_and_typed_in_by_its_members_alone() {
    let (slack, _) = samples::slack();
    let ts = slack.state().post(OPS_PRIVATE, None, None, samples::alert());

    let hers = slack.click_payload(ALICE, &ts, "status::resolved", "resolved").unwrap();
    let no = slack.click_payload(MALLORY, &ts, "status::resolved", "resolved");

    assert_eq!(hers["channel"], json!({"id": OPS_PRIVATE, "name": "privategroup"}));
    assert_eq!(no, Err(NotShown));
    assert!(slack.command_in(ALICE, OPS_PRIVATE, "/sentry", "help").is_ok());
    assert!(slack.command_in(MALLORY, OPS_PRIVATE, "/sentry", "help").is_err());
}
