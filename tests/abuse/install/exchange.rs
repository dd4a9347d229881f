//! Exchanges that fail: the page says to try again, the state is used up, and a code is never sent
//! twice.

use std::time::Duration;

use local::{sentry::Mode, slack::Fault};

use super::{Scene, Stop};
use crate::abuse::{
    answer::{Kind, assert_answer},
    before::Before,
};

#[tokio::test]
async fn while_slack_fails_the_admin_is_asked_to_try_again() {
    for (case, fault, status) in [
        ("500", Fault::ServerError, 503),
        ("an answer that was lost", Fault::LostAnswer, 503),
        ("429", Fault::RateLimited { retry_after: 30 }, 503),
        ("a page that is gone", Fault::Gone, 503),
        ("trouble of its own with 200", Fault::Error("internal_error"), 503),
        ("a refused code", Fault::Error("invalid_code"), 400),
        ("a wrong client secret", Fault::Error("bad_client_secret"), 400),
        ("an error of markup", Fault::Error("<script>alert(1)</script>"), 400),
    ] {
        let scene = Scene::new(Stop::Slack).await;
        scene.world.slack.fail_next_web_api("oauth.v2.access", fault);
        assert_fails(&scene, status, case).await;
    }
}

#[tokio::test]
async fn while_sentry_fails_the_admin_is_asked_to_try_again() {
    for (case, mode) in [
        ("503", Mode::Down),
        ("an answer that was lost", Mode::DropAfterApply),
        ("a maintenance page with 200", Mode::MaintenanceHtml200),
        ("429", Mode::RateLimited { reset_after: Some(Duration::from_secs(30)) }),
    ] {
        let scene = Scene::new(Stop::Sentry).await;
        scene.world.sentry.set_mode(mode);
        assert_fails(&scene, 503, case).await;
    }
}

async fn assert_fails(scene: &Scene, status: u16, case: &str) {
    let (before, called) = (Before::of(&scene.world), scene.world.calls());

    let answer = scene.get(&scene.genuine()).await;

    assert_answer(&answer, status, Kind::Page, case);
    assert!(!answer.body.contains("alert(1)"), "{case}: {}", answer.body);
    // What a person can quote to those who run the bundle.
    assert_eq!(answer.body.contains("request-1"), status == 503, "{case}: {}", answer.body);
    assert_eq!(scene.world.calls(), called + 1, "{case}: a code is sent once");
    scene.world.sentry.set_mode(Mode::Normal);
    scene.assert_used_up(&before, case).await;
    scene.assert_can_begin_again().await;
}
