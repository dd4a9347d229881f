//! What was heard: everything that the judging goes by.

use shared::{clock::Timestamp, routes::Urls};

use super::probe::Probe;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body, as text.
    pub body: String,
}

/// What was heard: an answer, or in words why there was none.
pub type Heard = Result<Answer, String>;

/// Everything that was heard.
#[derive(Debug, Clone)]
pub struct Examination {
    /// Where the bundle was asked.
    pub urls: Urls,
    /// What is wrong with the settings on this machine, if something is.
    pub settings: Option<String>,
    /// `GET /health` without a proof.
    pub health: Heard,
    /// This machine's time in the middle of that.
    pub asked_at: Timestamp,
    /// Slack's time, and this machine's at that moment. `None` if Slack cannot be reached.
    pub slack: Option<(Timestamp, Timestamp)>,
    /// The routes.
    pub routes: Vec<(Probe, Heard)>,
    /// Requests that are signed as Slack signs; else why they were not made.
    pub signed: Result<Signed, String>,
    /// `GET /health` with a proof; else why it was not asked.
    pub details: Result<Heard, String>,
    /// The test alert, if one was to be sent; else why it could not be.
    pub alert: Option<Result<Heard, String>>,
}

/// What the bundle answers to what Slack would send.
#[derive(Debug, Clone)]
pub struct Signed {
    /// What has to come back from `/event`.
    pub challenge: String,
    /// To `url_verification`.
    pub event: Heard,
    /// To `ssl_check`.
    pub command: Heard,
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};
    use url::Url;

    use super::{super::probe::PROBES, *};

    pub(in crate::doctor) const ORIGIN: &str = "https://belay.example.com";
    pub(in crate::doctor) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[expect(clippy::unnecessary_wraps, reason = "it stands where no answer could stand")]
    #[expect(clippy::needless_pass_by_value, reason = "texts and JSON alike")]
    pub(in crate::doctor) fn heard(status: u16, body: impl ToString) -> Heard {
        Ok(Answer { status, body: body.to_string() })
    }

    pub(in crate::doctor) fn urls() -> Urls {
        Urls::new(Url::parse(ORIGIN).unwrap())
    }

    /// What `/health` says of a bundle in order.
    pub(in crate::doctor) fn health() -> Value {
        json!({
            "status": "ok", "version": "0.1.0", "time": NOW.millis(), "url": ORIGIN,
            "checks": {"settings": "ok", "table": "ok", "schedule": "ok", "sentry": "ok"},
        })
    }

    /// The same, for who holds the key.
    pub(in crate::doctor) fn health_with_details() -> Value {
        let mut health = health();
        health["details"] = json!({
            "sentry": {"at": NOW.millis(), "reachable": true, "version": "25.9.0"},
            "workspaces": [{
                "tenant": "T0ACME0001", "name": "Acme", "status": "ACTIVE",
                "organizations": ["Acme Inc"], "missing_scopes": [],
            }],
            "overdue": 0,
        });
        health
    }

    /// A bundle in order, and everything known about it.
    pub(in crate::doctor) fn in_order() -> Examination {
        Examination {
            urls: urls(),
            settings: None,
            health: heard(200, health()),
            asked_at: NOW,
            slack: Some((NOW, NOW)),
            routes: PROBES.iter().map(|probe| (probe.clone(), heard(probe.wanted, ""))).collect(),
            signed: Ok(Signed {
                challenge: "c".into(),
                event: heard(200, json!({"challenge": "c"})),
                command: heard(200, ""),
            }),
            details: Ok(heard(200, health_with_details())),
            alert: None,
        }
    }
}
