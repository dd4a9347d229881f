//! SQS's JSON protocol, as far as a sender needs it.
//!
//! `POST /` with `X-Amz-Target: AmazonSQS.SendMessage`; errors are
//! `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"…"}` (AWS: "Making Amazon SQS API
//! requests", JSON protocol). Signatures are not checked. `MD5OfMessageBody` is left out: the SDK for
//! Rust does not ask for it, and a made-up sum would be worse than none.

use std::{collections::HashSet, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::clock::Timestamp;

use super::messages::Messages;

/// The longest delay of one message (AWS: "Amazon SQS message quotas").
const MAX_DELAY_SECONDS: u64 = 900;
/// The largest message, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// The most messages of one `SendMessageBatch`.
const MAX_BATCH: usize = 10;

/// Why a request is refused: SQS's error code and its words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    message_body: String,
    #[serde(default)]
    delay_seconds: u64,
    #[serde(default)]
    message_attributes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    entries: Vec<Value>,
}

/// Carries out `target` on the queue of that URL.
pub(super) fn answer(
    messages: &mut Messages,
    queue_url: &str,
    target: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Value, Refusal> {
    let request: Value = parse(body)?;
    if request.get("QueueUrl").and_then(Value::as_str) != Some(queue_url) {
        return Err(Refusal {
            code: "QueueDoesNotExist",
            message: "The specified queue does not exist.",
        });
    }
    match target {
        "AmazonSQS.SendMessage" => send(messages, request, now).map(|id| json!({"MessageId": id})),
        "AmazonSQS.SendMessageBatch" => send_batch(messages, request, now),
        "AmazonSQS.GetQueueAttributes" => Ok(attributes(messages, now)),
        _ => Err(Refusal {
            code: "UnsupportedOperation",
            message: "This queue takes messages and tells its attributes; it does nothing else.",
        }),
    }
}

fn send(messages: &mut Messages, entry: Value, now: Timestamp) -> Result<String, Refusal> {
    let entry = checked(entry)?;
    let delay = Duration::from_secs(entry.delay_seconds);
    Ok(messages.send(entry.message_body, entry.message_attributes, delay, now))
}

fn send_batch(messages: &mut Messages, request: Value, now: Timestamp) -> Result<Value, Refusal> {
    let Batch { entries } = typed(request)?;
    if entries.is_empty() {
        return Err(Refusal { code: "EmptyBatchRequest", message: "There is no entry." });
    }
    if entries.len() > MAX_BATCH {
        let message = "More than ten entries.";
        return Err(Refusal { code: "TooManyEntriesInBatchRequest", message });
    }
    let ids: HashSet<&str> = entries.iter().filter_map(id_of).collect();
    if ids.len() < entries.len() {
        let message = "Each entry needs an Id of its own.";
        return Err(Refusal { code: "BatchEntryIdsNotDistinct", message });
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = id_of(&entry).map(str::to_owned);
        match send(messages, entry, now) {
            Ok(message_id) => successful.push(json!({"Id": id, "MessageId": message_id})),
            Err(refusal) => failed.push(json!({
                "Id": id, "SenderFault": true, "Code": refusal.code, "Message": refusal.message,
            })),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

fn id_of(entry: &Value) -> Option<&str> {
    entry.get("Id")?.as_str()
}

fn attributes(messages: &Messages, now: Timestamp) -> Value {
    let counts = messages.counts(now);
    json!({"Attributes": {
        "ApproximateNumberOfMessages": counts.visible.to_string(),
        "ApproximateNumberOfMessagesDelayed": counts.delayed.to_string(),
        "ApproximateNumberOfMessagesNotVisible": counts.in_flight.to_string(),
        "QueueArn": super::arn(),
    }})
}

fn checked(entry: Value) -> Result<Entry, Refusal> {
    let entry: Entry = typed(entry)?;
    let invalid = |message| Err(Refusal { code: "InvalidParameterValue", message });
    if entry.message_body.is_empty() || entry.message_body.len() > MAX_BODY {
        return invalid("The message must have 1 byte to 1 MiB.");
    }
    if entry.delay_seconds > MAX_DELAY_SECONDS {
        return invalid("DelaySeconds must be 0 to 900.");
    }
    Ok(entry)
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| MALFORMED)
}

fn typed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|_| MALFORMED)
}

const MALFORMED: Refusal =
    Refusal { code: "SerializationException", message: "The request cannot be read." };

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const URL: &str = "http://127.0.0.1:1/0/wake-up";

    fn ask(messages: &mut Messages, action: &str, mut request: Value) -> Result<Value, Refusal> {
        request["QueueUrl"] = URL.into();
        let body = request.to_string();
        answer(messages, URL, &format!("AmazonSQS.{action}"), body.as_bytes(), NOW)
    }

    fn refusal_of(action: &str, request: Value) -> &'static str {
        ask(&mut Messages::new(Duration::ZERO), action, request).unwrap_err().code
    }

    #[test]
    fn a_sent_message_waits_for_its_delay() {
        let mut messages = Messages::new(Duration::ZERO);

        let sent =
            ask(&mut messages, "SendMessage", json!({"MessageBody": "job", "DelaySeconds": 15}));

        assert!(sent.unwrap()["MessageId"].is_string());
        assert_eq!(messages.next_visible(), Some(NOW.plus(Duration::from_secs(15))));
    }

    #[test]
    fn a_batch_tells_the_fate_of_each_entry() {
        let mut messages = Messages::new(Duration::ZERO);
        let entries = json!([{"Id": "a", "MessageBody": "job"}, {"Id": "b", "MessageBody": ""}]);

        let answer = ask(&mut messages, "SendMessageBatch", json!({"Entries": entries})).unwrap();

        assert_eq!(answer["Successful"][0]["Id"], "a");
        assert_eq!(answer["Failed"][0]["Code"], "InvalidParameterValue");
        assert_eq!(messages.counts(NOW).visible, 1);
    }

    #[test]
    fn what_sqs_refuses_is_refused() {
        let same = json!([{"Id": "a", "MessageBody": "x"}, {"Id": "a", "MessageBody": "y"}]);
        let many: Vec<Value> = (0..11).map(|id| json!({"Id": id.to_string()})).collect();
        for (action, request, code) in [
            ("SendMessage", json!({"MessageBody": ""}), "InvalidParameterValue"),
            (
                "SendMessage",
                json!({"MessageBody": "x", "DelaySeconds": 901}),
                "InvalidParameterValue",
            ),
            ("SendMessage", json!({}), "SerializationException"),
            ("SendMessageBatch", json!({"Entries": []}), "EmptyBatchRequest"),
            ("SendMessageBatch", json!({"Entries": many}), "TooManyEntriesInBatchRequest"),
            ("SendMessageBatch", json!({"Entries": same}), "BatchEntryIdsNotDistinct"),
            ("PurgeQueue", json!({}), "UnsupportedOperation"),
        ] {
            assert_eq!(refusal_of(action, request.clone()), code, "{action} {request}");
        }
    }

    #[test]
    fn another_queue_does_not_exist() {
        let mut messages = Messages::new(Duration::ZERO);
        let body =
            json!({"QueueUrl": "http://127.0.0.1:1/0/other", "MessageBody": "x"}).to_string();

        let refused = answer(&mut messages, URL, "AmazonSQS.SendMessage", body.as_bytes(), NOW);

        assert_eq!(refused.unwrap_err().code, "QueueDoesNotExist");
    }
}
