//! Events that Slack delivers up to four times: one delivery has them at a time, and what was dealt
//! with stays dealt with.

use shared::store::{HearEvents, Hearing};

use super::{
    records::after,
    table::{Store, Table, at_once},
};
use crate::harness::NOON;

every_table! {
    an_event_is_heard_first_once,
    somebody_has_an_event_until_their_time_is_over,
    an_event_that_was_taken_over_is_busy_again,
    what_was_dealt_with_is_done_for_good,
    what_could_not_be_dealt_with_is_as_new,
    what_somebody_dealt_with_is_done_whatever_a_slower_one_says,
    another_event_is_another_one,
    of_many_deliveries_at_once_one_is_the_first,
    of_many_that_take_over_one_does,
}

/// Takes an event at once, for a quarter of a minute.
async fn heard_at(store: &impl Store, event: &str, secs: u64) -> Hearing {
    store.hear(event, after(secs), after(secs + 15)).await.unwrap()
}

async fn an_event_is_heard_first_once(table: impl Table) {
    let store = table.store();

    let heard = [heard_at(&store, "Ev01", 0).await, heard_at(&store, "Ev01", 0).await];

    assert_eq!(heard, [Hearing::First, Hearing::Busy]);
}

async fn somebody_has_an_event_until_their_time_is_over(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;

    let heard = [heard_at(&store, "Ev01", 14).await, heard_at(&store, "Ev01", 15).await];

    assert_eq!(heard, [Hearing::Busy, Hearing::First]);
}

async fn an_event_that_was_taken_over_is_busy_again(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;
    heard_at(&store, "Ev01", 15).await;

    let heard = [heard_at(&store, "Ev01", 29).await, heard_at(&store, "Ev01", 30).await];

    assert_eq!(heard, [Hearing::Busy, Hearing::First]);
}

async fn what_was_dealt_with_is_done_for_good(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;

    store.heard("Ev01", NOON).await.unwrap();

    for secs in [0, 15, 3600, 24 * 3600] {
        assert_eq!(heard_at(&store, "Ev01", secs).await, Hearing::Done, "{secs} s");
    }
}

async fn what_could_not_be_dealt_with_is_as_new(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;

    store.unheard("Ev01", NOON).await.unwrap();

    let heard = [heard_at(&store, "Ev01", 0).await, heard_at(&store, "Ev01", 0).await];
    assert_eq!(heard, [Hearing::First, Hearing::Busy]);
}

async fn what_somebody_dealt_with_is_done_whatever_a_slower_one_says(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;
    heard_at(&store, "Ev01", 15).await;
    store.heard("Ev01", after(15)).await.unwrap();

    let late = store.unheard("Ev01", NOON).await;

    assert_eq!(late, Ok(()));
    assert_eq!(heard_at(&store, "Ev01", 60).await, Hearing::Done);
}

async fn another_event_is_another_one(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;
    heard_at(&store, "Ev02", 0).await;
    store.heard("Ev01", NOON).await.unwrap();

    let heard = [heard_at(&store, "Ev02", 1).await, heard_at(&store, "Ev03", 1).await];

    assert_eq!(heard, [Hearing::Busy, Hearing::First]);
}

async fn of_many_deliveries_at_once_one_is_the_first(table: impl Table) {
    let store = table.store();

    let heard = at_once((0..20).map(|_| {
        let store = store.clone();
        async move { heard_at(&store, "Ev01", 0).await }
    }))
    .await;

    let firsts = heard.iter().filter(|heard| **heard == Hearing::First).count();
    let busy = heard.iter().filter(|heard| **heard == Hearing::Busy).count();
    assert_eq!((firsts, busy), (1, 19));
}

async fn of_many_that_take_over_one_does(table: impl Table) {
    let store = table.store();
    heard_at(&store, "Ev01", 0).await;

    let heard = at_once((0..20).map(|_| {
        let store = store.clone();
        async move { heard_at(&store, "Ev01", 15).await }
    }))
    .await;

    assert_eq!(heard.iter().filter(|heard| **heard == Hearing::First).count(), 1);
}
