//! Links to issues: who shares one shows the issue, if they may see it themselves.

use std::time::Duration;

use local::{
    sentry::{Mode, Right},
    slack::{BACKEND, Fault, MessageTs, OPS_PRIVATE, Person, Retry, SignedRequest},
};
use serde_json::{Value, json};
use shared::{
    identity::InstallationStatus,
    store::{ChangeInstallation, SaveInstallation},
};

use crate::harness::{ALICE, ALICES, Answer, BOB, BOBS, World, browser::Browser, event_to};

const TITLE: &str = "bad operand";

fn link_to(world: &World, organization: &str, issue: &str) -> String {
    format!("{}/organizations/{organization}/issues/{issue}/", world.sentry_url)
}

/// Somebody posts this in a channel; the event that tells the app.
fn share(world: &World, user: &str, text: &str) -> (MessageTs, SignedRequest) {
    world.slack.share_link(user, BACKEND, text).unwrap()
}

async fn deliver(world: &World, request: &SignedRequest) -> Answer {
    world.dispatch(&event_to("/event", request)).await
}

/// Somebody shares an issue, and everything that follows has followed.
async fn shared(world: &World, user: &str, text: &str) -> MessageTs {
    let (ts, event) = share(world, user, text);
    let ack = deliver(world, &event).await;
    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    world.work().await;
    ts
}

/// The event again, with other fields.
fn changed(world: &World, request: &SignedRequest, edit: impl FnOnce(&mut Value)) -> SignedRequest {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    edit(&mut body);
    world.slack.sign(body.to_string().as_bytes())
}

/// What stands below a message.
fn unfurls(world: &World, ts: &MessageTs) -> Vec<Value> {
    world.slack.message(ts).unwrap().content.attachments
}

fn calls(world: &World, method: &str) -> Vec<String> {
    let log = world.slack.log().into_iter();
    log.filter(|call| call.method == method).map(|call| call.outcome).collect()
}

/// Every word that anybody can read in the channel of the link, or that was said to this person.
fn all_words(world: &World, user: &str) -> String {
    let mut messages = world.slack.posts(BACKEND);
    messages.extend(world.slack.ephemerals(user));
    messages.extend(world.slack.direct_messages(user));
    messages.iter().map(local::slack::Message::words).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_issue_that_is_shared_is_shown_under_its_link() {
    let world = World::with_linked(ALICE, ALICES).await;

    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let words = world.words_of(&ts);
    assert!(words.contains(TITLE) && words.contains("BACKEND-12"), "{words}");
    assert!(words.contains("Resolve") && words.contains("State: "), "{words}");
    assert_eq!(unfurls(&world, &ts).len(), 1);
    assert_eq!(world.slack.message(&ts).unwrap().author, ALICE);
    assert_eq!(calls(&world, "chat.unfurl"), ["ok"]);
}

#[tokio::test]
async fn a_button_under_the_link_acts_as_the_one_who_clicks_it() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.link(BOB, BOBS).await;
    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let click = world.slack.click(BOB, &ts, "status::resolved", "resolved").unwrap();
    let ack = world.deliver(&click).await;
    world.work().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    assert_eq!(world.sentry.changes().pop().unwrap().account, BOBS);
    let unfurl = unfurls(&world, &ts)[0].to_string();
    assert!(unfurl.contains("*Issue resolved by <@U0BOB00001>*"), "{unfurl}");
}

#[tokio::test]
async fn several_links_are_shown_at_once_and_the_ones_out_of_reach_stay_links() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (first, second) = (link_to(&world, "acme", "4815"), link_to(&world, "acme", "4816"));
    let (gone, again) = (link_to(&world, "acme", "999"), format!("{first}?project=1&query=x"));

    let ts = shared(&world, ALICE, &format!("{first} {gone} {second} {again} {first}")).await;

    let shown: Vec<_> = unfurls(&world, &ts).iter().map(|u| u["app_unfurl_url"].clone()).collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(!shown.contains(&json!(gone)));
    assert_eq!(calls(&world, "chat.unfurl"), ["ok"]);
}

