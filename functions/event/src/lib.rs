//! `POST /event`: Slack says what has happened: the app was removed, somebody wrote to it, opened its
//! home, or shared a link to an issue.
//!
//! Slack delivers an event up to four times until it gets a 2xx. An event is taken by its name,
//! dealt with, and only then answered 200; what fails on our side is answered 503 and comes again.
//! Links are handed to `perform`: who may see an issue is Sentry's to say, and only that may ask it.
//! What can never succeed is answered with `x-slack-no-retry: 1` (docs.slack.dev/apis/events-api).

pub mod decide;
mod links;
mod removal;

use std::time::Duration;

use lambda_http::http::{HeaderName, StatusCode};
use serde_json::json;
use shared::{
    assistance::{self, Answer, Asker},
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    http::{Request, Response},
    identity::{Installation, Person},
    ids::ChannelId,
    messages,
    once::once,
    prompt::Prompter,
    queue::{SendUnfurl, SqsQueue},
    routes::Urls,
    sealing::{SealError, Sealer},
    secret::Secret,
    signing::{link::Signer, request::RequestVerifier},
    slack::{
        belonging::Belonging,
        client::{SlackClient, SlackError},
        command::Wanted,
        event::{self as slack_event, Callback, What},
        message::Message,
        reply_to::ReplyTo,
    },
    store::{ChangeInstallation, Clicker, HearEvents, LoadClicker, OpenFlow, dynamo::DynamoStore},
    transport::open_connection,
};
use url::Url;

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// Tells Slack not to send this event again.
const NO_RETRY: HeaderName = HeaderName::from_static("x-slack-no-retry");

/// The route, with what it needs.
#[derive(Debug)]
pub struct Event<S, Q, C> {
    /// Checks Slack's signature.
    pub verifier: RequestVerifier,
    /// Signs links.
    pub signer: Signer,
    /// Opens bot tokens, seals where to answer.
    pub sealer: Sealer,
    /// Spells links.
    pub urls: Urls,
    /// Where Sentry is: links to it are recognised by that, it is never called.
    pub sentry: Url,
    /// The table.
    pub store: S,
    /// Hands links to `perform`.
    pub queue: Q,
    /// Slack.
    pub slack: SlackClient,
    /// The time.
    pub clock: C,
    /// How long rows of the audit are kept.
    pub audit: Duration,
}

/// The route as the environment describes it, its connections open.
pub async fn from_env() -> Result<Event<DynamoStore, SqsQueue, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Ack).await?;
    let event = Event {
        verifier: settings.request_verifier()?,
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        urls: settings.urls()?,
        sentry: settings.sentry_url()?,
        store: settings.store(Pace::Ack)?,
        queue: settings.queue()?,
        slack: settings.slack()?,
        clock: SystemClock,
        audit: settings.audit()?,
    };
    let (slack, queue) = (settings.slack_url()?, settings.queue_host()?);
    let warm = async {
        tokio::join!(
            event.store.warm(),
            open_connection(settings.http(), slack),
            open_connection(settings.http(), queue),
        )
    };
    // A host that does not answer now will be asked again by the event that needs it.
    let _ = tokio::time::timeout(WARM_UP, warm).await;
    Ok(event)
}

