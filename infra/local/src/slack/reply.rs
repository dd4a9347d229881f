//! What the stand-in answers, apart from its pages.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::message::insert;

/// Why Slack does not do what it was asked: the error's name, and a hint for the developer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: &'static str,
    pub(super) hint: String,
    /// The scope that is missing, and those that are there.
    scopes: Option<(&'static str, String)>,
    /// How many seconds to wait.
    retry_after: Option<u32>,
}

impl Refusal {
    pub(super) fn new(error: &'static str) -> Self {
        Self::because(error, "")
    }

    pub(super) fn because(error: &'static str, hint: impl Into<String>) -> Self {
        Self { error, hint: hint.into(), scopes: None, retry_after: None }
    }

    /// The token does not have the scope the method needs.
    pub(super) fn missing_scope(needed: &'static str, provided: String) -> Self {
        Self { scopes: Some((needed, provided)), ..Self::new("missing_scope") }
    }

    /// Too much at a time.
    pub(super) fn rate_limited(retry_after: u32) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new("ratelimited") }
    }
}

/// An answer on its way out, with the word the log keeps of it.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) outcome: String,
    pub(super) body: Body,
    pub(super) retry_after: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Text(String),
    Json(Value),
}

impl Reply {
    /// Plain text, as `response_url` answers.
    pub(super) fn text(status: StatusCode, word: &str) -> Self {
        let body = Body::Text(word.to_owned());
        Self { status, outcome: word.to_owned(), body, retry_after: None }
    }

    /// The Web API's success: `fields` and `"ok": true`.
    pub(super) fn ok(mut fields: Value) -> Self {
        insert(&mut fields, "ok", json!(true));
        let body = Body::Json(fields);
        Self { status: StatusCode::OK, outcome: "ok".to_owned(), body, retry_after: None }
    }

    /// `{"ok":false,"error":…}`. The Web API sends it with 200, `response_url` with 404.
    pub(super) fn error(status: StatusCode, error: &str) -> Self {
        let body = Body::Json(json!({"ok": false, "error": error}));
        Self { status, outcome: error.to_owned(), body, retry_after: None }
    }

    /// 429 with `Retry-After`, in seconds.
    pub(super) fn rate_limited(retry_after: u32) -> Self {
        let reply = Self::error(StatusCode::TOO_MANY_REQUESTS, "ratelimited");
        Self { retry_after: Some(retry_after), ..reply }
    }

    #[cfg(test)]
    pub(super) fn json(&self) -> Value {
        match &self.body {
            Body::Json(value) => value.clone(),
            Body::Text(text) => json!(text),
        }
    }
}

/// The Web API's failure: 200, with the hint where Slack puts its own; 429 when one has to wait.
impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        if let Some(seconds) = refusal.retry_after {
            return Self::rate_limited(seconds);
        }
        let mut reply = Self::error(StatusCode::OK, refusal.error);
        let Body::Json(body) = &mut reply.body else { return reply };
        if !refusal.hint.is_empty() {
            let messages = json!({"messages": [format!("[ERROR] {}", refusal.hint)]});
            insert(body, "response_metadata", messages);
        }
        if let Some((needed, provided)) = refusal.scopes {
            insert(body, "needed", json!(needed));
            insert(body, "provided", json!(provided));
        }
        reply
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Body::Text(text) => (self.status, text).into_response(),
            Body::Json(value) => (self.status, axum::Json(value)).into_response(),
        };
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
