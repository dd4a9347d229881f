//! Sentry says who it is, and that is not enough: scopes, membership, or the link itself is
//! missing.

use super::{Provider, Scene, parameter};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ALICE, ALICES, World,
        browser::{Browser, next_address},
    },
};
use local::sentry::Right;

#[tokio::test]
async fn fewer_scopes_than_asked_for_are_not_enough() {
    for granted in [
        "org:read project:read event:read",
        "project:read event:read event:write",
        "org:read project:read event:read event:admin",
        "org:read",
        "",
    ] {
        let world = World::new().await;
        let (mut browser, at_sentry) = sent_to_sentry(&world).await;
        let asked = parameter(&at_sentry, "scope").replace(' ', "+").replace(':', "%3A");
        let less = granted.replace(' ', "+").replace(':', "%3A");
        let narrowed = at_sentry.replace(&asked, &less);
        assert_ne!(narrowed, at_sentry, "{granted:?}");
        let back = world.sentry.authorize(ALICES, &narrowed).unwrap();
        let before = Before::of(&world);

        let answer = browser.get(&back).await;

        assert_answer(&answer, 403, Kind::Page, granted);
        assert!(answer.body.contains("did not grant"), "{granted:?}: {}", answer.body);
        before.assert_unbound(&world, granted);
        assert!(world.rows().flows.values().all(|flow| flow.account.is_none()), "{granted:?}");
    }
}

#[tokio::test]
async fn who_is_no_member_is_told_so_and_leaves_no_token_behind() {
    let scene = Scene::new(Provider::Sentry).await;
    scene.world.sentry.set_right(ALICES, "acme", Right::None);
    let before = Before::of(&scene.world);

    let answer = scene.get(&scene.genuine()).await;

    assert_answer(&answer, 404, Kind::Page, "no member");
    assert!(answer.body.contains("not a member"), "{}", answer.body);
    assert!(scene.flow().account.is_none());
    scene.assert_used_up(&before, "no member").await;
    scene.world.sentry.add_member(ALICES, "acme");
    scene.assert_can_begin_again().await;
}

#[tokio::test]
async fn a_link_that_was_overtaken_at_sentry_links_nothing() {
    let scene = Scene::new(Provider::Sentry).await;
    scene.world.click(ALICE, &scene.world.post_alert(), "ignored").await;
    let newer = scene.world.prompted_link(ALICE);
    Browser::of(&scene.world, ALICE, ALICES).link(&newer).await;

    // Sentry is not asked: what it would say could be bound to nobody.
    scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), "overtaken").await;
    let page = scene.get(&scene.link).await;

    assert_answer(&page, 410, Kind::Page, "overtaken");
}

#[tokio::test]
async fn an_app_that_was_removed_meanwhile_links_nothing() {
    let scene = Scene::new(Provider::Sentry).await;
    for event in scene.world.slack.uninstall() {
        scene.world.hear(&event).await;
    }

    scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), "removed").await;
    let page = scene.get(&scene.link).await;

    assert_answer(&page, 404, Kind::Page, "removed");
}

#[tokio::test]
async fn an_app_that_was_removed_and_is_back_links_nobody_by_a_link_from_before() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        scene.world.edit_installation(|installation| installation.epoch += 1).await;

        scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), "removed and back").await;
    }
}

#[tokio::test]
async fn sentry_is_asked_to_prove_possession_and_to_ask_again() {
    let world = World::new().await;
    let (_, at_sentry) = sent_to_sentry(&world).await;

    assert_eq!(parameter(&at_sentry, "response_type"), "code");
    assert_eq!(parameter(&at_sentry, "code_challenge_method"), "S256");
    assert_eq!(parameter(&at_sentry, "code_challenge").len(), 43);
    assert_eq!(parameter(&at_sentry, "force_prompt"), "1");
    assert_eq!(parameter(&at_sentry, "scope"), "org:read project:read event:read event:write");
    assert!(!at_sentry.contains("canary"), "{at_sentry}");
}

#[tokio::test]
async fn a_code_without_its_verifier_is_worth_nothing() {
    let world = World::new().await;
    let (mut browser, at_sentry) = sent_to_sentry(&world).await;
    let challenge = parameter(&at_sentry, "code_challenge");
    let swapped = at_sentry.replace(&challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let back = world.sentry.authorize(ALICES, &swapped).unwrap();
    let before = Before::of(&world);

    let answer = browser.get(&back).await;

    assert_answer(&answer, 400, Kind::Page, "another challenge");
    before.assert_unbound(&world, "another challenge");
}

/// A browser whose Slack side is proven, and where it was sent then.
async fn sent_to_sentry(world: &World) -> (Browser<'_>, String) {
    world.click(ALICE, &world.post_alert(), "resolved").await;
    let mut browser = Browser::of(world, ALICE, ALICES);
    let leaving = browser.begin(&world.prompted_link(ALICE)).await;
    let back = world.slack.authorize(ALICE, &next_address(&leaving).unwrap()).unwrap();
    let at_sentry = next_address(&browser.get(&back).await).unwrap();
    (browser, at_sentry)
}
