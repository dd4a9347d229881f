//! `cargo dev remove`: takes the app out of a workspace and forgets everything that is kept about it.
//!
//! ```text
//! show what is kept → the workspace's name is typed
//! → Slack's apps.uninstall      best effort: what fails is said, with what to do in Slack by hand
//! → the installation disabled   from here on nobody can link, and no click is admitted
//! → its people                  both rows of each, a page at a time
//! → a tombstone                 with a row of the audit
//! ```
//! Each step finds what the one before has left, so it can be run twice, and again after it was
//! interrupted.

mod in_slack;
mod kept;
mod steps;
#[cfg(test)]
mod tests;

use std::{
    io::{self, BufRead, Write},
    path::PathBuf,
};

use shared::{
    clock::Clock,
    config::Pace,
    ids::Tenant,
    store::{ChangeInstallation, RemoveMembers, StoreError, TendInstallations},
};

use self::{in_slack::InSlack, kept::Kept, steps::Steps};
use crate::deployment::{self, DeploymentError};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The workspace.
    pub workspace: Tenant,
    /// The file of settings, instead of the environment.
    pub environment: Option<PathBuf>,
    /// Whether it is done without asking.
    pub yes: bool,
}

/// Why the workspace is not removed, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// Settings or the table.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// The person did not type the name.
    #[error("that is not its name: nothing was removed")]
    NotConfirmed,
    /// Somebody installed the app while it was removed.
    #[error("the app was installed again meanwhile: that installation stands")]
    InstalledAgain,
    /// Others changed the same rows each time.
    #[error("something else changes the workspace all the time: run this once more")]
    Busy,
    /// The terminal is gone.
    #[error("there is nobody to ask or to tell")]
    Terminal(#[from] io::Error),
}

impl From<StoreError> for RemovalError {
    fn from(error: StoreError) -> Self {
        Self::Deployment(error.into())
    }
}

/// Removes the workspace, asking at `input` and telling at `output`.
pub async fn run(
    wanted: &Wanted,
    clock: impl Clock,
    input: impl BufRead,
    output: impl Write,
) -> Result<(), RemovalError> {
    let settings = deployment::settings(wanted.environment.as_deref()).await?;
    let store = settings.store(Pace::Afar).map_err(DeploymentError::from)?;
    let slack = InSlack::of(&settings).map_err(|error| error.to_string());
    Removal { tenant: &wanted.workspace, store, slack, clock, output }.run(wanted.yes, input).await
}

/// A removal under way.
struct Removal<'a, S, C, W> {
    tenant: &'a Tenant,
    store: S,
    /// Who uninstalls the app; else why that cannot be done from here.
    slack: Result<InSlack, String>,
    clock: C,
    output: W,
}

impl<S, C, W> Removal<'_, S, C, W>
where
    S: ChangeInstallation + TendInstallations + RemoveMembers,
    C: Clock,
    W: Write,
{
    async fn run(mut self, sure: bool, input: impl BufRead) -> Result<(), RemovalError> {
        let steps = Steps { tenant: self.tenant, store: &self.store, clock: &self.clock };
        let kept = Kept::of(&self.store, self.tenant).await?;
        if kept.is_nothing() {
            writeln!(self.output, "Nothing is kept about {}.", self.tenant)?;
            return Ok(());
        }
        write!(self.output, "{kept}")?;
        if kept.is_active()
            && let Err(why) = &self.slack
        {
            writeln!(self.output, "  in Slack       cannot be uninstalled from here: {why}")?;
        }
        if !sure {
            confirm(&kept, input, &mut self.output)?;
        }
        if let Some(installation) = kept.active() {
            let done = in_slack::uninstall(self.slack.as_ref(), installation).await;
            writeln!(self.output, "\nSlack: {done}")?;
        }
        steps.disable().await?;
        let mut after = None;
        let mut removed = 0;
        while let Some(page) = steps.remove_page(after.as_ref()).await? {
            removed += page.removed;
            after = Some(page.last);
            writeln!(self.output, "People: {removed} of {} removed", kept.people)?;
        }
        steps.forget().await?;
        writeln!(
            self.output,
            "{} is forgotten. The rows of its audit stay until they end (AUDIT_DAYS).",
            self.tenant
        )?;
        Ok(())
    }
}

/// Lets the person type the workspace's name.
fn confirm(
    kept: &Kept,
    mut input: impl BufRead,
    output: &mut impl Write,
) -> Result<(), RemovalError> {
    let name = kept.name();
    write!(output, "\nType {name} to remove all of this for good: ")?;
    output.flush()?;
    let mut typed = String::new();
    input.read_line(&mut typed)?;
    if typed.trim() == name.trim() { Ok(()) } else { Err(RemovalError::NotConfirmed) }
}
