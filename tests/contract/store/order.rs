//! The newest click about an issue: the latest of its kind, and no other issue's.

use shared::{
    change::Change,
    clock::Timestamp,
    ids::IssueId,
    job::{Job, NewestClick},
    store::{AdmitJob, Created, LoadClicker, WeighClick, WorkJobs},
};

use super::{
    records::{ACME, after, alice_linked, job, person, tenant},
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, NOON};

every_table! {
    nothing_is_newest_before_the_first_click,
    the_newest_click_stays_in_whatever_order_they_are_admitted,
    a_status_and_an_assignment_do_not_compete,
    another_issue_has_its_own_order,
    of_many_that_admit_a_click_in_order_one_does,
    a_job_that_there_is_takes_no_place,
    who_clicked_is_read_along_with_the_newest,
}

fn click(change: Change, made_at: Timestamp) -> NewestClick {
    let job = job("ordered");
    NewestClick {
        organization: shared::ids::OrganizationId::parse("1").unwrap(),
        issue: IssueId::parse("4815").unwrap(),
        made_at,
        job: job.key,
        person: person(ALICE),
        change,
    }
}

fn resolve(made_at: Timestamp) -> NewestClick {
    click(Change::parse_status("resolved").unwrap(), made_at)
}

/// The job of a click: each has its own.
fn job_of(click: &NewestClick) -> Job {
    job(&format!("{} {} {}", click.issue, click.change.value(), click.made_at.millis()))
}

async fn admitted(store: &impl Store, click: &NewestClick) {
    let created = store.admit_in_order(&job_of(click), click).await;
    assert_eq!(created, Ok(Created::New));
}

async fn newest(store: &impl Store, like: &NewestClick) -> Option<NewestClick> {
    store.clicker_and_newest(&tenant(ACME), like).await.unwrap().1
}

async fn nothing_is_newest_before_the_first_click(table: impl Table) {
    assert_eq!(newest(&table.store(), &resolve(NOON)).await, None, "{ACME}");
}

async fn the_newest_click_stays_in_whatever_order_they_are_admitted(table: impl Table) {
    let store = table.store();

    at_once([3, 1, 5, 2, 4].map(|secs| {
        let store = store.clone();
        async move { admitted(&store, &resolve(after(secs))).await }
    }))
    .await;

    for secs in 1..=5 {
        let job = job_of(&resolve(after(secs)));
        assert!(store.claim(&job.key, job.next_at).await.unwrap().is_ok(), "{secs}");
    }
    assert_eq!(newest(&store, &resolve(NOON)).await, Some(resolve(after(5))));
}

async fn a_status_and_an_assignment_do_not_compete(table: impl Table) {
    let store = table.store();
    let assign = click(Change::parse_assign("user:102").unwrap(), after(9));

    admitted(&store, &resolve(after(1))).await;
    admitted(&store, &assign).await;

    assert_eq!(newest(&store, &resolve(NOON)).await, Some(resolve(after(1))));
    assert_eq!(newest(&store, &assign).await, Some(assign));
}

async fn another_issue_has_its_own_order(table: impl Table) {
    let store = table.store();
    let other = NewestClick { issue: IssueId::parse("4816").unwrap(), ..resolve(after(9)) };

    admitted(&store, &other).await;

    assert_eq!(newest(&store, &resolve(NOON)).await, None);
}

async fn of_many_that_admit_a_click_in_order_one_does(table: impl Table) {
    let store = table.store();
    let clicked = resolve(NOON);

    let created = at_once((0..20).map(|_| {
        let (store, clicked) = (store.clone(), clicked.clone());
        async move { store.admit_in_order(&job_of(&clicked), &clicked).await.unwrap() }
    }))
    .await;

    assert_eq!(created.iter().filter(|created| **created == Created::New).count(), 1);
    assert_eq!(newest(&store, &clicked).await, Some(clicked));
}

async fn a_job_that_there_is_takes_no_place(table: impl Table) {
    let store = table.store();
    let first = resolve(after(1));
    admitted(&store, &first).await;
    let before = table.rows().await;

    let again = store.admit_in_order(&job_of(&first), &resolve(after(9))).await;

    assert_eq!(again, Ok(Created::Already));
    assert_eq!(table.rows().await, before);
}

async fn who_clicked_is_read_along_with_the_newest(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    admitted(&store, &resolve(after(5))).await;

    let (clicker, newest) = store.clicker_and_newest(&tenant(ACME), &resolve(NOON)).await.unwrap();

    assert_eq!(clicker.identity, Some(identity));
    assert_eq!(clicker, store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap());
    assert_eq!(newest, Some(resolve(after(5))));
}
