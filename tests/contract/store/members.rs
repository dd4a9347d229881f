//! Who is linked in a workspace: all of its people, page by page, and nobody else's.

use shared::{
    ids::AccountId,
    store::{Member, RemoveMembers, SaveInstallation, TendInstallations},
};

use super::{
    records::{ACME, GUESTS, alice_linked, installation_of, installed, linked_in, tenant},
    table::{Store, Table},
};
use crate::harness::{ALICE, ALICES, BOB, BOBS};

every_table! {
    a_member_says_who_is_who_by_which_link,
    members_come_in_the_order_of_their_accounts,
    members_are_told_page_by_page,
    the_next_page_begins_behind_an_account_that_is_gone,
    only_people_of_the_workspace_are_its_members,
    a_workspace_whose_name_goes_on_is_another_one,
    where_nobody_is_linked_there_are_no_members,
}

/// These accounts, linked in a workspace that has the app.
async fn linked_accounts(store: &impl Store, id: &str, accounts: &[&str]) {
    store.save_installation(&installation_of(id)).await.unwrap();
    for account in accounts {
        linked_in(store, id, &format!("U0OF{account}"), account).await;
    }
}

fn accounts(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.account.as_str()).collect()
}

async fn a_member_says_who_is_who_by_which_link(table: impl Table) {
    let (store, alice) = alice_linked(&table).await;

    let members = store.members(&tenant(ACME), None, 10).await.unwrap();

    let Member { account, user, link_id } = &members[0];
    assert_eq!((account.as_str(), user.as_str()), (ALICES, ALICE));
    assert_eq!((link_id, members.len()), (&alice.link_id, 1));
}

/// The order is that of the text.
async fn members_come_in_the_order_of_their_accounts(table: impl Table) {
    let store = table.store();
    linked_accounts(&store, ACME, &["20", "3", "101", "1", "10"]).await;

    let members = store.members(&tenant(ACME), None, 10).await.unwrap();

    assert_eq!(accounts(&members), ["1", "10", "101", "20", "3"]);
}

async fn members_are_told_page_by_page(table: impl Table) {
    let store = table.store();
    linked_accounts(&store, ACME, &["1", "2", "3", "4", "5"]).await;

    let (mut pages, mut last) = (Vec::new(), None);
    loop {
        let page = store.members(&tenant(ACME), last.as_ref(), 2).await.unwrap();
        let Some(member) = page.last() else { break };
        last = Some(member.account.clone());
        pages.push(accounts(&page).join(" "));
    }

    assert_eq!(pages, ["1 2", "3 4", "5"]);
}

async fn the_next_page_begins_behind_an_account_that_is_gone(table: impl Table) {
    let store = table.store();
    linked_accounts(&store, ACME, &["1", "2", "3"]).await;
    let first = store.members(&tenant(ACME), None, 2).await.unwrap();
    for member in &first {
        store.remove_member(&tenant(ACME), member).await.unwrap();
    }

    let next = store.members(&tenant(ACME), Some(&first[1].account), 2).await.unwrap();
    let never_there = AccountId::parse("25").unwrap();
    let behind = store.members(&tenant(ACME), Some(&never_there), 2).await.unwrap();

    assert_eq!((accounts(&next), accounts(&behind)), (vec!["3"], vec!["3"]));
}

async fn only_people_of_the_workspace_are_its_members(table: impl Table) {
    let store = installed(&table).await;
    store.save_installation(&installation_of(GUESTS)).await.unwrap();
    // The same account in two workspaces, and somebody who is in one alone.
    linked_in(&store, ACME, ALICE, ALICES).await;
    linked_in(&store, GUESTS, BOB, ALICES).await;
    linked_in(&store, GUESTS, ALICE, BOBS).await;

    let acmes = store.members(&tenant(ACME), None, 10).await.unwrap();
    let guests = store.members(&tenant(GUESTS), None, 10).await.unwrap();

    assert_eq!(accounts(&acmes), [ALICES]);
    assert_eq!(acmes[0].user.as_str(), ALICE);
    assert_eq!(accounts(&guests), [ALICES, BOBS]);
}

async fn a_workspace_whose_name_goes_on_is_another_one(table: impl Table) {
    let store = table.store();
    let longer = format!("{ACME}0");
    linked_accounts(&store, ACME, &["1"]).await;
    linked_accounts(&store, &longer, &["2", "3"]).await;

    let shorter = store.members(&tenant(ACME), None, 10).await.unwrap();
    let longer = store.members(&tenant(&longer), None, 10).await.unwrap();

    assert_eq!((accounts(&shorter), accounts(&longer)), (vec!["1"], vec!["2", "3"]));
}

async fn where_nobody_is_linked_there_are_no_members(table: impl Table) {
    let store = installed(&table).await;

    let here = store.members(&tenant(ACME), None, 10).await;
    let nowhere = store.members(&tenant(GUESTS), None, 10).await;

    assert_eq!([here, nowhere], [Ok(Vec::new()), Ok(Vec::new())]);
}
