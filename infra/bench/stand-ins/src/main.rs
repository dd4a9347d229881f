//! What is around a function that is measured: the table with a person in it, and stand-ins for Slack,
//! Sentry and SQS, on loopback, with and without TLS. Every call that reaches one is counted.
//!
//! ```text
//! bench-stand-ins CERTIFICATE KEY      both in PEM
//! ```
//!
//! A process of its own, and compiled: what it takes for a handshake or an answer, the function waits
//! for. It prints one line of JSON with the origins and with who is in the table, then answers each line
//! of standard input with one of JSON, until there is none:
//!
//! ```text
//! forget    nothing has been called
//! calls     {"calls": {"table BatchGetItem": 1, …}, "bodies": {…: the last one}, "wake_ups": […]}
//! ```

mod calls;
mod services;
mod table;
mod tls;

use std::{collections::BTreeMap, env, error::Error, io};

use axum::{Router, serve::ListenerExt};
use local::{database, server};
use serde::Serialize;
use serde_json::json;
use shared::transport;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{
    calls::Seen,
    tls::{Acceptor, Handshakes},
};

// They share a core with the driver; a second thread would only be in its way.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (Some(certificate), Some(key)) = (env::args().nth(1), env::args().nth(2)) else {
        return Err("usage: bench-stand-ins CERTIFICATE KEY".into());
    };
    let acceptor = tls::acceptor(certificate.as_ref(), key.as_ref())?;
    let database = database::start(None).await?;
    let people = table::people(database.url()).await?;
    let seen = Seen::default();
    let origins = start(database.url(), &seen, &acceptor).await?;
    println!("{}", json!({"origins": origins, "people": people}));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.trim() {
            "forget" => println!("{}", seen.forget()),
            "calls" => println!("{}", seen.told()),
            other => return Err(format!("neither `forget` nor `calls`: {other}").into()),
        }
    }
    database.close().await;
    Ok(())
}

/// Where the services are.
#[derive(Default, Serialize)]
struct Origins {
    plain: BTreeMap<&'static str, String>,
    tls: BTreeMap<&'static str, String>,
}

/// Every service, with and without TLS.
async fn start(
    table_url: &str,
    seen: &Seen,
    acceptor: &Acceptor,
) -> Result<Origins, Box<dyn Error>> {
    let behind = services::Table::new(table_url, transport::client(None)?, seen.clone());
    let services = [
        ("slack", services::slack(seen.clone())),
        ("sentry", services::sentry(seen.clone())),
        ("queue", services::queue(seen.clone())),
        ("table", services::table(behind)),
    ];
    let mut origins = Origins::default();
    for (name, router) in services {
        origins.plain.insert(name, in_the_open(router.clone()).await?);
        origins.tls.insert(name, by_tls(router, acceptor.clone()).await?);
    }
    Ok(origins)
}

async fn in_the_open(router: Router) -> io::Result<String> {
    let listener = server::listen(0).await?;
    let origin = origin("http", &listener)?;
    tokio::spawn(async { axum::serve(listener.tap_io(at_once), router).await });
    Ok(origin)
}

async fn by_tls(router: Router, acceptor: Acceptor) -> io::Result<String> {
    let listener = server::listen(0).await?;
    let origin = origin("https", &listener)?;
    let handshakes = Handshakes::start(listener.tap_io(at_once), acceptor)?;
    tokio::spawn(async { axum::serve(handshakes, router).await });
    Ok(origin)
}

/// By name, as functions reach what they use, and as the certificate has it.
fn origin(scheme: &str, listener: &TcpListener) -> io::Result<String> {
    Ok(format!("{scheme}://localhost:{}", listener.local_addr()?.port()))
}

/// An answer does not wait for more to send with it.
fn at_once(stream: &mut TcpStream) {
    // One that is closed already is found out about when it is read.
    let _ = stream.set_nodelay(true);
}
