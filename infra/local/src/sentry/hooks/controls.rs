//! What the buttons that fire alerts do, and what the channel field offers.

use axum::Router;
use axum::extract::{Form, State};
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::super::Sentry;
use super::super::people::BACKEND;
use super::{AlertRule, page};

/// How many alerts a burst is.
const BURST: usize = 5;
/// The organization whose metrics there are, and whose integration is asked for channels.
const ACME: &str = "acme";
/// The setting that the integration's form asks for.
const CHANNEL: &str = "channel";

/// Where the form leads, and where its field gets its options.
pub(in super::super) fn routes() -> Router<Sentry> {
    Router::new().route("/ui/alert", post(fire)).route("/ui/channels", get(channels))
}

/// The field, and the button that was pressed.
#[derive(Deserialize)]
struct Fire {
    channel: String,
    /// An issue on which the rule fires.
    issue: Option<String>,
    /// An issue on which it fires several times.
    burst: Option<String>,
    /// What a metric alert becomes.
    metric: Option<String>,
}

async fn fire(State(sentry): State<Sentry>, Form(fire): Form<Fire>) -> Redirect {
    let rule = |title| match fire.channel.trim() {
        "" => AlertRule::new(title),
        channel => AlertRule::new(title).with(CHANNEL, channel),
    };
    let (times, issue) = match (fire.issue, fire.burst) {
        (Some(issue), _) => (1, issue),
        (None, Some(issue)) => (BURST, issue),
        (None, None) => (0, String::new()),
    };
    let on_issue = rule("High priority issues");
    let alerts = (0..times).filter_map(|_| sentry.fire_alert(&issue, &on_issue));
    let on_metric = fire
        .metric
        .and_then(|action| sentry.fire_metric_alert(ACME, &action, &rule("Too many errors")));
    let mut deliveries: JoinSet<_> = alerts
        .chain(on_metric)
        .map(|hook| {
            let sentry = sentry.clone();
            async move { sentry.deliver(hook).await }
        })
        .collect();
    while deliveries.join_next().await.is_some() {}
    Redirect::to("/")
}

async fn channels(State(sentry): State<Sentry>) -> Html<String> {
    let channels = sentry.load_channels(ACME, BACKEND.slug).await;
    Html(page::offer(&channels).into_string())
}
