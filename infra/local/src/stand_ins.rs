//! The stand-ins for Slack and Sentry, for a bundle that is told of them: the one of [`crate::bundle`],
//! or one that is deployed somewhere else, to be tried without an account at either.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use shared::{
    clock::Clock,
    routes::Urls,
    transport::{self, TransportError},
};
use url::Url;

use crate::{
    events::EnvironmentError,
    secrets::Secrets,
    sentry::{self, Sentry},
    server::{self, Server},
    slack::{self, Slack},
    variables,
};

/// A bundle that is to be tried, and where to write what it has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where it answers.
    pub url: Url,
    /// The file of settings.
    pub environment: PathBuf,
    /// Where Slack's page is, or the next free port; 0 for any.
    pub port: u16,
}

/// Who talks to whom: origins without a trailing slash.
#[derive(Debug, Clone, Copy)]
pub struct Origins<'a> {
    /// The bundle.
    pub bundle: &'a str,
    /// Slack.
    pub slack: &'a str,
    /// Sentry.
    pub sentry: &'a str,
}

/// Why there are no stand-ins.
#[derive(Debug, thiserror::Error)]
pub enum StandInsError {
    /// No port to listen at.
    #[error("cannot listen on loopback")]
    Listen(#[from] io::Error),
    /// No client to deliver clicks with.
    #[error("clicks cannot be delivered")]
    Transport(#[from] TransportError),
    /// The bundle's address makes no URL.
    #[error("the bundle has no address")]
    Address(#[from] url::ParseError),
    /// The settings cannot be written.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
}

/// Both at work, until they are dropped.
pub struct StandIns {
    /// Slack. The app is not installed there yet.
    pub slack: Slack,
    /// Sentry.
    pub sentry: Sentry,
    /// Slack's page.
    pub slack_origin: String,
    /// Sentry's side.
    pub sentry_origin: String,
    _servers: [Server; 2],
}

impl StandIns {
    /// Starts both with new secrets, and writes what the bundle has to be told of them.
    pub async fn start(wanted: &Wanted, clock: Arc<dyn Clock>) -> Result<Self, StandInsError> {
        let at_slack = server::listen(wanted.port).await?;
        let at_sentry = server::listen(0).await?;
        let (slack_origin, sentry_origin) =
            (server::origin(&at_slack)?, server::origin(&at_sentry)?);
        let bundle = wanted.url.origin().ascii_serialization();
        let origins = Origins { bundle: &bundle, slack: &slack_origin, sentry: &sentry_origin };
        let secrets = Secrets::random();
        keep(&wanted.environment, origins, &secrets)?;

        let slack = slack_of(origins, &secrets, clock.clone())?;
        let sentry = sentry_of(origins, &secrets, clock)?;
        // Its events tell nobody: the bundle knows of no app.
        drop(slack.uninstall());
        let servers =
            [Server::start(at_slack, slack.router()), Server::start(at_sentry, sentry.router())];
        Ok(Self { slack, sentry, slack_origin, sentry_origin, _servers: servers })
    }
}

/// Slack, telling the bundle of what happens there.
pub fn slack_of(
    origins: Origins<'_>,
    secrets: &Secrets,
    clock: Arc<dyn Clock>,
) -> Result<Slack, StandInsError> {
    let urls = Urls::new(Url::parse(origins.bundle)?);
    let slack = Slack::new(slack::Settings {
        clock,
        signing_secret: secrets.slack_signing_secret.clone(),
        client_id: secrets.slack_client_id.clone(),
        client_secret: secrets.slack_client_secret.clone(),
        bot_token: secrets.slack_bot_token.clone(),
        redirect_uris: vec![urls.sign_in_slack(), urls.install_slack()],
        base_url: origins.slack.to_owned(),
        sentry_url: origins.sentry.to_owned(),
    });
    slack.deliver_to(&urls.action(), transport::client(None)?);
    slack.deliver_commands_to(&urls.command());
    slack.deliver_events_to(&urls.event());
    slack.install_from(&urls.install());
    slack.load_options_from(&urls.options());
    Ok(slack)
}

/// Sentry, sending the bundle its webhooks.
pub fn sentry_of(
    origins: Origins<'_>,
    secrets: &Secrets,
    clock: Arc<dyn Clock>,
) -> Result<Sentry, StandInsError> {
    let urls = Urls::new(Url::parse(origins.bundle)?);
    let sentry = Sentry::new(sentry::Settings {
        clock,
        client_id: secrets.sentry_client_id.clone(),
        client_secret: secrets.sentry_client_secret.clone(),
        redirect_uris: vec![urls.sign_in_sentry()],
        base_url: origins.sentry.to_owned(),
        hook_secrets: secrets.sentry_hook_secrets.clone().into_iter().collect(),
        integration_token: secrets.sentry_integration_token.clone(),
    });
    sentry.deliver_hooks_to(&urls.alert(), transport::client(None)?);
    Ok(sentry)
}

/// The bundle's settings that come from Slack and Sentry, by the names of `shared::config`.
fn keep(path: &Path, origins: Origins<'_>, secrets: &Secrets) -> Result<(), EnvironmentError> {
    let settings = [
        ("SLACK_URL", origins.slack),
        ("SLACK_HOOKS_URL", origins.slack),
        ("SLACK_SIGNING_SECRET", &secrets.slack_signing_secret),
        ("SLACK_CLIENT_ID", &secrets.slack_client_id),
        ("SLACK_CLIENT_SECRET", &secrets.slack_client_secret),
        ("SENTRY_URL", origins.sentry),
        ("SENTRY_CLIENT_ID", &secrets.sentry_client_id),
        ("SENTRY_CLIENT_SECRET", &secrets.sentry_client_secret),
    ];
    let settings: BTreeMap<String, String> =
        settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    variables::write_privately(path, &variables::text(&settings))
        .map_err(|error| EnvironmentError::File(path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use shared::clock::SystemClock;

    use super::*;
    use crate::scratch::Directory;

    #[tokio::test]
    async fn both_answer_and_the_bundle_can_be_told_of_them() {
        let directory = Directory::new();
        let environment = directory.path().join("belay.env");
        let url = Url::parse("https://belay.example.com").unwrap();
        let wanted = Wanted { url, environment: environment.clone(), port: 0 };

        let running = StandIns::start(&wanted, Arc::new(SystemClock)).await.unwrap();

        let settings = variables::parse(&fs::read_to_string(environment).unwrap());
        assert_eq!(settings["SLACK_URL"], running.slack_origin);
        assert_eq!(settings["SENTRY_URL"], running.sentry_origin);
        let http = transport::client(None).unwrap();
        for origin in [&running.slack_origin, &running.sentry_origin] {
            assert!(http.get(origin).send().await.unwrap().status().is_success(), "{origin}");
        }
    }
}
