//! The settings: environment variables and, in AWS, two secrets; read here and nowhere else.
//!
//! ```text
//! PUBLIC_URL                        the bundle's own origin
//! TABLE_NAME  QUEUE_URL             the table, the queue that the function sends to
//! POSTS_QUEUE_URL                   of `perform`: the queue of posts and unfurls (default QUEUE_URL)
//! AUDIT_DAYS                        how long rows of the audit are kept, 1 to 3650 (default 90)
//! SENTRY_URL                        https://sentry.io, or a self-hosted one's system.url-prefix
//! SENTRY_CA_PEM                     an extra certificate authority (optional)
//! SENTRY_HEADERS                    extra headers, one `Name: value` a line (optional)
//! SLACK_URL  SLACK_HOOKS_URL        https://slack.com, https://hooks.slack.com; GovSlack's own
//! FRONT_SECRET_ARN                  a JSON secret: SLACK_SIGNING_SECRET, SLACK_CLIENT_ID,
//!                                   SLACK_CLIENT_SECRET, MASTER_KEY, SENTRY_HOOKS (optional: one
//!                                   `organization=client secret of its integration` a line)
//! METRICS_NAMESPACE                 what numbers are filed under (optional; unset: none are written)
//! ALERT_THREAD_HOURS                repeats within so long go into the thread, 1 to 720 (default 24)
//! SENTRY_CLIENT_ID                  the OAuth application in Sentry; public, not a secret
//! VAULT_SECRET_ARN                  a JSON secret: TOKEN_KEY, SENTRY_CLIENT_SECRET and
//!                                   SENTRY_READ_TOKENS (optional: one `organization=token of its
//!                                   integration` a line); for those who act in Sentry only
//! ```
//! What a secret holds can be given as a variable instead (on a laptop); the variable wins.
//! `SLACK_SIGNING_SECRET`, `MASTER_KEY` and `TOKEN_KEY` may have a `…_NEXT` and a `…_PREVIOUS` beside
//! them while they are rotated: both are accepted, neither is used for anything new. A setting that is missing, blank or too short stops the start, by its name.

use std::{collections::HashMap, env, time::Duration};

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, StalledStreamProtectionConfig,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Client;
use tracing::Level;
use url::{Host, Url};

use crate::{
    audit,
    queue::SqsQueue,
    routes::Urls,
    sealing::Sealer,
    secret::Secret,
    sentry::{client::SentryClient, oauth::SentryOauth},
    signing::{link::Signer, request::RequestVerifier, webhook::HookVerifier},
    slack::{
        client::{SlackClient, SlackOauth},
        response_url::Hooks,
    },
    sqs::Sqs,
    store::dynamo::DynamoStore,
    transport::{self, SdkTransport, TransportError, note_refusal},
};

/// Keys and signing secrets have at least this many characters.
const MIN_KEY: usize = 32;

