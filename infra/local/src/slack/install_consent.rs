//! The page that asks whether to add the app, and the redirect its answer leads to.

use axum::{
    extract::{RawForm, RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use url::form_urlencoded;

use super::{
    Slack,
    consent::refusal,
    install::{Grant, Request},
    page::{session, shell},
    state,
    workspace::{ENTERPRISE_NAME, Person, TEAM_DOMAIN, TEAM_NAME},
};

const TITLE: &str = "Add Belay to Slack";

/// `GET /oauth/v2/authorize`.
pub(super) async fn ask(
    State(slack): State<Slack>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let state = slack.state();
    let me = session::person(&state, &headers);
    match state.ask_install(&me, &query) {
        Ok(request) => question(&state, &me, &query, &request).into_response(),
        Err(shown) => (StatusCode::BAD_REQUEST, refusal(TITLE, &shown)).into_response(),
    }
}

/// `POST` to the same address: the person the page named, what is withheld, and the button.
pub(super) async fn answer(
    State(slack): State<Slack>,
    RawQuery(query): RawQuery,
    RawForm(form): RawForm,
) -> Response {
    let (user, grant) = read(&form);
    let location = slack.state().install(&user, &query.unwrap_or_default(), grant);
    match location {
        Ok(location) => Redirect::to(&location).into_response(),
        Err(shown) => (StatusCode::BAD_REQUEST, refusal(TITLE, &shown)).into_response(),
    }
}

/// The person, and what is granted, if anything is.
fn read(form: &[u8]) -> (String, Option<Grant>) {
    let (mut user, mut allowed, mut grant) = (String::new(), false, Grant::default());
    for (name, value) in form_urlencoded::parse(form) {
        match &*name {
            "user" => user = value.into_owned(),
            "consent" => allowed = value == "allow",
            "withhold" => grant.withheld.push(value.into_owned()),
            "where" => grant.org_wide = value == "organization",
            _ => {}
        }
    }
    (user, allowed.then_some(grant))
}

fn question(state: &state::State, me: &Person, query: &str, request: &Request) -> Html<String> {
    let back = format!("/oauth/v2/authorize?{query}");
    let content = html! {
        main {
            p { (TEAM_DOMAIN) ".slack.com" }
            h1 { "Belay is requesting permission to access the " (TEAM_NAME) " Slack workspace" }
            p { "You are adding it as " (me.real_name) "." }
            form.permissions method="post" action=(back) {
                input type="hidden" name="user" value=(me.id);
                fieldset {
                    legend { "What will Belay be able to do?" }
                    @for scope in &request.scopes {
                        div.scope {
                            code { (scope) }
                            label {
                                input type="checkbox" name="withhold" value=(scope);
                                " withhold" span.hidden { " " (scope) }
                            }
                        }
                    }
                }
                (places(state))
                div.actions {
                    button.primary type="submit" name="consent" value="allow" { "Allow" }
                    button type="submit" name="consent" value="cancel" { "Cancel" }
                }
            }
            hr;
            p.quiet { "This is the stand-in for Slack. Be somebody else:" }
            (session::switch(me, &session::choices(state), &back))
        }
    };
    shell::page(TITLE, "card", &content)
}

/// Where to: the choice is there on Enterprise Grid alone.
fn places(state: &state::State) -> Markup {
    html! {
        @if state.enterprise.is_some() {
            fieldset {
                legend { "Where should Belay be added?" }
                label.switch {
                    input type="radio" name="where" value="workspace" checked;
                    span { "The workspace " (TEAM_NAME) }
                }
                label.switch {
                    input type="radio" name="where" value="organization";
                    span { "The whole organization " (ENTERPRISE_NAME) " (Enterprise Grid)" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_who_allows_what() {
        let form = b"user=U0ALICE001&withhold=im%3Ahistory&where=organization&consent=allow";

        let (user, grant) = read(form);

        let withheld = vec!["im:history".to_owned()];
        assert_eq!(
            (user.as_str(), grant),
            ("U0ALICE001", Some(Grant { withheld, org_wide: true }))
        );
    }

    #[test]
    fn any_other_button_grants_nothing() {
        assert_eq!(read(b"user=U0ALICE001&consent=cancel").1, None);
        assert_eq!(read(b"user=U0ALICE001").1, None);
    }
}
