//! Codes that came from elsewhere. Each is tried once, and the state is used up.

use super::{Scene, Stop, back_from, parameter};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ALICE, BOB, BOBS, PUBLIC_URL,
        browser::{Browser, next_address},
    },
};

const MARKUP: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn a_code_that_nobody_gave_is_tried_once() {
    for stop in Stop::ALL {
        for code in ["x", "../../token", MARKUP, "one&grant_type=refresh_token"] {
            let scene = Scene::new(stop).await;
            let before = Before::of(&scene.world);
            let calls = scene.world.calls();

            let answer = scene.get(&scene.url(&[("code", code), ("state", &scene.state)])).await;

            assert_answer(&answer, 400, Kind::Page, code);
            assert!(!answer.body.contains("alert(1)"), "{}", answer.body);
            assert_eq!(scene.world.calls(), calls + 1, "{stop:?}: {code}");
            scene.assert_used_up(&before, code).await;
        }
    }
}

#[tokio::test]
async fn a_code_that_was_used_already_is_tried_once() {
    for stop in Stop::ALL {
        let first = Scene::new(stop).await;
        first.assert_still_good("the code's own way").await;
        let world = first.world;
        let (cookie, _, state) = back_from(&world, stop).await;
        let scene = Scene { world, cookie, state, ..first };
        let before = Before::of(&scene.world);
        let calls = scene.world.calls();

        let url = scene.url(&[("code", &scene.code), ("state", &scene.state)]);
        let answer = scene.get(&url).await;

        assert_answer(&answer, 400, Kind::Page, "a used code");
        assert_eq!(scene.world.calls(), calls + 1, "{stop:?}");
        scene.assert_used_up(&before, "a used code").await;
    }
}

#[tokio::test]
async fn a_code_of_another_browser_does_not_fit_this_state() {
    let scene = Scene::new(Stop::Sentry).await;
    let mut mallory = Browser::of(&scene.world, BOB, BOBS);
    let leaving = mallory.begin_install("").await;
    let back = mallory.agreed(next_address(&leaving).unwrap());
    let before = Before::of(&scene.world);

    let url = scene.url(&[("code", &parameter(&back, "code")), ("state", &scene.state)]);
    let answer = scene.get(&url).await;

    assert_answer(&answer, 400, Kind::Page, "an injected code");
    before.assert_unbound(&scene.world, "an injected code");
    assert_eq!(scene.setup().account, None);
}

#[tokio::test]
async fn a_code_of_sign_in_with_slack_installs_nothing() {
    let scene = Scene::new(Stop::Slack).await;
    let query =
        "response_type=code&scope=openid%20profile&client_id=1.2&state=x&nonce=n&redirect_uri=";
    let redirect =
        url::form_urlencoded::byte_serialize(format!("{PUBLIC_URL}/sign-in/slack").as_bytes())
            .collect::<String>();
    let authorize = format!("{}/openid/connect/authorize?{query}{redirect}", scene.world.slack_url);
    let back = scene.world.slack.authorize(ALICE, &authorize).unwrap();
    let before = Before::of(&scene.world);

    let url = scene.url(&[("code", &parameter(&back, "code")), ("state", &scene.state)]);
    let answer = scene.get(&url).await;

    assert_answer(&answer, 400, Kind::Page, "a code of a sign-in");
    scene.assert_used_up(&before, "a code of a sign-in").await;
}
