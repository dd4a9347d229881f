//! Servers of this machine alone: nothing here listens on another interface than loopback.

use std::{io, net::Ipv4Addr};

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

/// How many ports after a wanted one are tried before the system chooses.
const NEIGHBOURS: u16 = 50;

/// A server at work. Dropped, it stops at once: a page that polls does not hold it up.
#[derive(Debug)]
pub struct Server(JoinHandle<()>);

impl Server {
    /// Serves `router` until this is dropped.
    pub fn start(listener: TcpListener, router: Router) -> Self {
        Self(tokio::spawn(async move {
            // axum's accept loop never returns an error (it retries).
            let _ = axum::serve(listener, router).await;
        }))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens at `port`, or at the next free one; at any free port if 0 is asked for.
pub async fn listen(port: u16) -> io::Result<TcpListener> {
    for port in port..=port.saturating_add(NEIGHBOURS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            decided => return decided,
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// What a browser calls the place: `http://127.0.0.1:3000`.
pub fn origin(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_gives_way_to_another() {
        let first = listen(0).await.unwrap();
        let taken = first.local_addr().unwrap().port();

        let second = listen(taken).await.unwrap();

        assert_ne!(second.local_addr().unwrap().port(), taken);
    }
}
