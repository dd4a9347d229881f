//! Jobs until somebody has them: admitted once, found when they are due, claimed by one.

use shared::{
    job::{Job, JobKey, NotClaimed, Outcome},
    store::{AdmitJob, Created, WorkJobs},
};

use super::{
    records::{after, job, keys_due},
    table::{Table, at_once},
};
use crate::harness::NOON;

every_table! {
    a_job_is_admitted_once,
    of_many_that_admit_a_job_one_does,
    a_claim_counts_the_attempt_and_leases_the_job,
    a_job_is_not_claimed_before_it_is_due,
    a_job_that_is_not_there_is_over,
    of_many_workers_one_has_the_job,
    the_most_overdue_come_first_and_no_more_than_asked_for,
    a_job_is_due_only_after_its_time,
    a_leased_job_is_due_again_when_its_lease_is_over,
    a_finished_job_is_not_due_any_more,
}

async fn a_job_is_admitted_once(table: impl Table) {
    let store = table.store();
    let first = job("click");
    let second = Job { next_at: after(1000), ..first.clone() };

    let created = [store.admit(&first).await, store.admit(&second).await];

    assert_eq!(created, [Ok(Created::New), Ok(Created::Already)]);
    assert_eq!(store.claim(&first.key, NOON).await, Ok(first.claim(NOON)));
}

async fn of_many_that_admit_a_job_one_does(table: impl Table) {
    let store = table.store();

    let created = at_once((0..100).map(|_| {
        let store = store.clone();
        async move { store.admit(&job("click")).await.unwrap() }
    }))
    .await;

    assert_eq!(created.iter().filter(|created| **created == Created::New).count(), 1);
    assert_eq!(keys_due(&store, after(1), 100).await.unwrap().len(), 1);
}

async fn a_claim_counts_the_attempt_and_leases_the_job(table: impl Table) {
    let store = table.store();
    let admitted = job("click");
    store.admit(&admitted).await.unwrap();

    let first = store.claim(&admitted.key, NOON).await.unwrap();
    let early = store.claim(&admitted.key, after(29)).await.unwrap();
    let second = store.claim(&admitted.key, after(30)).await.unwrap();

    assert_eq!(first, Ok(Job { attempt: 1, next_at: after(30), ..admitted.clone() }));
    assert_eq!(early, Err(NotClaimed::NotDue));
    assert_eq!(second, Ok(Job { attempt: 2, next_at: after(60), ..admitted }));
}

async fn a_job_is_not_claimed_before_it_is_due(table: impl Table) {
    let store = table.store();
    let later = Job { next_at: after(5), ..job("later") };
    store.admit(&later).await.unwrap();
    let before = table.rows().await;

    let claimed = store.claim(&later.key, after(4)).await;

    assert_eq!(claimed, Ok(Err(NotClaimed::NotDue)));
    assert_eq!(table.rows().await, before);
    assert_eq!(store.claim(&later.key, after(5)).await, Ok(later.claim(after(5))));
}

/// An update of what is not there would make a new item.
async fn a_job_that_is_not_there_is_over(table: impl Table) {
    let store = table.store();
    store.admit(&job("click")).await.unwrap();
    let before = table.rows().await;

    let claimed = store.claim(&JobKey::of_flow("deleted"), after(1000)).await;

    assert_eq!(claimed, Ok(Err(NotClaimed::Over)));
    assert_eq!(table.rows().await, before);
}

async fn of_many_workers_one_has_the_job(table: impl Table) {
    let store = table.store();
    let admitted = job("click");
    store.admit(&admitted).await.unwrap();

    let claimed = at_once((0..50).map(|_| {
        let (store, key) = (store.clone(), admitted.key.clone());
        async move { store.claim(&key, NOON).await.unwrap() }
    }))
    .await;

    let (won, lost): (Vec<_>, Vec<_>) = claimed.into_iter().partition(Result::is_ok);
    assert_eq!(won, [admitted.claim(NOON)]);
    assert!(lost.iter().all(|lost| *lost == Err(NotClaimed::NotDue)), "{lost:?}");
}

async fn the_most_overdue_come_first_and_no_more_than_asked_for(table: impl Table) {
    let store = table.store();
    for (name, due) in [("third", 30), ("first", 1), ("fourth", 200), ("second", 4)] {
        store.admit(&Job { next_at: after(due), ..job(name) }).await.unwrap();
    }
    let keys = |names: &[&str]| names.iter().map(|name| JobKey::of_flow(name)).collect::<Vec<_>>();

    let all = keys_due(&store, after(1000), 10).await.unwrap();
    let two = keys_due(&store, after(1000), 2).await.unwrap();

    assert_eq!(all, keys(&["first", "second", "third", "fourth"]));
    assert_eq!(two, keys(&["first", "second"]));
}

async fn a_job_is_due_only_after_its_time(table: impl Table) {
    let store = table.store();
    let admitted = job("click");
    store.admit(&admitted).await.unwrap();

    let (at, past) = (keys_due(&store, NOON, 10).await, keys_due(&store, after(1), 10).await);

    assert_eq!(at, Ok(Vec::new()));
    assert_eq!(past, Ok(vec![admitted.key]));
}

async fn a_leased_job_is_due_again_when_its_lease_is_over(table: impl Table) {
    let store = table.store();
    let admitted = job("click");
    store.admit(&admitted).await.unwrap();
    store.claim(&admitted.key, NOON).await.unwrap().unwrap();

    let (leased, over) =
        (keys_due(&store, after(30), 10).await, keys_due(&store, after(31), 10).await);

    assert_eq!(leased, Ok(Vec::new()));
    assert_eq!(over, Ok(vec![admitted.key]));
}

async fn a_finished_job_is_not_due_any_more(table: impl Table) {
    let store = table.store();
    store.admit(&job("open")).await.unwrap();
    store.admit(&job("finished")).await.unwrap();
    let claimed = store.claim(&job("finished").key, NOON).await.unwrap().unwrap();

    store.settle(&claimed.finish(Outcome::Done)).await.unwrap();

    let due = keys_due(&store, after(1_000_000), 10).await;
    assert_eq!(due, Ok(vec![job("open").key]));
}
