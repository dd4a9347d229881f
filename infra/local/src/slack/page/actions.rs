//! What the page's forms do. All answer with a redirect to the page.

use std::{collections::HashMap, time::Duration};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use super::tab::Tab;
use crate::slack::{
    Alert, BOT_USER, Fault, MessageTs, Slack, Undelivered, answer::Place, workspace::direct_channel,
};

pub(super) type Fields = Form<HashMap<String, String>>;

/// The app's one command.
const COMMAND: &str = "/sentry";
/// Slack's own, as far as they are played.
const OF_SLACK: &str = "/invite @Belay, /remove @Belay and /archive";

/// The faults one can choose for every `response_url`: a name for the form, and words.
pub(super) const FAULTS: [(&str, &str, Option<Fault>); 7] = [
    ("none", "works", None),
    ("expired", "404 expired_url", Some(Fault::Expired)),
    ("used", "404 used_url", Some(Fault::Used)),
    ("gone", "410", Some(Fault::Gone)),
    ("limited", "429, retry after 5 s", Some(Fault::RateLimited { retry_after: 5 })),
    ("error", "500", Some(Fault::ServerError)),
    ("slow", "answers after 10 s", Some(Fault::Slow(Duration::from_secs(10)))),
];

/// `POST /ui/click`: a button of a message.
pub(super) async fn click(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let ts = MessageTs::new(field(&form, "at"));
    let (user, action_id) = (field(&form, "user"), field(&form, "action_id"));
    let tab = slack.message(&ts).map(|message| Tab::of_conversation(&message.channel));
    let ack = slack.press_at(user, &ts, link(&form), action_id, field(&form, "value")).await;
    back_to(&tab.unwrap_or_else(Tab::alerts), ack.map(drop))
}

/// `POST /ui/submit`: a modal's own button. All other fields are choices.
pub(super) async fn submit(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let choices: Vec<_> = form
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "user" | "view_id"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let ack = slack.press_submit(field(&form, "user"), field(&form, "view_id"), &choices).await;
    back(ack.map(drop))
}

/// `POST /ui/close`: a modal's way out.
pub(super) async fn close(State(slack): State<Slack>, Form(form): Fields) -> Response {
    back(slack.press_close(field(&form, "user"), field(&form, "view_id")).await)
}

/// `POST /ui/home`: an element of the app's home.
pub(super) async fn click_home(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let (user, action_id) = (field(&form, "user"), field(&form, "action_id"));
    back_to(&Tab::Home, slack.press_home(user, action_id, field(&form, "value")).await.map(drop))
}

/// `POST /ui/message`: what was typed below a conversation.
pub(super) async fn message(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let (user, typed) = (field(&form, "user"), field(&form, "typed"));
    let conversation = field(&form, "conversation");
    let done = if typed.starts_with('/') {
        type_command(&slack, user, conversation, typed).await
    } else if conversation == direct_channel(user) {
        slack.press_message(user, typed)
    } else {
        slack.press_post(user, conversation, typed)
    };
    back_to(&Tab::of_conversation(conversation), done)
}

async fn type_command(
    slack: &Slack,
    user: &str,
    channel: &str,
    typed: &str,
) -> Result<(), Undelivered> {
    let (command, text) =
        typed.trim().split_once(char::is_whitespace).unwrap_or((typed.trim(), ""));
    let in_channel = slack.state().is_member(user, channel);
    match command {
        COMMAND => return slack.type_command_in(user, channel, command, text).await.map(drop),
        "/invite" if in_channel => slack.invite_bot(channel),
        "/remove" if in_channel => slack.remove_from_channel_of(BOT_USER, channel),
        "/archive" if in_channel => slack.archive_channel(channel),
        _ => {
            let words = format!("{command} is not a valid command. Try {COMMAND}, {OF_SLACK}.");
            slack.state().tell(&Place::typing(user, channel), &words);
            return Ok(());
        }
    }
    slack.state().tell(&Place::typing(user, channel), "Done.");
    Ok(())
}

/// `POST /ui/alert`: another alert or link in the channel, the two issues in turn.
pub(super) async fn post_alert(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let sentry = slack.state().settings.sentry_url.clone();
    let alert = if slack.channel().len().is_multiple_of(2) {
        Alert::type_error(&sentry)
    } else {
        Alert::timeout_error(&sentry)
    };
    match field(&form, "kind") {
        "legacy" => slack.post_legacy_alert(&alert),
        "unfurl" => slack.post_unfurl(&alert),
        _ => slack.post_alert(&alert),
    };
    back(Ok(()))
}

/// `POST /ui/faults`: how every `response_url` answers from now on.
pub(super) async fn set_fault(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let wanted = FAULTS.iter().find(|(name, ..)| *name == field(&form, "fault"));
    match wanted.and_then(|(.., fault)| *fault) {
        Some(fault) => slack.fail_response_urls(fault),
        None => slack.heal_response_urls(),
    }
    back(Ok(()))
}

pub(super) fn field<'a>(form: &'a HashMap<String, String>, name: &str) -> &'a str {
    form.get(name).map(String::as_str).unwrap_or_default()
}

/// The link whose unfurl a form stands in, if it stands in one.
fn link(form: &HashMap<String, String>) -> Option<&str> {
    form.get("unfurl").map(String::as_str)
}

pub(super) fn back(done: Result<(), Undelivered>) -> Response {
    back_to(&Tab::alerts(), done)
}

/// Back to a tab. That the app was removed is said there.
fn back_to(tab: &Tab, done: Result<(), Undelivered>) -> Response {
    match done {
        Ok(()) | Err(Undelivered::Removed) => Redirect::to(&tab.path()).into_response(),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
    }
}
