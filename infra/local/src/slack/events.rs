//! Sends events to the app: once the app has answered a challenge at its URL, three seconds for a
//! 2xx, and retries otherwise (Slack: docs.slack.dev/apis/events-api,
//! `docs.slack.dev/reference/events/url_verification`).

use http::StatusCode;
use serde_json::Value;
use url::form_urlencoded;

use super::{
    SignedRequest, Slack,
    delivery::{self, ACK_LIMIT, Undelivered},
    retries::{self, Attempt, Retry},
    state::State,
};
use crate::random;

/// How many deliveries the page remembers.
const REMEMBERED: usize = 5;

/// The app's URL for events.
pub(super) struct EventsUrl {
    pub(super) url: String,
    /// Whether the app has answered a challenge there.
    pub(super) verified: bool,
}

/// What came of one attempt to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The event's type, `app_home_opened`.
    pub event: String,
    /// Which retry it was; none for the first attempt.
    pub retry: Option<Retry>,
    /// The app's HTTP status; none when there was no answer in time.
    pub status: Option<u16>,
    /// Whether Slack is content with it.
    pub accepted: bool,
    /// The attempt that follows.
    pub next: Option<Retry>,
}

impl Slack {
    /// Sets the app's URL for events, by the same client as clicks.
    pub fn deliver_events_to(&self, url: &str) {
        self.state().events_url = Some(EventsUrl { url: url.to_owned(), verified: false });
    }

    /// Challenges the app at its URL for events; whether it is verified now. Events are delivered
    /// to a verified URL alone.
    pub async fn verify_events_url(&self) -> bool {
        let challenge = random::hex(26);
        let answer = self.send_event(self.url_verification(&challenge)).await;
        let verified = answer.is_ok_and(|(attempt, body)| {
            matches!(attempt, Attempt::Answered { status: StatusCode::OK, .. })
                && echo(&body).as_deref() == Some(&challenge)
        });
        if let Some(events) = &mut self.state().events_url {
            events.verified = verified;
        }
        verified
    }

    /// Delivers an event once. A URL that is not verified is challenged first.
    pub async fn deliver_event(&self, request: SignedRequest) -> Result<Delivery, Undelivered> {
        let verified = self.state().events_url.as_ref().is_some_and(|events| events.verified);
        if !verified && !self.verify_events_url().await {
            return Err(Undelivered::NoUrl);
        }
        let (event, retry) = (kind(&request.body), request.retry);
        let (attempt, _) = self.send_event(request).await?;
        let delivery = Delivery {
            event,
            retry,
            status: attempt.status(),
            accepted: attempt.accepted(),
            next: retries::next(retry, attempt),
        };
        self.state().delivered(delivery.clone());
        Ok(delivery)
    }

    /// A retry of a request: the same body, signed anew.
    pub fn retried(&self, request: &SignedRequest, retry: Retry) -> SignedRequest {
        let signed = self.sign(&request.body);
        SignedRequest { content_type: request.content_type, retry: Some(retry), ..signed }
    }

    /// Delivers the events that are due, if the app has a URL for them.
    pub(super) fn send_due_events(&self) {
        if self.state().events_url.is_some() {
            self.send_events(self.take_due_events());
        }
    }

    /// Delivers events in the background, each with all its retries.
    pub(super) fn send_events(&self, requests: Vec<SignedRequest>) {
        for request in requests {
            let slack = self.clone();
            tokio::spawn(async move { slack.persist(request).await });
        }
    }

    async fn persist(&self, mut request: SignedRequest) {
        while let Ok(Delivery { next: Some(retry), .. }) = self.deliver_event(request.clone()).await
        {
            tokio::time::sleep(retry.pause()).await;
            request = self.retried(&request, retry);
        }
    }

    async fn send_event(&self, request: SignedRequest) -> Result<(Attempt, Vec<u8>), Undelivered> {
        let (url, http) = {
            let state = self.state();
            let events = state.events_url.as_ref().ok_or(Undelivered::NoUrl)?;
            let client = state.interactivity.as_ref().ok_or(Undelivered::NoUrl)?;
            (events.url.clone(), client.http.clone())
        };
        let answered = async {
            let response = delivery::send(&http, &url, request).await?;
            let attempt = Attempt::answered(response.status(), response.headers());
            Ok::<_, reqwest::Error>((attempt, response.bytes().await?.into()))
        };
        Ok(match tokio::time::timeout(ACK_LIMIT, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => (Attempt::Unreachable, Vec::new()),
            Err(_) => (Attempt::TimedOut, Vec::new()),
        })
    }
}

impl State {
    fn delivered(&mut self, delivery: Delivery) {
        self.deliveries.push_front(delivery);
        self.deliveries.truncate(REMEMBERED);
    }
}

