//! Slack or Sentry is slow: one message of the queue is over in the time that the function has.

use std::time::Duration;

use local::slack::BACKEND;
use perform::Perform;
use shared::slack::{client::SlackClient, response_url::Hooks};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use url::Url;

use super::front::{forward, perform_at, read_request};
use crate::harness::{
    ALICE, ALICES, BOBS, World,
    alerts::{ISSUE, rule_for},
    event_to,
    queue::sqs_event_of,
};

/// Somewhere to listen, and the address of it.
pub(super) async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = local::server::origin(&listener).unwrap();
    (listener, origin)
}

pub(super) fn host(url: &str) -> String {
    url.strip_prefix("http://").unwrap().to_owned()
}

/// Lets the next so many requests through, but none before all of them are there.
pub(super) async fn let_through_together(listener: TcpListener, server: String, all: usize) {
    let mut waiting = Vec::new();
    while waiting.len() < all {
        let (mut client, _) = listener.accept().await.unwrap();
        let request = read_request(&mut client).await;
        waiting.push((client, request));
    }
    for (mut client, request) in waiting {
        client.write_all(&forward(&request, &server).await).await.unwrap();
    }
}

#[tokio::test]
async fn the_issues_of_one_message_are_asked_for_at_once() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.add_issues(3);
    let issues = ["4815", "4816", "10001", "10002", "10003"];
    let links =
        issues.map(|issue| format!("{}/organizations/acme/issues/{issue}/", world.sentry_url));
    let (message, event) = world.slack.share_link(ALICE, BACKEND, &links.join(" ")).unwrap();
    world.dispatch(&event_to("/event", &event)).await;
    let unfurl = world.queue.take_due_unfurl().unwrap().to_text();
    let (listener, origin) = listener().await;
    tokio::spawn(let_through_together(listener, host(&world.sentry_url), issues.len()));

    perform_at(&world, &origin).handle(sqs_event_of(&[&unfurl])).await;

    assert_eq!(world.slack.message(&message).unwrap().content.attachments.len(), issues.len());
}

/// Lets everything through to Slack, five seconds later by the world's clock.
async fn slow_slack(world: &World) -> String {
    let (listener, origin) = listener().await;
    let (slack, clock) = (host(&world.slack_url), world.clock.clone());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let request = read_request(&mut client).await;
            clock.advance(Duration::from_secs(5));
            client.write_all(&forward(&request, &slack).await).await.unwrap();
        }
    });
    origin
}

#[tokio::test]
async fn what_a_slow_slack_leaves_no_time_for_is_for_the_next_message() {
    let world = World::new().await;
    for _ in 0..3 {
        world.fire(&rule_for(BACKEND)).await;
        world.clock.advance(Duration::from_hours(25));
        world.settle().await;
    }
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    for hook in world.sentry.take_hooks() {
        world.hook(&hook).await;
    }
    let before = world.calls_of("chat.update");
    let slack = Url::parse(&slow_slack(&world).await).unwrap();
    let http = shared::transport::client(None).unwrap();
    let worker = Perform {
        slack: SlackClient::new(http, slack.clone(), Hooks::new(&slack)),
        ..world.perform_at(world.store.clone())
    };

    let post = world.queue.take_due_post().unwrap().to_text();
    worker.handle(sqs_event_of(&[&post])).await;

    assert_eq!(world.calls_of("chat.update") - before, 2);
    world.work_posts().await;
    assert_eq!(world.calls_of("chat.update") - before, 3);
}

#[tokio::test]
async fn a_sentry_that_does_not_answer_costs_the_counts_and_hardly_any_time() {
    let mut world = World::new().await;
    world.may_read();
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    let post = world.queue.take_due_post().unwrap().to_text();
    let (_silent, origin) = listener().await;
    let worker = perform_at(&world, &origin);

    let said = tokio::time::timeout(Duration::from_secs(4), worker.handle(sqs_event_of(&[&post])));

    assert!(said.await.is_ok());
    assert!(!world.alert_in(BACKEND).words().contains("Events:"));
}
