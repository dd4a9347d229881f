//! Other paths, each with a click that would be good at the right one.

use serde_json::json;

use super::{Scene, assert_refused};

#[tokio::test]
async fn other_paths_are_not_found() {
    let scene = Scene::new().await;
    for path in [
        "/",
        "",
        "/actions",
        "/Action",
        "/action/x",
        "/action//",
        "//action",
        "/x/action",
        "/action%2f",
        "/%61ction",
        "/action;x=1",
        "/action/../action",
        "/perform",
    ] {
        let mut event = scene.event();
        event["rawPath"] = json!(path);
        assert_refused(&scene.world, &event, 404, path).await;
    }
}
