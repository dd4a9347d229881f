//! `GET, POST /unlink-identity/{signed_params}`: a person undoes a link, most often because it is
//! the wrong account.
//!
//! ```text
//! GET   page 1: which Slack identity                      (nothing is written, nothing is sent)
//! POST  begin → Sign in with Slack, or Sentry's sign-in: proof of either side is enough
//! GET   page 2: both accounts
//! POST  confirm → one transaction → notice in Slack → 303
//! GET   page 3: it is done; POST relink → a fresh link for another account
//! ```
//! Membership of the organization is not asked: the account that is no member is the very case.

pub mod decide;
mod pages;

use decide::{Decision, shown};
use shared::{
    browser::{Provider, form_token, new_state, state_hash},
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    flow::{FlowPurpose, Stage},
    http::{Request, Response},
    identity::Identity,
    messages,
    prompt::{Asked, Prompter},
    routes::Urls,
    sealing::{Field, Sealer},
    sentry::{
        client::SentryClient,
        oauth::{SCOPES, new_verifier},
    },
    signing::link::{Purpose, Signer},
    slack::{
        client::{SlackClient, SlackOauth},
        reply_to::ReplyTo,
    },
    store::{
        FollowFlow, LoadClicker, OpenFlow, UnlinkIdentity as UnlinkStore, UnlinkWrite, Written,
        dynamo::DynamoStore,
    },
    visit::{self, Form, Visit},
};
use templates::{ExpiredReason, step};

/// The route, with what it needs.
#[derive(Debug)]
pub struct UnlinkIdentity<S, C> {
    /// Opens links, signs forms and states.
    pub signer: Signer,
    /// Seals what a flow keeps.
    pub sealer: Sealer,
    /// The bundle's own addresses.
    pub urls: Urls,
    /// Where Slack signs people in.
    pub slack_oauth: SlackOauth,
    /// The OAuth application in Sentry, by its public name.
    pub sentry_client_id: String,
    /// Knows where Sentry signs people in; it is never called from here.
    pub sentry: SentryClient,
    /// The table.
    pub store: S,
    /// Slack.
    pub slack: SlackClient,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it.
pub async fn from_env() -> Result<UnlinkIdentity<DynamoStore, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Work).await?;
    let route = UnlinkIdentity {
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        urls: settings.urls()?,
        slack_oauth: settings.slack_oauth()?,
        sentry_client_id: settings.sentry_client_id()?,
        sentry: settings.sentry()?,
        store: settings.store(Pace::Work)?,
        slack: settings.slack()?,
        clock: SystemClock,
    };
    route.store.warm().await;
    Ok(route)
}

