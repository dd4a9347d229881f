//! The newest click about an issue: the latest of its kind, and no other issue's.

use shared::{
    change::Change, clock::Timestamp, ids::IssueId, job::NewestClick, store::OrderClicks,
};

use super::{
    records::{ACME, after, job, person},
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, NOON};

every_table! {
    nothing_is_newest_before_the_first_click,
    the_newest_click_stays_in_whatever_order_they_are_noted,
    a_status_and_an_assignment_do_not_compete,
    another_issue_has_its_own_order,
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

async fn newest(store: &impl Store, like: &NewestClick) -> Option<NewestClick> {
    store.newest_click(like).await.unwrap()
}

async fn nothing_is_newest_before_the_first_click(table: impl Table) {
    assert_eq!(newest(&table.store(), &resolve(NOON)).await, None, "{ACME}");
}

async fn the_newest_click_stays_in_whatever_order_they_are_noted(table: impl Table) {
    let store = table.store();

    at_once([3, 1, 5, 2, 4].map(|secs| {
        let store = store.clone();
        async move { store.note_click(&resolve(after(secs))).await.unwrap() }
    }))
    .await;

    assert_eq!(newest(&store, &resolve(NOON)).await, Some(resolve(after(5))));
}

async fn a_status_and_an_assignment_do_not_compete(table: impl Table) {
    let store = table.store();
    let assign = click(Change::parse_assign("user:102").unwrap(), after(9));

    store.note_click(&resolve(after(1))).await.unwrap();
    store.note_click(&assign).await.unwrap();

    assert_eq!(newest(&store, &resolve(NOON)).await, Some(resolve(after(1))));
    assert_eq!(newest(&store, &assign).await, Some(assign));
}

async fn another_issue_has_its_own_order(table: impl Table) {
    let store = table.store();
    let other = NewestClick { issue: IssueId::parse("4816").unwrap(), ..resolve(after(9)) };

    store.note_click(&other).await.unwrap();

    assert_eq!(newest(&store, &resolve(NOON)).await, None);
}
