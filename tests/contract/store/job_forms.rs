//! Rows that another version of the bundle wrote: a deployment changes in the middle of a click, and
//! an old worker meets a new record or the other way round.
//!
//! What the version before wrote is kept here as it stood in the table, without a field that has come
//! since; a version of tomorrow writes fields that nobody knows. The real worker carries both out.

use std::time::Duration;

use local::slack::MessageTs;
use serde_json::{Map, Value, from_str, json};
use shared::{job::JobKey, sealing::Field, secret::Secret};

use super::{
    dynamo::Dynamo,
    records::{after, copied, keys_due, person},
    table::Table,
};
use crate::{
    faults::table::{Table as Breakable, status_of},
    harness::{ALICE, ALICES, World, queue::sqs_event},
};

every_table! { tables(dynoxide, dynamodb_local) {
    a_job_of_before_is_carried_out,
    a_job_that_says_more_than_is_known_is_carried_out,
    a_click_of_before_gives_way_to_a_newer_one_of_before,
    a_click_gives_way_to_a_newer_one_that_says_more_than_is_known,
    a_job_that_wants_what_is_not_known_is_not_carried_out_and_says_so,
    what_is_admitted_today_has_all_that_the_version_before_reads,
}}

/// A click as the version before sealed it. What an alert of the test has of its own is in capitals.
const CLICK: &str = r#"{
    "tenant": "T0ACME0001",
    "team": "T0ACME0001",
    "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
    "person_name": "alice",
    "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"},
    "issue": "4815",
    "change": "resolved",
    "alert": {
        "channel": "CHANNEL",
        "message_ts": "ALERT",
        "family": "blocks",
        "rule": 162,
        "tags": null
    },
    "response_url": "RESPONSE_URL",
    "action_ts": "1767614460.000000"
}"#;

/// Its job as the version before wrote it, a minute after noon.
const JOB: &str = r#"{
    "pk": {"S": "JOB#KEY"},
    "sk": {"S": "J"},
    "key": {"S": "KEY"},
    "person": {"M": {"tenant": {"S": "T0ACME0001"}, "user": {"S": "U0ALICE001"}}},
    "issue": {"S": "4815"},
    "change": {"S": "resolved"},
    "click": {"S": "SEALED"},
    "phase": {"S": "OPEN"},
    "attempt": {"N": "0"},
    "next_at": {"N": "1767614460000"},
    "admitted_at": {"N": "1767614460000"},
    "exp": {"N": "1768219260"},
    "due": {"S": "OPEN"}
}"#;

/// What another click left behind as the newest about the issue, a second later.
const NEWEST: &str = r#"{
    "pk": {"S": "ISS#1#4815"},
    "sk": {"S": "STATUS"},
    "organization": {"S": "1"},
    "issue": {"S": "4815"},
    "made_at": {"N": "1767614461000"},
    "job": {"S": "ANOTHER"},
    "person": {"M": {"tenant": {"S": "T0ACME0001"}, "user": {"S": "U0BOB00001"}}},
    "change": {"S": "ignored"},
    "exp": {"N": "1767700861"}
}"#;

/// Alice is linked, in front of an alert; it is a little more than a minute after noon.
struct Scene {
    world: World,
    table: Dynamo,
    alert: MessageTs,
}

impl Scene {
    async fn of(table: Dynamo) -> Self {
        let world = World::with_linked(ALICE, ALICES).await;
        copied(&world.rows(), &table.store()).await;
        world.clock.advance(Duration::from_secs(62));
        let alert = world.post_alert();
        Self { world, table, alert }
    }

    /// A click and its job stand in the table.
    async fn plant(&self, click: &str, job: Value) -> JobKey {
        let key = JobKey::of_flow("of another version");
        let payload = self.world.click_payload(ALICE, &self.alert, "resolved");
        let of_payload = |pointer: &str| payload.pointer(pointer).unwrap().as_str().unwrap();
        let click = click
            .replace("ALERT", of_payload("/message/ts"))
            .replace("CHANNEL", of_payload("/channel/id"))
            .replace("RESPONSE_URL", of_payload("/response_url"));
        let sealer = &self.world.sealer;
        let sealed = sealer.seal(person(ALICE).owner(), Field::Click, &Secret::new(click)).unwrap();
        let job = job.to_string().replace("KEY", key.as_str()).replace("SEALED", sealed.as_text());
        self.table.plant(&from_str(&job).unwrap()).await;
        key
    }

    /// The worker gets a message about it: what it answers.
    async fn work(&self, key: &JobKey) -> Value {
        self.world.perform_at(self.table.store()).handle(sqs_event(&[key])).await
    }

    async fn job(&self, key: &JobKey) -> Value {
        self.table.item(&format!("JOB#{}", key.as_str()), "J").await
    }

    async fn assert_done(&self, key: &JobKey) {
        assert_eq!(self.job(key).await["outcome"], json!({"S": "DONE"}));
        assert_eq!(self.world.sentry.issue("4815").unwrap().status, "resolved");
        let words = self.world.words_of(&self.alert);
        assert!(words.contains("*Issue resolved by <@U0ALICE001>*"), "{words}");
    }

