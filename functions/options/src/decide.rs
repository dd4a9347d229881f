//! Whose list somebody may see, judged by what the table says of them. Pure: no clock, no table, no
//! network.

use shared::{
    clock::Timestamp,
    error::Error,
    identity::{About, Identity, Organization},
    slack::{belonging::Belonging, suggestion::Suggestion},
    store::Clicker,
};

/// What follows from a letter that is typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision<'a> {
    /// Sentry is asked, as this person, about an issue of this organization.
    Ask(&'a Identity, &'a Organization),
    /// There is nothing to choose from, for this reason.
    Nothing(Reason),
}

/// Why there is nothing to choose from. The select has no place for words; a click on any button
/// beside it says it in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The message names none of several organizations, or there is none.
    WhichOrganization,
    /// A guest from another workspace.
    Guest,
    /// No account is linked.
    NotLinked,
    /// The sign-in at Sentry is over. The next click renews it; here there is no time for that.
    SignInExpired,
}

/// Judges who asks. The error cases are requests that no alert of this workspace can cause.
pub fn decide<'a>(
    suggestion: &Suggestion,
    clicker: &'a Clicker,
    now: Timestamp,
) -> Result<Decision<'a>, Error> {
    let installation =
        clicker.installation.as_ref().filter(|installation| installation.is_active());
    let installation = installation.ok_or(Error::UnknownWorkspace)?;
    let organization = match installation.organization(suggestion.organization.as_ref()) {
        About::Known(organization) => organization,
        About::Foreign => return Err(Error::ForeignOrganization),
        About::Unsaid => return Ok(Decision::Nothing(Reason::WhichOrganization)),
    };
    if suggestion.belonging == Belonging::Guest {
        return Ok(Decision::Nothing(Reason::Guest));
    }
    Ok(match &clicker.identity {
        None => Decision::Nothing(Reason::NotLinked),
        Some(identity) if identity.tokens.expires <= now => {
            Decision::Nothing(Reason::SignInExpired)
        }
        Some(identity) => Decision::Ask(identity, organization),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{
        identity::{InstallationStatus, Person},
        ids::{IssueId, OrganizationId, SlackUserId, Tenant},
    };

    use super::*;

    const ACME: &str = "1";
    const UMBRELLA: &str = "2";

    /// The tokens end one second later.
    const NOW: Timestamp = Timestamp::from_secs(1_699_999_999);

    #[test]
    fn sentry_is_asked_as_the_person_about_the_organization_of_the_alert() {
        for (named, bound) in
            [(Some(ACME), &[ACME][..]), (Some(ACME), &[UMBRELLA, ACME]), (None, &[ACME])]
        {
            let clicker = linked(bound);
            let decision = decide(&about(named), &clicker, NOW).unwrap();

            let Decision::Ask(identity, organization) = decision else { panic!("{decision:?}") };
            assert_eq!(identity.account.id.as_str(), "101");
            assert_eq!(organization.id.as_str(), ACME, "{named:?} of {bound:?}");
        }
    }

    #[test]
    fn a_workspace_without_the_app_or_with_a_disabled_one_is_unknown() {
        let mut disabled = linked(&[ACME]);
        disabled.installation.as_mut().unwrap().status = InstallationStatus::Disabled;

        for clicker in [Clicker::default(), disabled] {
            let decision = decide(&about(None), &clicker, NOW);

            assert!(matches!(decision, Err(Error::UnknownWorkspace)), "{decision:?}");
        }
    }

    #[test]
    fn an_organization_that_the_workspace_is_not_bound_to_is_foreign() {
        for bound in [&[][..], &[ACME]] {
            let clicker = linked(bound);
            let decision = decide(&about(Some(UMBRELLA)), &clicker, NOW);

            assert!(matches!(decision, Err(Error::ForeignOrganization)), "{decision:?}");
        }
    }

    #[test]
    fn an_organization_is_never_guessed() {
        for bound in [&[][..], &[ACME, UMBRELLA]] {
            let clicker = linked(bound);
            let decision = decide(&about(None), &clicker, NOW).unwrap();

            assert_eq!(decision, Decision::Nothing(Reason::WhichOrganization), "{bound:?}");
        }
    }

    #[test]
    fn a_guest_sees_nobody_linked_or_not() {
        let guest = Suggestion { belonging: Belonging::Guest, ..about(None) };
        for clicker in [linked(&[ACME]), Clicker { identity: None, ..linked(&[ACME]) }] {
            let decision = decide(&guest, &clicker, NOW).unwrap();

            assert_eq!(decision, Decision::Nothing(Reason::Guest));
        }
    }

    #[test]
    fn who_is_not_linked_sees_nobody() {
        let clicker = Clicker { identity: None, ..linked(&[ACME]) };

        let decision = decide(&about(None), &clicker, NOW).unwrap();

        assert_eq!(decision, Decision::Nothing(Reason::NotLinked));
    }

    #[test]
    fn a_token_is_not_used_in_the_moment_it_ends() {
        let clicker = linked(&[ACME]);
        let ends = clicker.identity.as_ref().unwrap().tokens.expires;

        let decision = decide(&about(None), &clicker, ends).unwrap();

        assert_eq!(decision, Decision::Nothing(Reason::SignInExpired));
    }

    fn about(organization: Option<&str>) -> Suggestion {
        let tenant = Tenant::parse("T0ACME0001").unwrap();
        let user = SlackUserId::parse("U0ALICE001").unwrap();
        Suggestion {
            person: Person { tenant: tenant.clone(), user },
            tenant,
            belonging: Belonging::Member,
            issue: IssueId::parse("4815").unwrap(),
            organization: organization.map(|id| OrganizationId::parse(id).unwrap()),
            typed: String::new(),
        }
    }

    /// Somebody linked, in a workspace that is bound to these organizations.
    fn linked(organizations: &[&str]) -> Clicker {
        let identity = json!({
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
            "account": {"id": "101", "name": "Alice Archer", "email": "alice@acme.example"},
            "tokens": {"access": "s1.x.access", "expires": 1_700_000_000_000_i64},
            "link_id": "link-1", "linked_at": 0,
        });
        let organizations: Vec<_> = organizations
            .iter()
            .map(|id| json!({"id": id, "slug": format!("slug-{id}"), "name": id}))
            .collect();
        let installation = json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": [],
            "app_id": "A0BELAY001", "bot_user": "U0BELAY001", "installer": "U0ADMIN001",
            "name": "Acme", "icon": null, "domain": "acme", "organizations": organizations,
            "status": "ACTIVE", "installed_at": 0,
        });
        Clicker {
            installation: Some(serde_json::from_value(installation).unwrap()),
            identity: Some(serde_json::from_value(identity).unwrap()),
            epoch: 1,
        }
    }
}
