//! Words that are written to the app directly: the same as behind `/sentry`.

use local::slack::{Message, Person};

use crate::harness::{ALICE, ALICES, BOB, World, browser::Browser, link_in};

/// Somebody writes this to the app; what it writes back.
async fn answered(world: &World, user: &str, words: &str) -> String {
    let before = world.slack.direct_messages(user).len();
    let answer = world.hear(&world.slack.direct_message(user, words).unwrap()).await;
    assert_eq!(answer.status, 200, "{words}");
    let mut told = world.slack.direct_messages(user).split_off(before);
    assert_eq!(told.len(), 1, "{words}: {told:?}");
    told.remove(0).words()
}

#[tokio::test]
async fn link_answers_with_a_link_that_links_and_the_notice_comes_there() {
    let world = World::new().await;

    let words = answered(&world, ALICE, "link").await;
    let done = Browser::of(&world, ALICE, ALICES).link(&link_in(&words)).await;

    assert!(words.contains("|Link your Slack identity>"), "{words}");
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.rows().identities.len(), 1);
    assert!(world.rows().jobs.is_empty());
    let talk = world.talk(ALICE);
    assert!(talk[0] == "link" && talk[2].contains("good to go"), "{talk:?}");
}

#[tokio::test]
async fn link_of_who_is_linked_says_so() {
    let world = World::with_linked(ALICE, ALICES).await;

    let words = answered(&world, ALICE, "link").await;

    assert!(words.contains("already linked as `alice@acme.example`"), "{words}");
}

#[tokio::test]
async fn whoami_says_who_one_is() {
    let world = World::with_linked(ALICE, ALICES).await;

    let (alice, bob) =
        (answered(&world, ALICE, "whoami").await, answered(&world, BOB, "whoami").await);

    assert!(alice.contains("*Alice Archer* (alice@acme.example)"), "{alice}");
    assert!(bob.contains("not linked to a Sentry account"), "{bob}");
}

#[tokio::test]
async fn help_lists_the_commands_and_what_is_unknown_is_said_to_be() {
    let world = World::new().await;
    for (typed, said) in [
        ("help", "Here are the commands"),
        ("", "Here are the commands"),
        ("  HELP  ", "Here are the commands"),
        ("hello there", "Unknown command: `hello there`"),
        ("link me", "Unknown command: `link me`"),
        ("<!channel> `x`", "Unknown command: `&lt;!channel&gt; 'x'`"),
    ] {
        let words = answered(&world, ALICE, typed).await;
        assert!(words.contains(said), "{typed}: {words}");
    }
}

#[tokio::test]
async fn unlink_asks_and_the_button_unlinks_once() {
    let world = World::with_linked(ALICE, ALICES).await;
    answered(&world, ALICE, "unlink").await;
    let asked = world.slack.direct_messages(ALICE).pop().unwrap();
    let link_id = value_of(&asked, "unlink_identity");
    let click = world.slack.click(ALICE, &asked.ts, "unlink_identity", &link_id).unwrap();

    let statuses = [world.deliver(&click).await.status, world.deliver(&click).await.status];

    assert_eq!(statuses, [200, 200]);
    let rows = world.rows();
    assert!(rows.identities.is_empty() && rows.reverse.is_empty());
    assert_eq!(rows.epochs.into_values().collect::<Vec<_>>(), [2]);
    let redrawn = world.slack.message(&asked.ts).unwrap();
    assert!(!format!("{:?}", redrawn.content).contains("unlink_identity"), "the button is gone");
}

#[tokio::test]
async fn unlink_of_who_is_not_linked_says_so() {
    let world = World::new().await;

    let words = answered(&world, ALICE, "unlink").await;

    assert!(words.contains("do not have a linked identity"), "{words}");
}

#[tokio::test]
async fn the_app_does_not_answer_itself() {
    let world = World::new().await;
    answered(&world, ALICE, "help").await;

    let heard = world.hear_due().await;

    assert_eq!(heard.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200]);
    assert_eq!(world.talk(ALICE).len(), 2);
    assert_eq!(world.rows().events.len(), 1, "only the person's own words are remembered");
}

#[tokio::test]
async fn what_becomes_of_a_message_is_no_message() {
    let world = World::new().await;
    for (case, name, value) in [
        ("edited", "subtype", "message_changed"),
        ("deleted", "subtype", "message_deleted"),
        ("of another bot", "bot_id", "B0OTHER001"),
        ("in a group", "channel_type", "mpim"),
        ("in a channel", "channel_type", "channel"),
    ] {
        let said = world.slack.direct_message(ALICE, "link").unwrap();
        let mut body: serde_json::Value = serde_json::from_slice(&said.body).unwrap();
        body["event"][name] = value.into();

        let answer = world.hear(&world.slack.sign(body.to_string().as_bytes())).await;

        assert_eq!(answer.status, 200, "{case}");
        assert!(world.slack.direct_messages(ALICE).is_empty(), "{case}");
        assert!(world.rows().flows.is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_guest_is_told_that_guests_cannot_act() {
    let world = World::new().await;
    let guest = Person::member("U0GUEST001", "gus", "Gus Guest");
    world.slack.add_person(Person { team_id: "T0OTHER001".into(), ..guest });

    for words in ["link", "whoami", "unlink", "help"] {
        let answer = answered(&world, "U0GUEST001", words).await;
        assert!(answer.contains("Only members of the workspace *Acme*"), "{words}: {answer}");
    }

    assert!(world.rows().flows.is_empty());
}

#[tokio::test]
async fn a_name_that_slack_does_not_tell_stops_no_link() {
    let world = World::new().await;
    world.slack.fail_web_api("users.info", local::slack::Fault::ServerError);

    let words = answered(&world, ALICE, "link").await;

    let page = Browser::of(&world, ALICE, ALICES).get(&link_in(&words)).await;
    assert!(page.body.contains(ALICE), "{}", page.body);
}

/// The value of a button that stands in a message.
fn value_of(message: &Message, action_id: &str) -> String {
    let blocks = message.content.blocks.iter();
    let mut elements = blocks.filter_map(|block| block["elements"].as_array()).flatten();
    let button = elements.find(|element| element["action_id"] == action_id).unwrap();
    button["value"].as_str().unwrap().to_owned()
}
