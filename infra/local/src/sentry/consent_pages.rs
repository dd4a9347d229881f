//! What one sees at `/oauth/authorize/`.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::authorization::Authorization;
use super::layout::{dialog, monogram};
use super::people::{ACCOUNTS, Account};

/// Says what is wrong; the browser goes nowhere.
pub(super) fn error(words: &str) -> Response {
    let page = dialog("Error", &html! { p role="alert" { (words) } });
    (StatusCode::BAD_REQUEST, page).into_response()
}

/// Asks who one is.
pub(super) fn login() -> Html<String> {
    dialog(
        "Log in to Sentry",
        &html! {
            p.soft { "Belay would like to connect. Who are you?" }
            @for account in ACCOUNTS {
                form method="post" {
                    input type="hidden" name="account" value=(account.id);
                    button.who name="op" value="login" { (person(account)) }
                }
            }
        },
    )
}

/// Asks whether the client may have what it wants.
pub(super) fn consent(account: &Account, authorization: &Authorization) -> Html<String> {
    dialog(
        "Belay wants to act as you",
        &html! {
            div.who { (person(account)) }
            p.soft { "It asks to" }
            ul.scopes {
                @for scope in &authorization.scopes {
                    li { (meaning(scope)) code { (scope) } }
                }
            }
            form method="post" {
                button.primary name="op" value="approve" { "Approve" }
                button name="op" value="deny" { "Deny" }
                button.link name="op" value="logout" { "Use another account" }
            }
        },
    )
}

fn person(account: &Account) -> Markup {
    html! {
        (monogram(account.name))
        span { strong { (account.name) } br; span.soft { (account.email) } }
    }
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "org:read" => "see your organizations",
        "project:read" => "see projects and who works on them",
        "event:read" => "see issues",
        "event:write" => "resolve, archive and assign issues",
        _ => "use",
    }
}
