//! All functions, their waiting work and their processes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinSet,
};

use super::{
    InvokeError, Program, Settings,
    instance::{Call, Instance},
    pool::{Pool, Start},
};

pub(super) struct Fleet {
    pub(super) settings: Settings,
    /// The Runtime API's own address.
    pub(super) origin: String,
    functions: BTreeMap<String, Arc<Function>>,
    /// How the Runtime API reaches a process's keeper, by the process's name.
    mailboxes: Mutex<HashMap<String, mpsc::Sender<Call>>>,
    keepers: Mutex<JoinSet<()>>,
    stopping: watch::Sender<bool>,
}

/// One function and the work that waits for its processes.
pub(super) struct Function {
    pub(super) program: Program,
    pool: Mutex<Pool<Invocation>>,
    arrivals: Notify,
}

/// An event, and where to report what came of it.
pub(super) struct Invocation {
    pub(super) event: Value,
    pub(super) reply: oneshot::Sender<Result<Value, InvokeError>>,
}

/// Told once: the process asked for work, or why it never will.
pub(super) type Ready = oneshot::Sender<Result<(), InvokeError>>;

impl Fleet {
    pub(super) fn new(programs: Vec<Program>, settings: Settings, origin: String) -> Self {
        let functions = programs.into_iter().map(|program| {
            let pool = Mutex::new(Pool::new(program.limit));
            let name = program.name.clone();
            (name, Arc::new(Function { program, pool, arrivals: Notify::new() }))
        });
        Self {
            settings,
            origin,
            functions: functions.collect(),
            mailboxes: Mutex::default(),
            keepers: Mutex::default(),
            stopping: watch::Sender::new(false),
        }
    }

    pub(super) async fn invoke(
        self: &Arc<Self>,
        function: &str,
        event: Value,
    ) -> Result<Value, InvokeError> {
        let function = self
            .functions
            .get(function)
            .ok_or_else(|| InvokeError::UnknownFunction(function.to_owned()))?;
        let (reply, result) = oneshot::channel();
        let start = function.pool().arrive(Invocation { event, reply });
        // The one that waits for the shortest time, as Lambda does: what it needs is still in the caches.
        function.arrivals.notify_last();
        self.start(function, start);
        if *self.stopping.borrow() {
            function.pool().clear();
        }
        result.await.unwrap_or(Err(InvokeError::Stopped))
    }

    pub(super) async fn warm_up(self: &Arc<Self>) -> Vec<(String, InvokeError)> {
        let mut starting = Vec::new();
        for (name, function) in &self.functions {
            let start = function.pool().start();
            starting.extend(self.start(function, start).map(|ready| (name.clone(), ready)));
        }
        let mut failed = Vec::new();
        for (name, ready) in starting {
            if let Err(error) = ready.await.unwrap_or(Err(InvokeError::Stopped)) {
                failed.push((name, error));
            }
        }
        failed
    }

    /// Starts the process that `start` asks for, if it asks for one.
    fn start(
        self: &Arc<Self>,
        function: &Arc<Function>,
        start: Start,
    ) -> Option<oneshot::Receiver<Result<(), InvokeError>>> {
        let name = format!("{}.{}", function.program.name, start?);
        let (mailbox, calls) = mpsc::channel(8);
        let (ready, is_ready) = oneshot::channel();
        lock(&self.mailboxes).insert(name.clone(), mailbox);
        let instance = Instance::new(name, Arc::clone(self), Arc::clone(function), calls);
        // The lock is held over the question and the start, so that none starts behind `stop`.
        let mut keepers = lock(&self.keepers);
        if *self.stopping.borrow() {
            return None;
        }
        keepers.spawn(instance.live(ready));
        Some(is_ready)
    }

    /// A process asked for work for the first time.
    pub(super) fn ready(self: &Arc<Self>, function: &Arc<Function>) {
        let start = function.pool().ready();
        self.start(function, start);
    }

    /// A process ended after it had been ready, `available` for work or not.
    pub(super) fn gone(self: &Arc<Self>, name: &str, function: &Arc<Function>, available: bool) {
        lock(&self.mailboxes).remove(name);
        let start = function.pool().gone(available);
        self.start(function, start);
    }

    /// A process ended before it was ready.
    pub(super) fn stillborn(
        self: &Arc<Self>,
        name: &str,
        function: &Arc<Function>,
        error: InvokeError,
    ) {
        lock(&self.mailboxes).remove(name);
        let (failed, start) = function.pool().stillborn();
        if let Some(invocation) = failed {
            // Whoever asked may have gone away.
            let _ = invocation.reply.send(Err(error));
        }
        self.start(function, start);
    }

    pub(super) fn mailbox(&self, instance: &str) -> Option<mpsc::Sender<Call>> {
        lock(&self.mailboxes).get(instance).cloned()
    }

    /// Resolves when the processes have to go.
    pub(super) async fn stopped(&self) {
        // The sender lives in `self`: it cannot be gone.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    pub(super) async fn stop(&self) {
        let mut keepers = {
            let mut keepers = lock(&self.keepers);
            self.stopping.send_replace(true);
            std::mem::take(&mut *keepers)
        };
        while keepers.join_next().await.is_some() {}
        for function in self.functions.values() {
            function.pool().clear();
        }
    }
}

impl Function {
    /// Waits for work and takes it; work nobody waits for any more is passed over.
    pub(super) async fn take(&self) -> Invocation {
        loop {
            let taken = self.pool().take(|invocation| !invocation.reply.is_closed());
            match taken {
                Some(invocation) => return invocation,
                None => self.arrivals.notified().await,
            }
        }
    }

    /// A process has finished its work and will ask for more.
    pub(super) fn done(&self) {
        self.pool().done();
    }

    fn pool(&self) -> MutexGuard<'_, Pool<Invocation>> {
        lock(&self.pool)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
