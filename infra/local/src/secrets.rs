//! The secrets of one local bundle: made up when it starts, or kept beside its database.
//!
//! A table in a file is sealed with them, so they are kept with it, in `FILE.secrets.json`, readable
//! for its owner alone.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::random;

/// 32 bytes each, in hexadecimal.
const LENGTH: usize = 32;

/// The organizations in Sentry that have an integration.
const INTEGRATED: [&str; 2] = ["acme", "umbrella"];

/// Everything that a deployment would keep in Secrets Manager.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Slack signs its requests with it.
    pub slack_signing_secret: String,
    /// Names the app to Slack.
    pub slack_client_id: String,
    /// Proves the app to Slack.
    pub slack_client_secret: String,
    /// Lets the app speak in the workspace.
    pub slack_bot_token: String,
    /// Signs links; seals what is not a Sentry token.
    pub master_key: String,
    /// Seals Sentry tokens.
    pub token_key: String,
    /// Names the application to Sentry.
    pub sentry_client_id: String,
    /// Proves the application to Sentry.
    pub sentry_client_secret: String,
    /// Sign Sentry's webhooks: the client secret of each organization's integration, by its slug.
    #[serde(default = "hook_secrets")]
    pub sentry_hook_secrets: BTreeMap<String, String>,
    /// Lets the integration read in Sentry.
    #[serde(default = "secret")]
    pub sentry_integration_token: String,
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The table is there, but what seals it is not.
    #[error("{} is gone, and {} cannot be read without it: remove both to start afresh", .secrets.display(), .database.display())]
    Lost {
        /// The table's file.
        database: PathBuf,
        /// The secrets' file.
        secrets: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("cannot use {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The file holds something else.
    #[error("{} does not hold this bundle's secrets", .0.display())]
    Content(PathBuf, #[source] serde_json::Error),
}

impl Secrets {
    /// New ones.
    pub fn random() -> Self {
        Self {
            slack_signing_secret: secret(),
            slack_client_id: "1000000001.2000000002".to_owned(),
            slack_client_secret: secret(),
            slack_bot_token: format!("xoxb-{}", secret()),
            master_key: secret(),
            token_key: secret(),
            sentry_client_id: random::hex(LENGTH),
            sentry_client_secret: secret(),
            sentry_hook_secrets: hook_secrets(),
            sentry_integration_token: secret(),
        }
    }

    /// Those kept beside `database`; new ones, then kept, if the database is new as well.
    pub fn beside(database: &Path) -> Result<Self, SecretsError> {
        let path = path_beside(database);
        match fs::read(&path) {
            Ok(json) => {
                serde_json::from_slice(&json).map_err(|error| SecretsError::Content(path, error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if database.exists() {
                    let database = database.to_owned();
                    return Err(SecretsError::Lost { database, secrets: path });
                }
                let secrets = Self::random();
                secrets.keep(&path).map_err(|error| SecretsError::File(path, error))?;
                Ok(secrets)
            }
            Err(error) => Err(SecretsError::File(path, error)),
        }
    }

    fn keep(&self, path: &Path) -> io::Result<()> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(&serde_json::to_vec_pretty(self)?)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

fn secret() -> String {
    random::secret(LENGTH)
}

fn hook_secrets() -> BTreeMap<String, String> {
    INTEGRATED.map(|organization| (organization.to_owned(), secret())).into()
}

fn path_beside(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(".secrets.json");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Directory;

    #[test]
    fn the_same_secrets_come_back_with_the_same_database() {
        let directory = Directory::new();
        let database = directory.path().join("belay.db");

        let first = Secrets::beside(&database).unwrap();
        fs::write(&database, "").unwrap();
        let second = Secrets::beside(&database).unwrap();

        assert_eq!(first.master_key, second.master_key);
        assert_eq!(first.master_key.len(), 2 * LENGTH);
        assert_ne!(first.master_key, first.token_key);
    }

    #[cfg(unix)]
    #[test]
    fn kept_secrets_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = Directory::new();
        let database = directory.path().join("belay.db");

        Secrets::beside(&database).unwrap();

        let mode = fs::metadata(path_beside(&database)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_table_whose_secrets_are_gone_is_not_given_new_ones() {
        let directory = Directory::new();
        let database = directory.path().join("belay.db");
        fs::write(&database, "").unwrap();

        assert!(matches!(Secrets::beside(&database), Err(SecretsError::Lost { .. })));
    }

    #[test]
    fn secrets_of_a_time_before_the_integration_are_read() {
        let mut kept = serde_json::to_value(Secrets::random()).unwrap();
        let fields = kept.as_object_mut().unwrap();
        fields.remove("sentry_hook_secrets");
        fields.remove("sentry_integration_token");

        let secrets: Secrets = serde_json::from_value(kept).unwrap();

        let organizations: Vec<_> = secrets.sentry_hook_secrets.keys().collect();
        assert_eq!(organizations, ["acme", "umbrella"]);
        assert_eq!(secrets.sentry_integration_token.len(), 2 * LENGTH);
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let secrets = Secrets::random();

        assert_eq!(format!("{secrets:?}"), "Secrets([redacted])");
    }
}
