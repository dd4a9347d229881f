//! `/oauth/authorize/`: log in, see who asks for what, approve or deny.
//!
//! Who has approved all of it before is sent back at once, without a question, unless the client says
//! `force_prompt`. Who is logged in is the cookie `sentry_session`.

use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use serde::Deserialize;

use super::Sentry;
use super::authorization::{Authorization, Refusal};
use super::consent_pages::{consent, error, login};
use super::people::{Account, account};

/// Where the authorize page is.
pub(super) const PATH: &str = "/oauth/authorize/";

const SESSION: &str = "sentry_session";

/// The authorize page.
pub(super) fn routes() -> Router<Sentry> {
    Router::new().route(PATH, get(show).post(submit))
}

/// What the person says to the client's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Deny,
}

/// Carries a decision out. Gives where the browser goes, or the words of the error page.
pub(super) fn decide(
    sentry: &Sentry,
    query: &str,
    account: &'static Account,
    decision: Decision,
) -> Result<String, String> {
    let authorization = match parse(sentry, query) {
        Ok(authorization) => authorization,
        Err(Refusal::Redirect(location)) => return Ok(location),
        Err(Refusal::Page(parameter)) => return Err(missing(parameter)),
    };
    if decision == Decision::Deny {
        return Ok(authorization.location("error", "access_denied"));
    }
    let now = sentry.now();
    let code = sentry.world().grants.approve(account, authorization.clone(), now);
    Ok(authorization.location("code", &code))
}

async fn show(
    State(sentry): State<Sentry>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let authorization = match parse(&sentry, &query) {
        Ok(authorization) => authorization,
        Err(Refusal::Redirect(location)) => return found(location),
        Err(Refusal::Page(parameter)) => return error(&missing(parameter)),
    };
    let Some(account) = session(&headers) else { return login().into_response() };
    let known = sentry.world().grants.has_approved(account, &authorization);
    if known && !authorization.force_prompt {
        return decided(&sentry, &query, account, Decision::Approve);
    }
    consent(account, &authorization).into_response()
}

/// What is pressed on the pages.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Press {
    Login { account: String },
    Logout,
    Approve,
    Deny,
}

async fn submit(
    State(sentry): State<Sentry>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Form(press): Form<Press>,
) -> Response {
    let query = query.unwrap_or_default();
    let decision = match press {
        Press::Login { account: id } => {
            let id = account(&id).map_or("", |account| account.id);
            return again(&query, &format!("{SESSION}={id}"));
        }
        Press::Logout => return again(&query, &format!("{SESSION}=; Max-Age=0")),
        Press::Approve => Decision::Approve,
        Press::Deny => Decision::Deny,
    };
    match session(&headers) {
        Some(account) => decided(&sentry, &query, account, decision),
        None => login().into_response(),
    }
}

fn parse(sentry: &Sentry, query: &str) -> Result<Authorization, Refusal> {
    let settings = sentry.settings();
    Authorization::parse(query, &settings.client_id, &settings.redirect_uris)
}

fn decided(sentry: &Sentry, query: &str, who: &'static Account, decision: Decision) -> Response {
    match decide(sentry, query, who, decision) {
        Ok(location) => found(location),
        Err(words) => error(&words),
    }
}

fn found(location: String) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// The same page again, with another session.
fn again(query: &str, cookie: &str) -> Response {
    let cookie = format!("{cookie}; Path=/; HttpOnly; SameSite=Lax");
    let page = Redirect::to(&format!("{PATH}?{query}"));
    ([(header::SET_COOKIE, cookie)], page).into_response()
}

/// Whoever is logged in.
fn session(headers: &HeaderMap) -> Option<&'static Account> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == SESSION)
        .and_then(|(_, id)| account(id))
}

fn missing(parameter: &str) -> String {
    format!("Missing or invalid {parameter} parameter.")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{AUTHORIZE_URL, BACK, sentry};
    use super::*;

    async fn open(sentry: &Sentry, url: &str, session: Option<&str>) -> Response {
        let query = url.split_once('?').map(|(_, query)| query.to_owned());
        let mut headers = HeaderMap::new();
        if let Some(id) = session {
            let cookies = format!("other=1; {SESSION}={id}");
            headers.insert(header::COOKIE, cookies.parse().unwrap());
        }
        show(State(sentry.clone()), RawQuery(query), headers).await
    }

    fn location(response: &Response) -> Option<&str> {
        response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn nobody_is_asked_twice_unless_the_client_insists() {
        let (sentry, _) = sentry();
        sentry.authorize("101", AUTHORIZE_URL).unwrap();
        let insisting = format!("{AUTHORIZE_URL}&force_prompt=1");

        let silent = open(&sentry, AUTHORIZE_URL, Some("101")).await;
        let asked = open(&sentry, &insisting, Some("101")).await;
        let stranger = open(&sentry, AUTHORIZE_URL, Some("102")).await;

        assert!(location(&silent).unwrap().starts_with(&format!("{BACK}?code=")));
        assert_eq!((asked.status(), location(&asked)), (StatusCode::OK, None));
        assert_eq!((stranger.status(), location(&stranger)), (StatusCode::OK, None));
    }

    #[tokio::test]
    async fn who_is_not_logged_in_gets_no_code() {
        let (sentry, _) = sentry();
        sentry.authorize("101", AUTHORIZE_URL).unwrap();

        for session in [None, Some("999")] {
            let response = open(&sentry, AUTHORIZE_URL, session).await;
            assert_eq!(location(&response), None);
        }
    }

    #[tokio::test]
    async fn an_unknown_redirect_uri_ends_on_a_page() {
        let url = AUTHORIZE_URL.replace("belay.example.com", "elsewhere.example");

        let response = open(&sentry().0, &url, Some("101")).await;

        assert_eq!((response.status(), location(&response)), (StatusCode::BAD_REQUEST, None));
    }

    #[test]
    fn a_denial_goes_back_to_the_client() {
        let location = sentry().0.deny("101", AUTHORIZE_URL);

        assert_eq!(location, Ok(format!("{BACK}?error=access_denied&state=s1")));
    }

    #[test]
    fn a_refused_request_is_refused_without_a_browser_too() {
        let (sentry, _) = sentry();
        let stranger = AUTHORIZE_URL.replace("client_id=belay", "client_id=other");
        let greedy = AUTHORIZE_URL.replace("event:write", "event:fly");

        let page = sentry.authorize("101", &stranger);
        let error = sentry.authorize("101", &greedy);

        assert_eq!(page, Err("Missing or invalid client_id parameter.".to_owned()));
        assert_eq!(error, Ok(format!("{BACK}?error=invalid_scope&state=s1")));
    }
}
