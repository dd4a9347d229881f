//! The page that asks whether to sign in, and the redirect its answer leads to.

use std::collections::HashMap;

use axum::{
    Form,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use maud::html;

use super::{
    Slack,
    openid::Consent,
    page::{session, shell},
    workspace::{Person, TEAM_DOMAIN},
};

const TITLE: &str = "Sign in with Slack";

/// `GET /openid/connect/authorize`. Slack leaves the question out when the person has answered it
/// before; the stand-in always asks, so that one browser can be several people.
pub(super) async fn ask(
    State(slack): State<Slack>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let state = slack.state();
    let me = session::person(&state, &headers);
    match state.ask(&me, &query) {
        Ok(request) => {
            question(&me, &session::choices(&state), &query, &request.scopes).into_response()
        }
        Err(shown) => (StatusCode::BAD_REQUEST, refusal(TITLE, &shown)).into_response(),
    }
}

/// `POST` to the same address: the person the page named, and the button.
pub(super) async fn answer(
    State(slack): State<Slack>,
    RawQuery(query): RawQuery,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let consent = if field("consent") == "allow" { Consent::Allow } else { Consent::Cancel };
    let location = slack.state().authorize(field("user"), &query.unwrap_or_default(), consent);
    match location {
        Ok(location) => Redirect::to(&location).into_response(),
        Err(shown) => (StatusCode::BAD_REQUEST, refusal(TITLE, &shown)).into_response(),
    }
}

fn question(me: &Person, people: &[Person], query: &str, scopes: &str) -> Html<String> {
    let back = format!("/openid/connect/authorize?{query}");
    let content = html! {
        main {
            p { (TEAM_DOMAIN) ".slack.com" }
            h1 { "Sign in to Belay with Slack as " (me.real_name) "?" }
            p {
                "Belay will see who you are and which workspace you are in"
                @if scopes.contains("email") { ", and your e-mail address, " (me.email) }
                "."
            }
            form method="post" action=(back) {
                input type="hidden" name="user" value=(me.id);
                button.primary type="submit" name="consent" value="allow" { "Allow" }
                button type="submit" name="consent" value="cancel" { "Cancel" }
            }
            hr;
            p.quiet { "This is the stand-in for Slack. Be somebody else:" }
            (session::switch(me, people, &back))
        }
    };
    shell::page(TITLE, "card", &content)
}

/// Slack's page for a request that cannot be asked.
pub(super) fn refusal(title: &str, shown: &str) -> Html<String> {
    let content = html! {
        main {
            h1 { "Something went wrong when authorizing this app." }
            p { "Slack says: " code { (shown) } }
        }
    };
    shell::page(title, "card", &content)
}
