//! Somebody shared links to issues.

use std::time::Duration;

use shared::{
    clock::Clock,
    error::Error,
    queue::SendUnfurl,
    sealing::Field,
    slack::event::{Callback, LinkShared},
    store::{ChangeInstallation, HearEvents, LoadClicker, OpenFlow},
    unfurl::SealedUnfurl,
};

use crate::{Event, decide};

impl<S, Q, C> Event<S, Q, C>
where
    S: LoadClicker + OpenFlow + ChangeInstallation + HearEvents,
    Q: SendUnfurl,
    C: Clock,
{
    /// Hands the links over that are to be shown. Where the queue does not take them, Slack is to ask
    /// again: there is no sweep that would find them.
    pub(crate) async fn hand_over(
        &self,
        callback: &Callback,
        shared: &LinkShared,
    ) -> Result<(), Error> {
        let clicker = self.at_home(&shared.person).await?;
        let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        let Some(unfurl) = decide::unfurl(installation, callback, shared) else { return Ok(()) };
        let person = unfurl.person.clone();
        let sealed = self.sealer.seal_json(person.owner(), Field::Unfurl, &unfurl)?;
        self.queue.send_unfurl(&SealedUnfurl { person, sealed }, Duration::ZERO).await?;
        tracing::info!(event = "slack.event.links_handed_over", links = unfurl.links.len());
        Ok(())
    }
}
