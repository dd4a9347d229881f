//! What follows from a command, judged by what the table says of who typed it. Pure: no clock, no
//! table, no network.

use shared::{
    clock::Timestamp,
    identity::{Identity, Installation},
    messages,
    slack::{
        command::{Command, Wanted},
        message::Message,
    },
    store::Clicker,
};

/// What follows from a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'a> {
    /// The person is told.
    Tell(Message),
    /// The person gets a link for each organization of this installation; there is at least one.
    OfferLinks(&'a Installation),
}

/// Judges a command typed at `now`.
pub fn decide<'a>(command: &Command, clicker: &'a Clicker, now: Timestamp) -> Decision<'a> {
    let Some(installation) = clicker.installation.as_ref().filter(|found| found.is_active()) else {
        return Decision::Tell(messages::not_installed());
    };
    let identity = clicker.identity.as_ref();
    Decision::Tell(match &command.wanted {
        Wanted::Link => return link(identity, installation),
        Wanted::Unlink => {
            identity.map_or_else(messages::nothing_to_unlink, messages::confirm_unlink)
        }
        Wanted::WhoAmI => identity.map_or_else(messages::not_linked, |identity| {
            messages::who_you_are(identity, &installation.organizations, now)
        }),
        Wanted::Help => messages::help(None),
        Wanted::Unknown(typed) => messages::help(Some(typed)),
    })
}

fn link<'a>(identity: Option<&Identity>, installation: &'a Installation) -> Decision<'a> {
    match identity {
        Some(identity) => Decision::Tell(messages::already_linked(identity)),
        None if installation.organizations.is_empty() => {
            Decision::Tell(messages::no_organization())
        }
        None => Decision::OfferLinks(installation),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{
        identity::{InstallationStatus, Person},
        ids::{SlackUserId, Tenant},
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn a_workspace_without_the_app_or_with_a_disabled_one_is_told_so_whatever_is_typed() {
        let disabled = Installation { status: InstallationStatus::Disabled, ..installation(1) };

        for installation in [None, Some(disabled)] {
            for wanted in everything() {
                let clicker = Clicker { installation: installation.clone(), ..linked(1) };

                let decision = decide(&typed(wanted.clone()), &clicker, NOW);

                assert_eq!(decision, Decision::Tell(messages::not_installed()), "{wanted:?}");
            }
        }
    }

    #[test]
    fn who_is_not_linked_is_offered_links_for_the_workspaces_organizations() {
        for organizations in [1, 2] {
            let clicker = stranger(organizations);

            let decision = decide(&typed(Wanted::Link), &clicker, NOW);

            assert_eq!(decision, Decision::OfferLinks(&installation(organizations)));
        }
    }

    #[test]
    fn without_an_organization_there_is_nothing_to_link_for() {
        let clicker = stranger(0);

        let decision = decide(&typed(Wanted::Link), &clicker, NOW);

        assert_eq!(decision, Decision::Tell(messages::no_organization()));
    }

    #[test]
    fn who_is_linked_is_not_linked_again_wherever_the_workspace_is_connected_to() {
        for organizations in [0, 1, 2] {
            let clicker = linked(organizations);

            let decision = decide(&typed(Wanted::Link), &clicker, NOW);

            assert_eq!(decision, Decision::Tell(messages::already_linked(&identity())));
        }
    }

    #[test]
    fn unlinking_asks_first_and_needs_a_link() {
        let (linked, stranger) = (linked(1), stranger(1));

        let asked = decide(&typed(Wanted::Unlink), &linked, NOW);
        let refused = decide(&typed(Wanted::Unlink), &stranger, NOW);

        assert_eq!(asked, Decision::Tell(messages::confirm_unlink(&identity())));
        assert_eq!(refused, Decision::Tell(messages::nothing_to_unlink()));
    }

    #[test]
    fn whoami_is_answered_for_the_linked_and_for_the_others() {
        let (linked, stranger) = (linked(2), stranger(2));
        let organizations = installation(2).organizations;

        let known = decide(&typed(Wanted::WhoAmI), &linked, NOW);
        let unknown = decide(&typed(Wanted::WhoAmI), &stranger, NOW);

        let words = messages::who_you_are(&identity(), &organizations, NOW);
        assert_eq!(known, Decision::Tell(words));
        assert_eq!(unknown, Decision::Tell(messages::not_linked()));
    }

    #[test]
    fn anybody_is_shown_the_commands() {
        for clicker in [linked(1), stranger(0)] {
            let asked = decide(&typed(Wanted::Help), &clicker, NOW);
            let mistyped = decide(&typed(Wanted::Unknown("lnik".into())), &clicker, NOW);

            assert_eq!(asked, Decision::Tell(messages::help(None)));
            assert_eq!(mistyped, Decision::Tell(messages::help(Some("lnik"))));
        }
    }

    fn everything() -> [Wanted; 5] {
        [Wanted::Link, Wanted::Unlink, Wanted::WhoAmI, Wanted::Help, Wanted::Unknown("lnik".into())]
    }

    fn typed(wanted: Wanted) -> Command {
        Command {
            person: Person {
                tenant: Tenant::parse("T0ACME0001").unwrap(),
                user: SlackUserId::parse("U0ALICE001").unwrap(),
            },
            person_name: "alice".into(),
            team: None,
            channel: None,
            wanted,
            response_url: None,
            trigger_id: "1.2.abc".into(),
        }
    }

    /// Somebody linked, in a workspace with so many organizations.
    fn linked(organizations: usize) -> Clicker {
        Clicker { identity: Some(identity()), ..stranger(organizations) }
    }

    fn stranger(organizations: usize) -> Clicker {
        Clicker { installation: Some(installation(organizations)), identity: None, epoch: 1 }
    }

    fn identity() -> Identity {
        serde_json::from_value(json!({
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
            "account": {"id": "101", "name": "Alice Able", "email": "alice@acme.example"},
            "tokens": {"access": "s1.x.access", "expires": 0},
            "link_id": "link-1", "linked_at": 0,
        }))
        .unwrap()
    }

    fn installation(organizations: usize) -> Installation {
        let organizations: Vec<_> = (1..=organizations)
            .map(
                |n| json!({"id": n.to_string(), "slug": format!("o{n}"), "name": format!("O {n}")}),
            )
            .collect();
        serde_json::from_value(json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": [],
            "app_id": "A0BELAY001", "bot_user": "U0BELAY001", "installer": "U0ADMIN001",
            "name": "Acme", "icon": null, "domain": "acme", "organizations": organizations,
            "status": "ACTIVE", "installed_at": 0,
        }))
        .unwrap()
    }
}