impl<S, C> UnlinkIdentity<S, C>
where
    S: FollowFlow + LoadClicker + UnlinkStore + OpenFlow,
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
        request.route("unlink-identity")?;
        let here = self.urls.unlink_identity(request.last_segment());
        let standing =
            visit::open(&self.store, &self.signer, Purpose::Unlink, &request, now).await?;
        let form = Form::read(request, &self.urls.origin())?;
        match decide::decide(standing, form.as_ref(), &self.signer)? {
            Decision::ShowStart(visit) => self.start(&visit),
            Decision::ShowConfirm(visit, identity) => self.confirm(&visit, &identity),
            Decision::ShowUnlinked(visit) => self.unlinked(&visit),
            Decision::ShowNotLinked(visit) => Ok(pages::not_linked(&visit)),
            Decision::ShowUsed => Ok(pages::expired(ExpiredReason::Used)),
            Decision::ShowSuperseded => Ok(pages::expired(ExpiredReason::Superseded)),
            Decision::ShowChanged => Ok(pages::changed()),
            Decision::BeginWithSlack(visit) => {
                self.begin(&visit, "Slack", self.way_to_slack(&visit, now)?).await
            }
            Decision::BeginWithSentry(visit) => {
                self.begin(&visit, "Sentry", self.way_to_sentry(&visit, now)?).await
            }
            Decision::Unlink(visit, identity) => self.unlink(&visit, identity, now).await,
            Decision::Relink(visit) => self.relink(&visit, now).await,
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

    fn confirm(&self, visit: &Visit, identity: &Identity) -> Result<Response, Error> {
        let token = self.token(visit, step::CONFIRM, &shown(identity))?;
        Ok(pages::confirm(visit, identity, token))
    }

    fn unlinked(&self, visit: &Visit) -> Result<Response, Error> {
        Ok(pages::unlinked(visit, self.token(visit, step::RELINK, &[])?))
    }

    fn token(&self, visit: &Visit, step: &str, shown: &[&str]) -> Result<String, Error> {
        let cookie = visit.cookie.as_deref().unwrap_or_default();
        form_token(&self.signer, cookie, &visit.flow.id, step, shown).ok_or(Error::Internal)
    }

    /// Sends the browser to prove one side.
    async fn begin(
        &self,
        visit: &Visit,
        name: &'static str,
        (stage, url): (Stage, String),
    ) -> Result<Response, Error> {
        Ok(match visit.begin(&self.store, &self.sealer, stage).await? {
            Some(cookie) => pages::leaving(name, url).with_cookies(Some(cookie)),
            None => self.reload(visit),
        })
    }

    fn way_to_slack(&self, visit: &Visit, now: Timestamp) -> Result<(Stage, String), Error> {
        let uri = self.urls.sign_in_slack();
        visit.way_to_slack(&self.signer, &self.slack, &self.slack_oauth, &uri, now)
    }

    fn way_to_sentry(&self, visit: &Visit, now: Timestamp) -> Result<(Stage, String), Error> {
        let state =
            new_state(&self.signer, &visit.flow.id, visit.flow.expires, Provider::Sentry, now)?;
        let verifier = new_verifier()?;
        let owner = visit.flow.person.owner();
        let sealed = self.sealer.seal(owner, Field::PkceVerifier, &verifier)?;
        let uri = self.urls.sign_in_sentry();
        let url =
            self.sentry.authorize_url(&self.sentry_client_id, &SCOPES, &uri, &state, &verifier);
        Ok((Stage::AtSentry { state: state_hash(&state), verifier: sealed }, url))
    }

    async fn unlink(
        &self,
        visit: &Visit,
        identity: Identity,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let account = identity.account.id.clone();
        let write = UnlinkWrite { flow: visit.flow.used(), identity, now };
        if self.store.unlink(&write).await? == Written::Yes {
            tracing::info!(event = "slack.unlink.unlinked", account = %account);
            visit.notify(&self.sealer, &self.slack, &messages::unlinked(), now).await;
        }
        Ok(self.reload(visit))
    }

    /// A fresh link for the same Slack user. It proves nothing by itself: it begins at page 1.
    async fn relink(&self, visit: &Visit, now: Timestamp) -> Result<Response, Error> {
        let flow = &visit.flow;
        let epoch = self.store.clicker(&flow.tenant, &flow.person).await?.epoch;
        let reply_to = visit.reply_to(&self.sealer).unwrap_or_else(|| ReplyTo {
            user: flow.person.user.clone(),
            channel: flow.channel.clone(),
            message_ts: None,
            response_url: None,
            since: now,
            uses: 0,
        });
        let asked = Asked {
            person: &flow.person,
            person_name: &flow.person_name,
            installation: &visit.installation,
            team: flow.workspace.team.clone(),
            channel: flow.channel.clone(),
            organization: &flow.organization,
            epoch,
            reply_to: &reply_to,
            click: None,
            occasion: flow.id.as_str(),
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let prompt = prompter.prompt(&asked, FlowPurpose::Link)?;
        self.store.open_flow(&prompt.flow).await?;
        Ok(Response::see_other(&prompt.url))
    }

    /// To the page of the same address: going back does not send the form again.
    fn reload(&self, visit: &Visit) -> Response {
        Response::see_other(&self.urls.unlink_identity(visit.token.expose()))
    }
}
