//! Where most of these stories begin: Alice is linked and an alert stands in the channel.

use std::{collections::BTreeSet, ops::Deref, time::Duration};

use local::{
    sentry::Change,
    slack::{CallKind, Fault, Message, MessageTs},
};
use serde_json::json;
use shared::{
    clock::{Clock, Timestamp},
    job::{Job, JobKey, Outcome},
};

use crate::harness::{ALICE, ALICES, World, queue::sqs_event};

/// The issue that all alerts of the harness are about.
pub(super) const ISSUE: &str = "4815";

/// What `chat.*` methods the bundle may answer a click with.
const CHAT: [&str; 3] = ["chat.update", "chat.postEphemeral", "chat.postMessage"];

/// Alice, linked, in front of an alert. What happened before is not counted.
pub(super) struct Scene {
    world: World,
    pub(super) alert: MessageTs,
    changes: usize,
    words: usize,
}

impl Deref for Scene {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Scene {
    pub(super) async fn new() -> Self {
        let world = World::with_linked(ALICE, ALICES).await;
        let alert = world.post_alert();
        let (changes, words) = (world.sentry.changes().len(), all_words(&world).len());
        Self { world, alert, changes, words }
    }

    /// Alice clicks, and is acknowledged.
    pub(super) async fn click_on(&self, value: &str) -> JobKey {
        let known = self.keys();
        let answer = self.click(ALICE, &self.alert, value).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        let key = self.keys().difference(&known).next().expect("no job was admitted").clone();
        JobKey::parse(&key).unwrap()
    }

    fn keys(&self) -> BTreeSet<String> {
        self.rows().jobs.into_keys().collect()
    }

    /// The job as it stands in the table.
    pub(super) fn job(&self, key: &JobKey) -> Job {
        self.rows().jobs[key.as_str()].clone()
    }

    /// How it ended, if it did.
    pub(super) fn outcome(&self, key: &JobKey) -> Option<Outcome> {
        self.job(key).outcome
    }

    /// One message for this job reaches a worker.
    pub(super) async fn wake(&self, key: &JobKey) {
        let answer = self.perform.handle(sqs_event(&[key])).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    /// Time passes.
    pub(super) fn later(&self, secs: u64) {
        self.clock.advance(Duration::from_secs(secs));
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Goes on from wake-up to wake-up until none is asked for.
    pub(super) async fn run_out(&self) {
        self.work().await;
        while let Some(wait) = self.queue.waiting().into_iter().map(|(_, wait)| wait).min() {
            self.clock.advance(wait);
            self.work().await;
        }
    }

    /// The changes that were made in Sentry through the bundle.
    pub(super) fn changes(&self) -> Vec<Change> {
        self.sentry.changes().split_off(self.changes)
    }

    /// The issue's status in Sentry.
    pub(super) fn status(&self) -> &'static str {
        self.sentry.issue(ISSUE).unwrap().status
    }

    /// What Alice was told, oldest first.
    pub(super) fn told(&self) -> Vec<String> {
        all_words(&self.world).split_off(self.words)
    }

    /// How often the alert was drawn anew.
    pub(super) fn redraws(&self) -> u32 {
        self.slack.message(&self.alert).unwrap().revision
    }

    /// What was called in Slack and how it went, since `from` entries of the log.
    pub(super) fn slack_calls(&self, from: usize) -> Vec<(CallKind, String, String)> {
        let calls = self.slack.log().split_off(from);
        calls.into_iter().map(|call| (call.kind, call.method, call.outcome)).collect()
    }

    /// Nothing of Slack works.
    pub(super) fn break_slack(&self, how: Fault) {
        self.slack.fail_response_urls(how);
        self.break_web_api(how);
    }

    /// Every `chat.*` method fails.
    pub(super) fn break_web_api(&self, how: Fault) {
        for method in CHAT {
            self.slack.fail_web_api(method, how);
        }
    }

    /// All of Slack works again.
    pub(super) fn heal_slack(&self) {
        self.slack.heal_response_urls();
        self.slack.heal_web_api();
    }
}

fn all_words(world: &World) -> Vec<String> {
    let mut told = world.slack.ephemerals(ALICE);
    told.extend(world.slack.direct_messages(ALICE));
    told.sort_by(|a, b| a.ts.cmp(&b.ts));
    told.iter().map(Message::words).collect()
}
