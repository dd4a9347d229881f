//! From a workspace without the app to a click that is carried out, and what can come in between.

mod add;
mod again;
mod refused;
mod trouble;
mod who;

use local::slack::{APP, BOT_USER};
use shared::{
    identity::{Installation, InstallationStatus},
    sealing::Field,
    slack::grant::BOT_SCOPES,
};

use crate::harness::{ACME, ALICE, ALICES, World, browser::Browser, link_in};

/// The ids of the organizations that an installation acts in.
fn acts_in(installation: &Installation) -> Vec<&str> {
    installation.organizations.iter().map(|organization| organization.id.as_str()).collect()
}

/// Nothing came of it but a setup that leads nowhere.
fn assert_nothing_installed(world: &World) {
    let rows = world.rows();
    assert!(rows.installations.is_empty(), "{:?}", rows.installations);
    assert!(rows.audit.is_empty() && rows.flows.is_empty());
    assert!(world.slack.direct_messages(ALICE).is_empty());
}

#[tokio::test]
async fn from_nothing_to_a_click_that_is_carried_out() {
    let world = World::bare().await;

    let installed = Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let told = world.direct_words(ALICE);
    assert!(world.rows().identities.is_empty(), "installing links nobody");
    let linked = Browser::of(&world, ALICE, ALICES).link(&link_in(&told)).await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert_eq!((installed.status, linked.status), (200, 200));
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert_eq!(world.sentry.changes()[0].account, ALICES);
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn the_last_page_says_where_it_is_and_leads_to_it() {
    let world = World::bare().await;

    let page = Browser::of(&world, ALICE, ALICES).install(ACME).await;

    for named in ["Belay is in Acme", "Acme Inc", "slack://app?team=T0ACME0001&amp;id=A0BELAY001"] {
        assert!(page.body.contains(named), "{named} in {}", page.body);
    }
}

#[tokio::test]
async fn the_table_holds_what_slack_granted_and_what_the_workspace_is_called() {
    let world = World::bare().await;

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    let row = world.installation().unwrap();
    let scopes: Vec<_> = BOT_SCOPES.iter().map(|scope| scope.name.to_owned()).collect();
    assert_eq!((row.status, acts_in(&row)), (InstallationStatus::Active, vec![ACME]));
    assert_eq!((row.app_id.as_str(), row.bot_user.as_str()), (APP, BOT_USER));
    assert_eq!((row.name.as_str(), row.domain.as_str()), ("Acme", "acme"));
    assert_eq!((row.installer.as_str(), row.scopes.as_slice()), (ALICE, scopes.as_slice()));
    let token = world.sealer.open(row.owner(), Field::BotToken, &row.bot_token).unwrap();
    assert!(token.expose().starts_with("xoxb-"));
    assert!(!row.bot_token.as_text().contains("xoxb"));
}

#[tokio::test]
async fn who_installed_it_is_told_what_to_do_next() {
    let world = World::bare().await;

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    let told = world.direct_words(ALICE);
    for said in ["Belay is in *Acme*", "acts in *Acme Inc*", "/invite", "/sentry link"] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert_eq!(world.slack.direct_messages(ALICE).len(), 1);
}

#[tokio::test]
async fn the_audit_says_who_installed_it_for_which_organization() {
    let world = World::bare().await;

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    let rows: Vec<_> = world.rows().audit.into_values().collect();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.what.as_str(), row.who.as_deref()), ("install", Some(ALICE)));
    assert_eq!(row.organization.as_ref().map(ToString::to_string).as_deref(), Some(ACME));
}

#[tokio::test]
async fn the_link_that_the_installer_was_sent_names_them() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let link = link_in(&world.direct_words(ALICE));

    let page = Browser::of(&world, ALICE, ALICES).get(&link).await;

    assert!(page.body.contains("alice") && !page.body.contains(ALICE), "{}", page.body);
}

#[tokio::test]
async fn the_link_that_the_installer_was_sent_links_nobody_else() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let link = link_in(&world.direct_words(ALICE));

    let page = Browser::of(&world, crate::harness::BOB, ALICES).prove(&link).await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(world.rows().identities.is_empty());
}
