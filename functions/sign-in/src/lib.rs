//! `GET /sign-in/slack`, `GET /sign-in/sentry`: a browser returns with proof of who it is.
//!
//! ```text
//! link     Slack says who → is it the link's user? → on to Sentry
//!          Sentry says who → all scopes, a member? → tokens sealed into the flow → page 2
//! unlink   Slack or Sentry says who → is it that side of the link? → page 2
//! setup    Sentry says who → which organizations do they own or manage? → back to `/install`
//! ```
//! A `state` is good once, for one provider, in the browser that was sent away, for ten minutes; it
//! is used up before its code is exchanged, whatever then happens. Nothing that came back is shown.
//! For a flow that was overtaken, by another one or by the app's removal, no code is exchanged.

pub mod decide;
mod pages;
mod setup;

use decide::{Expected, expected, is_owner};
use lambda_http::http::{Method, StatusCode};
use shared::{
    browser::{
        COOKIE, Provider, Returned, StateClaims, new_state, open_state, returned, state_hash,
    },
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    flow::{Flow, FlowPurpose, ProvenAccount, Stage},
    http::{Request, Response},
    identity::{Account, Identity, Installation},
    job::Click,
    messages,
    routes::Urls,
    sealing::{Field, Sealer},
    secret::Sealed,
    sentry::{
        client::{SentryClient, SentryError},
        oauth::{SCOPES, SentryOauth, SignedIn, UserToken, new_verifier},
    },
    signing::link::Signer,
    slack::client::{SlackClient, SlackError, SlackOauth, SlackSession},
    store::{FollowFlow, FollowSetup, LoadClicker, Written, dynamo::DynamoStore},
};

/// The route, with what it needs.
#[derive(Debug)]
pub struct SignIn<S, C> {
    /// Opens states.
    pub signer: Signer,
    /// Opens what the flow keeps.
    pub sealer: Sealer,
    /// Seals the tokens.
    pub token_sealer: Sealer,
    /// The bundle's own addresses.
    pub urls: Urls,
    /// The Slack app.
    pub slack_oauth: SlackOauth,
    /// The OAuth application in Sentry.
    pub sentry_oauth: SentryOauth,
    /// The table.
    pub store: S,
    /// Slack.
    pub slack: SlackClient,
    /// Sentry.
    pub sentry: SentryClient,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it.
pub async fn from_env() -> Result<SignIn<DynamoStore, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Work).await?;
    let route = SignIn {
        signer: settings.signer()?,
        sealer: settings.front_sealer()?,
        token_sealer: settings.token_sealer()?,
        urls: settings.urls()?,
        slack_oauth: settings.slack_oauth()?,
        sentry_oauth: settings.sentry_oauth()?,
        store: settings.store(Pace::Work)?,
        slack: settings.slack()?,
        sentry: settings.sentry()?,
        clock: SystemClock,
    };
    route.store.warm().await;
    Ok(route)
}

/// The sign-in led nowhere: begin again. One page for every reason that a stranger could cause.
const START_AGAIN: StatusCode = StatusCode::BAD_REQUEST;

