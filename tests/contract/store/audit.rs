//! The audit of a workspace: finished jobs and rows of their own, by when they happened.

use std::collections::BTreeSet;

use shared::{
    audit::Row,
    clock::Timestamp,
    identity::{Installation, Person},
    ids::AccountId,
    job::{Job, Outcome},
    store::{AdmitJob, ChangeInstallation, ReadAudit, WorkJobs},
};

use super::{
    records::{
        ACME, GUESTS, after, installation, installation_of, job, person, row, tenant, whole_audit,
    },
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! {
    a_finished_job_says_who_wanted_what_and_what_came_of_it,
    finished_jobs_and_other_rows_come_together_the_oldest_first,
    an_open_job_is_not_told,
    the_interval_begins_with_its_first_moment_and_ends_before_its_last,
    an_interval_without_a_moment_is_empty,
    another_workspace_has_an_audit_of_its_own,
    the_same_event_written_down_twice_is_one_row,
    more_rows_than_one_read_takes_are_all_there,
}

/// A job of Alice's, admitted so many seconds after noon and carried out at once.
async fn finished(store: &impl Store, name: &str, secs: u64) -> Job {
    let admitted = Job { admitted_at: after(secs), next_at: after(secs), ..job(name) };
    store.admit(&admitted).await.unwrap();
    let claimed = store.claim(&admitted.key, after(secs)).await.unwrap().unwrap();
    let account = AccountId::parse(ALICES).unwrap();
    let over = claimed.done_as(Some(&account)).finish(Outcome::Done);
    store.settle(&over).await.unwrap();
    over
}

/// The workspace's installation changes for the `version`th time, and a row says so.
async fn changed(store: &impl Store, version: u64, row: &Row) {
    let next = Installation { version, ..installation() };
    store.change_installation(&next, Some(row)).await.unwrap();
}

async fn a_finished_job_says_who_wanted_what_and_what_came_of_it(table: impl Table) {
    let store = table.store();
    let over = finished(&store, "click", 5).await;

    let rows = whole_audit(&store, ACME).await;

    let expected = Row {
        at: after(5),
        tenant: tenant(ACME),
        who: Some(ALICE.into()),
        account: AccountId::parse(ALICES).ok(),
        what: "ignored:archived_until_escalating".into(),
        organization: over.organization,
        issue: Some(over.issue),
        result: "DONE".into(),
    };
    assert_eq!(rows, [expected]);
}

async fn finished_jobs_and_other_rows_come_together_the_oldest_first(table: impl Table) {
    let store = table.store();
    let second = finished(&store, "second", 20).await;
    changed(&store, 1, &row("first", after(10))).await;
    let fourth = finished(&store, "fourth", 40).await;
    changed(&store, 2, &row("third", after(30))).await;

    let rows = whole_audit(&store, ACME).await;

    let [second, fourth] = [second, fourth].map(|job| Row::of_job(&job).unwrap());
    assert_eq!(rows, [row("first", after(10)), second, row("third", after(30)), fourth]);
}

async fn an_open_job_is_not_told(table: impl Table) {
    let store = table.store();
    store.admit(&job("open")).await.unwrap();
    store.admit(&job("claimed")).await.unwrap();
    store.claim(&job("claimed").key, NOON).await.unwrap().unwrap();

    let rows = whole_audit(&store, ACME).await;

    assert_eq!(rows, []);
}

async fn the_interval_begins_with_its_first_moment_and_ends_before_its_last(table: impl Table) {
    let store = table.store();
    let moment = |millis| Timestamp::from_millis(NOON.millis() + millis);
    for (version, (what, at)) in
        (1..).zip([("too early", 999), ("first", 1000), ("last", 1999), ("too late", 2000)])
    {
        changed(&store, version, &row(what, moment(at))).await;
    }
    finished(&store, "click", 2).await;

    let rows = store.audit(&tenant(ACME), moment(1000), moment(2000)).await;

    assert_eq!(rows, Ok(vec![row("first", moment(1000)), row("last", moment(1999))]));
}

async fn an_interval_without_a_moment_is_empty(table: impl Table) {
    let store = table.store();
    changed(&store, 1, &row("install", NOON)).await;

    let no_moment = store.audit(&tenant(ACME), NOON, NOON).await;
    let backwards = store.audit(&tenant(ACME), after(1), NOON).await;

    assert_eq!([no_moment, backwards], [Ok(Vec::new()), Ok(Vec::new())]);
}

async fn another_workspace_has_an_audit_of_its_own(table: impl Table) {
    let store = table.store();
    let longer = format!("{ACME}0");
    changed(&store, 1, &row("install", NOON)).await;
    for id in [GUESTS, &longer] {
        let row = Row { tenant: tenant(id), ..row("install", NOON) };
        store.change_installation(&installation_of(id), Some(&row)).await.unwrap();
    }
    let person = Person { tenant: tenant(GUESTS), ..person(ALICE) };
    store.admit(&Job { person, ..job("theirs") }.finish(Outcome::Done)).await.unwrap();

    let acmes = whole_audit(&store, ACME).await;
    let guests = whole_audit(&store, GUESTS).await;

    assert_eq!(acmes, [row("install", NOON)]);
    assert_eq!(guests.len(), 2);
    assert!(guests.iter().all(|row| row.tenant == tenant(GUESTS)), "{guests:?}");
    assert_eq!(whole_audit(&store, &longer).await.len(), 1);
}

async fn the_same_event_written_down_twice_is_one_row(table: impl Table) {
    let store = table.store();
    changed(&store, 1, &row("install", NOON)).await;

    changed(&store, 2, &row("install", NOON)).await;

    assert_eq!(whole_audit(&store, ACME).await, [row("install", NOON)]);
}

async fn more_rows_than_one_read_takes_are_all_there(table: impl Table) {
    let store = table.store();
    let moments: Vec<u64> = (0..1_200).collect();
    for batch in moments.chunks(100) {
        at_once(batch.iter().map(|n| {
            let admitted = Job { admitted_at: after(*n), ..job(&n.to_string()) };
            let store = store.clone();
            async move { store.admit(&admitted.finish(Outcome::Done)).await.unwrap() }
        }))
        .await;
    }

    let rows = whole_audit(&store, ACME).await;

    assert!(rows.is_sorted_by_key(|row| row.at));
    let distinct: BTreeSet<Timestamp> = rows.iter().map(|row| row.at).collect();
    assert_eq!((rows.len(), distinct.len()), (1_200, 1_200));
}
