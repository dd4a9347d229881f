//! Whatever a request says of its host, our addresses come from the configuration.

use serde_json::json;

use super::form::{Scene, Step};
use crate::{
    abuse::{
        answer::assert_hygiene,
        links::host::{CLAIMS, EVIL},
    },
    harness::{World, event},
};

#[tokio::test]
async fn the_way_to_sentry_and_to_slack_is_the_same_under_any_host() {
    for (step, redirect) in [
        (Step::Begin, "redirect_uri=https%3A%2F%2Fbelay.example.com%2Fsign-in%2Fsentry"),
        (Step::Choose, "redirect_uri=https%3A%2F%2Fbelay.example.com%2Finstall%2Fslack"),
    ] {
        for (name, value) in CLAIMS {
            let scene = Scene::at(step).await;
            let mut sent = scene.sent();
            sent.headers.insert((*name).into(), json!(value));

            let leaving = scene.take(&sent).await;

            assert_hygiene(&leaving, name);
            assert_eq!(leaving.status, 200, "{step:?}, {name}: {value}: {}", leaving.body);
            assert!(leaving.body.contains(redirect), "{step:?}, {name}: {}", leaving.body);
            assert!(!format!("{leaving:?}").contains(EVIL), "{step:?}, {name}");
        }
    }
}

#[tokio::test]
async fn the_way_back_to_the_page_is_the_same_under_any_host() {
    for (name, value) in CLAIMS {
        let scene = Scene::at(Step::Add).await;
        let mut sent = scene.sent();
        sent.headers.insert((*name).into(), json!(value));

        let done = scene.take(&sent).await;

        assert_eq!(
            done.headers["location"], "https://belay.example.com/install",
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn a_page_and_a_refusal_do_not_repeat_the_host() {
    let world = World::new().await;
    for path in ["/install", "/install/", "/install/slack", "/install/x", "/health", "/event"] {
        for (name, value) in CLAIMS {
            for method in ["GET", "POST", "PUT"] {
                let answer = world.dispatch(&event(method, path, &json!({*name: value}), "")).await;
                assert_hygiene(&answer, path);
                assert!(!format!("{answer:?}").contains(EVIL), "{method} {path}: {name}");
            }
        }
    }
}
