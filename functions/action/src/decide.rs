//! What follows from a click, judged by what the table says of the clicker. Pure: no clock, no
//! table, no network.

use shared::{
    change::{Change, Dialog, STATUS_CHANGES},
    error::Error,
    identity::{About, Installation, Organization},
    job::{Click, ModalStep},
    messages,
    secret::Secret,
    slack::{
        belonging::Belonging,
        interaction::{IssueInteraction, Wanted},
        message::Message,
        modal::Modal,
    },
    store::Clicker,
};

/// What follows from a click.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// The click is carried out.
    Admit(Click),
    /// The person is asked to link; the click waits.
    AskToLink(Click),
    /// The same, unless Slack says that they are a guest.
    AskWhetherGuest(Click),
    /// The person is told why not.
    Tell(Message),
    /// The modal is opened, empty, and the click is kept to fill it.
    OpenModal(Click),
}

impl Decision {
    /// The modal that was submitted: whatever is said is said in it.
    pub fn chosen_modal(&self) -> Option<Modal> {
        match self {
            Self::Admit(click) | Self::AskToLink(click) | Self::AskWhetherGuest(click) => {
                let step = click.modal.as_ref().filter(|step| step.chosen)?;
                Some(Modal::of(click, step))
            }
            Self::Tell(_) | Self::OpenModal(_) => None,
        }
    }
}

/// Judges a click. The error cases are requests that no alert of this workspace can cause.
pub fn decide(interaction: &IssueInteraction, clicker: &Clicker) -> Result<Decision, Error> {
    let installation =
        clicker.installation.as_ref().filter(|installation| installation.is_active());
    let installation = installation.ok_or(Error::UnknownWorkspace)?;
    let organization = match organization(interaction, installation)? {
        Ok(organization) => organization,
        Err(words) => return Ok(Decision::Tell(words)),
    };
    if interaction.belonging == Belonging::Guest {
        return Ok(Decision::Tell(messages::guests_cannot_act(&installation.name)));
    }
    let (change, modal) = match &interaction.wanted {
        Wanted::Change(change) => (change.clone(), chosen(interaction, change)),
        Wanted::Dialog(dialog) => (default_of(*dialog)?, Some(opened(interaction, *dialog))),
    };
    let click = Click {
        tenant: interaction.tenant.clone(),
        team: interaction.team.clone(),
        person: interaction.person.clone(),
        person_name: interaction.person_name.clone(),
        organization: organization.clone(),
        issue: interaction.issue.clone(),
        change,
        alert: interaction.alert.clone(),
        response_url: interaction.response_url.clone(),
        action_ts: interaction.action_ts.clone(),
        decided_at: interaction.decided_at,
        modal,
    };
    Ok(match clicker.identity {
        Some(_) if click.only_fills_a_modal() => Decision::OpenModal(click),
        Some(_) => Decision::Admit(click),
        None if interaction.belonging == Belonging::Unsaid => Decision::AskWhetherGuest(click),
        None => Decision::AskToLink(click),
    })
}

/// The modal in which `change` was chosen.
fn chosen(interaction: &IssueInteraction, change: &Change) -> Option<ModalStep> {
    let external_id = interaction.modal.clone()?;
    Some(ModalStep { dialog: change.dialog(), external_id, chosen: true, trigger_id: None })
}

/// The modal that the click opens: named after the click, so a second click opens another.
fn opened(interaction: &IssueInteraction, dialog: Dialog) -> ModalStep {
    ModalStep {
        dialog,
        external_id: interaction.action_ts.clone(),
        chosen: false,
        trigger_id: interaction.trigger_id.clone().map(Secret::new),
    }
}

/// What a modal offers first.
fn default_of(dialog: Dialog) -> Result<Change, Error> {
    let first = STATUS_CHANGES.iter().find(|row| row.dialog == Some(dialog));
    let first = first.and_then(|row| Change::parse_status(row.value).ok());
    first.ok_or(Error::Internal)
}

