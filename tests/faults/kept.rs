//! Where the rows of a bad day are kept: in the map, or in a table behind DynamoDB's protocol.

use std::collections::BTreeMap;

use serde_json::{Value, from_value};
use shared::{
    job::Outcome,
    store::{dynamo::DynamoStore, memory::MemoryStore},
};

use super::scene::Scene;
use crate::{
    contract::store::{records::copied, table::Store},
    harness::watched::Watched,
};

/// How far a job has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) attempt: u32,
    pub(super) outcome: Option<Outcome>,
}

/// A table that shows its jobs.
pub(super) trait Kept: Sized {
    /// How it is read and written.
    type Store: Store;

    /// With all that the scene begins with: the app is installed, and Alice is linked.
    async fn of(scene: &Scene) -> Self;

    fn store(&self) -> &Self::Store;

    /// Every job, by its key.
    fn jobs(&self) -> BTreeMap<String, Standing>;
}

impl Kept for MemoryStore {
    type Store = Self;

    async fn of(scene: &Scene) -> Self {
        scene.store.clone()
    }

    fn store(&self) -> &Self {
        self
    }

    fn jobs(&self) -> BTreeMap<String, Standing> {
        let jobs = self.rows().jobs.into_iter();
        jobs.map(|(key, job)| (key, Standing { attempt: job.attempt, outcome: job.outcome }))
            .collect()
    }
}

impl Kept for Watched {
    type Store = DynamoStore;

    async fn of(scene: &Scene) -> Self {
        let table = Self::with(scene.journal.clone()).await;
        copied(&scene.rows(), &table.store).await;
        table
    }

    fn store(&self) -> &DynamoStore {
        &self.store
    }

    fn jobs(&self) -> BTreeMap<String, Standing> {
        let items = self.database.items().unwrap().into_iter();
        items
            .filter_map(|item| {
                let key = item["pk"]["S"].as_str()?.strip_prefix("JOB#")?.to_owned();
                Some((key, standing(&item)))
            })
            .collect()
    }
}

fn standing(item: &Value) -> Standing {
    let attempt = item["attempt"]["N"].as_str().unwrap().parse().unwrap();
    let outcome = item.get("outcome").map(|outcome| from_value(outcome["S"].clone()).unwrap());
    Standing { attempt, outcome }
}
