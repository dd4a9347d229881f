//! What a visit to a link page comes to. Pure: no clock, no table, no network.

use shared::{
    browser::FormVerdict,
    error::Error,
    flow::ProvenAccount,
    identity::Account,
    signing::link::Signer,
    visit::{Form, Standing, Visit},
};
use templates::{MINE, step};

/// What a visit comes to.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Show the first page: who is asked, and what will happen.
    ShowStart(Visit),
    /// Show the last page: both accounts, and the button.
    ShowConfirm(Visit, ProvenAccount),
    /// Show that it is done.
    ShowLinked(Visit),
    /// Show that the Slack user is linked to another account.
    ShowAlreadyLinked(Visit, Account),
    /// Show that the link was used in another browser.
    ShowUsed,
    /// Show that a newer link or unlink has overtaken this one.
    ShowSuperseded,
    /// Show that what the form was about has changed.
    ShowChanged,
    /// Send the browser to Slack.
    Begin(Visit),
    /// Make the link.
    Link(Visit, ProvenAccount),
    /// Show the page of the same address: the form was sent before.
    Reload,
}

/// Judges a visit, and the form that came with it.
pub fn decide(standing: Standing, form: Option<&Form>, signer: &Signer) -> Result<Decision, Error> {
    let visit = match (standing, form) {
        (Standing::Open(visit), _) => visit,
        (Standing::Finished(visit), None) => return Ok(Decision::ShowLinked(visit)),
        (Standing::Finished(_), Some(_)) => return Ok(Decision::Reload),
        (Standing::Used, _) => return Ok(Decision::ShowUsed),
        (Standing::Superseded, _) => return Ok(Decision::ShowSuperseded),
    };
    match form {
        None => Ok(page(visit)),
        Some(form) if form.step == step::BEGIN => match form.verdict(signer, &visit, &[]) {
            FormVerdict::Good => Ok(Decision::Begin(visit)),
            FormVerdict::Changed | FormVerdict::Forged => Err(Error::Form),
        },
        Some(form) if form.step == step::CONFIRM => confirmed(visit, form, signer),
        Some(_) => Err(Error::Form),
    }
}

/// What the last page names: the form that comes back from it is about this and nothing else.
pub fn shown<'a>(visit: &'a Visit, proven: &'a ProvenAccount) -> [&'a str; 3] {
    [visit.flow.person.user.as_str(), proven.account.id.as_str(), &proven.account.email]
}

fn page(visit: Visit) -> Decision {
    let Some(proven) = visit.flow.account.clone().filter(|_| visit.is_proven()) else {
        return Decision::ShowStart(visit);
    };
    // A link is never moved silently: another account has to be unlinked first.
    match &visit.identity {
        Some(identity) if identity.account.id != proven.account.id => {
            let linked = identity.account.clone();
            Decision::ShowAlreadyLinked(visit, linked)
        }
        _ => Decision::ShowConfirm(visit, proven),
    }
}

fn confirmed(visit: Visit, form: &Form, signer: &Signer) -> Result<Decision, Error> {
    let Some(proven) = visit.flow.account.clone().filter(|_| visit.is_proven()) else {
        return Err(Error::Form);
    };
    match form.verdict(signer, &visit, &shown(&visit, &proven)) {
        FormVerdict::Forged => Err(Error::Form),
        FormVerdict::Changed => Ok(Decision::ShowChanged),
        FormVerdict::Good if form.value(MINE).as_deref() != Some("yes") => Ok(Decision::Reload),
        FormVerdict::Good => Ok(Decision::Link(visit, proven)),
    }
}
