//! What follows from an event, judged by the installation it is about. Pure: no clock, no table, no
//! network, and nothing of Sentry.

use shared::{
    clock::Timestamp,
    error::Error,
    identity::Installation,
    installation::is_about,
    slack::{
        belonging::Belonging,
        event::{Callback, LinkShared, What},
    },
    unfurl::{Link, Unfurl},
};

/// What follows from the news that the app was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing: it is removed already, or the news is about an earlier install.
    Ignore,
    /// It is removed.
    Remove,
    /// It is removed if Slack does not take its token any more.
    Ask,
    /// `perform` has to look: whether it is removed shows when its token is renewed.
    LookAfter,
}

/// Judges `app_uninstalled` and `tokens_revoked`: they come in any order, more than once, and late,
/// with a new install in between.
///
/// A removal that is younger than the install is believed. Revoked tokens are not, without asking:
/// Slack also revokes the oldest of too many tokens, and the others live on. With token rotation the
/// oldest may be the one we have, so that only its renewal tells.
pub fn removal(installation: Option<&Installation>, callback: &Callback) -> Removal {
    let Some(installation) = installation.filter(|found| found.is_active()) else {
        return Removal::Ignore;
    };
    let own = &installation.bot_user;
    match (&callback.what, is_about(installation, callback.time)) {
        (_, Some(false)) => Removal::Ignore,
        (What::Uninstalled, Some(true)) => Removal::Remove,
        (What::Uninstalled, None) => Removal::Ask,
        (What::TokensRevoked { bots }, _) if own.is_empty() || bots.contains(own) => {
            if installation.refresh_token.is_some() { Removal::LookAfter } else { Removal::Ask }
        }
        _ => Removal::Ignore,
    }
}

/// What of the links is to be shown: those of the workspace's own organizations, to its own people.
pub fn unfurl(
    installation: &Installation,
    callback: &Callback,
    shared: &LinkShared,
) -> Option<Unfurl> {
    let own = |link| Link::of(link, &installation.organizations);
    let links: Vec<_> = shared.links.iter().filter_map(own).collect();
    (shared.belonging != Belonging::Guest && !links.is_empty()).then(|| Unfurl {
        person: shared.person.clone(),
        team: callback.team.clone(),
        place: shared.place.clone(),
        links,
        event: callback.id.clone(),
        since: Timestamp::from_secs(callback.time),
    })
}

