//! What becomes of people's tokens when the app is removed, and of the people when it is back.

use std::time::Duration;

use shared::{
    clock::Clock,
    flow::FlowId,
    identity::{Identity, Tokens},
    ids::{AccountId, SlackUserId},
    store::{LinkIdentity, LinkWrite, Linked, OpenFlow},
};

use super::remove;
use crate::harness::{ACME, ALICE, ALICES, BOB, BOBS, World, browser::Browser};

/// Links so many more people, all at once.
async fn crowd(world: &World, people: u32) {
    let rows = world.rows();
    let flow = rows.flows.into_values().next().unwrap();
    let identity = rows.identities.into_values().next().unwrap();
    for n in 0..people {
        let mut person = identity.person.clone();
        person.user = SlackUserId::parse(&format!("U0CROWD{n:03}")).unwrap();
        let mut account = identity.account.clone();
        account.id = AccountId::parse(&format!("{}", 5000 + n)).unwrap();
        let mut flow = flow.clone();
        flow.id = FlowId::of_nonce(&format!("crowd {n}"));
        flow.person = person.clone();
        flow.stage = shared::flow::Stage::Proven;
        flow.epoch = 0;
        world.store.open_flow(&flow).await.unwrap();
        let identity = Identity { person, account, ..identity.clone() };
        let write = LinkWrite { flow: flow.used(), identity, job: None, now: world.clock.now() };
        assert_eq!(world.store.link(&write).await.unwrap(), Linked::Yes);
    }
}

fn wiped(world: &World) -> usize {
    let rows = world.rows();
    rows.identities.values().filter(|identity| identity.tokens == Tokens::wiped()).count()
}

#[tokio::test]
async fn the_schedule_wipes_everybody_s_tokens_a_hundred_at_a_time() {
    let world = World::with_linked(ALICE, ALICES).await;
    crowd(&world, 229).await;
    remove(&world).await;

    let mut counts = vec![wiped(&world)];
    for _ in 0..4 {
        world.tick().await;
        counts.push(wiped(&world));
    }

    assert_eq!(counts, [0, 100, 200, 230, 230]);
    let row = world.installation().unwrap();
    assert_eq!(row.next_at, None, "nothing is left to do");
}

#[tokio::test]
async fn exactly_a_hundred_people_are_wiped_and_it_ends() {
    let world = World::with_linked(ALICE, ALICES).await;
    crowd(&world, 99).await;
    remove(&world).await;

    for _ in 0..3 {
        world.tick().await;
    }

    assert_eq!((wiped(&world), world.installation().unwrap().next_at), (100, None));
}

#[tokio::test]
async fn the_links_stay() {
    let world = World::with_linked(ALICE, ALICES).await;
    let before = world.rows();

    remove(&world).await;
    world.tick().await;

    let after = world.rows();
    assert_eq!(after.reverse, before.reverse);
    assert_eq!(after.epochs, before.epochs);
    let link_ids = |rows: &shared::store::memory::Rows| {
        rows.identities.values().map(|identity| identity.link_id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(link_ids(&after), link_ids(&before));
}

#[tokio::test]
async fn wiping_asks_neither_slack_nor_sentry() {
    let world = World::with_linked(ALICE, ALICES).await;
    remove(&world).await;
    let (slack, sentry) = (world.slack.log().len(), world.sentry.log().len());

    world.tick().await;
    world.tick().await;

    assert_eq!(wiped(&world), 1);
    assert_eq!(world.slack.log().len(), slack);
    // The tick looks whether Sentry is there; it acts for nobody.
    let asked = world.sentry.log().split_off(sentry);
    assert!(asked.iter().all(|call| call.account.is_none()), "{asked:?}");
}

#[tokio::test]
async fn after_a_new_install_the_person_signs_in_again_and_the_click_is_carried_out() {
    let world = World::with_linked(ALICE, ALICES).await;
    remove(&world).await;
    world.tick().await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;

    let alert = world.post_alert();
    world.click(ALICE, &alert, "resolved").await;
    world.work().await;
    let asked = world.newest_words(ALICE);
    let done = Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;
    world.work().await;

    assert!(asked.contains("sign-in has expired"), "{asked}");
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn a_new_install_before_the_tokens_are_wiped_keeps_them() {
    let world = World::with_linked(ALICE, ALICES).await;
    remove(&world).await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;

    world.tick().await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.work().await;

    assert_eq!(wiped(&world), 0);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn a_new_install_in_the_middle_of_the_wiping_ends_it() {
    let world = World::with_linked(ALICE, ALICES).await;
    crowd(&world, 150).await;
    remove(&world).await;
    world.tick().await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;

    for _ in 0..3 {
        world.tick().await;
    }

    assert_eq!(wiped(&world), 100);
    assert_eq!(world.installation().unwrap().wiped_to, None);
}

#[tokio::test]
async fn a_second_removal_wipes_from_the_beginning() {
    let world = World::with_linked(ALICE, ALICES).await;
    crowd(&world, 150).await;
    for _ in 0..2 {
        remove(&world).await;
        world.tick().await;
        world.clock.advance(Duration::from_secs(5));
        Browser::of(&world, BOB, BOBS).install(ACME).await;
        world.clock.advance(Duration::from_secs(5));
    }

    remove(&world).await;
    world.tick().await;
    world.tick().await;

    assert_eq!(wiped(&world), 151);
}
