//! The parts of a bundle, each told of the others.

use std::{collections::BTreeMap, io, path::Path, time::Duration};

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
        program(name, binary, environment, options)
    });
    let settings =
        runtime_api::Settings { clock: options.clock.clone(), logs: options.logs.clone() };
    Runtime::start(programs.collect(), settings).await
}

fn program(
    name: &str,
    binary: &Path,
    environment: BTreeMap<String, String>,
    options: &Options,
) -> Program {
    let background = BACKGROUND.contains(&name);
    let (timeout, limit) = if background {
        (BACKGROUND_TIMEOUT, options.background)
    } else {
        (HTTP_TIMEOUT, options.processes)
    };
    let (name, binary) = (name.to_owned(), binary.to_owned());
    Program { name, binary, environment, timeout, background, limit }
}

/// What reaches `perform`: the queue's messages and the schedule.
pub(super) fn deliveries(queue: &Queue, runtime: &Runtime, options: &Options) -> JoinSet<()> {
    let mut deliveries = JoinSet::new();
    let at_once = options.background;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_of_a_function_as_are_wanted_of_its_kind() {
        let options = Options { processes: 3, background: 9, ..Options::new(BTreeMap::new()) };
        let of = |name| program(name, Path::new(name), BTreeMap::new(), &options);

        let (action, perform) = (of("action"), of("perform"));

        assert_eq!((action.background, action.limit), (false, 3));
        assert_eq!((perform.background, perform.limit), (true, 9));
        assert!(action.timeout < perform.timeout);
    }
}
