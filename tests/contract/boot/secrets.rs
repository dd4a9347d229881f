//! The secrets of a deployment: a function that cannot read them, or does not find in them what it
//! needs, does not start, and says of which setting that is and nothing of what it read.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, http::HeaderMap};
use http::StatusCode;
use local::{
    logs::Logs,
    runtime_api::Program,
    secrets::Secrets,
    server::{self, Server},
    settings,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{held::Gate, nowhere, program, run, start_in_vain};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:belay-front-AbCdEf";

/// In a value of every secret: nothing that is said may contain it.
const CANARY: &str = "canary-0123456789-0123456789-0123456789";

/// What the front's secret holds, besides what is optional.
const HELD: [&str; 4] =
    ["SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "MASTER_KEY"];

#[tokio::test(flavor = "multi_thread")]
async fn a_function_finds_in_its_secret_what_is_not_among_its_variables() {
    let manager = SecretsManager::that_holds(&whole().to_string()).await;
    let action = Program { environment: manager.settings(), ..action() };

    let runtime = run(&action, &Logs::memory()).await;

    runtime.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_read_stops_the_start_by_its_settings_name() {
    let denied = json!({"__type": "AccessDeniedException", "Message": format!("not {CANARY}")});
    for (status, answer) in [
        (StatusCode::BAD_REQUEST, denied),
        (StatusCode::INTERNAL_SERVER_ERROR, json!({"__type": "InternalServiceError"})),
        (StatusCode::OK, json!({"ARN": ARN, "SecretBinary": "Y2FuYXJ5"})),
        (StatusCode::OK, secret(CANARY)),
        (StatusCode::OK, secret(&format!("[\"{CANARY}\"]"))),
        (StatusCode::OK, secret(&format!("{{\"MASTER_KEY\":[\"{CANARY}\"]}}"))),
    ] {
        let manager = SecretsManager::that_answers(status, answer.clone()).await;

        let said = start_in_vain("action", &manager.settings());

        assert!(said.contains("FRONT_SECRET_ARN"), "{answer}: {said}");
        assert!(!said.contains("canary"), "{answer}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_secret_lacks_stops_the_start_by_its_name() {
    for name in ["SLACK_SIGNING_SECRET", "MASTER_KEY"] {
        let mut lacking = whole();
        lacking.as_object_mut().unwrap().remove(name);
        for held in [json!({}), lacking] {
            let manager = SecretsManager::that_holds(&held.to_string()).await;

            let said = start_in_vain("action", &manager.settings());

            let first = if held == json!({}) { "SLACK_SIGNING_SECRET" } else { name };
            assert!(said.contains(first), "without {name}: {said}");
            assert!(!said.contains("canary"), "without {name}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_where_nobody_listens_or_answers_stop_the_start_in_time() {
    let silent = Gate::new();
    silent.fall_silent();
    let silence = silent.before("http://127.0.0.1:9").await;

    for manager in ["http://127.0.0.1:9", &silence] {
        let began = Instant::now();
        let said = start_in_vain("action", &settings_with(manager));

        assert!(said.contains("FRONT_SECRET_ARN"), "{said}");
        // Lambda gives a start ten seconds, and then starts once more.
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    }
}

/// Secrets Manager, which answers whoever asks for the secret.
struct SecretsManager {
    origin: String,
    _server: Server,
}

impl SecretsManager {
    async fn that_holds(text: &str) -> Self {
        Self::that_answers(StatusCode::OK, secret(text)).await
    }

    async fn that_answers(status: StatusCode, answer: Value) -> Self {
        let listener = server::listen(0).await.unwrap();
        let origin = server::origin(&listener).unwrap();
        let respond = async move |headers: HeaderMap, body: String| {
            let asked: Value = serde_json::from_str(&body).unwrap_or_default();
            let is_known = headers["x-amz-target"] == "secretsmanager.GetSecretValue"
                && headers.contains_key("authorization")
                && asked["SecretId"] == ARN;
            let unknown = json!({"__type": "ResourceNotFoundException"});
            let (status, answer) =
                if is_known { (status, answer) } else { (StatusCode::BAD_REQUEST, unknown) };
            (status, [("content-type", "application/x-amz-json-1.1")], answer.to_string())
        };
        let server = Server::start(listener, Router::new().fallback(respond));
        Self { origin, _server: server }
    }

    fn settings(&self) -> BTreeMap<String, String> {
        settings_with(&self.origin)
    }
}

fn action() -> Program {
    program("action", &nowhere(), &Secrets::random())
}

/// The settings of a deployment: what is secret is in the secret alone.
fn settings_with(manager: &str) -> BTreeMap<String, String> {
    let mut settings = settings::of("action", &nowhere(), &Secrets::random());
    for name in HELD.into_iter().chain(["SENTRY_HOOKS"]) {
        assert!(settings.remove(name).is_some(), "action has no {name}");
    }
    settings.insert("FRONT_SECRET_ARN".into(), ARN.into());
    settings.insert("AWS_ENDPOINT_URL_SECRETS_MANAGER".into(), manager.into());
    settings
}

/// A secret that lacks nothing.
fn whole() -> Value {
    HELD.into_iter().map(|name| (name.to_owned(), Value::from(CANARY))).collect()
}

fn secret(text: &str) -> Value {
    json!({"ARN": ARN, "Name": "belay-front", "VersionId": "1", "SecretString": text})
}
