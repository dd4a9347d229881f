//! The bundle's front door: what API Gateway's HTTP API does in AWS.
//!
//! A request whose path is a route becomes an event for that route's function, whatever its method:
//! the function itself says 405. The gateway speaks for itself, as `{"message":"…"}`, in four cases:
//!
//! | case | status |
//! |---|---|
//! | no such route | 404 |
//! | a body of more than 10 MB | 413 |
//! | the function failed | 500 |
//! | no answer within 30 s | 503 |

mod answer;
mod event;
mod routing;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderValue, Request, Response, StatusCode, request::Parts},
};
use serde_json::Value;
use shared::clock::{Clock, Timestamp};

use crate::{logs::Logs, random, runtime_api::Runtime};

/// API Gateway's limits (AWS: "Quotas for configuring and running an HTTP API").
const MAX_BODY: usize = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The gateway's parts.
#[derive(Clone)]
pub struct Gateway {
    /// Whom requests are passed on to.
    pub runtime: Runtime,
    /// Tells when a request arrived.
    pub clock: Arc<dyn Clock>,
    /// Hears why a function failed; the sender of the request does not.
    pub logs: Logs,
}

impl Gateway {
    /// Answers every path.
    pub fn router(self) -> Router {
        Router::new().fallback(pass_on).with_state(self)
    }
}

/// The event that this request makes; none if no route is at its path.
pub(crate) fn event(request: &Parts, body: &[u8], id: &str, now: Timestamp) -> Option<Value> {
    let found = routing::find(request.uri.path())?;
    Some(event::build(request, &found, body, id, now))
}

async fn pass_on(State(gateway): State<Gateway>, request: Request<Body>) -> Response<Body> {
    let id = random::uuid();
    let mut response = gateway.answer(request, &id).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}

impl Gateway {
    async fn answer(&self, request: Request<Body>, id: &str) -> Response<Body> {
        let (request, body) = request.into_parts();
        let Some(found) = routing::find(request.uri.path()) else {
            return answer::message(StatusCode::NOT_FOUND, "Not Found");
        };
        let Ok(body) = to_bytes(body, MAX_BODY).await else {
            return answer::message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let event = event::build(&request, &found, &body, id, self.clock.now());
        let function = found.route.function;
        let invocation = self.runtime.invoke(function, event);
        let Ok(result) = tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await else {
            return answer::message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
        };
        let response = result.map_err(|error| error.to_string()).and_then(|result| {
            answer::build(&result).ok_or("answered with no response".to_owned())
        });
        response.unwrap_or_else(|reason| {
            self.logs.write(function, &reason);
            answer::message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        })
    }
}

#[cfg(test)]
mod tests;