/// The organization that the click is about, or the words for an alert that does not say.
fn organization<'a>(
    interaction: &IssueInteraction,
    installation: &'a Installation,
) -> Result<Result<&'a Organization, Message>, Error> {
    match installation.organization(interaction.organization.as_ref()) {
        About::Known(organization) => Ok(Ok(organization)),
        About::Foreign => Err(Error::ForeignOrganization),
        About::Unsaid if installation.organizations.is_empty() => {
            Ok(Err(messages::no_organization()))
        }
        About::Unsaid => Ok(Err(messages::which_organization())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{
        identity::{Identity, InstallationStatus},
        ids::OrganizationId,
    };

    use super::*;

    const ACME: &str = "1";
    const UMBRELLA: &str = "2";

    #[test]
    fn a_linked_persons_click_is_admitted_with_everything_it_said() {
        let decision = decide(&interaction(), &linked(&[ACME])).unwrap();

        assert_eq!(decision, Decision::Admit(click()));
    }

    #[test]
    fn the_same_click_of_somebody_not_linked_waits_for_the_link() {
        let clicker = Clicker { identity: None, ..linked(&[ACME]) };

        let decision = decide(&interaction(), &clicker).unwrap();

        assert_eq!(decision, Decision::AskToLink(click()));
    }

    #[test]
    fn who_may_be_a_guest_is_asked_about_unless_they_are_linked() {
        let perhaps = IssueInteraction { belonging: Belonging::Unsaid, ..interaction() };
        let stranger = Clicker { identity: None, ..linked(&[ACME]) };

        let unknown = decide(&perhaps, &stranger).unwrap();
        let known = decide(&perhaps, &linked(&[ACME])).unwrap();

        assert_eq!(unknown, Decision::AskWhetherGuest(click()));
        assert_eq!(known, Decision::Admit(click()));
    }

    #[test]
    fn a_workspace_without_the_app_or_with_a_disabled_one_is_unknown() {
        let disabled =
            Installation { status: InstallationStatus::Disabled, ..installation(&[ACME]) };

        for installation in [None, Some(disabled)] {
            let clicker = Clicker { installation, ..linked(&[]) };
            let decision = decide(&interaction(), &clicker);

            assert!(matches!(decision, Err(Error::UnknownWorkspace)), "{decision:?}");
        }
    }

    #[test]
    fn a_modal_offers_the_first_change_of_its_own_kind() {
        for (dialog, value) in
            [(Dialog::Resolve, "resolved"), (Dialog::Archive, "ignored:archived_until_escalating")]
        {
            let offered = default_of(dialog).unwrap();

            assert_eq!(offered, Change::parse_status(value).unwrap(), "{dialog:?}");
        }
    }

    #[test]
    fn the_organization_is_the_one_the_alert_names_else_the_only_one() {
        for (named, bound) in
            [(Some(ACME), &[ACME][..]), (Some(ACME), &[UMBRELLA, ACME]), (None, &[ACME])]
        {
            let decision = decide(&about(named), &linked(bound)).unwrap();

            assert_eq!(decision, Decision::Admit(click()), "{named:?} of {bound:?}");
        }
    }

    #[test]
    fn an_organization_is_never_guessed() {
        for (bound, words) in [
            (&[][..], messages::no_organization()),
            (&[ACME, UMBRELLA], messages::which_organization()),
        ] {
            let decision = decide(&about(None), &linked(bound)).unwrap();

            assert_eq!(decision, Decision::Tell(words), "{bound:?}");
        }
    }

    #[test]
    fn an_organization_that_the_workspace_is_not_bound_to_is_foreign() {
        for bound in [&[][..], &[ACME], &[ACME, "3"]] {
            let decision = decide(&about(Some(UMBRELLA)), &linked(bound));

            assert!(matches!(decision, Err(Error::ForeignOrganization)), "{decision:?}");
        }
    }

    #[test]
    fn a_guest_is_told_why_not_linked_or_not_whatever_they_want() {
        for wanted in [Wanted::Change(click().change), Wanted::Dialog(Dialog::Resolve)] {
            for identity in [linked(&[]).identity, None] {
                let wanted = wanted.clone();
                let guests =
                    IssueInteraction { belonging: Belonging::Guest, wanted, ..interaction() };
                let clicker = Clicker { identity, ..linked(&[ACME]) };

                let decision = decide(&guests, &clicker).unwrap();

                assert_eq!(decision, Decision::Tell(messages::guests_cannot_act("Acme")));
            }
        }
    }

    #[test]
    fn a_dialog_opens_under_the_name_of_its_click_and_asks_who_is_not_linked_to_link() {
        for dialog in [Dialog::Resolve, Dialog::Archive] {
            let wanted = Wanted::Dialog(dialog);
            let asked = IssueInteraction { wanted, ..interaction() };
            let stranger = Clicker { identity: None, ..linked(&[ACME]) };

            let opened = decide(&asked, &linked(&[ACME])).unwrap();
            let refused = decide(&asked, &stranger).unwrap();

            let Decision::OpenModal(click) = opened else { panic!("{opened:?}") };
            let step = click.modal.clone().unwrap();
            assert_eq!((step.dialog, step.external_id), (dialog, click.action_ts.clone()));
            assert!(click.only_fills_a_modal());
            assert_eq!(refused, Decision::AskToLink(click));
        }
    }

    #[test]
    fn what_is_chosen_in_a_modal_is_admitted_and_answered_in_it() {
        let submitted =
            IssueInteraction { modal: Some("1700000001.403007".into()), ..interaction() };

        let decision = decide(&submitted, &linked(&[ACME])).unwrap();

        assert!(decision.chosen_modal().is_some());
        let Decision::Admit(click) = decision else { panic!("{decision:?}") };
        assert!(!click.only_fills_a_modal());
    }

    /// A click in which no two values are the same, so that none can stand for another.
    fn click() -> Click {
        serde_json::from_value(json!({
            "tenant": "E0GRID0001", "team": "T0ACME0001",
            "person": {"tenant": "T0HOME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "organization": organization(ACME), "issue": "4815",
            "change": "resolved:inNextRelease",
            "alert": {"channel": "C0ALERTS01", "message_ts": "1700000000.000100",
                      "family": "unfurl", "rule": 162, "tags": "environment: `production`"},
            "response_url": "https://hooks.slack.com/actions/T0ACME0001/1/abc",
            "action_ts": "1700000001.403007",
        }))
        .unwrap()
    }

    /// What Slack sent for [`click`].
    fn interaction() -> IssueInteraction {
        let click = click();
        IssueInteraction {
            tenant: click.tenant,
            team: click.team,
            person: click.person,
            person_name: click.person_name,
            belonging: Belonging::Member,
            wanted: Wanted::Change(click.change),
            issue: click.issue,
            organization: Some(click.organization.id),
            alert: click.alert,
            response_url: click.response_url,
            action_ts: click.action_ts,
            decided_at: click.decided_at,
            modal: None,
            replies_in_the_body: false,
            trigger_id: None,
        }
    }

    fn about(organization: Option<&str>) -> IssueInteraction {
        let organization = organization.map(|id| OrganizationId::parse(id).unwrap());
        IssueInteraction { organization, ..interaction() }
    }

    /// Somebody linked, in a workspace that is bound to these organizations.
    fn linked(organizations: &[&str]) -> Clicker {
        let identity: Identity = serde_json::from_value(json!({
            "person": click().person,
            "account": {"id": "101", "name": "Alice Able", "email": "alice@acme.example"},
            "tokens": {"access": "s1.x.access", "expires": 0},
            "link_id": "link-1", "linked_at": 0,
        }))
        .unwrap();
        Clicker {
            installation: Some(installation(organizations)),
            identity: Some(identity),
            epoch: 1,
        }
    }

    fn installation(organizations: &[&str]) -> Installation {
        let organizations: Vec<_> = organizations.iter().map(|id| organization(id)).collect();
        serde_json::from_value(json!({
            "tenant": "E0GRID0001", "bot_token": "s1.x.bot", "scopes": [],
            "app_id": "A0BELAY001", "bot_user": "U0BELAY001", "installer": "U0ADMIN001",
            "name": "Acme", "icon": null, "domain": "acme", "organizations": organizations,
            "status": "ACTIVE", "installed_at": 0,
        }))
        .unwrap()
    }

    fn organization(id: &str) -> Organization {
        Organization {
            id: OrganizationId::parse(id).unwrap(),
            slug: format!("slug-{id}"),
            name: format!("Organization {id}"),
        }
    }
}
