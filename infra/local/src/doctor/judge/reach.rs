//! Whether anybody answers, and whether that is Belay.

use shared::health::Health;

use crate::doctor::{
    examination::{Answer, Heard},
    finding::Finding,
};

/// Who answers `/health`.
#[derive(Debug)]
pub(in crate::doctor) enum Reached {
    /// Belay.
    Belay(Box<Health>),
    /// A server that fails with this status: Belay perhaps.
    Broken(u16),
    /// Something else, with this status.
    Stranger(u16),
    /// Nobody.
    Nobody,
}

pub(in crate::doctor) fn read(heard: &Heard) -> Reached {
    match heard {
        Ok(Answer { status, body }) => match serde_json::from_str(body) {
            Ok(health) => Reached::Belay(health),
            Err(_) if *status >= 500 => Reached::Broken(*status),
            Err(_) => Reached::Stranger(*status),
        },
        Err(_) => Reached::Nobody,
    }
}

pub(super) fn judge(reached: &Reached, heard: &Heard) -> Finding {
    let wrong = |found: &str, remedy: &str| Finding::wrong("reach", found, remedy);
    match (reached, heard) {
        (Reached::Belay(health), _) => {
            Finding::ok("reach", format!("Belay {} answers", health.version))
        }
        (Reached::Broken(status), _) => wrong(
            &format!("/health fails with {status}"),
            "the health function's log in CloudWatch says why, if it is Belay's",
        ),
        (Reached::Stranger(status), _) => wrong(
            &format!("something else answers there ({status})"),
            "is it the stack's ApiUrl, or your own domain that leads to it? \
             An older Belay has no /health: deploy this one",
        ),
        (Reached::Nobody, Err(why)) => {
            wrong(why, "is the address right, and can this machine reach it?")
        }
        (Reached::Nobody, Ok(_)) => wrong("nobody answers", "is the address right?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{
        examination::tests::{health, heard},
        finding::State,
    };

    fn judged(heard: &Heard) -> Finding {
        judge(&read(heard), heard)
    }

    #[test]
    fn belay_answers_with_its_version_also_when_something_is_failing() {
        for status in [200, 503] {
            let finding = judged(&heard(status, health()));

            assert_eq!(finding, Finding::ok("reach", "Belay 0.1.0 answers"));
        }
    }

    #[test]
    fn whoever_does_not_speak_as_belay_does_is_somebody_else() {
        for body in ["<html>Welcome to nginx!</html>", "", "{}", "[]", r#"{"message":"Not Found"}"#]
        {
            let finding = judged(&heard(404, body));

            assert_eq!(finding.state, State::Wrong, "{body}");
            assert_eq!(finding.found, "something else answers there (404)");
        }
    }

    #[test]
    fn who_fails_may_be_belay() {
        let finding = judged(&heard(500, r#"{"message":"Internal Server Error"}"#));

        assert_eq!(finding.found, "/health fails with 500");
    }

    #[test]
    fn where_nobody_answers_it_is_said_why() {
        let finding = judged(&Err("no answer within 5 s".to_owned()));

        assert_eq!((finding.state, finding.found.as_str()), (State::Wrong, "no answer within 5 s"));
    }
}
