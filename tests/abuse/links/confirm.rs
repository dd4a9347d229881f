//! The last form: only after proof, only for what the page named, and only with the box ticked.

use shared::flow::Stage;

use super::{Door, Scene, form::Sent};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ALICE, ALICES, BOBS, World,
        browser::{Browser, form_of},
    },
};

impl Scene {
    /// What the last page names.
    pub(super) fn shown(&self) -> Vec<String> {
        match self.door {
            Door::Link => vec![ALICE.into(), ALICES.into(), "alice@acme.example".into()],
            Door::Unlink => {
                let identity = self.world.rows().identities.into_values().next().unwrap();
                vec![ALICE.into(), ALICES.into(), identity.link_id]
            }
        }
    }

    fn confirmation(&self, cookie: &str) -> Sent {
        let shown = self.shown();
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        Sent::of(self, cookie, "confirm", &shown)
    }
}

#[tokio::test]
async fn nothing_is_confirmed_before_it_is_proven() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        browser.get(&scene.link).await;
        for case in ["before the first form", "while the browser is at Slack"] {
            let sent = scene.confirmation(browser.cookie().unwrap());
            let before = Before::of(&scene.world);

            let answer = sent.to(&scene).await;

            assert_answer(&answer, 403, Kind::Page, &format!("{door:?}: {case}"));
            before.assert_untouched(&scene.world, case);
            browser.begin(&scene.link).await;
        }
        assert!(matches!(scene.flow().stage, Stage::AtSlack { .. }));
    }
}

#[tokio::test]
async fn a_flow_that_began_again_has_to_be_proven_again() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        browser.prove(&scene.link).await;
        let proven = browser.cookie().unwrap().to_owned();
        // Another tab, or another person with the same link, starts over from page 1.
        let mut other = scene.browser();
        other.begin(&scene.link).await;
        let before = Before::of(&scene.world);

        for cookie in [proven, other.cookie().unwrap().to_owned()] {
            let answer = scene.confirmation(&cookie).to(&scene).await;
            assert_answer(&answer, 403, Kind::Page, &format!("{door:?}"));
        }

        before.assert_untouched(&scene.world, "begun again");
    }
}

#[tokio::test]
async fn without_the_tick_nothing_is_linked() {
    let scene = Scene::new(Door::Link).await;
    let mut browser = scene.browser();
    browser.prove(&scene.link).await;
    let good = scene.confirmation(browser.cookie().unwrap());
    let before = Before::of(&scene.world);

    for (case, value) in
        [("none", None), ("no", Some("no")), ("empty", Some("")), ("on", Some("on"))]
    {
        let mut sent = good.clone();
        sent.remove("mine");
        if let Some(value) = value {
            sent.set("mine", value);
        }
        let answer = sent.to(&scene).await;
        assert_answer(&answer, 303, Kind::Empty, case);
        assert_eq!(answer.headers["location"], scene.link.as_str(), "{case}");
    }
    let mut twice = good.clone();
    twice.double("mine");
    assert_answer(&twice.to(&scene).await, 303, Kind::Empty, "twice");

    before.assert_untouched(&scene.world, "all of them");
    assert_answer(&good.to(&scene).await, 303, Kind::Empty, "with the tick");
    assert_eq!(scene.world.rows().identities.len(), 1);
}

#[tokio::test]
async fn a_form_that_named_other_accounts_is_refused_as_outdated() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        browser.prove(&scene.link).await;
        let cookie = browser.cookie().unwrap().to_owned();
        let shown = scene.shown();
        let before = Before::of(&scene.world);

        for at in 0..shown.len() {
            let mut other = shown.clone();
            other[at] = "something else".into();
            let other: Vec<&str> = other.iter().map(String::as_str).collect();
            let answer = Sent::of(&scene, &cookie, "confirm", &other).to(&scene).await;
            assert_answer(&answer, 409, Kind::Page, &format!("{door:?}: {}", shown[at]));
        }

        before.assert_untouched(&scene.world, "all of them");
    }
}

#[tokio::test]
async fn the_form_of_an_earlier_sign_in_links_nothing() {
    let scene = Scene::new(Door::Link).await;
    let mut first = Browser::of(&scene.world, ALICE, BOBS);
    let as_bob = form_of(&first.prove(&scene.link).await).with("mine", "yes");
    let mut private_window = Browser::of(&scene.world, ALICE, ALICES);
    private_window.prove(&scene.link).await;
    let before = Before::of(&scene.world);

    for browser in [&mut first, &mut private_window] {
        let answer = browser.submit(&scene.link, &as_bob).await;
        assert_answer(&answer, 403, Kind::Page, "a form that named Bob's account");
    }

    before.assert_untouched(&scene.world, "both");
}

#[tokio::test]
async fn who_is_linked_to_another_account_is_told_and_nothing_moves() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.revoke_tokens(ALICES);
    let link = super::fresh_link(&world).await;
    let scene = Scene { world, door: Door::Link, link };
    let mut browser = Browser::of(&scene.world, ALICE, BOBS);
    let before = Before::of(&scene.world);

    let page = browser.prove(&scene.link).await;
    let shown = [ALICE, BOBS, "bob@acme.example"];
    let sent = Sent::of(&scene, browser.cookie().unwrap(), "confirm", &shown);
    let insisted = sent.to(&scene).await;

    for (case, answer) in [("the page", page), ("a form that was never shown", insisted)] {
        assert_answer(&answer, 409, Kind::Page, case);
        assert!(answer.body.contains("a…@a….example"), "{case}: {}", answer.body);
        assert!(!answer.body.contains("alice@acme.example"), "{case}: {}", answer.body);
    }
    before.assert_unbound(&scene.world, "taken");
}
