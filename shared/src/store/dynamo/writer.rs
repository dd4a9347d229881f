//! Who wrote an item: a random name, made for one call.
//!
//! The SDK repeats a call whose answer was lost, and then a condition refuses it because of what it has
//! written itself. The name in the item tells that from what somebody else has written.

use aws_sdk_dynamodb::types::AttributeValue;

use super::records::{Item, text};
use crate::{
    signing::{hex, random_bytes},
    store::StoreError,
};

const WRITER: &str = "writer";

/// The writer of one item.
pub(super) struct Writer(AttributeValue);

impl Writer {
    pub(super) fn new() -> Result<Self, StoreError> {
        let name = random_bytes::<16>().map_err(|_| StoreError::Unavailable)?;
        Ok(Self(text(&hex(&name))))
    }

    /// The item with the writer's name.
    pub(super) fn sign(&self, mut item: Item) -> Item {
        item.insert(WRITER.into(), self.0.clone());
        item
    }

    pub(super) fn has_written(&self, item: &Item) -> bool {
        item.get(WRITER) == Some(&self.0)
    }
}
