//! What comes of an attempt: written by the worker that still has the job, and by nobody else.

use std::time::Duration;

use shared::{
    job::{Job, NotClaimed, Outcome, Retry},
    store::{WorkJobs, Written},
};

use super::{
    records::{after, job, keys_due},
    table::{Store, Table, at_once},
};
use crate::harness::NOON;

every_table! {
    a_retry_waits_for_its_time_and_keeps_what_is_known,
    a_worker_whose_lease_ran_out_changes_nothing,
    a_finished_job_is_never_claimed_or_settled_again,
    a_job_that_was_deleted_meanwhile_is_not_brought_back,
    of_many_that_finish_an_attempt_one_does,
}

/// A job in the hands of its first worker.
async fn claimed(store: &impl Store) -> Job {
    store.admit(&job("click")).await.unwrap();
    store.claim(&job("click").key, NOON).await.unwrap().unwrap()
}

async fn a_retry_waits_for_its_time_and_keeps_what_is_known(table: impl Table) {
    let store = table.store();
    let mine = claimed(&store).await;
    let retry = mine.changed_nothing().retry(after(1), Duration::from_secs(7), 0);
    let Retry::Later(next) = retry else { panic!("{retry:?}") };

    let written = store.settle(&next).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(keys_due(&store, after(9), 10).await, Ok(vec![mine.key.clone()]));
    assert_eq!(store.claim(&mine.key, after(7)).await, Ok(Err(NotClaimed::NotDue)));
    let again = store.claim(&mine.key, after(8)).await.unwrap().unwrap();
    assert_eq!((again.attempt, again.clean), (2, 1));
}

async fn a_worker_whose_lease_ran_out_changes_nothing(table: impl Table) {
    let store = table.store();
    let slow = claimed(&store).await;
    let quick = store.claim(&slow.key, after(30)).await.unwrap().unwrap();
    let before = table.rows().await;

    let late = store.settle(&slow.finish(Outcome::GaveUp)).await;

    assert_eq!(late, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
    assert_eq!(store.settle(&quick.finish(Outcome::Done)).await, Ok(Written::Yes));
}

async fn a_finished_job_is_never_claimed_or_settled_again(table: impl Table) {
    let store = table.store();
    let mine = claimed(&store).await;
    store.settle(&mine.finish(Outcome::Done)).await.unwrap();
    let before = table.rows().await;

    let settled = store.settle(&mine.finish(Outcome::GaveUp)).await;
    let claimed = store.claim(&mine.key, after(1_000_000)).await;

    assert_eq!(settled, Ok(Written::Outdated));
    assert_eq!(claimed, Ok(Err(NotClaimed::Over)));
    assert_eq!(table.rows().await, before);
}

async fn a_job_that_was_deleted_meanwhile_is_not_brought_back(table: impl Table) {
    let store = table.store();
    let gone = job("deleted").claim(NOON).unwrap();
    let before = table.rows().await;

    let settled = store.settle(&gone.finish(Outcome::Done)).await;

    assert_eq!(settled, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
}

async fn of_many_that_finish_an_attempt_one_does(table: impl Table) {
    let store = table.store();
    let mine = claimed(&store).await;

    let written = at_once((0..20).map(|_| {
        let (store, over) = (store.clone(), mine.finish(Outcome::Done));
        async move { store.settle(&over).await.unwrap() }
    }))
    .await;

    assert_eq!(written.iter().filter(|written| **written == Written::Yes).count(), 1);
}
