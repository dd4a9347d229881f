//! What is good for a time and then replaced: Slack's tokens, and our own keys.

mod keys;
mod many;
mod meanwhile;
mod renewal;
mod slack_secret;
mod unrenewed;

use std::time::Duration;

use shared::{identity::Installation, sealing::Field, secret::Secret};

use crate::harness::{ACME, ALICE, ALICES, World, browser::Browser};

/// How long a token of Slack's lives when tokens rotate.
const LIFE: Duration = Duration::from_hours(12);

/// The app in the workspace with tokens that rotate, installed by Alice, who is linked.
async fn rotating() -> World {
    let world = World::bare().await;
    world.slack.set_token_rotation(true);
    let done = Browser::of(&world, ALICE, ALICES).install(ACME).await;
    assert_eq!(done.status, 200, "{}", done.body);
    world.link(ALICE, ALICES).await;
    world
}

fn row(world: &World) -> Installation {
    world.installation().unwrap()
}

/// The token that is stored.
fn token(world: &World) -> Secret {
    let row = row(world);
    world.sealer.open(row.owner(), Field::BotToken, &row.bot_token).unwrap()
}

/// Whether Slack takes the token that is stored.
async fn is_good(world: &World) -> bool {
    world.perform.slack.test(&token(world)).await.is_ok()
}
