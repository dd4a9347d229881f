//! A message as a function sees it, and what the function's answer means for it.

use serde_json::{Map, Value, json};

use super::messages::Message;

/// The event of a batch of one.
pub(super) fn of(message: &Message) -> Value {
    let first_received = message.first_received.unwrap_or(message.sent);
    json!({"Records": [{
        "messageId": message.id,
        // Good for one receive: it changes with each.
        "receiptHandle": format!("{}#{}", message.id, message.receives),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent.millis().to_string(),
            "SenderId": crate::ACCOUNT,
            "ApproximateFirstReceiveTimestamp": first_received.millis().to_string(),
        },
        "messageAttributes": attributes(&message.attributes),
        "eventSource": "aws:sqs",
        "eventSourceARN": super::arn(),
        "awsRegion": crate::REGION,
    }]})
}

/// Senders write `StringValue`; events write `stringValue`.
fn attributes(sent: &Map<String, Value>) -> Map<String, Value> {
    let received = sent.iter().map(|(name, attribute)| {
        let attribute = json!({
            "stringValue": attribute.get("StringValue"),
            "binaryValue": attribute.get("BinaryValue"),
            "dataType": attribute.get("DataType"),
        });
        (name.clone(), attribute)
    });
    received.collect()
}

/// Whether the function's answer says that its one message was worked on: no failures are listed.
/// A list that is not understood counts as a failure, as in AWS.
pub(super) fn is_success(answer: &Value) -> bool {
    match answer.get("batchItemFailures") {
        None | Some(Value::Null) => true,
        Some(failures) => failures.as_array().is_some_and(Vec::is_empty),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared::clock::Timestamp;

    use super::{super::Messages, *};

    #[test]
    fn a_message_arrives_in_the_form_of_sqs() {
        let now = Timestamp::from_secs(1_700_000_000);
        let mut messages = Messages::new(Duration::ZERO);
        let sent = json!({"kind": {"DataType": "String", "StringValue": "job"}});
        let sent = sent.as_object().unwrap().clone();
        let id = messages.send("body".to_owned(), sent, Duration::ZERO, now);

        let event = of(&messages.receive(now).unwrap());

        let record = &event["Records"][0];
        assert_eq!(record["messageId"], id);
        assert_eq!(record["body"], "body");
        assert_eq!(record["eventSource"], "aws:sqs");
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
        assert_eq!(record["attributes"]["SentTimestamp"], "1700000000000");
        assert_eq!(record["messageAttributes"]["kind"]["stringValue"], "job");
    }

    #[test]
    fn an_answer_without_listed_failures_is_a_success() {
        for answer in [json!(null), json!({}), json!({"batchItemFailures": []})] {
            assert!(is_success(&answer), "{answer}");
        }
    }

    #[test]
    fn a_listed_or_garbled_failure_is_a_failure() {
        for answer in [
            json!({"batchItemFailures": [{"itemIdentifier": "id"}]}),
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": "id"}),
        ] {
            assert!(!is_success(&answer), "{answer}");
        }
    }
}
