//! Installations that somebody has to look after: found when it is time, the most overdue first.

use shared::{
    clock::Timestamp,
    identity::Installation,
    store::{AdmitJob, ChangeInstallation, SaveInstallation, TendInstallations},
};

use super::{
    records::{ACME, GUESTS, after, installation, installation_of, job, keys_due, tenant},
    table::{Store, Table},
};
use crate::harness::NOON;

every_table! {
    the_most_overdue_come_first_and_no_more_than_asked_for,
    an_installation_is_due_only_after_its_time,
    one_that_nobody_looks_after_is_never_due,
    one_that_somebody_has_taken_is_due_when_the_lease_is_over,
    a_removed_one_is_due_until_everybodys_tokens_are_wiped,
    open_jobs_are_no_installations,
}

const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// The app in a workspace, to be looked after then.
async fn due_at(store: &impl Store, id: &str, next_at: Option<Timestamp>) -> Installation {
    let installation = Installation { next_at, ..installation_of(id) };
    store.save_installation(&installation).await.unwrap();
    installation
}

async fn the_most_overdue_come_first_and_no_more_than_asked_for(table: impl Table) {
    let store = table.store();
    for (id, secs) in [("T0THIRD", 30), ("T0FIRST", 1), ("T0FOURTH", 200), ("T0SECOND", 4)] {
        due_at(&store, id, Some(after(secs))).await;
    }

    let all = store.due_installations(after(1000), 10).await.unwrap();
    let two = store.due_installations(after(1000), 2).await.unwrap();

    assert_eq!(all, ["T0FIRST", "T0SECOND", "T0THIRD", "T0FOURTH"].map(tenant));
    assert_eq!(two, ["T0FIRST", "T0SECOND"].map(tenant));
}

async fn an_installation_is_due_only_after_its_time(table: impl Table) {
    let store = table.store();
    due_at(&store, ACME, Some(NOON)).await;

    let at = store.due_installations(NOON, 10).await;
    let past = store.due_installations(Timestamp::from_millis(NOON.millis() + 1), 10).await;

    assert_eq!(at, Ok(Vec::new()));
    assert_eq!(past, Ok(vec![tenant(ACME)]));
}

async fn one_that_nobody_looks_after_is_never_due(table: impl Table) {
    let store = table.store();
    due_at(&store, ACME, None).await;
    due_at(&store, GUESTS, Some(NOON)).await;

    let due = store.due_installations(EVER, 10).await;

    assert_eq!(due, Ok(vec![tenant(GUESTS)]));
}

async fn one_that_somebody_has_taken_is_due_when_the_lease_is_over(table: impl Table) {
    let store = table.store();
    let found = due_at(&store, ACME, Some(NOON)).await;
    store.change_installation(&found.claimed(after(5)), None).await.unwrap();

    let leased = store.due_installations(after(35), 10).await;
    let over = store.due_installations(after(36), 10).await;

    assert_eq!(leased, Ok(Vec::new()));
    assert_eq!(over, Ok(vec![tenant(ACME)]));
}

async fn a_removed_one_is_due_until_everybodys_tokens_are_wiped(table: impl Table) {
    let store = table.store();
    store.save_installation(&installation()).await.unwrap();
    let removed = installation().removed(after(5));
    store.change_installation(&removed, None).await.unwrap();
    let to_wipe = store.due_installations(after(6), 10).await;

    store.change_installation(&removed.wiped(None, after(7)), None).await.unwrap();

    assert_eq!(to_wipe, Ok(vec![tenant(ACME)]));
    assert_eq!(store.due_installations(EVER, 10).await, Ok(Vec::new()));
}

async fn open_jobs_are_no_installations(table: impl Table) {
    let store = table.store();
    store.admit(&job("click")).await.unwrap();
    due_at(&store, ACME, Some(NOON)).await;

    let installations = store.due_installations(EVER, 10).await.unwrap();
    let jobs = keys_due(&store, EVER, 10).await.unwrap();

    assert_eq!((installations.len(), jobs.len()), (1, 1));
}
