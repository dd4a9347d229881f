//! Days on which several things go wrong, in an order that a seed decides.
//!
//! Whatever the order: an acknowledged click ends, one click makes at most one change, and a retry
//! never overwrites what somebody decided after the click. A failure names its seed and its steps.
//!
//! The days are lived in front of the map of the tests, and in front of a table behind DynamoDB's
//! protocol. `BELAY_DAYS=5000` makes it as many before each; without it there are a few.

use std::time::Duration;

use local::{
    sentry::Mode,
    slack::{Fault, SignedRequest},
};
use perform::Perform;
use serde_json::Value;
use shared::{
    clock::{ManualClock, Timestamp},
    job::{JobKey, Outcome},
    store::{WorkJobs, memory::MemoryStore},
};

use super::{
    kept::{Kept, Standing},
    scene::{ISSUE, Scene},
    step::{
        LIKELY,
        Step::{
            self, Click, DeliverAgain, DieAfterChange, DieAfterClaim, LoseAnswer, LoseWakeUps,
            SentryFails, SentryRecovers, SlackFails, SlackRecovers, SomebodyElse, Sweep, Wait,
            WakeAgain, Work,
        },
    },
    table::{Part, Table, status_of},
};
use crate::harness::{
    ALICE, ALICES, BOBS, Dice, how_many,
    queue::{TestQueue, sqs_event, tick_event},
    watched::Watched,
};

/// As many as a debug build does in some ten seconds; each is a few dozen HTTP calls.
const SCHEDULES: u64 = 500;
/// The same where every read and write of the table is an HTTP call as well.
const SCHEDULES_BY_PROTOCOL: u64 = 60;
/// A world is used for this many: making one takes longer than a schedule.
const PER_WORLD: u64 = 10;
const STEPS: usize = 14;

/// What a click wants, and what Sentry writes down when it is done.
const WANTED: [(&str, &str); 3] =
    [("resolved", "set_resolved"), ("ignored", "set_ignored"), ("unresolved", "set_unresolved")];

/// An acknowledged click.
struct Clicked {
    key: JobKey,
    request: SignedRequest,
    at: Timestamp,
    kind: &'static str,
}

struct Day<'a, K: Kept> {
    scene: &'a Scene,
    kept: &'a K,
    table: Table<K::Store>,
    worker: Perform<Table<K::Store>, TestQueue, ManualClock>,
    dice: Dice,
    clicks: Vec<Clicked>,
    mode: Mode,
    steps: Vec<Step>,
    /// Where the issue's history stood in the morning.
    history: usize,
    seed: u64,
}

#[tokio::test]
async fn whatever_goes_wrong_every_click_ends_with_at_most_one_change() {
    live_through::<MemoryStore>(how_many("BELAY_DAYS", SCHEDULES)).await;
}

#[tokio::test]
async fn whatever_goes_wrong_before_dynamodb_every_click_ends_with_at_most_one_change() {
    live_through::<Watched>(how_many("BELAY_DAYS", SCHEDULES_BY_PROTOCOL)).await;
}

/// So many days, in front of such a table.
async fn live_through<K: Kept>(schedules: u64) {
    let (mut ends, mut steps) = (Vec::new(), Vec::new());
    for first in (0..schedules).step_by(usize::try_from(PER_WORLD).unwrap()) {
        let scene = Scene::new().await;
        let kept = K::of(&scene).await;
        for seed in first..schedules.min(first + PER_WORLD) {
            let (day_ends, day_steps) = Day::new(&scene, &kept, seed).live().await;
            ends.extend(day_ends);
            steps.extend(day_steps);
        }
    }
    let faults = steps.iter().filter(|step| step.is_fault()).count();
    println!("{schedules} days, {} clicks, {} steps, {faults} faults", ends.len(), steps.len());
    // The schedules go where they are meant to go.
    let often = |kind| ends.iter().filter(|end| **end == kind).count() as u64 * 10 > schedules;
    assert!(often(Outcome::Done) && often(Outcome::Superseded), "{ends:?}");
    assert!(faults * 4 > steps.len(), "{faults} faults in {} steps", steps.len());
}

impl<'a, K: Kept> Day<'a, K> {
    fn new(scene: &'a Scene, kept: &'a K, seed: u64) -> Self {
        scene.later(60);
        scene.queue.lose_all();
        let table = Table::before(kept.store().clone());
        Self {
            scene,
            kept,
            worker: table.perform(scene),
            table,
            dice: Dice(seed),
            clicks: Vec::new(),
            mode: Mode::Normal,
            steps: Vec::new(),
            history: scene.sentry.issue(ISSUE).unwrap().activity.len(),
            seed,
        }
    }

    /// The whole day: how its clicks ended, and what happened.
    async fn live(mut self) -> (Vec<Outcome>, Vec<Step>) {
        self.step(Click).await;
        for _ in 0..STEPS {
            let step = self.dice.among(&LIKELY);
            self.step(step).await;
        }
        self.recover().await;
        (self.judge(), self.steps)
    }

