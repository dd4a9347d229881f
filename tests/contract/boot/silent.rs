//! Slack waits three seconds, and whom a function asks meanwhile takes the connection and says nothing:
//! the real processes, whose time-outs are the ones of the deployment.
//!
//! Their clock cannot be moved, so time is measured here: as a bound, well above what it takes and below
//! what it would take without the limit that the test is about.

use std::{sync::Arc, time::Duration};

use local::{
    binaries::Binaries,
    bundle::{Bundle, Options},
    installation,
    runtime_api::Runtime,
    sentry::Mode,
    slack::{Alert, MessageTs, SignedRequest},
};
use serde_json::Value;
use shared::{
    clock::{Clock, SystemClock},
    identity::{Identity, Installation, Owner, Tokens},
    sealing::{Field, Sealer},
    secret::Secret,
    store::{RenewTokens, SaveInstallation, Written, dynamo::DynamoStore},
};
use tokio::time::Instant;

use super::{held::Gate, program, run, stop};
use crate::{
    contract::store::records::{linked_in, tenant},
    harness::{ALICE, ALICES, BOB, event_to},
};

const TEAM: &str = "T0ACME0001";
const ENTERPRISE: &str = "E0GRID0001";

/// Calls of the table one after the other: two attempts of each are not answered, the third is.
fn is_slow(attempt: usize) -> bool {
    !attempt.is_multiple_of(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_silent_refuses_the_click_in_time_and_nothing_is_written() {
    let stage = Stage::set("action").await;
    let click = stage.click(ALICE, "status::resolved", "resolved");
    stage.table.fall_silent();

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 503, "{ack:?}");
    assert!(ack.took < Duration::from_secs(2), "{ack:?}");
    assert_eq!((stage.items("JOB#"), stage.items("FLOW#")), (0, 0));
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_the_table_that_is_not_answered_is_made_once_more() {
    let stage = Stage::set("action").await;
    // The read and the write; the write's answer.
    for (nth, of_answer) in [(1, false), (2, false), (2, true)] {
        let click = stage.click(ALICE, "status::resolved", "resolved");
        let jobs = stage.items("JOB#");
        stage.table.hold(nth, of_answer);

        let ack = stage.ack(&click).await;

        assert_eq!(ack.status, 200, "call {nth}, its answer: {of_answer}: {ack:?}");
        assert_eq!(stage.items("JOB#") - jobs, 1, "call {nth}, its answer: {of_answer}");
    }
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_slow_at_each_of_its_calls_refuses_the_click_in_time() {
    let stage = Stage::set("action").await;
    let click = stage.click(ALICE, "status::resolved", "resolved");
    stage.table.hold_those(is_slow);

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 503, "{ack:?}");
    assert!(ack.took < Duration::from_secs(2), "{ack:?}");
    assert_eq!(stage.items("JOB#"), 0);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_told_in_time_that_the_table_is_slow() {
    let stage = Stage::set("command").await;
    let typed = stage.bundle.slack.command(BOB, "/sentry", "link").unwrap();
    stage.table.hold_those(is_slow);

    let ack = stage.invoke("/command", &typed).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    assert!(ack.took < Duration::from_secs(2), "{ack:?}");
    assert!(ack.body.contains("cannot be looked up right now"), "{ack:?}");
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_silent_holds_up_no_click() {
    let stage = Stage::set("action").await;
    let click = stage.click(ALICE, "status::resolved", "resolved");
    stage.queue.fall_silent();

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    // The queue's own three attempts would take longer.
    assert!(ack.took < Duration::from_millis(1_200), "{ack:?}");
    assert_eq!(stage.items("JOB#"), 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_that_is_silent_holds_up_nobody_who_is_to_be_asked_to_link() {
    let stage = Stage::set("action").await;
    let click = stage.click(BOB, "status::resolved", "resolved");
    stage.slack.fall_silent();

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    assert!(ack.took < Duration::from_secs(3), "{ack:?}");
    assert_eq!(stage.items("FLOW#"), 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slack_that_does_not_say_who_is_a_guest_holds_up_nobody_either() {
    let stage = Stage::set("action").await;
    stage.install_everywhere().await;
    let click = stage.click_with(BOB, "status::resolved", "resolved", |payload| {
        payload["is_enterprise_install"] = true.into();
        payload["enterprise"] = serde_json::json!({"id": ENTERPRISE, "name": "Grid"});
        payload["user"]["team_id"] = "T0ELSEWHER".into();
    });
    stage.slack.fall_silent();

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    assert!(ack.took < Duration::from_secs(3), "{ack:?}");
    assert_eq!(stage.items("FLOW#"), 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modal_that_slack_does_not_open_is_left_to_the_worker_while_it_can_be_opened() {
    let stage = Stage::set("action").await;
    let click = stage.click(ALICE, "resolve_dialog", "resolve_dialog");
    stage.slack.fall_silent();

    let ack = stage.ack(&click).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    // Three seconds after the click nobody can.
    assert!(ack.took < Duration::from_secs(2), "{ack:?}");
    assert_eq!(stage.items("JOB#"), 1);
    stage.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_types_into_a_select_gets_an_empty_list_in_time_if_table_and_sentry_are_slow() {
    let stage = Stage::set("options").await;
    stage.sign_in().await;
    let alert = stage.post_alert();
    let typed = stage.bundle.slack.suggest(ALICE, &alert, "assign", "bo").unwrap();
    stage.table.hold_those(is_slow);
    stage.bundle.sentry.set_mode(Mode::Slow(Duration::from_hours(1)));

    let ack = stage.invoke("/options", &typed).await;

    assert_eq!(ack.status, 200, "{ack:?}");
    // One after the other, each in its own time, they would take longer.
    assert!(ack.took < Duration::from_millis(2_700), "{ack:?}");
    stage.clear().await;
}

/// What Slack gets, and when.
#[derive(Debug)]
struct Ack {
    status: i64,
    body: String,
    took: Duration,
}

/// Alice is linked, Bob is not; one function's process reaches its neighbours through a gate each.
struct Stage {
    bundle: Bundle,
    function: &'static str,
    runtime: Runtime,
    store: DynamoStore,
    alice: Identity,
    table: Arc<Gate>,
    queue: Arc<Gate>,
    slack: Arc<Gate>,
    slack_gate: String,
    flows: usize,
}

impl Stage {
    async fn set(function: &'static str) -> Self {
        let bundle = Bundle::start(Options::new(Binaries::new())).await.unwrap();
        let store = installation::store(&bundle.addresses.database).unwrap();
        let alice = linked_in(&store, TEAM, ALICE, ALICES).await;
        let (table, queue, slack) = (Gate::new(), Gate::new(), Gate::new());
        let mut addresses = bundle.addresses.clone();
        addresses.database = table.before(&addresses.database).await;
        addresses.sqs = queue.before(&addresses.sqs).await;
        // Nobody else here calls Slack.
        if function == "action" {
            addresses.slack = slack.before(&addresses.slack).await;
        }
        let program = program(function, &addresses, &bundle.secrets);
        let runtime = run(&program, &bundle.logs).await;
        let slack_gate = addresses.slack;
        let mut stage = Self {
            bundle,
            function,
            runtime,
            store,
            alice,
            table,
            queue,
            slack,
            slack_gate,
            flows: 0,
        };
        stage.flows = stage.items("FLOW#");
        stage
    }

    /// Alice's tokens are such as can be opened, and are good for long.
    async fn sign_in(&self) {
        let sealer = Sealer::new(vec![Secret::new(&self.bundle.secrets.token_key)]);
        let (owner, token) = (self.alice.person.owner(), Secret::new("a-token"));
        let access = sealer.seal(owner, Field::AccessToken, &token).unwrap();
        let expires = SystemClock.now().plus(Duration::from_hours(1));
        let tokens = Tokens { access, refresh: None, expires };
        assert_eq!(self.store.save_tokens(&self.alice, &tokens).await, Ok(Written::Yes));
    }

    /// The app is installed in the whole enterprise.
    async fn install_everywhere(&self) {
        let sealer = Sealer::new(vec![Secret::new(&self.bundle.secrets.master_key)]);
        let (enterprise, token) = (tenant(ENTERPRISE), Secret::new("xoxb-of-the-enterprise"));
        let owner = Owner { tenant: &enterprise, user: None };
        let bot_token = sealer.seal(owner, Field::BotToken, &token).unwrap();
        let team = installation::installation(&sealer, "xoxb-of-the-team", SystemClock.now());
        let everywhere = Installation { tenant: enterprise, bot_token, ..team.unwrap() };
        self.store.save_installation(&everywhere).await.unwrap();
    }

    fn post_alert(&self) -> MessageTs {
        self.bundle.slack.post_alert(&Alert::type_error(&self.bundle.addresses.sentry))
    }

    fn click(&self, user: &str, action: &str, value: &str) -> SignedRequest {
        self.click_with(user, action, value, |_| ())
    }

    /// A click whose `response_url` leads through the gate.
    fn click_with(
        &self,
        user: &str,
        action: &str,
        value: &str,
        tamper: impl FnOnce(&mut Value),
    ) -> SignedRequest {
        let slack = &self.bundle.slack;
        let alert = self.post_alert();
        let mut payload = slack.click_payload(user, &alert, action, value).unwrap();
        let url = payload["response_url"].as_str().unwrap();
        payload["response_url"] =
            url.replace(&self.bundle.addresses.slack, &self.slack_gate).into();
        tamper(&mut payload);
        slack.sign_payload(&payload)
    }

    /// Slack delivers a click.
    async fn ack(&self, click: &SignedRequest) -> Ack {
        self.invoke("/action", click).await
    }

    async fn invoke(&self, path: &str, request: &SignedRequest) -> Ack {
        let began = Instant::now();
        let answer = self.runtime.invoke(self.function, event_to(path, request)).await.unwrap();
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        Ack { status: answer["statusCode"].as_i64().unwrap(), body, took: began.elapsed() }
    }

    /// How many items of this kind were written since.
    fn items(&self, kind: &str) -> usize {
        let items = self.bundle.database.items().unwrap();
        let is_kind = |item: &&Value| item["pk"]["S"].as_str().unwrap().starts_with(kind);
        let before = if kind == "FLOW#" { self.flows } else { 0 };
        items.iter().filter(is_kind).count() - before
    }

    async fn clear(self) {
        self.runtime.stop().await;
        stop(self.bundle).await;
    }
}
