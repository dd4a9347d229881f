//! The channel picker of an alert rule, as Sentry's form asks for it.
//!
//! ```text
//! GET /alert/channels?query=aler    → [{"label": "#alerts (Acme)", "value": "T0ACME0001:C0ALERTS01"}, …]
//! POST /alert/rule {"fields": [{"name": "channel", "value": "T0ACME0001:C0ALERTS01"}]}
//!                                   → 200, or 400 with a sentence that the form shows
//! ```
//! Source: docs.sentry.io/organization/integrations/integration-platform/ui-components. The signature
//! of a GET is over an empty body, so it says which integration asks and nothing else.

use std::{collections::HashSet, time::Duration};

use futures_util::future::join_all;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    clock::Clock,
    error::Error,
    http::{Request, Response},
    identity::Installation,
    ids::Tenant,
    queue::WakePosts,
    sentry::webhook::{Destination, WebhookError},
    signing::{
        request::Verified,
        webhook::{APP_SIGNATURE, Hook},
    },
    slack::{
        client::{SlackError, UNAVAILABLE},
        message::plain,
    },
    store::{FindWorkspaces, HearEvents, KeepPosts},
};
use tokio::time::timeout;

use crate::{Alert, decide};

/// Sentry's form shows so many.
const MOST: usize = 100;

/// A workspace may take so long to name its channels, and an organization before that to name its
/// workspaces: the function has ten seconds.
const PATIENCE: Duration = Duration::from_secs(4);

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
        let installations = self.asking(request).await?.1;
        let asked = installations.iter().map(|installation| self.workspaces_of(installation));
        let workspaces: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
        let choices = choices(&workspaces, typed.trim_start_matches('#'));
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

    /// The workspaces that the app is in, with their channels. One that does not say, or not soon,
    /// leaves the others.
    async fn workspaces_of<'a>(&self, installation: &'a Installation) -> Vec<Workspace<'a>> {
        let Ok(token) = installation.open_bot_token(&self.sealer) else { return Vec::new() };
        let tenant = &installation.tenant;
        if !tenant.is_organization() {
            let channels = told(tenant, self.slack.channels(&token, None)).await;
            return vec![Workspace { tenant, name: installation.name.clone(), channels }];
        }
        let workspaces = told(tenant, self.slack.workspaces(&token)).await;
        let asked = workspaces.into_iter().map(async |(team, name)| {
            let channels = told(tenant, self.slack.channels(&token, Some(&team))).await;
            Workspace { tenant, name, channels }
        });
        join_all(asked).await
    }
}

/// A workspace in Slack, and what can be chosen in it.
struct Workspace<'a> {
    /// Whose installation it belongs to: its own, or that of the whole organization.
    tenant: &'a Tenant,
    name: String,
    /// (id, name)
    channels: Vec<(String, String)>,
}

async fn told<T>(
    tenant: &Tenant,
    asking: impl Future<Output = Result<Vec<T>, SlackError>>,
) -> Vec<T> {
    let told = timeout(PATIENCE, asking).await.unwrap_or(Err(UNAVAILABLE));
    told.unwrap_or_else(|error| {
        tracing::warn!(event = "slack.channels.not_read", %tenant, cause = %error);
        Vec::new()
    })
}

/// What the form shows. A channel that several workspaces of an organization share is shown once.
fn choices(workspaces: &[Workspace<'_>], typed: &str) -> Vec<Value> {
    let mut seen = HashSet::new();
    let mut choices = Vec::new();
    for workspace in workspaces {
        for (id, name) in &workspace.channels {
            if name.to_lowercase().contains(typed) && seen.insert((workspace.tenant, id)) {
                let label = match workspaces {
                    [_] => format!("#{name}"),
                    _ => format!("#{name} ({})", workspace.name),
                };
                let value = format!("{}:{id}", workspace.tenant);
                choices.push(json!({"label": plain(&label, MAX_LABEL), "value": value}));
            }
        }
    }
    choices.truncate(MOST);
    choices
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspaces_of_an_organization_are_told_apart_and_share_a_channel_once() {
        let grid = Tenant::parse("E0GRID0001").unwrap();
        let workspace = |name: &str, channels: &[(&str, &str)]| Workspace {
            tenant: &grid,
            name: name.into(),
            channels: channels.iter().map(|(id, name)| ((*id).into(), (*name).into())).collect(),
        };
        let shop = workspace("Shop", &[("C1", "alerts"), ("C2", "everybody")]);
        let bank = workspace("Bank", &[("C2", "everybody"), ("C3", "alerts")]);

        let choices = choices(&[shop, bank], "");

        let shown = |name: &str| -> Vec<_> { choices.iter().map(|c| c[name].clone()).collect() };
        assert_eq!(shown("label"), ["#alerts (Shop)", "#everybody (Shop)", "#alerts (Bank)"]);
        assert_eq!(shown("value"), ["E0GRID0001:C1", "E0GRID0001:C2", "E0GRID0001:C3"]);
    }
}
