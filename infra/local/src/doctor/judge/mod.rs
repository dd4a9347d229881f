//! What the answers mean. Pure: no clock, no network; every line of the report is decided here.

mod alert;
mod clock;
mod details;
mod health;
mod reach;
mod routes;
mod signed;
mod workspaces;

use shared::clock::Timestamp;

use self::reach::Reached;
use super::{
    examination::{Examination, Heard},
    finding::Finding,
};

/// Whether it is worth asking on, once `/health` has answered so.
pub(super) fn is_ours(health: &Heard) -> bool {
    matches!(reach::read(health), Reached::Belay(_) | Reached::Broken(_))
}

/// The bundle's time, as `/health` tells it.
pub(super) fn time(health: &Heard) -> Option<Timestamp> {
    match reach::read(health) {
        Reached::Belay(health) => Some(health.time),
        _ => None,
    }
}

/// The findings, in the order in which they are best dealt with.
pub fn judge(examined: &Examination) -> Vec<Finding> {
    let reached = reach::read(&examined.health);
    let mut findings = vec![reach::judge(&reached, &examined.health)];
    findings.extend(examined.settings.iter().map(|why| Finding::unknown("settings here", why)));
    match &reached {
        Reached::Belay(health) => {
            findings.extend(health::judge(health, &examined.urls));
            findings.extend(clock::judge(Some(health.time), examined.asked_at, examined.slack));
        }
        Reached::Broken(_) => {
            findings.extend(clock::judge(None, examined.asked_at, examined.slack));
        }
        Reached::Stranger(_) | Reached::Nobody => {
            findings.push(Finding::unknown("the rest", "not asked"));
            return findings;
        }
    }
    findings.extend(routes::judge(&examined.routes));
    findings.extend(signed::judge(&examined.signed));
    findings.extend(details::judge(&examined.details, &reached, &examined.urls));
    findings.extend(alert::judge(examined.alert.as_ref()));
    findings
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            examination::tests::{health, heard, in_order},
            finding::{State, is_well},
        },
        *,
    };

    #[test]
    fn a_bundle_in_order_is_well_and_nothing_is_unknown() {
        let findings = judge(&in_order());

        for finding in &findings {
            assert_eq!((finding.state, &finding.remedy), (State::Ok, &None), "{finding:?}");
        }
        assert!(findings.len() < 20, "one screen: {}", findings.len());
    }

    #[test]
    fn where_somebody_else_or_nobody_answers_nothing_more_is_said() {
        for health in [heard(200, "<html>Welcome</html>"), Err("cannot connect".to_owned())] {
            let findings = judge(&Examination { health, ..in_order() });

            let states: Vec<_> = findings.iter().map(|finding| finding.state).collect();
            assert_eq!(states, [State::Wrong, State::Unknown], "{findings:?}");
        }
    }

    #[test]
    fn where_only_health_is_broken_the_routes_are_looked_at() {
        let health = heard(500, r#"{"message":"Internal Server Error"}"#);

        let findings = judge(&Examination { health, ..in_order() });

        assert!(findings.iter().any(|finding| finding.check == "routes"), "{findings:?}");
        assert!(!is_well(&findings));
    }

    #[test]
    fn settings_that_cannot_be_read_here_are_no_fault_of_the_bundle() {
        let settings = Some("setting AWS_REGION is missing".to_owned());

        let findings = judge(&Examination { settings, ..in_order() });

        let here = findings.iter().find(|finding| finding.check == "settings here").unwrap();
        assert_eq!(here.state, State::Unknown);
        assert!(is_well(&findings));
    }

    #[test]
    fn whatever_is_wrong_has_a_remedy() {
        let mut wrong = health();
        wrong["url"] = "".into();
        wrong["time"] = 0.into();
        for check in ["settings", "table", "schedule", "sentry"] {
            wrong["checks"][check] = "failing".into();
        }
        let nothing = || heard(502, "");
        let mut examined = Examination { health: heard(503, wrong), ..in_order() };
        examined.routes.iter_mut().for_each(|(_, heard)| *heard = nothing());
        examined.details = Ok(nothing());

        let findings = judge(&examined);

        let wrong: Vec<_> = findings.iter().filter(|f| f.state == State::Wrong).collect();
        assert!(wrong.len() > 15, "{wrong:#?}");
        for finding in wrong {
            assert!(finding.remedy.is_some(), "{finding:?}");
        }
    }
}
