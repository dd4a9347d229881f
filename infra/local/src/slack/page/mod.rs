//! The page of the stand-in: channels whose buttons work, the app's own tabs, and a panel that
//! shows what happens.
//!
//! Server-rendered. Its forms work without a script; the script sends them in place and asks for
//! the changed regions every second.

mod actions;
mod app;
mod blocks;
mod channel;
mod home;
mod legacy;
mod modal;
mod mrkdwn;
mod panel;
pub(super) mod session;
pub(super) mod shell;
mod tab;
mod typeahead;

use axum::{
    Router,
    extract::{Query, State},
    response::{Html, IntoResponse},
    routing::{get, head, post},
};
use http::{HeaderMap, header};
use maud::{Markup, PreEscaped, html};

use self::tab::{Choice, Tab};
use super::{
    Slack, state,
    workspace::{Person, TEAM_NAME},
};

pub(super) fn router() -> Router<Slack> {
    Router::new()
        // A HEAD opens a connection ahead of its use; no page is drawn for it.
        .route("/", head(async || ()).get(whole))
        .route("/icon.svg", get(icon))
        .route("/ui/refresh", get(refresh))
        .route("/ui/session", post(session::choose))
        .route("/ui/click", post(actions::click))
        .route("/ui/home", post(actions::click_home))
        .route("/ui/submit", post(actions::submit))
        .route("/ui/close", post(actions::close))
        .route("/ui/message", post(actions::message))
        .route("/ui/suggest", get(typeahead::offer))
        .route("/ui/alert", post(actions::post_alert))
        .route("/ui/faults", post(actions::set_fault))
        .route("/ui/app/remove", post(app::remove))
        .route("/ui/app/settings", post(app::set))
        .route("/ui/app/verify", post(app::verify))
}

/// `GET /`, `/?channel=…`, `/?tab=messages`, `/?tab=home`. To open one of the app's own tabs is an event.
async fn whole(
    State(slack): State<Slack>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Html<String> {
    let (me, tab) = {
        let state = slack.state();
        let me = session::person(&state, &headers);
        let tab = Tab::chosen(choice, &state, &me);
        (me, tab)
    };
    tab.announce(&slack, &me);
    let state = slack.state();
    let content = html! {
        header {
            h1 { (TEAM_NAME) }
            div data-region="tabs" { (tab.bar(&state, &me)) }
            (session::switch(&me, &session::choices(&state), &tab.path()))
        }
        (regions(&state, &me, &tab))
        script { (PreEscaped(shell::SCRIPT)) }
    };
    shell::page(&format!("{} · Slack stand-in", tab.name(&state)), "workspace", &content)
}

async fn refresh(
    State(slack): State<Slack>,
    Query(choice): Query<Choice>,
    headers: HeaderMap,
) -> Html<String> {
    let state = slack.state();
    let me = session::person(&state, &headers);
    let tab = Tab::chosen(choice, &state, &me);
    let fresh = html! {
        div data-region="tabs" { (tab.bar(&state, &me)) }
        (regions(&state, &me, &tab))
    };
    Html(fresh.into_string())
}

/// Everything that changes by itself. The script replaces a region when its HTML differs.
fn regions(state: &state::State, me: &Person, tab: &Tab) -> Markup {
    html! {
        main data-region="channel" { (tab.content(state, me)) }
        div data-region="composer" { (tab.composer(state, me)) }
        aside {
            (panel::controls())
            section data-region="app" { (app::render(state)) }
            section data-region="faults" { (panel::faults(state)) }
            section data-region="log" { (panel::log(state)) }
        }
        div data-region="modal" { (modal::render(state, me)) }
    }
}

async fn icon() -> impl IntoResponse {
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
<rect width="48" height="48" rx="10" fill="#4a154b"/>
<text x="24" y="33" font-family="sans-serif" font-size="26" font-weight="700"
 text-anchor="middle" fill="#fff">A</text></svg>"##;
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg)
}
