//! What a capability does to the table, as DynamoDB sees it: every call's action, and the kind of
//! item it reaches.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
    interceptors::BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::box_error::BoxError;
use local::database::{self, Database, TABLE};
use serde_json::Value;
use shared::{
    store::dynamo::DynamoStore,
    transport::{self, SdkTransport},
};

/// An action of IAM, and what it reaches: a partition key's beginning (`TEN#*`), or `index/due`.
pub(super) type Right = (String, String);

/// A table that writes down what is done to it.
pub(super) struct Watched {
    pub(super) store: DynamoStore,
    seen: Seen,
    _database: Database,
}

impl Watched {
    /// An empty one.
    pub(super) async fn start() -> Self {
        let database = database::start(None).await.unwrap();
        let seen = Seen::default();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(SdkTransport::new(transport::client(None).unwrap()))
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .endpoint_url(database.url())
            .interceptor(seen.clone())
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        Self { store: DynamoStore::new(client, TABLE.to_owned()), seen, _database: database }
    }

    /// What was done since this was asked last.
    pub(super) fn rights(&self) -> BTreeSet<Right> {
        std::mem::take(&mut self.seen.0.lock().unwrap())
    }
}

#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<BTreeSet<Right>>>);

impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "rights"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.strip_prefix("DynamoDB_20120810.").unwrap();
        let body = serde_json::from_slice(request.body().bytes().unwrap())?;
        self.0.lock().unwrap().extend(needed(operation, &body));
        Ok(())
    }
}

/// What IAM asks for: a transaction needs the actions of its parts ("Amazon DynamoDB Transactions:
/// IAM", and the table of actions in the Service Authorization Reference).
fn needed(operation: &str, body: &Value) -> Vec<Right> {
    let one = |action: &str, item: &Value| vec![(action.to_owned(), kind(&item["pk"]))];
    match operation {
        "PutItem" => one(operation, &body["Item"]),
        "GetItem" | "UpdateItem" | "DeleteItem" => one(operation, &body["Key"]),
        "Query" if body["IndexName"].is_string() => {
            let index = body["IndexName"].as_str().unwrap();
            vec![(operation.to_owned(), format!("index/{index}"))]
        }
        "Query" => {
            vec![(operation.to_owned(), kind(&body["ExpressionAttributeValues"][":pk"]))]
        }
        "BatchGetItem" => {
            let keys = body["RequestItems"][TABLE]["Keys"].as_array().unwrap();
            keys.iter().flat_map(|key| one(operation, key)).collect()
        }
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().unwrap().iter();
            actions.flat_map(|action| action.as_object().unwrap().iter().flat_map(part)).collect()
        }
        other => panic!("nobody knows what {other} needs"),
    }
}

fn part((what, action): (&String, &Value)) -> Vec<Right> {
    let (name, item) = match what.as_str() {
        "Put" => ("PutItem", &action["Item"]),
        "ConditionCheck" => ("ConditionCheckItem", &action["Key"]),
        "Update" => ("UpdateItem", &action["Key"]),
        "Delete" => ("DeleteItem", &action["Key"]),
        other => panic!("nobody knows what {other} needs"),
    };
    vec![(name.to_owned(), kind(&item["pk"]))]
}

/// The kind of item that a partition key is of.
fn kind(key: &Value) -> String {
    let key = key["S"].as_str().unwrap_or_else(|| panic!("{key} is no partition key"));
    key.split_once('#').map_or_else(|| key.to_owned(), |(kind, _)| format!("{kind}#*"))
}
