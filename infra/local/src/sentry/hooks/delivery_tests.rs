//! What reaches the integration, and what it is asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::super::testing::{FORM, HOOK_SECRET, Scene, sentry};
use super::super::{AlertRule, Sentry};
use super::signed::signature;
use crate::plain_http::send;
use crate::server::{self, Server};

/// A webhook that arrived: headers and body.
type Got = (HeaderMap, Vec<u8>);

/// An integration that writes down what it gets, and answers what it is told to.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    asked: Arc<Mutex<Option<(String, HeaderMap)>>>,
    is_slow: bool,
}

impl Receiver {
    async fn listen(self) -> (String, Server) {
        let listener = server::listen(0).await.unwrap();
        let url = format!("{}/alert", server::origin(&listener).unwrap());
        let router = Router::new()
            .route("/alert", post(receive))
            .route("/alert/channels", get(offer))
            .with_state(self);
        (url, Server::start(listener, router))
    }
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.got.lock().unwrap().push((headers, body.to_vec()));
    if receiver.is_slow {
        std::future::pending::<()>().await;
    }
    StatusCode::ACCEPTED
}

async fn offer(
    State(receiver): State<Receiver>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Json<Value> {
    *receiver.asked.lock().unwrap() = Some((query.unwrap_or_default(), headers));
    Json(json!([{"label": "#alerts", "value": "C0ALERTS01"}]))
}

fn deliver(sentry: &Sentry, url: &str) {
    sentry.deliver_hooks_to(url, shared::transport::client(None).unwrap());
}

/// Waits until so many webhooks have been sent.
async fn sent(sentry: &Sentry, count: usize) {
    let enough = async {
        while sentry.deliveries().len() < count {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), enough).await.unwrap();
}

#[tokio::test]
async fn changes_are_delivered_in_order_and_the_last_one_again_to_the_letter() {
    let receiver = Receiver::default();
    let (url, _server) = receiver.clone().listen().await;
    let (sentry, _) = sentry();
    deliver(&sentry, &url);

    sentry.change_issue_as("102", "4815", "resolved");
    sentry.change_issue_as("102", "4815", "unresolved");
    sent(&sentry, 2).await;
    let again = sentry.deliver_last_again().await.unwrap();

    let deliveries = sentry.deliveries();
    let told: Vec<_> = deliveries.iter().map(|it| (it.action.as_str(), it.status)).collect();
    assert_eq!(
        told,
        [("resolved", Some(202)), ("unresolved", Some(202)), ("unresolved", Some(202))]
    );
    assert_eq!(again.request_id, deliveries[1].request_id);
    let got = receiver.got.lock().unwrap();
    assert_eq!(got[1].1, got[2].1);
    assert_eq!(got[2].0["sentry-hook-signature"], signature(HOOK_SECRET, &got[2].1));
}

#[tokio::test]
async fn what_is_not_answered_within_a_second_is_a_time_out() {
    let receiver = Receiver { is_slow: true, ..Receiver::default() };
    let (url, _server) = receiver.clone().listen().await;
    let (sentry, _) = sentry();
    deliver(&sentry, &url);
    let hook = sentry.fire_alert("4815", &AlertRule::new("r")).unwrap();

    let delivery = sentry.deliver(hook).await.unwrap();

    assert_eq!(delivery.status, None);
    assert_eq!(receiver.got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn channels_are_asked_for_with_a_signature_over_nothing() {
    let receiver = Receiver::default();
    let (url, _server) = receiver.clone().listen().await;
    let (sentry, _) = sentry();
    deliver(&sentry, &url);

    let channels = sentry.load_channels("acme", "backend").await;

    assert_eq!(channels, Ok(vec![("#alerts".to_owned(), "C0ALERTS01".to_owned())]));
    let (query, headers) = receiver.asked.lock().unwrap().clone().unwrap();
    assert!(
        query.starts_with("installationId=") && query.ends_with("&projectSlug=backend"),
        "{query}"
    );
    assert_eq!(headers["sentry-app-signature"], signature(HOOK_SECRET, b""));
}

#[tokio::test]
async fn the_page_fires_alerts() {
    let receiver = Receiver::default();
    let (url, _server) = receiver.clone().listen().await;
    let scene = Scene::of("101").await;
    deliver(&scene.sentry, &url);
    let fire = format!("{}/ui/alert", scene.origin);

    for body in ["channel=C0ALERTS01&issue=4815", "channel=&burst=4816", "channel=&metric=warning"]
    {
        assert_eq!(send("POST", &fire, FORM, body).await.status, 303, "{body}");
    }
    let page = send("GET", &format!("{}/", scene.origin), "", "").await;
    let offer = send("GET", &format!("{}/ui/channels", scene.origin), "", "").await;

    assert_eq!(receiver.got.lock().unwrap().len(), 7);
    assert!(page.body.contains("metric_alert warning"), "{}", page.body);
    assert!(offer.body.contains("C0ALERTS01"), "{}", offer.body);
}
