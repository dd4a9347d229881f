//! What Sentry tells by itself, and how it becomes [`News`].
//!
//! ```text
//! POST, application/json, from an internal integration
//! (docs.sentry.io/organization/integrations/integration-platform/webhooks):
//!   {"action": "triggered", "data": {"event": {…}, "triggered_rule": "…", "issue_alert": {…}}}
//!   {"action": "resolved" | "unresolved" | "archived" | "assigned" | …, "data": {"issue": {…}}, "actor": {…}}
//!   {"action": "critical" | "open" | "warning" | "resolved", "data": {"metric_alert": {…}, "description_title": "…", …}}
//! ```
//! `Sentry-Hook-Resource` names the same three, but is not signed, so what a body is about is read
//! from the body. `Sentry-Hook-Timestamp` (seconds) is not signed either and only decides which of two
//! states is the newer.

use serde::Deserialize;
use serde_json::Value;

use super::{
    issue::{Issue, Project},
    lenient,
};
use crate::{
    ids::{ChannelId, IssueId, Tenant},
    messages::{self, Became},
    post::{IssueCard, MetricCard, Severity, Subject},
    signing::{request::Verified, webhook::Hook},
    slack::message::escaped,
};

/// A tag's value longer than this is cut.
const MAX_TAG: usize = 80;

/// More of a title than is ever shown.
const MAX_TEXT: usize = 500;

/// What Sentry tells.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// An alert rule fired.
    Alert {
        /// What about.
        subject: Subject,
        /// What is to be shown.
        card: Box<IssueCard>,
        /// Where the rule wants it.
        channel: Option<Destination>,
    },
    /// An issue is otherwise now.
    Changed {
        /// What about.
        subject: Subject,
        /// The issue.
        issue: Box<Issue>,
        /// What was done, in mrkdwn.
        result: String,
    },
    /// A metric alert fired, changed or is over.
    Metric {
        /// What about.
        subject: Subject,
        /// What is to be shown.
        card: MetricCard,
        /// Where the rule wants it; nowhere in particular if empty.
        channels: Vec<Destination>,
    },
    /// Nothing that anybody in Slack is told.
    Nothing,
}

/// Where an alert rule wants its messages: `T0ACME0001:C0ALERTS01`, or a channel alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// In which workspace.
    pub tenant: Option<Tenant>,
    /// In which channel.
    pub channel: ChannelId,
}

/// A signed body that is not what Sentry documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not a JSON object.
    #[error("webhook is no JSON object")]
    Json,
    /// A field that it always has is missing or malformed.
    #[error("webhook lacks {0}")]
    Missing(&'static str),
}

/// Understands a body that Sentry has signed. An empty one, which Sentry sends too, and resources
/// that are not ours say nothing.
pub fn parse(hook: &Verified<Hook>) -> Result<News, WebhookError> {
    let body = &hook.get().body;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(News::Nothing);
    }
    // What is derived for `Body` would take a list of its values, too.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(WebhookError::Json);
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| WebhookError::Json)?;
    let Body { action, data, actor } = body;
    if let Some(event) = data.event {
        return match action.as_str() {
            "triggered" => alert(&event, data.triggered_rule, data.issue_alert.as_ref()),
            _ => Ok(News::Nothing),
        };
    }
    if let Some(metric) = data.metric_alert {
        let words = (data.description_title, data.description_text, data.web_url);
        return match severity(&action) {
            Some(severity) => metric_alert((&action, severity), &metric, words),
            None => Ok(News::Nothing),
        };
    }
    match data.issue {
        Some(issue) => changed(&action, issue, actor),
        None => Ok(News::Nothing),
    }
}

impl Destination {
    /// Reads the text that a rule's settings hold.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('#');
        let (tenant, channel) = match text.split_once(':') {
            Some((tenant, channel)) => (Some(Tenant::parse(tenant).ok()?), channel),
            None => (None, text),
        };
        Some(Self { tenant, channel: ChannelId::parse(channel).ok()? })
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    action: String,
    #[serde(default)]
    data: Data,
    #[serde(default)]
    actor: Option<Actor>,
}

#[derive(Deserialize, Default)]
struct Data {
    event: Option<Event>,
    triggered_rule: Option<String>,
    issue_alert: Option<IssueAlert>,
    issue: Option<Value>,
    metric_alert: Option<Metric>,
    description_title: Option<String>,
    description_text: Option<String>,
    web_url: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    kind: String,
    #[serde(default, deserialize_with = "lenient::text")]
    name: String,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default, deserialize_with = "lenient::text")]
    issue_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    title: String,
    #[serde(default, deserialize_with = "lenient::text")]
    culprit: String,
    #[serde(default, deserialize_with = "lenient::text")]
    level: String,
    #[serde(default, deserialize_with = "lenient::text")]
    project: String,
    #[serde(default, deserialize_with = "lenient::text")]
    web_url: String,
    #[serde(default, deserialize_with = "lenient::text")]
    url: String,
    #[serde(default)]
    tags: Value,
}

#[derive(Deserialize)]
struct IssueAlert {
    #[serde(default)]
    settings: Value,
}

#[derive(Deserialize)]
struct Metric {
    #[serde(default, deserialize_with = "lenient::text")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    title: String,
    #[serde(default)]
    alert_rule: Value,
}

