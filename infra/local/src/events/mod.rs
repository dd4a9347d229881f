//! `cargo dev events`: sample events for `cargo lambda invoke`, one for each route and outcome.
//!
//! ```text
//! <function>-<outcome>.json    what API Gateway, SQS or EventBridge would hand over
//! .env                         what `cargo lambda watch --env-file` gives the functions
//! ```
//! Events without a signature never change. The others are signed as of now, under the keys of
//! `.env`, and are soon too old: clicks after five minutes, links after fifteen. `.env` is made up
//! if it is not there; `cargo dev --env` writes one that leads to the running bundle instead.

mod environment;
mod signed;
mod unsigned;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::http::{self, Request};
use serde_json::Value;
use shared::{
    clock::{Clock, Timestamp},
    sealing::SealError,
    signing::request::SignatureError,
    slack::interaction::PayloadError,
};

pub use self::environment::{Environment, EnvironmentError};
use crate::{gateway, installation::SeedError, slack::NotShown};

/// The environment file's name in the directory of the events.
const ENVIRONMENT: &str = ".env";

/// One event.
#[derive(Debug)]
struct Sample {
    /// `<function>-<outcome>`.
    name: &'static str,
    event: Value,
}

/// Why there are no events.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The environment file is of no use.
    #[error("the events cannot be signed")]
    Environment(#[from] EnvironmentError),
    /// A file cannot be written.
    #[error("cannot write {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A setting of the environment file is no URL.
    #[error("a setting is no URL")]
    Url(#[from] url::ParseError),
    /// Nothing that HTTP could carry.
    #[error("a sample is no request")]
    Request(#[from] http::Error),
    /// No route of the bundle.
    #[error("no function answers at {0}")]
    NoRoute(String),
    /// The stand-in for Slack does not offer what is clicked.
    #[error("the alert has no such button")]
    Click(#[from] NotShown),
    /// Our own click is not signed as Slack signs.
    #[error("a click is not signed well")]
    Signature(#[from] SignatureError),
    /// Our own click is not one that Slack would send.
    #[error("a click is not understood")]
    Payload(#[from] PayloadError),
    /// The installation cannot be made up.
    #[error("there is no installation to link in")]
    Installation(#[from] SeedError),
    /// The link cannot be signed.
    #[error("the link cannot be signed")]
    Link(#[from] SealError),
}

/// Writes the events to `directory`, and the environment file if there is none. Returns the
/// environment file's path.
pub fn write(directory: &Path, clock: Arc<dyn Clock>) -> Result<PathBuf, EventsError> {
    fs::create_dir_all(directory)
        .map_err(|error| EventsError::File(directory.to_owned(), error))?;
    let path = directory.join(ENVIRONMENT);
    let environment = Environment::at(&path)?;
    let mut samples = unsigned::samples()?;
    samples.extend(signed::samples(&environment, clock)?);
    for sample in samples {
        let file = directory.join(sample.name).with_extension("json");
        fs::write(&file, sample.text()).map_err(|error| EventsError::File(file, error))?;
    }
    Ok(path)
}

impl Sample {
    /// What the file holds.
    fn text(&self) -> String {
        format!("{:#}\n", self.event)
    }

    /// A request as it arrives from API Gateway.
    fn http(
        name: &'static str,
        request: Request<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Self, EventsError> {
        let (request, body) = request.into_parts();
        // The same in every sample, so that it says nothing about when it was made.
        let id = "00000000-0000-4000-8000-000000000000";
        let event = gateway::event(&request, &body, id, now)
            .ok_or_else(|| EventsError::NoRoute(request.uri.path().to_owned()))?;
        Ok(Self { name, event })
    }
}

#[cfg(test)]
mod tests;
