//! Other methods and other paths, each with a return that would be good at the right ones.

use super::{Scene, Stop};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::PUBLIC_URL,
};

#[tokio::test]
async fn a_scanner_that_only_looks_does_not_use_the_state_up() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let before = Before::of(&scene.world);
        for method in ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let mut browser = scene.browser(Some(&scene.cookie));

            let answer = browser.request(method, &scene.genuine(), "", &[]).await;

            assert_answer(&answer, 405, Kind::Page, method);
            assert_eq!(answer.headers["allow"], "GET", "{method}");
            before.assert_untouched(&scene.world, method);
        }
        scene.assert_still_good("with GET").await;
    }
}

#[tokio::test]
async fn there_is_one_return_and_no_more() {
    let scene = Scene::new(Stop::Slack).await;
    let before = Before::of(&scene.world);
    let genuine = scene.genuine();
    let (_, query) = genuine.split_once('?').unwrap();
    for path in ["/sentry", "/Slack", "/slack/x", "/slack//", "/%73lack", "/slack%2F", "//slack"] {
        let answer = scene.get(&format!("{PUBLIC_URL}/install{path}?{query}")).await;
        assert_answer(&answer, 404, Kind::Page, path);
        before.assert_untouched(&scene.world, path);
    }
    scene.assert_still_good("at the right path").await;
}

#[tokio::test]
async fn a_trailing_slash_changes_nothing() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;

        let answer = scene.get(&scene.genuine().replacen('?', "/?", 1)).await;

        assert_answer(&answer, 303, Kind::Empty, "a trailing slash");
    }
}

#[tokio::test]
async fn a_target_in_the_query_leads_nowhere() {
    for stop in Stop::ALL {
        for name in ["next", "redirect_uri", "return_to", "url", "continue", "RelayState"] {
            let scene = Scene::new(stop).await;
            let target = "https://evil.example/";
            let query = [("code", scene.code.as_str()), ("state", &scene.state), (name, target)];

            let answer = scene.get(&scene.url(&query)).await;

            assert_answer(&answer, 303, Kind::Empty, name);
            assert!(!format!("{answer:?}").contains("evil"), "{stop:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn every_return_leads_to_the_one_page() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;

        let answer = scene.get(&scene.genuine()).await;

        assert_eq!(answer.headers["location"], format!("{PUBLIC_URL}/install"), "{stop:?}");
    }
}
