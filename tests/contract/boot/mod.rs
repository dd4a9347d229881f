//! The bundle as `cargo dev` starts it: the functions' own processes, HTTP between them, the
//! machine's time.
//!
//! The only tests that wait for something, and for no longer than [`PATIENCE`].

mod browser;
mod doctor;
mod health;
mod held;
mod install;
mod killed;
mod proxies;
mod secrets;
mod silent;
mod stage;
mod unfurl;

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{Arc, OnceLock},
    time::Duration,
};

use local::{
    binaries::{self, Binaries},
    bundle::{Bundle, Options},
    logs::Logs,
    runtime_api::{self, Program, Runtime},
    secrets::Secrets,
    settings::{self, Addresses},
    slack::{Alert, MessageTs},
};
use shared::clock::SystemClock;

use self::browser::Browser;
use crate::harness::{
    ALICE, ALICES,
    evidence::{self, Kind},
};

/// How long something that has been set going may take. Long, since only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_click_of_somebody_who_is_not_linked_is_answered_with_a_link() {
    let bundle = started().await;
    let alert = bundle.slack.post_alert(&Alert::type_error(&bundle.addresses.sentry));

    let ack = bundle.slack.press(ALICE, &alert, "status::resolved", "resolved").await.unwrap();

    assert_eq!(ack.status, Some(200));
    let words = newest_words(&bundle);
    assert!(words.starts_with("Looks like you haven't linked your Sentry account"), "{words}");
    assert!(prompted_link(&bundle).contains("/link-identity/v1."), "{words}");
    stop(bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_linking_the_click_is_carried_out_and_the_next_one_too() {
    let bundle = started().await;

    let (first, second) = link_and_click_again(&bundle).await;

    assert!(words_of(&bundle, &first).contains("*Issue resolved by <@U0ALICE001>*"));
    assert!(words_of(&bundle, &second).contains("*Issue archived by <@U0ALICE001>*"));
    let changes = bundle.sentry.changes();
    assert_eq!(changes.iter().map(|change| change.account).collect::<Vec<_>>(), [ALICES; 2]);
    stop(bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_logs_and_none_stands_open_in_the_table() {
    let bundle = started().await;

    link_and_click_again(&bundle).await;

    let logs = bundle.logs.lines().join("\n");
    let items = serde_json::to_string(&bundle.database.items().unwrap()).unwrap();
    for event in ["slack.action.not_linked", "slack.link.linked", "slack.action.admitted"] {
        assert!(logs.contains(event), "{event} is not in {logs}");
    }
    let mut openers = secrets_of(&bundle.secrets);
    // Bot tokens, the path of a response_url, signed links.
    openers.extend(["xoxb-", "/actions/T", "v1."]);
    for opener in openers {
        assert!(!logs.contains(opener), "{opener} in {logs}");
        assert!(!items.contains(opener), "{opener} in {items}");
    }
    stop(bundle).await;
}

#[test]
fn a_function_without_a_secret_does_not_start_and_names_the_setting() {
    for (function, setting) in [
        ("action", "SLACK_SIGNING_SECRET"),
        ("link-identity", "SLACK_CLIENT_SECRET"),
        ("unlink-identity", "MASTER_KEY"),
        ("sign-in", "TOKEN_KEY"),
        ("perform", "SENTRY_CLIENT_SECRET"),
        ("options", "TOKEN_KEY"),
        ("command", "MASTER_KEY"),
        ("event", "SLACK_SIGNING_SECRET"),
        ("install", "SLACK_CLIENT_SECRET"),
    ] {
        let secrets = Secrets::random();
        let mut settings = settings::of(function, &nowhere(), &secrets);
        assert!(settings.remove(setting).is_some(), "{function} has no {setting}");

        let said = start_in_vain(function, &settings);

        assert!(said.contains(setting), "{function}: {said}");
        assert!(said.contains(r#""event":"start.failed""#), "{function}: {said}");
        for secret in secrets_of(&secrets) {
            assert!(!said.contains(secret), "{function}: {said}");
        }
    }
}

#[test]
fn a_function_with_a_short_secret_does_not_start_and_does_not_show_it() {
    let mut settings = settings::of("action", &nowhere(), &Secrets::random());
    settings.insert("SLACK_SIGNING_SECRET".into(), "canary-of-20-letters".into());

    let said = start_in_vain("action", &settings);

    assert!(said.contains("SLACK_SIGNING_SECRET"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

/// Everything, started; no function failed to.
async fn started() -> Bundle {
    let bundle = Bundle::start(Options::new(functions().clone())).await.unwrap();
    assert!(bundle.unready.is_empty(), "{:?}", bundle.unready);
    bundle
}

/// The bundle is stopped; what it wrote is kept.
async fn stop(bundle: Bundle) {
    bundle.logs.lines().into_iter().for_each(|line| evidence::keep(Kind::Log, || line));
    for item in bundle.database.items().unwrap() {
        evidence::keep(Kind::Table, || item.to_string());
    }
    bundle.stop().await;
}

/// Alice clicks, links her account, and clicks under a second alert. The two alerts, redrawn.
async fn link_and_click_again(bundle: &Bundle) -> (MessageTs, MessageTs) {
    let first = bundle.slack.post_alert(&Alert::type_error(&bundle.addresses.sentry));
    bundle.slack.press(ALICE, &first, "status::resolved", "resolved").await.unwrap();
    let page = Browser::of(bundle, ALICE, ALICES).link(&prompted_link(bundle)).await;
    assert!(page.body.contains("has been associated"), "{}", page.body);
    redrawn(bundle, &first).await;

    let second = bundle.slack.post_alert(&Alert::timeout_error(&bundle.addresses.sentry));
    let archive = "ignored:archived_until_escalating";
    let ack = bundle.slack.press(ALICE, &second, &format!("status::{archive}"), archive).await;
    assert_eq!(ack.unwrap().status, Some(200));
    redrawn(bundle, &second).await;
    (first, second)
}

async fn redrawn(bundle: &Bundle, alert: &MessageTs) {
    let changed = async {
        while bundle.slack.message(alert).unwrap().revision == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, changed).await;
    assert!(in_time.is_ok(), "not redrawn:\n{}", bundle.logs.lines().join("\n"));
}

/// Runs a function that must end by itself; all that it said.
fn start_in_vain(function: &str, settings: &BTreeMap<String, String>) -> String {
    let output = Command::new(&functions()[function])
        .env_clear()
        .envs(settings)
        // Nobody is there, so that a function which starts nevertheless ends as well.
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "")
        .env("AWS_REGION", local::REGION)
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!output.status.success(), "{said}");
    said
}

/// One function alone, with its neighbours at these addresses.
fn program(function: &str, addresses: &Addresses, secrets: &Secrets) -> Program {
    Program {
        name: function.into(),
        binary: functions()[function].clone(),
        environment: settings::of(function, addresses, secrets),
        timeout: PATIENCE,
        background: false,
        limit: 1,
    }
}

/// A process of it.
async fn run(program: &Program, logs: &Logs) -> Runtime {
    let settings = runtime_api::Settings { clock: Arc::new(SystemClock), logs: logs.clone() };
    let runtime = Runtime::start(vec![program.clone()], settings).await.unwrap();
    assert_eq!(runtime.warm_up().await, vec![]);
    runtime
}

/// The functions' executables: built once for all tests.
fn functions() -> &'static Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| binaries::build(&binaries::functions(), true).unwrap())
}

/// Addresses at which nobody answers.
fn nowhere() -> Addresses {
    let place = || "http://127.0.0.1:9".to_owned();
    Addresses {
        public: place(),
        slack: place(),
        sentry: place(),
        database: place(),
        sqs: place(),
        queue: place(),
    }
}

fn secrets_of(secrets: &Secrets) -> Vec<&str> {
    vec![
        &secrets.slack_signing_secret,
        &secrets.slack_client_secret,
        &secrets.slack_bot_token,
        &secrets.master_key,
        &secrets.token_key,
        &secrets.sentry_client_secret,
    ]
}

fn newest_words(bundle: &Bundle) -> String {
    bundle.slack.ephemerals(ALICE).last().unwrap().words()
}

fn prompted_link(bundle: &Bundle) -> String {
    link_in(bundle, &newest_words(bundle))
}

fn link_in(bundle: &Bundle, words: &str) -> String {
    let start = words.find(&bundle.addresses.public).unwrap_or_else(|| panic!("{words}"));
    words[start..].split(['|', '>']).next().unwrap().to_owned()
}

fn words_of(bundle: &Bundle, alert: &MessageTs) -> String {
    bundle.slack.message(alert).unwrap().words()
}
