//! A click, its worker's real process, and a gate before everything that the worker calls.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use local::{
    bundle::{Bundle, Options},
    queue::Queue,
    runtime_api::{self, Program, Runtime},
    schedule,
    secrets::Secrets,
    sentry::Mode,
    server::{self, Server},
    settings::{self, Addresses},
    slack::{Alert, Button, MessageTs},
};
use serde_json::{Value, json};
use shared::{
    clock::{Clock, SystemClock},
    job::LEASE,
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::{Browser, PATIENCE, functions, held::Gate, newest_words, prompted_link, words_of};
use crate::harness::{ALICE, ALICES};

const ISSUE: &str = "4815";
const PERFORM: &str = "perform";
/// Longer than the sweep leaves a job alone that is due.
const OVERDUE: Duration = Duration::from_secs(11);

/// What else is wrong while the click is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Nothing,
    /// Alice's token has ended: it is renewed first.
    EndedToken,
    /// Alice is no member of the organization any more.
    NoMember,
    /// Sentry fails, as long as the first worker lives.
    SentryFails,
}

/// When a worker is killed: at this call, or when its answer is on the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) nth: usize,
    pub(super) of_answer: bool,
}

/// An acknowledged click, about an alert in the channel.
pub(super) struct Clicked {
    pub(super) key: String,
    alert: MessageTs,
    /// How often Sentry had changed before it, and what Alice alone had been shown.
    changes: usize,
    words: usize,
}

/// Alice is linked; her clicks' worker reaches everything through a gate, and nobody else is woken.
pub(super) struct Stage {
    pub(super) bundle: Bundle,
    gate: Arc<Gate>,
    /// The way through the gate to Slack.
    slack: String,
    worker: Program,
    /// What comes out of the queue.
    messages: Mutex<mpsc::UnboundedReceiver<Value>>,
    _queue: (Server, JoinSet<()>),
}

impl Stage {
    pub(super) async fn set() -> Self {
        let listener = server::listen(0).await.unwrap();
        let sqs = server::origin(&listener).unwrap();
        let queue = Queue::new(&sqs, Arc::new(SystemClock), PATIENCE);
        let server = Server::start(listener, queue.router());
        let (sender, messages) = mpsc::unbounded_channel();
        let mut deliveries = JoinSet::new();
        deliveries.spawn(queue.clone().deliver(1, move |event| {
            let sent = sender.send(event);
            async { sent.map(|()| Value::Null) }
        }));

        let gate = Gate::new();
        let (port, slack) = before_slack(&gate).await;
        let settings = [
            ("AWS_ENDPOINT_URL_SQS", sqs.as_str()),
            ("QUEUE_URL", queue.url()),
            ("SLACK_HOOKS_URL", &slack),
        ];
        let bundle = Bundle::start(without_worker(port, &settings)).await.unwrap();
        assert!(bundle.unready.is_empty(), "{:?}", bundle.unready);
        assert!(bundle.addresses.slack.ends_with(&format!(":{port}")));
        let neighbours = Addresses {
            slack: slack.clone(),
            sqs: gate.before(&sqs).await,
            queue: queue.url().to_owned(),
            database: gate.before(&bundle.addresses.database).await,
            sentry: gate.before(&bundle.addresses.sentry).await,
            ..bundle.addresses.clone()
        };
        let worker = worker(&neighbours, &bundle.secrets);
        let messages = Mutex::new(messages);
        let queue = (server, deliveries);
        let stage = Self { bundle, gate, slack, worker, messages, _queue: queue };
        stage.link().await;
        stage
    }

    /// Alice clicks, links her account, and the click is carried out.
    async fn link(&self) {
        let alert = Alert::type_error(&self.bundle.addresses.sentry);
        self.press(&self.bundle.slack.post_alert(&alert), "resolved").await;
        self.sign_in().await;
    }

    /// Alice follows the newest link, and the click that waits behind it is carried out: its key.
    async fn sign_in(&self) -> String {
        let known = self.keys();
        let link = prompted_link(&self.bundle);
        let page = Browser::of(&self.bundle, ALICE, ALICES).link(&link).await;
        assert!(page.body.contains("has been associated"), "{}", page.body);
        let key = self.newest_key(&known);
        self.carried_out(self.message_about(&key).await).await;
        key
    }

