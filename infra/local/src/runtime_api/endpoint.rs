//! The Runtime API's HTTP side.
//!
//! Paths start with a process's name; an unknown one, or one that is gone, is told 403.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    Failure,
    fleet::Fleet,
    instance::{Call, Work},
};
use crate::random;

/// Lambda's limit for a synchronous answer: 6 MB (AWS: "Lambda quotas").
const MAX_RESPONSE: usize = 6 * 1024 * 1024;

type App = State<Arc<Fleet>>;

pub(super) fn router(fleet: Arc<Fleet>) -> Router {
    const RUNTIME: &str = "/{instance}/2018-06-01/runtime";
    Router::new()
        .route(&format!("{RUNTIME}/invocation/next"), get(next))
        .route(&format!("{RUNTIME}/invocation/{{id}}/response"), post(response))
        .route(&format!("{RUNTIME}/invocation/{{id}}/error"), post(error))
        .route(&format!("{RUNTIME}/init/error"), post(init_error))
        .layer(DefaultBodyLimit::max(MAX_RESPONSE))
        .with_state(fleet)
}

/// Answers when there is work, however long that takes.
async fn next(State(fleet): App, Path(instance): Path<String>) -> Response {
    let (poll, work) = oneshot::channel();
    if !deliver(&fleet, &instance, Call::Next(poll)).await {
        return forbidden();
    }
    match work.await {
        Ok(work) => hand_out(work),
        Err(_) => forbidden(),
    }
}

fn hand_out(work: Work) -> Response {
    let arn =
        format!("arn:aws:lambda:{}:{}:function:{}", crate::REGION, crate::ACCOUNT, work.function);
    // The time of a real trace id's root is its first part; nothing reads it here.
    let trace = format!("Root=1-{}-{};Sampled=0", random::hex(4), random::hex(12));
    let headers = [
        ("lambda-runtime-aws-request-id", work.id),
        ("lambda-runtime-deadline-ms", work.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", trace),
    ];
    (headers, Json(work.event)).into_response()
}

async fn response(
    State(fleet): App,
    Path((instance, id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let outcome = serde_json::from_slice(&body).map_err(|_| Failure {
        error_type: "Runtime.InvalidResponse".to_owned(),
        error_message: "the answer is not JSON".to_owned(),
    });
    done(&fleet, &instance, id, outcome).await
}

async fn error(
    State(fleet): App,
    Path((instance, id)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    done(&fleet, &instance, id, Err(failure(&body))).await
}

async fn init_error(State(fleet): App, Path(instance): Path<String>, body: Bytes) -> Response {
    if deliver(&fleet, &instance, Call::InitError(failure(&body))).await {
        accepted()
    } else {
        forbidden()
    }
}

async fn done(
    fleet: &Fleet,
    instance: &str,
    id: String,
    outcome: Result<Value, Failure>,
) -> Response {
    let (accept, is_accepted) = oneshot::channel();
    if !deliver(fleet, instance, Call::Done { id, outcome, accepted: accept }).await {
        return forbidden();
    }
    if is_accepted.await.unwrap_or(false) {
        accepted()
    } else {
        refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "no such invocation is under way")
    }
}

/// Puts the call into the mailbox of the process's keeper; false if it has none any more.
async fn deliver(fleet: &Fleet, instance: &str, call: Call) -> bool {
    match fleet.mailbox(instance) {
        Some(mailbox) => mailbox.send(call).await.is_ok(),
        None => false,
    }
}

fn failure(body: &[u8]) -> Failure {
    serde_json::from_slice(body).unwrap_or_default()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
}

fn forbidden() -> Response {
    refusal(StatusCode::FORBIDDEN, "Forbidden", "no such process is known")
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({"errorType": kind, "errorMessage": message}))).into_response()
}
