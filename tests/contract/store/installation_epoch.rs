//! Links across the life of the app: a prompt from before a removal links nothing after it, even if
//! the app is there again.

use shared::{
    flow::Flow,
    identity::{Installation, InstallationStatus},
    store::{ChangeInstallation, LinkIdentity, Linked, LoadClicker, TendInstallations, Written},
};

use super::{
    records::{
        ACME, after, alice_linked, flow, installation, installed, link_write, opened, person, row,
        tenant,
    },
    table::{Store, Table, at_once},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS, NOON};

every_table! {
    a_prompt_from_before_a_removal_links_nothing_after_a_re_install,
    a_prompt_of_the_app_that_is_there_again_links,
    who_was_linked_before_a_removal_renews_the_link_after_it,
    of_a_removal_and_links_at_once_no_link_comes_after_the_removal,
}

/// The app removed and installed again.
async fn reinstalled(store: &impl Store) -> Installation {
    let removed = installation().removed(after(1));
    let again = Installation {
        status: InstallationStatus::Active,
        bot_token: installation().bot_token,
        installed_at: after(2),
        version: removed.version + 1,
        ..removed.clone()
    };
    for (next, what) in [(&removed, "uninstall"), (&again, "install")] {
        let written = store.change_installation(next, Some(&row(what, after(1)))).await;
        assert_eq!(written, Ok(Written::Yes));
    }
    again
}

async fn a_prompt_from_before_a_removal_links_nothing_after_a_re_install(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("from before", ALICE, 0)).await;
    reinstalled(&store).await;
    let before = table.rows().await;

    let linked = store.link(&link_write(&flow, ALICES)).await;

    assert_eq!(linked, Ok(Linked::NotInstalled));
    assert_eq!(table.rows().await, before);
}

async fn a_prompt_of_the_app_that_is_there_again_links(table: impl Table) {
    let store = installed(&table).await;
    let again = reinstalled(&store).await;
    let flow = Flow { installation_epoch: again.epoch, ..flow("anew", ALICE, 0) };
    let flow = opened(&store, flow).await;

    let linked = store.link(&link_write(&flow, ALICES)).await;

    assert_eq!((again.epoch, linked), (1, Ok(Linked::Yes)));
}

async fn who_was_linked_before_a_removal_renews_the_link_after_it(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let again = reinstalled(&store).await;
    let flow = Flow { installation_epoch: again.epoch, ..flow("anew", ALICE, 1) };
    let flow = opened(&store, flow).await;
    let write = link_write(&flow, ALICES);

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!((clicker.identity, clicker.epoch), (Some(write.identity), 2));
}

/// Whoever reads that the app is removed finds everybody who is linked, to wipe their tokens.
async fn of_a_removal_and_links_at_once_no_link_comes_after_the_removal(table: impl Table) {
    let store = installed(&table).await;
    let alices = opened(&store, flow("alice", ALICE, 0)).await;
    let bobs = opened(&store, flow("bob", BOB, 0)).await;
    let removal = {
        let store = store.clone();
        async move {
            let removed = installation().removed(NOON);
            store.change_installation(&removed, Some(&row("uninstall", NOON))).await.unwrap();
            store.members(&tenant(ACME), None, 10).await.unwrap().len()
        }
    };
    let links = [(alices, ALICES), (bobs, BOBS)].map(|(flow, account)| {
        let store = store.clone();
        async move { store.link(&link_write(&flow, account)).await }
    });

    let (seen, linked) = tokio::join!(removal, at_once(links));

    assert_eq!(table.links().await.reverse.len(), seen, "{linked:?}");
}