#[tokio::test]
async fn where_the_app_is_no_member_the_issue_is_shown_all_the_same() {
    let world = World::with_linked(ALICE, ALICES).await;
    let link = link_to(&world, "acme", "4815");
    let (ts, event) = world.slack.share_link(ALICE, OPS_PRIVATE, &link).unwrap();

    deliver(&world, &event).await;
    world.work().await;

    assert_eq!(unfurls(&world, &ts).len(), 1);
}

#[tokio::test]
async fn who_is_not_linked_is_offered_to_and_nothing_of_the_issue_is_said() {
    let world = World::new().await;

    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let offer = world.newest_words(ALICE);
    assert!(offer.contains("Link your Slack identity"), "{offer}");
    assert_eq!(world.slack.ephemerals(ALICE)[0].channel, BACKEND);
    let words = all_words(&world, ALICE);
    for telling in [TITLE, "BACKEND-12", "pricing.total", "Resolve"] {
        assert!(!words.contains(telling), "{telling} in {words}");
    }
    assert!(unfurls(&world, &ts).is_empty());
    assert!(world.sentry.log().is_empty(), "Sentry was asked");
}

#[tokio::test]
async fn who_links_by_that_offer_sees_the_next_issue_they_share() {
    let world = World::new().await;
    shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let done = Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;
    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4816")).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert!(world.slack.ephemerals(ALICE).iter().any(|m| m.words().contains("good to go")));
    assert!(world.words_of(&ts).contains("BACKEND-13"));
}

#[tokio::test]
async fn an_offer_is_its_owners_alone() {
    let world = World::new().await;
    shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let page = Browser::of(&world, BOB, BOBS).prove(&world.prompted_link(ALICE)).await;

    assert_eq!(page.status, 403, "{}", page.body);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn one_event_delivered_twice_is_one_offer_and_one_look() {
    let world = World::new().await;
    let (_, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));

    let first = deliver(&world, &event).await;
    let retry = Retry { number: 1, reason: "http_timeout" };
    let second = deliver(&world, &world.slack.retried(&event, retry)).await;
    world.work().await;

    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(world.slack.ephemerals(ALICE).len(), 1);
    assert_eq!(world.rows().flows.len(), 1);
}

#[tokio::test]
async fn one_message_of_the_queue_delivered_twice_offers_the_same_link() {
    let world = World::new().await;
    let (_, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    deliver(&world, &event).await;
    let message = world.queue.unfurls().remove(0).0.to_text();

    world.perform.handle(crate::harness::queue::sqs_event_of(&[&message, &message])).await;

    assert_eq!(world.slack.ephemerals(ALICE).len(), 2);
    assert_eq!(world.rows().flows.len(), 1);
}

#[tokio::test]
async fn an_issue_of_an_organization_that_the_workspace_is_not_bound_to_is_left_alone() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.add_member(ALICES, "umbrella");
    let before = world.calls();

    let ts = shared(&world, ALICE, &link_to(&world, "umbrella", "4815")).await;

    assert!(unfurls(&world, &ts).is_empty());
    assert!(world.queue.unfurls().is_empty());
    assert_eq!(world.calls(), before);
}

#[tokio::test]
async fn who_may_not_see_the_issue_shares_a_link_and_no_more() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_right(ALICES, "acme", Right::None);

    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    assert!(unfurls(&world, &ts).is_empty());
    assert!(!all_words(&world, ALICE).contains("is not a member"));
    assert_eq!(calls(&world, "chat.unfurl").len(), 0);
}

#[tokio::test]
async fn the_rights_of_who_shares_count_and_not_of_who_reads() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.link(BOB, BOBS).await;
    world.sentry.remove_member(ALICES, "acme");
    let link = link_to(&world, "acme", "4815");

    let alices = shared(&world, ALICE, &link).await;
    let bobs = shared(&world, BOB, &link).await;

    assert!(unfurls(&world, &alices).is_empty());
    assert_eq!(unfurls(&world, &bobs).len(), 1);
}

