//! A deployment as its operator's machine knows it: by settings in the environment, or in a file as
//! `cargo dev --env` writes one.
//!
//! The names are those of `shared::config`. What the template gives the functions, an operator has
//! from the stack: `TABLE_NAME` and `FRONT_SECRET_ARN` are named in its resources, and credentials
//! come from `aws configure export-credentials --format env`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use shared::{
    config::{ConfigError, Settings},
    store::StoreError,
};

use crate::variables;

/// Why there is nothing to be said about a deployment, or done.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// The file cannot be read.
    #[error("cannot read {}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A setting is missing or not usable.
    #[error("{0}: give it in the environment, or in a file named by --env")]
    Setting(ConfigError),
    /// The table does not answer, or its rows are not ours.
    #[error("{0}: are TABLE_NAME, AWS_REGION and the credentials the deployment's?")]
    Table(StoreError),
}

// Their words are said already: as sources they would be said twice.

impl From<ConfigError> for DeploymentError {
    fn from(error: ConfigError) -> Self {
        Self::Setting(error)
    }
}

impl From<StoreError> for DeploymentError {
    fn from(error: StoreError) -> Self {
        Self::Table(error)
    }
}

/// The settings in `file`, else those of the environment.
pub async fn settings(file: Option<&Path>) -> Result<Settings, DeploymentError> {
    let variables = match file {
        Some(path) => {
            let text = fs::read_to_string(path);
            let text = text.map_err(|error| DeploymentError::File(path.to_owned(), error))?;
            Some(variables::parse(&text).into_iter().collect())
        }
        None => None,
    };
    Ok(Settings::from_afar(variables).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Directory;

    #[tokio::test]
    async fn a_file_is_read_as_it_is_written() {
        let directory = Directory::new();
        let file = directory.path().join("belay.env");
        fs::write(&file, "# of the stack\nPUBLIC_URL=https://belay.example.com\n").unwrap();

        let settings = settings(Some(&file)).await.unwrap();

        assert_eq!(settings.urls().unwrap().origin(), "https://belay.example.com");
        let missing = DeploymentError::from(settings.slack_oauth().unwrap_err()).to_string();
        assert!(missing.contains("SLACK_CLIENT_ID") && missing.contains("--env"), "{missing}");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_named() {
        let refused = settings(Some(Path::new("no/such.env"))).await.unwrap_err();

        assert_eq!(refused.to_string(), "cannot read no/such.env");
    }
}