/// Whether an event that fails so fails whenever it comes. A signature may be in order tomorrow: a
/// secret is being rotated.
pub fn is_permanent(error: &Error) -> bool {
    error.status().is_client_error() && !matches!(error, Error::Signature(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{
        identity::{InstallationStatus, Person},
        ids::{ChannelId, IssueId, SlackUserId, Tenant},
        queue::NotWoken,
        secret::Sealed,
        sentry::issue_link::IssueLink,
        signing::request::SignatureError,
        slack::interaction::PayloadError,
        store::StoreError,
        unfurl::{MessageName, SharedAt},
    };

    use super::*;

    const INSTALLED: i64 = 1_700_000_000;

    fn installation() -> Installation {
        serde_json::from_value(json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": [], "app_id": "A0BELAY001",
            "bot_user": "U0BELAYBOT", "installer": "U0ALICE001", "name": "Acme", "icon": null,
            "domain": "acme", "status": "ACTIVE",
            "organizations": [{"id": "1", "slug": "acme", "name": "Acme Inc"}],
            "installed_at": INSTALLED * 1000 + 400,
        }))
        .unwrap()
    }

    fn callback(what: What, time: i64) -> Callback {
        let tenant = Tenant::parse("T0ACME0001").unwrap();
        Callback { id: "Ev1".into(), time, tenant, team: None, what }
    }

    fn revoked(bot: &str) -> What {
        What::TokensRevoked { bots: vec![bot.into()] }
    }

    fn judged(what: What, time: i64) -> Removal {
        removal(Some(&installation()), &callback(what, time))
    }

    #[test]
    fn a_removal_after_the_install_counts_and_one_before_it_does_not() {
        assert_eq!(judged(What::Uninstalled, INSTALLED + 60), Removal::Remove);
        assert_eq!(judged(What::Uninstalled, INSTALLED - 60), Removal::Ignore);
        assert_eq!(judged(revoked("U0BELAYBOT"), INSTALLED - 60), Removal::Ignore);
    }

    #[test]
    fn close_to_the_install_slack_is_asked() {
        for close in [-5, 0, 5] {
            assert_eq!(judged(What::Uninstalled, INSTALLED + close), Removal::Ask);
        }
    }

    #[test]
    fn revoked_tokens_of_the_bot_are_asked_about_and_those_of_others_are_not() {
        assert_eq!(judged(revoked("U0BELAYBOT"), INSTALLED + 1), Removal::Ask);
        assert_eq!(judged(revoked("U0OTHER001"), INSTALLED + 1), Removal::Ignore);
        assert_eq!(judged(What::TokensRevoked { bots: vec![] }, INSTALLED + 1), Removal::Ignore);
    }

    #[test]
    fn with_token_rotation_only_the_renewal_tells() {
        let refresh = Sealed::from_text("s1.x.refresh");
        let rotating = Installation { refresh_token: Some(refresh), ..installation() };
        let judged = |what| removal(Some(&rotating), &callback(what, INSTALLED + 60));

        assert_eq!(judged(revoked("U0BELAYBOT")), Removal::LookAfter);
        assert_eq!(judged(What::Uninstalled), Removal::Remove);
    }

    #[test]
    fn what_is_removed_already_stays_so() {
        let gone = Installation { status: InstallationStatus::Disabled, ..installation() };
        let late = callback(What::Uninstalled, INSTALLED + 1);

        assert_eq!(removal(Some(&gone), &late), Removal::Ignore);
        assert_eq!(removal(None, &late), Removal::Ignore);
    }

    fn shared_links(organizations: &[&str]) -> LinkShared {
        let channel = ChannelId::parse("C0BACKEND1").unwrap();
        let message = MessageName::Place { channel: channel.clone(), ts: "1.2".into() };
        let link = |organization: &&str| IssueLink {
            organization: (*organization).to_owned(),
            issue: IssueId::parse("4815").unwrap(),
            url: format!("https://sentry.example.com/organizations/{organization}/issues/4815/"),
        };
        LinkShared {
            person: Person {
                tenant: Tenant::parse("T0ACME0001").unwrap(),
                user: SlackUserId::parse("U0ALICE001").unwrap(),
            },
            belonging: Belonging::Member,
            place: SharedAt { channel: Some(channel), thread: None, message },
            links: organizations.iter().map(link).collect(),
        }
    }

    fn unfurled(shared: &LinkShared) -> Option<Unfurl> {
        let callback = callback(What::LinkShared(Box::new(shared.clone())), INSTALLED);
        unfurl(&installation(), &callback, shared)
    }

    #[test]
    fn links_of_the_workspaces_own_organizations_are_shown_and_others_are_not() {
        let unfurl = unfurled(&shared_links(&["umbrella", "acme"])).unwrap();

        assert_eq!(unfurl.links.len(), 1);
        assert_eq!(unfurl.links[0].organization.as_str(), "1");
        assert_eq!((unfurl.event.as_str(), unfurl.since.secs()), ("Ev1", INSTALLED));
        assert_eq!(unfurled(&shared_links(&["umbrella"])), None);
    }

    #[test]
    fn guests_are_shown_nothing() {
        let guests = LinkShared { belonging: Belonging::Guest, ..shared_links(&["acme"]) };

        assert_eq!(unfurled(&guests), None);
    }

    #[test]
    fn what_can_never_succeed_is_not_sent_again() {
        assert!(is_permanent(&Error::Payload(PayloadError::Json)));
        assert!(is_permanent(&Error::UnknownWorkspace));
        assert!(!is_permanent(&Error::Signature(SignatureError::Mismatch)));
        assert!(!is_permanent(&Error::Store(StoreError::Unavailable)));
        assert!(!is_permanent(&Error::Queue(NotWoken)));
    }
}
