//! The channel picker of an alert rule, as Sentry's form asks for it.
//!
//! ```text
//! GET /alert/channels?query=aler    → [{"label": "#alerts (Acme)", "value": "T0ACME0001:C0ALERTS01"}, …]
//! POST /alert/rule {"fields": [{"name": "channel", "value": "T0ACME0001:C0ALERTS01"}]}
//!                                   → 200, or 400 with a sentence that the form shows
//! ```
//! Source: docs.sentry.io/organization/integrations/integration-platform/ui-components. The signature
//! of a GET is over an empty body, so it says which integration asks and nothing else.

use std::time::Duration;

use futures_util::future::join_all;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    clock::Clock,
    error::Error,
    http::{Request, Response},
    identity::Installation,
    queue::WakePosts,
    sentry::webhook::{Destination, WebhookError},
    signing::{
        request::Verified,
        webhook::{APP_SIGNATURE, Hook},
    },
    slack::{client::UNAVAILABLE, message::plain},
    store::{FindWorkspaces, HearEvents, KeepPosts},
};
use tokio::time::timeout;

use crate::{Alert, decide};

/// Sentry's form shows so many.
const MOST: usize = 100;

/// A workspace may take so long to name its channels: the function has ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// A longer name is cut.
const MAX_LABEL: usize = 120;

impl<S, Q, C> Alert<S, Q, C>
where
    S: FindWorkspaces + HearEvents + KeepPosts,
    Q: WakePosts,
    C: Clock,
{
    /// The channels whose names contain what was typed.
    pub(crate) async fn choose_channel(&self, request: Request) -> Result<Response, Error> {
        let typed = request.query_value("query").unwrap_or_default().to_lowercase();
        let workspaces = self.asking(request).await?.1;
        let several = workspaces.len() > 1;
        let mut choices = Vec::new();
        let asked = workspaces.iter().map(|workspace| self.channels_of(workspace));
        for (workspace, channels) in workspaces.iter().zip(join_all(asked).await) {
            for (id, name) in channels {
                if name.to_lowercase().contains(typed.trim_start_matches('#')) {
                    let label = plain(&label(workspace, &name, several), MAX_LABEL);
                    let value = format!("{}:{id}", workspace.tenant);
                    choices.push(json!({"label": label, "value": value}));
                }
            }
        }
        choices.truncate(MOST);
        Ok(Response::json(&Value::Array(choices)))
    }

    /// Whether the channel of a rule that is being saved is one that will be found again.
    pub(crate) async fn check_rule(&self, request: Request) -> Result<Response, Error> {
        let (hook, workspaces) = self.asking(request).await?;
        let form: Form =
            serde_json::from_slice(&hook.get().body).map_err(|_| WebhookError::Json)?;
        let known = match form.channel() {
            None => !decide::channels(&workspaces, &[]).is_empty(),
            // What cannot be read is not taken for the workspace's own channel.
            Some(channel) => channel
                .as_str()
                .and_then(Destination::parse)
                .is_some_and(|wanted| !decide::channels(&workspaces, &[wanted]).is_empty()),
        };
        if !known {
            let message = "Choose a channel from the list: it has the public channels of the Slack \
                           workspaces that are connected to this organization. If it is empty, ask \
                           whoever runs Belay to connect one.";
            let body = Response::json(&json!({ "message": message }));
            return Ok(Response { status: StatusCode::BAD_REQUEST, ..body });
        }
        Ok(Response::empty(StatusCode::OK))
    }

    async fn asking(&self, request: Request) -> Result<(Verified<Hook>, Vec<Installation>), Error> {
        let hook = self.verifier.verify(&request.headers, &APP_SIGNATURE, request.body);
        let hook = hook.map_err(Error::HookSignature)?;
        let found = self.organization(&hook.get().organization).await?;
        Ok((hook, found.map(|(_, workspaces)| workspaces).unwrap_or_default()))
    }

    /// The channels of one workspace. One that does not say, or not soon, leaves the others.
    async fn channels_of(&self, workspace: &Installation) -> Vec<(String, String)> {
        let Ok(token) = workspace.open_bot_token(&self.sealer) else { return Vec::new() };
        let asked = timeout(PATIENCE, self.slack.channels(&token)).await;
        let channels = asked.unwrap_or(Err(UNAVAILABLE));
        channels.unwrap_or_else(|error| {
            tracing::warn!(event = "slack.channels.not_read", tenant = %workspace.tenant, cause = %error);
            Vec::new()
        })
    }
}

fn label(workspace: &Installation, name: &str, several: bool) -> String {
    if several { format!("#{name} ({})", workspace.name) } else { format!("#{name}") }
}

#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    fields: Vec<FormField>,
}

impl Form {
    /// What was chosen; `None` if nothing was.
    fn channel(&self) -> Option<&Value> {
        let field = self.fields.iter().find(|field| field.name == "channel")?;
        let blank = field.value.is_null() || field.value.as_str() == Some("");
        (!blank).then_some(&field.value)
    }
}

#[derive(Deserialize)]
struct FormField {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Value,
}
