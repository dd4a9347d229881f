//! Whether what Slack signs would be believed.

use serde_json::Value;

use crate::doctor::{
    examination::{Answer, Heard, Signed},
    finding::Finding,
};

const NOT_THE_SAME: &str = "SLACK_SIGNING_SECRET here and in the bundle differ: both must be the \
                            Slack app's (Basic Information, Signing Secret)";

pub(super) fn judge(signed: &Result<Signed, String>) -> Vec<Finding> {
    match signed {
        Ok(signed) => vec![event(&signed.event, &signed.challenge), command(&signed.command)],
        Err(why) => vec![Finding::unknown("signatures", format!("not tried: {why}"))],
    }
}

fn event(heard: &Heard, challenge: &str) -> Finding {
    match heard {
        Ok(Answer { status: 200, body }) if echoes(body, challenge) => {
            Finding::ok("Events URL", "Slack will be able to verify it")
        }
        Ok(Answer { status: 200, .. }) => Finding::wrong(
            "Events URL",
            "the challenge does not come back",
            "another version is deployed, or something before the API changes the answer",
        ),
        other => refused("Events URL", other),
    }
}

fn command(heard: &Heard) -> Finding {
    match heard {
        Ok(Answer { status: 200, .. }) => {
            Finding::ok("command URL", "Slack will be able to check it")
        }
        other => refused("command URL", other),
    }
}

fn refused(check: &str, heard: &Heard) -> Finding {
    match heard {
        Ok(Answer { status: 401, .. }) => {
            Finding::wrong(check, "the signature is refused", NOT_THE_SAME)
        }
        Ok(Answer { status, .. }) => Finding::wrong(
            check,
            format!("a signed request gives {status}, not 200"),
            "the function's log in CloudWatch says why",
        ),
        Err(why) => Finding::wrong(check, why, "Slack waits for three seconds"),
    }
}

fn echoes(body: &str, challenge: &str) -> bool {
    let body: Option<Value> = serde_json::from_str(body).ok();
    body.is_some_and(|body| body.get("challenge") == Some(&challenge.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{
        examination::tests::{heard, in_order},
        finding::State,
    };

    fn judged(event: Heard, command: Heard) -> [Finding; 2] {
        let signed = Signed { event, command, ..in_order().signed.unwrap() };
        judge(&Ok(signed)).try_into().unwrap()
    }

    #[test]
    fn a_refused_signature_means_that_the_secrets_differ() {
        for finding in judged(heard(401, ""), heard(401, "")) {
            assert_eq!(finding.state, State::Wrong);
            assert!(finding.remedy.unwrap().contains("SLACK_SIGNING_SECRET"));
        }
    }

    #[test]
    fn only_the_challenge_itself_verifies_the_address() {
        for body in [r#"{"challenge":"d"}"#, "<html>c</html>", "", "{}"] {
            let [event, command] = judged(heard(200, body), heard(200, ""));

            assert_eq!(event.found, "the challenge does not come back", "{body}");
            assert_eq!(command.state, State::Ok);
        }
    }

    #[test]
    fn any_other_answer_is_told() {
        let [event, command] = judged(heard(503, ""), Err("no answer within 5 s".into()));

        assert_eq!(event.found, "a signed request gives 503, not 200");
        assert_eq!((command.state, command.found.as_str()), (State::Wrong, "no answer within 5 s"));
    }

    #[test]
    fn without_the_secret_nothing_is_tried() {
        let findings = judge(&Err("give SLACK_SIGNING_SECRET".to_owned()));

        let found = "not tried: give SLACK_SIGNING_SECRET";
        assert_eq!(findings, [Finding::unknown("signatures", found)]);
    }
}
