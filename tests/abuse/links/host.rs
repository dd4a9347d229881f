//! Whatever a request says of its host, our addresses come from the configuration.

use serde_json::{Value, json};

use super::{Door, Scene};
use crate::{
    abuse::{answer::assert_hygiene, before::Before},
    harness::{ALICE, PUBLIC_URL, World, event, event_of},
};

pub(in crate::abuse) const EVIL: &str = "evil.example";

/// Headers by which somebody may try to move us.
pub(in crate::abuse) const CLAIMS: &[(&str, &str)] = &[
    ("host", EVIL),
    ("host", "evil.example:443"),
    ("host", "belay.example.com.evil.example"),
    ("host", "belay.example.com@evil.example"),
    ("host", ""),
    ("x-forwarded-host", EVIL),
    ("x-forwarded-host", "belay.example.com, evil.example"),
    ("x-forwarded-server", EVIL),
    ("x-forwarded-port", "8443"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-prefix", "//evil.example"),
    ("x-forwarded-for", EVIL),
    ("x-forwarded-path", "//evil.example/"),
    ("forwarded", "host=evil.example;proto=http"),
    ("x-host", EVIL),
    ("x-original-host", EVIL),
    ("x-original-url", "//evil.example/"),
    ("x-rewrite-url", "//evil.example/"),
    ("referer", "https://evil.example/"),
    ("via", "1.1 evil.example"),
];

#[tokio::test]
async fn the_link_that_a_click_is_given_is_the_same_under_any_host() {
    let expected = link_given(None).await;
    assert!(expected.starts_with(PUBLIC_URL), "{expected}");

    for (name, value) in CLAIMS {
        let given = link_given(Some((name, value))).await;
        assert_eq!(given, expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_page_is_the_same_under_any_host() {
    for door in Door::ALL {
        let scene = Scene::new(door).await;
        let mut browser = scene.browser();
        let page = browser.get(&scene.link).await;
        let before = Before::of(&scene.world);

        for claim in CLAIMS {
            let same = browser.request("GET", &scene.link, "", &[*claim]).await;
            assert_hygiene(&same, &format!("{claim:?}"));
            assert_eq!((same.status, &same.body), (200, &page.body), "{claim:?}");
        }

        before.assert_untouched(&scene.world, "all of them");
    }
}

#[tokio::test]
async fn the_way_to_slack_and_back_is_the_same_under_any_host() {
    let scene = Scene::new(Door::Link).await;
    for claim in CLAIMS {
        let mut browser = scene.browser();
        let page = browser.get(&scene.link).await;
        let token = page.body.split("name=\"form_token\" value=\"").nth(1).unwrap();
        let form = format!("step=begin&form_token={}", token.split('"').next().unwrap());

        let leaving = browser.request("POST", &scene.link, &form, &[*claim]).await;

        assert_eq!(leaving.status, 200, "{claim:?}: {}", leaving.body);
        assert!(!format!("{leaving:?}").contains(EVIL), "{claim:?}");
        let back = "redirect_uri=https%3A%2F%2Fbelay.example.com%2Fsign-in%2Fslack";
        assert!(leaving.body.contains(back), "{claim:?}: {}", leaving.body);
    }
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_host() {
    for path in ["/action", "/link-identity/x", "/unlink-identity/x", "/sign-in/slack"] {
        let world = World::new().await;
        for (name, value) in CLAIMS {
            for method in ["GET", "POST", "PUT"] {
                let answer = world.dispatch(&event(method, path, &json!({*name: value}), "")).await;
                assert!(!format!("{answer:?}").contains(EVIL), "{method} {path}: {name}");
            }
        }
    }
}

/// The link that Alice's click is given; the models are the same in every world.
async fn link_given(claim: Option<(&str, &str)>) -> String {
    let world = World::new().await;
    let alert = world.post_alert();
    let click = world.slack.click(ALICE, &alert, "status::resolved", "resolved").unwrap();
    let mut event: Value = event_of(&click);
    if let Some((name, value)) = claim {
        event["headers"][name] = json!(value);
    }
    world.dispatch(&event).await;
    world.prompted_link(ALICE)
}
