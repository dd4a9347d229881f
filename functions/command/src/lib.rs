//! `POST /command`: somebody typed `/sentry …` in Slack.
//!
//! Slack shows the body of a 200, to who typed and to nobody else, and for anything but a 200 an
//! error that says nothing (docs.slack.dev/interactivity/implementing-slash-commands). So whatever
//! is wrong with the workspace or with us is told in words, within three seconds: only the table is
//! asked, never Sentry.

mod alerts;

use std::time::Duration;

use lambda_http::http::StatusCode;
use shared::{
    assistance::{self, Answer, Asker},
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    deadline::Deadline,
    error::Error,
    http::{Request, Response},
    identity::Installation,
    messages,
    prompt::Prompter,
    routes::Urls,
    sealing::Sealer,
    signing::{link::Signer, request::RequestVerifier},
    slack::{
        command as slash,
        message::{Message, Shown},
        reply_to::ReplyTo,
        response_url::Hooks,
    },
    store::{ChangeInstallation, LoadClicker, OpenFlow, dynamo::DynamoStore},
};

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// The route, with what it needs.
#[derive(Debug)]
pub struct Command<S, C> {
    /// Checks Slack's signature.
    pub verifier: RequestVerifier,
    /// Signs links.
    pub signer: Signer,
    /// Seals where to answer.
    pub sealer: Sealer,
    /// Spells links.
    pub urls: Urls,
    /// Knows Slack's `response_url`s.
    pub hooks: Hooks,
    /// The table.
    pub store: S,
    /// The time.
    pub clock: C,
    /// How long rows of the audit are kept.
    pub audit: Duration,
}

/// The route as the environment describes it, its connection to the table open.
pub async fn from_env() -> Result<Command<DynamoStore, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Ack).await?;
    let command = Command {
        verifier: settings.request_verifier()?,
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        urls: settings.urls()?,
        hooks: Hooks::new(&settings.hooks_url()?),
        store: settings.store(Pace::Ack)?,
        clock: SystemClock,
        audit: settings.audit()?,
    };
    // A table that does not answer now will be asked again by the command that needs it.
    let _ = tokio::time::timeout(WARM_UP, command.store.warm()).await;
    Ok(command)
}

impl<S, C> Command<S, C>
where
    S: LoadClicker + OpenFlow + ChangeInstallation,
    C: Clock,
{
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        // Only the table is waited for.
        let answer = Deadline::from_now().kept(self.answer(request)).await;
        answer.unwrap_or_else(|error| {
            error.log();
            // What fails on our side fails after Slack's signature: there is a person to tell.
            if error.status().is_server_error() {
                shown(&messages::not_available())
            } else {
                Response::refusal(&error)
            }
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let now = self.clock.now();
        request.route("command")?;
        let body = self.verifier.verify(&request.headers, request.body, now)?;
        let Some(command) = slash::parse(&body, &self.hooks)? else {
            return Ok(Response::empty(StatusCode::OK));
        };
        let clicker = self.store.clicker(&command.person.tenant, &command.person).await?;
        let words = match assistance::answer(&command.wanted, &clicker, self.audit, now) {
            Answer::Tell(words) => words,
            Answer::MoveAlerts(installation) => {
                self.move_alerts(&command, installation, now).await?
            }
            Answer::OfferLinks(installation) => {
                self.offer_links(&command, installation, clicker.epoch, now).await?
            }
        };
        Ok(shown(&words))
    }

    /// A fresh link for each organization. The same command delivered twice offers the same links.
    async fn offer_links(
        &self,
        command: &slash::Command,
        installation: &Installation,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Message, Error> {
        let asker = Asker {
            person: &command.person,
            person_name: &command.person_name,
            team: command.team.as_ref(),
            channel: command.channel.as_ref(),
            reply_to: &reply_to(command, now),
            epoch,
            occasion: &command.trigger_id,
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let offers = assistance::links(&self.store, &prompter, installation, &asker).await?;
        tracing::info!(event = "slack.command.links_offered", links = offers.len());
        Ok(messages::offer_links(&offers))
    }
}

fn reply_to(command: &slash::Command, now: Timestamp) -> ReplyTo {
    ReplyTo {
        user: command.person.user.clone(),
        channel: command.channel.clone(),
        message_ts: None,
        response_url: command.response_url.clone(),
        since: now,
        uses: 0,
    }
}

/// To who typed, and to nobody else.
fn shown(words: &Message) -> Response {
    Response::json(&words.response(Shown::Ephemeral))
}
