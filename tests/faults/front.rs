//! A proxy in front of Sentry that answers in Sentry's place, or breaks off, as its script has it;
//! without a script it passes everything on.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use perform::Perform;
use shared::{clock::ManualClock, sentry::client::SentryClient, store::memory::MemoryStore};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

use super::table::perform_with;
use crate::harness::{World, queue::TestQueue};

/// What the proxy does with one request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    /// Answers with this status and these header lines; Sentry does not hear of it.
    Answer(u16, &'static [&'static str]),
    /// Closes the connection without a word; Sentry does not hear of it.
    HangUp,
    /// Lets Sentry do it, and closes the connection without a word.
    HangUpAfterwards,
}

/// The proxy, and what came through it.
pub(super) struct Front {
    origin: String,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// A proxy in front of the world's Sentry.
    pub(super) async fn of(world: &World, script: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = local::server::origin(&listener).unwrap();
        let sentry = world.sentry_url.strip_prefix("http://").unwrap().to_owned();
        let mut script = VecDeque::from(script.to_vec());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                exchange(client, &sentry, script.pop_front(), &record).await;
            }
        });
        Self { origin, seen, task }
    }

    /// The methods of the requests so far.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The world's worker, which reaches Sentry through the proxy.
    pub(super) fn perform(&self, world: &World) -> Perform<MemoryStore, TestQueue, ManualClock> {
        perform_at(world, &self.origin)
    }
}

/// The world's worker, which looks for Sentry there.
pub(super) fn perform_at(
    world: &World,
    origin: &str,
) -> Perform<MemoryStore, TestQueue, ManualClock> {
    let http = shared::transport::client(None).unwrap();
    let sentry = SentryClient::new(http, Url::parse(origin).unwrap(), http::HeaderMap::new());
    perform_with(world, world.store.clone(), sentry)
}

async fn exchange(
    mut client: TcpStream,
    sentry: &str,
    does: Option<Does>,
    seen: &Mutex<Vec<String>>,
) {
    let request = read_request(&mut client).await;
    let method = request.split(' ').next().unwrap_or_default().to_owned();
    seen.lock().unwrap().push(method);
    let answer = match does {
        Some(Does::HangUp) => return,
        Some(Does::Answer(status, headers)) => answer(status, headers).into_bytes(),
        Some(Does::HangUpAfterwards) => {
            forward(&request, sentry).await;
            return;
        }
        None => forward(&request, sentry).await,
    };
    client.write_all(&answer).await.unwrap();
}

/// Head and body; every request of ours says how long its body is, or has none.
pub(crate) async fn read_request(client: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text.into_owned();
            }
        }
        if client.read_buf(&mut request).await.unwrap() == 0 {
            return String::new();
        }
    }
}

/// The server's whole answer to one request.
pub(crate) async fn forward(request: &str, sentry: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(sentry).await.unwrap();
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    answer
}

fn answer(status: u16, headers: &[&str]) -> String {
    let headers = headers.iter().flat_map(|line| [line, "\r\n"]).collect::<String>();
    let body = r#"{"detail":"not now"}"#;
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}
