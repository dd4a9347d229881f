//! What a click is judged by.

use shared::{
    identity::{Installation, InstallationStatus, Person},
    store::{Clicker, LinkIdentity, LinkWrite, Linked, LoadClicker, SaveInstallation},
};

use super::{
    records::{
        ACME, GUESTS, alice_linked, flow, installation, installed, link_write, opened, person,
        tenant,
    },
    table::Table,
};
use crate::harness::{ALICE, ALICES, BOB};

every_table! {
    in_an_empty_table_a_clicker_is_nobody,
    a_clicker_is_what_was_written,
    somebody_elses_link_is_not_the_clickers,
    a_guest_is_looked_up_at_home,
    a_new_installation_replaces_the_old_one_and_keeps_its_people,
    what_has_just_been_written_is_read,
}

async fn in_an_empty_table_a_clicker_is_nobody(table: impl Table) {
    let clicker = table.store().clicker(&tenant(ACME), &person(ALICE)).await;

    assert_eq!(clicker, Ok(Clicker::default()));
}

async fn a_clicker_is_what_was_written(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;

    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await;

    let expected =
        Clicker { installation: Some(installation()), identity: Some(identity), epoch: 1 };
    assert_eq!(clicker, Ok(expected));
}

async fn somebody_elses_link_is_not_the_clickers(table: impl Table) {
    let (store, _) = alice_linked(&table).await;

    let clicker = store.clicker(&tenant(ACME), &person(BOB)).await.unwrap();

    assert_eq!((clicker.identity, clicker.epoch), (None, 0));
}

/// Slack Connect: the same id in another workspace is another person.
async fn a_guest_is_looked_up_at_home(table: impl Table) {
    let (store, _) = alice_linked(&table).await;
    let guest = Person { tenant: tenant(GUESTS), ..person(ALICE) };
    let mut flow = flow("guest", ALICE, 0);
    flow.person = guest.clone();
    let flow = opened(&store, flow).await;
    let mut write = LinkWrite { job: None, ..link_write(&flow, ALICES) };
    write.identity.person = guest.clone();

    let linked = store.link(&write).await;

    assert_eq!(linked, Ok(Linked::Yes), "an account is taken per tenant");
    let clicker = store.clicker(&tenant(ACME), &guest).await.unwrap();
    assert_eq!(clicker.installation, Some(installation()));
    assert_eq!(clicker.identity, Some(write.identity));
}

async fn a_new_installation_replaces_the_old_one_and_keeps_its_people(table: impl Table) {
    let (store, identity) = alice_linked(&table).await;
    let again = Installation {
        status: InstallationStatus::Disabled,
        icon: Some("https://example.com/icon.png".into()),
        organizations: Vec::new(),
        ..installation()
    };

    store.save_installation(&again).await.unwrap();

    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.installation, Some(again));
    assert_eq!(clicker.identity, Some(identity));
}

async fn what_has_just_been_written_is_read(table: impl Table) {
    let store = installed(&table).await;
    for n in 0..20 {
        let renamed = Installation { name: format!("Acme {n}"), ..installation() };

        store.save_installation(&renamed).await.unwrap();

        let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
        assert_eq!(clicker.installation, Some(renamed));
    }
}
