//! The `response_url` is dead, the app is not in the channel, all of Slack is down: the person is
//! reached another way, and nothing of it touches the change.

use std::time::Duration;

use local::{
    sentry::{Mode, Right},
    slack::{BOT_USER, CallKind, Fault},
};
use shared::job::Outcome;

use super::scene::Scene;
use crate::harness::{ALICE, ALICES, browser::Browser};

const DEAD: [Fault; 4] = [Fault::Expired, Fault::ExpiredInWords, Fault::Used, Fault::Gone];
const UNWELL: [Fault; 3] =
    [Fault::RateLimited { retry_after: 7 }, Fault::ServerError, Fault::Error("invalid_blocks")];

const RESOLVED: &str = "*Issue resolved by <@U0ALICE001>*";

/// A scene in which every change is refused with words for Alice.
async fn without_right() -> Scene {
    let scene = Scene::new().await;
    scene.sentry.set_right(ALICES, "acme", Right::ReadOnly);
    scene
}

#[tokio::test]
async fn an_alert_whose_response_url_fails_is_updated_through_the_web_api() {
    for fault in DEAD.into_iter().chain(UNWELL) {
        let scene = Scene::new().await;
        scene.slack.fail_response_urls(fault);

        let key = scene.click_on("resolved").await;
        scene.work().await;

        assert!(scene.words_of(&scene.alert).contains(RESOLVED), "{fault:?}");
        assert_eq!((scene.redraws(), scene.told().len()), (1, 0), "{fault:?}");
        assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
    }
}

#[tokio::test]
async fn words_whose_response_url_fails_are_posted_for_the_person_alone() {
    for fault in DEAD.into_iter().chain(UNWELL) {
        let scene = without_right().await;
        scene.slack.fail_response_urls(fault);
        let channel = scene.slack.channel().len();

        let key = scene.click_on("resolved").await;
        scene.work().await;

        let words = scene.newest_words(ALICE);
        assert!(words.contains("no right"), "{fault:?}: {words:?}");
        assert_eq!((scene.told().len(), scene.slack.channel().len()), (1, channel), "{fault:?}");
        assert_eq!(scene.outcome(&key), Some(Outcome::NoRight));
    }
}

#[tokio::test]
async fn without_the_app_in_the_channel_the_response_url_is_enough() {
    let scene = Scene::new().await;
    scene.slack.remove_from_channel(BOT_USER);

    scene.click_on("resolved").await;
    scene.work().await;

    assert!(scene.words_of(&scene.alert).contains(RESOLVED));
}

#[tokio::test]
async fn without_the_app_in_the_channel_and_a_response_url_the_result_comes_directly() {
    let scene = Scene::new().await;
    scene.slack.remove_from_channel(BOT_USER);
    scene.slack.fail_response_urls(Fault::Expired);

    let key = scene.click_on("resolved").await;
    scene.work().await;

    let direct = scene.slack.direct_messages(ALICE);
    assert_eq!(direct.len(), 1);
    assert!(direct[0].words().contains(RESOLVED), "{direct:?}");
    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
}

#[tokio::test]
async fn words_reach_a_person_who_has_left_the_channel() {
    for gone in [ALICE, BOT_USER] {
        let scene = without_right().await;
        scene.slack.remove_from_channel(gone);
        scene.slack.fail_response_urls(Fault::Gone);

        let key = scene.click_on("resolved").await;
        scene.work().await;

        let direct = scene.slack.direct_messages(ALICE);
        assert_eq!(direct.len(), 1, "{gone}");
        assert!(direct[0].words().contains("no right"), "{direct:?}");
        assert_eq!(scene.outcome(&key), Some(Outcome::NoRight));
    }
}

#[tokio::test]
async fn a_response_url_that_is_half_an_hour_old_is_not_tried() {
    let scene = Scene::new().await;
    scene.click_on("resolved").await;
    let calls = scene.slack.log().len();

    scene.later(28 * 60);
    scene.work().await;

    let calls = scene.slack_calls(calls);
    assert_eq!(calls, [(CallKind::WebApi, "chat.update".into(), "ok".into())]);
}

