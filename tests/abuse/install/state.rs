//! A state is good once, for one purpose, at one address, in one browser, for ten minutes. Without a
//! good one nothing is exchanged.

use std::time::Duration;

use shared::{
    browser::{COOKIE, SETUP_COOKIE, StateClaims, open_state},
    clock::Clock,
    secret::Secret,
    signing::link::{Purpose, Signer},
};

use super::{Scene, Stop, assert_leads_nowhere, parameter};
use crate::harness::{
    ALICE, ALICES, BOB, BOBS, World,
    browser::{Browser, next_address},
};

#[tokio::test]
async fn what_is_no_state_of_ours_exchanges_nothing() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let (state, code) = (&scene.state, scene.code.as_str());
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
            ("the cookie", scene.cookie.clone()),
            ("a retired key's", signed_by_a_retired_key(&scene)),
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
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        for purpose in Purpose::ALL {
            if purpose != Purpose::OauthState {
                let state = scene.world.signer.sign(purpose, &claims(&scene)).unwrap();
                let url = scene.url(&[("code", &scene.code), ("state", &state)]);
                scene.assert_not_ours(Some(&scene.cookie), &url, &format!("{purpose:?}")).await;
            }
        }
        // Genuine, and yet not the one that this setup waits for, or not for this.
        for (name, value) in [("r", "another"), ("p", "sl"), ("p", "se")] {
            let mut other = serde_json::to_value(claims(&scene)).unwrap();
            other[name] = value.into();
            let state = scene.world.signer.sign(Purpose::OauthState, &other).unwrap();
            let url = scene.url(&[("code", &scene.code), ("state", &state)]);
            scene.assert_not_ours(Some(&scene.cookie), &url, &format!("{name}: {value}")).await;
        }
        scene.assert_still_good("after all of them").await;
    }
}

#[tokio::test]
async fn a_state_comes_back_to_the_address_that_it_was_made_for() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let query = [("code", scene.code.as_str()), ("state", &scene.state)];
        let sign_in = scene.genuine().replace(stop.path(), "/sign-in/slack");

        for elsewhere in [stop.other().url(&query), sign_in] {
            scene.assert_not_ours(Some(&scene.cookie), &elsewhere, &elsewhere).await;
        }

        scene.assert_still_good("at the right one").await;
    }
}

/// Bob's browser on its way to a link, at Slack or at Sentry: cookie, state and code.
async fn on_the_way_to_a_link(world: &World, at_sentry: bool) -> [String; 3] {
    world.click(BOB, &world.post_alert(), "resolved").await;
    let mut browser = Browser::of(world, BOB, BOBS);
    let leaving = browser.begin(&world.prompted_link(BOB)).await;
    let mut back = browser.agreed(next_address(&leaving).unwrap());
    if at_sentry {
        let leaving = browser.get(&back).await;
        back = browser.agreed(next_address(&leaving).unwrap());
    }
    [browser.cookie().unwrap().to_owned(), parameter(&back, "state"), parameter(&back, "code")]
}

#[tokio::test]
async fn the_state_of_a_link_installs_nothing() {
    for at_sentry in [false, true] {
        let world = World::new().await;
        let [cookie, state, code] = on_the_way_to_a_link(&world, at_sentry).await;
        let url = Stop::Slack.url(&[("code", &code), ("state", &state)]);
        for name in [COOKIE, SETUP_COOKIE] {
            let mut browser = Browser::of(&world, BOB, BOBS);
            browser.plant(name, &cookie);
            assert_leads_nowhere(&mut browser, &world, &url, name).await;
        }
        // At its own address, and yet not as the cookie of a setup.
        let path = if at_sentry { "/sign-in/sentry" } else { "/sign-in/slack" };
        let mut browser = Browser::of(&world, BOB, BOBS);
        browser.plant(SETUP_COOKIE, &cookie);
        let url = url.replace(Stop::Slack.path(), path);
        assert_leads_nowhere(&mut browser, &world, &url, path).await;
    }
}

#[tokio::test]
async fn the_state_of_an_install_signs_nobody_in() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        for path in ["/sign-in/slack", "/sign-in/sentry", "/install/slack"] {
            if path == stop.path() {
                continue;
            }
            let mut browser = scene.browser(Some(&scene.cookie));
            browser.plant(COOKIE, &scene.cookie);
            let url = scene.genuine().replace(stop.path(), path);
            assert_leads_nowhere(&mut browser, &scene.world, &url, path).await;
        }
        scene.assert_still_good("at the right one").await;
    }
}

#[tokio::test]
async fn a_state_belongs_to_the_browser_that_was_sent_away() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let twice = format!("{0}; __Host-belay-setup={0}", scene.cookie);
        for (case, cookie) in [
            ("no cookie", None),
            ("an empty cookie", Some("")),
            ("another cookie", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
            ("the cookie and more", Some(twice.as_str())),
            ("the state as the cookie", Some(scene.state.as_str())),
            ("the setup's name", Some(scene.setup().id.as_str())),
        ] {
            scene.assert_not_ours(cookie, &scene.genuine(), case).await;
        }
        // The right value under the name of the other cookie.
        let mut browser = Browser::of(&scene.world, ALICE, ALICES);
        browser.plant(COOKIE, &scene.cookie);
        assert_leads_nowhere(&mut browser, &scene.world, &scene.genuine(), "the other name").await;
        scene.assert_still_good("in its own browser").await;
    }
}

#[tokio::test]
async fn a_state_is_good_once() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        scene.assert_still_good("the first time").await;

        for again in ["the second time", "the third time"] {
            scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), again).await;
        }
    }
}

#[tokio::test]
async fn a_state_is_good_for_ten_minutes() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        scene.world.clock.advance(Duration::from_mins(10));

        scene.assert_not_ours(Some(&scene.cookie), &scene.genuine(), "ten minutes later").await;
        scene.assert_can_begin_again().await;
    }
}

#[tokio::test]
async fn a_state_does_not_outlive_its_setup() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let page = browser.prove_admin("").await;
    world.clock.advance(Duration::from_mins(25));
    let form = crate::harness::browser::form_of(&page).with("organization", "1");
    let leaving = browser.submit_install(&form).await;
    let back = browser.agreed(next_address(&leaving).unwrap());
    world.clock.advance(Duration::from_mins(5));

    assert_leads_nowhere(&mut browser, &world, &back, "after half an hour").await;
}

#[tokio::test]
async fn an_earlier_try_s_state_is_no_good_after_beginning_again() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let mut browser = scene.browser(Some(&scene.cookie));
        // The page shows where it stands; the start is the way of a browser without a cookie.
        browser.cookies.clear();
        browser.begin_install("").await;

        assert_leads_nowhere(&mut browser, &scene.world, &scene.genuine(), "begun again").await;
    }
}

fn claims(scene: &Scene) -> StateClaims {
    let now = scene.world.clock.now();
    open_state(&scene.world.signer, &[scene.stop.provider()], &scene.state, now).unwrap()
}

fn signed_by_a_retired_key(scene: &Scene) -> String {
    let retired = Signer::new(vec![Secret::new("a-master-key-that-is-out-of-use")]);
    retired.sign(Purpose::OauthState, &claims(scene)).unwrap()
}
