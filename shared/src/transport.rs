//! One HTTP client for everything that leaves the bundle: Slack, Sentry and, through a small
//! adapter, the AWS SDK.
//!
//! One client means one TLS stack, one set of roots and one connection pool. The provider is ring
//! (aws-lc-rs costs 25 ms of CPU at its first handshake, which at 128 MB is a third of a second);
//! the roots are compiled in, since reading the system's bundle costs more than the rest of the
//! start. Redirects are never followed and no proxy of the environment is used: a token goes to the
//! host it was meant for and nowhere else.

use std::{sync::Arc, time::Duration};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, error::metadata::ProvideErrorMetadata};
use reqwest::{Client, redirect::Policy};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

/// How long a connection may take to open while somebody waits: name, TCP and TLS together.
const CONNECT: Duration = Duration::from_millis(500);

/// The same where nobody does: a Sentry behind a VPN may be three slow round trips away.
const PATIENT_CONNECT: Duration = Duration::from_secs(2);

/// The same from a laptop, which may be on the other side of the world.
const FAR_CONNECT: Duration = Duration::from_secs(4);

/// The upper bound of any request; callers set tighter ones.
const TOTAL: Duration = Duration::from_secs(8);

/// Idle connections are dropped before the other side is likely to have dropped them.
const IDLE: Duration = Duration::from_secs(15);

/// The client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The extra certificate authority is no whole PEM certificate.
    #[error("the certificate authority in SENTRY_CA_PEM is not a whole PEM certificate")]
    Certificate,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// The client, trusting `extra_ca` (PEM, one or more certificates) besides the public roots: a
/// self-hosted Sentry may have its own authority.
pub fn client(extra_ca: Option<&str>) -> Result<Client, TransportError> {
    client_that_waits(CONNECT, extra_ca)
}

/// The same where nobody waits.
pub fn patient_client(extra_ca: Option<&str>) -> Result<Client, TransportError> {
    client_that_waits(PATIENT_CONNECT, extra_ca)
}

/// The same for an operator's machine.
pub fn far_client(extra_ca: Option<&str>) -> Result<Client, TransportError> {
    client_that_waits(FAR_CONNECT, extra_ca)
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds the client")]
fn client_that_waits(connect: Duration, extra_ca: Option<&str>) -> Result<Client, TransportError> {
    Client::builder()
        .tls_backend_preconfigured(tls(extra_ca)?)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(connect)
        .timeout(TOTAL)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .user_agent(concat!("belay/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(TransportError::Client)
}

fn tls(extra_ca: Option<&str>) -> Result<ClientConfig, TransportError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_ca {
        let public = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| TransportError::Certificate)?;
            roots.add(certificate).map_err(|_| TransportError::Certificate)?;
        }
        // What was cut off on its way into the setting has none, and is no error to the parser.
        if roots.len() == public {
            return Err(TransportError::Certificate);
        }
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TransportError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The client as the AWS SDK takes it.
///
/// The SDK's own connect and read time-outs do not reach through it; its attempt and operation
/// time-outs do, and the client has its own.
#[derive(Debug, Clone)]
pub struct SdkTransport(Client);

impl SdkTransport {
    /// Sends the SDK's requests through `client`.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl HttpClient for SdkTransport {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkTransport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(&client, request).await })
    }
}

async fn exchange(client: &Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let (parts, body) =
        request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?.into_parts();
    let body = body
        .bytes()
        .map(<[u8]>::to_vec)
        .ok_or_else(|| ConnectorError::user("the request body is a stream".into()))?;
    let request = reqwest::Request::try_from(http::Request::from_parts(parts, body))
        .map_err(|error| ConnectorError::user(error.into()))?;
    let mut response = client.execute(request).await.map_err(connector_error)?;
    let status = StatusCode::try_from(response.status().as_u16())
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.map_err(connector_error)?;
    let mut answer = HttpResponse::new(status, SdkBody::from(body));
    *answer.headers_mut() =
        headers.try_into().map_err(|error: aws_smithy_runtime_api::http::HttpError| {
            ConnectorError::other(error.into(), None)
        })?;
    Ok(answer)
}

fn connector_error(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// Writes AWS's own name of a refusal into the log, if there is one: a right that is missing and a table
/// that is throttled would look alike otherwise. Its message may quote what was sent.
pub(crate) fn note_refusal(error: &impl ProvideErrorMetadata) {
    if let Some(code) = error.code() {
        tracing::warn!(event = "aws.refused", code);
    }
}

/// Opens a connection that a later request will find in the pool. The answer, whatever it is, is
/// read and forgotten.
pub async fn open_connection(client: &Client, url: url::Url) {
    if let Ok(response) = client.head(url).send().await {
        drop(response.bytes().await);
    }
}

/// Lets connections be noticed that were closed while the process slept; every invocation begins with
/// it. Lambda freezes a process between two invocations, and nobody in it hears of a peer that is gone.
/// What is sent before one has heard is written into a dead connection, and fails as if the peer had
/// died over it, which nobody may repeat unseen.
///
/// The runtime looks at its sockets when the task that asks steps back; by the second time the tasks
/// of dead connections have run, and the pool has let go of them.
pub async fn notice_closed_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

/// A response body, read up to `limit` bytes; `None` if it is longer or breaks off.
pub async fn capped_body(mut response: reqwest::Response, limit: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Ok(chunk) = response.chunk().await {
        let Some(chunk) = chunk else { return Some(body) };
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_that_was_cut_off_on_its_way_is_none() {
        for cut in ["-----BEGIN", "-----BEGIN CERTIFICATE-----\nMIIB", "ca.pem", "\n"] {
            assert!(matches!(client(Some(cut)), Err(TransportError::Certificate)), "{cut}");
        }
    }
}
