//! Who wrote an item: a random name, made for one call.
//!
//! The SDK repeats a call whose answer was lost, and then a condition refuses it because of what it has
//! written itself. The name in the item tells that from what somebody else has written. (Amazon's
//! DynamoDB Local leaves the item out of a refusal, so that nothing can be told there.)

use aws_sdk_dynamodb::{
    operation::put_item::{PutItemError, builders::PutItemFluentBuilder},
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    DynamoStore,
    records::{Item, text},
};
use crate::{
    signing::{hex, random_bytes},
    store::{StoreError, Written},
};

/// The attribute of the writer's name.
pub(super) const WRITER: &str = "writer";

/// The writer of one item.
pub(super) struct Writer(AttributeValue);

impl Writer {
    pub(super) fn new() -> Result<Self, StoreError> {
        let name = random_bytes::<16>().map_err(|_| StoreError::Unavailable)?;
        Ok(Self(text(&hex(&name))))
    }

    pub(super) fn name(&self) -> AttributeValue {
        self.0.clone()
    }

    pub(super) fn has_written(&self, item: &Item) -> bool {
        item.get(WRITER) == Some(&self.0)
    }
}

impl DynamoStore {
    /// Writes an item under the condition that `when` puts. What this very call has written is written,
    /// however often the SDK asks.
    pub(super) async fn put_when(
        &self,
        mut item: Item,
        when: impl FnOnce(PutItemFluentBuilder) -> PutItemFluentBuilder,
    ) -> Result<Written, StoreError> {
        let writer = Writer::new()?;
        item.insert(WRITER.into(), writer.name());
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = when(put)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(refused) => {
                    let is_own = refused.item.is_some_and(|item| writer.has_written(&item));
                    Ok(if is_own { Written::Yes } else { Written::Outdated })
                }
                _ => Err(StoreError::Unavailable),
            },
        }
    }
}
