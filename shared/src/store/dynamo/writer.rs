//! Who wrote an item: a random name, made for one call.
//!
//! The SDK repeats a call whose answer was lost, and then a condition refuses it because of what it has
//! written itself. The name in the item tells that from what somebody else has written. (Amazon's
//! DynamoDB Local leaves the item out of a refusal, so that nothing can be told there.)

use aws_sdk_dynamodb::{
    operation::{
        put_item::{PutItemError, builders::PutItemFluentBuilder},
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};

use super::{
    DynamoStore,
    records::{Item, text},
    refused,
};
use crate::{
    signing::{hex, random_bytes},
    store::{StoreError, Written},
};

/// The attribute of the writer's name.
const WRITER: &str = "writer";

/// What came of an update under a condition.
pub(super) enum Updated {
    /// The item as this very call has left it.
    Yes(Item),
    /// The item that the condition refused, where the table shows it.
    No(Option<Item>),
}

impl From<Updated> for Written {
    fn from(updated: Updated) -> Self {
        match updated {
            Updated::Yes(_) => Self::Yes,
            Updated::No(_) => Self::Outdated,
        }
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
        let writer = new_writer()?;
        item.insert(WRITER.into(), writer.clone());
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = when(put)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) => match error.into_service_error() {
                PutItemError::ConditionalCheckFailedException(refused) => {
                    let is_own = refused.item.is_some_and(|item| is_by(&writer, &item));
                    Ok(if is_own { Written::Yes } else { Written::Outdated })
                }
                error => Err(refused(&error)),
            },
        }
    }

    /// The same for what is set of an item, `set` being the whole of the expression.
    pub(super) async fn update_when(
        &self,
        key: Item,
        set: &str,
        when: impl FnOnce(UpdateItemFluentBuilder) -> UpdateItemFluentBuilder,
    ) -> Result<Updated, StoreError> {
        let writer = new_writer()?;
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(format!("{set}, #writer = :writer"))
            .expression_attribute_names("#writer", WRITER)
            .expression_attribute_values(":writer", writer.clone());
        let update = when(update)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(reply) => Ok(Updated::Yes(reply.attributes.ok_or(StoreError::Corrupt)?)),
            Err(error) => match error.into_service_error() {
                UpdateItemError::ConditionalCheckFailedException(refused) => {
                    Ok(match refused.item {
                        Some(item) if is_by(&writer, &item) => Updated::Yes(item),
                        item => Updated::No(item),
                    })
                }
                error => Err(refused(&error)),
            },
        }
    }
}

fn new_writer() -> Result<AttributeValue, StoreError> {
    let name = random_bytes::<16>().map_err(|_| StoreError::Unavailable)?;
    Ok(text(&hex(&name)))
}

fn is_by(writer: &AttributeValue, item: &Item) -> bool {
    item.get(WRITER) == Some(writer)
}
