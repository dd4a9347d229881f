//! `event_alert` webhooks: an alert rule of a project has fired on an event.
//!
//! Source: docs.sentry.io/integrations/integration-platform/webhooks/issue-alerts. `data.issue_alert`
//! is there only if the rule's action has settings, that is, if the integration offers a form for it.

use serde_json::{Map, Value, json};
use shared::clock::Timestamp;

use super::super::Sentry;
use super::super::issue::Issue;
use super::super::people::Organization;
use super::super::status_details::RELEASES;
use super::super::time::iso8601;
use super::super::world::World;
use super::{Event, SignedHook, number, signed::request_id};

/// Where the stand-in's projects run.
const ENVIRONMENT: &str = "production";

/// An alert rule with an action that tells the integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRule {
    /// What it is called.
    pub title: String,
    /// What was filled in for the action: name and value. None for an action without a form.
    pub settings: Vec<(String, String)>,
}

impl AlertRule {
    /// A rule without settings.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), settings: Vec::new() }
    }

    /// The same rule with one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The settings in Sentry's form.
    pub(super) fn settings(&self) -> Value {
        let pair = |(name, value): &(String, String)| json!({ "name": name, "value": value });
        self.settings.iter().map(pair).collect()
    }
}

impl Sentry {
    /// One more event of the issue comes in, now, and the rule fires on it. The webhook is not sent.
    /// Nothing happens, and there is none, for an issue that does not exist, or whose organization has
    /// no integration.
    pub fn fire_alert(&self, issue_id: &str, rule: &AlertRule) -> Option<SignedHook> {
        let now = self.now();
        self.world().fire_alert(issue_id, rule, now)
    }
}

impl World {
    fn fire_alert(
        &mut self,
        issue_id: &str,
        rule: &AlertRule,
        now: Timestamp,
    ) -> Option<SignedHook> {
        let issue = self.issues.iter_mut().find(|candidate| candidate.id == issue_id)?;
        let organization = issue.organization(&self.organizations)?;
        self.hooks.integration(organization.slug)?;
        issue.count += 1;
        issue.last_seen = now;
        let rule_id = self.hooks.rule(&rule.title);
        let release = RELEASES.last().filter(|_| self.has_releases).copied();
        let event = Happening { issue, organization, release, now };
        let mut data = Map::from_iter([
            ("event".to_owned(), event.json(&self.hooks.base, self.hooks.older)),
            ("triggered_rule".to_owned(), json!(rule.title)),
        ]);
        if !rule.settings.is_empty() {
            let alert = json!({
                "id": rule_id,
                "title": rule.title,
                "sentry_app_id": 1,
                "settings": rule.settings(),
            });
            data.insert("issue_alert".to_owned(), alert);
        }
        let event = Event { action: "triggered", data: data.into(), by: None };
        Some(self.hooks.integration(organization.slug)?.hook("event_alert", &event, now))
    }
}

/// An event of an issue.
struct Happening<'a> {
    issue: &'a Issue,
    organization: &'a Organization,
    release: Option<&'static str>,
    now: Timestamp,
}

impl Happening<'_> {
    fn json(&self, base: &str, older: bool) -> Value {
        let Self { issue, organization: Organization { slug, .. }, release, now } = self;
        let (id, project, event_id) = (&issue.id, issue.project, request_id());
        let api = format!("{base}/api/0");
        let issue_url = if older {
            format!("{api}/issues/{id}/")
        } else {
            format!("{api}/organizations/{slug}/issues/{id}/")
        };
        json!({
            "event_id": event_id,
            "issue_id": id,
            "issue_url": issue_url,
            "url": format!("{api}/projects/{slug}/{}/events/{event_id}/", project.slug),
            "web_url": format!("{base}/organizations/{slug}/issues/{id}/events/{event_id}/"),
            "project": number(project.id),
            "title": issue.headline.title,
            "type": issue.headline.kind,
            "metadata": issue.headline.metadata,
            "message": if issue.headline.kind == "error" { "" } else { &issue.headline.title },
            "exception": self.exception(),
            "culprit": issue.culprit,
            "location": null,
            "level": "error",
            "logger": "",
            "platform": "python",
            "environment": ENVIRONMENT,
            "release": release,
            "dist": null,
            "tags": self.tags(),
            "contexts": { "runtime": { "name": "CPython", "type": "runtime", "version": "3.13.1" } },
            "user": { "ip_address": "192.0.2.7" },
            "sdk": { "name": "sentry.python", "version": "2.20.0" },
            "fingerprint": ["{{ default }}"],
            "datetime": iso8601(*now),
            "timestamp": now.secs(),
            "received": now.secs(),
            "time_spent": null,
            "version": "7",
        })
    }

    /// Sorted by name, as Sentry keeps them.
    fn tags(&self) -> Vec<[&str; 2]> {
        let mut tags = vec![["environment", ENVIRONMENT], ["handled", "no"], ["level", "error"]];
        tags.extend(self.release.map(|release| ["release", release]));
        tags.push(["server_name", "worker-1"]);
        tags
    }

    fn exception(&self) -> Option<Value> {
        let headline = &self.issue.headline;
        let (module, function) = self.issue.culprit.split_once('.')?;
        let frame = json!({
            "filename": format!("{module}.py"),
            "module": module,
            "function": function,
            "lineno": 42,
            "colno": null,
            "in_app": true,
        });
        let value = json!({
            "type": headline.metadata.get("type"),
            "value": headline.metadata.get("value"),
            "mechanism": { "type": "generic", "handled": false },
            "stacktrace": { "frames": [frame] },
        });
        (headline.kind == "error").then(|| json!({ "values": [value] }))
    }
}
