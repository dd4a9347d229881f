//! The functions' settings: the environment variables that the deployment's template gives them.
//!
//! All get the front's; only the functions that talk to Sentry get the vault's, as in AWS, so that a
//! function that reaches too far fails here already.

use std::collections::BTreeMap;

use crate::{database::TABLE, secrets::Secrets};

/// The functions that talk to Sentry.
const WITH_VAULT: [&str; 3] = ["perform", "sign-in", "options"];

/// Where the bundle's neighbours are: origins without a trailing slash.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The gateway.
    pub public: String,
    /// Slack's stand-in.
    pub slack: String,
    /// Sentry's stand-in.
    pub sentry: String,
    /// DynamoDB.
    pub database: String,
    /// SQS.
    pub sqs: String,
    /// The queue at SQS, as senders name it.
    pub queue: String,
}

/// The settings of `function`.
pub fn of(function: &str, addresses: &Addresses, secrets: &Secrets) -> BTreeMap<String, String> {
    let front = [
        ("PUBLIC_URL", &addresses.public),
        ("SLACK_URL", &addresses.slack),
        ("SLACK_HOOKS_URL", &addresses.slack),
        ("SENTRY_URL", &addresses.sentry),
        ("QUEUE_URL", &addresses.queue),
        ("AWS_ENDPOINT_URL_DYNAMODB", &addresses.database),
        ("AWS_ENDPOINT_URL_SQS", &addresses.sqs),
        ("SLACK_SIGNING_SECRET", &secrets.slack_signing_secret),
        ("SLACK_CLIENT_ID", &secrets.slack_client_id),
        ("SLACK_CLIENT_SECRET", &secrets.slack_client_secret),
        ("MASTER_KEY", &secrets.master_key),
        // Public: it stands in the address to which a browser is sent.
        ("SENTRY_CLIENT_ID", &secrets.sentry_client_id),
    ];
    let lines = |value: &dyn Fn(&String) -> String| {
        let line = |(slug, secret): (&String, &String)| format!("{slug}:{}", value(secret));
        secrets.sentry_hook_secrets.iter().map(line).collect::<Vec<_>>().join(",")
    };
    let hooks = lines(&String::clone);
    let readers = lines(&|_| secrets.sentry_integration_token.clone());
    let vault = [
        ("TOKEN_KEY", &secrets.token_key),
        ("SENTRY_CLIENT_SECRET", &secrets.sentry_client_secret),
        ("SENTRY_READ_TOKENS", &readers),
    ];
    let vault = vault.into_iter().filter(|_| WITH_VAULT.contains(&function));
    let mut settings: BTreeMap<String, String> =
        front.into_iter().chain(vault).map(|(name, value)| (name.into(), value.clone())).collect();
    settings.insert("SENTRY_HOOKS".to_owned(), hooks);
    settings.insert("TABLE_NAME".to_owned(), TABLE.to_owned());
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings_of(function: &str) -> BTreeMap<String, String> {
        let place = || "http://127.0.0.1:1".to_owned();
        let addresses = Addresses {
            public: place(),
            slack: place(),
            sentry: place(),
            database: place(),
            sqs: place(),
            queue: place(),
        };
        of(function, &addresses, &Secrets::random())
    }

    #[test]
    fn only_the_functions_that_talk_to_sentry_get_the_vault() {
        for (function, with_vault) in
            [("action", false), ("link-identity", false), ("perform", true)]
        {
            let settings = settings_of(function);

            for name in ["TOKEN_KEY", "SENTRY_CLIENT_SECRET"] {
                assert_eq!(settings.contains_key(name), with_vault, "{function}: {name}");
            }
            assert!(settings.contains_key("MASTER_KEY"), "{function}");
        }
    }
}
