//! What leaves the bundle: a token and a person's words go to the host they were meant for, whatever
//! a row of the table or the other side's answer says.

use std::net::TcpListener as Silent;

use serde_json::json;
use shared::{
    change::{Assignee, Change},
    identity::Organization,
    ids::{IssueId, OrganizationId},
    secret::Secret,
    sentry::{
        client::{SentryClient, SentryError},
        oauth::{SentryOauth, UserToken},
    },
    slack::{
        client::{SlackClient, SlackError},
        message::{Message, Shown},
        response_url::{Hooks, ResponseUrl},
    },
    transport,
};
use tokio::{io::AsyncWriteExt, net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    faults::front::read_request,
    harness::{ALICE, ALICES, World},
};

/// Somebody who listens, and should hear nothing.
struct Ear(Silent);

impl Ear {
    fn new() -> Self {
        let listener = Silent::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    fn assert_heard_nothing(&self, case: &str) {
        assert!(self.0.accept().is_err(), "{case}: somebody was called");
    }
}

/// A server that sends everybody on to somebody else.
struct Sender {
    origin: Url,
    task: JoinHandle<()>,
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sender {
    async fn on_to(ear: &Ear, status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&local::server::origin(&listener).unwrap()).unwrap();
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: {}/there\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n",
            ear.origin()
        );
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                read_request(&mut client).await;
                client.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { origin, task }
    }

    fn slack(&self) -> SlackClient {
        let http = transport::client(None).unwrap();
        SlackClient::new(http, self.origin.clone(), Hooks::new(&self.origin))
    }

    fn sentry(&self) -> SentryClient {
        let http = transport::patient_client(None).unwrap();
        SentryClient::new(http, self.origin.clone(), http::HeaderMap::new())
    }
}

/// Where a server may send a client on to: with another method, and with the same one and the body.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

#[tokio::test]
async fn a_response_url_of_the_table_is_checked_again_when_it_is_used() {
    let ear = Ear::new();
    let host = ear.origin();
    let http = transport::client(None).unwrap();
    let slack = Url::parse("https://hooks.slack.com").unwrap();
    let slack = SlackClient::new(http, slack.clone(), Hooks::new(&slack));

    for url in [
        format!("{host}/actions/T0/1/abc"),
        host.replace("http:", "https:"),
        host.replace("//", "//hooks.slack.com@"),
        host.replace("127.0.0.1", "localhost"),
        "not a URL".into(),
    ] {
        let stored: ResponseUrl = serde_json::from_value(json!(url)).unwrap();
        let said = slack.respond(&stored, &words(), Shown::Ephemeral).await;
        assert_eq!(said, Err(SlackError::DeadUrl), "{url}");
        ear.assert_heard_nothing(&url);
    }
}

#[tokio::test]
async fn slack_cannot_send_the_app_s_token_or_its_words_elsewhere() {
    let ear = Ear::new();
    for status in REDIRECTS {
        let sender = Sender::on_to(&ear, status).await;
        let slack = sender.slack();
        let hook = slack.hooks().parse(sender.origin.join("actions").unwrap().as_str()).unwrap();

        let called = slack.call("chat.postMessage", &secret(), &json!({"text": "words"})).await;
        let answered = slack.respond(&hook, &words(), Shown::Ephemeral).await;

        assert_eq!(called, Err(SlackError::Unavailable { retry_after: None }), "{status}");
        assert!(answered.is_err(), "{status}");
        ear.assert_heard_nothing(&status.to_string());
    }
}

#[tokio::test]
async fn sentry_cannot_send_a_person_s_token_or_the_client_s_secret_elsewhere() {
    let ear = Ear::new();
    let world = World::with_linked(ALICE, ALICES).await;
    let alice = world.rows().identities.into_values().next().unwrap();
    let token = UserToken::of(&alice, &world.options.token_sealer).unwrap();
    let (acme, issue) = (acme(), IssueId::parse("4815").unwrap());
    let to_nobody = Change::Assign(Assignee::Nobody);
    let oauth = SentryOauth { client_id: "belay".into(), client_secret: secret() };
    for status in REDIRECTS {
        let sentry = Sender::on_to(&ear, status).await;
        let sentry = sentry.sentry();

        let looked = sentry.issue(&token, &acme, &issue).await;
        let changed = sentry.change(&token, &acme, &issue, &to_nobody).await;
        let member = sentry.is_member(&token, &acme).await;
        let refreshed = sentry.refresh(&oauth, &secret()).await;

        assert_eq!(looked, Err(SentryError::Unavailable), "{status}");
        assert_eq!(changed, Err(SentryError::Unavailable), "{status}");
        assert_eq!(member, Err(SentryError::Unavailable), "{status}");
        assert_eq!(refreshed.map(drop), Err(SentryError::Unavailable), "{status}");
        ear.assert_heard_nothing(&status.to_string());
    }
}

fn secret() -> Secret {
    Secret::new("canary-secret")
}

fn words() -> Message {
    Message::text("words")
}

fn acme() -> Organization {
    let id = OrganizationId::parse("1").unwrap();
    Organization { id, slug: "acme".into(), name: "Acme Inc".into() }
}
