//! SQS's one call that Belay makes, by its JSON protocol:
//!
//! ```text
//! POST / HTTP/1.1
//! content-type: application/x-amz-json-1.0
//! x-amz-target: AmazonSQS.SendMessage
//! authorization: AWS4-HMAC-SHA256 …
//!
//! {"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/123456789012/jobs","MessageBody":"…","DelaySeconds":3}
//! ```
//! AWS's own crate signs it; its SDK for SQS would do no more, and every cold start would wait for it:
//! building that client takes a quarter of the instructions of `action`'s start.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::Client;
use serde::Serialize;
use url::Url;

use crate::clock::{Clock, SystemClock, Timestamp};

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_millis(400);

/// How often a message is sent before it is given up.
const ATTEMPTS: u32 = 3;

/// The pause before the second attempt; the third waits twice as long.
const PAUSE: Duration = Duration::from_millis(25);

/// SQS did not take the message, as far as one knows: an answer can be lost on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SQS did not take the message")]
pub struct NotSent;

/// A message, as SQS takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Message<'a> {
    /// The queue's URL.
    pub queue_url: &'a str,
    /// At most 1 MiB of text.
    pub message_body: &'a str,
    /// Nobody is given it for so long; 900 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_seconds: Option<u16>,
}

/// Sends messages in one region.
#[derive(Debug, Clone)]
pub struct Sqs {
    http: Client,
    endpoint: Url,
    region: String,
    identity: Identity,
}

impl Sqs {
    /// Sends through `http` to `endpoint`, as whoever has these credentials.
    pub fn new(http: Client, endpoint: Url, region: String, credentials: Credentials) -> Self {
        Self { http, endpoint, region, identity: credentials.into() }
    }

    /// Sends a message at least once.
    pub async fn send(&self, message: &Message<'_>) -> Result<(), NotSent> {
        let body = serde_json::to_string(message).map_err(|_| NotSent)?;
        for attempt in 1..ATTEMPTS {
            if self.attempt(&body).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        self.attempt(&body).await
    }

    async fn attempt(&self, body: &str) -> Result<(), NotSent> {
        // Signed anew each time: a signature is good for five minutes, and a process can be frozen.
        let request = self.request(body, SystemClock.now())?;
        let mut request = reqwest::Request::try_from(request).map_err(|_| NotSent)?;
        *request.timeout_mut() = Some(ATTEMPT);
        let response = self.http.execute(request).await.map_err(|_| NotSent)?;
        let taken = response.status().is_success();
        // Read to its end, so that the connection can be used again.
        let _ = response.bytes().await;
        taken.then_some(()).ok_or(NotSent)
    }

    fn request(&self, body: &str, now: Timestamp) -> Result<http::Request<String>, NotSent> {
        let mut request = http::Request::post(self.endpoint.as_str())
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "AmazonSQS.SendMessage")
            .body(body.to_owned())
            .map_err(|_| NotSent)?;
        let headers = request.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let parts = SignableRequest::new(
            "POST",
            self.endpoint.as_str(),
            headers,
            SignableBody::Bytes(body.as_bytes()),
        );
        let settings = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("sqs")
            .time(system_time(now))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| NotSent)?;
        let signed = sign(parts.map_err(|_| NotSent)?, &settings.into()).map_err(|_| NotSent)?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

fn system_time(now: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + now.since(Timestamp::from_secs(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport;

    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";

    fn sqs() -> Sqs {
        let credentials = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            Some("a-session-token".into()),
            None,
            "test",
        );
        let endpoint = Url::parse("https://sqs.eu-west-1.amazonaws.com/").unwrap();
        Sqs::new(transport::client(None).unwrap(), endpoint, "eu-west-1".into(), credentials)
    }

    fn body(delay_seconds: Option<u16>) -> String {
        let message = Message { queue_url: QUEUE, message_body: "a-job", delay_seconds };
        serde_json::to_string(&message).unwrap()
    }

    #[tokio::test]
    async fn a_message_is_signed_as_botocore_signs_it() {
        // 2026-11-22 12:00:00 UTC
        let request = sqs().request(&body(Some(3)), Timestamp::from_secs(1_795_348_800)).unwrap();

        let header = |name| request.headers()[name].to_str().unwrap();
        assert_eq!(header("x-amz-date"), "20261122T120000Z");
        assert_eq!(header("x-amz-security-token"), "a-session-token");
        assert_eq!(
            header("authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/sqs/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=d2cfbd5bcda9d85cccdf6591eaa2d5597182ec7d82b549eba11949109d0ed5ff"
        );
    }

    #[test]
    fn a_message_without_delay_says_nothing_of_one() {
        assert_eq!(body(None), format!(r#"{{"QueueUrl":"{QUEUE}","MessageBody":"a-job"}}"#));
    }

    #[tokio::test]
    async fn what_is_secret_is_not_printed() {
        let request = sqs().request(&body(None), Timestamp::from_secs(1_795_348_800)).unwrap();

        let printed = format!("{request:?} {:?}", sqs());
        assert!(!printed.contains("a-session-token") && !printed.contains("wJalrXUtnFEMI"));
    }
}
