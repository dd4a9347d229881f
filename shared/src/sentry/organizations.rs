//! Which organizations somebody may install the app for, and which Sentry this is.
//!
//! ```text
//! GET /api/0/organizations/          the person's own; of sentry.io, those of the default region only
//! GET /api/0/organizations/{slug}/   `orgRole` (before 2023 `role`): owner, manager, admin, member
//! GET /api/client-config/            `version.current`; needs no token
//! ```
//! The list does not say the role, so each is asked for, side by side. An organization of another
//! region is found by its slug, which sentry.io routes (docs.sentry.io/api/organizations/).

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;

use super::{
    client::{SentryClient, SentryError},
    oauth::UserToken,
};
use crate::{identity::Organization, ids::OrganizationId};

/// What a token must be granted to tell the role; nothing else is asked of an admin.
pub const ADMIN_SCOPES: [&str; 1] = ["org:read"];

/// Who may install the app for an organization.
const INSTALLERS: [&str; 2] = ["owner", "manager"];

/// So many organizations are asked about; whoever is in more names theirs by its slug.
const MOST: usize = 25;

#[derive(Deserialize)]
struct Listed {
    id: String,
    slug: String,
    name: String,
    #[serde(rename = "orgRole")]
    org_role: Option<String>,
    role: Option<String>,
}

impl SentryClient {
    /// The organizations that the token's owner owns or manages: the one of this slug, or all that
    /// Sentry lists.
    pub async fn managed(
        &self,
        token: &UserToken,
        wanted: Option<&str>,
    ) -> Result<Vec<Organization>, SentryError> {
        if let Some(slug) = wanted {
            return match self.if_managed(token, slug).await {
                Ok(found) => Ok(found.into_iter().collect()),
                Err(SentryError::Forbidden | SentryError::NotFound) => Ok(Vec::new()),
                Err(error) => Err(error),
            };
        }
        let mut asked = JoinSet::new();
        for slug in self.own_slugs(token).await?.into_iter().take(MOST) {
            let (sentry, token) = (self.clone(), token.clone());
            asked.spawn(async move { sentry.if_managed(&token, &slug).await });
        }
        let mut managed = Vec::new();
        while let Some(answer) = asked.join_next().await {
            match answer {
                Ok(Ok(found)) => managed.extend(found),
                Ok(Err(error @ (SentryError::Unavailable | SentryError::Unreachable))) => {
                    return Err(error);
                }
                // One that wants its single sign-on first, or was left meanwhile, is not offered.
                Ok(Err(_)) => {}
                Err(_) => return Err(SentryError::Unavailable),
            }
        }
        managed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(managed)
    }

    /// Its version, if it answers and says so.
    pub async fn version(&self) -> Result<Option<String>, SentryError> {
        let config = self.send(self.plain(Method::GET, self.at(&["api", "client-config"]))).await?;
        let version = config.pointer("/version/current").and_then(Value::as_str);
        let plausible = |text: &&str| {
            (1..=40).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c))
        };
        Ok(version.filter(plausible).map(str::to_owned))
    }

    async fn own_slugs(&self, token: &UserToken) -> Result<Vec<String>, SentryError> {
        let mut url = self.at(&["api", "0", "organizations"]);
        url.query_pairs_mut().append_pair("member", "1").append_pair("per_page", "100");
        let all = self.send(self.request(Method::GET, url, token)).await?;
        let all: Vec<Listed> = serde_json::from_value(all).map_err(|_| SentryError::Unavailable)?;
        Ok(all.into_iter().map(|listed| listed.slug).collect())
    }

    async fn if_managed(
        &self,
        token: &UserToken,
        slug: &str,
    ) -> Result<Option<Organization>, SentryError> {
        let url = self.organization_url(slug);
        let found = self.send(self.request(Method::GET, url, token)).await?;
        let found: Listed = serde_json::from_value(found).map_err(|_| SentryError::Unavailable)?;
        let role = found.org_role.as_deref().or(found.role.as_deref()).unwrap_or_default();
        if !INSTALLERS.contains(&role) {
            return Ok(None);
        }
        let id = OrganizationId::parse(&found.id).map_err(|_| SentryError::Unavailable)?;
        Ok(Some(Organization { id, slug: found.slug, name: found.name }))
    }
}
