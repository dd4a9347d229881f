//! The app was removed, or so it is said.

use shared::{
    audit::Row,
    clock::{Clock, Timestamp},
    error::Error,
    identity::Installation,
    queue::SendUnfurl,
    slack::{client::SlackError, event::Callback},
    store::{ChangeInstallation, HearEvents, LoadClicker, OpenFlow, StoreError, Written},
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
    /// Removes the installation that the event is about, if it is still the one that stands.
    pub(crate) async fn removed(&self, callback: &Callback, now: Timestamp) -> Result<(), Error> {
        for _ in 0..TRIES {
            let stored = self.store.installation(&callback.tenant).await?;
            let Some(installation) = self.to_remove(stored, callback).await? else {
                tracing::info!(event = "slack.removal.ignored", tenant = %callback.tenant);
                return Ok(());
            };
            let row = Row::of_installation(&installation, None, "uninstall", None, now);
            let next = installation.removed(now);
            if self.store.change_installation(&next, Some(&row)).await? == Written::Yes {
                tracing::warn!(event = "slack.removal.done", tenant = %callback.tenant);
                return Ok(());
            }
        }
        Err(StoreError::Unavailable.into())
    }

    async fn to_remove(
        &self,
        stored: Option<Installation>,
        callback: &Callback,
    ) -> Result<Option<Installation>, Error> {
        match removal(stored.as_ref(), callback) {
            Removal::Ignore => Ok(None),
            Removal::Remove => Ok(stored),
            Removal::Ask => {
                let Some(installation) = stored else { return Ok(None) };
                Ok(self.is_dead(&installation).await?.then_some(installation))
            }
        }
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