impl<S, C> SignIn<S, C>
where
    S: FollowFlow + FollowSetup + LoadClicker,
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
        request.route("sign-in")?;
        // A scanner that looks at the address with HEAD must not use the state up.
        if request.method != Method::GET {
            return Err(Error::MethodNotAllowed(&[Method::GET]));
        }
        let Some((state, claims)) = self.state(&request, now) else {
            return Ok(pages::start_again(START_AGAIN, false));
        };
        if claims.provider == Provider::SentryForSetup {
            return Ok(self.admin_returned(&request, &state, &claims.flow, now).await);
        }
        let Some((flow, expected)) = self.find(&request, &state, &claims, now).await? else {
            return Ok(pages::start_again(START_AGAIN, false));
        };
        let Some((installation, identity)) = self.current(&flow).await? else {
            return Ok(pages::start_again(START_AGAIN, false));
        };
        // From here on the state is used up, whatever comes.
        let flow = flow.exchanging();
        if self.store.advance(&flow).await? == Written::Outdated {
            return Ok(pages::start_again(START_AGAIN, false));
        }
        match (returned(&request), expected) {
            (Returned::Code(code), Expected::Slack { nonce }) => {
                self.returned_from_slack(flow, &installation, &code, &nonce, now).await
            }
            (Returned::Code(code), Expected::Sentry { verifier }) => {
                self.returned_from_sentry(flow, identity, &code, &verifier, now).await
            }
            (Returned::Cancelled, _) => Ok(pages::start_again(START_AGAIN, true)),
            (Returned::Broken, _) => Ok(pages::start_again(START_AGAIN, false)),
        }
    }

    /// The `state` that came back, if it is one of ours and for this address. Without one, the
    /// table is not asked.
    fn state(&self, request: &Request, now: Timestamp) -> Option<(String, StateClaims)> {
        let sent_to: &[Provider] = match request.last_segment() {
            "slack" => &[Provider::Slack],
            _ => &[Provider::Sentry, Provider::SentryForSetup],
        };
        let state = request.query_value("state")?;
        let claims = open_state(&self.signer, sent_to, &state, now).ok()?;
        Some((state, claims))
    }

    /// The flow that waits for this return.
    async fn find(
        &self,
        request: &Request,
        state: &str,
        claims: &StateClaims,
        now: Timestamp,
    ) -> Result<Option<(Flow, Expected)>, Error> {
        let Some(flow) = self.store.flow(&claims.flow).await? else { return Ok(None) };
        let expected = expected(&flow, claims.provider, state, request.cookie(COOKIE), now);
        Ok(expected.map(|expected| (flow, expected)))
    }

    /// The app in the workspace and who the person is in Sentry, unless something has overtaken the
    /// flow: nothing could be bound then, so nothing is asked for.
    async fn current(
        &self,
        flow: &Flow,
    ) -> Result<Option<(Installation, Option<Identity>)>, Error> {
        let clicker = self.store.clicker(&flow.tenant, &flow.person).await?;
        let installation =
            clicker.installation.filter(|found| flow.is_current(clicker.epoch, found));
        Ok(installation.map(|installation| (installation, clicker.identity)))
    }

    async fn returned_from_slack(
        &self,
        flow: Flow,
        installation: &Installation,
        code: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let redirect_uri = self.urls.sign_in_slack();
        let session = self.slack.session(&self.slack_oauth, code, &redirect_uri, nonce, now).await;
        let session = match session {
            Ok(session) => session,
            Err(error @ SlackError::Unavailable { .. }) => return Err(error.into()),
            Err(SlackError::IdToken(reason)) => {
                tracing::warn!(event = "sign_in.id_token", reason);
                return Ok(pages::start_again(StatusCode::FORBIDDEN, false));
            }
            Err(_) => return Ok(pages::start_again(START_AGAIN, false)),
        };
        if !is_owner(&session, &flow.person) {
            tracing::warn!(event = "sign_in.wrong_slack_user");
            return Ok(pages::wrong_slack_user(&session));
        }
        let name = self.display_name(&flow, installation, session).await;
        match flow.purpose {
            FlowPurpose::Unlink => self.proven(&flow.with_slack(name, Stage::Proven)).await,
            FlowPurpose::Link => self.on_to_sentry(&flow, name, now).await,
        }
    }

    /// What the pages call the person. The sign-in does not depend on it.
    async fn display_name(
        &self,
        flow: &Flow,
        installation: &Installation,
        session: SlackSession,
    ) -> Option<String> {
        let token = installation.open_bot_token(&self.sealer).ok()?;
        let name = self.slack.display_name(&token, flow.person.user.as_str()).await;
        name.ok().or(session.name)
    }

    async fn on_to_sentry(
        &self,
        flow: &Flow,
        name: Option<String>,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let state = new_state(&self.signer, &flow.id, flow.expires, Provider::Sentry, now)?;
        let verifier = new_verifier()?;
        let sealed = self.sealer.seal(flow.person.owner(), Field::PkceVerifier, &verifier)?;
        let stage = Stage::AtSentry { state: state_hash(&state), verifier: sealed };
        if self.store.advance(&flow.with_slack(name, stage)).await? == Written::Outdated {
            return Ok(pages::start_again(START_AGAIN, false));
        }
        Ok(Response::see_other(&self.sentry.authorize_url(
            &self.sentry_oauth.client_id,
            &SCOPES,
            &self.urls.sign_in_sentry(),
            &state,
            &verifier,
        )))
    }

    async fn returned_from_sentry(
        &self,
        flow: Flow,
        identity: Option<Identity>,
        code: &str,
        verifier: &Sealed,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let verifier = self.sealer.open(flow.person.owner(), Field::PkceVerifier, verifier)?;
        let redirect_uri = self.urls.sign_in_sentry();
        let signed_in = self.sentry.sign_in(&self.sentry_oauth, code, &redirect_uri, &verifier);
        let signed_in = match signed_in.await {
            Ok(signed_in) => signed_in,
            Err(SentryError::Refused { .. }) => {
                return Ok(pages::start_again(START_AGAIN, false));
            }
            Err(error) => return Err(error.into()),
        };
        match flow.purpose {
            FlowPurpose::Link => self.link_account(&flow, signed_in, now).await,
            FlowPurpose::Unlink => self.prove_account(&flow, identity, signed_in.account).await,
        }
    }

    async fn link_account(
        &self,
        flow: &Flow,
        signed_in: SignedIn,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let SignedIn { account, grant, has_all_scopes } = signed_in;
        if !has_all_scopes {
            return Ok(pages::missing_permission());
        }
        match self.sentry.is_member(&grant.access, &flow.organization).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::info!(event = "sign_in.not_a_member", account = %account.id);
                return Ok(pages::not_a_member(flow, &account));
            }
            Err(SentryError::SsoRequired) => return Ok(pages::sso_required(flow)),
            Err(SentryError::NoSeat) => return Ok(pages::no_seat(flow)),
            Err(error) => return Err(error.into()),
        }
        let words = self.click_in_words(flow, &grant.access).await;
        let tokens = grant.sealed(&self.token_sealer, flow.person.owner(), now)?;
        let proven = ProvenAccount { account, tokens: Some(tokens) };
        self.proven(&flow.with_account(proven, words)).await
    }

    /// The click that waits, with the issue's short name. The sign-in does not depend on it.
    async fn click_in_words(&self, flow: &Flow, token: &UserToken) -> Option<String> {
        let sealed = flow.click.as_ref()?;
        let click: Click = self.sealer.open_json(flow.person.owner(), Field::Click, sealed).ok()?;
        let issue = self.sentry.issue(token, &click.organization, &click.issue).await.ok()?;
        Some(messages::click_in_words(&click.change, Some(&issue.short_id)))
    }

    /// Unlinking: the account that signed in must be the one that is linked. Its tokens are
    /// forgotten at once.
    async fn prove_account(
        &self,
        flow: &Flow,
        identity: Option<Identity>,
        account: Account,
    ) -> Result<Response, Error> {
        if identity.is_some_and(|identity| identity.account.id != account.id) {
            return Ok(pages::wrong_account(&account));
        }
        self.proven(&flow.with_account(ProvenAccount { account, tokens: None }, None)).await
    }

    /// Back to the page that the browser came from, which now asks for the last word.
    async fn proven(&self, flow: &Flow) -> Result<Response, Error> {
        if self.store.advance(flow).await? == Written::Outdated {
            return Ok(pages::start_again(START_AGAIN, false));
        }
        let sealed = flow.link_token.as_ref().ok_or(Error::Internal)?;
        let token = self.sealer.open(flow.person.owner(), Field::LinkToken, sealed)?;
        let page = match flow.purpose {
            FlowPurpose::Link => self.urls.link_identity(token.expose()),
            FlowPurpose::Unlink => self.urls.unlink_identity(token.expose()),
        };
        Ok(Response::see_other(&page))
    }
}
