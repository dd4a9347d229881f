//! What follows from a click, judged by what the table says of the clicker. Pure: no clock, no
//! table, no network.

use shared::{
    error::Error,
    identity::{Installation, Organization},
    job::Click,
    messages,
    slack::{
        interaction::{IssueInteraction, Wanted},
        message::Message,
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
    /// The person is told why not.
    Tell(Message),
    /// Nothing: the control is not offered by this bundle.
    Acknowledge,
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
    if interaction.foreign {
        return Ok(Decision::Tell(messages::guests_cannot_act(&installation.name)));
    }
    let Wanted::Change(change) = &interaction.wanted else {
        return Ok(Decision::Acknowledge);
    };
    let click = Click {
        tenant: interaction.tenant.clone(),
        team: interaction.team.clone(),
        person: interaction.person.clone(),
        person_name: interaction.person_name.clone(),
        organization: organization.clone(),
        issue: interaction.issue.clone(),
        change: change.clone(),
        alert: interaction.alert.clone(),
        response_url: interaction.response_url.clone(),
        action_ts: interaction.action_ts.clone(),
    };
    Ok(match clicker.identity {
        Some(_) => Decision::Admit(click),
        None => Decision::AskToLink(click),
    })
}

/// Which organization the click is about: the one the alert names, else the only one. Never a
/// guess among several.
fn organization<'a>(
    interaction: &IssueInteraction,
    installation: &'a Installation,
) -> Result<Result<&'a Organization, Message>, Error> {
    match (&interaction.organization, installation.organizations.as_slice()) {
        (Some(id), _) => installation.organization(id).map(Ok).ok_or(Error::ForeignOrganization),
        (None, [only]) => Ok(Ok(only)),
        (None, []) => Ok(Err(messages::no_organization())),
        (None, _) => Ok(Err(messages::which_organization())),
    }
}
