//! Slack delivers an event up to four times until it gets a 2xx: what it is answered, and that it is
//! dealt with once.

use std::time::Duration;

use local::slack::{Fault, Retry};
use shared::store::HearEvents;

use super::{late, remove};
use crate::harness::{ALICE, ALICES, Answer, World};

fn no_retry(answer: &Answer) -> bool {
    answer.headers.get("x-slack-no-retry").is_some_and(|value| value == "1")
}

#[tokio::test]
async fn an_event_delivered_four_times_is_answered_once() {
    let world = World::new().await;
    let event = world.slack.direct_message(ALICE, "help").unwrap();

    let mut statuses = vec![world.hear(&event).await.status];
    for number in 1..=3 {
        let retry = world.slack.retried(&event, Retry { number, reason: "http_timeout" });
        statuses.push(world.hear(&retry).await.status);
    }

    assert_eq!(statuses, [200; 4]);
    assert_eq!(world.slack.direct_messages(ALICE).len(), 1);
}

#[tokio::test]
async fn an_event_delivered_three_times_at_once_is_answered_once() {
    let world = World::new().await;
    let event = world.slack.direct_message(ALICE, "help").unwrap();

    let (one, two, three) =
        tokio::join!(world.hear(&event), world.hear(&event), world.hear(&event));
    let again = world.hear(&event).await;

    // Who comes while it is being dealt with is to come again: it may fail yet.
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!((statuses, again.status), ([200, 503, 503], 200));
    assert_eq!(world.slack.direct_messages(ALICE).len(), 1);
}

#[tokio::test]
async fn what_fails_at_slack_comes_again_and_is_answered_once() {
    for fault in [
        Fault::ServerError,
        Fault::RateLimited { retry_after: 1 },
        Fault::Error("service_unavailable"),
    ] {
        let world = World::new().await;
        let event = world.slack.direct_message(ALICE, "help").unwrap();
        world.slack.fail_next_web_api("chat.postMessage", fault);

        let first = world.hear(&event).await;
        let retry = world.slack.retried(&event, Retry { number: 1, reason: "http_error" });
        let second = world.hear(&retry).await;

        assert_eq!((first.status, no_retry(&first)), (503, false), "{fault:?}");
        assert_eq!(second.status, 200, "{fault:?}");
        assert_eq!(world.slack.direct_messages(ALICE).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn what_slack_will_never_show_does_not_come_again() {
    let world = World::new().await;
    world.slack.fail_web_api("chat.postMessage", Fault::Error("cannot_dm_bot"));

    let answer = world.hear(&world.slack.direct_message(ALICE, "help").unwrap()).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_event_whose_worker_died_is_dealt_with_a_quarter_of_a_minute_later() {
    let world = World::new().await;
    let event = world.slack.direct_message(ALICE, "help").unwrap();
    let id = serde_json::from_slice::<serde_json::Value>(&event.body).unwrap()["event_id"].clone();
    let (now, life) = (shared::clock::Clock::now(&world.clock), Duration::from_secs(15));
    world.store.hear(id.as_str().unwrap(), now, now.plus(life)).await.unwrap();

    let meanwhile = world.hear(&event).await;
    world.clock.advance(life);
    let afterwards = world.hear(&late(&world, &event)).await;

    assert_eq!((meanwhile.status, afterwards.status), (503, 200));
    assert_eq!(world.slack.direct_messages(ALICE).len(), 1);
}

#[tokio::test]
async fn while_slack_does_not_say_whether_the_token_lives_the_news_comes_again() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.clock.advance(Duration::from_secs(5));
    let [_, revoked] = world.slack.uninstall().try_into().ok().unwrap();
    world.slack.fail_next_web_api("auth.test", Fault::ServerError);

    let first = world.hear(&revoked).await;
    let meanwhile = world.installation().unwrap().is_active();
    let second = world.hear(&revoked).await;

    assert_eq!((first.status, meanwhile, second.status), (503, true, 200));
    assert!(!world.installation().unwrap().is_active());
}

#[tokio::test]
async fn only_what_can_never_succeed_is_not_to_come_again() {
    let world = World::with_linked(ALICE, ALICES).await;
    let good = world.slack.direct_message(ALICE, "help").unwrap();
    let garbage = world.slack.sign(b"no json");
    let mut unsigned = good.clone();
    unsigned.signature = format!("v0={}", "0".repeat(64));
    remove(&world).await;

    let refused = world.hear(&garbage).await;
    let stranger = world.hear(&unsigned).await;
    let removed = world.hear(&good).await;

    assert_eq!((refused.status, no_retry(&refused)), (400, true));
    assert_eq!((stranger.status, no_retry(&stranger)), (401, false));
    assert_eq!((removed.status, no_retry(&removed)), (403, true));
}
