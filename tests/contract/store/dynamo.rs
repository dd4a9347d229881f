//! DynamoDB as a case sees it: the store under test, and beside it the bare protocol, to look at
//! items and to plant what the store never writes.

use std::{
    io::{self, Write},
    sync::Once,
    time::Duration,
};

use aws_sdk_dynamodb::{Client, config::retry::RetryConfig};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector, http_client_fn};
use local::{
    database::{self, Database, TABLE},
    installation,
};
use serde_json::{Value, json};
use shared::store::dynamo::{DUE_INDEX, DynamoStore};
use tokio::sync::{Mutex, MutexGuard};

use super::table::{Half, Links, Table};

/// Names a DynamoDB Local. Its table `belay` is emptied.
const URL: &str = "BELAY_DYNAMODB_URL";

/// DynamoDB Local has one table of that name: one case at a time.
static AMAZONS: Mutex<()> = Mutex::const_new(());

/// A table behind DynamoDB's protocol.
pub(super) struct Dynamo {
    store: DynamoStore,
    http: reqwest::Client,
    url: String,
    _kept: Kept,
}

/// What must live as long as the table.
enum Kept {
    Embedded { _database: Database },
    Amazons { _turn: MutexGuard<'static, ()> },
}

impl Dynamo {
    /// A fresh dynoxide.
    pub(super) async fn dynoxide() -> Self {
        let database = database::start(None).await.unwrap();
        let url = database.url().to_owned();
        Self::at(url, Kept::Embedded { _database: database })
    }

    /// DynamoDB Local with an empty table; none where there is no DynamoDB Local, which is said once.
    pub(super) async fn amazons() -> Option<Self> {
        let Some(url) = amazons_url() else {
            static SAID: Once = Once::new();
            // Not `eprintln!`: the test runner keeps what a passing test prints to itself.
            SAID.call_once(|| {
                let said = format!("DynamoDB Local is left out: {URL} is not set\n");
                let _ = io::stderr().write_all(said.as_bytes());
            });
            return None;
        };
        let dynamo = Self::at(url, Kept::Amazons { _turn: AMAZONS.lock().await });
        dynamo.begin_afresh().await;
        Some(dynamo)
    }

    fn at(url: String, kept: Kept) -> Self {
        let store = installation::store(&url).unwrap();
        let http = shared::transport::client(None).unwrap();
        Self { store, http, url, _kept: kept }
    }

