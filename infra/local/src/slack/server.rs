//! The doors: HTTP in, the model's answer out. Faults and the log are here, so that no model
//! function has to know of them.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    routing::{get, post},
};
use http::{HeaderMap, Uri, header};

use super::{Slack, call::CallKind, consent, install_consent, page, reply::Reply, state};

pub(super) fn router(slack: Slack) -> Router {
    Router::new()
        .route("/api/{method}", post(web_api).get(web_api))
        .route("/actions/{team}/{serial}/{token}", post(response_url))
        .route("/commands/{team}/{serial}/{token}", post(response_url))
        .route("/openid/connect/authorize", get(consent::ask).post(consent::answer))
        .route("/oauth/v2/authorize", get(install_consent::ask).post(install_consent::answer))
        .merge(page::router())
        .with_state(slack)
}

async fn web_api(
    State(slack): State<Slack>,
    Path(method): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    if method == "openid.connect.token" {
        return through(&slack, CallKind::SignIn, &method, |state| state.token(&headers, &body))
            .await;
    }
    if method == "oauth.v2.access" {
        let exchange = |state: &mut state::State| state.oauth_access(&headers, &body);
        return through(&slack, CallKind::Install, &method, exchange).await;
    }
    let query = uri.query().unwrap_or_default();
    let call = |state: &mut state::State| state.web_api(&method, query, &headers, &body);
    let reply = through(&slack, CallKind::WebApi, &method, call).await;
    slack.send_due_events();
    reply
}

async fn response_url(
    State(slack): State<Slack>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let path = uri.path();
    let family = path.split('/').nth(1).unwrap_or_default();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    let respond = |state: &mut state::State| state.respond(path, content_type, &body);
    through(&slack, CallKind::ResponseUrl, family, respond).await
}

/// Does the work unless a fault is due, and writes down what came of it.
async fn through(
    slack: &Slack,
    kind: CallKind,
    method: &str,
    work: impl FnOnce(&mut state::State) -> Reply,
) -> Reply {
    let (reply, delay) = {
        let mut state = slack.state();
        let fault = state.faults.take(kind, method);
        let instead = fault.and_then(|fault| fault.instead(kind));
        let done = instead.unwrap_or_else(|| work(&mut state));
        let (reply, delay) = match fault {
            Some(fault) => fault.afterwards(done),
            None => (done, std::time::Duration::ZERO),
        };
        state.record(kind, method, (&reply.outcome, reply.status.as_u16()), fault.is_some());
        (reply, delay)
    };
    tokio::time::sleep(delay).await;
    reply
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::{
        plain_http, server,
        slack::{Fault, samples},
    };

    async fn call(slack: &Slack) -> Reply {
        let ok = |_: &mut state::State| Reply::text(StatusCode::OK, "ok");
        through(slack, CallKind::WebApi, "chat.update", ok).await
    }

    #[tokio::test]
    async fn a_scripted_fault_strikes_its_method_once_and_is_counted() {
        let (slack, _) = samples::slack();
        slack.fail_next_web_api("chat.update", Fault::RateLimited { retry_after: 7 });

        let (first, second) = (call(&slack).await, call(&slack).await);

        assert_eq!((first.status.as_u16(), first.retry_after), (429, Some(7)));
        assert_eq!(second.status, StatusCode::OK);
        assert_eq!(slack.log().iter().filter(|call| call.fault).count(), 1);
    }

    #[tokio::test]
    async fn a_lost_answer_was_still_done() {
        let (slack, _) = samples::slack();
        slack.fail_web_api("chat.update", Fault::LostAnswer);
        let post = |state: &mut state::State| {
            state.post_to_channel(samples::alert());
            Reply::text(StatusCode::OK, "ok")
        };

        let reply = through(&slack, CallKind::WebApi, "chat.update", post).await;

        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(slack.channel().len(), 1);
    }

    #[tokio::test]
    async fn a_slow_call_is_done_before_its_answer_comes() {
        let (slack, _) = samples::slack();
        slack.fail_response_urls(Fault::Slow(Duration::from_mins(10)));
        let post = |state: &mut state::State| {
            state.post_to_channel(samples::alert());
            Reply::text(StatusCode::OK, "ok")
        };

        let call = through(&slack, CallKind::ResponseUrl, "actions", post);
        let answer = tokio::time::timeout(Duration::from_millis(1), call).await;

        assert!(answer.is_err());
        assert_eq!(slack.channel().len(), 1);
    }

    #[tokio::test]
    async fn the_router_answers_over_http() {
        let (slack, _) = samples::slack();
        let listener = server::listen(0).await.unwrap();
        let url = format!("{}/api/auth.test", server::origin(&listener).unwrap());
        let _server = server::Server::start(listener, slack.router());

        let answer = plain_http::send("POST", &url, "authorization: Bearer guess\r\n", "").await;

        assert_eq!((answer.status, &answer.json()["error"]), (200, &json!("invalid_auth")));
    }
}
