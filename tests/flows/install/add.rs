//! A workspace that is connected already, and an admin who comes with another organization.

use super::acts_in;
use crate::harness::{
    ACME, ALICE, ALICES, Answer, BOB, CAROLS, ERINS, UMBRELLA, World,
    browser::{Browser, form_of},
};

/// Acme is connected; Carol comes with Umbrella, as Bob in Slack.
async fn asked(world: &World) -> (Browser<'_>, Answer) {
    Browser::of(world, ALICE, ALICES).install(ACME).await;
    let mut carol = Browser::of(world, BOB, CAROLS);
    let page = carol.install(UMBRELLA).await;
    (carol, page)
}

#[tokio::test]
async fn another_organization_is_asked_about_and_the_row_stays_as_it_was() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let (before, audit) = (world.installation(), world.rows().audit);

    let page = Browser::of(&world, BOB, CAROLS).install(UMBRELLA).await;

    assert_eq!(page.status, 409, "{}", page.body);
    for named in ["Acme is already connected", "Acme Inc", "Umbrella"] {
        assert!(page.body.contains(named), "{named} in {}", page.body);
    }
    assert_eq!(world.installation(), before);
    assert_eq!(world.rows().audit, audit);
    assert!(world.slack.direct_messages(BOB).is_empty());
}

#[tokio::test]
async fn who_leaves_the_page_changes_nothing() {
    let world = World::bare().await;
    let (mut carol, _) = asked(&world).await;
    let before = world.rows();

    let again = carol.install_page().await;

    assert_eq!(again.status, 409, "{}", again.body);
    assert!(world.rows() == before, "looking has changed the table");
}

#[tokio::test]
async fn after_the_admin_s_word_it_acts_in_both() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;

    let added = carol.submit_install(&form_of(&page)).await;
    let done = carol.follow(added).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Acme Inc") && done.body.contains("Umbrella"), "{}", done.body);
    assert_eq!(acts_in(&world.installation().unwrap()), [ACME, UMBRELLA]);
    assert!(world.direct_words(BOB).contains("acts in *Acme Inc*, *Umbrella*"));
}

#[tokio::test]
async fn who_adds_an_organization_does_not_get_to_decide_where_alerts_go() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;
    carol.submit_install(&form_of(&page)).await;
    // Once more for what is hers makes no difference.
    Browser::of(&world, BOB, CAROLS).install(UMBRELLA).await;

    let answer = world.command(BOB, "alerts here").await;

    assert!(
        answer.body.contains("decided by who installed the app: <@U0ALICE001>"),
        "{}",
        answer.body
    );
    let row = world.installation().unwrap();
    assert_eq!((row.installer.as_str(), row.alerts), (ALICE, None));
}

#[tokio::test]
async fn who_installed_it_is_told_what_was_added_and_by_whom() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;

    carol.submit_install(&form_of(&page)).await;

    let told = world.direct_words(ALICE);
    assert!(told.contains("<@U0BOB00001> has added"), "{told}");
    assert!(told.contains("*Umbrella* to Belay in *Acme*"), "{told}");
}

#[tokio::test]
async fn who_adds_one_to_their_own_is_told_once() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ERINS).install(ACME).await;
    let mut erin = Browser::of(&world, ALICE, ERINS);
    let page = erin.install(UMBRELLA).await;

    erin.submit_install(&form_of(&page)).await;

    // Once for each install.
    assert_eq!(world.slack.direct_messages(ALICE).len(), 2);
    assert!(world.direct_words(ALICE).contains("acts in *Acme Inc*, *Umbrella*"));
}

#[tokio::test]
async fn the_audit_says_who_added_what() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;

    carol.submit_install(&form_of(&page)).await;

    let rows = world.rows().audit;
    let row = rows.values().find(|row| row.what == "add").unwrap();
    assert_eq!(row.who.as_deref(), Some(BOB));
    assert_eq!(row.organization.as_ref().map(ToString::to_string).as_deref(), Some(UMBRELLA));
}

#[tokio::test]
async fn an_approval_from_before_a_removal_installs_nothing() {
    for is_back in [false, true] {
        let world = World::bare().await;
        let (mut carol, page) = asked(&world).await;
        for event in world.slack.uninstall() {
            world.hear(&event).await;
        }
        if is_back {
            Browser::of(&world, ALICE, ALICES).install(ACME).await;
        }
        let (before, told) = (world.installation(), world.slack.direct_messages(BOB).len());

        let sent = carol.submit_install(&form_of(&page)).await;

        assert_eq!(sent.status, 400, "{}", sent.body);
        assert!(sent.body.contains("Begin again"), "{}", sent.body);
        assert_eq!(world.installation(), before);
        assert_eq!(world.slack.direct_messages(BOB).len(), told);
    }
}

#[tokio::test]
async fn clicks_on_the_issues_of_both_are_carried_out() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;
    carol.submit_install(&form_of(&page)).await;
    world.link(BOB, ERINS).await;

    for alert in [world.post_alert(), world.post_umbrella_alert()] {
        world.click(BOB, &alert, "resolved").await;
        world.work().await;
    }

    for issue in ["4815", "9001"] {
        assert_eq!(world.sentry.issue(issue).unwrap().status, "resolved", "{issue}");
    }
}

#[tokio::test]
async fn the_word_given_twice_adds_once() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;

    for _ in 0..2 {
        let sent = carol.submit_install(&form_of(&page)).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
    }

    assert_eq!(acts_in(&world.installation().unwrap()), [ACME, UMBRELLA]);
    assert_eq!(world.slack.direct_messages(BOB).len(), 1);
}

#[tokio::test]
async fn the_word_of_a_forgotten_page_counts_for_half_an_hour() {
    let world = World::bare().await;
    let (mut carol, page) = asked(&world).await;
    let before = world.installation();

    world.clock.advance(std::time::Duration::from_mins(30));
    let sent = carol.submit_install(&form_of(&page)).await;

    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(carol.install_page().await.body.contains("Continue with Sentry"));
    assert_eq!(world.installation(), before);
}
