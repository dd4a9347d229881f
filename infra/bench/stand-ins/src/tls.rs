//! TLS at the server's end: connections are handed on once their handshake is done, whoever is first.

use std::{error::Error, io, net::SocketAddr, path::Path, sync::Arc};

use axum::serve::Listener;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

pub(crate) type Acceptor = TlsAcceptor;
type Connection = (TlsStream<TcpStream>, SocketAddr);

/// More than a function opens.
const WAITING: usize = 64;

/// Who serves as the certificate says, over HTTP/1.1.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<Acceptor, Box<dyn Error>> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Connections whose handshake is done.
#[derive(Debug)]
pub(crate) struct Handshakes {
    done: mpsc::Receiver<Connection>,
    address: SocketAddr,
}

impl Handshakes {
    /// Accepts for as long as the process lives.
    pub(crate) fn start(
        mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
        acceptor: Acceptor,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, done) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            loop {
                let (stream, peer) = listener.accept().await;
                let (shaken, sender) = (acceptor.accept(stream), sender.clone());
                tokio::spawn(async move {
                    // Who hangs up inside a handshake was killed, as each function is in the end.
                    if let Ok(stream) = shaken.await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Ok(Self { done, address })
    }
}

impl Listener for Handshakes {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.done.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
