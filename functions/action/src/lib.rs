//! `POST /action`: a control under an alert was used in Slack.
//!
//! Slack waits three seconds and shows a warning for anything but a 200, so a 200 is the moment of
//! responsibility: it is given once the click is written down (as a job, or in the flow of a
//! prompt), and Sentry is never asked here. What is not written down in time is refused, and what
//! cannot be said in time is not said: Slack gets its answer before the three seconds are over.

pub mod decide;
mod home;

use std::time::Duration;

use decide::Decision;
use lambda_http::http::StatusCode;
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    deadline::Deadline,
    error::Error,
    flow::FlowPurpose,
    http::{Request, Response},
    job::{Click, Job, NewestClick},
    messages,
    prompt::{Asked, Prompter},
    queue::{SqsQueue, Wake},
    routes::Urls,
    sealing::{Field, SealError, Sealer},
    secret::Secret,
    signing::{link::Signer, request::RequestVerifier},
    slack::{
        client::SlackClient,
        interaction::{self, Interaction, IssueInteraction},
        message::{Message, Shown},
        modal::{self, Modal},
        reply_to::ReplyTo,
    },
    store::{
        AdmitJob, Clicker, Created, LoadClicker, OpenFlow, RemoveIdentity, dynamo::DynamoStore,
    },
    telemetry::metrics::TARGET,
    transport::open_connection,
};

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// The route, with what it needs.
#[derive(Debug)]
pub struct Action<S, Q, C> {
    /// Checks Slack's signature.
    pub verifier: RequestVerifier,
    /// Signs links.
    pub signer: Signer,
    /// Seals clicks.
    pub sealer: Sealer,
    /// Spells links.
    pub urls: Urls,
    /// The table.
    pub store: S,
    /// Wakes `perform`.
    pub queue: Q,
    /// Slack.
    pub slack: SlackClient,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it. The connections that a linked person's click needs are
/// open: a start is not throttled as the first click is. Slack's is opened by who needs it.
pub async fn from_env() -> Result<Action<DynamoStore, SqsQueue, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Ack).await?;
    let action = Action {
        verifier: settings.request_verifier()?,
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        urls: settings.urls()?,
        store: settings.store(Pace::Ack)?,
        queue: settings.queue()?,
        slack: settings.slack()?,
        clock: SystemClock,
    };
    let queue = settings.queue_host()?;
    let warm = async { tokio::join!(action.store.warm(), open_connection(settings.http(), queue)) };
    // A host that does not answer now will be asked again by the click that needs it.
    let _ = tokio::time::timeout(WARM_UP, warm).await;
    Ok(action)
}