    pub(super) fn get_into(&self, trouble: Trouble) {
        let sentry = &self.bundle.sentry;
        match trouble {
            Trouble::Nothing => {}
            Trouble::EndedToken => self.end_token(),
            Trouble::NoMember => sentry.remove_member(ALICES, "acme"),
            Trouble::SentryFails => sentry.set_mode(Mode::Down),
        }
    }

    /// Alice's token ended long ago, as far as the table knows.
    fn end_token(&self) {
        let mut identity = self.rows("SLK#", "ID").remove(0);
        identity["tokens"]["M"]["expires"]["N"] = json!("1000");
        self.bundle.database.put(vec![identity]).unwrap();
    }

    /// Alice asks for what the issue is not, and is acknowledged.
    pub(super) async fn click(&self) -> Clicked {
        let (bundle, known) = (&self.bundle, self.keys());
        let is_resolved = bundle.sentry.issue(ISSUE).unwrap().status == "resolved";
        let wanted = if is_resolved { "unresolved" } else { "resolved" };
        let alert = bundle.slack.post_alert(&Alert {
            buttons: vec![Button::new(&status_id(wanted), wanted, wanted)],
            ..Alert::type_error(&bundle.addresses.sentry)
        });
        let (changes, words) =
            (bundle.sentry.changes().len(), bundle.slack.ephemerals(ALICE).len());
        self.press(&alert, wanted).await;
        Clicked { key: self.newest_key(&known), alert, changes, words }
    }

    /// Slack delivers Alice's click to `action`. Its `response_url` leads through the gate.
    async fn press(&self, alert: &MessageTs, value: &str) {
        let Bundle { slack, addresses, .. } = &self.bundle;
        let mut payload = slack.click_payload(ALICE, alert, &status_id(value), value).unwrap();
        let url = payload["response_url"].as_str().unwrap();
        payload["response_url"] = json!(url.replacen(&addresses.slack, &self.slack, 1));
        let click = slack.sign_payload(&payload);
        let http = shared::transport::client(None).unwrap();
        let mut request = http.post(format!("{}/action", addresses.public));
        for (name, value) in click.headers() {
            request = request.header(name, value);
        }
        assert_eq!(request.body(click.body).send().await.unwrap().status(), 200);
    }

    /// The next message about this job; those about others are of no use any more.
    pub(super) async fn message_about(&self, key: &str) -> Value {
        let mut messages = self.messages.lock().await;
        let about_it = async {
            loop {
                let message = messages.recv().await.unwrap();
                if message["Records"][0]["body"] == key {
                    return message;
                }
            }
        };
        tokio::time::timeout(PATIENCE, about_it).await.expect("nobody was woken")
    }

    /// Whether the work got as far as this moment; then its process is dead.
    pub(super) async fn killed(&self, message: Value, moment: Moment) -> bool {
        let runtime = started(&self.worker).await;
        self.gate.hold(moment.nth, moment.of_answer);
        let held = tokio::select! {
            _ = runtime.invoke(PERFORM, message) => false,
            () = self.gate.holds() => true,
        };
        runtime.stop().await;
        self.gate.open();
        held
    }

    /// The lease runs out, and the schedule ticks for a fresh process: what it sends to the queue, if
    /// something is left to be done.
    pub(super) async fn swept(&self, click: &Clicked) -> Option<Value> {
        if self.job(&click.key)["phase"]["S"] == "FINAL" {
            return None;
        }
        self.let_time_pass(&click.key);
        let runtime = started(&self.worker).await;
        let tick = schedule::event(SystemClock.now());
        assert_eq!(runtime.invoke(PERFORM, tick).await, Ok(Value::Null));
        runtime.stop().await;
        Some(self.message_about(&click.key).await)
    }

    /// The leases of a dead worker are over, and the sweep's patience with it.
    fn let_time_pass(&self, key: &str) {
        let mut rows = self.rows("SLK#", "ID");
        rows.push(self.job(key));
        for row in &mut rows {
            for name in ["next_at", "refresh_lease"] {
                let Some(until) = row.get(name).and_then(|until| until["N"].as_str()) else {
                    continue;
                };
                let until: u128 = until.parse().unwrap();
                let earlier = until.saturating_sub((LEASE + OVERDUE).as_millis());
                row[name] = json!({"N": earlier.to_string()});
            }
        }
        self.bundle.database.put(rows).unwrap();
    }