/// The type of the event in a body.
fn kind(body: &[u8]) -> String {
    let envelope: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = envelope.get("event").and_then(|event| event.get("type")).and_then(Value::as_str);
    kind.unwrap_or_default().to_owned()
}

/// The challenge as the app gives it back: in JSON, in a form, or as it is.
fn echo(body: &[u8]) -> Option<String> {
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        return json.get("challenge")?.as_str().map(str::to_owned);
    }
    let mut form = form_urlencoded::parse(body);
    match form.find(|(name, _)| name == "challenge") {
        Some((_, challenge)) => Some(challenge.into_owned()),
        None => String::from_utf8(body.to_vec()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Bytes, response::IntoResponse, routing::post};
    use http::HeaderMap;
    use serde_json::json;
    use shared::transport;

    use super::*;
    use crate::{
        plain_http,
        server::{self, Server},
        slack::samples,
    };

    /// A stand-in whose app answers challenges, and events with this status.
    async fn with_app(status: StatusCode) -> (Slack, Server) {
        let app = async move |headers: HeaderMap, body: Bytes| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            match body["challenge"].as_str() {
                Some(challenge) => (StatusCode::OK, challenge.to_owned()).into_response(),
                None if headers.contains_key("x-slack-retry-num") => StatusCode::OK.into_response(),
                None => status.into_response(),
            }
        };
        serving(Router::new().route("/event", post(app))).await
    }

    async fn serving(app: Router) -> (Slack, Server) {
        let (slack, _) = samples::slack();
        let listener = server::listen(0).await.unwrap();
        let origin = server::origin(&listener).unwrap();
        slack.deliver_to(&format!("{origin}/action"), transport::client(None).unwrap());
        slack.deliver_events_to(&format!("{origin}/event"));
        (slack, Server::start(listener, app))
    }

    fn event(slack: &Slack) -> SignedRequest {
        slack.event(&json!({"type": "app_uninstalled"}))
    }

    #[tokio::test]
    async fn an_event_is_delivered_to_an_app_that_answers_the_challenge() {
        let (slack, _server) = with_app(StatusCode::ACCEPTED).await;

        let delivery = slack.deliver_event(event(&slack)).await.unwrap();

        assert_eq!((delivery.event.as_str(), delivery.status), ("app_uninstalled", Some(202)));
        assert!(delivery.accepted && delivery.next.is_none());
    }

    #[tokio::test]
    async fn a_retry_says_that_it_is_one() {
        let (slack, _server) = with_app(StatusCode::BAD_GATEWAY).await;
        let request = event(&slack);
        let first = slack.deliver_event(request.clone()).await.unwrap();

        let second = slack.retried(&request, first.next.unwrap());
        let delivery = slack.deliver_event(second.clone()).await.unwrap();

        assert_eq!(first.status, Some(502));
        assert_eq!(delivery.retry, Some(Retry { number: 1, reason: "http_error" }));
        assert!(delivery.accepted);
        assert_eq!(second.body, request.body);
    }

    #[tokio::test]
    async fn an_app_that_removes_itself_is_told_twice() {
        let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
        let app = async move |body: Bytes| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            heard.send(body["event"]["type"].as_str().map(str::to_owned)).unwrap();
            body["challenge"].as_str().unwrap_or_default().to_owned()
        };
        let (slack, _server) = serving(Router::new().route("/event", post(app))).await;
        assert!(slack.verify_events_url().await);
        let listener = server::listen(0).await.unwrap();
        let url = server::origin(&listener).unwrap();
        let _slack_server = Server::start(listener, slack.router());

        let query = "client_id=1.2&client_secret=client-secret";
        let url = format!("{url}/api/apps.uninstall?{query}");
        let bearer = format!("authorization: Bearer {}\r\n", samples::BOT_TOKEN);
        plain_http::send("POST", &url, &bearer, "").await;

        let mut told = Vec::new();
        while told.len() < 2 {
            told.extend(hears.recv().await.unwrap());
        }
        told.sort();
        assert_eq!(told, ["app_uninstalled", "tokens_revoked"]);
    }

    #[tokio::test]
    async fn an_app_that_does_not_answer_the_challenge_gets_no_events() {
        let (slack, _server) = serving(Router::new()).await;

        let delivery = slack.deliver_event(event(&slack)).await;

        assert_eq!(delivery, Err(Undelivered::NoUrl));
        assert!(!slack.verify_events_url().await);
    }

    #[test]
    fn a_challenge_may_come_back_in_three_ways() {
        for body in [r#"{"challenge":"c"}"#, "challenge=c", "c"] {
            assert_eq!(echo(body.as_bytes()).as_deref(), Some("c"), "{body}");
        }
        assert_eq!(echo(b"{}"), None);
    }
}
