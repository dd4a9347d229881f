//! One channel, or one workspace, of several does not work: the others have what is theirs.

use std::time::Duration;

use alert::Alert;
use local::{sentry::AlertRule, slack::BACKEND};
use serde_json::{Value, json};
use shared::{
    clock::ManualClock,
    http::serve,
    slack::{client::SlackClient, response_url::Hooks},
    store::{FindWorkspaces, HearEvents, KeepPosts, memory::MemoryStore},
};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use url::Url;

use super::{
    front::read_request,
    slow::{host, let_through_together, listener},
    table::{Part, Table},
};
use crate::harness::{World, event, hook_event, queue::TestQueue};

/// Two workspaces, both of which want the alerts of one organization.
async fn two_workspaces() -> World {
    let world = World::new().await;
    world.choose_default_channel().await;
    world.add_workspace().await;
    world
}

async fn answer<S>(alert: &Alert<S, TestQueue, ManualClock>, event: Value) -> (i64, Value)
where
    S: FindWorkspaces + HearEvents + KeepPosts,
{
    let request = serde_json::from_value(event).unwrap();
    let answer = serde_json::to_value(serve(request, &|r| alert.handle(r)).await).unwrap();
    let body = answer["body"].as_str().unwrap_or_default();
    (answer["statusCode"].as_i64().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

/// `POST /alert` and what belongs to it, which looks for Slack there.
fn alert_with(world: &World, slack: &str) -> Alert<MemoryStore, TestQueue, ManualClock> {
    let (http, slack) = (shared::transport::client(None).unwrap(), Url::parse(slack).unwrap());
    let slack = SlackClient::new(http, slack.clone(), Hooks::new(&slack));
    Alert { slack, ..world.alert_at(world.store.clone()) }
}

fn choosing(world: &World) -> Value {
    let signature = world.sentry.sign_hook("acme", "", "").signature;
    event("GET", "/alert/channels?query=back", &json!({"sentry-app-signature": signature}), "")
}

#[tokio::test]
async fn an_alert_that_one_channel_cannot_be_written_for_is_said_in_the_other() {
    let world = two_workspaces().await;
    let table = Table::of(&world);
    table.fail_once(Part::ReadPost);
    let hook = world.sentry.fire_alert("4815", &AlertRule::new("Everything")).unwrap();

    let (status, _) = answer(&world.alert_at(table), hook_event(&hook)).await;
    world.settle().await;

    assert_eq!((status, world.rows().posts.len()), (503, 1));
    assert!(world.alert_in(BACKEND).words().contains("Alert rule: Everything"));
}

#[tokio::test]
async fn the_workspaces_are_asked_for_their_channels_at_once() {
    let world = two_workspaces().await;
    let (listener, origin) = listener().await;
    tokio::spawn(let_through_together(listener, host(&world.slack_url), 2));

    let (_, choices) = answer(&alert_with(&world, &origin), choosing(&world)).await;

    let values: Vec<_> = choices.as_array().unwrap().iter().map(|c| c["value"].clone()).collect();
    assert_eq!(values, ["T0ACME0001:C0BACKEND1", "T0ELSEWHERE:C0BACKEND1"]);
}

/// Has one page of channels after the other, and takes two seconds for each.
async fn ever_more_channels(listener: TcpListener) {
    let page = json!({"ok": true, "channels": [], "response_metadata": {"next_cursor": "more"}});
    let page = page.to_string();
    let length = page.len();
    let page = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{page}"
    );
    while let Ok((mut client, _)) = listener.accept().await {
        let page = page.clone();
        tokio::spawn(async move {
            read_request(&mut client).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            // Who has given up does not read it.
            let _ = client.write_all(page.as_bytes()).await;
        });
    }
}

#[tokio::test]
async fn a_workspace_that_does_not_come_to_an_end_with_its_channels_is_left_out_in_time() {
    let world = two_workspaces().await;
    let (listener, origin) = listener().await;
    tokio::spawn(ever_more_channels(listener));
    let alert = alert_with(&world, &origin);

    let answered = tokio::time::timeout(Duration::from_secs(8), answer(&alert, choosing(&world)));

    assert_eq!(answered.await, Ok((200, json!([]))));
}
