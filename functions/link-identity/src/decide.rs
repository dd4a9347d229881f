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
    ShowLinked(Visit, Account),
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
    /// Show the page of the same address: the form was sent before, or without its tick.
    Reload,
}

/// Judges a visit, and the form that came with it.
pub fn decide(standing: Standing, form: Option<&Form>, signer: &Signer) -> Result<Decision, Error> {
    let visit = match (standing, form) {
        (Standing::Open(visit), _) => visit,
        (Standing::Finished(visit), None) => return Ok(finished(visit)),
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

/// The flow has forgotten the account; who has unlinked it meanwhile is not told of it again.
fn finished(visit: Visit) -> Decision {
    match visit.identity.as_ref().map(|identity| identity.account.clone()) {
        Some(account) => Decision::ShowLinked(visit, account),
        None => Decision::ShowUsed,
    }
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

#[cfg(test)]
mod tests {
    use lambda_http::http::{HeaderMap, Method};
    use serde_json::json;
    use shared::{
        browser::form_token,
        flow::{Flow, Stage},
        http::Request,
        identity::Identity,
        secret::{Sealed, Secret},
    };

    use super::*;

    const COOKIE: &str = "the-browser-that-began";
    const OTHER: &str = "another-browser";
    const TICKED: &str = "&mine=yes";

    #[test]
    fn a_fresh_link_shows_the_first_page() {
        let decision = decide_on(fresh(), None);

        assert!(matches!(decision, Ok(Decision::ShowStart(_))), "{decision:?}");
    }

    #[test]
    fn our_own_form_begins_fresh_or_again() {
        for visit in [fresh(), proven(), seen_by(Some(OTHER), proven())] {
            let form = form(&visit, step::BEGIN, &[], "");

            let decision = decide_on(visit, Some(&form));

            assert!(matches!(decision, Ok(Decision::Begin(_))), "{decision:?}");
        }
    }

    #[test]
    fn a_form_that_is_not_ours_begins_nothing() {
        let elsewhere = form(&seen_by(Some(OTHER), fresh()), step::BEGIN, &[], "");
        let changed = form(&fresh(), step::BEGIN, &["another account"], "");

        for form in [elsewhere, changed, unsigned(step::BEGIN)] {
            let decision = decide_on(fresh(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{decision:?}");
        }
    }

    #[test]
    fn a_step_that_this_page_does_not_have_is_refused() {
        for step in [step::RELINK, "", "CONFIRM", "unlink"] {
            let form = form(&proven(), step, &shown_by(&proven()), TICKED);

            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{step:?}: {decision:?}");
        }
    }

    #[test]
    fn who_has_proven_both_sides_is_shown_both() {
        for identity in [None, Some(linked_to("101"))] {
            let visit = Visit { identity, ..proven() };

            let decision = decide_on(visit, None).unwrap();

            let Decision::ShowConfirm(visit, shown_account) = decision else {
                panic!("{decision:?}")
            };
            assert_eq!(shown_account.account, account("101"));
            assert_eq!(shown(&visit, &shown_account), ["U0ALICE001", "101", "101@acme.example"]);
        }
    }

    #[test]
    fn what_another_browser_proved_or_nobody_yet_shows_the_first_page() {
        let flow = Flow { account: None, ..proven().flow };
        let without_account = Visit { flow, ..proven() };

        for visit in [
            seen_by(Some(OTHER), proven()),
            seen_by(None, proven()),
            at(Stage::Exchanging, proven()),
            without_account,
        ] {
            let decision = decide_on(visit, None);

            assert!(matches!(decision, Ok(Decision::ShowStart(_))), "{decision:?}");
        }
    }

    #[test]
    fn a_link_is_never_moved_to_another_account_silently() {
        let visit = Visit { identity: Some(linked_to("102")), ..proven() };

        let decision = decide_on(visit, None).unwrap();

        let Decision::ShowAlreadyLinked(_, linked) = decision else { panic!("{decision:?}") };
        assert_eq!(linked, account("102"));
    }

    #[test]
    fn a_confirmed_and_ticked_page_links_what_it_showed() {
        let form = form(&proven(), step::CONFIRM, &shown_by(&proven()), TICKED);

        let decision = decide_on(proven(), Some(&form)).unwrap();

        let Decision::Link(visit, linked) = decision else { panic!("{decision:?}") };
        assert_eq!(visit.flow, proven().flow);
        assert_eq!(Some(linked), proven().flow.account);
    }

    #[test]
    fn without_the_tick_nothing_is_linked() {
        for tick in ["", "&mine=", "&mine=no", "&mine=YES", "&mine=yes&mine=yes"] {
            let form = form(&proven(), step::CONFIRM, &shown_by(&proven()), tick);

            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Ok(Decision::Reload)), "{tick:?}: {decision:?}");
        }
    }

    #[test]
    fn a_page_that_showed_anything_else_links_nothing() {
        for tick in [TICKED, ""] {
            for shown in [
                ["U0BOB00001", "101", "101@acme.example"],
                ["U0ALICE001", "102", "101@acme.example"],
                ["U0ALICE001", "101", "102@acme.example"],
            ] {
                let form = form(&proven(), step::CONFIRM, &shown, tick);

                let decision = decide_on(proven(), Some(&form));

                assert!(matches!(decision, Ok(Decision::ShowChanged)), "{shown:?}: {decision:?}");
            }
        }
    }

    #[test]
    fn a_confirmation_that_is_not_ours_is_refused() {
        let elsewhere = seen_by(Some(OTHER), proven());
        let elsewhere = form(&elsewhere, step::CONFIRM, &shown_by(&proven()), TICKED);

        for form in [elsewhere, unsigned(step::CONFIRM)] {
            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{decision:?}");
        }
    }

    #[test]
    fn a_confirmation_before_the_proof_or_in_another_browser_is_refused() {
        for visit in [fresh(), at(Stage::Exchanging, proven()), seen_by(Some(OTHER), proven())] {
            let form = form(&visit, step::CONFIRM, &shown_by(&proven()), TICKED);

            let decision = decide_on(visit, Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{decision:?}");
        }
    }

    #[test]
    fn a_finished_link_shows_that_it_is_done_until_it_is_unlinked() {
        let linked = Visit { identity: Some(linked_to("101")), ..proven() };

        let done = decide(Standing::Finished(linked), None, &signer());
        let unlinked = decide(Standing::Finished(proven()), None, &signer());

        assert!(matches!(done, Ok(Decision::ShowLinked(..))), "{done:?}");
        assert!(matches!(unlinked, Ok(Decision::ShowUsed)), "{unlinked:?}");
    }

    #[test]
    fn a_form_sent_again_after_the_end_shows_the_page_again() {
        for step in [step::BEGIN, step::CONFIRM, step::RELINK] {
            let form = form(&proven(), step, &shown_by(&proven()), TICKED);

            let decision = decide(Standing::Finished(proven()), Some(&form), &signer());

            assert!(matches!(decision, Ok(Decision::Reload)), "{step}: {decision:?}");
        }
    }

    #[test]
    fn a_link_that_is_over_says_so_whatever_is_sent() {
        let confirm = form(&proven(), step::CONFIRM, &shown_by(&proven()), TICKED);

        for form in [None, Some(&confirm), Some(&unsigned(step::BEGIN))] {
            let used = decide(Standing::Used, form, &signer());
            let superseded = decide(Standing::Superseded, form, &signer());

            assert!(matches!(used, Ok(Decision::ShowUsed)), "{used:?}");
            assert!(matches!(superseded, Ok(Decision::ShowSuperseded)), "{superseded:?}");
        }
    }

    fn decide_on(visit: Visit, form: Option<&Form>) -> Result<Decision, Error> {
        decide(Standing::Open(visit), form, &signer())
    }

    /// Alice's visit to a link that nobody has begun.
    fn fresh() -> Visit {
        let flow: Flow = serde_json::from_value(json!({
            "id": "f1", "purpose": "LINK",
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "tenant": "T0ACME0001", "workspace": {"team": "T0ACME0001", "name": "Acme"},
            "channel": "C0ALERTS01",
            "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"},
            "epoch": 0, "stage": {"at": "OFFERED"}, "expires": 0, "version": 0,
        }))
        .unwrap();
        let installation = serde_json::from_value(json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": [],
            "app_id": "A0BELAY001", "bot_user": "U0BELAY001", "installer": "U0ADMIN001",
            "name": "Acme", "icon": null, "domain": "acme", "organizations": [],
            "status": "ACTIVE", "installed_at": 0,
        }))
        .unwrap();
        Visit {
            token: Secret::new("v1.k.c.m"),
            cookie: Some(COOKIE.into()),
            flow,
            installation,
            identity: None,
        }
    }

    /// The same visit, with both sides proven: Slack's, and the account 101.
    fn proven() -> Visit {
        let visit = fresh();
        let proven = ProvenAccount { account: account("101"), tokens: None };
        let flow = visit
            .flow
            .begun(COOKIE, Sealed::from_text("s1.x.link"), Stage::Exchanging)
            .with_slack(None, Stage::Exchanging)
            .with_account(proven, None);
        Visit { flow, ..visit }
    }

    fn seen_by(cookie: Option<&str>, visit: Visit) -> Visit {
        Visit { cookie: cookie.map(Into::into), ..visit }
    }

    fn at(stage: Stage, visit: Visit) -> Visit {
        Visit { flow: Flow { stage, ..visit.flow }, ..visit }
    }

    fn account(id: &str) -> Account {
        let email = format!("{id}@acme.example");
        serde_json::from_value(json!({"id": id, "name": "Alice Able", "email": email})).unwrap()
    }

    fn linked_to(id: &str) -> Identity {
        serde_json::from_value(json!({
            "person": fresh().flow.person, "account": account(id),
            "tokens": {"access": "s1.x.access", "expires": 0},
            "link_id": "link-1", "linked_at": 0,
        }))
        .unwrap()
    }

    fn shown_by(visit: &Visit) -> [&str; 3] {
        shown(visit, visit.flow.account.as_ref().unwrap())
    }

    /// The form of a page that was rendered for this visit.
    fn form(visit: &Visit, step: &str, shown: &[&str], more: &str) -> Form {
        let cookie = visit.cookie.as_deref().unwrap();
        let token = form_token(&signer(), cookie, &visit.flow.id, step, shown).unwrap();
        posted(&format!("step={step}&form_token={token}{more}"))
    }

    fn unsigned(step: &str) -> Form {
        posted(&format!("step={step}&form_token=forged{TICKED}"))
    }

    fn posted(body: &str) -> Form {
        let request = Request {
            method: Method::POST,
            path: String::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: body.into(),
            id: String::new(),
        };
        Form::read(request, "https://belay.example.com").unwrap().unwrap()
    }

    fn signer() -> Signer {
        Signer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")])
    }
}
