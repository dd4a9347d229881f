//! The Runtime API with test code in a function's place. The process beside it is a `sleep` or a
//! shell: what counts is that it lives and dies.

use std::{fs, path::Path};

use serde_json::json;
use shared::clock::{ManualClock, Timestamp};

use super::*;
use crate::{plain_http, scratch::Directory};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Lives until it is killed; tells nobody.
const IDLE: &str = "exec sleep 600";

async fn runtime(directory: &Directory, script: &str, timeout: Duration) -> Runtime {
    runtime_of(Program { timeout, ..program(directory, script) }).await
}

async fn runtime_of(program: Program) -> Runtime {
    let clock = Arc::new(ManualClock::at(NOW));
    let settings = Settings { clock, logs: Logs::memory() };
    Runtime::start(vec![program], settings).await.unwrap()
}

fn program(directory: &Directory, script: &str) -> Program {
    Program {
        name: "action".to_owned(),
        binary: executable(directory.path(), script),
        environment: BTreeMap::from([("TABLE_NAME".to_owned(), "belay".to_owned())]),
        timeout: Duration::from_secs(9),
        background: false,
        limit: 2,
    }
}

fn executable(directory: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = directory.join("function");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// The Runtime API as the `number`th process of the function sees it.
struct Process<'a> {
    runtime: &'a Runtime,
    number: usize,
}

impl Process<'_> {
    async fn next(&self) -> plain_http::Answer {
        plain_http::send("GET", &self.url("invocation/next"), "", "").await
    }

    async fn post(&self, path: &str, body: &Value) -> plain_http::Answer {
        plain_http::send("POST", &self.url(path), "", &body.to_string()).await
    }

    /// Handles one event by answering `answer`.
    async fn serve(&self, answer: u8) -> plain_http::Answer {
        let next = self.next().await;
        let id = next.header("lambda-runtime-aws-request-id");
        self.post(&format!("invocation/{id}/response"), &json!(answer)).await
    }

    fn url(&self, path: &str) -> String {
        let (origin, number) = (&self.runtime.fleet.origin, self.number);
        format!("{origin}/action.{number}/2018-06-01/runtime/{path}")
    }
}

#[tokio::test]
async fn an_event_goes_to_a_process_and_its_answer_comes_back() {
    let directory = Directory::new();
    let runtime = runtime(&directory, IDLE, Duration::from_secs(9)).await;
    let process = Process { runtime: &runtime, number: 1 };

    let (answer, next) = tokio::join!(runtime.invoke("action", json!({"n": 1})), async {
        let next = process.next().await;
        let id = next.header("lambda-runtime-aws-request-id");
        let posted = process.post(&format!("invocation/{id}/response"), &json!({"ok": 1})).await;
        assert_eq!(posted.status, 202);
        next
    });

    assert_eq!(answer, Ok(json!({"ok": 1})));
    assert_eq!(next.json(), json!({"n": 1}));
    assert_eq!(next.header("lambda-runtime-deadline-ms"), "1700000009000");
    assert_eq!(
        next.header("lambda-runtime-invoked-function-arn"),
        "arn:aws:lambda:us-east-1:000000000000:function:action"
    );
    runtime.stop().await;
}

#[tokio::test]
async fn an_error_of_the_function_is_passed_on() {
    let directory = Directory::new();
    let runtime = runtime(&directory, IDLE, Duration::from_secs(9)).await;
    let process = Process { runtime: &runtime, number: 1 };

    let (answer, _) = tokio::join!(runtime.invoke("action", json!({})), async {
        let next = process.next().await;
        let id = next.header("lambda-runtime-aws-request-id");
        let error = json!({"errorType": "Boom", "errorMessage": "no table"});
        process.post(&format!("invocation/{id}/error"), &error).await
    });

    assert_eq!(answer.unwrap_err().to_string(), "Boom: no table");
    runtime.stop().await;
}

#[tokio::test]
async fn a_second_process_is_started_only_while_the_first_is_busy() {
    let directory = Directory::new();
    let runtime = runtime(&directory, IDLE, Duration::from_secs(9)).await;
    let (first, second) =
        (Process { runtime: &runtime, number: 1 }, Process { runtime: &runtime, number: 2 });
    let invoke = || runtime.invoke("action", json!({}));

    let answers = tokio::join!(invoke(), invoke(), first.serve(1), second.serve(2));
    let (third, _) = tokio::join!(invoke(), first.serve(3));

    assert!(answers.0.is_ok() && answers.1.is_ok());
    assert_eq!(third, Ok(json!(3)));
    runtime.stop().await;
}

