//! A finished job as an item: it has moved to the audit, and keeps no way to answer the click.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    job::{Job, Outcome, Retry},
    store::{AdmitJob, WorkJobs},
};

use super::{
    dynamo::Dynamo,
    records::{ACME, after, job, sealed, whole_audit},
    table::Table,
};
use crate::harness::NOON;

every_table! { tables(dynoxide, dynamodb_local) {
    a_job_moves_from_the_open_ones_to_the_audit_when_it_is_over,
    a_job_that_is_tried_again_stays_among_the_open_ones,
    a_finished_job_keeps_no_click,
    an_audit_of_several_pages_is_read_to_its_end,
}}

/// A job in the hands of its first worker.
async fn claimed(table: &Dynamo) -> Job {
    let store = table.store();
    store.admit(&job("click")).await.unwrap();
    store.claim(&job("click").key, NOON).await.unwrap().unwrap()
}

async fn item(table: &Dynamo, job: &Job) -> Value {
    table.item(&format!("JOB#{}", job.key.as_str()), "J").await
}

async fn a_job_moves_from_the_open_ones_to_the_audit_when_it_is_over(table: Dynamo) {
    let mine = claimed(&table).await;
    let open = item(&table, &mine).await;

    table.store().settle(&mine.finish(Outcome::Done)).await.unwrap();

    let over = item(&table, &mine).await;
    assert_eq!(open["due"], json!({"S": "OPEN"}));
    assert_eq!(over["due"], json!({"S": format!("AUD#{ACME}")}));
    assert_eq!(over["next_at"], json!({"N": NOON.millis().to_string()}));
}

async fn a_job_that_is_tried_again_stays_among_the_open_ones(table: Dynamo) {
    let mine = claimed(&table).await;
    let retry = mine.retry(after(1), Duration::ZERO, 0);
    let Retry::Later(next) = retry else { panic!("{retry:?}") };

    table.store().settle(&next).await.unwrap();

    let open = item(&table, &mine).await;
    assert_eq!(open["due"], json!({"S": "OPEN"}));
    assert_eq!(open["click"], json!({"S": sealed("click").as_text()}));
}

async fn a_finished_job_keeps_no_click(table: Dynamo) {
    let mine = claimed(&table).await;
    let open = item(&table, &mine).await.to_string();

    table.store().settle(&mine.finish(Outcome::Done)).await.unwrap();

    let over = item(&table, &mine).await.to_string();
    let click = sealed("click");
    assert!(open.contains(click.as_text()), "{open}");
    assert!(!over.contains(click.as_text()), "{over}");
}

/// A page of the index is a megabyte: keys as long as DynamoDB takes them fill three.
async fn an_audit_of_several_pages_is_read_to_its_end(table: Dynamo) {
    let rows = 1_100;
    let items = (0..rows).map(|n| {
        let at = NOON.millis() + n;
        json!({
            "pk": {"S": format!("AUD#{n:>02000}")}, "sk": {"S": "A"},
            "due": {"S": format!("AUD#{ACME}")}, "next_at": {"N": at.to_string()},
            "at": {"N": at.to_string()}, "tenant": {"S": ACME},
            "what": {"S": "install"}, "result": {"S": "DONE"},
        })
    });
    table.plant_all(items.collect()).await;

    let read = whole_audit(&table.store(), ACME).await;

    let moments: Vec<i64> = read.iter().map(|row| row.at.millis() - NOON.millis()).collect();
    assert_eq!(moments, (0..rows).collect::<Vec<_>>());
}
