//! What a visit to an unlink page comes to. Pure: no clock, no table, no network.

use shared::{
    browser::FormVerdict,
    error::Error,
    identity::Identity,
    signing::link::Signer,
    visit::{Form, Standing, Visit},
};
use templates::{SURE, WITH, step, with};

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
    /// Show the page of the same address: the form was sent before, or without its tick.
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
                FormVerdict::Good if form.value(SURE).as_deref() != Some("yes") => {
                    Ok(Decision::Reload)
                }
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

#[cfg(test)]
mod tests {
    use lambda_http::http::{HeaderMap, Method};
    use serde_json::json;
    use shared::{
        browser::form_token,
        flow::{Flow, ProvenAccount, Stage},
        http::Request,
        secret::{Sealed, Secret},
    };

    use super::*;

    const COOKIE: &str = "the-browser-that-began";
    const TICKED: &str = "&sure=yes";
    const OTHER: &str = "another-browser";

    #[test]
    fn a_fresh_link_shows_the_first_page() {
        let decision = decide_on(fresh(), None);

        assert!(matches!(decision, Ok(Decision::ShowStart(_))), "{decision:?}");
    }

    #[test]
    fn who_is_not_linked_is_told_so_whatever_is_sent() {
        let begin = form(&fresh(), step::BEGIN, &[], "&with=slack");
        let confirm = form(&proven(), step::CONFIRM, &shown(&linked("link-1")), "");

        for form in [None, Some(&begin), Some(&confirm), Some(&unsigned(step::CONFIRM))] {
            let decision = decide_on(Visit { identity: None, ..proven() }, form);

            assert!(matches!(decision, Ok(Decision::ShowNotLinked(_))), "{decision:?}");
        }
    }

    #[test]
    fn either_side_can_be_proven_first_or_again() {
        for visit in [fresh(), proven(), seen_by(Some(OTHER), proven())] {
            let slack = form(&visit, step::BEGIN, &[], "&with=slack");
            let sentry = form(&visit, step::BEGIN, &[], "&with=sentry");

            let slack = decide_on(visit.clone(), Some(&slack));
            let sentry = decide_on(visit, Some(&sentry));

            assert!(matches!(slack, Ok(Decision::BeginWithSlack(_))), "{slack:?}");
            assert!(matches!(sentry, Ok(Decision::BeginWithSentry(_))), "{sentry:?}");
        }
    }

    #[test]
    fn there_is_no_third_side_to_prove() {
        for with in ["", "&with=", "&with=email", "&with=SLACK", "&with=slack&with=sentry"] {
            let form = form(&fresh(), step::BEGIN, &[], with);

            let decision = decide_on(fresh(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{with:?}: {decision:?}");
        }
    }

    #[test]
    fn a_form_that_is_not_ours_begins_nothing() {
        for with in ["&with=slack", "&with=sentry"] {
            let elsewhere = form(&seen_by(Some(OTHER), fresh()), step::BEGIN, &[], with);
            let changed = form(&fresh(), step::BEGIN, &["another link"], with);
            let forged = posted(&format!("step=begin&form_token=forged{with}"));

            for form in [elsewhere, changed, forged] {
                let decision = decide_on(fresh(), Some(&form));

                assert!(matches!(decision, Err(Error::Form)), "{with}: {decision:?}");
            }
        }
    }

    #[test]
    fn a_step_that_an_open_link_does_not_have_is_refused() {
        for step in [step::RELINK, "", "CONFIRM", "link"] {
            let form = form(&proven(), step, &shown(&linked("link-1")), "");

            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{step:?}: {decision:?}");
        }
    }

    #[test]
    fn who_has_proven_a_side_is_shown_the_link() {
        let decision = decide_on(proven(), None).unwrap();

        let Decision::ShowConfirm(_, identity) = decision else { panic!("{decision:?}") };
        assert_eq!(identity, linked("link-1"));
        assert_eq!(shown(&identity), ["U0ALICE001", "101", "link-1"]);
    }

    #[test]
    fn what_another_browser_proved_or_nobody_yet_shows_the_first_page() {
        for visit in [
            seen_by(Some(OTHER), proven()),
            seen_by(None, proven()),
            at(Stage::Exchanging, proven()),
            at(Stage::Proven, fresh()),
        ] {
            let decision = decide_on(visit, None);

            assert!(matches!(decision, Ok(Decision::ShowStart(_))), "{decision:?}");
        }
    }

    #[test]
    fn only_who_signed_in_to_the_account_has_proven_sentry() {
        let flow = proven().flow;
        let account = ProvenAccount { account: linked("link-1").account, tokens: None };
        let with_sentry = Visit { flow: flow.with_account(account, None), ..fresh() };

        assert!(has_proven_sentry(&with_sentry));
        assert!(!has_proven_sentry(&proven()));
        assert!(!has_proven_sentry(&fresh()));
    }

    #[test]
    fn a_confirmed_and_ticked_page_unlinks_what_it_showed() {
        let form = form(&proven(), step::CONFIRM, &shown(&linked("link-1")), TICKED);

        let decision = decide_on(proven(), Some(&form)).unwrap();

        let Decision::Unlink(visit, identity) = decision else { panic!("{decision:?}") };
        assert_eq!(visit.flow, proven().flow);
        assert_eq!(identity, linked("link-1"));
    }

    #[test]
    fn without_the_tick_nothing_is_unlinked() {
        for tick in ["", "&sure=", "&sure=no", "&sure=YES", "&sure=yes&sure=yes", "&mine=yes"] {
            let form = form(&proven(), step::CONFIRM, &shown(&linked("link-1")), tick);

            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Ok(Decision::Reload)), "{tick:?}: {decision:?}");
        }
    }

