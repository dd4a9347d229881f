//! What IAM asks for a request to the table: an action, and the kind of item it reaches.

use local::database::TABLE;
use serde_json::Value;

/// An action of IAM, and what it reaches: a partition key's beginning (`TEN#*`), or `index/due`.
pub(super) type Right = (String, String);

/// The rights that a request needs. A transaction needs the actions of its parts ("Amazon DynamoDB Transactions:
/// IAM", and the table of actions in the Service Authorization Reference).
pub(super) fn needed(operation: &str, body: &Value) -> Vec<Right> {
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
