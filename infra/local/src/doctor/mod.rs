//! `cargo dev doctor`: what is wrong with a deployment, and what to do about it, on one screen.
//!
//! ```text
//! GET /health              what the bundle says of itself; with a proof by MASTER_KEY, the details
//! every other route        once, as a stranger: the statuses that Slack and browsers would see
//! POST /event, /command    signed as Slack signs, if SLACK_SIGNING_SECRET is known
//! POST /alert              only if asked for: a test alert, signed as Sentry signs
//! HEAD to Slack            its Date: is this machine's clock right?
//! ```
//! Asking and judging ([`judge`](judge())) are apart: what an answer means is decided
//! without a network.

mod ask;
mod examination;
mod finding;
mod judge;
mod probe;

use std::path::PathBuf;

use shared::{clock::Clock, config::Settings, routes::Urls};
use url::Url;

use self::ask::Doctor;
pub use self::{
    examination::{Answer, Examination, Heard, Signed},
    finding::{Finding, State},
    judge::judge,
    probe::{PROBES, Probe},
};
use crate::deployment::{self, DeploymentError};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where the bundle answers.
    pub url: Url,
    /// The file of settings, instead of the environment.
    pub environment: Option<PathBuf>,
    /// The organization to send a test alert of.
    pub alert: Option<String>,
    /// Whether the report is for a program.
    pub json: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Report {
    origin: String,
    findings: Vec<Finding>,
}

/// Examines the deployment. Settings that are not there mean fewer questions; a file that is not
/// there is an error.
pub async fn examine(wanted: &Wanted, clock: impl Clock) -> Result<Report, DeploymentError> {
    let (settings, trouble) = match deployment::settings(wanted.environment.as_deref()).await {
        Ok(settings) => (settings, None),
        Err(DeploymentError::Setting(why)) => {
            (Settings::from_afar(Some(Vec::new())).await?, Some(why.to_string()))
        }
        Err(error) => return Err(error),
    };
    let urls = Urls::new(wanted.url.clone());
    let origin = urls.origin();
    let alert = wanted.alert.clone();
    let doctor = Doctor { urls, settings: &settings, trouble, alert, clock };
    Ok(Report { origin, findings: judge(&doctor.examine().await) })
}

impl Report {
    /// What was found.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether nothing is wrong.
    pub fn is_well(&self) -> bool {
        finding::is_well(&self.findings)
    }

    /// The report for a person.
    pub fn text(&self, colours: bool) -> String {
        finding::text(&self.origin, &self.findings, colours)
    }

    /// The report for a program.
    pub fn json(&self) -> String {
        finding::json(&self.origin, &self.findings)
    }
}