    async fn assert_gave_way(&self, key: &JobKey) {
        assert_eq!(self.job(key).await["outcome"], json!({"S": "SUPERSEDED"}));
        assert_eq!(self.world.sentry.issue("4815").unwrap().status, "unresolved");
        let words = self.world.newest_words(ALICE);
        assert!(words.contains("<@U0BOB00001>"), "{words}");
    }
}

fn read(text: &str) -> Value {
    from_str(text).unwrap()
}

/// The same with a field more in each record in it, as a version of tomorrow may write it.
fn with_more(text: &str) -> Value {
    let mut record = read(text);
    say_more(record.as_object_mut().unwrap(), &json!({"n": 1}));
    record
}

fn say_more(record: &mut Map<String, Value>, more: &Value) {
    for inner in record.values_mut().filter_map(Value::as_object_mut) {
        say_more(inner, more);
    }
    record.insert("of_tomorrow".into(), more.clone());
}

/// The same of an item, attribute by attribute.
fn item_with_more(text: &str) -> Value {
    let mut item = read(text);
    let more = json!({"M": {"n": {"N": "1"}}});
    for attribute in item.as_object_mut().unwrap().values_mut() {
        if let Some(record) = attribute.get_mut("M").and_then(Value::as_object_mut) {
            record.insert("of_tomorrow".into(), more.clone());
        }
    }
    item["of_tomorrow"] = more;
    item
}

async fn a_job_of_before_is_carried_out(table: Dynamo) {
    let scene = Scene::of(table).await;
    let key = scene.plant(CLICK, read(JOB)).await;

    let answer = scene.work(&key).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    scene.assert_done(&key).await;
}

async fn a_job_that_says_more_than_is_known_is_carried_out(table: Dynamo) {
    let scene = Scene::of(table).await;
    let key = scene.plant(&with_more(CLICK).to_string(), item_with_more(JOB)).await;

    let answer = scene.work(&key).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    scene.assert_done(&key).await;
}

async fn a_click_of_before_gives_way_to_a_newer_one_of_before(table: Dynamo) {
    let scene = Scene::of(table).await;
    let key = scene.plant(CLICK, read(JOB)).await;
    scene.table.plant(&read(NEWEST)).await;

    let answer = scene.work(&key).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    scene.assert_gave_way(&key).await;
}

async fn a_click_gives_way_to_a_newer_one_that_says_more_than_is_known(table: Dynamo) {
    let scene = Scene::of(table).await;
    let key = scene.plant(CLICK, read(JOB)).await;
    scene.table.plant(&item_with_more(NEWEST)).await;

    let answer = scene.work(&key).await;

    assert_eq!(answer, json!({"batchItemFailures": []}));
    scene.assert_gave_way(&key).await;
}

/// It stays open, and its message in the queue: a worker of the version that knows it carries it out
/// after the lease.
async fn a_job_that_wants_what_is_not_known_is_not_carried_out_and_says_so(table: Dynamo) {
    let scene = Scene::of(table).await;
    let mut job = read(JOB);
    job["change"] = json!({"S": "a change of tomorrow"});
    let key = scene.plant(CLICK, job).await;

    let answer = scene.work(&key).await;

    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m0"}]}));
    assert_eq!(keys_due(&scene.table.store(), after(93), 10).await, Ok(vec![key]));
    assert_eq!(scene.world.sentry.issue("4815").unwrap().status, "unresolved");
}

async fn what_is_admitted_today_has_all_that_the_version_before_reads(table: Dynamo) {
    let scene = Scene::of(table).await;
    let click = scene.world.slack.click(ALICE, &scene.alert, "status::resolved", "resolved");
    let action = Breakable::before(scene.table.store()).action(&scene.world);

    let status = status_of(&action, &click.unwrap()).await;

    assert_eq!(status, 200);
    let job = scene.job(&scene.world.queue.take_due().unwrap()).await;
    let sealed = from_str(&job["click"]["S"].to_string()).unwrap();
    let sealer = &scene.world.sealer;
    let click: Value = sealer.open_json(person(ALICE).owner(), Field::Click, &sealed).unwrap();
    assert_has_all_of(&read(JOB), &job, "job");
    assert_has_all_of(&read(CLICK), &click, "click");
    assert_has_all_of(&read(NEWEST), &scene.table.item("ISS#1#4815", "STATUS").await, "newest");
}

/// Each field that is there in `before`, of the same kind.
fn assert_has_all_of(before: &Value, today: &Value, path: &str) {
    match before {
        Value::Object(fields) => {
            for (name, field) in fields {
                assert_has_all_of(field, &today[name], &format!("{path}.{name}"));
            }
        }
        Value::String(_) => assert!(today.is_string(), "{path} is {today}"),
        Value::Number(_) => assert!(today.is_number(), "{path} is {today}"),
        Value::Null => {}
        other => panic!("{path} was {other}"),
    }
}
