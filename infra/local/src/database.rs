//! DynamoDB on this machine: dynoxide, in memory or in a file, with the bundle's one table.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::server;

/// The table's name.
pub const TABLE: &str = "belay";

/// How long requests under way may take when it is closed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no database, or no answer from it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file's name is no text.
    #[error("the database's file name is not UTF-8")]
    Path,
    /// The database refused.
    #[error("the database refused")]
    Refused(#[from] dynoxide::DynoxideError),
    /// Its server could not listen.
    #[error("the database's server cannot listen")]
    Listen(#[from] std::io::Error),
    /// A request or an item that does not fit dynoxide's types.
    #[error("the database's types have changed")]
    Shape(#[from] serde_json::Error),
}

/// A running database.
pub struct Database {
    tables: dynoxide::Database,
    url: String,
    server: JoinHandle<()>,
    stop: oneshot::Sender<()>,
}

/// What a scan answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    items: Vec<Value>,
    last_evaluated_key: Option<Value>,
}

/// Starts the database at `path`, or in memory, and creates the table if it is not there.
pub async fn start(path: Option<&Path>) -> Result<Database, DatabaseError> {
    let tables = open(path)?;
    let listener = server::listen(0).await?;
    let url = server::origin(&listener)?;
    let (stop, stopped) = oneshot::channel();
    let serving = dynoxide::server::serve_with_shutdown(listener, tables.clone(), async {
        // Dropped is stopped as well.
        let _ = stopped.await;
    });
    let server = tokio::spawn(async {
        // Its accept loop does not fail.
        let _ = serving.await;
    });
    Ok(Database { tables, url, server, stop })
}

impl Database {
    /// Where it speaks DynamoDB's protocol.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every item of the table, in DynamoDB's JSON (`{"pk":{"S":"…"},…}`).
    pub fn items(&self) -> Result<Vec<Value>, DatabaseError> {
        let mut items = Vec::new();
        let mut from = Value::Null;
        loop {
            let scan = json!({"TableName": TABLE, "ExclusiveStartKey": from});
            let page: Page = serde_json::from_value(plain(self.tables.scan(request(scan)?)?)?)?;
            items.extend(page.items);
            match page.last_evaluated_key {
                Some(last) => from = last,
                None => return Ok(items),
            }
        }
    }

    /// Writes these items, at most 25 (AWS: `BatchWriteItem`), in DynamoDB's JSON.
    pub fn put(&self, items: Vec<Value>) -> Result<(), DatabaseError> {
        if items.is_empty() {
            return Ok(());
        }
        let puts = items.into_iter().map(|item| json!({"PutRequest": {"Item": item}}));
        let batch = json!({"RequestItems": {TABLE: puts.collect::<Vec<_>>()}});
        self.tables.batch_write_item(request(batch)?)?;
        Ok(())
    }

    /// Deletes what has expired and tells how much that was. DynamoDB does so days late, this one
    /// only when it is told to.
    pub fn sweep_expired(&self) -> Result<usize, DatabaseError> {
        Ok(self.tables.sweep_ttl()?)
    }

    /// Finishes what is being read or written and closes the file. A client that never finishes its
    /// request is not waited for.
    pub async fn close(self) {
        let Self { tables, server, stop, .. } = self;
        // A server that is gone needs no word.
        let _ = stop.send(());
        let _ = tokio::time::timeout(PATIENCE, server).await;
        drop(tables);
    }
}

fn open(path: Option<&Path>) -> Result<dynoxide::Database, DatabaseError> {
    let tables = match path {
        Some(path) => dynoxide::Database::new(path.to_str().ok_or(DatabaseError::Path)?)?,
        None => dynoxide::Database::memory()?,
    };
    match tables.create_table(request(table())?) {
        Ok(_) => {
            tables.update_time_to_live(request(time_to_live())?)?;
        }
        Err(dynoxide::DynoxideError::ResourceInUseException(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(tables)
}

/// The table as the deployment's template has it.
fn table() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "due", "AttributeType": "S"},
            {"AttributeName": "next_at", "AttributeType": "N"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [
                {"AttributeName": "due", "KeyType": "HASH"},
                {"AttributeName": "next_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
    })
}

fn time_to_live() -> Value {
    json!({
        "TableName": TABLE,
        "TimeToLiveSpecification": {"AttributeName": "exp", "Enabled": true},
    })
}

fn request<T: DeserializeOwned>(json: Value) -> Result<T, DatabaseError> {
    Ok(serde_json::from_value(json)?)
}

fn plain(response: impl Serialize) -> Result<Value, DatabaseError> {
    Ok(serde_json::to_value(response)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(database: &Database, item: &Value) {
        let put = json!({"TableName": TABLE, "Item": item});
        database.tables.put_item(request(put).unwrap()).unwrap();
    }

    #[tokio::test]
    async fn a_job_that_is_due_is_found_through_the_index() {
        let database = start(None).await.unwrap();
        put(
            &database,
            &json!({
                "pk": {"S": "JOB#1"}, "sk": {"S": "J"}, "due": {"S": "1"}, "next_at": {"N": "5"},
            }),
        );
        put(&database, &json!({"pk": {"S": "JOB#2"}, "sk": {"S": "J"}}));
        let due = json!({
            "TableName": TABLE,
            "IndexName": "due",
            "KeyConditionExpression": "due = :due AND next_at <= :now",
            "ExpressionAttributeValues": {":due": {"S": "1"}, ":now": {"N": "10"}},
        });

        let found = plain(database.tables.query(request(due).unwrap()).unwrap()).unwrap();

        assert_eq!(found["Count"], 1);
        assert_eq!(found["Items"][0]["pk"], json!({"S": "JOB#1"}));
        assert_eq!(database.items().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn an_expired_item_goes_when_it_is_swept() {
        let database = start(None).await.unwrap();
        put(&database, &json!({"pk": {"S": "F"}, "sk": {"S": "F"}, "exp": {"N": "1700000000"}}));

        assert_eq!(database.sweep_expired().unwrap(), 1);
        assert!(database.items().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_file_is_there_again_the_next_time() {
        let directory = crate::scratch::Directory::new();
        let path = directory.path().join("belay.db");
        let database = start(Some(&path)).await.unwrap();
        put(&database, &json!({"pk": {"S": "TEN#T"}, "sk": {"S": "INST"}}));
        database.close().await;

        let database = start(Some(&path)).await.unwrap();

        assert_eq!(database.items().unwrap().len(), 1);
    }
}
