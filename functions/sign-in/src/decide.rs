//! What a browser that returns from Slack or Sentry may go on with. Pure: no clock, no table, no
//! network.

use shared::{
    browser::{Provider, state_hash},
    clock::Timestamp,
    flow::{Flow, FlowId, Stage},
    identity::Person,
    secret::Sealed,
    setup::{Setup, SetupStage},
    slack::client::SlackSession,
};

/// What was remembered for this return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The `nonce` that Slack's id token must repeat.
    Slack {
        /// That nonce.
        nonce: String,
    },
    /// The PKCE verifier that Sentry must see.
    Sentry {
        /// That verifier, sealed.
        verifier: Sealed,
    },
}

/// Whether `flow` waits for this very return, in this very browser: the one with this cookie. `None`
/// is one answer for every reason: unknown, used, late, another browser, another provider.
pub fn expected(
    flow: &Flow,
    provider: Provider,
    state: &str,
    cookie: Option<&str>,
    now: Timestamp,
) -> Option<Expected> {
    let own = cookie.is_some_and(|cookie| flow.is_browser(cookie));
    if !own || !flow.is_open(now) {
        return None;
    }
    let hash = state_hash(state);
    match (&flow.stage, provider) {
        (Stage::AtSlack { state, nonce }, Provider::Slack) if *state == hash => {
            Some(Expected::Slack { nonce: nonce.clone() })
        }
        (Stage::AtSentry { state, verifier }, Provider::Sentry) if *state == hash => {
            Some(Expected::Sentry { verifier: verifier.clone() })
        }
        _ => None,
    }
}

/// Whether `setup` waits for this very return from Sentry, in the browser with this cookie.
pub fn waits_for_admin(setup: &Setup, cookie: &str, state: &str, now: Timestamp) -> bool {
    let SetupStage::AtSentry { state: hash } = &setup.stage else { return false };
    setup.id == FlowId::of_nonce(cookie) && setup.is_open(now) && *hash == state_hash(state)
}

