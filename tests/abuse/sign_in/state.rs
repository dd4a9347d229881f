//! A state is good once, for one provider, in one browser, for ten minutes. Without a good one
//! nothing is exchanged.

use std::time::Duration;

use shared::{
    browser::{StateClaims, open_state},
    clock::Clock,
    secret::Secret,
    signing::link::{Purpose, Signer},
};

use super::{Provider, Scene, address, back_from};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICES, MALLORY, browser::Browser},
};

#[tokio::test]
async fn what_is_no_state_of_ours_exchanges_nothing() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let (state, code) = (&scene.state, scene.code.as_str());
        let token = scene.link.rsplit('/').next().unwrap();
        let (signed, _) = state.rsplit_once('.').unwrap();
        let own = Some(scene.cookie.as_str());
        for (case, forged) in [
            ("empty", String::new()),
            ("a word", "garbage".into()),
            ("10 KB", "A".repeat(10_240)),
            ("a NUL", "\0".into()),
            ("markup", "<script>alert(1)</script>".into()),
            ("an address", "https://evil.example".into()),
            ("cut", state[..state.len() - 1].into()),
            ("padded", format!("{state}=")),
            ("a MAC of zeros", format!("{signed}.{}", "A".repeat(43))),
            ("no MAC", signed.into()),
            ("the link's token", token.into()),
            ("another retired key's", signed_by_a_retired_key(&scene)),
        ] {
            let url = scene.url(&[("code", code), ("state", &forged)]);
            scene.assert_not_ours(own, &url, case).await;
        }
        for (case, query) in [
            ("no state", vec![("code", code)]),
            ("no state, cancelled", vec![("error", "access_denied")]),
            ("nothing", vec![]),
            ("the state twice", vec![("code", code), ("state", state), ("state", state)]),
            ("another state too", vec![("code", code), ("state", "x"), ("state", state)]),
            ("State", vec![("code", code), ("State", state)]),
        ] {
            scene.assert_not_ours(own, &scene.url(&query), case).await;
        }
        scene.assert_still_good("after all of them").await;
    }
}

#[tokio::test]
async fn a_state_is_a_token_of_its_own_purpose() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        for purpose in Purpose::ALL {
            if purpose == Purpose::OauthState {
                continue;
            }
            let state = scene.world.signer.sign(purpose, &claims(&scene)).unwrap();
            let url = scene.url(&[("code", &scene.code), ("state", &state)]);
            scene.assert_not_ours(Some(&scene.cookie), &url, &format!("{purpose:?}")).await;
        }
        // Genuine, and yet not the one that this flow waits for.
        let mut other = serde_json::to_value(claims(&scene)).unwrap();
        other["r"] = "another".into();
        let state = scene.world.signer.sign(Purpose::OauthState, &other).unwrap();
        let url = scene.url(&[("code", &scene.code), ("state", &state)]);
        scene.assert_not_ours(Some(&scene.cookie), &url, "of an earlier try").await;
        scene.assert_still_good("after all of them").await;
    }
}

#[tokio::test]
async fn a_state_comes_back_from_where_it_was_sent() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let query = [("code", scene.code.as_str()), ("state", &scene.state)];

        let elsewhere = address(provider.other(), &query);

        scene.assert_not_ours(Some(&scene.cookie), &elsewhere, "the other provider").await;
        scene.assert_still_good("at the right one").await;
    }
}

#[tokio::test]
async fn a_state_belongs_to_the_browser_that_was_sent_away() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let twice = format!("{0}; __Host-belay={0}", scene.cookie);
        for (case, cookie) in [
            ("no cookie", None),
            ("an empty cookie", Some("")),
            ("another cookie", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
            ("the cookie and more", Some(twice.as_str())),
            ("the state as the cookie", Some(scene.state.as_str())),
        ] {
            scene.assert_not_ours(cookie, &scene.genuine(), case).await;
        }
        scene.assert_still_good("in its own browser").await;
    }
}

#[tokio::test]
async fn a_state_is_good_once() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        scene.assert_still_good("the first time").await;

        for again in ["the second time", "the third time"] {
            scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), again).await;
        }
    }
}

#[tokio::test]
async fn a_state_is_good_for_ten_minutes() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        scene.world.clock.advance(Duration::from_mins(10));
        scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), "ten minutes later").await;

        // The link itself lives on: the person begins again.
        scene.assert_can_begin_again().await;
    }
}

#[tokio::test]
async fn a_state_does_not_outlive_its_link() {
    let scene = Scene::new(Provider::Slack).await;
    scene.world.clock.advance(Duration::from_secs(800));
    let mut browser = Browser::of(&scene.world, crate::harness::ALICE, ALICES);
    let leaving = browser.begin(&scene.link).await;
    let at_slack = crate::harness::browser::next_address(&leaving).unwrap();
    let back = scene.world.slack.authorize(crate::harness::ALICE, &at_slack).unwrap();
    scene.world.clock.advance(Duration::from_secs(100));

    scene.assert_not_ours(browser.cookie(), &back, "after the link's end").await;
}

#[tokio::test]
async fn another_person_s_code_does_not_fit_this_state() {
    for (provider, status) in [(Provider::Slack, 403), (Provider::Sentry, 400)] {
        let scene = Scene::new(provider).await;
        let mallory = back_from(&scene.world, MALLORY, provider).await;
        let before = Before::of(&scene.world);

        let url = scene.url(&[("code", &mallory.code), ("state", &scene.state)]);
        let answer = scene.get(&url).await;

        assert_answer(&answer, status, Kind::Page, &format!("{provider:?}: an injected code"));
        before.assert_unbound(&scene.world, "an injected code");
        assert!(scene.world.rows().flows.values().all(|flow| flow.account.is_none()));
    }
}

#[tokio::test]
async fn another_person_s_state_does_not_fit_this_browser() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        let mallory = back_from(&scene.world, MALLORY, provider).await;

        for code in [&mallory.code, &scene.code] {
            let url = scene.url(&[("code", code), ("state", &mallory.state)]);
            scene.assert_not_ours(Some(&scene.cookie), &url, "a planted state").await;
        }

        scene.assert_still_good("her own").await;
    }
}

fn claims(scene: &Scene) -> StateClaims {
    let provider = match scene.provider {
        Provider::Slack => shared::browser::Provider::Slack,
        Provider::Sentry => shared::browser::Provider::Sentry,
    };
    open_state(&scene.world.signer, &[provider], &scene.state, scene.world.clock.now()).unwrap()
}

fn signed_by_a_retired_key(scene: &Scene) -> String {
    let retired = Signer::new(vec![Secret::new("a-master-key-that-is-out-of-use")]);
    retired.sign(Purpose::OauthState, &claims(scene)).unwrap()
}
