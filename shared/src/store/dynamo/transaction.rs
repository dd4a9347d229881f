//! Transactions: the actions they are made of, and what DynamoDB says of them.
//!
//! The SDK does not repeat a transaction that collides with another; this does, and only while no
//! condition has failed.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem, Update,
    },
};

use super::{
    DynamoStore, built, pause,
    records::{
        Item, account_sk, audit_item, flow_item, installation_pk, job_item, key, newest_item,
        number, slack_pk, text,
    },
    unavailable,
};
use crate::{
    audit::Row,
    clock::Timestamp,
    flow::Flow,
    identity::{Identity, Person},
    job::{Job, NewestClick},
    store::{StoreError, Written},
};

/// How often a transaction that collides is tried.
const TRIES: u32 = 4;

/// What DynamoDB said of a transaction.
pub(super) enum Verdict {
    Written,
    /// One reason per action, in the order of the actions.
    Refused(Vec<Reason>),
}

/// Why one action of a transaction was refused; empty if it was not.
pub(super) struct Reason(String);

impl Verdict {
    /// Which action's condition failed first; `None` if everything was written.
    pub(super) fn refused_at(&self) -> Option<usize> {
        match self {
            Self::Written => None,
            Self::Refused(reasons) => reasons.iter().position(Reason::is_condition),
        }
    }
}

impl From<Verdict> for Written {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Written => Self::Yes,
            Verdict::Refused(_) => Self::Outdated,
        }
    }
}

impl Reason {
    pub(super) fn is_condition(&self) -> bool {
        self.0 == "ConditionalCheckFailed"
    }

    fn is_collision(&self) -> bool {
        matches!(
            self.0.as_str(),
            "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
        )
    }
}

fn cancellation_reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Vec<Reason>> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let code = |reason: &CancellationReason| reason.code().unwrap_or_default().to_owned();
            Some(cancelled.cancellation_reasons().iter().map(|r| Reason(code(r))).collect())
        }
        TransactWriteItemsError::TransactionInProgressException(_) => {
            Some(vec![Reason("TransactionConflict".into())])
        }
        _ => None,
    }
}

impl DynamoStore {
    /// Writes all of it or nothing; collisions with other transactions are tried again.
    pub(super) async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Verdict, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let write =
                self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let Err(error) = write.send().await else { return Ok(Verdict::Written) };
            let reasons = cancellation_reasons(&error).ok_or_else(|| unavailable(error))?;
            if reasons.iter().any(Reason::is_condition) {
                return Ok(Verdict::Refused(reasons));
            }
            if tries == TRIES || !reasons.iter().any(Reason::is_collision) {
                return Err(StoreError::Unavailable);
            }
            pause::wait(tries).await;
        }
    }

    /// The flow as used up, if it is the one that was read, open and not over.
    pub(super) fn flow_is_current(
        &self,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(flow_item(flow)?))
            .condition_expression("version = :seen AND stage.#at <> :used AND expires > :now")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":seen", number(flow.version.saturating_sub(1)))
            .expression_attribute_values(":used", text("USED"))
            .expression_attribute_values(":now", number(now.millis()))
            .build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    /// Both rows of a link gone, if they are of this very link, and the epoch one up.
    pub(super) fn link_is_removed(
        &self,
        identity: &Identity,
        epoch: u64,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        Ok(vec![
            self.delete_if(
                key(&slack_pk(&identity.person), "ID"),
                "link_id = :link",
                &identity.link_id,
            )?,
            self.delete_if(
                key(&installation_pk(&identity.person.tenant), &account_sk(&identity.account.id)),
                "attribute_not_exists(pk) OR link_id = :link",
                &identity.link_id,
            )?,
            self.epoch_moves_on(&identity.person, epoch)?,
        ])
    }

    /// The epoch one up, if it is still this one.
    pub(super) fn epoch_moves_on(
        &self,
        person: &Person,
        epoch: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&slack_pk(person), "EPOCH")))
            .update_expression("SET n = :next")
            .condition_expression(if epoch == 0 {
                "attribute_not_exists(pk) OR n = :seen"
            } else {
                "n = :seen"
            })
            .expression_attribute_values(":seen", number(epoch))
            .expression_attribute_values(":next", number(epoch + 1))
            .build();
        Ok(TransactWriteItem::builder().update(built(update)?).build())
    }

    /// The job, if there is none of its key.
    pub(super) fn job_is_new(&self, job: &Job) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(job_item(job, self.audit)?))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    /// The click as the newest of its kind about the issue, if it is.
    pub(super) fn click_is_newest(
        &self,
        click: &NewestClick,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put_if(
            newest_item(click)?,
            "attribute_not_exists(pk) OR made_at < :made_at",
            (":made_at", number(click.made_at.millis())),
        )
    }

    /// An item, under a condition.
    pub(super) fn put_if(
        &self,
        item: Item,
        condition: &str,
        value: (&str, AttributeValue),
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .expression_attribute_values(value.0, value.1)
            .build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    /// The end of an item, under a condition on its link.
    pub(super) fn delete_if(
        &self,
        key: Item,
        condition: &str,
        link_id: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression(condition)
            .expression_attribute_values(":link", text(link_id))
            .build();
        Ok(TransactWriteItem::builder().delete(built(delete)?).build())
    }

    /// A row of the audit.
    pub(super) fn audit_row(&self, row: &Row) -> Result<TransactWriteItem, StoreError> {
        let item = audit_item(row, self.audit)?;
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    /// The installation, to be active and not to have been removed since the flow began.
    pub(super) fn is_installed(&self, flow: &Flow) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(&installation_pk(&flow.tenant), "INST")))
            .condition_expression(if flow.installation_epoch == 0 {
                // There was a time before epochs.
                "#status = :active AND (attribute_not_exists(epoch) OR epoch = :epoch)"
            } else {
                "#status = :active AND epoch = :epoch"
            })
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", text("ACTIVE"))
            .expression_attribute_values(":epoch", number(flow.installation_epoch))
            .build();
        Ok(TransactWriteItem::builder().condition_check(built(check)?).build())
    }
}