#[tokio::test]
async fn an_alert_that_cannot_be_updated_leaves_the_change_and_the_words() {
    let scene = Scene::new().await;
    scene.slack.fail_response_urls(Fault::Used);
    scene.slack.fail_web_api("chat.update", Fault::Error("cant_update_message"));

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert!(scene.newest_words(ALICE).contains(RESOLVED));
    assert_eq!((scene.changes().len(), scene.told().len(), scene.redraws()), (1, 1, 0));
    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
}

#[tokio::test]
async fn a_slack_that_refuses_everything_does_not_repeat_the_change() {
    let scene = Scene::new().await;
    scene.break_slack(Fault::Error("channel_not_found"));

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
    assert_eq!(scene.changes().len(), 1);
}

#[tokio::test]
async fn while_all_of_slack_is_down_the_result_waits_and_the_change_is_made_once() {
    for how in [Fault::ServerError, Fault::Error("ratelimited")] {
        let scene = Scene::new().await;
        scene.break_slack(how);
        let key = scene.click_on("resolved").await;
        scene.work().await;
        assert_eq!((scene.outcome(&key), scene.changes().len()), (None, 1), "{how:?}");

        scene.heal_slack();
        scene.run_out().await;

        assert!(scene.words_of(&scene.alert).contains(RESOLVED), "{how:?}");
        assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
        assert_eq!((scene.redraws(), scene.told().len()), (1, 0), "{how:?}");
    }
}

#[tokio::test]
async fn words_wait_for_slack_as_well() {
    let scene = without_right().await;
    scene.break_slack(Fault::ServerError);
    let key = scene.click_on("resolved").await;
    scene.work().await;
    assert_eq!(scene.outcome(&key), None);

    scene.heal_slack();
    scene.run_out().await;

    assert_eq!((scene.told().len(), scene.outcome(&key)), (1, Some(Outcome::NoRight)));
}

#[tokio::test]
async fn the_wait_that_slack_asks_for_is_kept() {
    let scene = Scene::new().await;
    scene.break_slack(Fault::RateLimited { retry_after: 40 });

    let key = scene.click_on("resolved").await;
    scene.work().await;

    let wait = scene.job(&key).next_at.since(scene.now());
    assert_eq!(wait, Duration::from_secs(40));
    assert!(scene.queue.waiting()[0].1 >= wait);
}

#[tokio::test]
async fn a_link_that_slack_takes_after_a_quarter_of_an_hour_can_still_be_used() {
    let scene = Scene::new().await;
    scene.sentry.revoke_tokens(ALICES);
    scene.break_slack(Fault::RateLimited { retry_after: 600 });
    scene.click_on("resolved").await;
    for _ in 0..2 {
        scene.work().await;
        scene.later(600);
    }

    scene.heal_slack();
    scene.work().await;

    let done = Browser::of(&scene, ALICE, ALICES).link(&scene.prompted_link(ALICE)).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

#[tokio::test]
async fn a_slack_that_stays_down_ends_the_job_and_not_the_change() {
    let scene = Scene::new().await;
    scene.break_slack(Fault::ServerError);

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
    assert_eq!(scene.job(&key).attempt, 7);
}

#[tokio::test]
async fn an_answer_that_slack_lost_is_given_again_rather_than_never() {
    let scene = Scene::new().await;
    scene.slack.fail_response_urls(Fault::LostAnswer);

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert!(scene.words_of(&scene.alert).contains(RESOLVED));
    assert_eq!((scene.changes().len(), scene.outcome(&key)), (1, Some(Outcome::Done)));
}

#[tokio::test]
async fn both_services_down_at_once_still_end_in_one_change() {
    let scene = Scene::new().await;
    scene.break_slack(Fault::ServerError);
    scene.sentry.set_mode(Mode::Down);
    let key = scene.click_on("resolved").await;
    scene.work().await;

    scene.sentry.set_mode(Mode::Normal);
    scene.clock.advance(scene.queue.waiting()[0].1);
    scene.work().await;
    scene.heal_slack();
    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.redraws()), (1, 1));
    assert_eq!(scene.outcome(&key), Some(Outcome::Done));
}
