//! Two clicks on one issue: the later one counts, whatever order the workers run in.

use std::time::Duration;

use shared::job::{JobKey, Outcome};

use crate::harness::{ALICE, ALICES, BOB, BOBS, World, queue};

#[tokio::test]
async fn the_later_click_wins_even_if_it_is_carried_out_first() {
    let world = two_people().await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.clock.advance(Duration::from_millis(300));
    world.click(BOB, &alert, "ignored").await;
    let keys = waiting(&world);
    let before = world.sentry.changes().len();

    for key in keys.iter().rev() {
        world.perform.handle(queue::sqs_event(&[key])).await;
    }

    assert_eq!(world.sentry.issue("4815").unwrap().status, "ignored");
    assert_eq!(world.sentry.changes().len(), before + 1);
    assert!(world.newest_words(ALICE).contains("<@U0BOB00001> clicked on this issue after you"));
    assert_eq!(outcomes(&world, &keys), [Outcome::Superseded, Outcome::Done]);
}

#[tokio::test]
async fn clicking_twice_fast_changes_once_and_nobody_is_bothered() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let (before, told) = (world.sentry.changes().len(), world.slack.ephemerals(ALICE).len());

    world.click(ALICE, &alert, "resolved").await;
    world.clock.advance(Duration::from_millis(120));
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    assert_eq!(world.sentry.changes().len(), before + 1);
    assert_eq!(world.slack.ephemerals(ALICE).len(), told);
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_click_that_was_carried_out_before_the_next_one_is_not_undone_by_order() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;

    world.clock.advance(Duration::from_secs(2));
    let request =
        world.slack.click(ALICE, &alert, "status::unresolved:ongoing", "unresolved:ongoing");
    world.deliver(&request.unwrap()).await;
    world.work().await;

    assert_eq!(world.sentry.issue("4815").unwrap().status, "unresolved");
}

async fn two_people() -> World {
    let world = World::with_linked(ALICE, ALICES).await;
    world.link(BOB, BOBS).await;
    world
}

fn waiting(world: &World) -> Vec<JobKey> {
    world.queue.waiting().into_iter().map(|(key, _)| key).collect()
}

fn outcomes(world: &World, keys: &[JobKey]) -> Vec<Outcome> {
    keys.iter().map(|key| world.rows().jobs[key.as_str()].outcome.unwrap()).collect()
}