fn alert(
    event: &Event,
    rule: Option<String>,
    settings: Option<&IssueAlert>,
) -> Result<News, WebhookError> {
    let id = IssueId::parse(&event.issue_id).map_err(|_| WebhookError::Missing("issue_id"))?;
    let issue = Issue {
        id: String::from(id.clone()),
        title: short(&event.title),
        culprit: short(&event.culprit),
        permalink: issue_url(&event.web_url).to_owned(),
        level: event.level.clone(),
        status: "unresolved".to_owned(),
        project: Project { id: event.project.clone(), slug: project_slug(&event.url).to_owned() },
        ..Issue::default()
    };
    let card = IssueCard { issue, tags: tags(&event.tags), rule, result: None };
    let channel = settings.and_then(|alert| destination(&alert.settings));
    Ok(News::Alert { subject: Subject::Issue(id), card: Box::new(card), channel })
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// The page of an event lies under the page of its issue.
fn issue_url(event_url: &str) -> &str {
    event_url.find("/events/").and_then(|end| event_url.get(..=end)).unwrap_or(event_url)
}

/// `…/api/0/projects/<organization>/<project>/events/…`.
fn project_slug(api_url: &str) -> &str {
    let mut segments = api_url.split('/').skip_while(|segment| *segment != "projects");
    segments.nth(2).unwrap_or_default()
}

/// The two tags that a reader asks for first, `[["environment", "production"], …]`.
fn tags(tags: &Value) -> Option<String> {
    let value = |wanted: &str| {
        let mut pairs = tags.as_array()?.iter();
        let pair = pairs.find(|pair| pair.get(0).and_then(Value::as_str) == Some(wanted))?;
        pair.get(1)?.as_str().map(|value| escaped(value, MAX_TAG).replace('`', "'"))
    };
    let shown = ["environment", "release"]
        .into_iter()
        .filter_map(|tag| value(tag).map(|value| format!("{tag}: `{value}`")));
    let line = shown.collect::<Vec<_>>().join("  ");
    (!line.is_empty()).then_some(line)
}

/// The setting named `channel`, in the order that settings have.
fn destination(settings: &Value) -> Option<Destination> {
    let mut settings = settings.as_array()?.iter();
    let channel =
        settings.find(|setting| setting.get("name").and_then(Value::as_str) == Some("channel"))?;
    Destination::parse(channel.get("value")?.as_str()?)
}

fn severity(action: &str) -> Option<Severity> {
    match action {
        // An older server says no more than that it fired.
        "critical" | "open" => Some(Severity::Critical),
        "warning" => Some(Severity::Warning),
        "resolved" => Some(Severity::Resolved),
        _ => None,
    }
}

fn metric_alert(
    (action, severity): (&str, Severity),
    metric: &Metric,
    (title, text, url): (Option<String>, Option<String>, Option<String>),
) -> Result<News, WebhookError> {
    let id = IssueId::parse(&metric.id).map_err(|_| WebhookError::Missing("metric_alert.id"))?;
    let card = MetricCard {
        severity,
        title: short(title.as_ref().unwrap_or(&metric.title)),
        description: short(&text.unwrap_or_default()),
        url: url.unwrap_or_default(),
    };
    let channels = destinations(&metric.alert_rule, action);
    Ok(News::Metric { subject: Subject::Metric(id), card, channels })
}

/// Where a metric alert's rule wants it. Each of its actions is a webhook of its own, and each carries
/// the whole rule without saying which action it is (Sentry's `notify_event_service.py`): so all that
/// belong to the trigger that fired are meant, and all there are when it is over.
fn destinations(rule: &Value, action: &str) -> Vec<Destination> {
    let triggers = rule.get("triggers").and_then(Value::as_array);
    let triggers: Vec<&Value> = triggers.into_iter().flatten().collect();
    let has_fired =
        |trigger: &&&Value| trigger.get("label").and_then(Value::as_str) == Some(action);
    let fired: Vec<&Value> = triggers.iter().filter(has_fired).copied().collect();
    let mut wanted = Vec::new();
    let actions = if fired.is_empty() { triggers } else { fired }
        .into_iter()
        .filter_map(|trigger| trigger.get("actions")?.as_array())
        .flatten();
    for found in actions.filter_map(|action| destination(action.get("settings")?)) {
        if !wanted.contains(&found) {
            wanted.push(found);
        }
    }
    wanted
}

fn changed(action: &str, issue: Value, actor: Option<Actor>) -> Result<News, WebhookError> {
    let became = match action {
        "resolved" => Became::Resolved,
        "unresolved" => Became::Reopened,
        "archived" | "ignored" => Became::Archived,
        "assigned" => Became::Assigned,
        // A new one is told when a rule says so.
        _ => return Ok(News::Nothing),
    };
    let page = issue.get("web_url").and_then(lenient::text_of).unwrap_or_default();
    let mut issue: Issue =
        serde_json::from_value(issue).map_err(|_| WebhookError::Missing("issue"))?;
    let id = IssueId::parse(&issue.id).map_err(|_| WebhookError::Missing("issue.id"))?;
    issue.activity.clear();
    if issue.permalink.is_empty() {
        issue.permalink = page;
    }
    issue.title = short(&issue.title);
    issue.culprit = short(&issue.culprit);
    let by = actor.filter(|actor| !actor.name.is_empty() && actor.kind != "application");
    let by = by.as_ref().map(|actor| actor.name.as_str());
    let result = messages::result_line_in_sentry(became, &issue, by);
    Ok(News::Changed { subject: Subject::Issue(id), issue: Box::new(issue), result })
}

#[cfg(test)]
mod tests;
