//! Everything, started and stopped together: by `cargo dev`, and by the tests that go through the
//! real binaries.

mod parts;

use std::{collections::BTreeMap, io, path::PathBuf, sync::Arc, time::Duration};

use shared::clock::{Clock, SystemClock};
use tokio::task::JoinSet;

use self::parts::Places;
use crate::{
    binaries::Binaries,
    database::{self, Database, DatabaseError},
    gateway::Gateway,
    installation::{SeedError, leave_out_installation, seed_installation},
    logs::Logs,
    queue::Queue,
    runtime_api::{InvokeError, Runtime},
    secrets::{Secrets, SecretsError},
    sentry::Sentry,
    server::{self, Server},
    settings::Addresses,
    slack::Slack,
    stand_ins::{self, Origins, StandInsError},
};

/// How a bundle is wanted.
#[derive(Clone)]
pub struct Options {
    /// The functions to run.
    pub binaries: Binaries,
    /// The table's file; none for a table in memory.
    pub database: Option<PathBuf>,
    /// Whether it begins without the app installed.
    pub bare: bool,
    /// Where Slack's page is, or the next free port; 0 for any.
    pub page_port: u16,
    /// Where log lines go.
    pub logs: Logs,
    /// The time from one sweep to the next.
    pub sweep_every: Duration,
    /// When a message whose work failed comes back.
    pub visibility: Duration,
    /// The stand-ins' time. The functions' processes go by the machine's clock, whatever this says.
    pub clock: Arc<dyn Clock>,
    /// The most processes of one function that somebody waits for.
    pub processes: usize,
    /// The same of one that nobody waits for, and the most messages of the queue under way.
    pub background: usize,
    /// Settings that every function gets over its own.
    pub settings: BTreeMap<String, String>,
}

impl Options {
    /// All in memory, logs included, at any ports.
    pub fn new(binaries: Binaries) -> Self {
        Self {
            binaries,
            database: None,
            bare: false,
            page_port: 0,
            logs: Logs::memory(),
            sweep_every: Duration::from_mins(1),
            visibility: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
            processes: 4,
            background: 4,
            settings: BTreeMap::new(),
        }
    }
}

/// Why a bundle did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port to listen at.
    #[error("cannot listen on loopback")]
    Listen(#[from] io::Error),
    /// No database.
    #[error("the database did not start")]
    Database(#[from] DatabaseError),
    /// No secrets.
    #[error("there are no secrets to start with")]
    Secrets(#[from] SecretsError),
    /// No installation to begin with.
    #[error("the app cannot be installed in the workspace")]
    Seed(#[from] SeedError),
    /// No Slack, or no Sentry.
    #[error(transparent)]
    StandIns(#[from] StandInsError),
}

/// A bundle at work.
pub struct Bundle {
    /// Slack.
    pub slack: Slack,
    /// Sentry.
    pub sentry: Sentry,
    /// DynamoDB.
    pub database: Database,
    /// SQS.
    pub queue: Queue,
    /// Lambda.
    pub runtime: Runtime,
    /// What the functions were told in confidence.
    pub secrets: Secrets,
    /// What the functions wrote.
    pub logs: Logs,
    /// The origins of all of them.
    pub addresses: Addresses,
    /// The functions that did not start, and why.
    pub unready: Vec<(String, InvokeError)>,
    servers: Vec<Server>,
    deliveries: JoinSet<()>,
}

impl Bundle {
    /// Starts everything and waits until each function has started or failed to.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let secrets = match &options.database {
            Some(path) => Secrets::beside(path)?,
            None => Secrets::random(),
        };
        let database = database::start(options.database.as_deref()).await?;
        let places = Places::find(options.page_port).await?;
        let queue =
            Queue::new(&server::origin(&places.sqs)?, options.clock.clone(), options.visibility);
        let addresses = places.addresses(&database, &queue)?;
        let origins = Origins {
            bundle: &addresses.public,
            slack: &addresses.slack,
            sentry: &addresses.sentry,
        };
        let slack = stand_ins::slack_of(origins, &secrets, options.clock.clone())?;
        let sentry = stand_ins::sentry_of(origins, &secrets, options.clock.clone())?;
        if options.bare {
            leave_out_installation(database.url(), options.clock.now()).await?;
            // Its events tell nobody: the functions have not started, and know of no app.
            drop(slack.uninstall());
        } else {
            seed_installation(database.url(), &secrets, options.clock.now()).await?;
        }

        let runtime = parts::runtime(&addresses, &secrets, &options).await?;
        let gateway = Gateway {
            runtime: runtime.clone(),
            clock: options.clock.clone(),
            logs: options.logs.clone(),
        };
        let servers = vec![
            Server::start(places.slack, slack.router()),
            Server::start(places.sentry, sentry.router()),
            Server::start(places.sqs, queue.router()),
            Server::start(places.gateway, gateway.router()),
        ];
        let unready = runtime.warm_up().await;
        slack.verify_events_url().await;
        let deliveries = parts::deliveries(&queue, &runtime, &options);
        let logs = options.logs;
        Ok(Self {
            slack,
            sentry,
            database,
            queue,
            runtime,
            secrets,
            logs,
            addresses,
            unready,
            servers,
            deliveries,
        })
    }

    /// Stops everything: no process is left, and the database's file is closed.
    pub async fn stop(self) {
        let Self { mut deliveries, runtime, servers, database, .. } = self;
        deliveries.shutdown().await;
        runtime.stop().await;
        drop(servers);
        database.close().await;
    }
}

#[cfg(test)]
mod tests;
