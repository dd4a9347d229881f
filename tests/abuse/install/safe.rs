//! Looking is free: at every stage, with every query, and with HEAD as well.

use serde_json::json;

use super::{
    Stop,
    form::{Scene, Step},
};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ACME, ALICE, ALICES, PUBLIC_URL, World,
        browser::{Browser, form_of},
        event,
    },
};

const QUERIES: [&str; 6] = [
    "",
    "?step=begin&organization=acme",
    "?step=choose&organization=1",
    "?step=add&form_token=x",
    "?code=x&state=y",
    "?next=https://evil.example",
];

#[tokio::test]
async fn looking_at_a_page_changes_nothing() {
    for step in Step::ALL {
        let scene = Scene::at(step).await;
        let before = Before::of(&scene.world);
        let status = if step == Step::Add { 409 } else { 200 };
        for method in ["GET", "HEAD"] {
            for query in QUERIES {
                let url = format!("/install{query}");
                let mut event = event(method, &url, &json!({}), "");
                event["cookies"] = json!(scene.sent().cookies);

                let answer = scene.world.dispatch(&event).await;

                let case = format!("{step:?}: {method} {query}");
                assert_answer(&answer, status, Kind::Page, &case);
                assert!(answer.cookies.is_empty(), "{case}: a browser keeps its name");
                assert!(!answer.body.contains("evil.example"), "{case}");
                before.assert_untouched(&scene.world, &case);
            }
        }
        let answer = scene.take(&scene.sent()).await;
        assert!(answer.status < 400, "{step:?}: the form is as good as before");
    }
}

#[tokio::test]
async fn looking_at_the_last_page_changes_nothing() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let done = browser.install(ACME).await;
    let before = Before::of(&world);

    for query in QUERIES {
        let again = browser.get(&format!("{PUBLIC_URL}/install{query}")).await;
        assert_answer(&again, 200, Kind::Page, query);
        assert_eq!(again.body, done.body, "{query}");
    }

    before.assert_untouched(&world, "the last page");
}

#[tokio::test]
async fn a_return_without_a_state_changes_nothing() {
    let world = World::bare().await;
    let before = Before::of(&world);
    for stop in Stop::ALL {
        for query in ["", "?", "?code=x", "?state=", "?state=x&code=x", "?error=access_denied"] {
            let url = format!("{PUBLIC_URL}{}{query}", stop.path());
            let answer = Browser::of(&world, ALICE, ALICES).get(&url).await;
            assert_answer(&answer, 400, Kind::Page, &url);
            assert!(answer.cookies.is_empty(), "{url}");
            before.assert_untouched(&world, &url);
        }
    }
}

#[tokio::test]
async fn a_first_look_gives_a_browser_a_name_of_its_own() {
    let world = World::bare().await;
    let (mut one, mut other) =
        (Browser::of(&world, ALICE, ALICES), Browser::of(&world, ALICE, ALICES));
    one.install_page().await;
    other.install_page().await;
    let again = one.install_page().await;

    assert_ne!(one.setup_cookie(), other.setup_cookie());
    assert_eq!(one.setup_cookie().map(str::len), Some(43));
    assert!(again.cookies.is_empty(), "a browser keeps its name");
    assert_eq!(one.cookie(), None, "the cookie of the links is another one");
}

#[tokio::test]
async fn a_browser_gets_another_name_when_it_begins() {
    let world = World::bare().await;
    let mut planted = Browser::of(&world, ALICE, ALICES);
    planted.install_page().await;
    let known_to_the_attacker = planted.cookies.clone();

    planted.prove_admin("").await;

    assert_ne!(planted.cookies, known_to_the_attacker);
    let mut attacker = Browser::of(&world, ALICE, ALICES).with(known_to_the_attacker);
    let page = attacker.install_page().await;
    assert!(page.body.contains("Continue with Sentry"), "{}", page.body);
    assert!(!page.body.contains("alice@acme"), "{}", page.body);
}

#[tokio::test]
async fn a_link_under_way_and_an_install_do_not_end_each_other() {
    let world = World::new().await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let confirm = browser.prove(&link).await;

    let installed = browser.install(ACME).await;
    let linked = browser.submit(&link, &form_of(&confirm).with("mine", "yes")).await;

    assert_eq!((installed.status, linked.status), (200, 303));
    assert_eq!(world.rows().identities.len(), 1);
}
