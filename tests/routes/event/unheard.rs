//! What is remembered of events: only that they were dealt with.

use crate::harness::{ALICE, ALICES, BOB, World};

#[tokio::test]
async fn two_people_who_write_the_same_are_two_events() {
    let world = World::new().await;
    for user in [ALICE, BOB, ALICE] {
        let answer = world.hear(&world.slack.direct_message(user, "help").unwrap()).await;
        assert_eq!(answer.status, 200);
    }

    assert_eq!(world.slack.direct_messages(ALICE).len(), 2);
    assert_eq!(world.slack.direct_messages(BOB).len(), 1);
    assert_eq!(world.rows().events.len(), 3);
}

#[tokio::test]
async fn what_was_written_is_not_kept() {
    let world = World::with_linked(ALICE, ALICES).await;

    world.hear(&world.slack.direct_message(ALICE, "my secret is pamplemousse").unwrap()).await;

    assert!(!format!("{:?}", world.rows()).contains("pamplemousse"));
}
