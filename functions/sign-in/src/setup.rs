//! An admin returns from Sentry: who they are, and for which organizations they may install the app.
//!
//! Their token is asked once and forgotten: nobody is linked by installing.

use shared::{
    browser::{Returned, SETUP_COOKIE, returned, setup_verifier},
    clock::{Clock, Timestamp},
    error::Error,
    flow::FlowId,
    http::{Request, Response},
    sentry::{client::SentryError, oauth::SignedIn},
    setup::Setup,
    store::{FollowFlow, FollowSetup, LoadClicker, Written},
};

use crate::{
    SignIn,
    decide::waits_for_admin,
    pages::{self, install_again},
};

impl<S, C> SignIn<S, C>
where
    S: FollowFlow + FollowSetup + LoadClicker,
    C: Clock,
{
    pub(crate) async fn admin_returned(
        &self,
        request: &Request,
        state: &str,
        id: &FlowId,
        now: Timestamp,
    ) -> Response {
        self.admin(request, state, id, now).await.unwrap_or_else(|error| {
            error.log();
            pages::install_refused(&error, &request.id)
        })
    }

    async fn admin(
        &self,
        request: &Request,
        state: &str,
        id: &FlowId,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let cookie = request.cookie(SETUP_COOKIE).unwrap_or_default();
        let setup = self.store.setup(id).await?;
        let Some(setup) = setup.filter(|setup| waits_for_admin(setup, cookie, state, now)) else {
            return Ok(install_again(false));
        };
        // From here on the state is used up, whatever comes.
        let setup = setup.at(shared::setup::SetupStage::Exchanging);
        if self.store.advance_setup(&setup).await? == Written::Outdated {
            return Ok(install_again(false));
        }
        let code = match returned(request) {
            Returned::Code(code) => code,
            Returned::Cancelled => return Ok(install_again(true)),
            Returned::Broken => return Ok(install_again(false)),
        };
        let verifier = setup_verifier(&self.signer, cookie, state).ok_or(Error::Internal)?;
        let redirect_uri = self.urls.sign_in_sentry();
        match self.sentry.sign_in(&self.sentry_oauth, &code, &redirect_uri, &verifier).await {
            Ok(signed_in) => self.choices(&setup, signed_in).await,
            Err(SentryError::Refused { .. }) => Ok(install_again(false)),
            Err(error) => Err(error.into()),
        }
    }

    /// What the admin may choose from.
    async fn choices(&self, setup: &Setup, signed_in: SignedIn) -> Result<Response, Error> {
        let SignedIn { account, grant, .. } = signed_in;
        let managed = match self.sentry.managed(&grant.access, setup.wanted.as_deref()).await {
            Ok(managed) => managed,
            Err(SentryError::SsoRequired) => return Ok(pages::install_needs_sso()),
            Err(SentryError::Forbidden | SentryError::NoSeat) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        if managed.is_empty() {
            tracing::info!(event = "sign_in.may_not_install", account = %account.id);
            return Ok(pages::may_not_install(&account));
        }
        let next = setup.with_admin(account, managed);
        Ok(match self.store.advance_setup(&next).await? {
            Written::Yes => Response::see_other(&self.urls.install()),
            Written::Outdated => install_again(false),
        })
    }
}
