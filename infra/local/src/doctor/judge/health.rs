//! What the bundle says of itself.

use shared::{
    health::{Check, Health},
    routes::Urls,
};

use crate::doctor::finding::Finding;

pub(super) fn judge(health: &Health, urls: &Urls) -> Vec<Finding> {
    vec![
        address(health, urls),
        settings(health),
        finding(
            "table",
            health.checks.table,
            "answers",
            "does not answer",
            "TABLE_NAME and AWS_REGION must be the stack's, and the function's policy name the table",
        ),
        finding(
            "schedule",
            health.checks.schedule,
            "runs",
            "perform has not run for a quarter of an hour",
            "is its schedule in EventBridge on? Its log in CloudWatch says whether it fails",
        ),
        finding(
            "Sentry",
            health.checks.sentry,
            "answers",
            "perform does not reach it",
            "SENTRY_URL must be right; a private Sentry may need SENTRY_CA_PEM, SENTRY_HEADERS, or \
             perform in its network",
        ),
    ]
}

fn finding(check: &str, state: Check, well: &str, wrong: &str, remedy: &str) -> Finding {
    match state {
        Check::Ok => Finding::ok(check, well),
        Check::Failing => Finding::wrong(check, wrong, remedy),
        // After the first start, and while what it is judged by fails itself.
        Check::Unknown => {
            Finding::unknown(check, "perform has said nothing yet: ask again in five minutes")
        }
    }
}

/// Links and redirect URLs are made of the address that the bundle believes to have.
fn address(health: &Health, urls: &Urls) -> Finding {
    let asked = urls.origin();
    if health.url == asked {
        return Finding::ok("address", format!("PUBLIC_URL is {asked}"));
    }
    let remedy = format!(
        "deploy with the parameter PublicUrl (PUBLIC_URL) {asked}, or ask at the other address: \
         every link and redirect URL begins with it"
    );
    match health.url.as_str() {
        "" => Finding::wrong("address", "PUBLIC_URL is not usable", remedy),
        other => Finding::wrong("address", format!("PUBLIC_URL is {other}"), remedy),
    }
}

fn settings(health: &Health) -> Finding {
    match (health.checks.settings, health.settings.as_slice()) {
        (Check::Failing, wrong) => Finding::wrong(
            "settings",
            if wrong.is_empty() { "not complete".to_owned() } else { wrong.join("; ") },
            "set it by the stack's parameters, or in the secret it belongs to; \
             shared/src/config.rs lists all",
        ),
        (Check::Ok, _) => Finding::ok("settings", "complete"),
        (Check::Unknown, _) => Finding::unknown("settings", "not looked at"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::doctor::{
        examination::tests::{ORIGIN, health, urls},
        finding::State,
    };

    fn judged(edit: impl FnOnce(&mut Value)) -> Vec<Finding> {
        let mut health = health();
        edit(&mut health);
        judge(&serde_json::from_value(health).unwrap(), &urls())
    }

    fn of(findings: &[Finding], check: &str) -> Finding {
        findings.iter().find(|finding| finding.check == check).unwrap().clone()
    }

    #[test]
    fn each_check_is_a_line_of_its_own() {
        for (check, name) in [("table", "table"), ("schedule", "schedule"), ("sentry", "Sentry")] {
            for (said, state) in
                [("ok", State::Ok), ("failing", State::Wrong), ("unknown", State::Unknown)]
            {
                let findings = judged(|health| health["checks"][check] = said.into());

                assert_eq!(of(&findings, name).state, state, "{check}: {said}");
                let wrong = findings.iter().filter(|f| f.state == State::Wrong).count();
                assert_eq!(wrong, usize::from(state == State::Wrong), "{check}: {said}");
            }
        }
    }

    #[test]
    fn an_address_of_its_own_is_told_with_the_setting_that_it_comes_from() {
        for (url, found) in [
            ("https://api.example.com", "PUBLIC_URL is https://api.example.com"),
            ("", "PUBLIC_URL is not usable"),
        ] {
            let finding = of(&judged(|health| health["url"] = url.into()), "address");

            assert_eq!((finding.state, finding.found.as_str()), (State::Wrong, found));
            assert!(finding.remedy.unwrap().contains(ORIGIN), "{url}");
        }
    }

    #[test]
    fn settings_are_named() {
        let findings = judged(|health| {
            health["checks"]["settings"] = "failing".into();
            health["settings"] = vec!["setting MASTER_KEY is missing", "b"].into();
        });

        let finding = of(&findings, "settings");
        assert_eq!(finding.found, "setting MASTER_KEY is missing; b");
        assert_eq!(finding.state, State::Wrong);
    }
}
