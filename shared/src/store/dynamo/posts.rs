//! What is said in channels, and the order of each.

use super::{
    DynamoStore,
    records::{Item, POSTS, from_item, keyed, lane_pk, number, post_key, post_pk, post_sk, text},
    unavailable,
};
use crate::{
    clock::Timestamp,
    identity::Installation,
    ids::{ChannelId, OrganizationId, Tenant},
    post::{Lane, Post, PostKey, Subject},
    store::{FindWorkspaces, KeepPosts, StoreError, WorkPosts, Written},
};

impl FindWorkspaces for DynamoStore {
    async fn workspaces(
        &self,
        organization: &str,
        limit: usize,
    ) -> Result<Vec<Installation>, StoreError> {
        let mut found = self.tended(limit).await?;
        if found.len() >= limit {
            tracing::error!(event = "store.too_many_workspaces", limit);
        }
        found.retain(|installation| installation.acts_in(organization));
        Ok(found)
    }
}

impl KeepPosts for DynamoStore {
    async fn post(&self, post: &PostKey) -> Result<Option<Post>, StoreError> {
        let (pk, sk) = (post_pk(&post.organization, &post.subject), post_sk(post));
        self.read_one(&pk, &sk).await?.map(from_item).transpose()
    }

    async fn posts_about(
        &self,
        organization: &OrganizationId,
        subject: &Subject,
    ) -> Result<Vec<Post>, StoreError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let reply = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(&post_pk(organization, subject)))
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(unavailable)?;
            found.extend(reply.items.unwrap_or_default());
            after = reply.last_evaluated_key;
            if after.is_none() {
                return found.into_iter().map(from_item).collect();
            }
        }
    }

    async fn write_post(&self, next: &Post) -> Result<Written, StoreError> {
        let pk = post_pk(&next.key.organization, &next.key.subject);
        let mut item = keyed(next, &pk, &post_sk(&next.key))?;
        if next.next_at.is_some() {
            item.insert("due".into(), text(POSTS));
        }
        item.insert("exp".into(), number(next.expires().secs()));
        self.write_version(item, next.version).await
    }
}

impl WorkPosts for DynamoStore {
    async fn due_posts(&self, before: Timestamp, limit: usize) -> Result<Vec<PostKey>, StoreError> {
        self.due_before(POSTS, before, limit).await?.iter().map(post_key).collect()
    }

    async fn lane(&self, tenant: &Tenant, channel: &ChannelId) -> Result<Option<Lane>, StoreError> {
        self.read_one(&lane_pk(tenant, channel), "L").await?.map(from_item).transpose()
    }

    async fn write_lane(&self, next: &Lane) -> Result<Written, StoreError> {
        let mut item = keyed(next, &lane_pk(&next.tenant, &next.channel), "L")?;
        item.insert("exp".into(), number(next.expires().secs()));
        self.write_version(item, next.version).await
    }
}

impl DynamoStore {
    /// Writes the item, if what stands there has the version before this one; the first replaces
    /// nothing.
    async fn write_version(&self, item: Item, version: u64) -> Result<Written, StoreError> {
        self.put_when(item, |put| match version.checked_sub(1) {
            None | Some(0) => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("version = :seen")
                .expression_attribute_values(":seen", number(seen)),
        })
        .await
    }
}
