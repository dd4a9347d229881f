//! The parts of a bundle, each told of the others.

use std::{io, time::Duration};

use shared::routes::BACKGROUND;
use tokio::{net::TcpListener, task::JoinSet};

use super::Options;
use crate::{
    database::Database,
    queue::Queue,
    runtime_api::{self, Program, Runtime},
    schedule,
    secrets::Secrets,
    server,
    settings::{self, Addresses},
};

/// The functions' time-outs, those of the deployment's template.
const HTTP_TIMEOUT: Duration = Duration::from_secs(10);
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(20);

/// Each server's place: known before any of them starts, since they are told of one another.
pub(super) struct Places {
    pub(super) slack: TcpListener,
    pub(super) sentry: TcpListener,
    pub(super) sqs: TcpListener,
    pub(super) gateway: TcpListener,
}

impl Places {
    pub(super) async fn find(page_port: u16) -> io::Result<Self> {
        Ok(Self {
            slack: server::listen(page_port).await?,
            sentry: server::listen(0).await?,
            sqs: server::listen(0).await?,
            gateway: server::listen(0).await?,
        })
    }

    pub(super) fn addresses(&self, database: &Database, queue: &Queue) -> io::Result<Addresses> {
        Ok(Addresses {
            public: server::origin(&self.gateway)?,
            slack: server::origin(&self.slack)?,
            sentry: server::origin(&self.sentry)?,
            database: database.url().to_owned(),
            sqs: server::origin(&self.sqs)?,
            queue: queue.url().to_owned(),
        })
    }
}

pub(super) async fn runtime(
    addresses: &Addresses,
    secrets: &Secrets,
    options: &Options,
) -> io::Result<Runtime> {
    let programs = options.binaries.iter().map(|(name, binary)| {
        let mut environment = settings::of(name, addresses, secrets);
        environment.extend(options.settings.clone());
        let background = BACKGROUND.contains(&name.as_str());
        let timeout = if background { BACKGROUND_TIMEOUT } else { HTTP_TIMEOUT };
        Program { name: name.clone(), binary: binary.clone(), environment, timeout, background }
    });
    let settings = runtime_api::Settings {
        clock: options.clock.clone(),
        logs: options.logs.clone(),
        limit: options.processes,
    };
    Runtime::start(programs.collect(), settings).await
}

/// What reaches `perform`: the queue's messages and the schedule.
pub(super) fn deliveries(queue: &Queue, runtime: &Runtime, options: &Options) -> JoinSet<()> {
    let mut deliveries = JoinSet::new();
    let at_once = options.processes;
    let (queue, worker, logs) = (queue.clone(), runtime.clone(), options.logs.clone());
    deliveries.spawn(async move {
        queue
            .deliver(at_once, |event| {
                let (worker, logs) = (worker.clone(), logs.clone());
                async move {
                    let result = worker.invoke(schedule::FUNCTION, event).await;
                    result.inspect_err(|error| logs.write(schedule::FUNCTION, &error.to_string()))
                }
            })
            .await;
    });
    let (clock, logs) = (options.clock.clone(), options.logs.clone());
    deliveries.spawn(schedule::run(runtime.clone(), clock, logs, options.sweep_every));
    deliveries
}
