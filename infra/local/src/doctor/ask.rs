//! Asks a deployment, over the network, all that the judging goes by.

use std::{error::Error, time::Duration};

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use reqwest::{Client, RequestBuilder, header};
use serde_json::json;
use shared::{
    clock::{Clock, Timestamp},
    config::{ConfigError, Settings},
    health::{HealthClaims, PROOF_LIFE},
    routes::Urls,
    signing::{
        link::{Purpose, Signer},
        request::{RequestVerifier, SIGNATURE, TIMESTAMP},
        webhook::HOOK_SIGNATURE,
    },
    transport::capped_body,
};

use super::{
    examination::{Answer, Examination, Heard, Signed},
    judge,
    probe::{PROBES, Probe},
};
use crate::random;

/// How long one answer may take: a cold start, and a long way.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than any answer that is read.
const MAX_ANSWER: usize = 256 * 1024;

/// Who asks.
pub(super) struct Doctor<'a, C> {
    pub(super) urls: Urls,
    pub(super) settings: &'a Settings,
    /// What is wrong with the settings, if something is.
    pub(super) trouble: Option<String>,
    /// The organization to send a test alert of.
    pub(super) alert: Option<String>,
    pub(super) clock: C,
}

impl<C: Clock> Doctor<'_, C> {
    /// Everything, or what `/health` says alone if that is not Belay's.
    pub(super) async fn examine(&self) -> Examination {
        let before = self.clock.now();
        let health = heard(self.http().get(self.urls.health())).await;
        let asked_at = middle(before, self.clock.now());
        let mut examination = Examination {
            urls: self.urls.clone(),
            settings: self.trouble.clone(),
            health,
            asked_at,
            slack: None,
            routes: Vec::new(),
            signed: Err(String::new()),
            details: Err(String::new()),
            alert: None,
        };
        if judge::is_ours(&examination.health) {
            // The bundle's own time, so that a clock that is off does not look like a wrong secret.
            let time = judge::time(&examination.health).unwrap_or(asked_at);
            let asked = tokio::join!(
                self.slacks_time(),
                self.routes(),
                self.signed(time),
                self.details(time)
            );
            (examination.slack, examination.routes, examination.signed, examination.details) =
                asked;
            if let Some(organization) = &self.alert {
                examination.alert = Some(self.test_alert(organization, time).await);
            }
        }
        examination
    }

    fn http(&self) -> &Client {
        self.settings.http()
    }

    /// Slack's time and this machine's.
    async fn slacks_time(&self) -> Option<(Timestamp, Timestamp)> {
        let before = self.clock.now();
        let request = self.http().head(self.settings.slack_url().ok()?).timeout(PATIENCE);
        let response = request.send().await.ok()?;
        let here = middle(before, self.clock.now());
        let date = response.headers().get(header::DATE)?.to_str().ok()?;
        Some((http_date(date)?, here))
    }

    async fn routes(&self) -> Vec<(Probe, Heard)> {
        let asked = PROBES.clone().map(|probe| {
            let request = self.http().request(probe.method.clone(), self.at(probe.path));
            (probe, tokio::spawn(heard(request)))
        });
        let mut answers = Vec::with_capacity(asked.len());
        for (probe, answer) in asked {
            let answer = answer.await.unwrap_or_else(|_| Err("not asked".to_owned()));
            answers.push((probe, answer));
        }
        answers
    }

    async fn signed(&self, time: Timestamp) -> Result<Signed, String> {
        let verifier = self.settings.request_verifier().map_err(|error| unset(&error))?;
        let challenge = random::hex(16);
        let event = json!({"type": "url_verification", "challenge": challenge}).to_string();
        let event = self.request(&verifier, self.urls.event(), "application/json", event, time);
        let form = "application/x-www-form-urlencoded";
        let command = "ssl_check=1".to_owned();
        let command = self.request(&verifier, self.urls.command(), form, command, time);
        let (event, command) = tokio::join!(heard(event), heard(command));
        Ok(Signed { challenge, event, command })
    }

    fn request(
        &self,
        verifier: &RequestVerifier,
        url: String,
        content_type: &str,
        body: String,
        time: Timestamp,
    ) -> RequestBuilder {
        let signature = verifier.sign(time.secs(), body.as_bytes()).unwrap_or_default();
        self.http()
            .post(url)
            .header(header::CONTENT_TYPE, content_type)
            .header(TIMESTAMP, time.secs().to_string())
            .header(SIGNATURE, signature)
            .body(body)
    }

    async fn details(&self, time: Timestamp) -> Result<Heard, String> {
        let signer = self.settings.signer().map_err(|error| unset(&error))?;
        let proof = proof(&signer, time).ok_or("the proof cannot be signed")?;
        Ok(heard(self.http().get(self.urls.health()).bearer_auth(proof)).await)
    }

    /// What Sentry would send for a metric alert of this organization, without a channel.
    async fn test_alert(&self, organization: &str, time: Timestamp) -> Result<Heard, String> {
        let verifier = self.settings.hook_verifier().map_err(|error| unset(&error))?;
        let body = json!({
            "action": "warning",
            "data": {
                "metric_alert": {"id": time.millis().to_string()},
                "description_title": "Test alert",
                "description_text": "Sent by `cargo dev doctor`. Alerts of this organization arrive.",
            },
        });
        let body = body.to_string();
        let signature = verifier
            .sign(organization, body.as_bytes())
            .ok_or_else(|| format!("SENTRY_HOOKS has no secret of {organization}"))?;
        let request = self
            .http()
            .post(self.urls.alert())
            .header(header::CONTENT_TYPE, "application/json")
            .header(HOOK_SIGNATURE, signature)
            .header("sentry-hook-timestamp", time.secs().to_string())
            .header("request-id", random::hex(16));
        Ok(heard(request.body(body)).await)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.urls.origin())
    }
}

