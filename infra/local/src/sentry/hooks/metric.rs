//! `metric_alert` webhooks: a metric has crossed a threshold, or come back.
//!
//! Source: docs.sentry.io/integrations/integration-platform/webhooks/metric-alerts. An incident begins
//! with the first alarm of a rule and ends with its `resolved`; its status is a number.

use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::super::Sentry;
use super::super::people::PROJECTS;
use super::super::time::iso8601;
use super::super::world::World;
use super::{AlertRule, Event, SignedHook};

/// The actions: name, the word in the title, the incident's status then.
const ACTIONS: &[(&str, &str, u8)] = &[
    ("open", "Open", 1),
    ("resolved", "Resolved", 2),
    ("warning", "Warning", 10),
    ("critical", "Critical", 20),
];

/// A time during which a metric was not as it should be.
#[derive(Clone)]
pub(super) struct Incident {
    organization: &'static str,
    rule: usize,
    started: Timestamp,
    closed: Option<Timestamp>,
}

impl Sentry {
    /// A metric alert rule of the organization, given by id or slug, becomes `critical`, `warning`,
    /// `resolved` or `open`, now. The webhook is not sent. There is none for another action, or for an
    /// organization that does not exist or has no integration.
    pub fn fire_metric_alert(
        &self,
        organization: &str,
        action: &str,
        rule: &AlertRule,
    ) -> Option<SignedHook> {
        let now = self.now();
        self.world().fire_metric_alert(organization, action, rule, now)
    }
}

impl World {
    fn fire_metric_alert(
        &mut self,
        organization: &str,
        action: &str,
        rule: &AlertRule,
        now: Timestamp,
    ) -> Option<SignedHook> {
        let (action, word, status) = ACTIONS.iter().find(|(name, ..)| *name == action)?;
        let organization = self.organizations.iter().find(|o| o.is(organization))?;
        self.hooks.integration(organization.slug)?;
        let rule_id = self.hooks.rule(&rule.title);
        let (number, incident) =
            self.hooks.incident(organization.id, rule_id, *action == "resolved", now);
        let (base, slug) = (&self.hooks.base, organization.slug);
        let data = json!({
            "metric_alert": incident.json(number, rule, *status),
            "description_title": format!("{word}: {}", rule.title),
            "description_text": "1000 events in the last 10 minutes\nFilter: level:error",
            "web_url": format!(
                "{base}/organizations/{slug}/alerts/rules/details/{rule_id}/?alert={number}"
            ),
        });
        let event = Event { action, data, by: None };
        Some(self.hooks.integration(slug)?.hook("metric_alert", &event, now))
    }
}

impl super::Hooks {
    /// The rule's open incident with its number, or a new one.
    fn incident(
        &mut self,
        organization: &'static str,
        rule: usize,
        ends: bool,
        now: Timestamp,
    ) -> (usize, Incident) {
        let is_open =
            |it: &Incident| (it.organization, it.rule, it.closed) == (organization, rule, None);
        let place = self.incidents.iter().position(is_open).unwrap_or_else(|| {
            self.incidents.push(Incident { organization, rule, started: now, closed: None });
            self.incidents.len() - 1
        });
        let mut incident = Incident { organization, rule, started: now, closed: None };
        if let Some(found) = self.incidents.get_mut(place) {
            found.closed = ends.then_some(now);
            incident = found.clone();
        }
        (place + 1, incident)
    }
}

impl Incident {
    fn json(&self, number: usize, rule: &AlertRule, status: u8) -> Value {
        let started = iso8601(self.started);
        let projects: Vec<_> = PROJECTS
            .iter()
            .filter(|project| project.organization == self.organization)
            .map(|project| project.slug)
            .collect();
        json!({
            "id": (1000 + number).to_string(),
            "identifier": number.to_string(),
            "title": rule.title,
            "organization_id": self.organization,
            "projects": projects,
            "alert_rule": self.rule(rule, &projects),
            "activities": null,
            "status": status,
            "status_method": 3,
            "type": 2,
            "date_started": started,
            "date_detected": started,
            "date_created": started,
            "date_closed": self.closed.map(iso8601),
        })
    }

    fn rule(&self, rule: &AlertRule, projects: &[&str]) -> Value {
        let id = self.rule.to_string();
        let started = iso8601(self.started);
        let settings = (!rule.settings.is_empty()).then(|| rule.settings());
        let action = json!({
            "id": "1",
            "alert_rule_trigger_id": "1",
            "type": "sentry_app",
            "target_type": "sentry_app",
            "target_identifier": "1",
            "input_channel_id": null,
            "integration_id": null,
            "sentry_app_id": 1,
            "date_created": started,
            "desc": format!("Send a notification via {}", super::NAME),
            "settings": settings,
        });
        let trigger = json!({
            "id": "1",
            "alert_rule_id": id,
            "label": "critical",
            "threshold_type": 0,
            "alert_threshold": 500.0,
            "resolve_threshold": null,
            "date_created": started,
            "actions": [action],
        });
        json!({
            "id": id,
            "name": rule.title,
            "organization_id": self.organization,
            "status": 0,
            "query": "level:error",
            "aggregate": "count()",
            "dataset": "events",
            "threshold_type": 0,
            "resolve_threshold": null,
            "time_window": 10,
            "environment": null,
            "resolution": 1,
            "threshold_period": 1,
            "triggers": [trigger],
            "projects": projects,
            "include_all_projects": false,
            "date_modified": started,
            "date_created": started,
            "created_by": null,
        })
    }
}
