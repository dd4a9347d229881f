//! Installations and the people linked in them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};

use super::{
    DynamoStore, built,
    records::{
        ACCOUNT, Item, TENDED, account_sk, from_item, installation_item, installation_pk, key,
        key_of, member, number, read, slack_pk, tenant as tenant_of, text, to_item,
    },
    unavailable, written,
};
use crate::{
    audit::Row,
    clock::Timestamp,
    identity::{Installation, Person, Tokens},
    ids::{AccountId, Tenant},
    store::{ChangeInstallation, Member, RemoveMembers, StoreError, TendInstallations, Written},
};

/// So many installations are looked up at a time.
const PAGE: usize = 500;

impl ChangeInstallation for DynamoStore {
    async fn installation(&self, tenant: &Tenant) -> Result<Option<Installation>, StoreError> {
        self.read_one(&installation_pk(tenant), "INST").await?.map(from_item).transpose()
    }

    async fn change_installation(
        &self,
        next: &Installation,
        row: Option<&Row>,
    ) -> Result<Written, StoreError> {
        // The first version replaces nothing, or what was written before there were versions.
        let condition = match next.version {
            0 | 1 => "attribute_not_exists(version) OR version = :seen",
            _ => "version = :seen",
        };
        let seen = number(next.version.saturating_sub(1));
        let item = installation_item(next)?;
        let Some(row) = row else {
            let put = self.put_when(item, |put| {
                put.condition_expression(condition).expression_attribute_values(":seen", seen)
            });
            return put.await;
        };
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .expression_attribute_values(":seen", seen)
            .build();
        let put = TransactWriteItem::builder().put(built(put)?).build();
        Ok(self.transact(vec![put, self.audit_row(row)?]).await?.into())
    }
}

impl TendInstallations for DynamoStore {
    async fn due_installations(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Tenant>, StoreError> {
        self.due_before(TENDED, before, limit).await?.iter().map(tenant_of).collect()
    }

    async fn members(
        &self,
        tenant: &Tenant,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let pk = installation_pk(tenant);
        let reply = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :account)")
            .expression_attribute_values(":pk", text(&pk))
            .expression_attribute_values(":account", text(ACCOUNT))
            .set_exclusive_start_key(after.map(|account| key(&pk, &account_sk(account))))
            .set_limit(i32::try_from(limit).ok())
            .send()
            .await
            .map_err(unavailable)?;
        reply.items().iter().map(member).collect()
    }

    async fn wipe_tokens(&self, tenant: &Tenant, member: &Member) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&slack_pk(&person(tenant, member)), "ID")))
            .update_expression("SET tokens = :tokens, refresh_lease = :never")
            .condition_expression("link_id = :link")
            .expression_attribute_values(":link", text(&member.link_id))
            .expression_attribute_values(":tokens", AttributeValue::M(to_item(&Tokens::wiped())?))
            .expression_attribute_values(":never", number(0));
        // A link that was made since has tokens of its own.
        written(update.send().await).map(drop)
    }
}

impl RemoveMembers for DynamoStore {
    async fn remove_member(&self, tenant: &Tenant, member: &Member) -> Result<Written, StoreError> {
        let forward = key(&slack_pk(&person(tenant, member)), "ID");
        let reverse = key(&installation_pk(tenant), &account_sk(&member.account));
        let gone_or_this = "attribute_not_exists(pk) OR link_id = :link";
        let actions = vec![
            self.delete_if(forward, gone_or_this, &member.link_id)?,
            self.delete_if(reverse, gone_or_this, &member.link_id)?,
        ];
        Ok(self.transact(actions).await?.into())
    }
}

impl DynamoStore {
    /// The installations that somebody looks after: all but those that are removed for good.
    pub(super) async fn tended(&self, limit: usize) -> Result<Vec<Installation>, StoreError> {
        // By tenant: one that is put off meanwhile is found once more, on a later page.
        let mut tended = BTreeMap::new();
        let (ever, mut after) = (Timestamp::from_millis(i64::MAX), None);
        while tended.len() < limit {
            let (found, next) = self.due_page(TENDED, ever, limit.min(PAGE), after).await?;
            let keys = found.iter().map(key_of).collect::<Result<_, _>>()?;
            for item in self.read_many(keys).await? {
                if let Some(installation) = readable(item) {
                    tended.insert(installation.tenant.clone(), installation);
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        Ok(tended.into_values().take(limit).collect())
    }
}

/// One that cannot be read leaves the others: every webhook of every organization looks through them.
fn readable(item: Item) -> Option<Installation> {
    let pk = read(&item, "pk").unwrap_or_default();
    from_item(item).inspect_err(|_| tracing::error!(event = "store.corrupt", item = pk)).ok()
}

fn person(tenant: &Tenant, member: &Member) -> Person {
    Person { tenant: tenant.clone(), user: member.user.clone() }
}
