//! A request that was captured on its way, and comes again.

use std::time::Duration;

use serde_json::json;

use super::{Route, Scene};
use crate::abuse::before::Before;

#[tokio::test]
async fn a_captured_request_sent_again_does_nothing_new() {
    for scene in Scene::all().await {
        scene.assert_taken(&scene.event(), "the first").await;
        scene.work().await;
        let (before, changes) = (Before::of(&scene), scene.sentry.changes().len());

        for retry in ["1", "2", "3"] {
            scene.clock.advance(Duration::from_secs(100));
            let mut again = scene.event();
            again["headers"]["x-slack-retry-num"] = json!(retry);
            scene.assert_taken(&again, retry).await;
            scene.work().await;
        }

        let case = format!("{:?}", scene.route);
        before.assert_unwritten(&scene, &case);
        assert_eq!(scene.sentry.changes().len(), changes, "{case}");
        // Who asks whom there is asks Sentry each time; a click may wake a job that has ended.
        if matches!(scene.route, Route::Command | Route::Event) {
            before.assert_unsent(&scene, &case);
        }
        scene.clock.advance(Duration::from_secs(1));
        scene.assert_refused(&scene.event(), 401, "after five minutes").await;
    }
}
