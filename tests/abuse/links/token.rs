//! Tokens that open nothing: not ours, not for this page, not any more.

use std::time::Duration;

use shared::{
    browser::COOKIE,
    secret::Secret,
    signing::link::{Purpose, Signer},
};

use super::{Door, Scene};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, BOB, BOBS, PUBLIC_URL, browser::Browser},
};

#[tokio::test]
async fn what_is_no_token_opens_nothing() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        for (case, token) in [
            ("nothing", String::new()),
            ("a dot", ".".into()),
            ("the parent", "..".into()),
            ("the parent, escaped", "%2e%2e".into()),
            ("dots", "...".into()),
            ("the version", "v1".into()),
            ("empty parts", "v1...".into()),
            ("parts of nothing", "v1.a.b.c".into()),
            ("a word", "garbage".into()),
            ("10 KB", "A".repeat(10_240)),
            ("10 KB of dots", ".".repeat(10_240)),
            ("a NUL", "\0".into()),
            ("an escaped NUL", "%00".into()),
            ("no UTF-8", "%ff%fe".into()),
            ("not ASCII", "é".into()),
            ("a line break", "%0d%0aLocation:%20https://evil.example".into()),
            ("markup", "<script>alert(1)</script>".into()),
        ] {
            scene.assert_closed(&scene.at(&token), 404, case).await;
        }
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_opens_nothing() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let token = scene.token();
        let (signed, mac) = token.rsplit_once('.').unwrap();
        let (head, claims) = signed.rsplit_once('.').unwrap();
        for (case, forged) in [
            ("no MAC", signed.to_owned()),
            ("an empty MAC", format!("{signed}.")),
            ("a MAC of zeros", format!("{signed}.{}", "A".repeat(43))),
            ("half a MAC", format!("{signed}.{}", &mac[..22])),
            ("a MAC that is too long", format!("{token}AA")),
            ("the MAC twice", format!("{token}.{mac}")),
            ("the claims twice", format!("{head}.{claims}.{claims}.{mac}")),
            ("no claims", format!("{head}..{mac}")),
            ("no version", token[3..].to_owned()),
            ("another version", token.replacen("v1", "v2", 1)),
            ("the version in upper case", token.replacen("v1", "V1", 1)),
            ("padded", format!("{token}=")),
            ("the other alphabet", format!("{signed}.+{}", &mac[1..])),
            ("a space", format!("{token}%20")),
            ("an escaped first letter", token.replacen('v', "%76", 1)),
            ("an escaped dot", token.replacen('.', "%2e", 1)),
            ("more path", format!("{token}/x")),
            ("more path, escaped", format!("{token}%2Fx")),
            ("two slashes", format!("{token}//")),
        ] {
            scene.assert_closed(&scene.at(&forged), 404, case).await;
        }
    }
}

#[tokio::test]
async fn a_token_with_one_letter_changed_anywhere_opens_nothing() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let before = Before::of(&scene.world);
        for at in 0..scene.token().len() {
            let mut forged = scene.token().to_owned();
            let other = if &forged[at..=at] == "A" { "B" } else { "A" };
            forged.replace_range(at..=at, other);

            let answer = scene.ask("GET", &scene.at(&forged)).await;

            assert_answer(&answer, 404, Kind::Page, &format!("{door:?}, letter {at}"));
        }
        before.assert_untouched(&scene.world, "all of them");
    }
}

#[tokio::test]
async fn a_token_opens_the_page_of_its_own_purpose_only() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        for purpose in Purpose::ALL {
            let token = scene.world.signer.sign(purpose, &scene.claims()).unwrap();
            let case = format!("{purpose:?}'s token at {door:?}'s page");
            if purpose == door.purpose() {
                let answer = scene.ask("GET", &scene.at(&token)).await;
                assert_answer(&answer, 200, Kind::Page, &case);
            } else {
                scene.assert_closed(&scene.at(&token), 404, &case).await;
            }
        }
    }
}

#[tokio::test]
async fn a_token_under_a_retired_key_opens_nothing() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let retired = Signer::new(vec![Secret::new("a-master-key-that-is-out-of-use")]);
        let token = retired.sign(door.purpose(), &scene.claims()).unwrap();
        let kid = |token: &str| token.split('.').nth(1).unwrap().to_owned();
        let renamed = token.replacen(&kid(&token), &kid(scene.token()), 1);

        scene.assert_closed(&scene.at(&token), 404, "a retired key").await;
        scene.assert_closed(&scene.at(&renamed), 404, "a retired key with our key's name").await;
    }
}

#[tokio::test]
async fn a_link_works_for_a_quarter_of_an_hour_and_not_a_second_longer() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        scene.world.clock.advance(Duration::from_secs(899));
        let just_in_time = scene.ask("GET", &scene.link).await;
        assert_answer(&just_in_time, 200, Kind::Page, "a second before the end");

        for late in ["at its end", "expired by a second"] {
            scene.world.clock.advance(Duration::from_secs(1));
            scene.assert_closed(&scene.link, 410, late).await;
        }
    }
}

#[tokio::test]
async fn a_used_link_tells_nobody_but_its_own_browser_how_it_ended() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        scene.assert_works().await;

        scene.assert_closed(&scene.link, 410, "used").await;
        let before = Before::of(&scene.world);
        let mut stranger = Browser::of(&scene.world, BOB, BOBS);
        stranger.plant(COOKIE, "another-browser-s-cookie");
        let page = stranger.get(&scene.link).await;
        assert_answer(&page, 410, Kind::Page, "another browser");
        for told in ["alice", "Alice", ALICE, "Acme"] {
            assert!(!page.body.contains(told), "{door:?}: {told} in {}", page.body);
        }
        before.assert_untouched(&scene.world, "another browser");
    }
}

#[tokio::test]
async fn a_link_is_superseded_by_the_use_of_another() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let older = scene.link.clone();
        let scene = Scene { link: scene.another_link().await, ..scene };
        scene.assert_works().await;

        scene.assert_closed(&older, 410, "superseded").await;
    }
}

#[tokio::test]
async fn a_link_whose_flow_is_not_there_has_expired() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut claims = scene.claims();
        claims.nonce = "a-nonce-of-nothing".into();
        let token = scene.world.signer.sign(door.purpose(), &claims).unwrap();

        scene.assert_closed(&scene.at(&token), 410, "no flow").await;
    }
}

#[tokio::test]
async fn without_its_installation_a_link_opens_nothing() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        scene.disable_installation().await;

        scene.assert_closed(&scene.link, 404, "uninstalled").await;
    }
}

#[tokio::test]
async fn every_refusal_of_one_kind_looks_the_same() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let forged = scene.ask("GET", &scene.at("v1.a.b.c")).await;
        let foreign = scene.ask("GET", &format!("{PUBLIC_URL}/{}/x/y", door.segment())).await;
        scene.disable_installation().await;
        let uninstalled = scene.ask("GET", &scene.link).await;

        assert_eq!(forged.body, uninstalled.body, "{door:?}");
        assert_eq!(forged.body, foreign.body, "{door:?}");
    }
}