#[tokio::test]
async fn single_sign_on_and_a_lost_seat_are_no_reason_to_speak_up() {
    for mode in [Mode::SsoRequired, Mode::NoSeat] {
        let world = World::with_linked(ALICE, ALICES).await;
        world.sentry.set_mode(mode);

        let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

        assert!(unfurls(&world, &ts).is_empty(), "{mode:?}");
        assert!(world.queue.unfurls().is_empty(), "{mode:?}");
    }
}

#[tokio::test]
async fn a_token_that_ends_soon_is_renewed_and_a_dead_one_is_not_asked_for() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.clock.advance(Duration::from_hours(29 * 24 + 1));
    let renewed = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;
    world.sentry.revoke_tokens(ALICES);

    let dead = shared(&world, ALICE, &link_to(&world, "acme", "4816")).await;

    assert_eq!((unfurls(&world, &renewed).len(), world.sentry.refreshes()), (1, 1));
    assert!(unfurls(&world, &dead).is_empty());
    assert!(!world.newest_words(ALICE).contains("expired"));
}

#[tokio::test]
async fn while_somebody_still_types_an_issue_is_shown_by_the_name_that_slack_gives() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (_, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    let typed = changed(&world, &event, |body| {
        body["event"]["channel"] = json!("COMPOSER");
        body["event"]["source"] = json!("composer");
        body["event"]["message_ts"] = json!("Uxxxxxxx-909b5454-75f8");
    });

    let ack = deliver(&world, &typed).await;
    world.work().await;

    assert_eq!(ack.status, 200);
    // The stand-in knows nothing that is only typed; the name it does not know was the composer's.
    assert_eq!(calls(&world, "chat.unfurl"), ["invalid_unfurl_id"]);
    assert!(world.queue.unfurls().is_empty());
}

#[tokio::test]
async fn while_somebody_not_linked_still_types_nothing_is_said() {
    let world = World::new().await;
    let (_, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    let typed = changed(&world, &event, |body| {
        body["event"]["channel"] = json!("COMPOSER");
        body["event"]["source"] = json!("composer");
    });

    let ack = deliver(&world, &typed).await;
    world.work().await;

    assert_eq!(ack.status, 200);
    assert_eq!(world.calls(), 0);
    assert!(world.rows().flows.is_empty());
}

#[tokio::test]
async fn a_guest_from_another_workspace_is_not_offered_what_they_cannot_use() {
    let world = World::new().await;
    let guest = "U0GUEST001";
    let person = Person::member(guest, "gert", "Gert Guest");
    world.slack.add_person(Person { team_id: "T0PARTNER1".into(), ..person });
    let link = link_to(&world, "acme", "4815");

    let ts = shared(&world, guest, &link).await;
    let (_, event) = share(&world, ALICE, &link);
    let said_so = changed(&world, &event, |body| body["event"]["user_team"] = json!("T0PARTNER1"));
    deliver(&world, &said_so).await;
    world.work().await;

    assert!(world.slack.ephemerals(guest).is_empty() && world.slack.ephemerals(ALICE).is_empty());
    assert!(unfurls(&world, &ts).is_empty());
    assert!(world.rows().flows.is_empty());
}

#[tokio::test]
async fn where_the_app_cannot_speak_it_does_not_write_to_the_person_instead() {
    let world = World::new().await;
    let link = link_to(&world, "acme", "4815");
    let (_, event) = world.slack.share_link(ALICE, OPS_PRIVATE, &link).unwrap();

    deliver(&world, &event).await;
    world.work().await;

    assert!(world.slack.direct_messages(ALICE).is_empty());
    assert!(world.queue.unfurls().is_empty());
}

#[tokio::test]
async fn when_the_queue_takes_nothing_slack_is_asked_to_come_again() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (ts, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    world.queue.break_down();
    let refused = deliver(&world, &event).await;
    world.queue.repair();

    let retry = Retry { number: 1, reason: "http_error" };
    let taken = deliver(&world, &world.slack.retried(&event, retry)).await;
    world.work().await;

    assert_eq!((refused.status, taken.status), (503, 200));
    assert!(refused.headers.get("x-slack-no-retry").is_none());
    assert_eq!(unfurls(&world, &ts).len(), 1);
}

#[tokio::test]
async fn what_slack_cannot_take_now_it_is_given_later() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.slack.fail_next_web_api("chat.unfurl", Fault::RateLimited { retry_after: 40 });
    let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;
    let wait = world.queue.unfurls()[0].1;

    world.clock.advance(wait);
    world.work().await;

    assert_eq!(wait, Duration::from_secs(40));
    assert_eq!(unfurls(&world, &ts).len(), 1);
    assert!(world.queue.unfurls().is_empty());
}

