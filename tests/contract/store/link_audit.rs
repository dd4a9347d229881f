//! What is written down of links: one row for each that is made or taken apart, none for what is
//! refused.

use shared::{
    audit::Row,
    store::{
        AdmitJob, LinkIdentity, LinkWrite, Linked, RemoveIdentity, UnlinkIdentity, UnlinkWrite,
        Written,
    },
};

use super::{
    records::{
        ACME, after, alice_linked, flow, installed, link_write, opened, unlink_write, whole_audit,
    },
    table::{Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS, NOON};

every_table! {
    a_link_is_written_down,
    a_link_whose_click_was_admitted_before_is_written_down_once,
    a_link_made_anew_is_written_down_as_well,
    an_unlink_is_written_down,
    a_removal_by_button_is_written_down,
    what_is_sent_many_times_is_written_down_once,
    what_is_refused_is_not_written_down,
}

async fn a_link_is_written_down(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = LinkWrite { now: after(3), ..link_write(&flow, ALICES) };

    store.link(&write).await.unwrap();

    let row = Row::linked(&write.identity, after(3));
    assert_eq!((row.what.as_str(), row.who.as_deref()), ("link", Some(ALICE)));
    assert_eq!(whole_audit(&store, ACME).await, [row]);
}

async fn a_link_whose_click_was_admitted_before_is_written_down_once(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = link_write(&flow, ALICES);
    store.admit(write.job.as_ref().unwrap()).await.unwrap();

    store.link(&write).await.unwrap();

    assert_eq!(whole_audit(&store, ACME).await, [Row::linked(&write.identity, NOON)]);
}

async fn a_link_made_anew_is_written_down_as_well(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let flow = opened(&store, flow("again", ALICE, 1)).await;
    let write = LinkWrite { now: after(60), job: None, ..link_write(&flow, ALICES) };

    store.link(&write).await.unwrap();

    let rows = [Row::linked(&alice, NOON), Row::linked(&write.identity, after(60))];
    assert_eq!(whole_audit(&store, ACME).await, rows);
}

async fn an_unlink_is_written_down(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;

    store.unlink(&UnlinkWrite { now: after(60), ..unlink_write(&flow, &alice) }).await.unwrap();

    let rows = [Row::linked(&alice, NOON), Row::unlinked(&alice, after(60))];
    assert_eq!(whole_audit(&store, ACME).await, rows);
}

async fn a_removal_by_button_is_written_down(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;

    store.remove_identity(&alice, 1, after(60)).await.unwrap();

    let rows = [Row::linked(&alice, NOON), Row::unlinked(&alice, after(60))];
    assert_eq!(whole_audit(&store, ACME).await, rows);
}

async fn what_is_sent_many_times_is_written_down_once(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let flow = opened(&store, flow("unlink", ALICE, 1)).await;

    at_once((0..20).map(|n| {
        let write = UnlinkWrite { now: after(1 + n), ..unlink_write(&flow, &alice) };
        let store = store.clone();
        async move { store.unlink(&write).await }
    }))
    .await;

    let rows = whole_audit(&store, ACME).await;
    let whats: Vec<&str> = rows.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(whats, ["link", "unlink"]);
}

async fn what_is_refused_is_not_written_down(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;
    let taken = opened(&store, flow("taken", BOB, 0)).await;
    let late = opened(&store, flow("late", BOB, 0)).await;
    let older = opened(&store, flow("older", ALICE, 0)).await;
    let late = LinkWrite { now: late.expires, ..link_write(&late, BOBS) };
    let before = whole_audit(&store, ACME).await;

    let links = [store.link(&link_write(&taken, ALICES)).await, store.link(&late).await];
    let unlink = store.unlink(&unlink_write(&older, &alice)).await;
    let removal = store.remove_identity(&alice, 0, NOON).await;

    assert_eq!(links, [Ok(Linked::SentrySideTaken), Ok(Linked::Outdated)]);
    assert_eq!([unlink, removal], [Ok(Written::Outdated), Ok(Written::Outdated)]);
    assert_eq!(whole_audit(&store, ACME).await, before);
}
