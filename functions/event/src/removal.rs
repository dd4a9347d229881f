//! The app was removed, or so it is said.

use shared::{
    audit::Row,
    clock::{Clock, Timestamp},
    error::Error,
    identity::Installation,
    queue::SendUnfurl,
    slack::{client::SlackError, event::Callback},
    store::{ChangeInstallation, HearEvents, LoadClicker, OpenFlow, Written},
};

use crate::{
    Event,
    decide::{Removal, removal},
};

/// How often a removal is tried that collides with something else that becomes of the workspace.
const TRIES: usize = 4;

impl<S, Q, C> Event<S, Q, C>
where
    S: LoadClicker + OpenFlow + ChangeInstallation + HearEvents,
    Q: SendUnfurl,
    C: Clock,
{
    /// Removes the installation that the event is about, if it is still the one that stands, or has
    /// it looked after.
    pub(crate) async fn removed(&self, callback: &Callback, now: Timestamp) -> Result<(), Error> {
        for _ in 0..TRIES {
            let stored = self.store.installation(&callback.tenant).await?;
            let Some((next, row)) = self.follows(stored, callback, now).await? else {
                tracing::info!(event = "slack.removal.ignored", tenant = %callback.tenant);
                return Ok(());
            };
            if self.store.change_installation(&next, row.as_ref()).await? == Written::Yes {
                let removed = row.is_some();
                tracing::warn!(event = "slack.removal.heard", tenant = %callback.tenant, removed);
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// What becomes of the installation, with its row of the audit; `None` if nothing does.
    async fn follows(
        &self,
        stored: Option<Installation>,
        callback: &Callback,
        now: Timestamp,
    ) -> Result<Option<(Installation, Option<Row>)>, Error> {
        let verdict = removal(stored.as_ref(), callback);
        let Some(installation) = stored else { return Ok(None) };
        let is_removed = match verdict {
            Removal::Ignore => false,
            Removal::Remove => true,
            Removal::Ask => self.is_dead(&installation).await?,
            // Who looks after it already finds out, and must not lose the token it gets.
            Removal::LookAfter if installation.is_looked_after(now) => false,
            Removal::LookAfter => return Ok(Some((installation.in_doubt(now), None))),
        };
        let row = Row::of_installation(&installation, None, "uninstall", None, now);
        Ok(is_removed.then(|| (installation.removed(now), Some(row))))
    }

    /// Whether Slack does not take the app's token any more.
    async fn is_dead(&self, installation: &Installation) -> Result<bool, Error> {
        let token = self.bot_token(installation)?;
        match self.slack.test(&token).await {
            Err(error) if error.is_dead_token() => Ok(true),
            Err(error @ SlackError::Unavailable { .. }) => Err(error.into()),
            // One that has merely ended is renewed by `perform`, which learns then what it is.
            Ok(()) | Err(_) => Ok(false),
        }
    }
}
