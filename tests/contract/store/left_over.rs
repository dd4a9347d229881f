//! Reads that are answered in part: a throttled DynamoDB leaves keys over, which are not absent.
//! (docs.aws.amazon.com/amazondynamodb: `BatchGetItem`, `UnprocessedKeys`.) A table for one caller
//! never does so of itself, so these answers come from in front of it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use local::database::TABLE;
use serde_json::{Value, json};
use shared::store::{Clicker, LoadClicker, StoreError};

use super::{
    dynamo::Dynamo,
    front::{Answers, Front},
    records::{ACME, alice_linked, person, tenant},
};
use crate::harness::ALICE;

every_table! { tables(dynoxide) {
    what_is_left_over_is_asked_for_again,
    a_read_that_gets_on_is_not_given_up,
    what_is_left_over_each_time_is_not_taken_for_absent,
}}

/// So often a read is asked for.
const TRIES: usize = 4;

/// The way to a table, on which reads are answered with these items and no other, one after the
/// other; what comes after those is the table's.
#[derive(Debug, Clone)]
struct Throttled {
    answers: Arc<Mutex<VecDeque<Vec<Value>>>>,
    asked: Arc<Mutex<Vec<usize>>>,
}

impl Throttled {
    fn to(answers: impl IntoIterator<Item = Vec<Value>>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), asked: Arc::default() }
    }

    /// How many keys each read asked for.
    fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }
}

impl Answers for Throttled {
    fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let body: Value = serde_json::from_slice(request.body().bytes()?).unwrap();
        let keys = body["RequestItems"][TABLE]["Keys"].as_array()?;
        self.asked.lock().unwrap().push(keys.len());
        let items = self.answers.lock().unwrap().pop_front()?;
        let is_of = |item: &Value, key: &Value| ["pk", "sk"].iter().all(|n| item[*n] == key[*n]);
        let left: Vec<&Value> =
            keys.iter().filter(|key| !items.iter().any(|item| is_of(item, key))).collect();
        let answer = json!({
            "Responses": {TABLE: items},
            "UnprocessedKeys": {TABLE: {"Keys": left, "ConsistentRead": true}},
        });
        Some(HttpResponse::new(StatusCode::try_from(200).unwrap(), answer.to_string().into()))
    }
}

async fn clicker(table: &Dynamo, way: &Throttled) -> Result<Clicker, StoreError> {
    let store = table.store_by(Front::of(way));
    store.clicker(&tenant(ACME), &person(ALICE)).await
}

async fn what_is_left_over_is_asked_for_again(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    let slack = format!("SLK#{ACME}#{ALICE}");
    let epoch = table.item(&slack, "EPOCH").await;
    let identity = table.item(&slack, "ID").await;
    let way = Throttled::to([vec![epoch], vec![], vec![identity]]);

    let read = clicker(&table, &way).await;

    assert_eq!(read, store.clicker(&tenant(ACME), &person(ALICE)).await);
    assert_eq!(way.asked(), [3, 2, 2, 1]);
}

async fn a_read_that_gets_on_is_not_given_up(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    let slack = format!("SLK#{ACME}#{ALICE}");
    let epoch = table.item(&slack, "EPOCH").await;
    let identity = table.item(&slack, "ID").await;
    let way = Throttled::to([vec![], vec![epoch], vec![], vec![identity]]);

    let read = clicker(&table, &way).await;

    assert_eq!(read, store.clicker(&tenant(ACME), &person(ALICE)).await);
    assert_eq!(way.asked(), [3, 3, 2, 2, 1]);
}

async fn what_is_left_over_each_time_is_not_taken_for_absent(table: Dynamo) {
    alice_linked(&table).await;
    let way = Throttled::to(vec![vec![]; TRIES]);

    let read = clicker(&table, &way).await;

    assert_eq!((read, way.asked()), (Err(StoreError::Unavailable), vec![3; TRIES]));
}
