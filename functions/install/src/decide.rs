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

#[cfg(test)]
mod tests {
    use lambda_http::http::Method;
    use serde_json::json;
    use shared::{
        browser::form_token, clock::Timestamp, http::Request, secret::Secret, setup::SetupStage,
    };

    use super::*;

    const COOKIE: &str = "the-browser-of-an-admin";
    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn signer() -> Signer {
        Signer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")])
    }

    fn organization(id: &str) -> Organization {
        serde_json::from_value(
            json!({"id": id, "slug": format!("o{id}"), "name": format!("O {id}")}),
        )
        .unwrap()
    }

    fn setup(stage: SetupStage) -> Setup {
        let account = json!({"id": "101", "name": "Alice", "email": "alice@acme.example"});
        let begun = Setup::begin(COOKIE, SetupStage::Exchanging, None, NOW);
        let account = serde_json::from_value(account).unwrap();
        Setup { stage, ..begun.with_admin(account, vec![organization("1"), organization("2")]) }
    }

    fn adding() -> Box<Adding> {
        let adding = json!({
            "tenant": "T0ACME0001", "grant": "s1.x.grant", "looks": {}, "workspace": "Acme",
            "organization": {"id": "2", "slug": "o2", "name": "O 2"}, "current": ["O 1"],
        });
        serde_json::from_value(adding).unwrap()
    }

    fn done() -> Outcome {
        serde_json::from_value(json!({
            "workspace": "Acme", "organizations": ["O 1"], "again": false, "team": "T0ACME0001",
            "app": "A0BELAY001",
        }))
        .unwrap()
    }

    /// A form of our page at `step` that showed `shown`, with these fields.
    fn form(step: &str, shown: &[&str], fields: &str) -> Form {
        let token = form_token(&signer(), COOKIE, &FlowId::of_nonce(COOKIE), step, shown).unwrap();
        let request = Request {
            method: Method::POST,
            path: "/install".into(),
            query: String::new(),
            headers: lambda_http::http::HeaderMap::new(),
            cookies: Vec::new(),
            body: format!("step={step}&form_token={token}&{fields}").into_bytes(),
            id: String::new(),
        };
        Form::read(request, "https://belay.example.com").unwrap().unwrap()
    }

    fn judge(setup: Option<Setup>, form: &Form) -> Result<Decision, Error> {
        decide(setup, Some(COOKIE), Some(form), &signer())
    }

    #[test]
    fn the_page_is_the_one_of_the_stage() {
        let shown = |stage| decide(Some(setup(stage)), Some(COOKIE), None, &signer()).unwrap();

        assert_eq!(decide(None, None, None, &signer()).unwrap(), Decision::ShowStart);
        assert!(matches!(shown(SetupStage::Choosing), Decision::ShowChoice(_)));
        assert_eq!(shown(SetupStage::Adding(adding())), Decision::ShowAdding(adding()));
        assert_eq!(shown(SetupStage::Done(done())), Decision::ShowDone(done()));
        for on_the_way in [
            SetupStage::AtSentry { state: "hash".into() },
            SetupStage::AtSlack { state: "hash".into(), organization: organization("1") },
            SetupStage::Exchanging,
        ] {
            assert_eq!(shown(on_the_way), Decision::ShowStart);
        }
    }

    #[test]
    fn one_can_begin_at_any_stage_and_name_the_organization_by_its_slug() {
        for (typed, named) in [
            ("", None),
            ("+Fjord+", Some("fjord")),
            ("my-org_2", Some("my-org_2")),
            ("../../users/me", None),
            ("a+b", None),
        ] {
            let form = form("begin", &[], &format!("organization={typed}"));

            let decision = judge(Some(setup(SetupStage::Choosing)), &form).unwrap();

            assert_eq!(decision, Decision::Begin(named.map(Into::into)), "{typed}");
        }
    }

    #[test]
    fn an_organization_is_chosen_among_those_that_were_shown() {
        let choose = |fields: &str| {
            let form = form("choose", &["101", "1", "2"], fields);
            judge(Some(setup(SetupStage::Choosing)), &form).unwrap()
        };

        let chosen = Decision::Choose(setup(SetupStage::Choosing), organization("2"));
        assert_eq!(choose("organization=2"), chosen);
        for other in ["organization=3", "organization=", "", "organization=1&organization=2"] {
            assert_eq!(choose(other), Decision::Reload, "{other}");
        }
    }

    #[test]
    fn a_choice_that_was_shown_for_somebody_else_is_shown_again() {
        let form = form("choose", &["102", "1", "2"], "organization=1");

        let decision = judge(Some(setup(SetupStage::Choosing)), &form).unwrap();

        assert_eq!(decision, Decision::Reload);
    }

    #[test]
    fn what_does_not_fit_the_stage_any_more_leads_to_the_page_as_it_is() {
        let choose = form("choose", &["101", "1", "2"], "organization=1");
        let add = form("add", &["T0ACME0001", "2"], "");

        for setup in [None, Some(setup(SetupStage::Done(done())))] {
            assert_eq!(judge(setup.clone(), &choose).unwrap(), Decision::Reload);
            assert_eq!(judge(setup, &add).unwrap(), Decision::Reload);
        }
    }

    #[test]
    fn one_more_organization_is_added_on_the_persons_word() {
        let stage = || SetupStage::Adding(adding());
        let form = form("add", &["T0ACME0001", "2"], "");

        let decision = judge(Some(setup(stage())), &form).unwrap();

        assert_eq!(decision, Decision::Add(setup(stage()), adding()));
    }

    #[test]
    fn a_form_that_is_not_of_our_page_in_this_browser_is_refused() {
        let ours = form("begin", &[], "");
        let foreign = decide(None, Some("another-browser"), Some(&ours), &signer());
        let without = decide(None, None, Some(&ours), &signer());
        let mut other_step = form("begin", &[], "");
        other_step.step = "add".into();
        let moved = judge(Some(setup(SetupStage::Adding(adding()))), &other_step);
        let unknown = judge(None, &form("unheard-of", &[], ""));

        for refused in [foreign, without, moved, unknown] {
            assert!(matches!(refused, Err(Error::Form)), "{refused:?}");
        }
    }
}