#[tokio::test]
async fn an_offer_that_slack_takes_after_a_quarter_of_an_hour_can_still_be_used() {
    let world = World::new().await;
    world.slack.fail_web_api("chat.postEphemeral", Fault::ServerError);
    shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;
    let mut age = Duration::ZERO;
    while age < Duration::from_mins(15) {
        world.work().await;
        let wait = world.queue.unfurls()[0].1;
        world.clock.advance(wait);
        age += wait;
    }

    world.slack.heal_web_api();
    world.work().await;

    let done = Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

#[tokio::test]
async fn half_an_hour_after_the_link_was_shared_it_is_given_up() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.slack.fail_web_api("chat.unfurl", Fault::ServerError);
    shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

    let mut waited = Duration::ZERO;
    while let Some((_, wait)) = world.queue.unfurls().pop() {
        waited += wait;
        world.clock.advance(wait);
        world.work().await;
    }

    let limit = Duration::from_mins(30);
    assert!((Duration::from_mins(20)..limit).contains(&waited), "{waited:?}");
    assert!(calls(&world, "chat.unfurl").len() < 15);
}

#[tokio::test]
async fn what_slack_refuses_is_not_asked_again() {
    for refusal in ["cannot_unfurl_url", "cannot_find_channel", "missing_scope", "is_archived"] {
        let world = World::with_linked(ALICE, ALICES).await;
        world.slack.fail_web_api("chat.unfurl", Fault::Error(refusal));

        shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;

        assert_eq!(calls(&world, "chat.unfurl"), [refusal]);
        assert!(world.queue.unfurls().is_empty(), "{refusal}");
    }
}

#[tokio::test]
async fn while_sentry_is_down_a_link_waits() {
    for mode in [Mode::Down, Mode::RateLimited { reset_after: None }, Mode::MaintenanceHtml200] {
        let world = World::with_linked(ALICE, ALICES).await;
        world.sentry.set_mode(mode);
        let ts = shared(&world, ALICE, &link_to(&world, "acme", "4815")).await;
        assert!(unfurls(&world, &ts).is_empty(), "{mode:?}");
        world.sentry.set_mode(Mode::Normal);

        world.clock.advance(world.queue.unfurls()[0].1);
        world.work().await;

        assert_eq!(unfurls(&world, &ts).len(), 1, "{mode:?}");
    }
}

#[tokio::test]
async fn after_the_app_was_removed_nothing_is_shown() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (ts, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    deliver(&world, &event).await;
    let tenant = world.queue.unfurls()[0].0.person.tenant.clone();
    let mut installation = world.store.installation(&tenant).await.unwrap().unwrap();
    installation.status = InstallationStatus::Disabled;
    world.store.save_installation(&installation).await.unwrap();
    let before = world.calls();

    world.work().await;

    assert!(unfurls(&world, &ts).is_empty());
    assert_eq!(world.calls(), before);
}

#[tokio::test]
async fn what_travels_says_nothing_to_who_reads_the_queue_and_is_bound_to_its_person() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.link(BOB, BOBS).await;
    let (ts, event) = share(&world, ALICE, &link_to(&world, "acme", "4815"));
    deliver(&world, &event).await;
    let message = world.queue.take_due_unfurl().unwrap().to_text();

    let forged = message.replace(ALICE, BOB);
    let answer = world.perform.handle(crate::harness::queue::sqs_event_of(&[&forged])).await;

    assert!(!message.contains("4815") && !message.contains("acme"), "{message}");
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert!(unfurls(&world, &ts).is_empty());
}
