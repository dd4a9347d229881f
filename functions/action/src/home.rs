//! What somebody does about their own link, in the app's home or under `/sentry unlink`: the click is
//! signed by Slack, so it is the proof of who they are there.

use lambda_http::http::StatusCode;
use shared::{
    assistance::{self, Asker},
    clock::Clock,
    deadline::Deadline,
    error::Error,
    http::Response,
    identity::{Installation, Person},
    messages,
    prompt::Prompter,
    queue::Wake,
    secret::Secret,
    slack::{
        belonging::Belonging,
        client::SlackError,
        interaction::{LinkInteraction, UnlinkInteraction},
        reply_to::ReplyTo,
    },
    store::{AdmitJob, Clicker, LoadClicker, OpenFlow, RemoveIdentity, Written},
};

use crate::{Action, Arrival};

impl<S, Q, C> Action<S, Q, C>
where
    S: LoadClicker + OpenFlow + AdmitJob + RemoveIdentity,
    Q: Wake,
    C: Clock,
{
    /// Removes the link that was shown, if it is still the person's; otherwise there is nothing to
    /// remove, and that is said.
    pub(crate) async fn unlink(
        &self,
        unlink: &UnlinkInteraction,
        Arrival { now, deadline }: Arrival,
    ) -> Result<Response, Error> {
        let reading = self.where_installed(&unlink.tenant, &unlink.person);
        let clicker = deadline.kept(reading).await?;
        let shown = clicker.identity.as_ref().filter(|i| i.link_id == unlink.link_id);
        let removed = match shown {
            Some(identity) => {
                deadline.kept(self.store.remove_identity(identity, clicker.epoch, now)).await?
            }
            None => Written::Outdated,
        };
        let words = match removed {
            Written::Yes => messages::unlinked(),
            Written::Outdated => messages::nothing_to_unlink(),
        };
        tracing::info!(event = "slack.unlink.by_click", removed = removed == Written::Yes);
        let token = self.bot_token(&clicker);
        // In place of the question, so that its button cannot be used again.
        let told = self.slack.redraw(&unlink.reply_to, token.as_ref().ok(), &words, &words, now);
        log(deadline.said(told).await);
        if unlink.from_home
            && let Ok(token) = &token
        {
            let identity = clicker.identity.clone().filter(|_| removed == Written::Outdated);
            let clicker = Clicker { identity, ..clicker };
            self.show_home(&clicker, &unlink.person, token, deadline).await;
        }
        Ok(Response::empty(StatusCode::OK))
    }

    /// Shows links in a window: fresh ones at every click, however long the home was open.
    pub(crate) async fn link(
        &self,
        link: &LinkInteraction,
        Arrival { now, deadline }: Arrival,
    ) -> Result<Response, Error> {
        let reading = self.where_installed(&link.tenant, &link.person);
        let clicker = deadline.kept(reading).await?;
        let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        let token = self.bot_token(&clicker)?;
        if link.belonging == Belonging::Guest {
            let words = messages::guests_cannot_act(&installation.name);
            let view = messages::home_closed(&words.text);
            let showing = self.slack.publish_home(&token, &link.person.user, &view);
            log(deadline.said(showing).await);
            return Ok(Response::empty(StatusCode::OK));
        }
        if clicker.identity.is_some() || installation.organizations.is_empty() {
            // The home is older than the link.
            self.show_home(&clicker, &link.person, &token, deadline).await;
            return Ok(Response::empty(StatusCode::OK));
        }
        let reply_to = ReplyTo {
            user: link.person.user.clone(),
            channel: None,
            message_ts: None,
            response_url: None,
            since: now,
            uses: 0,
        };
        let asker = Asker {
            person: &link.person,
            person_name: &link.person_name,
            team: link.team.as_ref(),
            channel: None,
            reply_to: &reply_to,
            epoch: clicker.epoch,
            occasion: &link.trigger_id,
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let writing = assistance::links(&self.store, &prompter, installation, &asker);
        let offers = deadline.kept(writing).await?;
        let window = messages::link_window(&offers);
        let trigger_id = Secret::new(&link.trigger_id);
        log(deadline.said(self.slack.open_modal(&token, &trigger_id, &window)).await);
        Ok(Response::empty(StatusCode::OK))
    }

    async fn where_installed(
        &self,
        tenant: &shared::ids::Tenant,
        person: &Person,
    ) -> Result<Clicker, Error> {
        let clicker = self.store.clicker(tenant, person).await?;
        if clicker.installation.as_ref().is_some_and(Installation::is_active) {
            Ok(clicker)
        } else {
            Err(Error::UnknownWorkspace)
        }
    }

    async fn show_home(
        &self,
        clicker: &Clicker,
        person: &Person,
        token: &Secret,
        deadline: Deadline,
    ) {
        let Some(installation) = &clicker.installation else { return };
        let view = messages::home(installation, clicker.identity.as_ref());
        log(deadline.said(self.slack.publish_home(token, &person.user, &view)).await);
    }
}

/// Words that do not arrive are logged; the click was answered.
fn log(told: Result<(), SlackError>) {
    if let Err(error) = told {
        tracing::warn!(event = "slack.not_told", cause = %error);
    }
}
