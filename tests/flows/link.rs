//! From a click of somebody who is not linked to the change in Sentry.

use std::sync::Arc;

use crate::harness::{
    ALICE, ALICES, BOB, BOBS, CAROLS, MALLORY, World,
    browser::{Browser, form_of},
};

#[tokio::test]
async fn the_click_that_asked_for_the_link_is_carried_out_after_it() {
    let world = World::new().await;
    let alert = world.post_alert();

    let ack = world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;
    world.work().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    assert!(done.body.contains("resolve BACKEND-12"), "{}", done.body);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
    assert_eq!(world.sentry.changes().len(), 1);
    assert_eq!(world.sentry.changes()[0].account, ALICES);
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
    assert!(world.slack.ephemerals(ALICE).iter().any(|m| m.words().contains("good to go")));
}

#[tokio::test]
async fn the_last_page_names_both_accounts_and_the_click() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;

    let page = Browser::of(&world, ALICE, BOBS).prove(&world.prompted_link(ALICE)).await;

    for named in ["alice", "Acme", "Bob Baker", "bob@acme.example", "resolve BACKEND-12"] {
        assert!(page.body.contains(named), "{named} in {}", page.body);
    }
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn a_forwarded_link_binds_nothing() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(MALLORY, &alert, "resolved").await;
    let link = world.prompted_link(MALLORY);

    let mut victim = Browser::of(&world, BOB, BOBS);
    let page = victim.prove(&link).await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("Bob Baker"), "{}", page.body);
    assert!(!page.body.contains("Mallory"), "{}", page.body);
    assert!(world.rows().identities.is_empty());
    assert!(world.rows().jobs.is_empty());
    assert!(world.sentry.log().is_empty());
}

#[tokio::test]
async fn after_a_forwarded_link_was_refused_its_owner_can_still_use_it() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    Browser::of(&world, BOB, BOBS).prove(&link).await;

    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;

    assert_eq!(done.status, 200);
    assert_eq!(world.rows().identities.len(), 1);
}

#[tokio::test]
async fn somebody_else_s_browser_cannot_finish_what_the_owner_began() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    let confirm = Browser::of(&world, ALICE, ALICES).prove(&link).await;

    let mut other = Browser::of(&world, MALLORY, ALICES);
    other.get(&link).await;
    let stolen = other.submit(&link, &form_of(&confirm).with("mine", "yes")).await;

    assert_eq!(stolen.status, 403);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn a_person_outside_the_organization_is_told_so_and_not_linked() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;

    let page = Browser::of(&world, ALICE, CAROLS).prove(&world.prompted_link(ALICE)).await;

    assert_eq!(page.status, 404);
    assert!(page.body.contains("carol@umbrella.example"), "{}", page.body);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn the_same_link_can_be_used_again_with_the_right_account() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&world, ALICE, CAROLS);
    browser.prove(&link).await;

    browser.account = ALICES.into();
    let done = browser.link(&link).await;

    assert_eq!(done.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_form_sent_fifty_times_at_once_links_once_and_tells_once() {
    let world = Arc::new(World::watched().await);
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&*world, ALICE, ALICES);
    let form = form_of(&browser.prove(&link).await).with("mine", "yes");

    let answers = world.submit_at_once(&browser.cookies, &link, &form, 50).await;
    world.work().await;

    for answer in answers {
        assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    }
    let told = world.slack.ephemerals(ALICE);
    assert_eq!(told.iter().filter(|m| m.words().contains("good to go")).count(), 1);
    assert_eq!(world.sentry.changes().len(), 1);
    let alice = world.clicker_of(ALICE).await;
    assert_eq!((alice.identity.unwrap().account.id.as_str(), alice.epoch), (ALICES, 1));
}

#[tokio::test]
async fn a_used_link_is_gone_for_every_other_browser() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);
    Browser::of(&world, ALICE, ALICES).link(&link).await;

    let page = Browser::of(&world, BOB, BOBS).get(&link).await;

    assert_eq!(page.status, 410);
    assert!(!page.body.contains("Alice"), "{}", page.body);
}

#[tokio::test]
async fn a_link_that_was_made_before_another_was_used_is_superseded() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let older = world.prompted_link(ALICE);
    world.click(ALICE, &alert, "ignored").await;
    Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;

    let page = Browser::of(&world, ALICE, ALICES).get(&older).await;

    assert_eq!(page.status, 410);
}

#[tokio::test]
async fn a_link_is_never_moved_silently() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = world.rows().identities;
    let alert = world.post_alert();

    // Bob signs in to Sentry as Alice: her account is taken in this workspace.
    world.click(BOB, &alert, "resolved").await;
    let mut browser = Browser::of(&world, BOB, ALICES);
    let link = world.prompted_link(BOB);
    let confirm = browser.prove(&link).await;
    let refused = browser.submit(&link, &form_of(&confirm).with("mine", "yes")).await;

    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("a…@a….example"), "{}", refused.body);
    assert_eq!(world.rows().identities, before);
}

#[tokio::test]
async fn a_link_that_waits_too_long_expires_and_says_how_to_get_another() {
    let world = World::new().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    let link = world.prompted_link(ALICE);

    world.clock.advance(std::time::Duration::from_mins(15));
    let page = Browser::of(&world, ALICE, ALICES).get(&link).await;

    assert_eq!(page.status, 410);
    assert!(page.body.contains("Slack"), "{}", page.body);
}
