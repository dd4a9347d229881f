//! The part that talks to Slack.

use std::sync::atomic::Ordering;

use shared::{
    clock::Clock,
    error::Error,
    flow::FlowPurpose::{self, Link, Unlink},
    messages,
    prompt::{self, Asked, Prompter},
    secret::Secret,
    sentry::issue::Issue,
    slack::{alert, client::SlackError, message::Message, modal::Modal, reply_to::ReplyTo},
};

use crate::{InHand, Perform, Queues, Table, decide::Words};

impl<S: Table, Q: Queues, C: Clock> Perform<S, Q, C> {
    /// Says what came of the click.
    pub(crate) async fn tell(&self, in_hand: &InHand<'_>, words: &Words) -> Result<(), Error> {
        let click = in_hand.click;
        let message = match words {
            Words::Nothing => return Ok(()),
            Words::Redraw(issue) => return self.redraw(in_hand, issue).await,
            Words::Fill { has_releases } => return self.fill(in_hand, *has_releases).await,
            Words::Tell(message) => message.clone(),
            Words::AskToLink => {
                messages::link_your_identity(&self.prompt(in_hand, "link", Link).await?)
            }
            Words::AskToSignInAgain => {
                messages::sign_in_again(&self.prompt(in_hand, "again", Link).await?)
            }
            Words::OfferToUnlink => {
                let url = self.prompt(in_hand, "unlink", Unlink).await?;
                let email = in_hand.clicker.identity.as_ref().map_or("", |i| &i.account.email);
                messages::unlink_your_identity(email, &click.organization.name, &url)
            }
        };
        if self.tell_in_modal(in_hand, &message).await? {
            return Ok(());
        }
        let token = self.bot_token(in_hand);
        self.slack.tell(&reply_to(in_hand), token.as_ref(), &message, in_hand.now).await?;
        Ok(())
    }

    /// The alert as it is now, and the modal's last word if there is one.
    async fn redraw(&self, in_hand: &InHand<'_>, issue: &Issue) -> Result<(), Error> {
        let click = in_hand.click;
        let result = messages::result_line(&click.change, &click.person, issue);
        let alert = alert::redrawn(issue, &click.organization.id, &click.alert, &result);
        let (to, token) = (reply_to(in_hand), self.bot_token(in_hand));
        let result = Message::text(result);
        self.slack.redraw(&to, token.as_ref(), &alert, &result, in_hand.now).await?;
        self.tell_in_modal(in_hand, &messages::done(&click.change)).await?;
        Ok(())
    }

    /// Shows the person what can be chosen. A modal that was closed meanwhile is left closed.
    async fn fill(&self, in_hand: &InHand<'_>, has_releases: bool) -> Result<(), Error> {
        let (Some(step), Some(token)) = (&in_hand.click.modal, self.bot_token(in_hand)) else {
            return Ok(());
        };
        let view = Modal::of(in_hand.click, step).choices(has_releases);
        match (self.slack.update_modal(&token, &view).await, &step.trigger_id) {
            (Err(error @ SlackError::Unavailable { .. }), _) => Err(error.into()),
            // It could not be opened when it was clicked, or was closed: the click may still open it.
            (Err(_), Some(trigger_id)) => {
                let opened = self.slack.open_modal(&token, trigger_id, &view).await;
                tracing::info!(event = "slack.modal.gone", reopened = opened.is_ok());
                Ok(())
            }
            (Ok(()) | Err(_), _) => Ok(()),
        }
    }

    /// Whether there was a modal to say it in. One that was closed before the person chose anything
    /// counts: they have turned away.
    async fn tell_in_modal(&self, in_hand: &InHand<'_>, message: &Message) -> Result<bool, Error> {
        let (Some(step), Some(token)) = (&in_hand.click.modal, self.bot_token(in_hand)) else {
            return Ok(false);
        };
        let view = Modal::of(in_hand.click, step).notice(message);
        match self.slack.update_modal(&token, &view).await {
            Ok(()) => Ok(true),
            Err(error @ SlackError::Unavailable { .. }) => Err(error.into()),
            Err(_) => Ok(!step.chosen),
        }
    }

    /// Says something that nothing depends on.
    pub(crate) async fn say(&self, in_hand: &InHand<'_>, message: &Message) {
        let told = self.tell(in_hand, &Words::Tell(message.clone())).await;
        if let Err(error) = told {
            tracing::warn!(event = "slack.not_told", cause = %error);
        }
    }

    /// A fresh link, its flow written before the link is shown. The same job tried twice in a short
    /// time makes one.
    async fn prompt(
        &self,
        in_hand: &InHand<'_>,
        what: &str,
        purpose: FlowPurpose,
    ) -> Result<String, Error> {
        let installation = in_hand.clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        // The prompt is one use, the answers after it are the next ones.
        let reply_to = way_back(in_hand, in_hand.url_uses.load(Ordering::Relaxed) + 1);
        let job = in_hand.job;
        let occasion = format!("{what} {}", job.key.as_str());
        let occasion = prompt::tried(&occasion, job.admitted_at, in_hand.now);
        let epoch = in_hand.clicker.epoch;
        let asked = Asked::by_click(in_hand.click, installation, epoch, &reply_to, &occasion);
        let prompter = Prompter {
            signer: &self.signer,
            sealer: &self.sealer,
            urls: &self.urls,
            now: in_hand.now,
        };
        let prompt = prompter.prompt(&asked, purpose)?;
        self.store.open_flow(&prompt.flow).await?;
        Ok(prompt.url)
    }

    fn bot_token(&self, in_hand: &InHand<'_>) -> Option<Secret> {
        let installation = in_hand.clicker.installation.as_ref()?;
        installation.open_bot_token(&self.sealer).ok()
    }
}

/// The way for the next answer: handing it out counts as one use of the `response_url`.
fn reply_to(in_hand: &InHand<'_>) -> ReplyTo {
    way_back(in_hand, in_hand.url_uses.fetch_add(1, Ordering::Relaxed))
}

/// The `response_url` lives from the click on, whenever the person chose and the worker comes to it.
fn way_back(in_hand: &InHand<'_>, uses: u8) -> ReplyTo {
    let click = in_hand.click;
    let url = click.response_url.as_ref();
    ReplyTo::click(&click.person.user, &click.alert, url, click.clicked_at()).after(uses)
}
