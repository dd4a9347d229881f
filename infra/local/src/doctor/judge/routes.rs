//! The routes as Slack and browsers see them.

use serde_json::Value;

use crate::doctor::{
    examination::{Answer, Heard},
    finding::Finding,
    probe::Probe,
};

/// One line for all that answer as they should, and one for each that does not.
pub(super) fn judge(routes: &[(Probe, Heard)]) -> Vec<Finding> {
    let wrong: Vec<_> = routes.iter().filter_map(|(probe, heard)| fault(probe, heard)).collect();
    let right = routes.len() - wrong.len();
    let all = if wrong.is_empty() { "all" } else { "the other" };
    let well = (right > 0).then(|| {
        Finding::ok("routes", format!("{all} {right} answer as Slack and browsers expect"))
    });
    wrong.into_iter().chain(well).collect()
}

fn fault(probe: &Probe, heard: &Heard) -> Option<Finding> {
    let Probe { method, path, wanted } = probe;
    let (found, remedy) = match heard {
        Err(why) => (why.clone(), "the function takes too long or the way there is broken"),
        Ok(answer) if is_the_gateways(answer) => (
            format!("{method} {path} leads nowhere"),
            "the API has no such route: deploy this version's template",
        ),
        Ok(Answer { status, .. }) if status == wanted => return None,
        Ok(Answer { status, .. }) => {
            (format!("{method} {path} gives {status}, not {wanted}"), meaning(*status))
        }
    };
    Some(Finding::wrong(path, found, remedy))
}

fn meaning(status: u16) -> &'static str {
    match status {
        500.. => "the function fails or does not start: its log in CloudWatch says why",
        300..400 => "something before the API redirects: Slack does not follow that",
        403 | 429 => "something before the API, a firewall perhaps, turns requests away",
        _ => "something before the API changes requests, or another version is deployed",
    }
}

/// API Gateway's own answer where it has no route: a status that a function may give as well.
fn is_the_gateways(answer: &Answer) -> bool {
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    answer.status == 404
        && body.is_some_and(|body| body.get("message") == Some(&"Not Found".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{
        examination::tests::{heard, in_order},
        finding::State,
    };

    fn judged(path: &str, answer: Heard) -> Vec<Finding> {
        let mut routes = in_order().routes;
        let route = routes.iter_mut().find(|(probe, _)| probe.path == path).unwrap();
        route.1 = answer;
        judge(&routes)
    }

    #[test]
    fn routes_in_order_are_one_line() {
        let findings = judge(&in_order().routes);

        assert_eq!(findings, [Finding::ok("routes", "all 13 answer as Slack and browsers expect")]);
    }

    #[test]
    fn one_that_is_not_is_named_with_what_was_seen() {
        for (path, status, found) in [
            ("/action", 200, "POST /action gives 200, not 401"),
            ("/event", 502, "POST /event gives 502, not 401"),
            ("/install", 500, "GET /install gives 500, not 200"),
            ("/sign-in/slack", 302, "GET /sign-in/slack gives 302, not 400"),
            ("/link-identity/x", 403, "GET /link-identity/x gives 403, not 404"),
        ] {
            let findings = judged(path, heard(status, ""));

            let [wrong, rest] = findings.as_slice() else { panic!("{findings:?}") };
            assert_eq!((wrong.state, wrong.found.as_str()), (State::Wrong, found));
            assert_eq!(rest.found, "the other 12 answer as Slack and browsers expect");
        }
    }

    #[test]
    fn the_gateways_own_404_is_not_the_pages() {
        let findings = judged("/link-identity/x", heard(404, r#"{"message":"Not Found"}"#));

        assert_eq!(findings[0].found, "GET /link-identity/x leads nowhere");
    }

    #[test]
    fn no_answer_is_wrong_as_well() {
        let findings = judged("/options", Err("no answer within 5 s".to_owned()));

        assert_eq!((findings[0].check.as_str(), findings[0].state), ("/options", State::Wrong));
    }
}