/// Whether Slack has named the link's own user: the same user of the same workspace, or of the same
/// enterprise.
pub fn is_owner(session: &SlackSession, person: &Person) -> bool {
    let home = person.tenant.as_str();
    session.user == person.user.as_str()
        && (session.team == home || session.enterprise.as_deref() == Some(home))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use shared::ids::{SlackUserId, Tenant};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const COOKIE: &str = "the-browser-that-began";
    const STATE: &str = "the-state-that-was-sent-along";

    /// A flow of this browser at this stage, with a minute to go.
    fn flow(stage: Stage) -> Flow {
        let offered: Flow = serde_json::from_value(json!({
            "id": "f1", "purpose": "LINK",
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "tenant": "T0ACME0001", "workspace": {"team": "T0ACME0001", "name": "Acme"},
            "channel": null, "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"},
            "epoch": 1, "stage": {"at": "OFFERED"}, "version": 0,
            "expires": NOW.plus(Duration::from_mins(1)),
        }))
        .unwrap();
        offered.begun(COOKIE, Sealed::from_text("s1.x.link"), stage)
    }

    fn at_slack() -> Flow {
        flow(Stage::AtSlack { state: state_hash(STATE), nonce: "a-nonce".into() })
    }

    fn at_sentry() -> Flow {
        flow(Stage::AtSentry {
            state: state_hash(STATE),
            verifier: Sealed::from_text("s1.x.verifier"),
        })
    }

    fn setup(stage: SetupStage) -> Setup {
        Setup::begin(COOKIE, stage, None, NOW)
    }

    #[test]
    fn a_flow_goes_on_with_what_it_remembered_for_this_return() {
        let nonce = Expected::Slack { nonce: "a-nonce".into() };
        let verifier = Expected::Sentry { verifier: Sealed::from_text("s1.x.verifier") };

        let slack = expected(&at_slack(), Provider::Slack, STATE, Some(COOKIE), NOW);
        let sentry = expected(&at_sentry(), Provider::Sentry, STATE, Some(COOKIE), NOW);

        assert_eq!((slack, sentry), (Some(nonce), Some(verifier)));
    }

    #[test]
    fn a_flow_waits_for_no_other_state_browser_provider_or_time() {
        let end = NOW.plus(Duration::from_mins(1));
        for (flow, here, elsewhere) in [
            (at_slack(), Provider::Slack, Provider::Sentry),
            (at_sentry(), Provider::Sentry, Provider::Slack),
        ] {
            let last = end.minus(Duration::from_millis(1));
            assert!(expected(&flow, here, STATE, Some(COOKIE), last).is_some());

            for nothing in [
                expected(&flow, here, "another-state", Some(COOKIE), NOW),
                expected(&flow, here, &state_hash(STATE), Some(COOKIE), NOW),
                expected(&flow, here, STATE, Some("another-browser"), NOW),
                expected(&flow, here, STATE, None, NOW),
                expected(&flow, elsewhere, STATE, Some(COOKIE), NOW),
                expected(&flow, here, STATE, Some(COOKIE), end),
            ] {
                assert_eq!(nothing, None, "{:?}", flow.stage);
            }
        }
    }

    #[test]
    fn a_flow_that_is_not_away_waits_for_no_return() {
        for stage in [Stage::Offered, Stage::Exchanging, Stage::Proven, Stage::Used] {
            for provider in [Provider::Slack, Provider::Sentry] {
                let returned = expected(&flow(stage.clone()), provider, STATE, Some(COOKIE), NOW);

                assert_eq!(returned, None, "{stage:?}");
            }
        }
    }

    #[test]
    fn a_setup_waits_for_its_own_state_in_its_own_browser_until_its_end() {
        let setup = setup(SetupStage::AtSentry { state: state_hash(STATE) });
        let last = setup.expires.minus(Duration::from_millis(1));

        assert!(waits_for_admin(&setup, COOKIE, STATE, NOW));
        assert!(waits_for_admin(&setup, COOKIE, STATE, last));

        assert!(!waits_for_admin(&setup, COOKIE, "another-state", NOW));
        assert!(!waits_for_admin(&setup, "another-browser", STATE, NOW));
        assert!(!waits_for_admin(&setup, COOKIE, STATE, setup.expires));
    }

    #[test]
    fn a_setup_that_is_not_at_sentry_waits_for_nobody() {
        for stage in [SetupStage::Exchanging, SetupStage::Choosing] {
            assert!(!waits_for_admin(&setup(stage), COOKIE, STATE, NOW));
        }
    }

    fn session(user: &str, team: &str, enterprise: Option<&str>) -> SlackSession {
        SlackSession {
            user: user.into(),
            team: team.into(),
            enterprise: enterprise.map(Into::into),
            name: None,
            team_name: None,
        }
    }

    fn person(tenant: &str) -> Person {
        Person {
            tenant: Tenant::parse(tenant).unwrap(),
            user: SlackUserId::parse("U0ALICE001").unwrap(),
        }
    }

    #[test]
    fn only_the_links_own_user_of_its_own_home_is_its_owner() {
        let local = person("T0ACME0001");
        assert!(is_owner(&session("U0ALICE001", "T0ACME0001", None), &local));
        assert!(!is_owner(&session("U0BOB00001", "T0ACME0001", None), &local));
        assert!(!is_owner(&session("U0ALICE001", "T0OTHER001", None), &local));
        assert!(!is_owner(&session("U0ALICE001", "T0OTHER001", Some("E0GRID0001")), &local));

        let grid = person("E0GRID0001");
        assert!(is_owner(&session("U0ALICE001", "T0ACME0001", Some("E0GRID0001")), &grid));
        assert!(!is_owner(&session("U0ALICE001", "T0ACME0001", None), &grid));
    }
}
