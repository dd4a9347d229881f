//! Other methods and other paths, each with a click that would be good at the right ones.

use serde_json::json;

use super::{Scene, assert_refused};
use crate::abuse::{
    answer::{Kind, assert_answer},
    before::Before,
};

#[tokio::test]
async fn other_methods_are_told_which_one_there_is() {
    let scene = Scene::new().await;
    let before = Before::of(&scene.world);
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let mut event = scene.event();
        event["requestContext"]["http"]["method"] = json!(method);

        let answer = scene.world.dispatch(&event).await;

        assert_answer(&answer, 405, Kind::Empty, method);
        assert_eq!(answer.headers["allow"], "POST", "{method}");
        before.assert_untouched(&scene.world, method);
    }
}

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

#[tokio::test]
async fn a_trailing_slash_and_a_query_change_nothing() {
    let scene = Scene::new().await;
    let mut event = scene.event();
    event["rawPath"] = json!("/action/");
    event["rawQueryString"] = json!("payload=%7B%7D&ssl_check=1");
    let jobs = scene.world.rows().jobs.len();

    let answer = scene.world.dispatch(&event).await;

    assert_answer(&answer, 200, Kind::Empty, "/action/");
    assert_eq!(scene.world.rows().jobs.len(), jobs + 1);
}
