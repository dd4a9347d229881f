//! The page of the stand-in: a channel whose buttons work, and a panel that shows what happens.
//!
//! Server-rendered. Its forms work without a script; the script sends them in place and asks for
//! the changed regions every second.

mod actions;
mod blocks;
mod channel;
mod legacy;
mod modal;
mod mrkdwn;
mod panel;
pub(super) mod session;
pub(super) mod shell;
mod typeahead;

use axum::{
    Router,
    extract::State,
    response::{Html, IntoResponse},
    routing::{get, post},
};
use http::{HeaderMap, header};
use maud::{Markup, PreEscaped, html};

use super::{
    Slack, state,
    workspace::{CHANNEL_NAME, Person},
};

pub(super) fn router() -> Router<Slack> {
    Router::new()
        .route("/", get(whole))
        .route("/icon.svg", get(icon))
        .route("/ui/refresh", get(refresh))
        .route("/ui/session", post(session::choose))
        .route("/ui/click", post(actions::click))
        .route("/ui/submit", post(actions::submit))
        .route("/ui/close", post(actions::close))
        .route("/ui/command", post(actions::command))
        .route("/ui/suggest", get(typeahead::offer))
        .route("/ui/alert", post(actions::post_alert))
        .route("/ui/faults", post(actions::set_fault))
}

async fn whole(State(slack): State<Slack>, headers: HeaderMap) -> Html<String> {
    let state = slack.state();
    let me = session::person(&state, &headers);
    let content = html! {
        header {
            h1 { "#" (CHANNEL_NAME) }
            (session::switch(&me, &session::choices(&state), "/"))
        }
        (regions(&state, &headers))
        (composer(&me))
        script { (PreEscaped(shell::SCRIPT)) }
    };
    shell::page(&format!("#{CHANNEL_NAME} · Slack stand-in"), "workspace", &content)
}

/// Where one types, below the conversation. It takes commands only.
fn composer(me: &Person) -> Markup {
    html! {
        form.composer method="post" action="/ui/command" data-quiet data-clear {
            input type="hidden" name="user" value=(me.id);
            input type="text" name="typed" id="typed" required autocomplete="off"
                aria-label="Type a command" placeholder="Type /sentry help";
            button type="submit" { "Send" }
        }
    }
}

async fn refresh(State(slack): State<Slack>, headers: HeaderMap) -> Html<String> {
    Html(regions(&slack.state(), &headers).into_string())
}

/// Everything that changes by itself. The script replaces a region when its HTML differs.
fn regions(state: &state::State, headers: &HeaderMap) -> Markup {
    let me = session::person(state, headers);
    html! {
        main data-region="channel" { (channel::render(state, &me)) }
        aside {
            (panel::controls())
            section data-region="faults" { (panel::faults(state)) }
            section data-region="log" { (panel::log(state)) }
        }
        div data-region="modal" { (modal::render(state, &me)) }
    }
}

async fn icon() -> impl IntoResponse {
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
<rect width="48" height="48" rx="10" fill="#4a154b"/>
<text x="24" y="33" font-family="sans-serif" font-size="26" font-weight="700"
 text-anchor="middle" fill="#fff">A</text></svg>"##;
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg)
}
