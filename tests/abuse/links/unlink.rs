//! Unlinking: proof of one side is needed, once is enough, and there may be nothing to unlink.

use std::sync::Arc;

use shared::{
    browser::COOKIE,
    clock::Clock,
    flow::FlowPurpose,
    ids::SlackUserId,
    prompt::{Asked, Prompter},
    routes::Urls,
    slack::reply_to::ReplyTo,
    store::OpenFlow,
};
use url::Url;

use super::{Door, Scene, fresh_link};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ALICE, ALICES, BOB, BOBS, MALLORY, PUBLIC_URL, World,
        browser::{Browser, form_of},
    },
};

#[tokio::test]
async fn who_is_neither_side_of_the_link_unlinks_nothing() {
    for (with, status, named) in
        [("slack", 403, "Mallory Moss"), ("sentry", 403, "bob@acme.example")]
    {
        let scene = Scene::new(Door::Unlink).await;
        let before = Before::of(&scene.world);
        let mut mallory = Browser::of(&scene.world, MALLORY, BOBS);
        let form = form_of(&mallory.get(&scene.link).await).with("with", with);

        let leaving = mallory.submit(&scene.link, &form).await;
        let page = mallory.follow(leaving).await;

        assert_answer(&page, status, Kind::Page, with);
        assert!(page.body.contains(named), "{with}: {}", page.body);
        assert!(!page.body.contains("alice"), "{with}: {}", page.body);
        before.assert_unbound(&scene.world, with);
        scene.assert_works().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_form_sent_fifty_times_at_once_unlinks_once_and_tells_once() {
    let world = Arc::new(World::watched().await);
    world.link(ALICE, ALICES).await;
    world.sentry.remove_member(ALICES, "acme");
    let link = fresh_link(&world).await;
    let mut browser = Browser::of(&*world, ALICE, ALICES);
    let form = form_of(&browser.prove(&link).await).with("sure", "yes");

    let answers = world.submit_at_once(&browser.cookies, &link, &form, 50).await;

    for answer in answers {
        assert_answer(&answer, 303, Kind::Empty, "one of fifty");
        assert_eq!(answer.headers["location"], link.as_str());
    }
    let told = world.slack.ephemerals(ALICE);
    assert_eq!(told.iter().filter(|m| m.words().contains("has been unlinked")).count(), 1);
    let alice = world.clicker_of(ALICE).await;
    assert_eq!((alice.identity, alice.epoch), (None, 2));
}

#[tokio::test]
async fn where_nothing_is_linked_nothing_is_unlinked() {
    let world = World::with_linked(ALICE, ALICES).await;
    let link = link_for_bob(&world).await;
    let mut browser = Browser::of(&world, BOB, BOBS);
    browser.plant(COOKIE, "a-cookie");
    let before = Before::of(&world);

    for body in ["", "step=begin&with=slack", "step=confirm", "step=relink"] {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let page = browser.request(method, &link, body, &[]).await;
        assert_answer(&page, 200, Kind::Page, body);
        before.assert_untouched(&world, body);
    }
}

#[tokio::test]
async fn after_an_unlink_the_next_click_asks_for_a_link_and_asks_sentry_nothing() {
    let scene = Scene::new(Door::Unlink).await;
    scene.assert_works().await;
    let asked = scene.world.sentry.log().len();

    scene.world.click(ALICE, &scene.world.post_alert(), "resolved").await;
    scene.world.work().await;

    assert!(scene.world.newest_words(ALICE).contains("Link your identity now"));
    assert_eq!(scene.world.sentry.log().len(), asked);
}

#[tokio::test]
async fn the_offer_to_link_again_is_for_the_browser_that_unlinked() {
    let scene = Scene::new(Door::Unlink).await;
    let mut browser = scene.browser();
    let done = browser.unlink(&scene.link).await;
    let offer = form_of(&done);
    let before = Before::of(&scene.world);

    let mut stranger = Browser::of(&scene.world, BOB, BOBS);
    stranger.plant(COOKIE, "another-browser-s-cookie");
    let elsewhere = stranger.submit(&scene.link, &offer).await;
    let forged = browser.submit(&scene.link, &offer.clone().with("form_token", "a.b")).await;
    let foreign = browser.request("POST", &scene.link, "step=relink", &[("origin", "null")]).await;

    assert_answer(&elsewhere, 410, Kind::Page, "another browser");
    assert_answer(&forged, 403, Kind::Page, "a forged token");
    assert_answer(&foreign, 403, Kind::Page, "no token");
    before.assert_untouched(&scene.world, "all of them");
    let offered = browser.submit(&scene.link, &offer).await;
    assert_answer(&offered, 303, Kind::Empty, "the browser that unlinked");
    assert!(offered.headers["location"].to_str().unwrap().contains("/link-identity/"));
}

/// A link to unlink somebody who is not linked: no control offers it, time can bring it about.
async fn link_for_bob(world: &World) -> String {
    let mut person = world.rows().identities.into_values().next().unwrap().person;
    person.user = SlackUserId::parse(BOB).unwrap();
    let installation = world.rows().installations.into_values().next().unwrap();
    let urls = Urls::new(Url::parse(PUBLIC_URL).unwrap());
    let now = world.clock.now();
    let reply_to = ReplyTo {
        user: person.user.clone(),
        channel: None,
        message_ts: None,
        response_url: None,
        since: now,
        uses: 0,
    };
    let asked = Asked {
        person: &person,
        person_name: "bob",
        installation: &installation,
        team: None,
        channel: None,
        organization: &installation.organizations[0],
        epoch: 0,
        reply_to: &reply_to,
        click: None,
        occasion: "a test",
    };
    let prompter = Prompter { signer: &world.signer, sealer: &world.sealer, urls: &urls, now };
    let prompt = prompter.prompt(&asked, FlowPurpose::Unlink).unwrap();
    world.store.open_flow(&prompt.flow).await.unwrap();
    prompt.url
}
