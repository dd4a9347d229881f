//! What the gateway says by itself, with no function behind it.

use serde_json::json;
use shared::clock::{ManualClock, Timestamp};

use super::*;
use crate::{
    plain_http, runtime_api,
    server::{self, Server},
};

async fn gateway() -> (String, Server, Logs) {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
    let logs = Logs::memory();
    let settings = runtime_api::Settings { clock: Arc::clone(&clock), logs: logs.clone() };
    let runtime = Runtime::start(Vec::new(), settings).await.unwrap();
    let listener = server::listen(0).await.unwrap();
    let origin = server::origin(&listener).unwrap();
    let gateway = Gateway { runtime, clock, logs: logs.clone() };
    (origin, Server::start(listener, gateway.router()), logs)
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let (origin, _server, _) = gateway().await;

    let answer = plain_http::send("GET", &format!("{origin}/nowhere"), "", "").await;

    assert_eq!((answer.status, answer.json()), (404, json!({"message": "Not Found"})));
}

#[tokio::test]
async fn a_function_that_fails_is_an_error_without_words() {
    let (origin, _server, logs) = gateway().await;

    let answer = plain_http::send("POST", &format!("{origin}/action"), "", "x").await;

    assert_eq!(answer.status, 500);
    assert_eq!(answer.json(), json!({"message": "Internal Server Error"}));
    assert_eq!(logs.lines(), ["action  there is no function action"]);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let (origin, _server, _) = gateway().await;
    let body = "x".repeat(MAX_BODY + 1);

    let answer = plain_http::send("POST", &format!("{origin}/action"), "", &body).await;

    assert_eq!(answer.status, 413);
}