    #[test]
    fn an_old_page_unlinks_no_newer_link() {
        let form = form(&proven(), step::CONFIRM, &shown(&linked("link-1")), "");
        let relinked = Visit { identity: Some(linked("link-2")), ..proven() };

        let decision = decide_on(relinked, Some(&form));

        assert!(matches!(decision, Ok(Decision::ShowChanged)), "{decision:?}");
    }

    #[test]
    fn a_page_that_showed_anything_else_unlinks_nothing() {
        for shown in [
            ["U0BOB00001", "101", "link-1"],
            ["U0ALICE001", "102", "link-1"],
            ["U0ALICE001", "101", "link-0"],
        ] {
            let form = form(&proven(), step::CONFIRM, &shown, "");

            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Ok(Decision::ShowChanged)), "{shown:?}: {decision:?}");
        }
    }

    #[test]
    fn a_confirmation_that_is_not_ours_is_refused() {
        let linked = linked("link-1");
        let shown = shown(&linked);
        let elsewhere = form(&seen_by(Some(OTHER), proven()), step::CONFIRM, &shown, "");

        for form in [elsewhere, unsigned(step::CONFIRM)] {
            let decision = decide_on(proven(), Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{decision:?}");
        }
    }

    #[test]
    fn a_confirmation_before_the_proof_or_in_another_browser_is_refused() {
        for visit in [fresh(), at(Stage::Exchanging, proven()), seen_by(Some(OTHER), proven())] {
            let form = form(&visit, step::CONFIRM, &shown(&linked("link-1")), "");

            let decision = decide_on(visit, Some(&form));

            assert!(matches!(decision, Err(Error::Form)), "{decision:?}");
        }
    }

    #[test]
    fn a_finished_unlink_shows_that_it_is_done() {
        let decision = decide(Standing::Finished(proven()), None, &signer());

        assert!(matches!(decision, Ok(Decision::ShowUnlinked(_))), "{decision:?}");
    }

    #[test]
    fn after_the_end_another_account_can_be_linked_from_our_own_page_only() {
        let own = form(&proven(), step::RELINK, &[], "");
        let relink = decide(Standing::Finished(proven()), Some(&own), &signer());
        assert!(matches!(relink, Ok(Decision::Relink(_))), "{relink:?}");

        let elsewhere = form(&seen_by(Some(OTHER), proven()), step::RELINK, &[], "");
        let changed = form(&proven(), step::RELINK, &["another link"], "");
        for form in [elsewhere, changed, unsigned(step::RELINK)] {
            let refused = decide(Standing::Finished(proven()), Some(&form), &signer());
            assert!(matches!(refused, Err(Error::Form)), "{refused:?}");
        }
    }

    #[test]
    fn any_other_form_sent_again_after_the_end_shows_the_page_again() {
        for step in [step::BEGIN, step::CONFIRM, "unlink"] {
            let form = form(&proven(), step, &shown(&linked("link-1")), "&with=slack");

            let decision = decide(Standing::Finished(proven()), Some(&form), &signer());

            assert!(matches!(decision, Ok(Decision::Reload)), "{step}: {decision:?}");
        }
    }

    #[test]
    fn a_link_that_is_over_says_so_whatever_is_sent() {
        let relink = form(&proven(), step::RELINK, &[], "");

        for form in [None, Some(&relink), Some(&unsigned(step::CONFIRM))] {
            let used = decide(Standing::Used, form, &signer());
            let superseded = decide(Standing::Superseded, form, &signer());

            assert!(matches!(used, Ok(Decision::ShowUsed)), "{used:?}");
            assert!(matches!(superseded, Ok(Decision::ShowSuperseded)), "{superseded:?}");
        }
    }

    fn decide_on(visit: Visit, form: Option<&Form>) -> Result<Decision, Error> {
        decide(Standing::Open(visit), form, &signer())
    }

    /// Alice, who is linked, at a link that nobody has begun.
    fn fresh() -> Visit {
        let flow: Flow = serde_json::from_value(json!({
            "id": "f1", "purpose": "UNLINK",
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "tenant": "T0ACME0001", "workspace": {"team": "T0ACME0001", "name": "Acme"},
            "channel": "C0ALERTS01",
            "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"},
            "epoch": 1, "stage": {"at": "OFFERED"}, "expires": 0, "version": 0,
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
            identity: Some(linked("link-1")),
        }
    }

    /// The same visit, with Slack's side proven.
    fn proven() -> Visit {
        let visit = fresh();
        let flow = visit
            .flow
            .begun(COOKIE, Sealed::from_text("s1.x.link"), Stage::Exchanging)
            .with_slack(None, Stage::Proven);
        Visit { flow, ..visit }
    }

    fn seen_by(cookie: Option<&str>, visit: Visit) -> Visit {
        Visit { cookie: cookie.map(Into::into), ..visit }
    }

    fn at(stage: Stage, visit: Visit) -> Visit {
        Visit { flow: Flow { stage, ..visit.flow }, ..visit }
    }

    fn linked(link_id: &str) -> Identity {
        serde_json::from_value(json!({
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
            "account": {"id": "101", "name": "Alice Able", "email": "alice@acme.example"},
            "tokens": {"access": "s1.x.access", "expires": 0},
            "link_id": link_id, "linked_at": 0,
        }))
        .unwrap()
    }

    /// The form of a page that was rendered for this visit.
    fn form(visit: &Visit, step: &str, shown: &[&str], more: &str) -> Form {
        let cookie = visit.cookie.as_deref().unwrap();
        let token = form_token(&signer(), cookie, &visit.flow.id, step, shown).unwrap();
        posted(&format!("step={step}&form_token={token}{more}"))
    }

    fn unsigned(step: &str) -> Form {
        posted(&format!("step={step}&form_token=forged"))
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
