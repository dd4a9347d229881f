//! Fifty workers need the same token in the moment when it has ended, round after round, on threads
//! of their own: one of them renews it. A second renewal would end the first one's tokens, and the
//! person would have to sign in again.

use std::sync::Arc;

use shared::job::Outcome;

use super::{
    scene::Scene,
    tokens::{DAY, run_out_at_once},
};
use crate::harness::how_many;

/// `BELAY_RENEWALS=1000` makes it as many rounds; without it there are a few.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_at_once_with_an_ended_token_are_one_renewal_in_every_round() {
    let rounds: usize = how_many("BELAY_RENEWALS", 4);
    let mut renewals = 0;
    for round in 0..rounds {
        let age = if round % 2 == 0 { 31 * DAY } else { 29 * DAY + DAY / 2 };
        let scene = Arc::new(Scene::new().await);
        scene.later(age);
        let mut keys = Vec::new();
        for _ in 0..50 {
            keys.push(scene.click_on("resolved").await);
        }

        run_out_at_once(&scene).await;

        assert_eq!(scene.sentry.refreshes(), 1, "round {round}");
        assert!(keys.iter().all(|key| scene.outcome(key) == Some(Outcome::Done)), "{round}");
        renewals += scene.sentry.refreshes();
    }
    println!("{rounds} rounds of 50 clicks at once: {renewals} renewals");
}