    /// A fresh process gets the message.
    pub(super) async fn carried_out(&self, message: Value) {
        let runtime = started(&self.worker).await;
        let answer = runtime.invoke(PERFORM, message).await.unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        runtime.stop().await;
    }

    /// A worker that dies between the renewal and the writing takes the new tokens with it. Alice is
    /// asked to sign in again; she does, and then it is the click behind the link that counts.
    pub(super) async fn signed_in_again(&self, click: Clicked) -> Clicked {
        if self.job(&click.key)["outcome"]["S"] != "SIGN_IN_EXPIRED" {
            return click;
        }
        assert_eq!(self.changes_since(&click), 0);
        Clicked { key: self.sign_in().await, ..click }
    }

    pub(super) fn assert_ended(
        &self,
        trouble: Trouble,
        click: &Clicked,
        most_leases: usize,
        about: &str,
    ) {
        let job = self.job(&click.key);
        let leases: usize = job["attempt"]["N"].as_str().unwrap().parse().unwrap();
        assert_eq!(job["phase"]["S"], "FINAL", "{about}");
        assert!((1..=most_leases).contains(&leases), "{leases} leases: {about}");
        if trouble == Trouble::NoMember {
            let words = newest_words(&self.bundle);
            assert_eq!(job["outcome"]["S"], "NOT_A_MEMBER", "{about}");
            assert_eq!(self.changes_since(click), 0, "{about}");
            assert!(self.bundle.slack.ephemerals(ALICE).len() > click.words, "{about}");
            assert!(words.contains("is not a member of organization"), "{words}: {about}");
        } else {
            let words = words_of(&self.bundle, &click.alert);
            assert_eq!(job["outcome"]["S"], "DONE", "{about}");
            assert_eq!(self.changes_since(click), 1, "{about}");
            assert!(words.contains(&format!("by <@{ALICE}>")), "{words}: {about}");
        }
    }

    fn changes_since(&self, click: &Clicked) -> usize {
        self.bundle.sentry.changes().len() - click.changes
    }

    fn job(&self, key: &str) -> Value {
        self.rows(&format!("JOB#{key}"), "J").remove(0)
    }

    fn keys(&self) -> BTreeSet<String> {
        let key = |row: &Value| row["key"]["S"].as_str().unwrap().to_owned();
        self.rows("JOB#", "J").iter().map(key).collect()
    }

    fn newest_key(&self, known: &BTreeSet<String>) -> String {
        self.keys().difference(known).next().expect("no job was admitted").clone()
    }

    /// The rows of such keys.
    fn rows(&self, pk: &str, sk: &str) -> Vec<Value> {
        let mut rows = self.bundle.database.items().unwrap();
        rows.retain(|row| row["pk"]["S"].as_str().unwrap().starts_with(pk) && row["sk"]["S"] == sk);
        rows
    }
}

async fn started(worker: &Program) -> Runtime {
    let settings =
        runtime_api::Settings { clock: Arc::new(SystemClock), logs: local::logs::Logs::memory() };
    let runtime = Runtime::start(vec![worker.clone()], settings).await.unwrap();
    assert_eq!(runtime.warm_up().await, vec![]);
    runtime
}

/// A port for Slack, and the way there through the gate: the functions are told of it as they start.
async fn before_slack(gate: &Arc<Gate>) -> (u16, String) {
    let place = server::listen(0).await.unwrap();
    let port = place.local_addr().unwrap().port();
    (port, gate.before(&server::origin(&place).unwrap()).await)
}

/// Everything but the worker, Slack at this port.
fn without_worker(port: u16, settings: &[(&str, &str)]) -> Options {
    let mut binaries = functions().clone();
    binaries.remove(PERFORM);
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Options {
        page_port: port,
        settings: settings.collect(),
        sweep_every: Duration::from_hours(1),
        ..Options::new(binaries)
    }
}

fn worker(neighbours: &Addresses, secrets: &Secrets) -> Program {
    Program {
        name: PERFORM.into(),
        binary: functions()[PERFORM].clone(),
        environment: settings::of(PERFORM, neighbours, secrets),
        timeout: PATIENCE,
        background: true,
        limit: 1,
    }
}

fn status_id(value: &str) -> String {
    format!("status::{value}")
}
