//! What only the holder of the key is told: Sentry's version, the workspaces, overdue jobs.

use shared::{
    clock::Timestamp,
    health::{Check, Details},
    routes::Urls,
};

use super::{
    reach::{self, Reached},
    workspaces,
};
use crate::doctor::{examination::Heard, finding::Finding};

pub(super) fn judge(
    details: &Result<Heard, String>,
    reached: &Reached,
    urls: &Urls,
) -> Vec<Finding> {
    let heard = match details {
        Ok(heard) => heard,
        Err(why) => {
            let found = format!("not asked, nor Sentry's version: {why}");
            return vec![Finding::unknown("workspaces", found)];
        }
    };
    match (reach::read(heard), reached) {
        (Reached::Belay(health), _) => match &health.details {
            Some(details) => told(details, health.time, urls),
            None if health.checks.table == Check::Ok => vec![Finding::wrong(
                "key",
                "the bundle does not know the MASTER_KEY that is given here",
                "take the one in the secret that FRONT_SECRET_ARN names",
            )],
            None => vec![Finding::unknown("workspaces", "cannot be read without the table")],
        },
        (_, Reached::Belay(_)) => vec![Finding::wrong(
            "workspaces",
            "/health does not answer when it is asked for the details",
            "the health function's log in CloudWatch says why",
        )],
        _ => vec![Finding::unknown("workspaces", "cannot be asked")],
    }
}

fn told(details: &Details, now: Timestamp, urls: &Urls) -> Vec<Finding> {
    let mut findings = Vec::new();
    let look = details.sentry.as_ref().filter(|look| look.reachable);
    if let Some(look) = look {
        let version = look.version.as_deref().unwrap_or("not told");
        findings.push(Finding::ok("version", format!("Sentry's is {version}")));
    }
    findings.extend(workspaces::judge(&details.workspaces, now, urls));
    findings.push(match details.overdue {
        0 => Finding::ok("jobs", "none is overdue"),
        overdue => Finding::wrong(
            "jobs",
            format!("{overdue} are overdue"),
            "perform does not carry them out: its log in CloudWatch says why, or its limit of \
             concurrent runs is reached",
        ),
    });
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::doctor::{
        examination::tests::{health, health_with_details, heard, urls},
        finding::State,
    };

    fn judged(health: &Value) -> Vec<Finding> {
        let anonymous = reach::read(&heard(200, self::health()));
        judge(&Ok(heard(200, health)), &anonymous, &urls())
    }

    #[test]
    fn the_holder_of_the_key_is_told_everything() {
        let findings = judged(&health_with_details());

        let found: Vec<_> = findings.iter().map(|finding| finding.found.as_str()).collect();
        assert_eq!(
            found,
            [
                "Sentry's is 25.9.0",
                "Acme (T0ACME0001): active, acts in Acme Inc",
                "none is overdue"
            ]
        );
    }

    #[test]
    fn without_the_key_it_is_one_line() {
        let reached = reach::read(&heard(200, health()));

        let findings = judge(&Err("give MASTER_KEY".into()), &reached, &urls());

        let found = "not asked, nor Sentry's version: give MASTER_KEY";
        assert_eq!(findings, [Finding::unknown("workspaces", found)]);
    }

    #[test]
    fn a_key_that_opens_nothing_is_the_wrong_one_unless_the_table_is_away() {
        let mut without_table = health();
        without_table["checks"]["table"] = json!("failing");

        assert_eq!(judged(&health())[0].state, State::Wrong);
        assert_eq!(judged(&without_table)[0].state, State::Unknown);
        assert_eq!(judged(&json!("<html>"))[0].state, State::Wrong);
    }

    #[test]
    fn overdue_jobs_are_counted() {
        let mut health = health_with_details();
        health["details"]["overdue"] = json!(3);

        let findings = judged(&health);

        assert_eq!(
            (findings[2].state, findings[2].found.as_str()),
            (State::Wrong, "3 are overdue")
        );
    }
}
