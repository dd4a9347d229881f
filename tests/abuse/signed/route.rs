//! Other methods and other paths, each with a request that would be good at the right ones.

use serde_json::json;

use super::{Route, Scene};

#[tokio::test]
async fn other_methods_are_told_which_one_there_is() {
    for scene in Scene::all().await {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            let mut event = scene.event();
            event["requestContext"]["http"]["method"] = json!(method);

            let answer = scene.assert_refused(&event, 405, method).await;

            assert_eq!(answer.headers["allow"], "POST", "{:?}: {method}", scene.route);
        }
    }
}

#[tokio::test]
async fn paths_below_it_are_not_found() {
    for scene in Scene::all().await {
        let path = scene.route.path();
        for below in ["/x", "//", "/..", "/../x", "/%2e", "/;x=1"] {
            let mut event = scene.event();
            event["rawPath"] = json!(format!("{path}{below}"));
            scene.assert_refused(&event, 404, below).await;
        }
    }
}

#[tokio::test]
async fn what_is_signed_for_one_route_does_nothing_at_another() {
    for scene in Scene::all().await {
        for other in Route::ALL.into_iter().filter(|other| *other != scene.route) {
            let mut event = scene.event();
            event["rawPath"] = json!(other.path());
            // A payload of a kind that `/action` does not know is acknowledged.
            let is_payload = (scene.route, other) == (Route::Options, Route::Action);
            let status = if is_payload { 200 } else { 400 };
            scene.assert_refused(&event, status, other.path()).await;
        }
    }
}

#[tokio::test]
async fn a_trailing_slash_and_a_query_change_nothing() {
    for scene in Scene::all().await {
        let mut event = scene.event();
        event["rawPath"] = json!(format!("{}/", scene.route.path()));
        event["rawQueryString"] = json!("payload=%7B%7D&ssl_check=1&text=unlink");
        let (rows, calls) = (scene.rows(), scene.calls());

        scene.assert_taken(&event, "a slash").await;

        assert!(scene.rows() != rows || scene.calls() > calls, "{:?}", scene.route);
    }
}

#[tokio::test]
async fn a_body_of_more_than_1_mib_is_refused_unread() {
    for scene in Scene::all().await {
        let mut event = scene.event();
        event["body"] = json!("x".repeat(1_048_577));
        scene.assert_refused(&event, 413, "a byte too much").await;
    }
}
