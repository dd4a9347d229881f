//! What is said in channels.

use super::MemoryStore;
use crate::{
    clock::Timestamp,
    identity::Installation,
    ids::{ChannelId, OrganizationId, Tenant},
    post::{Lane, Post, PostKey, Subject},
    store::{FindWorkspaces, KeepPosts, StoreError, WorkPosts, Written},
};

impl FindWorkspaces for MemoryStore {
    async fn workspaces(
        &self,
        organization: &str,
        limit: usize,
    ) -> Result<Vec<Installation>, StoreError> {
        let rows = self.lock();
        let all = rows.installations.values().take(limit);
        Ok(all.filter(|found| found.acts_in(organization)).cloned().collect())
    }
}

impl KeepPosts for MemoryStore {
    async fn post(&self, key: &PostKey) -> Result<Option<Post>, StoreError> {
        Ok(self.lock().posts.get(key).cloned())
    }

    async fn posts_about(
        &self,
        organization: &OrganizationId,
        subject: &Subject,
    ) -> Result<Vec<Post>, StoreError> {
        let about = |key: &PostKey| key.organization == *organization && key.subject == *subject;
        let rows = self.lock();
        Ok(rows.posts.iter().filter(|(key, _)| about(key)).map(|(_, post)| post.clone()).collect())
    }

    async fn write_post(&self, next: &Post) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let stored = rows.posts.get(&next.key).map_or(0, |stored| stored.version);
        if stored + 1 != next.version {
            return Ok(Written::Outdated);
        }
        rows.posts.insert(next.key.clone(), next.clone());
        Ok(Written::Yes)
    }
}

impl WorkPosts for MemoryStore {
    async fn due_posts(&self, before: Timestamp, limit: usize) -> Result<Vec<PostKey>, StoreError> {
        let rows = self.lock();
        let due = |post: &Post| post.next_at.filter(|at| *at < before);
        let mut found: Vec<_> =
            rows.posts.values().filter_map(|post| Some((due(post)?, &post.key))).collect();
        found.sort();
        Ok(found.into_iter().take(limit).map(|(_, key)| key.clone()).collect())
    }

    async fn lane(&self, tenant: &Tenant, channel: &ChannelId) -> Result<Option<Lane>, StoreError> {
        Ok(self.lock().lanes.get(&(tenant.clone(), channel.clone())).cloned())
    }

    async fn write_lane(&self, next: &Lane) -> Result<Written, StoreError> {
        let mut rows = self.lock();
        let key = (next.tenant.clone(), next.channel.clone());
        let stored = rows.lanes.get(&key).map_or(0, |stored| stored.version);
        if stored + 1 != next.version {
            return Ok(Written::Outdated);
        }
        rows.lanes.insert(key, next.clone());
        Ok(Written::Yes)
    }
}
