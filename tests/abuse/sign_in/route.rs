//! Other methods and other paths, each with a return that would be good at the right ones.

use shared::browser::COOKIE;

use super::{Provider, Scene, address};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, ALICES, PUBLIC_URL, browser::Browser},
};

#[tokio::test]
async fn a_scanner_that_only_looks_does_not_use_the_state_up() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let before = Before::of(&scene.world);
        for method in ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let mut browser = Browser::of(&scene.world, ALICE, ALICES);
            browser.plant(COOKIE, &scene.cookie);

            let answer = browser.request(method, &scene.genuine(), "", &[]).await;

            assert_answer(&answer, 405, Kind::Page, method);
            assert_eq!(answer.headers["allow"], "GET", "{method}");
            before.assert_untouched(&scene.world, method);
        }
        scene.assert_still_good("with GET").await;
    }
}

#[tokio::test]
async fn there_are_two_providers_and_no_more() {
    let scene = Scene::new(Provider::Slack).await;
    let before = Before::of(&scene.world);
    for path in ["", "/", "/github", "/Slack", "/slack/x", "/slack//", "/%73lack", "/sentry/slack"]
    {
        let (_, query) =
            scene.genuine().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let answer = scene.get(&format!("{PUBLIC_URL}/sign-in{path}?{query}")).await;
        assert_answer(&answer, 404, Kind::Page, path);
        before.assert_untouched(&scene.world, path);
    }
    scene.assert_still_good("at the right path").await;
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let query = [("code", scene.code.as_str()), ("state", &scene.state)];
        let slashed = address(provider, &query).replacen('?', "/?", 1);

        let answer = scene.get(&slashed).await;

        assert_answer(&answer, 303, Kind::Empty, "a trailing slash");
    }
}

#[tokio::test]
async fn a_target_in_the_query_leads_nowhere() {
    for provider in Provider::ALL {
        for name in ["next", "redirect_uri", "return_to", "url", "continue", "RelayState"] {
            let scene = Scene::new(provider).await;
            let target = "https://evil.example/";
            let query = [("code", scene.code.as_str()), ("state", &scene.state), (name, target)];

            let answer = scene.get(&scene.url(&query)).await;

            assert_answer(&answer, 303, Kind::Empty, name);
            assert!(!format!("{answer:?}").contains("evil"), "{provider:?}: {answer:?}");
        }
    }
}
