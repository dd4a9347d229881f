//! Text that is empty. DynamoDB takes it since 2020; the DynamoDB Local that npm has is older.

use shared::{
    identity::{Account, Identity, Installation},
    setup::{Setup, SetupStage},
    store::{
        ChangeInstallation, FollowSetup, LinkIdentity, LinkWrite, Linked, LoadClicker, OpenSetup,
        Written,
    },
};

use super::{
    records::{
        ACME, flow, identity, installation, installed, link_write, opened, organization, person,
        row, tenant,
    },
    table::Table,
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! { tables(memory, dynoxide) {
    an_account_without_an_e_mail_is_linked,
    an_account_without_an_e_mail_installs,
    an_installation_of_which_slack_told_little_is_written,
}}

async fn an_account_without_an_e_mail_is_linked(table: impl Table) {
    let store = installed(&table).await;
    let flow = opened(&store, flow("nonce", ALICE, 0)).await;
    let write = link_write(&flow, ALICES);
    let account = Account { email: String::new(), ..write.identity.account.clone() };
    let identity = Identity { account, ..write.identity.clone() };

    let linked = store.link(&LinkWrite { identity: identity.clone(), ..write }).await;

    assert_eq!(linked, Ok(Linked::Yes));
    let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
    assert_eq!(clicker.identity, Some(identity));
}

async fn an_account_without_an_e_mail_installs(table: impl Table) {
    let store = table.store();
    let stage = SetupStage::AtSentry { state: "hash".into() };
    let begun = Setup::begin("cookie", stage, None, NOON);
    store.open_setup(&begun).await.unwrap();
    let account = identity(ALICE, ALICES, "link").account;
    let account = Account { email: String::new(), ..account };
    let proven = begun.with_admin(account, vec![organization()]);

    let written = store.advance_setup(&proven).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(store.setup(&proven.id).await, Ok(Some(proven)));
}

/// An enterprise has no subdomain.
async fn an_installation_of_which_slack_told_little_is_written(table: impl Table) {
    let store = table.store();
    let bare = Installation {
        domain: String::new(),
        name: String::new(),
        bot_user: String::new(),
        app_id: String::new(),
        ..installation()
    };

    let written = store.change_installation(&bare, Some(&row("install", NOON))).await;

    assert_eq!(written, Ok(Written::Yes));
    assert_eq!(store.installation(&tenant(ACME)).await, Ok(Some(bare)));
}
