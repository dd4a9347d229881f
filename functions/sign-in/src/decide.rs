//! What a browser that returns from Slack or Sentry may go on with. Pure: no clock, no table, no
//! network.

use shared::{
    browser::{COOKIE, Provider, state_hash},
    clock::Timestamp,
    flow::{Flow, FlowId, Stage},
    http::Request,
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

/// Whether `flow` waits for this very return, in this very browser. `None` is one answer for every
/// reason: unknown, used, late, another browser, another provider.
pub fn expected(
    flow: &Flow,
    provider: Provider,
    state: &str,
    request: &Request,
    now: Timestamp,
) -> Option<Expected> {
    let own = request.cookie(COOKIE).is_some_and(|cookie| flow.is_browser(cookie));
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
    use shared::ids::{SlackUserId, Tenant};

    use super::*;

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
