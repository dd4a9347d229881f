//! Exchanges that fail: the page says to try again, the state is used up, and a code is never sent
//! twice.

use std::time::Duration;

use local::{sentry::Mode, slack::Fault};

use super::{Provider, Scene, padded::Padded};
use crate::abuse::{
    answer::{Kind, assert_answer},
    before::Before,
};

const MEGABYTE: usize = 1024 * 1024;

#[tokio::test]
async fn while_slack_fails_the_person_is_asked_to_try_again() {
    for (case, fault, status) in [
        ("500", Fault::ServerError, 503),
        ("an answer that was lost", Fault::LostAnswer, 503),
        ("429", Fault::RateLimited { retry_after: 30 }, 503),
        ("a page that is gone", Fault::Gone, 503),
        ("a refused code", Fault::Error("invalid_code"), 400),
        ("a wrong client secret", Fault::Error("bad_client_secret"), 400),
        ("an error of markup", Fault::Error("<script>alert(1)</script>"), 400),
    ] {
        let scene = Scene::new(Provider::Slack).await;
        scene.world.slack.fail_next_web_api("openid.connect.token", fault);
        assert_fails(&scene, status, 1, case).await;
    }
}

#[tokio::test]
async fn while_sentry_fails_the_person_is_asked_to_try_again() {
    for (case, mode, calls) in [
        ("503", Mode::Down, 1),
        ("an answer that was lost", Mode::DropAfterApply, 1),
        ("a maintenance page with 200", Mode::MaintenanceHtml200, 1),
        ("429", Mode::RateLimited { reset_after: Some(Duration::from_secs(30)) }, 1),
    ] {
        let scene = Scene::new(Provider::Sentry).await;
        scene.world.sentry.set_mode(mode);
        assert_fails(&scene, 503, calls, case).await;
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    for (provider, megabytes) in
        [(Provider::Slack, 5), (Provider::Sentry, 5), (Provider::Slack, 64), (Provider::Sentry, 64)]
    {
        let mut scene = Scene::new(provider).await;
        let case = format!("{megabytes} MB from {provider:?}");
        let padded = Padded::in_front_of(&mut scene, megabytes * MEGABYTE).await;

        assert_fails_once(&scene, 503, 1, &case).await;

        // What lies in the sockets between the two counts as sent.
        assert!(megabytes == 5 || padded.sent() < 32 * MEGABYTE, "{case}: all of it was read");
        padded.step_aside(&mut scene);
        scene.assert_can_begin_again().await;
    }
}

#[tokio::test]
async fn an_answer_that_is_only_long_is_read() {
    let mut scene = Scene::new(Provider::Sentry).await;
    let _padded = Padded::in_front_of(&mut scene, 3 * MEGABYTE).await;

    scene.assert_still_good("3 MB").await;
}

async fn assert_fails(scene: &Scene, status: u16, calls: usize, case: &str) {
    assert_fails_once(scene, status, calls, case).await;
    scene.assert_can_begin_again().await;
}

async fn assert_fails_once(scene: &Scene, status: u16, calls: usize, case: &str) {
    let (before, called) = (Before::of(&scene.world), scene.world.calls());

    let answer = scene.get(&scene.genuine()).await;

    assert_answer(&answer, status, Kind::Page, case);
    assert!(!answer.body.contains("alert(1)"), "{case}: {}", answer.body);
    // What a person can quote to those who run the bundle.
    assert_eq!(answer.body.contains("request-1"), status == 503, "{case}: {}", answer.body);
    assert_eq!(scene.world.calls(), called + calls, "{case}: a code is sent once");
    scene.world.sentry.set_mode(Mode::Normal);
    scene.assert_used_up(&before, case).await;
}
