//! Jobs that another version of the bundle wrote: a deployment changes in the middle of a click, and
//! an old worker meets a new record or the other way round.

use serde_json::{Value, json};
use shared::{
    job::{Job, Outcome},
    store::{AdmitJob, StoreError, WorkJobs, Written},
};

use super::{
    dynamo::Dynamo,
    records::{after, job, keys_due},
    table::Table,
};
use crate::harness::NOON;

every_table! { tables(dynoxide, dynamodb_local) {
    a_job_of_before_is_carried_out,
    a_job_that_says_more_than_is_known_is_carried_out,
    a_job_that_wants_what_is_not_known_is_not_carried_out_and_says_so,
}}

/// The job in the table, changed as another version would have written it.
async fn plant(table: &Dynamo, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Job {
    let job = job("of another version");
    table.store().admit(&job).await.unwrap();
    let mut item = table.item(&format!("JOB#{}", job.key.as_str()), "J").await;
    change(item.as_object_mut().unwrap());
    table.plant(&item).await;
    job
}

/// Carries the job out; nothing is left to be done.
async fn finish(table: &Dynamo, job: &Job) -> Job {
    let store = table.store();
    let claimed = store.claim(&job.key, NOON).await.unwrap().unwrap();
    assert_eq!(store.settle(&claimed.finish(Outcome::Done)).await, Ok(Written::Yes));
    assert_eq!(store.due(after(1000), 10).await, Ok(Vec::new()));
    claimed
}

async fn a_job_of_before_is_carried_out(table: Dynamo) {
    let job = plant(&table, |item| {
        for since in ["clean", "url_uses", "noted", "organization"] {
            assert!(item.remove(since).is_some(), "{since}");
        }
    })
    .await;

    let claimed = finish(&table, &job).await;

    assert_eq!(claimed, Job { attempt: 1, next_at: after(30), organization: None, ..job });
}

async fn a_job_that_says_more_than_is_known_is_carried_out(table: Dynamo) {
    let job = plant(&table, |item| {
        item.insert("of_tomorrow".into(), json!({"S": "something"}));
    })
    .await;

    let claimed = finish(&table, &job).await;

    assert_eq!(claimed, Job { attempt: 1, next_at: after(30), ..job });
}

/// It stays open: a worker of the version that knows it carries it out after the lease.
async fn a_job_that_wants_what_is_not_known_is_not_carried_out_and_says_so(table: Dynamo) {
    let job = plant(&table, |item| {
        item.insert("change".into(), json!({"S": "a change of tomorrow"}));
    })
    .await;

    let claimed = table.store().claim(&job.key, NOON).await;

    assert_eq!(claimed, Err(StoreError::Corrupt));
    assert_eq!(keys_due(&table.store(), after(31), 10).await, Ok(vec![job.key]));
}
