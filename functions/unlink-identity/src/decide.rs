//! What a visit to an unlink page comes to. Pure: no clock, no table, no network.

use shared::{
    browser::FormVerdict,
    error::Error,
    identity::Identity,
    signing::link::Signer,
    visit::{Form, Standing, Visit},
};
use templates::{WITH, step, with};

/// What a visit comes to.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Show the first page: which Slack identity, and how to prove either side.
    ShowStart(Visit),
    /// Show the last page: both accounts, and the button.
    ShowConfirm(Visit, Identity),
    /// Show that it is done.
    ShowUnlinked(Visit),
    /// Show that there is nothing to unlink.
    ShowNotLinked(Visit),
    /// Show that the link was used in another browser.
    ShowUsed,
    /// Show that a newer link or unlink has overtaken this one.
    ShowSuperseded,
    /// Show that what the form was about has changed.
    ShowChanged,
    /// Send the browser to Slack.
    BeginWithSlack(Visit),
    /// Send the browser to Sentry.
    BeginWithSentry(Visit),
    /// Remove the link.
    Unlink(Visit, Identity),
    /// Offer to link another account.
    Relink(Visit),
    /// Show the page of the same address: the form was sent before.
    Reload,
}

/// Judges a visit, and the form that came with it.
pub fn decide(standing: Standing, form: Option<&Form>, signer: &Signer) -> Result<Decision, Error> {
    match standing {
        Standing::Used => Ok(Decision::ShowUsed),
        Standing::Superseded => Ok(Decision::ShowSuperseded),
        Standing::Finished(visit) => match form {
            None => Ok(Decision::ShowUnlinked(visit)),
            Some(form) if form.step == step::RELINK => {
                genuine(form.verdict(signer, &visit, &[]), Decision::Relink(visit))
            }
            Some(_) => Ok(Decision::Reload),
        },
        Standing::Open(visit) => {
            let Some(identity) = visit.identity.clone() else {
                return Ok(Decision::ShowNotLinked(visit));
            };
            match form {
                None => Ok(page(visit, identity)),
                Some(form) => submitted(visit, identity, form, signer),
            }
        }
    }
}

/// What the last page names: the form that comes back from it is about this link and no other.
pub fn shown(identity: &Identity) -> [&str; 3] {
    [identity.person.user.as_str(), identity.account.id.as_str(), &identity.link_id]
}

/// Whether the e-mail may be shown in full: to whoever has signed in to that very account.
pub fn has_proven_sentry(visit: &Visit) -> bool {
    visit.flow.account.is_some()
}

fn page(visit: Visit, identity: Identity) -> Decision {
    if visit.is_proven() {
        Decision::ShowConfirm(visit, identity)
    } else {
        Decision::ShowStart(visit)
    }
}

fn submitted(
    visit: Visit,
    identity: Identity,
    form: &Form,
    signer: &Signer,
) -> Result<Decision, Error> {
    match form.step.as_str() {
        step::BEGIN => {
            let verdict = form.verdict(signer, &visit, &[]);
            match form.value(WITH).as_deref() {
                Some(with::SLACK) => genuine(verdict, Decision::BeginWithSlack(visit)),
                Some(with::SENTRY) => genuine(verdict, Decision::BeginWithSentry(visit)),
                _ => Err(Error::Form),
            }
        }
        step::CONFIRM if visit.is_proven() => {
            match form.verdict(signer, &visit, &shown(&identity)) {
                FormVerdict::Good => Ok(Decision::Unlink(visit, identity)),
                FormVerdict::Changed => Ok(Decision::ShowChanged),
                FormVerdict::Forged => Err(Error::Form),
            }
        }
        _ => Err(Error::Form),
    }
}

fn genuine(verdict: FormVerdict, decision: Decision) -> Result<Decision, Error> {
    if verdict == FormVerdict::Good { Ok(decision) } else { Err(Error::Form) }
}
