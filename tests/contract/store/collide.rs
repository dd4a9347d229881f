//! Transactions that collide: DynamoDB cancels one of two that touch the same item at the same time,
//! whatever their conditions say. (docs.aws.amazon.com/amazondynamodb: Transactions, "Transaction
//! conflict handling"; the codes are those of `CancellationReason`.) A table for one caller never does
//! so of itself, so the cancellations come from in front of it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::orchestrator::{HttpRequest, HttpResponse},
    http::StatusCode,
};
use serde_json::{Value, json};
use shared::store::{LinkIdentity, Linked, StoreError};

use super::{
    dynamo::Dynamo,
    front::{Answers, Front, operation},
    records::{flow, installed, link_write, opened},
    table::Table,
};
use crate::harness::ALICES;

every_table! { tables(dynoxide) {
    a_transaction_that_collides_is_tried_again,
    a_transaction_that_always_collides_is_given_up_and_writes_nothing,
    a_condition_that_fails_beside_a_collision_is_an_answer,
    a_transaction_that_is_cancelled_for_another_reason_is_not_tried_again,
}}

/// So often a transaction is tried.
const TRIES: usize = 4;

/// The way to a table, on which transactions are answered as is laid down, one after the other; what
/// comes after those is the table's.
#[derive(Debug, Clone)]
struct Colliding {
    answers: Arc<Mutex<VecDeque<String>>>,
    sent: Arc<Mutex<usize>>,
}

impl Colliding {
    fn with(answers: impl IntoIterator<Item = Value>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().map(|a| a.to_string()).collect())),
            sent: Arc::default(),
        }
    }

    /// How many transactions came along.
    fn sent(&self) -> usize {
        *self.sent.lock().unwrap()
    }
}

impl Answers for Colliding {
    fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if operation(request) != "TransactWriteItems" {
            return None;
        }
        *self.sent.lock().unwrap() += 1;
        let answer = self.answers.lock().unwrap().pop_front()?;
        Some(HttpResponse::new(StatusCode::try_from(400).unwrap(), answer.into()))
    }
}

/// A cancellation with these reasons, one for each action.
fn cancelled(codes: &[&str]) -> Value {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    error("TransactionCanceledException", json!({"CancellationReasons": reasons}))
}

fn error(kind: &str, mut body: Value) -> Value {
    body["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{kind}"));
    body
}

/// Every way in which DynamoDB says that another one was in the way, or that there were too many.
fn collisions() -> [Value; 4] {
    [
        cancelled(&["None", "TransactionConflict"]),
        cancelled(&["ThrottlingError", "None"]),
        cancelled(&["None", "ProvisionedThroughputExceeded"]),
        error("TransactionInProgressException", json!({})),
    ]
}

/// The link of a person to an account, by a transaction that is answered so.
async fn link(table: &Dynamo, way: &Colliding, account: &str) -> Result<Linked, StoreError> {
    let user = format!("U0OF{account}");
    let offered = opened(&installed(table).await, flow(&user, &user, 0)).await;
    let store = table.store_by(Front::of(way));
    store.link(&link_write(&offered, account)).await
}

async fn a_transaction_that_collides_is_tried_again(table: Dynamo) {
    for (collision, account) in collisions().into_iter().zip(["101", "102", "103", "104"]) {
        let said = collision.to_string();
        let way = Colliding::with(vec![collision; TRIES - 1]);

        let linked = link(&table, &way, account).await;

        assert_eq!((linked, way.sent()), (Ok(Linked::Yes), TRIES), "{said}");
    }
    assert_eq!(table.links().await.forward.len(), 4);
}

async fn a_transaction_that_always_collides_is_given_up_and_writes_nothing(table: Dynamo) {
    let way = Colliding::with(collisions());

    let linked = link(&table, &way, ALICES).await;

    assert_eq!((linked, way.sent()), (Err(StoreError::Unavailable), TRIES));
    assert!(table.links().await.forward.is_empty());
}

async fn a_condition_that_fails_beside_a_collision_is_an_answer(table: Dynamo) {
    let way = Colliding::with([cancelled(&["ConditionalCheckFailed", "TransactionConflict"])]);

    let linked = link(&table, &way, ALICES).await;

    assert_eq!((linked, way.sent()), (Ok(Linked::SlackSideTaken), 1));
}

async fn a_transaction_that_is_cancelled_for_another_reason_is_not_tried_again(table: Dynamo) {
    let way = Colliding::with([cancelled(&["None", "ValidationError"])]);

    let linked = link(&table, &way, ALICES).await;

    assert_eq!((linked, way.sent()), (Err(StoreError::Unavailable), 1));
    assert!(table.links().await.forward.is_empty());
}
