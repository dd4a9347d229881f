//! Links that are made: all of it at once.

use std::collections::BTreeSet;

use shared::{
    flow::Stage,
    job::{Job, JobKey, NotClaimed, Outcome},
    store::{AdmitJob, FollowFlow, LinkIdentity, LinkWrite, Linked, LoadClicker, WorkJobs},
};

use super::{
    records::{
        ACME, after, alice_linked, flow, identity, installed, job, keys_due, link_write, opened,
        person, tenant,
    },
    table::{Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS, NOON};

every_table! {
    a_link_writes_both_rows_the_epoch_the_flow_and_the_job,
    a_link_without_a_click_makes_no_job,
    two_people_are_linked_beside_each_other,
    the_same_pair_again_renews_the_link,
    a_job_that_is_there_already_stays_as_it_is,
    the_last_form_sent_many_times_links_once,
    whatever_races_both_sides_of_every_link_agree,
}

async fn a_link_writes_both_rows_the_epoch_the_flow_and_the_job(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await.exchanging();
    store.advance(&flow).await.unwrap();
    let write = link_write(&flow, ALICES);

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(write.identity.clone()), 1));
    let links = table.links().await;
    let half = (ALICE.to_owned(), ALICES.to_owned(), write.identity.link_id);
    assert_eq!(links.forward, [half].into());
    assert_eq!(links.reverse, links.forward);
    assert_eq!(store.flow(&flow.id).await, Ok(Some(flow.used())));
    let admitted = write.job.unwrap();
    assert_eq!(
        keys_due(&store, after(1), 10).await.as_deref(),
        Ok([admitted.key.clone()].as_slice())
    );
    assert_eq!(store.claim(&admitted.key, NOON).await, Ok(admitted.claim(NOON)));
}

async fn a_link_without_a_click_makes_no_job(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;

    let linked = store.link(&LinkWrite { job: None, ..link_write(&flow, ALICES) }).await;

    assert_eq!(linked, Ok(Linked::Yes));
    assert_eq!(keys_due(&store, after(1_000_000), 10).await, Ok(Vec::new()));
}

async fn two_people_are_linked_beside_each_other(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let flow = opened(&store, flow("bob", BOB, 0)).await;

    let linked = store.link(&link_write(&flow, BOBS)).await;

    assert_eq!(linked, Ok(Linked::Yes));
    assert_eq!(table.links().await.reverse.len(), 2);
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(alice), 1));
}

async fn the_same_pair_again_renews_the_link(table: impl Table) {
    let (store, first) = alice_linked(&table).await;
    let flow = opened(&store, flow("again", ALICE, 1)).await;
    let write = link_write(&flow, ALICES);

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes));
    assert_ne!(write.identity.link_id, first.link_id);
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(write.identity.clone()), 2));
    let links = table.links().await;
    assert_eq!(links.reverse, [(ALICE.into(), ALICES.into(), write.identity.link_id)].into());
    assert_eq!(links.forward, links.reverse);
}

async fn a_job_that_is_there_already_stays_as_it_is(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = link_write(&flow, ALICES);
    let waiting = write.job.clone().unwrap();
    store.admit(&waiting).await.unwrap();
    let claimed = store.claim(&waiting.key, NOON).await.unwrap().unwrap();
    store.settle(&claimed.finish(Outcome::Done)).await.unwrap();

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(write.identity), 1));
    assert_eq!(store.flow(&flow.id).await.unwrap().unwrap().stage, Stage::Used);
    assert_eq!(store.claim(&waiting.key, after(1000)).await, Ok(Err(NotClaimed::Over)));
}

async fn the_last_form_sent_many_times_links_once(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;

    let linked = at_once((0..20).map(|n| {
        // Every request makes up a name for the link.
        let identity = identity(ALICE, ALICES, &format!("link {n}"));
        let write = LinkWrite { identity, ..link_write(&flow, ALICES) };
        let store = store.clone();
        async move { store.link(&write).await }
    }))
    .await;

    assert_eq!(linked.iter().filter(|linked| **linked == Ok(Linked::Yes)).count(), 1, "{linked:?}");
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.epoch, 1);
    let links = table.links().await;
    assert_eq!((links.forward.len(), &links.forward), (1, &links.reverse));
}

/// Six people, six accounts, everybody tries several, all at once.
async fn whatever_races_both_sides_of_every_link_agree(table: impl Table) {
    let store = installed(&table).await;
    let mut writes = Vec::new();
    for n in 0..32 {
        let (user, account) = (format!("U0PERSON{}", n % 6), 200 + (n / 6 + n) % 6);
        let flow = opened(&store, flow(&format!("attempt {n}"), &user, 0)).await;
        let job = Job { key: JobKey::of_flow(&n.to_string()), ..job("racing") };
        writes.push(LinkWrite { job: Some(job), ..link_write(&flow, &account.to_string()) });
    }

    let linked = at_once(writes.into_iter().map(|write| {
        let store = store.clone();
        async move { store.link(&write).await }
    }))
    .await;

    let made = linked.iter().filter(|linked| **linked == Ok(Linked::Yes)).count();
    let links = table.links().await;
    let accounts = links.forward.iter().map(|(_, account, _)| account);
    assert_eq!(links.forward, links.reverse);
    assert_eq!(links.forward.len(), made, "{linked:?}");
    assert_eq!(accounts.collect::<BTreeSet<_>>().len(), made);
    assert_eq!(keys_due(&store, after(1), 100).await.unwrap().len(), made);
    assert!(made > 0, "{linked:?}");
}
