//! What is answered to words for the app, be they typed behind `/sentry` or written to it directly.
//!
//! Both reach only the table, never Sentry, so they are answered within Slack's three seconds.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    error::Error,
    flow::FlowPurpose,
    identity::{Identity, Installation, Organization, Person},
    ids::{ChannelId, TeamId},
    messages,
    prompt::{Asked, Prompter},
    slack::{command::Wanted, message::Message, reply_to::ReplyTo},
    store::{Clicker, OpenFlow},
};

/// What follows from words for the app.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<'a> {
    /// The person is told.
    Tell(Message),
    /// The workspace's alerts are to go elsewhere.
    MoveAlerts(&'a Installation),
    /// The person gets a link for each organization of this installation; there is at least one.
    OfferLinks(&'a Installation),
}

/// Judges what is wanted at `now`, where rows of the audit are kept for `audit`. Pure.
pub fn answer<'a>(
    wanted: &Wanted,
    clicker: &'a Clicker,
    audit: Duration,
    now: Timestamp,
) -> Answer<'a> {
    let Some(installation) = clicker.installation.as_ref().filter(|found| found.is_active()) else {
        return Answer::Tell(messages::not_installed());
    };
    let identity = clicker.identity.as_ref();
    Answer::Tell(match wanted {
        Wanted::Link => return link(identity, installation),
        Wanted::Unlink => {
            identity.map_or_else(messages::nothing_to_unlink, messages::confirm_unlink)
        }
        Wanted::WhoAmI => identity.map_or_else(messages::not_linked, |identity| {
            messages::who_you_are(identity, &installation.organizations, audit, now)
        }),
        Wanted::AlertsHere | Wanted::AlertsOff => return Answer::MoveAlerts(installation),
        Wanted::Help => messages::help(None),
        Wanted::Unknown(typed) => messages::help(Some(typed)),
    })
}

fn link<'a>(identity: Option<&Identity>, installation: &'a Installation) -> Answer<'a> {
    match identity {
        Some(identity) => Answer::Tell(messages::already_linked(identity)),
        None if installation.organizations.is_empty() => Answer::Tell(messages::no_organization()),
        None => Answer::OfferLinks(installation),
    }
}

/// Somebody who asks for links, and where they stand.
#[derive(Debug, Clone)]
pub struct Asker<'a> {
    /// Who.
    pub person: &'a Person,
    /// What Slack calls them.
    pub person_name: &'a str,
    /// The workspace.
    pub team: Option<&'a TeamId>,
    /// The conversation.
    pub channel: Option<&'a ChannelId>,
    /// Where the notice goes.
    pub reply_to: &'a ReplyTo,
    /// The person's epoch.
    pub epoch: u64,
    /// What makes this asking this one: delivered twice, it makes the same links.
    pub occasion: &'a str,
}

/// A fresh link for each organization, each with its flow written before it is shown.
pub async fn links<'a, S: OpenFlow>(
    store: &S,
    prompter: &Prompter<'_>,
    installation: &'a Installation,
    asker: &Asker<'_>,
) -> Result<Vec<(&'a Organization, String)>, Error> {
    let mut offers = Vec::with_capacity(installation.organizations.len());
    for organization in &installation.organizations {
        let asked = Asked {
            person: asker.person,
            person_name: asker.person_name,
            installation,
            team: asker.team.cloned(),
            channel: asker.channel.cloned(),
            organization,
            epoch: asker.epoch,
            reply_to: asker.reply_to,
            click: None,
            occasion: &format!("{} {}", asker.occasion, organization.id),
        };
        let prompt = prompter.prompt(&asked, FlowPurpose::Link)?;
        // Written already is as good: it is the same flow.
        store.open_flow(&prompt.flow).await?;
        offers.push((organization, prompt.url));
    }
    Ok(offers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::InstallationStatus;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const AUDIT: Duration = Duration::from_hours(24 * 30);

    #[test]
    fn a_workspace_without_the_app_or_with_a_disabled_one_is_told_so_whatever_is_typed() {
        let disabled = Installation { status: InstallationStatus::Disabled, ..installation(1) };

        for installation in [None, Some(disabled)] {
            for wanted in everything() {
                let clicker = Clicker { installation: installation.clone(), ..linked(1) };

                let answered = answer(&wanted.clone(), &clicker, AUDIT, NOW);

                assert_eq!(answered, Answer::Tell(messages::not_installed()), "{wanted:?}");
            }
        }
    }

    #[test]
    fn who_is_not_linked_is_offered_links_for_the_workspaces_organizations() {
        for organizations in [1, 2] {
            let clicker = stranger(organizations);

            let answered = answer(&Wanted::Link, &clicker, AUDIT, NOW);

            assert_eq!(answered, Answer::OfferLinks(&installation(organizations)));
        }
    }

    #[test]
    fn without_an_organization_there_is_nothing_to_link_for() {
        let clicker = stranger(0);

        let answered = answer(&Wanted::Link, &clicker, AUDIT, NOW);

        assert_eq!(answered, Answer::Tell(messages::no_organization()));
    }

    #[test]
    fn who_is_linked_is_not_linked_again_wherever_the_workspace_is_connected_to() {
        for organizations in [0, 1, 2] {
            let clicker = linked(organizations);

            let answered = answer(&Wanted::Link, &clicker, AUDIT, NOW);

            assert_eq!(answered, Answer::Tell(messages::already_linked(&identity())));
        }
    }

    #[test]
    fn unlinking_asks_first_and_needs_a_link() {
        let (linked, stranger) = (linked(1), stranger(1));

        let asked = answer(&Wanted::Unlink, &linked, AUDIT, NOW);
        let refused = answer(&Wanted::Unlink, &stranger, AUDIT, NOW);

        assert_eq!(asked, Answer::Tell(messages::confirm_unlink(&identity())));
        assert_eq!(refused, Answer::Tell(messages::nothing_to_unlink()));
    }

    #[test]
    fn whoami_is_answered_for_the_linked_and_for_the_others() {
        let (linked, stranger) = (linked(2), stranger(2));
        let organizations = installation(2).organizations;

        let known = answer(&Wanted::WhoAmI, &linked, AUDIT, NOW);
        let unknown = answer(&Wanted::WhoAmI, &stranger, AUDIT, NOW);

        let words = messages::who_you_are(&identity(), &organizations, AUDIT, NOW);
        assert_eq!(known, Answer::Tell(words));
        assert_eq!(unknown, Answer::Tell(messages::not_linked()));
    }

    #[test]
    fn anybody_is_shown_the_commands() {
        for clicker in [linked(1), stranger(0)] {
            let asked = answer(&Wanted::Help, &clicker, AUDIT, NOW);
            let mistyped = answer(&Wanted::Unknown("lnik".into()), &clicker, AUDIT, NOW);

            assert_eq!(asked, Answer::Tell(messages::help(None)));
            assert_eq!(mistyped, Answer::Tell(messages::help(Some("lnik"))));
        }
    }

    fn everything() -> [Wanted; 5] {
        [Wanted::Link, Wanted::Unlink, Wanted::WhoAmI, Wanted::Help, Wanted::Unknown("lnik".into())]
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