    /// The table as `infra/template.yaml` has it.
    async fn begin_afresh(&self) {
        // There may be none yet.
        let _ = self.send("DeleteTable", &json!({"TableName": TABLE})).await;
        let key = |name, kind| json!({"AttributeName": name, "KeyType": kind});
        let attribute = |name, kind| json!({"AttributeName": name, "AttributeType": kind});
        let table = json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                attribute("pk", "S"),
                attribute("sk", "S"),
                attribute("due", "S"),
                attribute("next_at", "N"),
            ],
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "GlobalSecondaryIndexes": [{
                "IndexName": DUE_INDEX,
                "KeySchema": [key("due", "HASH"), key("next_at", "RANGE")],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }],
        });
        self.send("CreateTable", &table).await.unwrap();
    }

    /// Takes the table away: every call is refused then, for no reason of a condition.
    pub(super) async fn drop_table(&self) {
        self.send("DeleteTable", &json!({"TableName": TABLE})).await.unwrap();
    }

    /// The store of the same table, by a way of the case's own; what fails is not tried again by the
    /// SDK.
    pub(super) fn store_by(&self, way: impl HttpConnector + 'static) -> DynamoStore {
        self.store_with(RetryConfig::disabled(), way)
    }

    /// The same, where the SDK tries again what fails.
    pub(super) fn persistent_store_by(&self, way: impl HttpConnector + 'static) -> DynamoStore {
        let at_once = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
        self.store_with(at_once, way)
    }

    fn store_with(&self, retries: RetryConfig, way: impl HttpConnector + 'static) -> DynamoStore {
        let way = SharedHttpConnector::new(way);
        let config = installation::table_config(&self.url)
            .http_client(http_client_fn(move |_, _| way.clone()))
            .retry_config(retries);
        DynamoStore::new(Client::from_conf(config.build()), TABLE.to_owned())
    }

    /// Writes an item behind the store's back.
    pub(super) async fn plant(&self, item: &Value) {
        self.send("PutItem", &json!({"TableName": TABLE, "Item": item})).await.unwrap();
    }

    /// Writes many items behind the store's back, in batches as large as DynamoDB takes.
    pub(super) async fn plant_all(&self, items: Vec<Value>) {
        for batch in items.chunks(25) {
            let puts: Vec<Value> =
                batch.iter().map(|item| json!({"PutRequest": {"Item": item}})).collect();
            let request = json!({"RequestItems": {TABLE: puts}});
            let answer = self.send("BatchWriteItem", &request).await.unwrap();
            assert_eq!(answer["UnprocessedItems"], json!({}));
        }
    }

    /// An item as it stands, attribute by attribute.
    pub(super) async fn item(&self, pk: &str, sk: &str) -> Value {
        let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let get = json!({"TableName": TABLE, "Key": key, "ConsistentRead": true});
        let found = self.send("GetItem", &get).await.unwrap();
        assert!(found["Item"].is_object(), "there is no {pk} {sk}");
        found["Item"].clone()
    }

    /// Removes an item behind the store's back, as DynamoDB does with one that has expired.
    pub(super) async fn remove(&self, pk: &str, sk: &str) {
        let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let old = json!({"TableName": TABLE, "Key": key, "ReturnValues": "ALL_OLD"});
        let removed = self.send("DeleteItem", &old).await.unwrap();
        assert!(removed["Attributes"].is_object(), "there is no {pk} {sk}");
    }

    /// One request of DynamoDB's JSON protocol; the error is DynamoDB's own.
    async fn send(&self, operation: &str, body: &Value) -> Result<Value, String> {
        // Both want these headers and check no signature.
        let credential =
            "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request";
        let request = self
            .http
            .post(&self.url)
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", format!("{credential}, SignedHeaders=host, Signature=0"))
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let good = response.status().is_success();
        let text = response.text().await.unwrap();
        if good { Ok(serde_json::from_str(&text).unwrap()) } else { Err(text) }
    }

    async fn items(&self) -> Vec<Value> {
        let mut scan = json!({"TableName": TABLE, "ConsistentRead": true});
        let mut items = Vec::new();
        loop {
            let page = self.send("Scan", &scan).await.unwrap();
            items.extend(page["Items"].as_array().unwrap().clone());
            let Some(last) = page.get("LastEvaluatedKey") else { break };
            scan["ExclusiveStartKey"] = last.clone();
        }
        items.sort_by_key(|item| (text(item, "pk"), text(item, "sk")));
        items
    }
}

impl Table for Dynamo {
    type Store = DynamoStore;
    type Rows = Vec<Value>;

    fn store(&self) -> DynamoStore {
        self.store.clone()
    }

    async fn rows(&self) -> Vec<Value> {
        self.items().await
    }

    async fn links(&self) -> Links {
        let mut links = Links::default();
        for item in &self.items().await {
            let (pk, sk) = (text(item, "pk"), text(item, "sk"));
            if let Some(account) = sk.strip_prefix("SEN#") {
                links.reverse.insert(half(&text(item, "slack_user"), account, item));
            } else if sk == "ID" {
                let user = pk.split('#').nth(2).unwrap_or_else(|| panic!("{pk} names nobody"));
                links.forward.insert(half(user, account_of(item), item));
            }
        }
        links
    }
}

#[expect(clippy::disallowed_methods, reason = "of the tests, not of the bundle's settings")]
fn amazons_url() -> Option<String> {
    std::env::var(URL).ok()
}

fn half(user: &str, account: &str, item: &Value) -> Half {
    (user.to_owned(), account.to_owned(), text(item, "link_id"))
}

fn account_of(item: &Value) -> &str {
    item["account"]["M"]["id"]["S"].as_str().unwrap()
}

fn text(item: &Value, name: &str) -> String {
    item[name]["S"].as_str().unwrap_or_else(|| panic!("no {name} in {item}")).to_owned()
}