#[tokio::test]
async fn a_process_that_dies_at_work_fails_its_invocation_and_is_replaced() {
    let directory = Directory::new();
    let sign = directory.path().join("die");
    let script = format!("until [ -e {} ]; do sleep 0.01; done; exit 3", sign.display());
    let runtime = runtime(&directory, &script, Duration::from_secs(9)).await;
    let (first, second) =
        (Process { runtime: &runtime, number: 1 }, Process { runtime: &runtime, number: 2 });

    let (answer, ()) = tokio::join!(runtime.invoke("action", json!({})), async {
        first.next().await;
        fs::write(&sign, "").unwrap();
    });
    fs::remove_file(&sign).unwrap();
    let (again, _) = tokio::join!(runtime.invoke("action", json!({})), second.serve(2));

    let crashed = "the process ended: exit status: 3".to_owned();
    assert_eq!(answer, Err(InvokeError::Crashed(crashed)));
    assert_eq!(again, Ok(json!(2)));
    runtime.stop().await;
}

#[tokio::test]
async fn a_process_that_cannot_start_fails_its_invocation() {
    let directory = Directory::new();
    let runtime =
        runtime(&directory, "echo no MASTER_KEY >&2; exit 1", Duration::from_secs(9)).await;

    let answer = runtime.invoke("action", json!({})).await;

    assert!(matches!(answer, Err(InvokeError::NotStarted(_))), "{answer:?}");
    assert_eq!(runtime.warm_up().await.len(), 1);
}

#[tokio::test]
async fn work_that_takes_too_long_is_ended() {
    let directory = Directory::new();
    let timeout = Duration::from_millis(50);
    let runtime = runtime(&directory, IDLE, timeout).await;
    let process = Process { runtime: &runtime, number: 1 };

    let (answer, next) = tokio::join!(runtime.invoke("action", json!({})), process.next());

    assert_eq!(answer, Err(InvokeError::TimedOut(timeout)));
    let id = next.header("lambda-runtime-aws-request-id");
    let late = process.post(&format!("invocation/{id}/response"), &json!({})).await;
    assert_eq!(late.status, 403);
}

#[tokio::test]
async fn an_answer_to_another_invocation_is_refused() {
    let directory = Directory::new();
    let runtime = runtime(&directory, IDLE, Duration::from_secs(9)).await;
    let process = Process { runtime: &runtime, number: 1 };

    let (answer, _) = tokio::join!(runtime.invoke("action", json!({})), async {
        let next = process.next().await;
        let wrong = process.post("invocation/other/response", &json!({})).await;
        assert_eq!(wrong.status, 400);
        let id = next.header("lambda-runtime-aws-request-id");
        process.post(&format!("invocation/{id}/response"), &json!("right")).await
    });

    assert_eq!(answer, Ok(json!("right")));
    runtime.stop().await;
}

#[tokio::test]
async fn a_process_has_lambdas_environment_its_settings_and_nothing_else() {
    let directory = Directory::new();
    let output = directory.path().join("environment");
    let script = format!("/usr/bin/env > {}", output.display());
    let runtime = runtime(&directory, &script, Duration::from_secs(9)).await;

    runtime.warm_up().await;

    let environment = fs::read_to_string(&output).unwrap();
    let has = |line: &str| environment.lines().any(|have| have == line);
    assert!(has("TABLE_NAME=belay") && has("AWS_LAMBDA_FUNCTION_NAME=action"), "{environment}");
    assert!(has(&format!("AWS_LAMBDA_RUNTIME_API={}/action.1", runtime.fleet.origin)));
    assert!(!environment.contains("CARGO"), "{environment}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_that_nobody_waits_for_leaves_the_cores_to_the_others() {
    let mut niceness = Vec::new();
    for background in [false, true] {
        let directory = Directory::new();
        let output = directory.path().join("niceness");
        let program = program(&directory, &format!("nice > {}", output.display()));
        let runtime = runtime_of(Program { background, ..program }).await;
        runtime.warm_up().await;
        niceness.push(fs::read_to_string(&output).unwrap().trim().parse::<i8>().unwrap());
    }

    assert!(
        niceness.is_sorted_by(|waited_for, background| waited_for < background),
        "{niceness:?}"
    );
}

#[tokio::test]
async fn stopping_ends_every_process_and_whoever_waits() {
    let directory = Directory::new();
    let runtime = runtime(&directory, IDLE, Duration::from_secs(9)).await;

    let (answer, ()) = tokio::join!(runtime.invoke("action", json!({})), runtime.stop());

    assert_eq!(answer, Err(InvokeError::Stopped));
    let after = runtime.invoke("action", json!({})).await;
    assert_eq!(after, Err(InvokeError::Stopped));
}