    async fn step(&mut self, step: Step) {
        self.steps.push(step);
        // No two things happen in the same millisecond.
        self.scene.clock.advance(Duration::from_millis(1));
        match step {
            Click if self.clicks.len() < 3 => self.click().await,
            Click | Work => {
                if let Some(key) = self.scene.queue.take_due() {
                    self.work(&key).await;
                }
            }
            DeliverAgain => self.deliver_again().await,
            WakeAgain => {
                let key = self.any_job();
                self.work(&key).await;
            }
            DieAfterClaim => {
                let key = self.any_job();
                drop(self.table.claim(&key, self.scene.now()).await.unwrap());
            }
            DieAfterChange => {
                let key = self.any_job();
                self.table.break_down(Part::Settle);
                self.work(&key).await;
                self.table.repair();
            }
            LoseAnswer => {
                let key = self.any_job();
                self.scene.sentry.set_mode(Mode::DropAfterApply);
                self.work(&key).await;
                self.scene.sentry.set_mode(self.mode);
            }
            SomebodyElse => {
                let (status, _) = self.dice.among(&WANTED);
                self.scene.sentry.change_issue_as(BOBS, ISSUE, status);
            }
            Wait => self.scene.later(self.dice.among(&[1, 3, 6, 18, 31, 61, 200])),
            Sweep => self.sweep().await,
            SentryFails => self.set_mode(Mode::Down),
            SentryRecovers => self.set_mode(Mode::Normal),
            SlackFails => self.scene.break_slack(Fault::ServerError),
            SlackRecovers => self.scene.heal_slack(),
            LoseWakeUps => self.scene.queue.lose_all(),
        }
    }

    async fn sweep(&self) {
        assert_eq!(self.worker.handle(tick_event()).await, Value::Null);
    }

    fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        self.scene.sentry.set_mode(mode);
    }

    fn any_job(&mut self) -> JobKey {
        let at = self.dice.below(self.clicks.len());
        self.clicks[at].key.clone()
    }

    async fn click(&mut self) {
        let scene = self.scene;
        let (value, kind) = self.dice.among(&WANTED);
        let alert = scene.post_alert();
        let known = self.kept.jobs();
        let request = scene.slack.click(ALICE, &alert, &format!("status::{value}"), value).unwrap();
        assert_eq!(self.deliver(&request).await, 200);
        let key = self.kept.jobs().into_keys().find(|key| !known.contains_key(key)).unwrap();
        let key = JobKey::parse(&key).unwrap();
        self.clicks.push(Clicked { key, request, at: scene.now(), kind });
    }

    /// Slack sends this request; the status is the answer's.
    async fn deliver(&self, request: &SignedRequest) -> i64 {
        status_of(&self.table.action(self.scene), request).await
    }

    /// The same request again; refused once its signature is too old.
    async fn deliver_again(&mut self) {
        let at = self.dice.below(self.clicks.len());
        let jobs = self.kept.jobs().len();
        let status = self.deliver(&self.clicks[at].request).await;
        assert!([200, 401].contains(&status), "{status}: {}", self.told());
        assert_eq!(self.kept.jobs().len(), jobs, "{}", self.told());
    }

    /// One message reaches a worker.
    async fn work(&self, key: &JobKey) {
        let is_retry = self.standing(key).attempt > 0;
        let overruled = self.is_overruled(key);
        let changes = self.scene.sentry.changes().len();
        self.worker.handle(sqs_event(&[key])).await;
        if is_retry && overruled {
            assert_eq!(self.scene.sentry.changes().len(), changes, "{}", self.told());
        }
    }

    fn standing(&self, key: &JobKey) -> Standing {
        self.kept.jobs()[key.as_str()]
    }

    /// Whether somebody else decided about the issue after this click.
    fn is_overruled(&self, key: &JobKey) -> bool {
        let click = self.clicks.iter().find(|click| click.key == *key).unwrap();
        let issue = self.scene.sentry.issue(ISSUE).unwrap();
        issue.activity.iter().any(|line| line.account == Some(BOBS) && line.at > click.at)
    }

    /// Everything works again, and the schedule ticks for half an hour.
    async fn recover(&mut self) {
        self.set_mode(Mode::Normal);
        self.scene.heal_slack();
        for _ in 0..30 {
            if self.clicks.iter().all(|click| self.standing(&click.key).outcome.is_some()) {
                return;
            }
            self.scene.later(60);
            self.sweep().await;
            while let Some(key) = self.scene.queue.take_due() {
                self.work(&key).await;
            }
        }
    }

    fn judge(&self) -> Vec<Outcome> {
        let ends = self.clicks.iter().map(|click| self.standing(&click.key).outcome);
        let ends: Option<Vec<Outcome>> = ends.collect();
        let ends = ends.unwrap_or_else(|| panic!("a click was lost: {}", self.told()));
        let known = [Outcome::Done, Outcome::Superseded, Outcome::GaveUp];
        assert!(ends.iter().all(|end| known.contains(end)), "{ends:?}: {}", self.told());
        let issue = self.scene.sentry.issue(ISSUE).unwrap();
        for (_, kind) in WANTED {
            let wanted = self.clicks.iter().filter(|click| click.kind == kind).count();
            let lines = issue.activity[self.history..].iter();
            let made =
                lines.filter(|line| line.account == Some(ALICES) && line.kind == kind).count();
            assert!(made <= wanted, "{made} times {kind}: {}", self.told());
        }
        ends
    }

    fn told(&self) -> String {
        format!("seed {}, {:?}", self.seed, self.steps)
    }
}
