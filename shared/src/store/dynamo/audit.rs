//! The audit: finished jobs, and rows of their own.

use super::{
    DUE_INDEX, DynamoStore,
    records::{Item, audit_of, from_item, key_of, number, read, text},
    unavailable,
};
use crate::{
    audit::Row,
    clock::Timestamp,
    ids::Tenant,
    job::Job,
    store::{ReadAudit, StoreError},
};

impl ReadAudit for DynamoStore {
    async fn audit(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Row>, StoreError> {
        // DynamoDB refuses an interval that ends before it begins.
        if until <= from {
            return Ok(Vec::new());
        }
        let keys = self.audit_keys(tenant, from, until).await?;
        let mut rows = Vec::with_capacity(keys.len());
        for item in self.read_many(keys).await? {
            rows.extend(row(item)?);
        }
        rows.sort_by_key(|row| row.at);
        Ok(rows)
    }
}

impl DynamoStore {
    async fn audit_keys(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Item>, StoreError> {
        let mut keys = Vec::new();
        let mut after = None;
        loop {
            let reply = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(DUE_INDEX)
                .key_condition_expression("due = :due AND next_at BETWEEN :from AND :last")
                .expression_attribute_values(":due", text(&audit_of(tenant)))
                .expression_attribute_values(":from", number(from.millis()))
                .expression_attribute_values(":last", number(until.millis().saturating_sub(1)))
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(unavailable)?;
            for found in reply.items.unwrap_or_default() {
                keys.push(key_of(&found)?);
            }
            after = reply.last_evaluated_key;
            if after.is_none() {
                return Ok(keys);
            }
        }
    }
}

fn row(item: Item) -> Result<Option<Row>, StoreError> {
    if read(&item, "sk")? == "J" {
        return Ok(Row::of_job(&from_item::<Job>(item)?));
    }
    from_item(item).map(Some)
}
