//! One process of a function and its keeper: the task that owns it, hands it work and notices its
//! end.

use std::{
    io,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::{mpsc, oneshot},
};

use super::{
    Failure, InvokeError, Program,
    fleet::{Fleet, Function, Ready},
};
use crate::random;

/// How long a process may take until it asks for work (AWS: "Understanding the Lambda execution
/// environment lifecycle", the init phase).
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// By how much nicer a process is that nobody waits for. Of a core that it fights for with one that is
/// not nice it gets a twenty-eighth (sched(7): each step is a factor of 1.25), so that two dozen of them
/// weigh less than that one.
const NICENESS: &str = "15";

/// What a process asked of the Runtime API.
pub(super) enum Call {
    /// It wants work.
    Next(oneshot::Sender<Work>),
    /// It is done with the invocation of that id. `accepted` tells whether it was its to finish.
    Done { id: String, outcome: Result<Value, Failure>, accepted: oneshot::Sender<bool> },
    /// It cannot start.
    InitError(Failure),
}

/// An invocation as the Runtime API hands it out.
pub(super) struct Work {
    pub(super) id: String,
    pub(super) event: Value,
    /// Milliseconds since the Unix epoch.
    pub(super) deadline: i64,
    pub(super) function: String,
}

pub(super) struct Instance {
    name: String,
    fleet: Arc<Fleet>,
    function: Arc<Function>,
    calls: mpsc::Receiver<Call>,
}

/// A process at hand: it has asked for work, and this is where to send it.
type Poll = oneshot::Sender<Work>;

impl Instance {
    pub(super) fn new(
        name: String,
        fleet: Arc<Fleet>,
        function: Arc<Function>,
        calls: mpsc::Receiver<Call>,
    ) -> Self {
        Self { name, fleet, function, calls }
    }

    /// From the process's start to its end, which `stop` brings about at any moment.
    pub(super) async fn live(mut self, ready: Ready) {
        let fleet = Arc::clone(&self.fleet);
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) => return self.stillborn(InvokeError::NotStarted(error.to_string()), ready),
        };
        tokio::select! {
            () = fleet.stopped() => {}
            () = self.work(&mut child, ready) => {}
        }
        // It may be gone already.
        let _ = child.kill().await;
    }

    fn spawn(&self) -> io::Result<Child> {
        let program = &self.function.program;
        let mut command = command(program);
        command
            .env_clear()
            .envs(self.environment())
            .envs(&program.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A Ctrl-C in the terminal is for us alone: we end the processes ourselves.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let logs = &self.fleet.settings.logs;
        if let Some(output) = child.stdout.take() {
            tokio::spawn(logs.clone().copy(program.name.clone(), output));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(logs.clone().copy(program.name.clone(), output));
        }
        Ok(child)
    }

    /// What Lambda itself puts into a function's environment (AWS: "Working with Lambda environment
    /// variables"). The credentials open nothing: everything here is local.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let name = &self.function.program.name;
        vec![
            ("AWS_LAMBDA_RUNTIME_API", format!("{}/{}", self.fleet.origin, self.name)),
            ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.name.clone()),
            ("AWS_REGION", crate::REGION.to_owned()),
            ("AWS_DEFAULT_REGION", crate::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_SESSION_TOKEN", "local".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ]
    }

    /// Until the process ends or has to be killed.
    async fn work(&mut self, child: &mut Child, ready: Ready) {
        let mut poll = match self.next_poll(child, INIT_TIMEOUT).await {
            Ok(poll) => poll,
            Err(reason) => return self.stillborn(InvokeError::NotStarted(reason), ready),
        };
        self.fleet.ready(&self.function);
        // Nobody may be waiting for it.
        let _ = ready.send(Ok(()));
        loop {
            let invocation = tokio::select! {
                invocation = self.function.take() => invocation,
                _ = child.wait() => return self.gone(true),
            };
            let timeout = self.function.program.timeout;
            let (work, id) = self.hand_out(invocation.event, timeout);
            if poll.send(work).is_err() {
                let hung_up = InvokeError::Crashed("it hung up".to_owned());
                let _ = invocation.reply.send(Err(hung_up));
                return self.gone(false);
            }
            let outcome = tokio::time::timeout(timeout, self.outcome(child, &id))
                .await
                .unwrap_or(Err(InvokeError::TimedOut(timeout)));
            let alive = matches!(outcome, Ok(_) | Err(InvokeError::Failed(_)));
            if alive {
                self.function.done();
            }
            let _ = invocation.reply.send(outcome);
            if !alive {
                return self.gone(false);
            }
            poll = match self.next_poll(child, timeout).await {
                Ok(poll) => poll,
                Err(_) => return self.gone(true),
            };
        }
    }

    fn hand_out(&self, event: Value, timeout: Duration) -> (Work, String) {
        let id = random::uuid();
        let deadline = self.fleet.settings.clock.now().plus(timeout).millis();
        let function = self.function.program.name.clone();
        (Work { id: id.clone(), event, deadline, function }, id)
    }

    /// The process's next request for work, or why there is none.
    async fn next_poll(&mut self, child: &mut Child, limit: Duration) -> Result<Poll, String> {
        tokio::time::timeout(limit, self.poll_or_end(child))
            .await
            .unwrap_or_else(|_| Err(format!("the process did not ask for work within {limit:?}")))
    }

    async fn poll_or_end(&mut self, child: &mut Child) -> Result<Poll, String> {
        let mut reason = None;
        loop {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => match call {
                    Call::Next(poll) => return Ok(poll),
                    Call::InitError(failure) => reason = Some(failure.to_string()),
                    Call::Done { accepted, .. } => refuse(accepted),
                },
                status = child.wait() => return Err(reason.unwrap_or_else(|| ended(status))),
            }
        }
    }

    /// What becomes of the invocation `id`.
    async fn outcome(&mut self, child: &mut Child, id: &str) -> Result<Value, InvokeError> {
        loop {
            tokio::select! {
                biased;
                Some(call) = self.calls.recv() => match call {
                    Call::Done { id: done, outcome, accepted } if done == id => {
                        let _ = accepted.send(true);
                        return outcome.map_err(InvokeError::Failed);
                    }
                    Call::Done { accepted, .. } => refuse(accepted),
                    // Dropped: it has work already.
                    Call::Next(_) | Call::InitError(_) => {}
                },
                status = child.wait() => return Err(InvokeError::Crashed(ended(status))),
            }
        }
    }

    fn gone(&self, available: bool) {
        self.fleet.gone(&self.name, &self.function, available);
    }

    fn stillborn(&self, error: InvokeError, ready: Ready) {
        let _ = ready.send(Err(error.clone()));
        self.fleet.stillborn(&self.name, &self.function, error);
    }
}

/// Starts the program as eagerly as it is waited for.
fn command(program: &Program) -> Command {
    if !program.background {
        return Command::new(&program.binary);
    }
    // POSIX: `nice` becomes the program, so the process is the same.
    let mut nicely = Command::new("nice");
    nicely.args(["-n", NICENESS]).arg(&program.binary);
    nicely
}

fn refuse(accepted: oneshot::Sender<bool>) {
    // The process may be gone.
    let _ = accepted.send(false);
}

fn ended(status: io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| format!("the process ended: {status}"))
}
