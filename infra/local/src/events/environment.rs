//! The environment file: one `NAME=value` a line, no quotes, readable for its owner alone.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    REGION,
    secrets::Secrets,
    settings::{self, Addresses},
    variables,
};

/// The function whose settings are those of all: the file is for all functions at once.
const MOST_TRUSTED: &str = "perform";

/// Nobody listens at the discard port: whatever needs a neighbour fails at once.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What the functions are told.
pub struct Environment {
    variables: BTreeMap<String, String>,
    path: PathBuf,
}

/// Why there is no environment.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file cannot be read or written.
    #[error("cannot use {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// The file lacks a setting.
    #[error("{} has no {name}: remove it to have it made anew", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: &'static str,
    },
}

impl Environment {
    /// The one kept at `path`; one with new secrets and no neighbours, then kept, if there is none.
    pub fn at(path: &Path) -> Result<Self, EnvironmentError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self { variables: variables::parse(&text), path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self::keep(path, &nowhere(), &Secrets::random())
            }
            Err(error) => Err(EnvironmentError::File(path.to_owned(), error)),
        }
    }

    /// The one of a bundle with these neighbours and secrets, written to `path`.
    pub fn keep(
        path: &Path,
        addresses: &Addresses,
        secrets: &Secrets,
    ) -> Result<Self, EnvironmentError> {
        let mut variables = settings::of(MOST_TRUSTED, addresses, secrets);
        for (name, value) in [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables::write_privately(path, &variables::text(&variables))
            .map_err(|error| EnvironmentError::File(path.to_owned(), error))?;
        Ok(Self { variables, path: path.to_owned() })
    }

    /// A setting's value.
    pub fn get(&self, name: &'static str) -> Result<&str, EnvironmentError> {
        let value = self.variables.get(name).map(String::as_str);
        value.ok_or_else(|| EnvironmentError::Missing { path: self.path.clone(), name })
    }
}

fn nowhere() -> Addresses {
    Addresses {
        public: "https://belay.example.com".to_owned(),
        slack: NOWHERE.to_owned(),
        sentry: NOWHERE.to_owned(),
        database: NOWHERE.to_owned(),
        sqs: NOWHERE.to_owned(),
        queue: format!("{NOWHERE}/queue"),
    }
}
