//! Who may install for which organization: its owners and managers, as Sentry says.

use super::{acts_in, assert_nothing_installed};
use crate::harness::{
    ACME, ALICE, BOB, BOBS, CAROLS, DORAS, ERINS, UMBRELLA, World,
    browser::{Browser, form_of},
};

#[tokio::test]
async fn a_manager_may() {
    let world = World::bare().await;

    let page = Browser::of(&world, BOB, BOBS).install(ACME).await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(world.installation().unwrap().installer, BOB);
}

#[tokio::test]
async fn a_member_may_not_and_is_told_why() {
    let world = World::bare().await;

    let page = Browser::of(&world, ALICE, DORAS).prove_admin("").await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("dora@acme.example"), "{}", page.body);
    assert!(page.body.contains("owner or manager"), "{}", page.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn the_owner_of_another_organization_is_not_offered_this_one() {
    let world = World::bare().await;
    let mut carol = Browser::of(&world, ALICE, CAROLS);

    let page = carol.prove_admin("").await;
    let sent = carol.submit_install(&form_of(&page).with("organization", ACME)).await;

    assert!(page.body.contains("Umbrella") && !page.body.contains("Acme Inc"), "{}", page.body);
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_nothing_installed(&world);
}

#[tokio::test]
async fn the_slug_of_somebody_else_s_organization_opens_nothing() {
    let world = World::bare().await;

    for (account, slug) in [(CAROLS, "acme"), (DORAS, "acme"), (BOBS, "fjord"), (BOBS, "nowhere")] {
        let page = Browser::of(&world, ALICE, account).prove_admin(slug).await;
        assert_eq!(page.status, 403, "{account} at {slug}: {}", page.body);
    }

    assert_nothing_installed(&world);
}

#[tokio::test]
async fn with_one_organization_there_is_nothing_to_choose() {
    let world = World::bare().await;

    let page = Browser::of(&world, BOB, BOBS).prove_admin("").await;

    assert!(page.body.contains("Connect this organization?"), "{}", page.body);
    assert!(!page.body.contains("type=\"radio\""), "{}", page.body);
}

#[tokio::test]
async fn among_several_the_admin_chooses() {
    let world = World::bare().await;
    let mut erin = Browser::of(&world, ALICE, ERINS);

    let page = erin.prove_admin("").await;
    let leaving = erin.submit_install(&form_of(&page).with("organization", UMBRELLA)).await;
    let done = erin.follow(leaving).await;

    assert_eq!(page.body.matches("type=\"radio\"").count(), 2, "{}", page.body);
    assert!(!page.body.contains(" checked"), "nothing is chosen beforehand: {}", page.body);
    assert!(done.body.contains("Umbrella"), "{}", done.body);
    assert_eq!(acts_in(&world.installation().unwrap()), [UMBRELLA]);
}

#[tokio::test]
async fn an_organization_of_another_region_is_found_by_its_slug() {
    let world = World::bare().await;
    let mut erin = Browser::of(&world, ALICE, ERINS);

    let page = erin.prove_admin(" Fjord ").await;
    let leaving = erin.submit_install(&form_of(&page)).await;
    let done = erin.follow(leaving).await;

    assert!(page.body.contains("Fjord AS") && !page.body.contains("Umbrella"), "{}", page.body);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(acts_in(&world.installation().unwrap()), ["3"]);
}

#[tokio::test]
async fn a_token_of_the_admin_is_asked_once_and_kept_nowhere() {
    let world = World::bare().await;

    Browser::of(&world, ALICE, crate::harness::ALICES).install(ACME).await;

    assert!(world.rows().identities.is_empty());
    let setups = format!("{:?}", world.rows().setups);
    assert!(!setups.contains("tokens") && !setups.contains("s1."), "{setups}");
}
