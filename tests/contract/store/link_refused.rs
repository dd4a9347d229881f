//! Links that are refused: each for its reason, and nothing is written.

use shared::{
    clock::Timestamp,
    flow::Stage,
    identity::{Installation, InstallationStatus},
    store::{AdmitJob, FollowFlow, LinkIdentity, LinkWrite, Linked, SaveInstallation},
};

use super::{
    records::{alice_linked, flow, installation, installed, link_write, opened, sealed},
    table::Table,
};
use crate::harness::{ALICE, ALICES, BOB, BOBS};

every_table! {
    a_slack_user_with_another_account_is_taken,
    an_account_of_another_slack_user_is_taken,
    a_link_is_refused_from_the_moment_its_flow_ends,
    a_used_flow_links_nothing,
    a_flow_that_went_on_meanwhile_links_nothing,
    a_flow_that_was_deleted_links_nothing,
    a_flow_of_an_older_epoch_links_nothing,
    a_flow_of_an_epoch_that_never_was_links_nothing,
    without_the_app_nothing_is_linked,
    after_the_app_was_removed_nothing_is_linked,
    a_job_that_is_there_already_excuses_nothing,
}

/// Tries to link; whatever the answer is, the table is as it was.
async fn refused<T: Table>(table: &T, write: &LinkWrite) -> Linked {
    let before = table.rows().await;
    let linked = table.store().link(write).await.unwrap();
    assert_eq!(table.rows().await, before, "{linked:?}");
    linked
}

async fn a_slack_user_with_another_account_is_taken(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let flow = opened(&store, flow("other account", ALICE, 1)).await;

    let answer = refused(&table, &link_write(&flow, BOBS)).await;

    assert_eq!(answer, Linked::SlackSideTaken);
}

async fn an_account_of_another_slack_user_is_taken(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let flow = opened(&store, flow("other person", BOB, 0)).await;

    let answer = refused(&table, &link_write(&flow, ALICES)).await;

    assert_eq!(answer, Linked::SentrySideTaken);
}

async fn a_link_is_refused_from_the_moment_its_flow_ends(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = link_write(&flow, ALICES);

    let answer = refused(&table, &LinkWrite { now: flow.expires, ..write.clone() }).await;

    assert_eq!(answer, Linked::Outdated);
    let just_in_time = Timestamp::from_millis(flow.expires.millis() - 1);
    let linked = store.link(&LinkWrite { now: just_in_time, ..write }).await;
    assert_eq!(linked, Ok(Linked::Yes));
}

async fn a_used_flow_links_nothing(table: impl Table) {
    let store = installed(&table).await;
    let used = opened(&store, flow("nonce", ALICE, 0)).await.used();
    store.advance(&used).await.unwrap();

    let answer = refused(&table, &link_write(&used, ALICES)).await;

    assert_eq!(answer, Linked::Outdated);
}

async fn a_flow_that_went_on_meanwhile_links_nothing(table: impl Table) {
    let store = installed(&table).await;
    let read = opened(&store, flow("nonce", ALICE, 0)).await;
    let begun_again = read.begun("another browser", sealed("link"), Stage::Offered);
    store.advance(&begun_again).await.unwrap();

    let answer = refused(&table, &link_write(&read, ALICES)).await;

    assert_eq!(answer, Linked::Outdated);
}

async fn a_flow_that_was_deleted_links_nothing(table: impl Table) {
    installed(&table).await;

    let answer = refused(&table, &link_write(&flow("deleted", ALICE, 0), ALICES)).await;

    assert_eq!(answer, Linked::Outdated);
}

async fn a_flow_of_an_older_epoch_links_nothing(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let flow = opened(&store, flow("from before", ALICE, 0)).await;

    let answer = refused(&table, &link_write(&flow, ALICES)).await;

    assert_eq!(answer, Linked::Outdated);
}

async fn a_flow_of_an_epoch_that_never_was_links_nothing(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 5)).await;

    let answer = refused(&table, &link_write(&flow, ALICES)).await;

    assert_eq!(answer, Linked::Outdated);
}

async fn without_the_app_nothing_is_linked(table: impl Table) {
    let flow = opened(&table.store(), flow("nonce", ALICE, 0)).await;

    let answer = refused(&table, &link_write(&flow, ALICES)).await;

    assert_eq!(answer, Linked::NotInstalled);
}

async fn after_the_app_was_removed_nothing_is_linked(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let removed = Installation { status: InstallationStatus::Disabled, ..installation() };
    store.save_installation(&removed).await.unwrap();

    let answer = refused(&table, &link_write(&flow, ALICES)).await;

    assert_eq!(answer, Linked::NotInstalled);
}

async fn a_job_that_is_there_already_excuses_nothing(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let other_person = opened(&store, flow("other person", BOB, 0)).await;
    let old = opened(&store, flow("from before", ALICE, 0)).await;
    let writes = [link_write(&other_person, ALICES), link_write(&old, ALICES)];
    for write in &writes {
        store.admit(write.job.as_ref().unwrap()).await.unwrap();
    }

    let answers = [refused(&table, &writes[0]).await, refused(&table, &writes[1]).await];

    assert_eq!(answers, [Linked::SentrySideTaken, Linked::Outdated]);
}
