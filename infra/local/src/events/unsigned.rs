//! Events that anybody could send: refused, or about nothing. They are the same every time.

use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::{EventsError, Sample};
use crate::{ACCOUNT, REGION};

/// When all of them happened.
const THEN: Timestamp = Timestamp::from_secs(1_700_000_000);

pub(super) fn samples() -> Result<Vec<Sample>, EventsError> {
    Ok(vec![
        action_unsigned()?,
        action_bad_base64()?,
        get("action-get", "/action")?,
        command_unsigned()?,
        options_unsigned()?,
        event_unsigned()?,
        alert_unsigned()?,
        get("install-start", "/install")?,
        get("install-unknown-state", "/install/slack?code=none&state=v1.a.b.c")?,
        get("health-get", "/health")?,
        get("link-identity-invalid", "/link-identity/v1.a.b.c")?,
        get("unlink-identity-invalid", "/unlink-identity/v1.a.b.c")?,
        get("sign-in-unknown-state", "/sign-in/slack?code=none&state=v1.a.b.c")?,
        Sample { name: "perform-message", event: message() },
        Sample { name: "perform-sweep", event: tick() },
    ])
}

fn action_unsigned() -> Result<Sample, EventsError> {
    let request = Request::post("/action")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(b"payload=%7B%22type%22%3A%22block_actions%22%7D".to_vec())?;
    Sample::http("action-unsigned", request, THEN)
}

fn command_unsigned() -> Result<Sample, EventsError> {
    let request = Request::post("/command")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(b"team_id=T0ACME0001&user_id=U0ALICE001&command=%2Fsentry&text=link".to_vec())?;
    Sample::http("command-unsigned", request, THEN)
}

fn options_unsigned() -> Result<Sample, EventsError> {
    let request = Request::post("/options")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(b"payload=%7B%22type%22%3A%22block_suggestion%22%7D".to_vec())?;
    Sample::http("options-unsigned", request, THEN)
}

fn event_unsigned() -> Result<Sample, EventsError> {
    let request = Request::post("/event")
        .header(header::CONTENT_TYPE, "application/json")
        .body(br#"{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}"#.to_vec())?;
    Sample::http("event-unsigned", request, THEN)
}

fn alert_unsigned() -> Result<Sample, EventsError> {
    let request = Request::post("/alert")
        .header(header::CONTENT_TYPE, "application/json")
        .body(br#"{"action":"resolved","data":{"issue":{"id":"4815"}}}"#.to_vec())?;
    Sample::http("alert-unsigned", request, THEN)
}

/// What no API Gateway sends, and what must not bring the function down.
fn action_bad_base64() -> Result<Sample, EventsError> {
    let mut sample = action_unsigned()?;
    if let Some(event) = sample.event.as_object_mut() {
        event.insert("body".to_owned(), json!("no base64!"));
    }
    Ok(Sample { name: "action-bad-base64", ..sample })
}

fn get(name: &'static str, path: &str) -> Result<Sample, EventsError> {
    Sample::http(name, Request::get(path).body(Vec::new())?, THEN)
}

/// A wake-up for a job that is not there (AWS: "Using Lambda with Amazon SQS").
fn message() -> Value {
    let sent = THEN.millis().to_string();
    json!({"Records": [{
        "messageId": "00000000-0000-4000-8000-000000000000",
        "receiptHandle": "none",
        "body": "0".repeat(64),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent,
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": sent,
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:belay"),
        "awsRegion": REGION,
    }]})
}

/// The schedule's tick (AWS: "`EventBridge` event structure reference").
fn tick() -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": crate::calendar::iso8601(THEN),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/sweep")],
        "detail": {},
    })
}
