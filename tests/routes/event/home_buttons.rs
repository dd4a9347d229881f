//! The buttons in the app's home, used once and twice.

use local::slack::{Fault, Person};

use super::home::{button, open, words};
use crate::harness::{ALICE, ALICES, BOBS, World, browser::Browser};

/// Alice clicks the button that stands in her home.
async fn click(world: &World, action_id: &str, value: &str) -> u16 {
    let click = world.slack.click_home(ALICE, action_id, value).unwrap();
    world.deliver(&click).await.status
}

/// The links in the window that stands open.
fn links(world: &World, user: &str) -> Vec<String> {
    let views = world.slack.views(user);
    let elements = views.last().unwrap().blocks()[1]["elements"].as_array().unwrap().clone();
    elements.iter().map(|button| button["url"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_button_opens_a_window_with_a_link_that_links() {
    let world = World::new().await;
    open(&world, ALICE).await;

    let status = click(&world, "link_identity", "").await;
    let links = links(&world, ALICE);
    let done = Browser::of(&world, ALICE, ALICES).link(&links[0]).await;

    assert_eq!((status, links.len()), (200, 1));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.rows().identities.len(), 1);
    assert!(world.direct_words(ALICE).contains("good to go"), "{}", world.direct_words(ALICE));
}

#[tokio::test]
async fn every_click_makes_a_fresh_link_and_one_delivered_twice_the_same() {
    let world = World::new().await;
    open(&world, ALICE).await;
    let request = world.slack.click_home(ALICE, "link_identity", "").unwrap();

    let statuses = [world.deliver(&request).await.status, world.deliver(&request).await.status];
    let once = (world.slack.views(ALICE).len(), world.rows().flows.len());
    click(&world, "link_identity", "").await;

    assert_eq!((statuses, once), ([200, 200], (1, 1)));
    assert_eq!(world.rows().flows.len(), 2);
}

#[tokio::test]
async fn a_link_in_a_window_that_stood_open_for_too_long_has_ended() {
    let world = World::new().await;
    open(&world, ALICE).await;
    click(&world, "link_identity", "").await;
    let link = links(&world, ALICE).remove(0);

    world.clock.advance(std::time::Duration::from_mins(15));
    let page = Browser::of(&world, ALICE, ALICES).get(&link).await;

    assert_eq!(page.status, 410, "{}", page.body);
}

#[tokio::test]
async fn who_has_linked_meanwhile_sees_the_home_as_it_is() {
    let world = World::new().await;
    open(&world, ALICE).await;
    world.link(ALICE, ALICES).await;

    let status = click(&world, "link_identity", "").await;

    assert_eq!((status, world.slack.views(ALICE).len()), (200, 0));
    assert_eq!(button(&world.slack.home(ALICE).unwrap())["action_id"], "unlink_identity");
}

#[tokio::test]
async fn the_way_out_unlinks_and_the_home_says_so() {
    let world = World::with_linked(ALICE, ALICES).await;
    let home = open(&world, ALICE).await;
    let value = button(&home)["value"].as_str().unwrap().to_owned();

    let status = click(&world, "unlink_identity", &value).await;

    assert_eq!(status, 200);
    assert!(world.rows().identities.is_empty() && world.rows().reverse.is_empty());
    let home = world.slack.home(ALICE).unwrap();
    assert!(words(&home).contains("not linked to a Sentry account yet"), "{}", words(&home));
    assert!(world.direct_words(ALICE).contains("has been unlinked"));
}

#[tokio::test]
async fn the_way_out_used_twice_unlinks_once() {
    let world = World::with_linked(ALICE, ALICES).await;
    let home = open(&world, ALICE).await;
    let value = button(&home)["value"].as_str().unwrap().to_owned();
    let request = world.slack.click_home(ALICE, "unlink_identity", &value).unwrap();

    let statuses = [world.deliver(&request).await.status, world.deliver(&request).await.status];

    assert_eq!(statuses, [200, 200]);
    assert_eq!(world.rows().epochs.into_values().collect::<Vec<_>>(), [2]);
    assert_eq!(button(&world.slack.home(ALICE).unwrap())["action_id"], "link_identity");
}

#[tokio::test]
async fn an_old_home_does_not_remove_a_newer_link() {
    let world = World::with_linked(ALICE, ALICES).await;
    let home = open(&world, ALICE).await;
    let value = button(&home)["value"].as_str().unwrap().to_owned();
    let old = world.slack.click_home(ALICE, "unlink_identity", &value).unwrap();
    world.deliver(&old).await;
    world.link(ALICE, BOBS).await;

    let answer = world.deliver(&old).await;

    assert_eq!(answer.status, 200);
    assert_eq!(world.rows().identities.len(), 1);
    let home = world.slack.home(ALICE).unwrap();
    assert!(words(&home).contains("bob@acme.example"), "{}", words(&home));
}

#[tokio::test]
async fn unlinked_is_unlinked_even_if_slack_cannot_say_so() {
    let world = World::with_linked(ALICE, ALICES).await;
    let home = open(&world, ALICE).await;
    let value = button(&home)["value"].as_str().unwrap().to_owned();
    for method in ["chat.postMessage", "views.publish"] {
        world.slack.fail_web_api(method, Fault::ServerError);
    }

    let status = click(&world, "unlink_identity", &value).await;

    assert_eq!(status, 200);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn a_guest_is_offered_no_link() {
    let world = World::new().await;
    let guest = Person::member(ALICE, "gus", "Gus Guest");
    world.slack.add_person(Person { team_id: "T0OTHER001".into(), ..guest });
    open(&world, ALICE).await;

    let status = click(&world, "link_identity", "").await;

    assert_eq!(status, 200);
    assert!(world.rows().flows.is_empty(), "a guest was given a link");
    assert!(world.slack.views(ALICE).is_empty());
    let home = world.slack.home(ALICE).unwrap();
    let told = home.blocks()[0]["text"]["text"].as_str().unwrap();
    assert!(told.contains("Only members of the workspace *Acme*"), "{told}");
}
