//! `GET, POST /link-identity/{signed_params}`: a person links a Sentry account.
//!
//! ```text
//! GET   page 1: who is asked, and what will happen        (nothing is written, nothing is sent)
//! POST  begin → Sign in with Slack → Sentry's sign-in → back here (function `sign-in`)
//! GET   page 2: both accounts, as proven in this browser
//! POST  confirm → one transaction → the click that waited → notice in Slack → 303
//! GET   page 3: it is done
//! ```
//! A forwarded link binds nothing: whoever follows it has to be its Slack user, by Slack's own word.

pub mod decide;
mod pages;

use std::time::Duration;

use decide::{Decision, shown};
use shared::{
    browser::form_token,
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    flow::ProvenAccount,
    http::{Request, Response},
    identity::Identity,
    job::{Click, Job, JobKey},
    messages,
    queue::{SqsQueue, Wake},
    routes::Urls,
    sealing::{Field, Sealer},
    signing::{
        hex,
        link::{Purpose, Signer},
        random_bytes,
    },
    slack::client::{SlackClient, SlackOauth},
    store::{
        FollowFlow, LinkIdentity as LinkStore, LinkWrite, Linked, LoadClicker, dynamo::DynamoStore,
    },
    telemetry::metrics::TARGET,
    visit::{self, Form, Visit},
};
use templates::{ExpiredReason, TakenSide, step};

/// The route, with what it needs.
#[derive(Debug)]
pub struct LinkIdentity<S, Q, C> {
    /// Opens links, signs forms and states.
    pub signer: Signer,
    /// Opens the click that waits.
    pub sealer: Sealer,
    /// The bundle's own addresses.
    pub urls: Urls,
    /// Where Slack signs people in.
    pub slack_oauth: SlackOauth,
    /// The table.
    pub store: S,
    /// Wakes `perform`.
    pub queue: Q,
    /// Slack.
    pub slack: SlackClient,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it.
pub async fn from_env() -> Result<LinkIdentity<DynamoStore, SqsQueue, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Work).await?;
    let route = LinkIdentity {
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        urls: settings.urls()?,
        slack_oauth: settings.slack_oauth()?,
        store: settings.store(Pace::Work)?,
        queue: settings.queue()?,
        slack: settings.slack()?,
        clock: SystemClock,
    };
    route.store.warm().await;
    Ok(route)
}

