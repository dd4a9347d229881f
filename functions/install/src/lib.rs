//! `GET, POST /install`, `GET /install/slack`: an admin connects a workspace with an organization.
//!
//! ```text
//! GET   page 1: what will happen                                (nothing is written, nothing is sent)
//! POST  begin  → Sentry's sign-in (function `sign-in`: an owner or manager? of which organizations?)
//! GET   page 2: for which organization
//! POST  choose → Slack's approval of the app → GET /install/slack → oauth.v2.access → the installation
//! GET   page 3: it is there, and what to do next; or: one more organization?
//! POST  add    → the installation with one more organization → page 3
//! ```
//! All pages stand at one address; which one a browser sees is a matter of its cookie. The installer is
//! not linked by installing: they are offered the same link as everybody else.

pub mod decide;
mod installing;
mod pages;

use decide::{Decision, adding_shown, chosen_shown, decide};
use lambda_http::http::Method;
use shared::{
    browser::{
        Provider, SETUP_COOKIE, form_token, new_cookie, new_state, set_setup_cookie,
        setup_verifier, state_hash,
    },
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    flow::FlowId,
    http::{Request, Response},
    identity::Organization,
    routes::Urls,
    sealing::Sealer,
    sentry::{client::SentryClient, organizations::ADMIN_SCOPES},
    setup::{Adding, Setup, SetupStage},
    signing::link::Signer,
    slack::client::{SlackClient, SlackOauth},
    store::{
        ChangeInstallation, FollowSetup, LoadClicker, OpenFlow, OpenSetup, Written,
        dynamo::DynamoStore,
    },
    visit::Form,
};
use templates::step;

/// The query that leads back to the first page.
const AGAIN: &str = "again";

/// The route, with what it needs.
#[derive(Debug)]
pub struct Install<S, C> {
    /// Signs forms, states and the installer's link.
    pub signer: Signer,
    /// Seals bot tokens.
    pub sealer: Sealer,
    /// The bundle's own addresses.
    pub urls: Urls,
    /// The Slack app.
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
pub async fn from_env() -> Result<Install<DynamoStore, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Work).await?;
    let route = Install {
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

impl<S, C> Install<S, C>
where
    S: FollowSetup + OpenSetup + ChangeInstallation + LoadClicker + OpenFlow,
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
        request.route("install")?;
        if request.last_segment() != "install" {
            return self.returned(&request, now).await;
        }
        let cookie = request.cookie(SETUP_COOKIE).map(str::to_owned);
        // Who asks to begin again sees the first page, whatever this browser was at.
        let again = request.method == Method::GET && request.query == AGAIN;
        let setup = if again { None } else { self.setup(cookie.as_deref(), now).await? };
        let form = Form::read(request, &self.urls.origin())?;
        match decide(setup, cookie.as_deref(), form.as_ref(), &self.signer)? {
            Decision::ShowStart => self.start(cookie),
            Decision::ShowChoice(setup) => self.choice(cookie.as_deref(), &setup),
            Decision::ShowAdding(adding) => self.adding(cookie.as_deref(), &adding),
            Decision::ShowDone(outcome) => Ok(pages::done(outcome, self.urls.alert())),
            Decision::Begin(wanted) => self.begin(wanted, now).await,
            Decision::Choose(setup, organization) => self.choose(&setup, organization, now).await,
            Decision::Add(setup, adding) => self.add(&setup, &adding, now).await,
            Decision::Reload => Ok(self.reload()),
        }
    }

    /// The setup of this browser, while it can be finished. Without a cookie the table is not asked.
    async fn setup(&self, cookie: Option<&str>, now: Timestamp) -> Result<Option<Setup>, Error> {
        let Some(cookie) = cookie else { return Ok(None) };
        let setup = self.store.setup(&FlowId::of_nonce(cookie)).await?;
        Ok(setup.filter(|setup| setup.is_open(now)))
    }

    /// Page 1.
    fn start(&self, cookie: Option<String>) -> Result<Response, Error> {
        let (cookie, set_cookie) = if let Some(cookie) = cookie {
            (cookie, None)
        } else {
            let fresh = new_cookie()?;
            (fresh.clone(), Some(set_setup_cookie(&fresh)))
        };
        let token = self.token(Some(&cookie), step::BEGIN, &[])?;
        Ok(pages::start(token).with_cookies(set_cookie))
    }

    /// Page 2.
    fn choice(&self, cookie: Option<&str>, setup: &Setup) -> Result<Response, Error> {
        let shown = chosen_shown(setup);
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let token = self.token(cookie, step::CHOOSE, &shown)?;
        pages::choice(setup, token)
    }

    fn adding(&self, cookie: Option<&str>, adding: &Adding) -> Result<Response, Error> {
        let token = self.token(cookie, step::ADD, &adding_shown(adding))?;
        Ok(pages::adding(adding, token))
    }

    fn token(&self, cookie: Option<&str>, step: &str, shown: &[&str]) -> Result<String, Error> {
        let cookie = cookie.unwrap_or_default();
        let flow = FlowId::of_nonce(cookie);
        form_token(&self.signer, cookie, &flow, step, shown).ok_or(Error::Internal)
    }

    /// Sends the browser to Sentry, under a fresh name: what an earlier page knew opens nothing.
    async fn begin(&self, wanted: Option<String>, now: Timestamp) -> Result<Response, Error> {
        let cookie = new_cookie()?;
        let id = FlowId::of_nonce(&cookie);
        let ends = now.plus(shared::setup::LIFE);
        let state = new_state(&self.signer, &id, ends, Provider::SentryForSetup, now)?;
        let verifier = setup_verifier(&self.signer, &cookie, &state).ok_or(Error::Internal)?;
        let stage = SetupStage::AtSentry { state: state_hash(&state) };
        self.store.open_setup(&Setup::begin(&cookie, stage, wanted, now)).await?;
        let url = self.sentry.authorize_url(
            &self.sentry_client_id,
            &ADMIN_SCOPES,
            &self.urls.sign_in_sentry(),
            &state,
            &verifier,
        );
        Ok(pages::leaving("Sentry", url).with_cookies([set_setup_cookie(&cookie)]))
    }

    /// Sends the browser to Slack.
    async fn choose(
        &self,
        setup: &Setup,
        organization: Organization,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let provider = Provider::SlackInstall;
        let state = new_state(&self.signer, &setup.id, setup.expires, provider, now)?;
        let stage = SetupStage::AtSlack { state: state_hash(&state), organization };
        if self.store.advance_setup(&setup.at(stage)).await? == Written::Outdated {
            return Ok(self.reload());
        }
        let redirect_uri = self.urls.install_slack();
        let url = self.slack.install_url(&self.slack_oauth, &redirect_uri, &state);
        Ok(pages::leaving("Slack", url))
    }

    /// To the one address of all pages: going back does not send the form again.
    fn reload(&self) -> Response {
        Response::see_other(&self.urls.install())
    }

    /// A browser returns from Slack. A scanner that looks at the address with HEAD must not use the
    /// state up.
    async fn returned(&self, request: &Request, now: Timestamp) -> Result<Response, Error> {
        if request.method != Method::GET {
            return Err(Error::MethodNotAllowed(&[Method::GET]));
        }
        self.approved(request, now).await
    }
}
