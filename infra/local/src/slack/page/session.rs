//! Who sits at the browser: the cookie `slack_session` holds a user id, nothing else. A stand-in
//! asks for no password.

use std::collections::HashMap;

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect},
};
use http::{HeaderMap, header};
use maud::{Markup, html};

use crate::slack::{Slack, state, workspace::Person};

const COOKIE: &str = "slack_session";

/// The person of the cookie; the first one if there is none.
pub(crate) fn person(state: &state::State, headers: &HeaderMap) -> Person {
    let known = cookie(headers).and_then(|user| state.person(user)).filter(|me| !me.is_bot);
    known.cloned().or_else(|| choices(state).into_iter().next()).unwrap_or_else(nobody)
}

/// Whom one can be.
pub(crate) fn choices(state: &state::State) -> Vec<Person> {
    state.people.iter().filter(|person| !person.is_bot && !person.deleted).cloned().collect()
}

/// One button for each person; it comes back to this path.
pub(crate) fn switch(me: &Person, people: &[Person], back: &str) -> Markup {
    html! {
        form.who method="post" action="/ui/session" {
            span { "You are:" }
            input type="hidden" name="back" value=(back);
            @for person in people {
                button type="submit" name="user" value=(person.id)
                    aria-pressed=(if person.id == me.id { "true" } else { "false" }) {
                    (person.real_name.split(' ').next().unwrap_or_default())
                }
            }
        }
    }
}

/// `POST /ui/session`.
pub(super) async fn choose(
    State(slack): State<Slack>,
    Form(form): Form<HashMap<String, String>>,
) -> impl IntoResponse {
    let wanted = form.get("user").map(String::as_str).unwrap_or_default();
    let user = slack.state().person(wanted).map(|person| person.id.clone()).unwrap_or_default();
    let cookie = format!("{COOKIE}={user}; Path=/; HttpOnly; SameSite=Lax");
    let back = form.get("back").filter(|path| is_local(path)).map_or("/", String::as_str);
    ([(header::SET_COOKIE, cookie)], Redirect::to(back))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|pair| pair.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// A path of this server, not an address elsewhere.
fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')
}

fn nobody() -> Person {
    Person::member("U0NOBODY01", "nobody", "Nobody")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::slack::samples;

    #[test]
    fn the_cookie_says_who_it_is() {
        let (state, _) = samples::state();
        let cookie = HeaderValue::from_static("a=b; slack_session=U0BOB00001");

        let me = person(&state, &HeaderMap::from_iter([(header::COOKIE, cookie)]));

        assert_eq!(me.name, "bob");
    }

    #[test]
    fn a_browser_without_a_cookie_is_alice() {
        let (state, _) = samples::state();

        assert_eq!(person(&state, &HeaderMap::new()).name, "alice");
    }

    #[test]
    fn the_way_back_stays_on_this_server() {
        assert!(is_local("/openid/connect/authorize?state=x"));
        for elsewhere in ["//evil.test/", "https://evil.test/", "/\\evil.test", ""] {
            assert!(!is_local(elsewhere), "{elsewhere}");
        }
    }
}
