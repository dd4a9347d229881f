//! A worker's real process, killed with SIGKILL at every call that carrying a click out takes: as the
//! call is made, and when its answer is on the way.
//!
//! Whatever the moment: another process that gets the job when the lease is over brings it to its
//! end, Sentry has changed once, and the alert says so. A process's clock cannot be moved, so the
//! lease is ended in the table.
//!
//! `BELAY_KILLS=500` makes it as many clicks whose workers die one after the other, at calls that the
//! dice choose; without it there are a few.

use std::sync::Arc;

use local::{
    bundle::{Bundle, Options},
    installation,
    runtime_api::Program,
    slack::{Alert, MessageTs},
};
use shared::{
    change::Change,
    clock::{Clock, SystemClock, Timestamp},
    identity::{Organization, Person},
    ids::{ChannelId, IssueId, OrganizationId, SlackUserId, TeamId, Tenant},
    job::{Click, Job, JobKey, LEASE, NotClaimed},
    sealing::{Field, Sealer},
    secret::Secret,
    slack::interaction::{AlertPlace, Family},
    store::{AdmitJob, WorkJobs, Written, dynamo::DynamoStore},
};

use super::{Browser, functions, held::Gate, program, prompted_link, run, stop, words_of};
use crate::{
    faults::dice::Dice,
    harness::{ALICE, ALICES, how_many, queue::sqs_event},
};

/// The most workers of one click that die; with the one that does not, a job's attempts suffice.
const MOST_DEATHS: usize = 3;
/// A worker that takes over looks first, so it makes a few calls more than one that does not.
const MOST_CALLS: usize = 8;

