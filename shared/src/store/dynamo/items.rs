//! Records ⇄ items, by serde.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::store::StoreError;

/// An item: attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn to_item<T: Serialize>(record: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(record).map_err(|_| StoreError::Corrupt)
}

pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|_| StoreError::Corrupt)
}

pub(super) fn key(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn read(item: &Item, name: &str) -> Result<String, StoreError> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().ok_or(StoreError::Corrupt)
}

pub(super) fn read_number(item: &Item, name: &str) -> Result<u64, StoreError> {
    let text = item.get(name).and_then(|value| value.as_n().ok()).ok_or(StoreError::Corrupt)?;
    text.parse().map_err(|_| StoreError::Corrupt)
}
