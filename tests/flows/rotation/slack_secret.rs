//! The secret under what Slack sends: both are taken for a while, and no click is lost meanwhile.

use shared::{clock::Timestamp, job::Outcome};

use crate::harness::{ALICE, ALICES, Keys, World, how_many};

const NEW_SIGNING: &str = "canary-new-signing-secret-0123456789";
const NEW_MASTER: &str = "canary-new-master-key-0123456789abcdef";
const NEW_TOKEN: &str = "canary-new-token-key-0123456789abcdefg";

/// The new secret in use, the old one on its way out.
fn both() -> Keys {
    let old = Keys::default();
    Keys { signing: [vec![NEW_SIGNING], old.signing].concat(), ..Keys::default() }
}

#[tokio::test]
async fn while_both_are_active_slack_may_sign_with_either() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    world.deploy(&both());
    let request = world.slack.direct_message(ALICE, "help").unwrap();

    let old = world.hear(&request).await;
    let new = world.hear(&world.signed_with(NEW_SIGNING, &request)).await;

    assert_eq!((old.status, new.status), (200, 200));
}

#[tokio::test]
async fn a_retired_secret_signs_nothing_any_more() {
    let mut world = World::with_linked(ALICE, ALICES).await;
    world.deploy(&Keys { signing: vec![NEW_SIGNING], ..Keys::default() });
    let (rows, calls) = (world.rows(), world.calls());
    let click =
        world.slack.sign_payload(&world.click_payload(ALICE, &world.post_alert(), "resolved"));
    let event = world.slack.direct_message(ALICE, "help").unwrap();

    let answers = [world.deliver(&click).await, world.hear(&event).await];

    assert_eq!(answers.map(|answer| answer.status), [401, 401]);
    assert!(world.rows() == rows);
    assert_eq!(world.calls(), calls);
}

#[tokio::test]
async fn keys_that_rotate_in_the_middle_of_many_clicks_lose_none() {
    let clicks = how_many("BELAY_ROTATED", 200);
    let mut world = World::with_linked(ALICE, ALICES).await;
    let known = world.rows().jobs.len();
    let old = Keys::default();
    let (mut secret, mut newest) = (old.signing[0], None);

    for n in 0..clicks {
        // Every key beside its successor; then Slack changes over; then the old secret goes.
        if n == clicks / 4 {
            world.deploy(&Keys {
                master: [vec![NEW_MASTER], old.master.clone()].concat(),
                token: [vec![NEW_TOKEN], old.token.clone()].concat(),
                ..both()
            });
        } else if n == clicks / 2 {
            secret = NEW_SIGNING;
        } else if n == clicks * 3 / 4 {
            world.deploy(&Keys {
                signing: vec![NEW_SIGNING],
                master: [vec![NEW_MASTER], old.master.clone()].concat(),
                token: [vec![NEW_TOKEN], old.token.clone()].concat(),
            });
        }
        let value = if n % 2 == 0 { "resolved" } else { "unresolved" };
        let payload = world.click_payload(ALICE, &world.post_alert(), value);
        // Of two clicks the later one would be carried out alone; these are of one millisecond.
        let made_at = payload["actions"][0]["action_ts"].as_str().and_then(Timestamp::parse_slack);
        if made_at != newest {
            world.work().await;
            newest = made_at;
        }
        let click = world.slack.sign_payload(&payload);
        let answer = world.deliver(&world.signed_with(secret, &click)).await;
        assert_eq!(answer.status, 200, "click {n}");
        // Some are carried out by the functions that took them, some by the next ones.
        if n % 7 == 0 {
            world.work().await;
        }
    }
    world.work().await;

    let jobs: Vec<_> = world.rows().jobs.into_values().collect();
    assert_eq!(jobs.len(), known + clicks);
    assert!(jobs.iter().all(|job| job.outcome == Some(Outcome::Done)), "{jobs:?}");
}
