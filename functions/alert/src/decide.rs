//! What follows from what Sentry tells. Pure: no clock, no table, no network.

use lambda_http::http::HeaderMap;
use shared::{
    clock::Timestamp,
    identity::Installation,
    ids::{ChannelId, OrganizationId, Tenant},
    sentry::webhook::Destination,
};

/// Which organization a slug means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant<'a> {
    /// The one of this number.
    One(&'a OrganizationId),
    /// None that a workspace is bound to.
    Nobody,
    /// Several: a slug that one has given up in Sentry may be another's now.
    Several,
}

/// The organization that the workspaces know by this slug.
pub fn organization<'a>(workspaces: &'a [Installation], slug: &str) -> Meant<'a> {
    let known = workspaces.iter().flat_map(|workspace| &workspace.organizations);
    let mut ids = known.filter(|known| known.slug == slug).map(|known| &known.id);
    match ids.next() {
        None => Meant::Nobody,
        Some(id) if ids.all(|other| other == id) => Meant::One(id),
        Some(_) => Meant::Several,
    }
}

/// Where an alert is said: where its rule wants it, if that is a workspace of this organization; else
/// in the channel for alerts of every one that has chosen such.
pub fn channels<'a>(
    workspaces: &'a [Installation],
    wanted: &'a [Destination],
) -> Vec<(&'a Tenant, &'a ChannelId)> {
    if wanted.is_empty() {
        let chosen =
            |workspace: &'a Installation| Some((&workspace.tenant, workspace.alerts.as_ref()?));
        return workspaces.iter().filter_map(chosen).collect();
    }
    let found = |Destination { tenant, channel }: &'a Destination| {
        let workspace = match (tenant, workspaces) {
            (Some(tenant), _) => workspaces.iter().find(|workspace| workspace.tenant == *tenant)?,
            // A channel alone names one only if there is no other workspace to look for it in.
            (None, [only]) => only,
            (None, _) => return None,
        };
        Some((&workspace.tenant, channel))
    };
    wanted.iter().filter_map(found).collect()
}

/// When Sentry told it (`Sentry-Hook-Timestamp`, seconds). The header is not signed, so a time that
/// lies ahead is not believed: it would make everything that follows look old.
pub fn told_at(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let header = headers.get("sentry-hook-timestamp").and_then(|value| value.to_str().ok());
    let told = header.and_then(Timestamp::parse_slack);
    told.map_or(now, |told| told.min(now))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_767_614_400);

    fn workspace(tenant: &str, alerts: Option<&str>) -> Installation {
        let installation = json!({
            "tenant": tenant, "bot_token": "s1.kid.bot", "scopes": [], "app_id": "A0BELAY001",
            "bot_user": "U0BELAYBOT", "installer": "U0ALICE001", "name": "Acme", "icon": null,
            "domain": "acme", "status": "ACTIVE", "installed_at": NOW, "epoch": 0,
            "organizations": [{"id": "1", "slug": "acme", "name": "Acme Inc"}],
            "next_at": null, "leased": false, "alerts": alerts, "version": 1,
        });
        serde_json::from_value(installation).unwrap()
    }

    fn both() -> Vec<Installation> {
        vec![workspace("T0ACME0001", Some("C0ALERTS01")), workspace("T0ACME0002", None)]
    }

    fn said(workspaces: &[Installation], wanted: Option<&str>) -> Value {
        let wanted: Vec<_> =
            wanted.map(|text| Destination::parse(text).unwrap()).into_iter().collect();
        let found = channels(workspaces, &wanted);
        found.into_iter().map(|(tenant, channel)| json!([tenant, channel])).collect()
    }

    fn told(header: &str) -> Timestamp {
        let header = ("sentry-hook-timestamp".parse().unwrap(), header.parse().unwrap());
        told_at(&HeaderMap::from_iter([header]), NOW)
    }

    #[test]
    fn a_rule_says_where() {
        let here = json!([["T0ACME0002", "C0BACKEND1"]]);

        assert_eq!(said(&both(), Some("T0ACME0002:C0BACKEND1")), here);
    }

    #[test]
    fn a_workspace_that_is_none_of_the_organizations_is_told_nothing() {
        assert_eq!(said(&both(), Some("T0FOREIGN1:C0ALERTS01")), json!([]));
        assert_eq!(said(&[], Some("T0ACME0001:C0ALERTS01")), json!([]));
    }

    #[test]
    fn a_channel_alone_is_enough_where_there_is_one_workspace() {
        let one = [workspace("T0ACME0001", None)];

        assert_eq!(said(&one, Some("C0BACKEND1")), json!([["T0ACME0001", "C0BACKEND1"]]));
        assert_eq!(said(&both(), Some("C0BACKEND1")), json!([]));
    }

    #[test]
    fn without_a_rule_s_word_it_is_said_where_a_workspace_wants_alerts() {
        assert_eq!(said(&both(), None), json!([["T0ACME0001", "C0ALERTS01"]]));
        assert_eq!(said(&[workspace("T0ACME0002", None)], None), json!([]));
    }

    #[test]
    fn an_organization_is_known_by_its_slug_to_the_letter() {
        let number = OrganizationId::parse("1").unwrap();

        assert_eq!(organization(&both(), "acme"), Meant::One(&number));
        for other in ["Acme", "acm", "", "1"] {
            assert_eq!(organization(&both(), other), Meant::Nobody, "{other:?}");
        }
    }

    #[test]
    fn a_slug_that_two_organizations_are_known_by_means_neither() {
        let mut workspaces = both();
        workspaces[1].organizations[0].id = OrganizationId::parse("2").unwrap();

        assert_eq!(organization(&workspaces, "acme"), Meant::Several);
    }

    #[test]
    fn what_sentry_says_of_the_time_is_believed_unless_it_lies_ahead() {
        assert_eq!(told("1767614399"), Timestamp::from_secs(1_767_614_399));
        for unbelievable in ["1767614401", "9999999999", "", "noon", "-1", "1767614399s"] {
            assert_eq!(told(unbelievable), NOW, "{unbelievable:?}");
        }
        assert_eq!(told_at(&HeaderMap::new(), NOW), NOW);
    }
}
