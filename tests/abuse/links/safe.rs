//! Looking is free: scanners, previews and prefetchers change nothing, and other methods are not
//! for anybody.

use shared::browser::COOKIE;

use super::{Door, Scene};
use crate::abuse::{
    answer::{Kind, assert_answer},
    before::Before,
};

#[tokio::test]
async fn a_link_that_was_looked_at_a_thousand_times_still_works() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let before = Before::of(&scene.world);

        for n in 0..1_000 {
            let method = if n % 3 == 0 { "HEAD" } else { "GET" };
            let answer = scene.ask(method, &scene.link).await;
            assert_answer(&answer, 200, Kind::Page, &format!("{door:?}, look {n}"));
        }

        before.assert_untouched(&scene.world, "a thousand looks");
        scene.assert_works().await;
    }
}

#[tokio::test]
async fn looking_at_the_last_page_does_not_confirm_it() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        let confirm = browser.prove(&scene.link).await;
        let before = Before::of(&scene.world);

        for method in ["GET", "HEAD"] {
            let again = browser.request(method, &scene.link, "", &[]).await;
            assert_answer(&again, 200, Kind::Page, method);
            assert_eq!(again.body, confirm.body, "{method}");
        }
        for query in ["?step=confirm&mine=yes", "?form_token=x&step=confirm", "?confirm=1"] {
            let again = browser.get(&format!("{}{query}", scene.link)).await;
            assert_eq!(again.body, confirm.body, "{query}");
        }

        before.assert_untouched(&scene.world, "the last page");
    }
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let before = Before::of(&scene.world);
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"] {
            for url in [&scene.link, &scene.at("garbage")] {
                let answer = scene.ask(method, url).await;
                assert_answer(&answer, 405, Kind::Page, method);
                assert_eq!(answer.headers["allow"], "GET, POST", "{method}");
            }
        }
        before.assert_untouched(&scene.world, "all of them");
    }
}

#[tokio::test]
async fn a_trailing_slash_and_a_query_are_no_other_address() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        let page = browser.get(&scene.link).await;
        let before = Before::of(&scene.world);

        for tail in
            ["/", "?", "?next=https://evil.example", "?url=//evil.example", "?state=x&code=y"]
        {
            let same = browser.get(&format!("{}{tail}", scene.link)).await;
            assert_answer(&same, 200, Kind::Page, tail);
            assert_eq!(same.body, page.body, "{door:?}: {tail}");
        }

        before.assert_untouched(&scene.world, "all of them");
    }
}

#[tokio::test]
async fn a_first_look_gives_a_browser_a_name_of_its_own() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let (mut one, mut other) = (scene.browser(), scene.browser());
        one.get(&scene.link).await;
        other.get(&scene.link).await;
        let again = one.get(&scene.link).await;

        assert_ne!(one.cookie(), other.cookie(), "{door:?}");
        assert!(again.cookies.is_empty(), "{door:?}: a browser keeps its name");
        assert_eq!(one.cookie().map(str::len), Some(43), "{door:?}");
    }
}

#[tokio::test]
async fn a_browser_gets_another_name_when_it_begins() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut planted = scene.browser();
        planted.get(&scene.link).await;
        let known_to_the_attacker = planted.cookie().unwrap().to_owned();

        planted.prove(&scene.link).await;

        assert_ne!(planted.cookie().unwrap(), known_to_the_attacker, "{door:?}");
        let mut attacker = scene.browser();
        attacker.plant(COOKIE, known_to_the_attacker);
        let page = attacker.get(&scene.link).await;
        assert!(!page.body.contains("alice@acme"), "{door:?}: {}", page.body);
        assert!(page.body.contains("value=\"begin\""), "{door:?}: {}", page.body);
    }
}
