//! What the page's forms do. All answer with a redirect to the page.

use std::{collections::HashMap, time::Duration};

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;

use crate::slack::{Alert, Fault, MessageTs, Slack, Undelivered, answer::Place};

type Fields = Form<HashMap<String, String>>;

/// The app's one command.
const COMMAND: &str = "/sentry";

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
    let ts = MessageTs::new(field(&form, "ts"));
    let (user, action_id) = (field(&form, "user"), field(&form, "action_id"));
    let ack = slack.press(user, &ts, action_id, field(&form, "value")).await;
    back(ack.map(drop))
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

/// `POST /ui/command`: what was typed below the conversation.
pub(super) async fn command(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let (user, typed) = (field(&form, "user"), field(&form, "typed").trim());
    let (command, text) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    if command != COMMAND {
        let words = format!("{command} is not a valid command. There is only {COMMAND} here.");
        slack.state().tell(&Place::typing(user), &words);
        return back(Ok(()));
    }
    back(slack.type_command(user, command, text).await.map(drop))
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

fn field<'a>(form: &'a HashMap<String, String>, name: &str) -> &'a str {
    form.get(name).map(String::as_str).unwrap_or_default()
}

fn back(done: Result<(), Undelivered>) -> Response {
    match done {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
    }
}