/// Why the function does not start. Names the setting, never its value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not there, or blank.
    #[error("setting {0} is missing")]
    Missing(String),
    /// There, but not usable.
    #[error("setting {0} is not valid: {1}")]
    Invalid(String, &'static str),
    /// The secret could not be read.
    #[error("the secret named by {0} cannot be read")]
    Secret(&'static str),
    /// No HTTP client.
    #[error("no HTTP client")]
    Transport(#[from] TransportError),
}

/// How patient calls to the table are, and connections while they open.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// A person in Slack waits, and Slack for them: 3 s at the most.
    Ack,
    /// Nobody waits, or a browser does.
    Work,
    /// An operator waits, from wherever they are.
    Afar,
}

impl Pace {
    /// (one attempt, all attempts, how many).
    const fn limits(self) -> (Duration, Duration, u32) {
        match self {
            Self::Ack => (Duration::from_millis(400), Duration::from_millis(1_200), 3),
            Self::Work => (Duration::from_secs(1), Duration::from_secs(4), 4),
            Self::Afar => (Duration::from_secs(6), Duration::from_secs(20), 4),
        }
    }

    fn timeouts(self) -> TimeoutConfig {
        let (attempt, operation, _) = self.limits();
        TimeoutConfig::builder()
            .operation_attempt_timeout(attempt)
            .operation_timeout(operation)
            .build()
    }

    fn retries(self) -> RetryConfig {
        let (_, _, attempts) = self.limits();
        RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(Duration::from_millis(25))
            .with_max_backoff(Duration::from_millis(150))
    }
}

/// The settings of one function.
#[derive(Debug)]
pub struct Settings {
    values: HashMap<String, Secret>,
    http: Client,
}

impl Settings {
    /// Reads the environment and the secrets it names.
    pub async fn load(pace: Pace) -> Result<Self, ConfigError> {
        Self::from_variables(environment(), pace).await
    }

    /// The same from given variables: what tests and the laptop use.
    pub async fn from_variables(
        variables: impl IntoIterator<Item = (String, String)>,
        pace: Pace,
    ) -> Result<Self, ConfigError> {
        Self::read(variables, &["FRONT_SECRET_ARN", "VAULT_SECRET_ARN"], pace).await
    }

    /// The same for an operator's machine: from given variables, else from the environment. What
    /// the vault holds is not for operators, and is not read.
    pub async fn from_afar(variables: Option<Vec<(String, String)>>) -> Result<Self, ConfigError> {
        let variables = variables.unwrap_or_else(environment);
        Self::read(variables, &["FRONT_SECRET_ARN"], Pace::Afar).await
    }

    async fn read(
        variables: impl IntoIterator<Item = (String, String)>,
        secrets: &[&'static str],
        pace: Pace,
    ) -> Result<Self, ConfigError> {
        let values: HashMap<String, Secret> =
            variables.into_iter().map(|(name, value)| (name, trimmed(&value))).collect();
        let extra_ca =
            values.get("SENTRY_CA_PEM").map(Secret::expose).filter(|pem| !pem.is_empty());
        // What is read at the start may take its time: without it there is no answer at all.
        let (http, start) = match pace {
            Pace::Ack => (transport::client(extra_ca)?, Pace::Work),
            Pace::Work => (transport::patient_client(extra_ca)?, pace),
            Pace::Afar => (transport::far_client(extra_ca)?, pace),
        };
        let mut settings = Self { values, http };
        for name in secrets {
            settings.add_secret(name, start).await?;
        }
        Ok(settings)
    }

    /// The HTTP client that everything shares.
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// The bundle's own URLs.
    pub fn urls(&self) -> Result<Urls, ConfigError> {
        let url = self.url("PUBLIC_URL", None)?;
        if url.path() != "/" {
            return Err(invalid("PUBLIC_URL", "an origin has no path"));
        }
        Ok(Urls::new(url))
    }

    /// Who checks Slack's signature.
    pub fn request_verifier(&self) -> Result<RequestVerifier, ConfigError> {
        Ok(RequestVerifier::new(self.rotating("SLACK_SIGNING_SECRET")?))
    }

    /// Who checks Sentry's webhooks. Without integrations it believes nobody.
    pub fn hook_verifier(&self) -> Result<HookVerifier, ConfigError> {
        let secrets =
            self.by_organization("SENTRY_HOOKS", "one `organization=client secret` a line")?;
        for (_, secret) in &secrets {
            long_enough("SENTRY_HOOKS", secret)?;
        }
        Ok(HookVerifier::new(secrets))
    }

    /// The tokens of organizations' integrations, by slug: they may read issues.
    pub fn readers(&self) -> Result<HashMap<String, Secret>, ConfigError> {
        let tokens =
            self.by_organization("SENTRY_READ_TOKENS", "one `organization=token` a line")?;
        Ok(tokens.into_iter().collect())
    }

    /// One secret a line, each behind the slug of its organization; none if the setting is missing.
    /// Where a file of settings has no such lines, commas and colons do as well.
    fn by_organization(
        &self,
        name: &'static str,
        form: &'static str,
    ) -> Result<Vec<(String, Secret)>, ConfigError> {
        let lines = self.text(name).unwrap_or_default();
        let lines = lines.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
        let pair = |line: &str| {
            let (slug, secret) = line.split_once(['=', ':'])?;
            let (slug, secret) = (slug.trim(), secret.trim());
            let whole = !slug.is_empty() && !secret.is_empty();
            whole.then(|| (slug.to_owned(), Secret::new(secret)))
        };
        lines.map(|line| pair(line).ok_or_else(|| invalid(name, form))).collect()
    }

    /// How long after a message repeats go into its thread.
    pub fn alert_window(&self) -> Result<Duration, ConfigError> {
        let Ok(hours) = self.text("ALERT_THREAD_HOURS") else {
            return Ok(Duration::from_hours(24));
        };
        let hours = hours.parse().ok().filter(|hours| (1..=720).contains(hours));
        let hours: u64 = hours.ok_or_else(|| invalid("ALERT_THREAD_HOURS", "1 to 720 hours"))?;
        Ok(Duration::from_hours(hours))
    }

    /// Who signs links and forms.
    pub fn signer(&self) -> Result<Signer, ConfigError> {
        Ok(Signer::new(self.rotating("MASTER_KEY")?))
    }

    /// Who seals what the front keeps: clicks, replies, bot tokens.
    pub fn front_sealer(&self) -> Result<Sealer, ConfigError> {
        Ok(Sealer::new(self.rotating("MASTER_KEY")?))
    }

    /// Who seals people's tokens.
    pub fn token_sealer(&self) -> Result<Sealer, ConfigError> {
        Ok(Sealer::new(self.rotating("TOKEN_KEY")?))
    }

    /// The Slack app as an OAuth client.
    pub fn slack_oauth(&self) -> Result<SlackOauth, ConfigError> {
        Ok(SlackOauth {
            client_id: self.required("SLACK_CLIENT_ID")?.expose().to_owned(),
            client_secret: self.required("SLACK_CLIENT_SECRET")?.clone(),
        })
    }

    /// The OAuth application in Sentry.
    pub fn sentry_oauth(&self) -> Result<SentryOauth, ConfigError> {
        Ok(SentryOauth {
            client_id: self.sentry_client_id()?,
            client_secret: self.required("SENTRY_CLIENT_SECRET")?.clone(),
        })
    }

    /// The OAuth application's public name: enough to send a browser there.
    pub fn sentry_client_id(&self) -> Result<String, ConfigError> {
        self.text("SENTRY_CLIENT_ID")
    }

    /// Slack.
    pub fn slack(&self) -> Result<SlackClient, ConfigError> {
        let hooks = Hooks::new(&self.hooks_url()?);
        Ok(SlackClient::new(self.http.clone(), self.slack_url()?, hooks))
    }

    /// Where Slack is.
    pub fn slack_url(&self) -> Result<Url, ConfigError> {
        self.url("SLACK_URL", Some("https://slack.com"))
    }

    /// Where `response_url`s point: what is worth connecting to ahead of time.
    pub fn hooks_url(&self) -> Result<Url, ConfigError> {
        self.url("SLACK_HOOKS_URL", Some("https://hooks.slack.com"))
    }

    /// Where Sentry is.
    pub fn sentry_url(&self) -> Result<Url, ConfigError> {
        self.url("SENTRY_URL", None)
    }

    /// Sentry.
    pub fn sentry(&self) -> Result<SentryClient, ConfigError> {
        Ok(SentryClient::new(self.http.clone(), self.sentry_url()?, self.sentry_headers()?))
    }

    /// The table.
    pub fn store(&self, pace: Pace) -> Result<DynamoStore, ConfigError> {
        let config = self.aws(pace, "AWS_ENDPOINT_URL_DYNAMODB")?;
        let client = aws_sdk_dynamodb::Client::new(&config);
        Ok(DynamoStore::new(client, self.text("TABLE_NAME")?).keeping_audit(self.audit()?))
    }

    /// How long rows of the audit are kept.
    pub fn audit(&self) -> Result<Duration, ConfigError> {
        let Ok(days) = self.text("AUDIT_DAYS") else { return Ok(audit::KEPT) };
        let days = days.parse().ok().filter(|days| (1..=3_650).contains(days));
        let days: u64 = days.ok_or_else(|| invalid("AUDIT_DAYS", "1 to 3650 days"))?;
        Ok(Duration::from_hours(24 * days))
    }

    /// The queue that this function sends to; `perform` sends posts to one of their own.
    pub fn queue(&self) -> Result<SqsQueue, ConfigError> {
        let (region, credentials) = (self.text("AWS_REGION")?, self.credentials()?);
        let sqs = Sqs::new(self.http.clone(), self.queue_host()?, region, credentials);
        let queue = self.text("QUEUE_URL")?;
        let posts = self.text("POSTS_QUEUE_URL").unwrap_or_else(|_| queue.clone());
        Ok(SqsQueue::new(sqs, queue, posts))
    }

    /// SQS, where the queue is: what is worth connecting to ahead of time.
    pub fn queue_host(&self) -> Result<Url, ConfigError> {
        let url = match self.endpoint("AWS_ENDPOINT_URL_SQS") {
            Some(endpoint) => Url::parse(&endpoint),
            None => Url::parse(&self.text("QUEUE_URL")?).and_then(|queue| queue.join("/")),
        };
        url.map_err(|_| invalid("QUEUE_URL", "not a URL"))
    }

    async fn add_secret(&mut self, name: &'static str, pace: Pace) -> Result<(), ConfigError> {
        let Ok(arn) = self.text(name) else { return Ok(()) };
        let config = self.aws(pace, "AWS_ENDPOINT_URL_SECRETS_MANAGER")?;
        let client = aws_sdk_secretsmanager::Client::new(&config);
        let reply = client.get_secret_value().secret_id(arn).send().await;
        let reply = reply.map_err(|error| {
            note_refusal(&error);
            ConfigError::Secret(name)
        })?;
        let json = reply.secret_string.ok_or(ConfigError::Secret(name))?;
        let secret: HashMap<String, Secret> =
            serde_json::from_str(&json).map_err(|_| ConfigError::Secret(name))?;
        for (name, value) in secret {
            self.values.entry(name).or_insert_with(|| trimmed(value.expose()));
        }
        Ok(())
    }

    fn required(&self, name: &str) -> Result<&Secret, ConfigError> {
        let value = self.values.get(name).filter(|value| !value.expose().is_empty());
        value.ok_or_else(|| ConfigError::Missing(name.to_owned()))
    }

    fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.required(name).map(|value| value.expose().to_owned())
    }

    /// A key, and the ones after and before it while it is rotated. The first is the one that is
    /// used; the functions of a deployment are not replaced at one moment, so each has to accept what
    /// another may already use.
    fn rotating(&self, name: &str) -> Result<Vec<Secret>, ConfigError> {
        let mut keys = vec![long_enough(name, self.required(name)?)?];
        for other in ["NEXT", "PREVIOUS"].map(|which| format!("{name}_{which}")) {
            if let Ok(value) = self.required(&other) {
                keys.push(long_enough(&other, value)?);
            }
        }
        Ok(keys)
    }

    /// An `https` URL without query; `http` on the loopback only.
    fn url(&self, name: &str, default: Option<&str>) -> Result<Url, ConfigError> {
        let text = match (self.text(name), default) {
            (Ok(text), _) => text,
            (Err(_), Some(default)) => default.to_owned(),
            (Err(missing), None) => return Err(missing),
        };
        let url = Url::parse(&text).map_err(|_| invalid(name, "not a URL"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(invalid(name, "must be https"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(invalid(name, "must be an origin"));
        }
        Ok(url)
    }

    /// What the clients of AWS's SDK have in common.
    fn aws(&self, pace: Pace, endpoint: &str) -> Result<SdkConfig, ConfigError> {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(SdkTransport::new(self.http.clone()))
            .region(Region::new(self.text("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials()?))
            .timeout_config(pace.timeouts())
            .retry_config(pace.retries())
            // It is for bodies that stream; ours are read whole, within the time-outs.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(self.endpoint(endpoint));
        Ok(config.build())
    }

    fn endpoint(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|_| self.text("AWS_ENDPOINT_URL")).ok()
    }

    /// Lambda gives a function its role's credentials in the environment, good for as long as the
    /// sandbox lives.
    fn credentials(&self) -> Result<Credentials, ConfigError> {
        let session = self.text("AWS_SESSION_TOKEN").ok();
        let (id, secret) = (self.text("AWS_ACCESS_KEY_ID")?, self.text("AWS_SECRET_ACCESS_KEY")?);
        Ok(Credentials::new(id, secret, session, None, "environment"))
    }

    fn sentry_headers(&self) -> Result<HeaderMap, ConfigError> {
        let lines = self.text("SENTRY_HEADERS").unwrap_or_default();
        let mut headers = HeaderMap::new();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let bad = || invalid("SENTRY_HEADERS", "one `Name: value` a line");
            let (name, value) = line.split_once(':').ok_or_else(bad)?;
            let name = HeaderName::try_from(name.trim()).map_err(|_| bad())?;
            let mut value = HeaderValue::try_from(value.trim()).map_err(|_| bad())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// The level of the log: Lambda's own `AWS_LAMBDA_LOG_LEVEL`, else INFO. What is below INFO is not
/// compiled in.
pub fn log_level() -> Level {
    let level = environment().into_iter().find(|(name, _)| name == "AWS_LAMBDA_LOG_LEVEL");
    level.and_then(|(_, level)| level.parse().ok()).unwrap_or(Level::INFO)
}

/// What numbers are filed under in `CloudWatch`. Unset, none are written.
pub fn metrics_namespace() -> Option<String> {
    let set = environment().into_iter().find(|(name, _)| name == "METRICS_NAMESPACE");
    set.map(|(_, namespace)| namespace).filter(|namespace| !namespace.trim().is_empty())
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment() -> Vec<(String, String)> {
    env::vars().collect()
}

fn long_enough(name: &str, value: &Secret) -> Result<Secret, ConfigError> {
    if value.expose().len() < MIN_KEY {
        return Err(invalid(name, "shorter than 32 characters"));
    }
    Ok(value.clone())
}

/// The blanks and the end of line that a paste leaves around a value are not part of it.
fn trimmed(value: &str) -> Secret {
    Secret::new(value.trim())
}

fn invalid(name: &str, why: &'static str) -> ConfigError {
    ConfigError::Invalid(name.to_owned(), why)
}

/// Whether the URL leads to this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // RFC 6761, 6.3: so are the names below it.
        Some(Host::Domain(domain)) => domain == "localhost" || domain.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
