//! A server in front of a provider that makes its answers longer, and no less true.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use shared::{
    sentry::client::SentryClient,
    slack::{client::SlackClient, response_url::Hooks},
    transport,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

use super::{Provider, Scene};
use crate::faults::front::{forward, read_request};

/// The server, and how much it could send.
pub(super) struct Padded {
    sent: Arc<AtomicUsize>,
    task: JoinHandle<()>,
    /// What `sign-in` used before.
    clients: (SlackClient, SentryClient),
}

impl Drop for Padded {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Padded {
    /// From now on `sign-in` reaches the scene's provider through this one, which adds `bytes`.
    pub(super) async fn in_front_of(scene: &mut Scene, bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&local::server::origin(&listener).unwrap()).unwrap();
        let http = transport::client(None).unwrap();
        let world = &mut scene.world;
        let clients = (world.sign_in.slack.clone(), world.sign_in.sentry.clone());
        let behind = match scene.provider {
            Provider::Slack => {
                world.sign_in.slack = SlackClient::new(http, base.clone(), Hooks::new(&base));
                &world.slack_url
            }
            Provider::Sentry => {
                world.sign_in.sentry = SentryClient::new(http, base, http::HeaderMap::new());
                &world.sentry_url
            }
        };
        let behind = behind.strip_prefix("http://").unwrap().to_owned();
        let sent = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&sent);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                pad(client, &behind, bytes, &counter).await;
            }
        });
        Self { sent, task, clients }
    }

    /// How many bytes of its answers the other side has taken.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// `sign-in` reaches the provider as before.
    pub(super) fn step_aside(self, scene: &mut Scene) {
        let (slack, sentry) = self.clients.clone();
        (scene.world.sign_in.slack, scene.world.sign_in.sentry) = (slack, sentry);
    }
}

/// One answer, an object, with a field more of so many bytes.
async fn pad(mut client: TcpStream, behind: &str, bytes: usize, sent: &AtomicUsize) {
    let request = read_request(&mut client).await;
    let answer = String::from_utf8(forward(&request, behind).await).unwrap();
    let (_, object) = answer.split_once("\r\n\r\n").unwrap();
    let fields = object.trim().strip_prefix('{').unwrap();
    let body = format!("{{\"padding\":\"{}\",{fields}", " ".repeat(bytes));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    for part in [head, body].concat().into_bytes().chunks(64 * 1024) {
        if client.write_all(part).await.is_err() {
            return;
        }
        sent.fetch_add(part.len(), Ordering::Relaxed);
    }
}