impl<S, Q, C> LinkIdentity<S, Q, C>
where
    S: FollowFlow + LoadClicker + LinkStore,
    Q: Wake,
    C: Clock,
{
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let reference = request.id.clone();
        self.answer(request).await.unwrap_or_else(|error| {
            error.log();
            pages::refused(&error, &reference)
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let now = self.clock.now();
        request.route("link-identity")?;
        let here = self.urls.link_identity(request.last_segment());
        let id = request.id.clone();
        let standing = visit::open(&self.store, &self.signer, Purpose::Link, &request, now).await?;
        let form = Form::read(request, &self.urls.origin())?;
        match decide::decide(standing, form.as_ref(), &self.signer)? {
            Decision::ShowStart(visit) => self.start(&visit),
            Decision::ShowConfirm(visit, proven) => self.confirm(&visit, &proven),
            Decision::ShowLinked(visit, account) => Ok(pages::linked(&visit, &account)),
            Decision::ShowAlreadyLinked(visit, account) => {
                Ok(pages::already_linked(&visit, &account, TakenSide::Slack))
            }
            Decision::ShowUsed => Ok(pages::expired(ExpiredReason::Used)),
            Decision::ShowSuperseded => Ok(pages::expired(ExpiredReason::Superseded)),
            Decision::ShowChanged => Ok(pages::changed()),
            Decision::Begin(visit) => self.begin(&visit, now).await,
            Decision::Link(visit, proven) => self.link(&visit, proven, &id, now).await,
            Decision::Reload => Ok(Response::see_other(&here)),
        }
    }

    /// Page 1.
    fn start(&self, visit: &Visit) -> Result<Response, Error> {
        let (cookie, set_cookie) = visit.cookie_or_fresh()?;
        let token = form_token(&self.signer, &cookie, &visit.flow.id, step::BEGIN, &[]);
        let page = pages::start(visit, token.ok_or(Error::Internal)?);
        Ok(page.with_cookies(set_cookie))
    }

    fn confirm(&self, visit: &Visit, proven: &ProvenAccount) -> Result<Response, Error> {
        let cookie = visit.cookie.as_deref().unwrap_or_default();
        let shown = shown(visit, proven);
        let token = form_token(&self.signer, cookie, &visit.flow.id, step::CONFIRM, &shown);
        Ok(pages::confirm(visit, proven, token.ok_or(Error::Internal)?))
    }

    /// Sends the browser to Slack.
    async fn begin(&self, visit: &Visit, now: Timestamp) -> Result<Response, Error> {
        let redirect_uri = self.urls.sign_in_slack();
        let (stage, url) =
            visit.way_to_slack(&self.signer, &self.slack, &self.slack_oauth, &redirect_uri, now)?;
        Ok(match visit.begin(&self.store, &self.sealer, stage).await? {
            Some(cookie) => pages::leaving_for_slack(url).with_cookies(Some(cookie)),
            None => self.reload(visit),
        })
    }

    async fn link(
        &self,
        visit: &Visit,
        proven: ProvenAccount,
        request: &str,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let flow = &visit.flow;
        let account = proven.account.clone();
        let identity = Identity {
            person: flow.person.clone(),
            account: proven.account,
            tokens: proven.tokens.ok_or(Error::Form)?,
            link_id: hex(&random_bytes::<16>()?),
            linked_at: now,
            refresh_lease: Timestamp::from_millis(0),
        };
        let job = self.waiting_job(visit, now)?.map(|job| job.asked_by(request));
        let write = LinkWrite { flow: flow.used(), identity, job: job.clone(), now };
        match self.store.link(&write).await? {
            Linked::Yes => {
                tracing::info!(event = "slack.link.linked", account = %account.id);
                if job.is_some() {
                    tracing::info!(target: TARGET, Function = "link-identity", Admitted = 1_u64);
                }
                self.wake(job.as_ref()).await;
                visit.notify(&self.sealer, &self.slack, &messages::linked(), now).await;
                Ok(self.reload(visit))
            }
            Linked::SlackSideTaken => {
                let current = visit.identity.as_ref().map_or(account, |i| i.account.clone());
                Ok(pages::already_linked(visit, &current, TakenSide::Slack))
            }
            Linked::SentrySideTaken => {
                Ok(pages::already_linked(visit, &account, TakenSide::Sentry))
            }
            Linked::Outdated => Ok(self.reload(visit)),
            Linked::NotInstalled => Err(Error::NotFound),
        }
    }

    /// The click that asked for the link, as a job: written with the link or not at all.
    fn waiting_job(&self, visit: &Visit, now: Timestamp) -> Result<Option<Job>, Error> {
        let flow = &visit.flow;
        let Some(sealed) = &flow.click else { return Ok(None) };
        let click: Click = self.sealer.open_json(flow.person.owner(), Field::Click, sealed)?;
        let key = JobKey::of_flow(flow.id.as_str());
        // The prompt and the notice come before it.
        let url_uses = visit.reply_to(&self.sealer).map_or(0, |to| to.uses + 1);
        Ok(Some(Job { url_uses, ..Job::admit(key, &click, sealed.clone(), now) }))
    }

    async fn wake(&self, job: Option<&Job>) {
        if let Some(job) = job
            && self.queue.wake(&job.key, Duration::ZERO).await.is_err()
        {
            tracing::warn!(event = "queue.not_woken", job = job.key.as_str());
        }
    }

    /// To the page of the same address: going back does not send the form again.
    fn reload(&self, visit: &Visit) -> Response {
        Response::see_other(&self.urls.link_identity(visit.token.expose()))
    }
}
