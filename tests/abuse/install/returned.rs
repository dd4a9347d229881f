//! What comes back beside a good state. It uses the state up, is exchanged only if it is one code,
//! and is never shown.

use super::{Scene, Stop};
use crate::abuse::{
    answer::{Kind, assert_answer},
    before::Before,
};

const MARKUP: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn whatever_is_not_one_code_uses_the_state_up_and_exchanges_nothing() {
    for stop in Stop::ALL {
        for (case, query) in [
            ("nothing", vec![]),
            ("an empty code", vec![("code", "")]),
            ("two codes", vec![("code", "one"), ("code", "two")]),
            ("a code in a list", vec![("code[]", "one")]),
            ("an unknown error", vec![("error", "temporarily_unavailable")]),
            ("markup as the error", vec![("error", MARKUP)]),
            ("markup as its description", vec![("error", "x"), ("error_description", MARKUP)]),
            ("an address to go to", vec![("error", "x"), ("error_uri", "https://evil.example")]),
            ("two errors", vec![("error", "access_denied"), ("error", "access_denied")]),
            ("an empty error", vec![("error", "")]),
            ("a code and an error", vec![("code", "one"), ("error", "access_denied")]),
            ("a code and markup", vec![("code", "one"), ("error", MARKUP)]),
        ] {
            let scene = Scene::new(stop).await;
            let before = Before::of(&scene.world);
            let mut query = query;
            query.push(("state", &scene.state));

            let answer = scene.get(&scene.url(&query)).await;

            let case = format!("{stop:?}: {case}");
            assert_answer(&answer, 400, Kind::Page, &case);
            assert!(answer.body.contains("cannot be used any more"), "{case}: {}", answer.body);
            for echo in ["alert(1)", "evil.example", "temporarily", &scene.state] {
                assert!(!answer.body.contains(echo), "{case}: {echo} in {}", answer.body);
            }
            before.assert_unsent(&scene.world, &case);
            scene.assert_used_up(&before, &case).await;
        }
    }
}

#[tokio::test]
async fn who_says_no_is_told_that_nothing_was_installed() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        let before = Before::of(&scene.world);
        let query =
            [("error", "access_denied"), ("error_description", MARKUP), ("state", &scene.state)];

        let answer = scene.get(&scene.url(&query)).await;

        assert_answer(&answer, 400, Kind::Page, "cancelled");
        assert!(answer.body.contains("Nothing was installed"), "{}", answer.body);
        assert!(!answer.body.contains("alert(1)"), "{}", answer.body);
        before.assert_unsent(&scene.world, "cancelled");
        scene.assert_used_up(&before, "cancelled").await;
        scene.assert_can_begin_again().await;
    }
}
