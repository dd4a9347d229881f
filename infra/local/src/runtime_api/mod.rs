//! Runs the functions' real binaries, as Lambda does.
//!
//! A function process asks for work with `GET …/2018-06-01/runtime/invocation/next` and posts what
//! came of it to `…/invocation/{id}/response` or `/error` (AWS: "Using the Lambda runtime API for
//! custom runtimes"). One process serves one invocation at a time: when nobody is free, another is
//! started, up to a limit; one that dies is replaced when the next invocation arrives.
//!
//! Every process has its own prefix, `AWS_LAMBDA_RUNTIME_API=http://127.0.0.1:PORT/action.1`, so that
//! it is known whose invocation dies with it.

mod endpoint;
mod fleet;
mod instance;
mod pool;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::Value;
use shared::clock::Clock;

use self::fleet::Fleet;
use crate::{
    logs::Logs,
    server::{self, Server},
};

/// A function to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its name, the one in the routes.
    pub name: String,
    /// Its executable.
    pub binary: PathBuf,
    /// Its settings. Nothing else of this process's environment reaches it.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take before its process is killed.
    pub timeout: Duration,
    /// Nobody waits for it. AWS has a core for each process; here it leaves the cores to those that
    /// somebody waits for.
    pub background: bool,
    /// The most processes of it at once: a reserved concurrency.
    pub limit: usize,
}

/// How functions are run.
#[derive(Clone)]
pub struct Settings {
    /// Tells the deadline that an invocation carries.
    pub clock: Arc<dyn Clock>,
    /// Where the processes' output goes.
    pub logs: Logs,
}

/// Why an invocation has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// No function has that name.
    #[error("there is no function {0}")]
    UnknownFunction(String),
    /// Its process ended before it asked for work: why.
    #[error("did not start: {0}")]
    NotStarted(String),
    /// Its process ended while it worked: how.
    #[error("did not finish: {0}")]
    Crashed(String),
    /// Its process worked for too long and was killed.
    #[error("took longer than {0:?}")]
    TimedOut(Duration),
    /// It answered with an error.
    #[error("{0}")]
    Failed(Failure),
    /// The runtime was stopped first.
    #[error("the runtime was stopped")]
    Stopped,
}

/// What a function says when it fails.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase", default)]
#[error("{error_type}: {error_message}")]
pub struct Failure {
    /// The kind, `Runtime.ExitError`.
    pub error_type: String,
    /// What happened, in words.
    pub error_message: String,
}

impl Default for Failure {
    fn default() -> Self {
        Self { error_type: "Unhandled".to_owned(), error_message: "no reason given".to_owned() }
    }
}

/// Runs the functions until it is stopped. Clones share the processes.
#[derive(Clone)]
pub struct Runtime {
    fleet: Arc<Fleet>,
    _server: Arc<Server>,
}

impl Runtime {
    /// Opens the Runtime API; no process is started yet.
    pub async fn start(programs: Vec<Program>, settings: Settings) -> io::Result<Self> {
        let listener = server::listen(0).await?;
        let fleet = Arc::new(Fleet::new(programs, settings, server::origin(&listener)?));
        let server = Server::start(listener, endpoint::router(Arc::clone(&fleet)));
        Ok(Self { fleet, _server: Arc::new(server) })
    }

    /// Starts one process of each function and waits until each has asked for work or has ended.
    /// Returns those that ended, and why.
    pub async fn warm_up(&self) -> Vec<(String, InvokeError)> {
        self.fleet.warm_up().await
    }

    /// Has `function` handle `event` and returns what it answered.
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, InvokeError> {
        self.fleet.invoke(function, event).await
    }

    /// Kills every process and waits until they are gone.
    pub async fn stop(&self) {
        self.fleet.stop().await;
    }
}

#[cfg(test)]
mod tests;