impl<S, Q, C> Event<S, Q, C>
where
    S: LoadClicker + OpenFlow + ChangeInstallation + HearEvents,
    Q: SendUnfurl,
    C: Clock,
{
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        self.answer(request).await.unwrap_or_else(|error| {
            error.log();
            let response = Response::refusal(&error);
            if decide::is_permanent(&error) { response.with(NO_RETRY, "1") } else { response }
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let now = self.clock.now();
        request.route("event")?;
        let body = self.verifier.verify(&request.headers, request.body, now)?;
        match slack_event::parse(&body, &self.sentry)? {
            slack_event::Event::Verification(challenge) => {
                Ok(Response::json(&json!({ "challenge": challenge })))
            }
            slack_event::Event::Callback(callback) if callback.what != What::Nothing => {
                let work = self.deal_with(&callback, now);
                once(&self.store, &callback.id, "slack.event.not_noted", now, work).await?;
                Ok(acknowledged())
            }
            slack_event::Event::Callback(_) | slack_event::Event::Nothing => Ok(acknowledged()),
        }
    }

    async fn deal_with(&self, callback: &Callback, now: Timestamp) -> Result<(), Error> {
        match &callback.what {
            What::Uninstalled | What::TokensRevoked { .. } => self.removed(callback, now).await,
            What::HomeOpened { person } => self.show_home(person).await,
            What::LinkShared(shared) => self.hand_over(callback, shared).await,
            What::Typed { person, channel, wanted, belonging } => {
                let clicker = self.at_home(person).await?;
                let typed = Typed { person, channel, wanted, belonging: *belonging };
                self.reply(callback, &typed, &clicker, now).await
            }
            What::Nothing => Ok(()),
        }
    }

    /// What is judged of a person, where the app is installed.
    async fn at_home(&self, person: &Person) -> Result<Clicker, Error> {
        let clicker = self.store.clicker(&person.tenant, person).await?;
        match &clicker.installation {
            Some(installation) if installation.is_active() => Ok(clicker),
            _ => Err(Error::UnknownWorkspace),
        }
    }

    async fn show_home(&self, person: &Person) -> Result<(), Error> {
        let clicker = self.at_home(person).await?;
        let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        let view = messages::home(installation, clicker.identity.as_ref());
        let token = self.bot_token(installation)?;
        said(self.slack.publish_home(&token, &person.user, &view).await)
    }

    async fn reply(
        &self,
        callback: &Callback,
        typed: &Typed<'_>,
        clicker: &Clicker,
        now: Timestamp,
    ) -> Result<(), Error> {
        let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        let token = self.bot_token(installation)?;
        let words = if self.is_guest(typed, installation, &token).await {
            messages::guests_cannot_act(&installation.name)
        } else {
            match assistance::answer(typed.wanted, clicker, self.audit, now) {
                Answer::Tell(words) => words,
                Answer::MoveAlerts(_) => messages::alerts_in_a_channel(),
                Answer::OfferLinks(installation) => {
                    let asking = Asking { callback, typed, epoch: clicker.epoch, now };
                    self.offer_links(&asking, installation, &token).await?
                }
            }
        };
        said(self.slack.tell_directly(&token, typed.channel.as_str(), &words).await)
    }

    /// Where neither the event nor Slack says, the sign-in will: a guest never gets through it.
    async fn is_guest(
        &self,
        typed: &Typed<'_>,
        installation: &Installation,
        token: &Secret,
    ) -> bool {
        match typed.belonging {
            Belonging::Member => false,
            Belonging::Guest => true,
            Belonging::Unsaid => {
                let asked = self.slack.is_guest(token, &installation.tenant, &typed.person.user);
                asked.await.unwrap_or(false)
            }
        }
    }

    /// A fresh link for each organization. The same event delivered twice offers the same links.
    async fn offer_links(
        &self,
        asking: &Asking<'_>,
        installation: &Installation,
        token: &Secret,
    ) -> Result<Message, Error> {
        let Asking { callback, typed, epoch, now } = *asking;
        let user = &typed.person.user;
        // The first page names the person; an id has to do if Slack does not say.
        let name = self.slack.display_name(token, user.as_str()).await;
        let name = name.unwrap_or_else(|_| user.to_string());
        let reply_to = ReplyTo {
            user: user.clone(),
            channel: None,
            message_ts: None,
            response_url: None,
            since: now,
            uses: 0,
        };
        let asker = Asker {
            person: typed.person,
            person_name: &name,
            team: callback.team.as_ref(),
            channel: Some(typed.channel),
            reply_to: &reply_to,
            epoch,
            occasion: &callback.id,
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let offers = assistance::links(&self.store, &prompter, installation, &asker).await?;
        tracing::info!(event = "slack.event.links_offered", links = offers.len());
        Ok(messages::offer_links(&offers))
    }

    fn bot_token(&self, installation: &Installation) -> Result<Secret, SealError> {
        installation.open_bot_token(&self.sealer)
    }
}

/// Words for the app.
struct Typed<'a> {
    person: &'a Person,
    channel: &'a ChannelId,
    wanted: &'a Wanted,
    belonging: Belonging,
}

/// Somebody asks for links.
#[derive(Clone, Copy)]
struct Asking<'a> {
    callback: &'a Callback,
    typed: &'a Typed<'a>,
    epoch: u64,
    now: Timestamp,
}

fn acknowledged() -> Response {
    Response::empty(StatusCode::OK)
}

/// What Slack refuses to show, it will refuse again; what it could not take now, it may take later.
fn said(said: Result<(), SlackError>) -> Result<(), Error> {
    match said {
        Err(error @ SlackError::Unavailable { .. }) => Err(error.into()),
        Err(error) => {
            tracing::warn!(event = "slack.not_told", cause = %error);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