/// What the clicks want by turns, so that each has something to change.
const WANTED: [&str; 2] = ["resolved", "unresolved"];

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_at_any_call_leaves_one_change_that_is_told() {
    let stage = Stage::set().await;
    let (mut clicks, mut kills) = (0, 0);
    for of_answer in [false, true] {
        for nth in 1.. {
            let click = stage.click(clicks).await;
            clicks += 1;

            if !stage.killed_at(&click, nth, of_answer).await {
                break;
            }
            kills += 1;
            stage.end_lease(&click.key).await;
            stage.carried_out(&click).await;

            let moment = format!("call {nth}, its answer: {of_answer}");
            stage.assert_done_once(&click, &moment).await;
        }
    }
    println!("{kills} processes killed");
    // Claim, two reads, the change, the answer in Slack, the end: each twice.
    assert!(kills >= 12, "{kills}");
    stop(stage.bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_click_whose_workers_die_one_after_the_other_there_is_one_change_that_is_told() {
    let stage = Stage::set().await;
    let seeds: usize = how_many("BELAY_KILLS", 4);
    let mut kills = 0;
    for seed in 0..seeds {
        let mut dice = Dice(seed as u64);
        let click = stage.click(seed).await;
        let mut moments = vec![];

        for _ in 0..=dice.below(MOST_DEATHS) {
            let (nth, of_answer) = (1 + dice.below(MOST_CALLS), dice.among(&[false, true]));
            kills += usize::from(stage.killed_at(&click, nth, of_answer).await);
            stage.end_lease(&click.key).await;
            moments.push((nth, of_answer));
        }
        stage.carried_out(&click).await;

        stage.assert_done_once(&click, &format!("seed {seed}: {moments:?}")).await;
    }
    println!("{kills} processes killed over {seeds} clicks");
    assert!(kills > 0, "nobody died");
    stop(stage.bundle).await;
}

/// A click in the table, about an alert in the channel.
struct Clicked {
    key: JobKey,
    alert: MessageTs,
    changes: usize,
}

/// Alice is linked; her clicks' worker reaches everything through a gate.
struct Stage {
    bundle: Bundle,
    gate: Arc<Gate>,
    store: DynamoStore,
    worker: Program,
}

impl Stage {
    async fn set() -> Self {
        let bundle = Bundle::start(Options::new(functions().clone())).await.unwrap();
        let alert = bundle.slack.post_alert(&Alert::type_error(&bundle.addresses.sentry));
        bundle.slack.press(ALICE, &alert, "status::resolved", "resolved").await.unwrap();
        let page = Browser::of(&bundle, ALICE, ALICES).link(&prompted_link(&bundle)).await;
        assert!(page.body.contains("has been associated"), "{}", page.body);
        super::redrawn(&bundle, &alert).await;
        bundle.sentry.change_issue_as(ALICES, "4815", "unresolved");
        let gate = Gate::new();
        let worker = worker(&bundle, &gate).await;
        let store = installation::store(&bundle.addresses.database).unwrap();
        Self { bundle, gate, store, worker }
    }

    /// Alice clicks, and is acknowledged.
    async fn click(&self, nth: usize) -> Clicked {
        let bundle = &self.bundle;
        let alert = bundle.slack.post_alert(&Alert::type_error(&bundle.addresses.sentry));
        let payload =
            bundle.slack.click_payload(ALICE, &alert, "status::resolved", "resolved").unwrap();
        let click = click(WANTED[nth % 2], &payload);
        let key = click.key();
        let sealer = Sealer::new(vec![Secret::new(&bundle.secrets.master_key)]);
        let sealed = sealer.seal_json(click.person.owner(), Field::Click, &click).unwrap();
        let job = Job::admit(key.clone(), &click, sealed, now());
        self.store.admit(&job).await.unwrap();
        Clicked { key, alert, changes: bundle.sentry.changes().len() }
    }

    /// Whether the work got as far as this call; then its process is dead.
    async fn killed_at(&self, click: &Clicked, nth: usize, of_answer: bool) -> bool {
        let runtime = run(&self.worker, &self.bundle.logs).await;
        self.gate.hold(nth, of_answer);
        let work = runtime.invoke("perform", sqs_event(&[&click.key]));
        let held = tokio::select! {
            _ = work => false,
            () = self.gate.holds() => true,
        };
        runtime.stop().await;
        self.gate.open();
        held
    }

    /// The lease of a dead worker is over.
    async fn end_lease(&self, key: &JobKey) {
        let Ok(leased) = self.store.claim(key, now().plus(LEASE)).await.unwrap() else { return };
        let ended = Job { next_at: now(), ..leased };
        assert_eq!(self.store.settle(&ended).await.unwrap(), Written::Yes);
    }

    /// A fresh process gets the job.
    async fn carried_out(&self, click: &Clicked) {
        let runtime = run(&self.worker, &self.bundle.logs).await;
        let answer = runtime.invoke("perform", sqs_event(&[&click.key])).await.unwrap();
        assert_eq!(answer, serde_json::json!({"batchItemFailures": []}));
        runtime.stop().await;
    }

    async fn assert_done_once(&self, click: &Clicked, moments: &str) {
        assert_eq!(self.changes_since(click), 1, "{moments}");
        assert!(self.is_over(&click.key).await, "{moments}");
        assert!(self.is_told(click), "{moments}");
    }

    fn changes_since(&self, click: &Clicked) -> usize {
        self.bundle.sentry.changes().len() - click.changes
    }

    async fn is_over(&self, key: &JobKey) -> bool {
        let far = now().plus(LEASE * 1000);
        self.store.claim(key, far).await.unwrap() == Err(NotClaimed::Over)
    }

    fn is_told(&self, click: &Clicked) -> bool {
        words_of(&self.bundle, &click.alert).contains(&format!("by <@{ALICE}>"))
    }
}

/// The worker with a proxy before the table, Sentry and Slack. It can wake nobody, so that only this
/// test does.
async fn worker(bundle: &Bundle, gate: &Arc<Gate>) -> Program {
    let mut addresses = bundle.addresses.clone();
    for place in [&mut addresses.database, &mut addresses.sentry, &mut addresses.slack] {
        *place = gate.before(place).await;
    }
    "http://127.0.0.1:9".clone_into(&mut addresses.sqs);
    Program { background: true, ..program("perform", &addresses, &bundle.secrets) }
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn click(wanted: &str, payload: &serde_json::Value) -> Click {
    let text = |pointer: &str| payload.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let tenant = Tenant::parse(&text("/team/id")).unwrap();
    let millis = now().millis();
    Click {
        person: Person { tenant: tenant.clone(), user: SlackUserId::parse(ALICE).unwrap() },
        team: TeamId::parse(tenant.as_str()).ok(),
        tenant,
        person_name: "alice".into(),
        organization: Organization {
            id: OrganizationId::parse("1").unwrap(),
            slug: "acme".into(),
            name: "Acme Inc".into(),
        },
        issue: IssueId::parse("4815").unwrap(),
        change: Change::parse_status(wanted).unwrap(),
        alert: AlertPlace {
            channel: ChannelId::parse(&text("/channel/id")).ok(),
            message_ts: Some(text("/message/ts")),
            family: Family::Blocks,
            rule: None,
            tags: None,
        },
        response_url: None,
        action_ts: format!("{}.{:03}000", millis / 1000, millis % 1000),
        decided_at: None,
        modal: None,
    }
}
