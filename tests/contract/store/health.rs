//! How the bundle is: the last look at Sentry, the installations that are looked after, and how many
//! jobs are overdue.

use std::collections::BTreeSet;

use shared::{
    clock::Timestamp,
    health::SentryLook,
    identity::Installation,
    ids::Tenant,
    job::{Job, Outcome},
    store::{AdmitJob, NoteLook, ReadHealth, SaveInstallation, WorkJobs},
};

use super::{
    records::{ACME, GUESTS, after, installation, installation_of, installed, job, tenant},
    table::Table,
};
use crate::harness::NOON;

every_table! {
    before_the_first_look_there_is_none,
    the_last_look_takes_the_place_of_the_one_before,
    every_installation_that_is_looked_after_is_there,
    what_is_removed_and_wiped_is_not_looked_after,
    no_more_installations_are_told_than_asked_for,
    more_installations_than_one_read_takes_are_told,
    where_nothing_is_installed_there_are_no_installations,
    only_open_jobs_whose_time_is_past_are_overdue,
    jobs_in_somebodys_hands_are_not_overdue,
}

fn look(secs: u64, version: Option<&str>) -> SentryLook {
    let version = version.map(str::to_owned);
    SentryLook { at: after(secs), reachable: version.is_some(), version }
}

fn names(installations: &[Installation]) -> BTreeSet<Tenant> {
    installations.iter().map(|found| found.tenant.clone()).collect()
}

async fn before_the_first_look_there_is_none(table: impl Table) {
    let store = installed(&table).await;

    let look = store.last_look().await;

    assert_eq!(look, Ok(None));
}

async fn the_last_look_takes_the_place_of_the_one_before(table: impl Table) {
    let store = table.store();

    for look in [look(0, Some("25.1.0")), look(300, None), look(600, Some("25.2.0"))] {
        store.note_look(&look).await.unwrap();

        assert_eq!(store.last_look().await, Ok(Some(look)));
    }
}

async fn every_installation_that_is_looked_after_is_there(table: impl Table) {
    let store = installed(&table).await;
    // Removed, but people's tokens are still to be wiped.
    let leaving = Installation { tenant: tenant(GUESTS), ..installation().removed(NOON) };
    store.save_installation(&leaving).await.unwrap();

    let mut found = store.installations(10).await.unwrap();

    found.sort_by(|one, other| one.tenant.cmp(&other.tenant));
    assert_eq!(found, [installation(), leaving]);
}

async fn what_is_removed_and_wiped_is_not_looked_after(table: impl Table) {
    let store = installed(&table).await;
    let gone = installation().removed(NOON).wiped(None, NOON);
    store.save_installation(&Installation { tenant: tenant(GUESTS), ..gone }).await.unwrap();

    let found = store.installations(10).await.unwrap();

    assert_eq!(names(&found), [tenant(ACME)].into());
}

async fn no_more_installations_are_told_than_asked_for(table: impl Table) {
    let store = table.store();
    for id in ["T0FIRST", "T0SECOND", "T0THIRD"] {
        store.save_installation(&installation_of(id)).await.unwrap();
    }

    let found = store.installations(2).await.unwrap();

    assert_eq!((found.len(), names(&found).len()), (2, 2));
}

/// A batch of DynamoDB's is a hundred keys at most.
async fn more_installations_than_one_read_takes_are_told(table: impl Table) {
    let store = table.store();
    for n in 0..120 {
        store.save_installation(&installation_of(&format!("T0NUMBER{n}"))).await.unwrap();
    }

    let found = store.installations(110).await.unwrap();

    assert_eq!(names(&found).len(), 110);
}

async fn where_nothing_is_installed_there_are_no_installations(table: impl Table) {
    let store = table.store();

    let found = store.installations(10).await;

    assert_eq!(found, Ok(Vec::new()));
}

async fn only_open_jobs_whose_time_is_past_are_overdue(table: impl Table) {
    let store = installed(&table).await;
    for (name, secs) in [("overdue", 0), ("as well", 9), ("just now", 10), ("later", 300)] {
        store.admit(&Job { next_at: after(secs), ..job(name) }).await.unwrap();
    }
    store.admit(&job("over").finish(Outcome::Done)).await.unwrap();

    let overdue = store.overdue(after(10)).await;

    assert_eq!(overdue, Ok(2));
    assert_eq!(store.overdue(Timestamp::from_millis(i64::MAX)).await, Ok(4));
    assert_eq!(store.overdue(NOON).await, Ok(0));
}

async fn jobs_in_somebodys_hands_are_not_overdue(table: impl Table) {
    let store = table.store();
    store.admit(&job("click")).await.unwrap();
    let claimed = store.claim(&job("click").key, NOON).await.unwrap().unwrap();

    let (leased, lost) = (store.overdue(after(30)).await, store.overdue(after(31)).await);
    store.settle(&claimed.finish(Outcome::Done)).await.unwrap();

    assert_eq!((leased, lost), (Ok(0), Ok(1)));
    assert_eq!(store.overdue(after(1_000_000)).await, Ok(0));
}
