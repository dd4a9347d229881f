//! What has been called.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

/// What the services note, and the driver asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Calls>>);

#[derive(Debug, Default, Serialize)]
struct Calls {
    #[serde(rename = "calls")]
    counts: BTreeMap<String, u32>,
    /// The last one of each.
    bodies: BTreeMap<String, String>,
    wake_ups: Vec<String>,
}

impl Seen {
    /// A call, by a name that says who was asked for what.
    pub(crate) fn note(&self, name: String, body: &str) {
        let mut seen = self.lock();
        *seen.counts.entry(name.clone()).or_default() += 1;
        seen.bodies.insert(name, body.to_owned());
    }

    /// What a function has put into the queue.
    pub(crate) fn note_wake_up(&self, message: &str) {
        self.lock().wake_ups.push(message.to_owned());
    }

    pub(crate) fn told(&self) -> Value {
        json!(*self.lock())
    }

    /// From now on nothing has been called.
    pub(crate) fn forget(&self) -> Value {
        mem::take(&mut *self.lock());
        json!({})
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
