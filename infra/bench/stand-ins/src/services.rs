//! The services that a click reaches: each answers what a click that goes well is answered, and notes
//! that it was asked.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;

use crate::calls::Seen;

/// AWS's name for what is asked: `DynamoDB_20120810.GetItem`, `AmazonSQS.SendMessage`.
const TARGET: &str = "x-amz-target";

type Answer = (StatusCode, [(header::HeaderName, &'static str); 1], String);

/// Slack: its Web API and the address that a click is answered at.
pub(crate) fn slack(seen: Seen) -> Router {
    Router::new().fallback(answer_of_slack).with_state(seen)
}

/// Sentry: whatever is asked about an issue is answered with the issue.
pub(crate) fn sentry(seen: Seen) -> Router {
    Router::new().fallback(answer_of_sentry).with_state(seen)
}

/// SQS, as far as a sender needs it.
pub(crate) fn queue(seen: Seen) -> Router {
    Router::new().fallback(answer_of_queue).with_state(seen)
}

/// `DynamoDB`: what is asked of it is passed on to the table.
pub(crate) fn table(behind: Table) -> Router {
    Router::new().fallback(answer_of_table).with_state(behind)
}

/// The table, and how to reach it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    url: String,
    client: Client,
    seen: Seen,
}

impl Table {
    pub(crate) fn new(url: &str, client: Client, seen: Seen) -> Self {
        Self { url: url.to_owned(), client, seen }
    }
}

async fn answer_of_slack(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    body: String,
) -> Answer {
    if uri.path().starts_with("/actions/") {
        seen.note("slack response_url".to_owned(), &body);
        return answer(StatusCode::OK, "ok");
    }
    seen.note(format!("slack {method} {}", uri.path()), &body);
    answer(StatusCode::OK, r#"{"ok":true}"#)
}

async fn answer_of_sentry(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    body: String,
) -> Answer {
    seen.note(format!("sentry {method}"), &body);
    if !uri.path().contains("/issues/") {
        return answer(StatusCode::NOT_FOUND, "{}");
    }
    answer(StatusCode::OK, issue())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    message_body: String,
}

async fn answer_of_queue(
    State(seen): State<Seen>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> Answer {
    seen.note(format!("queue {}", asked(&method, &headers)), &body);
    if body.is_empty() {
        return answer(StatusCode::OK, ""); // a connection that is opened ahead of time
    }
    let Ok(message) = serde_json::from_str::<SendMessage>(&body) else {
        return answer(StatusCode::BAD_REQUEST, "{}");
    };
    seen.note_wake_up(&message.message_body);
    answer(StatusCode::OK, r#"{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}"#)
}

async fn answer_of_table(
    State(table): State<Table>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = format!("table {}", asked(&method, &headers));
    table.seen.note(name, &String::from_utf8_lossy(&body));
    match pass_on(&table, method, headers, body).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn pass_on(
    table: &Table,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> reqwest::Result<Response> {
    let request = table.client.request(method, &table.url).headers(headers).body(body);
    let mut answer = request.send().await?;
    let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    // How long the body is, and how it comes, is said anew.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    Ok((status, headers, answer.bytes().await?).into_response())
}

/// What is asked, without the name of the service: `GetItem`; the method, if nothing in particular.
fn asked<'a>(method: &'a Method, headers: &'a HeaderMap) -> &'a str {
    let target = headers.get(TARGET).and_then(|value| value.to_str().ok());
    target.map_or(method.as_str(), |target| target.rsplit('.').next().unwrap_or(target))
}

fn answer(status: StatusCode, body: impl Into<String>) -> Answer {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into())
}

/// An issue that was resolved.
fn issue() -> String {
    json!({
        "id": "4509876543",
        "shortId": "WEB-1A2",
        "title": "TypeError: Cannot read properties of undefined (reading 'total')",
        "culprit": "renderSummary(app/checkout/summary.tsx)",
        "permalink": "https://acme.sentry.example/issues/4509876543/",
        "level": "error",
        "status": "resolved",
        "substatus": null,
        "statusDetails": {},
        "project": {"id": "2", "slug": "web", "name": "web", "platform": "javascript-react"},
        "count": "1234",
        "userCount": 310,
        "firstSeen": "2026-01-02T12:00:00Z",
        "lastSeen": "2026-01-05T12:00:00Z",
        "assignedTo": null,
        "activity": [],
    })
    .to_string()
}