impl<S, Q, C> Action<S, Q, C>
where
    S: LoadClicker + OpenFlow + AdmitJob + RemoveIdentity,
    Q: Wake,
    C: Clock,
{
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        self.answer(request).await.unwrap_or_else(|error| {
            error.log();
            Response::refusal(&error)
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let arrival = Arrival { now: self.clock.now(), deadline: Deadline::from_now() };
        request.route("action")?;
        let body = self.verifier.verify(&request.headers, request.body, arrival.now)?;
        let interaction = match interaction::parse(&body, self.slack.hooks())? {
            Interaction::Issue(interaction) => interaction,
            Interaction::Unlink(unlink) => return self.unlink(&unlink, arrival).await,
            Interaction::Link(link) => return self.link(&link, arrival).await,
            Interaction::Nothing => return Ok(Response::empty(StatusCode::OK)),
        };
        let reading = self.store.clicker(&interaction.tenant, &interaction.person);
        let clicker = arrival.deadline.kept(reading).await?;
        let decision = decide::decide(&interaction, &clicker)?;
        let chosen = decision.chosen_modal();
        let words = self.perform(decision, &clicker, &request.id, arrival).await?;
        Ok(match (words, chosen) {
            (words, Some(modal)) => Response::json(&modal::update(&match words {
                Some(words) => modal.notice(&words),
                None => modal.working(),
            })),
            (Some(words), None) => self.tell(&interaction, &clicker, &words, arrival).await,
            (None, None) => Response::empty(StatusCode::OK),
        })
    }

    /// Writes what must not be lost, and says what is still to be said.
    async fn perform(
        &self,
        decision: Decision,
        clicker: &Clicker,
        request: &str,
        arrival: Arrival,
    ) -> Result<Option<Message>, Error> {
        match decision {
            Decision::Tell(words) => Ok(Some(words)),
            Decision::Admit(click) => {
                self.admit(&click, request, arrival).await?;
                Ok(None)
            }
            Decision::OpenModal(click) => self.open_modal(&click, clicker, request, arrival).await,
            Decision::AskToLink(click) => self.ask_to_link(&click, clicker, arrival).await,
            Decision::AskWhetherGuest(click) => {
                let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
                let token = self.bot_token(clicker)?;
                let question =
                    self.slack.is_guest(&token, &installation.tenant, &click.person.user);
                // Where Slack does not say, the sign-in will: a guest never gets through it.
                match arrival.deadline.asked(question).await {
                    Ok(true) => Ok(Some(messages::guests_cannot_act(&installation.name))),
                    Ok(false) | Err(_) => self.ask_to_link(&click, clicker, arrival).await,
                }
            }
        }
    }

    async fn admit(&self, click: &Click, request: &str, arrival: Arrival) -> Result<(), Error> {
        let sealed = self.sealer.seal_json(click.person.owner(), Field::Click, click)?;
        let job = Job::admit(click.key(), click, sealed, arrival.now).asked_by(request);
        let writing = async {
            match NewestClick::of(click, &job.key) {
                Some(newest) => self.store.admit_in_order(&job, &newest).await,
                // A modal that is only to be filled takes nobody's place.
                None => self.store.admit(&job).await,
            }
        };
        let created = arrival.deadline.kept(writing).await?;
        tracing::info!(
            event = "slack.action.admitted",
            job = job.key.as_str(),
            issue = %job.issue,
            change = job.change.value(),
            again = created == Created::Already,
        );
        if created == Created::New {
            tracing::info!(target: TARGET, Function = "action", Admitted = 1_u64);
        }
        // The click is safe now: a wake-up that is lost is made good by the sweep.
        if self.queue.wake(&job.key, Duration::ZERO).await.is_err() {
            tracing::warn!(event = "queue.not_woken", job = job.key.as_str());
        }
        Ok(())
    }

    /// Slack opens a modal for three seconds after the click, so it is opened before anything else,
    /// and filled when Sentry has answered.
    async fn open_modal(
        &self,
        click: &Click,
        clicker: &Clicker,
        request: &str,
        arrival: Arrival,
    ) -> Result<Option<Message>, Error> {
        let Some(step) = &click.modal else { return Err(Error::Internal) };
        let Some(trigger_id) = &step.trigger_id else {
            return Ok(Some(messages::click_once_more()));
        };
        let loading = Modal::of(click, step).loading();
        let token = self.bot_token(clicker)?;
        let opening = self.slack.open_modal(&token, trigger_id, &loading);
        match arrival.deadline.asked(opening).await {
            Err(error) if error.is_dead_trigger() => return Ok(Some(messages::click_once_more())),
            // The worker tries once more to open it.
            Err(error) => tracing::warn!(event = "slack.modal.not_opened", cause = %error),
            Ok(()) => {}
        }
        self.admit(click, request, arrival).await?;
        Ok(None)
    }

    /// The same click delivered twice makes one prompt.
    async fn ask_to_link(
        &self,
        click: &Click,
        clicker: &Clicker,
        Arrival { now, deadline }: Arrival,
    ) -> Result<Option<Message>, Error> {
        let installation = clicker.installation.as_ref().ok_or(Error::UnknownWorkspace)?;
        let epoch = clicker.epoch;
        // The prompt itself is the first use.
        let reply_to = reply_to(click, now).after(1);
        let key = click.key();
        let asked = Asked::by_click(click, installation, epoch, &reply_to, key.as_str());
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let prompt = prompter.prompt(&asked, FlowPurpose::Link)?;
        let created = deadline.kept(self.store.open_flow(&prompt.flow)).await?;
        tracing::info!(event = "slack.action.not_linked", again = created == Created::Already);
        // A modal waits for an answer to each of its submissions; a prompt stands where it was shown.
        let said = created == Created::Already && click.modal.is_none();
        Ok((!said).then(|| messages::link_your_identity(&prompt.url)))
    }

    /// Says something to the clicker: in the reply where Slack reads it, else beside it. Words that
    /// do not arrive are logged; the click was answered.
    async fn tell(
        &self,
        interaction: &IssueInteraction,
        clicker: &Clicker,
        words: &Message,
        Arrival { now, deadline }: Arrival,
    ) -> Response {
        if interaction.replies_in_the_body {
            return Response::json(&words.response(Shown::Ephemeral));
        }
        let to = ReplyTo::click(
            &interaction.person.user,
            &interaction.alert,
            interaction.response_url.as_ref(),
            now,
        );
        let token = self.bot_token(clicker);
        let telling = self.slack.tell(&to, token.as_ref().ok(), words, now);
        if let Err(error) = deadline.said(telling).await {
            tracing::warn!(event = "slack.not_told", cause = %error);
        }
        Response::empty(StatusCode::OK)
    }

    fn bot_token(&self, clicker: &Clicker) -> Result<Secret, SealError> {
        let installation = clicker.installation.as_ref().ok_or(SealError::DoesNotOpen)?;
        installation.open_bot_token(&self.sealer)
    }
}

/// When a request came, by the clock, and when it has to be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) now: Timestamp,
    pub(crate) deadline: Deadline,
}

fn reply_to(click: &Click, now: Timestamp) -> ReplyTo {
    ReplyTo::click(&click.person.user, &click.alert, click.response_url.as_ref(), now)
}
