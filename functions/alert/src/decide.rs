//! What follows from what Sentry tells. Pure: no clock, no table, no network.

use lambda_http::http::HeaderMap;
use shared::{
    clock::Timestamp,
    identity::Installation,
    ids::{ChannelId, OrganizationId, Tenant},
    sentry::webhook::Destination,
};

/// The number of the organization that the workspaces know by this slug.
pub fn organization<'a>(workspaces: &'a [Installation], slug: &str) -> Option<&'a OrganizationId> {
    let mut known = workspaces.iter().flat_map(|workspace| &workspace.organizations);
    known.find(|known| known.slug == slug).map(|known| &known.id)
}

/// Where an alert is said: where its rule wants it, if that is a workspace of this organization; else
/// in the channel for alerts of every one that has chosen such.
pub fn channels<'a>(
    workspaces: &'a [Installation],
    wanted: Option<&'a Destination>,
) -> Vec<(&'a Tenant, &'a ChannelId)> {
    match wanted {
        Some(Destination { tenant: Some(tenant), channel }) => {
            let here = workspaces.iter().filter(|workspace| workspace.tenant == *tenant);
            here.map(|workspace| (&workspace.tenant, channel)).collect()
        }
        // A channel alone names one only if there is no other workspace to look for it in.
        Some(Destination { tenant: None, channel }) => match workspaces {
            [only] => vec![(&only.tenant, channel)],
            _ => Vec::new(),
        },
        None => workspaces
            .iter()
            .filter_map(|workspace| Some((&workspace.tenant, workspace.alerts.as_ref()?)))
            .collect(),
    }
}

/// When Sentry told it (`Sentry-Hook-Timestamp`, seconds). The header is not signed, so a time that
/// lies ahead is not believed: it would make everything that follows look old.
pub fn told_at(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let header = headers.get("sentry-hook-timestamp").and_then(|value| value.to_str().ok());
    let told = header.and_then(Timestamp::parse_slack);
    told.map_or(now, |told| told.min(now))
}