fn proof(signer: &Signer, time: Timestamp) -> Option<String> {
    signer.sign(Purpose::Health, &HealthClaims { expires: time.plus(PROOF_LIFE) })
}

/// What is missing to ask more.
fn unset(error: &ConfigError) -> String {
    match error {
        ConfigError::Missing(name) => format!("give {name}, or --env FILE"),
        other => other.to_string(),
    }
}

async fn heard(request: RequestBuilder) -> Heard {
    let response = request.timeout(PATIENCE).send().await.map_err(|error| silence(&error))?;
    let status = response.status().as_u16();
    let body = capped_body(response, MAX_ANSWER).await.ok_or("the answer breaks off")?;
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Why there is no answer: the innermost cause says it best.
fn silence(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    format!("no answer: {cause}")
}

fn middle(before: Timestamp, after: Timestamp) -> Timestamp {
    before.plus(after.since(before) / 2)
}

/// RFC 9110: `Tue, 14 Nov 2023 22:13:20 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(text, DateTimeFormat::HttpDate).ok()?;
    Some(Timestamp::from_secs(date.secs()))
}

#[cfg(test)]
mod tests {
    use shared::{clock::ManualClock, secret::Secret};
    use url::Url;

    use super::*;
    use crate::server::{self, Server};

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn slacks_date_is_read_and_nonsense_is_not() {
        assert_eq!(http_date("Tue, 14 Nov 2023 22:13:20 GMT"), Some(NOW));
        assert_eq!(http_date("yesterday"), None);
    }

    #[test]
    fn the_proof_is_the_one_that_the_bundle_opens() {
        let signer = Signer::new(vec![Secret::new("k".repeat(32))]);

        let proof = proof(&signer, NOW).unwrap();

        assert!(signer.open::<HealthClaims>(Purpose::Health, &proof, NOW).is_ok());
    }

    #[tokio::test]
    async fn what_does_not_answer_is_told_without_its_address() {
        let http = shared::transport::client(None).unwrap();

        let why = heard(http.get("http://127.0.0.1:9/health?secret")).await.unwrap_err();

        assert!(why.starts_with("no answer: ") && !why.contains("secret"), "{why}");
    }

    #[tokio::test]
    async fn where_belay_is_not_only_its_health_is_asked() {
        let place = server::listen(0).await.unwrap();
        let url = Url::parse(&server::origin(&place).unwrap()).unwrap();
        let _server = Server::start(place, axum::Router::new());
        let settings = Settings::from_afar(Some(Vec::new())).await.unwrap();
        let (urls, clock) = (Urls::new(url), ManualClock::at(NOW));

        let doctor = Doctor { urls, settings: &settings, trouble: None, alert: None, clock };
        let examination = doctor.examine().await;

        assert_eq!(examination.health, Ok(Answer { status: 404, body: String::new() }));
        assert!(examination.routes.is_empty() && examination.signed.is_err());
    }
}
