//! Proxies that let everything through but the calls that they are to hold: those are held as they are
//! made, or their answers.

use std::sync::{Arc, Mutex};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::faults::front::{forward, read_request};

/// All proxies of one process, and what they hold.
#[derive(Default)]
pub(super) struct Gate {
    wanted: Mutex<Option<Wanted>>,
    held: Notify,
}

/// The calls to hold, by their number: the next one is 1.
struct Wanted {
    is_held: Box<dyn Fn(usize) -> bool + Send>,
    so_far: usize,
    of_answer: bool,
}

impl Gate {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A proxy before this origin; its own.
    pub(super) async fn before(self: &Arc<Self>, origin: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = local::server::origin(&listener).unwrap();
        let server = origin.strip_prefix("http://").unwrap().to_owned();
        let gate = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (gate, server) = (Arc::clone(&gate), server.clone());
                tokio::spawn(async move { gate.pass(client, &server).await });
            }
        });
        proxy
    }

    /// From now on the `nth` call is held, or its answer.
    pub(super) fn hold(&self, nth: usize, of_answer: bool) {
        let is_held = Box::new(move |call| call == nth);
        *self.wanted.lock().unwrap() = Some(Wanted { is_held, so_far: 0, of_answer });
    }

    /// From now on the calls of these numbers are held.
    pub(super) fn hold_those(&self, is_held: impl Fn(usize) -> bool + Send + 'static) {
        let is_held = Box::new(is_held);
        *self.wanted.lock().unwrap() = Some(Wanted { is_held, so_far: 0, of_answer: false });
    }

    /// From now on nothing is let through, and nothing answered.
    pub(super) fn fall_silent(&self) {
        self.hold_those(|_| true);
    }

    /// When it is.
    pub(super) async fn holds(&self) {
        self.held.notified().await;
    }

    /// Nothing is held any more.
    pub(super) fn open(&self) {
        *self.wanted.lock().unwrap() = None;
    }

    async fn pass(&self, mut client: TcpStream, server: &str) {
        let request = read_request(&mut client).await;
        if request.is_empty() {
            return;
        }
        let held = self.count();
        if held == Some(false) {
            self.hold_on().await;
        }
        let answer = forward(&request, server).await;
        if held == Some(true) {
            self.hold_on().await;
        }
        // Whoever asked may be dead.
        let _ = client.write_all(&answer).await;
    }

    /// Whether this call is one to hold, and if so, whether it is its answer.
    fn count(&self) -> Option<bool> {
        let mut wanted = self.wanted.lock().unwrap();
        let wanted = wanted.as_mut()?;
        wanted.so_far += 1;
        (wanted.is_held)(wanted.so_far).then_some(wanted.of_answer)
    }

    async fn hold_on(&self) {
        self.held.notify_one();
        std::future::pending::<()>().await;
    }
}
