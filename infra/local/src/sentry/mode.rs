//! The ways a Sentry can be unwell, and the record of what it was asked.
//!
//! A mode governs the API and the token endpoint; pages always work. A member's login and seat are
//! of no concern to `/api/client-config/`, which asks for no token.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::Sentry;
use super::api::Refusal;
use super::caller::Caller;

/// How Sentry behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    Normal,
    /// Does at once what it is asked, and answers this much later.
    Slow(Duration),
    /// 503 and a page, nothing done.
    Down,
    /// 403 to every API call that writes; tokens are still given.
    Forbidden,
    /// 429, nothing done. sentry.io says in headers when the window ends; a self-hosted Sentry
    /// (`None`) says nothing.
    RateLimited {
        /// How long the window still is.
        reset_after: Option<Duration>,
    },
    /// Does every write (a `PUT`, a token exchange, a refresh) and loses the answer: a proxy says 502.
    DropAfterApply,
    /// A maintenance page in front, with status 200.
    MaintenanceHtml200,
    /// 401 whose `detail` is an object: the organization wants a login through its provider.
    SsoRequired,
    /// 403 whose `detail` is an object: the organization is over its member limit, and this member
    /// has no seat.
    NoSeat,
}

/// A request that was received. Holds no secret: neither query, headers nor body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `PUT`…
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The account whose live token came along.
    pub account: Option<&'static str>,
    /// The status of the answer.
    pub status: u16,
}

/// Answers as the mode has it, and writes the call down.
pub(super) async fn under_mode(
    State(sentry): State<Sentry>,
    request: Request,
    next: Next,
) -> Response {
    let caller = Caller::of(&sentry, request.headers()).ok();
    let mut call = Call {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        account: caller.and_then(|caller| caller.account()).map(|account| account.id),
        status: 0,
    };
    let governed = call.path.starts_with("/api/") || call.path.starts_with("/oauth/token");
    let mode = if governed { sentry.world().mode } else { Mode::Normal };
    let response = answer(mode, &sentry, request, next).await;
    call.status = response.status().as_u16();
    sentry.world().log.push(call);
    if let Mode::Slow(delay) = mode {
        tokio::time::sleep(delay).await;
    }
    response
}

async fn answer(mode: Mode, sentry: &Sentry, request: Request, next: Next) -> Response {
    let writes = request.method() != Method::GET;
    let is_api = request.uri().path().starts_with("/api/0/");
    match mode {
        Mode::Down => page(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Mode::MaintenanceHtml200 => page(StatusCode::OK, "Sentry is under maintenance"),
        Mode::RateLimited { reset_after } => {
            let now = sentry.now();
            too_many(reset_after.map(|span| now.plus(span).secs()))
        }
        Mode::Forbidden if writes && is_api => Refusal::Forbidden.into_response(),
        Mode::SsoRequired if is_api => sso_required(&sentry.settings().base_url),
        Mode::NoSeat if is_api => no_seat(),
        Mode::DropAfterApply if writes => {
            next.run(request).await;
            page(StatusCode::BAD_GATEWAY, "502 Bad Gateway")
        }
        Mode::Normal
        | Mode::Slow(_)
        | Mode::Forbidden
        | Mode::SsoRequired
        | Mode::NoSeat
        | Mode::DropAfterApply => next.run(request).await,
    }
}

fn no_seat() -> Response {
    let detail = json!({
        "code": "member-disabled-over-limit",
        "message": "Organization over member limit",
        "extra": {"next": "/organizations/acme/disabled-member/"},
    });
    (StatusCode::FORBIDDEN, Json(json!({ "detail": detail }))).into_response()
}

fn page(status: StatusCode, title: &str) -> Response {
    let html =
        format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
    (status, Html(html)).into_response()
}

/// There is no `Retry-After` in Sentry's answer; the window's end is given in epoch seconds.
fn too_many(reset: Option<i64>) -> Response {
    let words =
        "You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds";
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "detail": words }))).into_response();
    if let Some(reset) = reset {
        for (name, value) in [
            ("x-sentry-rate-limit-limit", 40),
            ("x-sentry-rate-limit-remaining", 0),
            ("x-sentry-rate-limit-reset", reset),
        ] {
            response.headers_mut().insert(name, value.into());
        }
    }
    response
}

fn sso_required(base: &str) -> Response {
    let detail: Value = json!({
        "code": "sso-required",
        "message": "Must login via SSO",
        "extra": { "loginUrl": format!("{base}/auth/login/acme/") },
    });
    (StatusCode::UNAUTHORIZED, Json(json!({ "detail": detail }))).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::super::testing::{FORM, Scene};
    use super::*;
    use crate::plain_http::send;

    #[tokio::test]
    async fn every_illness_has_its_symptom() {
        let scene = Scene::of("101").await;
        let reset_after = Some(Duration::from_secs(9));

        for (mode, get, put) in [
            (Mode::Down, 503, 503),
            (Mode::MaintenanceHtml200, 200, 200),
            (Mode::RateLimited { reset_after }, 429, 429),
            (Mode::Forbidden, 200, 403),
            (Mode::SsoRequired, 401, 401),
            (Mode::NoSeat, 403, 403),
        ] {
            scene.sentry.set_mode(mode);
            let answers =
                (scene.get().await.status, scene.put(&json!({"status": "resolved"})).await.status);
            assert_eq!(answers, (get, put), "{mode:?}");
        }
        assert!(scene.sentry.changes().is_empty());
    }

    #[tokio::test]
    async fn a_rate_limit_says_when_it_ends_unless_it_is_self_hosted() {
        let scene = Scene::of("101").await;

        for (seconds, reset) in [(Some(9), "1700000009"), (None, "")] {
            let reset_after = seconds.map(Duration::from_secs);
            scene.sentry.set_mode(Mode::RateLimited { reset_after });
            assert_eq!(scene.get().await.header("x-sentry-rate-limit-reset"), reset);
        }
    }

    #[tokio::test]
    async fn a_lost_answer_leaves_the_change_behind() {
        let scene = Scene::of("101").await;
        scene.sentry.set_mode(Mode::DropAfterApply);

        let answer = scene.put(&json!({"status": "resolved"})).await;

        assert_eq!(answer.status, 502);
        assert_eq!(scene.sentry.issue("4815").unwrap().status, "resolved");
        assert_eq!(scene.get().await.status, 200);
    }

    #[tokio::test]
    async fn a_slow_sentry_acts_at_once_and_answers_late() {
        let scene = Arc::new(Scene::of("101").await);
        scene.sentry.set_mode(Mode::Slow(Duration::from_hours(1)));
        let caller = Arc::clone(&scene);

        let answer = tokio::spawn(async move { caller.put(&json!({"status": "resolved"})).await });

        let applied = async {
            while scene.sentry.changes().is_empty() {
                yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), applied).await.unwrap();
        assert!(!answer.is_finished());
    }

    #[tokio::test]
    async fn the_page_works_when_the_api_is_down() {
        let scene = Scene::of("101").await;
        scene.sentry.set_mode(Mode::Down);
        let control = format!("{}/ui/control", scene.origin);

        let page = send("GET", &format!("{}/", scene.origin), "", "").await;
        let healed = send("POST", &control, FORM, "op=mode&mode=normal").await;

        assert!(page.body.contains("BACKEND-12"));
        assert_eq!((healed.status, scene.get().await.status), (303, 200));
    }
}
