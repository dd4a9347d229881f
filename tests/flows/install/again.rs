//! The same workspace once more: by somebody later, by two at the same time, and with the reply that
//! Slack gave in 2018.

use std::time::Duration;

use shared::{identity::InstallationStatus, sealing::Field};

use super::acts_in;
use crate::harness::{
    ACME, ALICE, ALICES, BOB, BOBS, CAROLS, UMBRELLA, World,
    browser::{Browser, next_address},
};

#[tokio::test]
async fn installing_again_updates_the_row_and_keeps_who_is_linked() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    world.link(BOB, BOBS).await;
    let (before, linked) = (world.installation().unwrap(), world.rows().identities);
    world.clock.advance(Duration::from_hours(1));

    let page = Browser::of(&world, BOB, BOBS).install(ACME).await;

    assert!(page.body.contains("Belay is up to date in Acme"), "{}", page.body);
    let after = world.installation().unwrap();
    assert_eq!(after.installer, BOB);
    assert_eq!(after.installed_at.since(before.installed_at), Duration::from_hours(1));
    assert_eq!((acts_in(&after), after.epoch), (vec![ACME], before.epoch));
    assert_eq!(world.rows().identities, linked);
}

#[tokio::test]
async fn who_is_linked_and_installs_again_is_not_asked_to_link() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    world.link(ALICE, ALICES).await;

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    let told = world.direct_words(ALICE);
    assert!(told.contains("Your own Sentry account is linked already"), "{told}");
    assert!(!told.contains("/link-identity/"), "{told}");
}

#[tokio::test]
async fn after_installing_again_clicks_are_answered_with_the_new_token() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    world.link(ALICE, ALICES).await;
    let alert = world.post_alert();

    Browser::of(&world, BOB, BOBS).install(ACME).await;
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by"), "{}", world.words_of(&alert));
}

#[tokio::test]
async fn a_name_that_changed_in_sentry_is_taken_over() {
    let world = World::new().await;
    let mut row = world.installation().unwrap();
    row.organizations[0].name = "Acme of old".into();
    shared::store::SaveInstallation::save_installation(&world.store, &row).await.unwrap();

    Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert_eq!(world.installation().unwrap().organizations[0].name, "Acme Inc");
}

#[tokio::test]
async fn of_two_admins_at_the_same_time_both_are_installed_and_told() {
    let world = World::bare().await;
    let mut alice = Browser::of(&world, ALICE, ALICES);
    let mut bob = Browser::of(&world, BOB, BOBS);
    let (alices, bobs) = (alice.choose(ACME).await, bob.choose(ACME).await);

    let (one, other) = tokio::join!(alice.follow(alices), bob.follow(bobs));

    assert_eq!((one.status, other.status), (200, 200));
    let row = world.installation().unwrap();
    assert_eq!((row.version, acts_in(&row)), (2, vec![ACME]));
    for user in [ALICE, BOB] {
        assert_eq!(world.slack.direct_messages(user).len(), 1, "{user}");
    }
}

#[tokio::test]
async fn of_two_organizations_at_the_same_time_the_later_one_is_asked_about() {
    let world = World::bare().await;
    let mut alice = Browser::of(&world, ALICE, ALICES);
    let mut carol = Browser::of(&world, BOB, CAROLS);
    let (alices, carols) = (alice.choose(ACME).await, carol.choose(UMBRELLA).await);

    let (one, other) = tokio::join!(alice.follow(alices), carol.follow(carols));

    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(world.installation().unwrap().organizations.len(), 1);
}

#[tokio::test]
async fn the_reply_of_2018_installs_as_well() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let leaving = browser.choose(ACME).await;
    world.slack.next_install_reply_of_2018();

    let done = browser.follow(leaving).await;

    assert_eq!(done.status, 200, "{}", done.body);
    let row = world.installation().unwrap();
    let token = world.sealer.open(row.owner(), Field::BotToken, &row.bot_token).unwrap();
    assert!(token.expose().starts_with("xoxa-"));
    assert_eq!((row.status, row.installer.as_str()), (InstallationStatus::Active, ALICE));
    assert_eq!((row.bot_user.as_str(), row.app_id.as_str()), ("", ""));
    assert!(world.direct_words(ALICE).contains("Belay is in *Acme*"));
}

#[tokio::test]
async fn two_tabs_of_one_browser_install_once() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_slack = next_address(&browser.choose(ACME).await).unwrap();
    let back = browser.agreed(at_slack);

    let first = browser.get(&back).await;
    let second = browser.get(&back).await;

    assert_eq!((first.status, second.status), (303, 400));
    assert_eq!(world.installation().unwrap().version, 1);
    assert_eq!(world.slack.direct_messages(ALICE).len(), 1);
}
