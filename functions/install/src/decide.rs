//! What an admin's browser sees or does next, judged by its setup and its form. Pure: no clock, no
//! table, no network.

use shared::{
    browser::FormVerdict,
    error::Error,
    flow::FlowId,
    identity::Organization,
    ids::OrganizationId,
    setup::{Adding, Outcome, Setup, SetupStage},
    signing::link::Signer,
    visit::Form,
};
use templates::{ORGANIZATION, step};

/// No organization's slug is longer (Sentry's own bound is 50 characters).
const MAX_SLUG: usize = 64;

/// What is next.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Page 1.
    ShowStart,
    /// Page 2.
    ShowChoice(Setup),
    /// One more organization?
    ShowAdding(Box<Adding>),
    /// Page 3.
    ShowDone(Outcome),
    /// Off to Sentry; the organization that was named, by its slug.
    Begin(Option<String>),
    /// Off to Slack, for this organization.
    Choose(Setup, Organization),
    /// Add the organization.
    Add(Setup, Box<Adding>),
    /// The form does not fit the stage any more: the page as it is now.
    Reload,
}

/// Judges a request by the setup of its browser, if there is one that can be finished.
pub fn decide(
    setup: Option<Setup>,
    cookie: Option<&str>,
    form: Option<&Form>,
    signer: &Signer,
) -> Result<Decision, Error> {
    let Some(form) = form else { return Ok(page(setup)) };
    match (form.step.as_str(), setup) {
        (step::BEGIN, _) => match judged(form, signer, cookie, &[])? {
            FormVerdict::Good => Ok(Decision::Begin(named(form))),
            _ => Err(Error::Form),
        },
        (step::CHOOSE, Some(setup)) if setup.stage == SetupStage::Choosing => {
            choose(setup, cookie, form, signer)
        }
        (step::ADD, Some(setup)) => match setup.stage.clone() {
            SetupStage::Adding(adding) => {
                match judged(form, signer, cookie, &adding_shown(&adding))? {
                    FormVerdict::Good => Ok(Decision::Add(setup, adding)),
                    _ => Ok(Decision::Reload),
                }
            }
            _ => Ok(Decision::Reload),
        },
        (step::CHOOSE | step::ADD, _) => Ok(Decision::Reload),
        _ => Err(Error::Form),
    }
}

/// What the page that asks for the organization names: a form of another page is refused.
pub fn chosen_shown(setup: &Setup) -> Vec<String> {
    let account = setup.account.iter().map(|account| account.id.to_string());
    account.chain(setup.organizations.iter().map(|found| found.id.to_string())).collect()
}

/// What the page that asks for one more organization names.
pub fn adding_shown(adding: &Adding) -> [&str; 2] {
    [adding.tenant.as_str(), adding.organization.id.as_str()]
}

fn page(setup: Option<Setup>) -> Decision {
    let Some(setup) = setup else { return Decision::ShowStart };
    match setup.stage.clone() {
        SetupStage::Choosing => Decision::ShowChoice(setup),
        SetupStage::Adding(adding) => Decision::ShowAdding(adding),
        SetupStage::Done(outcome) => Decision::ShowDone(outcome),
        // On the way somewhere, or back from there without success: from the start.
        SetupStage::AtSentry { .. } | SetupStage::AtSlack { .. } | SetupStage::Exchanging => {
            Decision::ShowStart
        }
    }
}

fn choose(
    setup: Setup,
    cookie: Option<&str>,
    form: &Form,
    signer: &Signer,
) -> Result<Decision, Error> {
    let shown = chosen_shown(&setup);
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    if judged(form, signer, cookie, &shown)? == FormVerdict::Changed {
        return Ok(Decision::Reload);
    }
    let chosen = form.value(ORGANIZATION).and_then(|id| OrganizationId::parse(&id).ok());
    let organization = chosen.and_then(|id| setup.organization(&id).cloned());
    Ok(organization.map_or(Decision::Reload, |chosen| Decision::Choose(setup, chosen)))
}

fn judged(
    form: &Form,
    signer: &Signer,
    cookie: Option<&str>,
    shown: &[&str],
) -> Result<FormVerdict, Error> {
    let flow = FlowId::of_nonce(cookie.unwrap_or_default());
    match form.judged(signer, cookie, &flow, shown) {
        FormVerdict::Forged => Err(Error::Form),
        verdict => Ok(verdict),
    }
}

/// The slug that was typed; what is no slug was not meant.
fn named(form: &Form) -> Option<String> {
    let typed = form.value(ORGANIZATION)?.trim().to_lowercase();
    let fits = (1..=MAX_SLUG).contains(&typed.len())
        && typed.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    fits.then_some(typed)
}
