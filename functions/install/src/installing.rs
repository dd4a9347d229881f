//! Slack has approved the app: the grant becomes an installation.
//!
//! A `state` is used up before its code is exchanged, whatever then happens. The installation is
//! written by its version: of two installs of one workspace at the same time both count, one after
//! the other.

use shared::{
    audit::Row,
    browser::{Provider, Returned, SETUP_COOKIE, open_state, returned, state_hash},
    clock::{Clock, Timestamp},
    error::Error,
    flow::{FlowId, FlowPurpose},
    http::{Request, Response},
    identity::{Installation, InstallationStatus, Organization, Person},
    ids::SlackUserId,
    installation::{self, Looks},
    messages,
    prompt::{Asked, Prompter},
    sealing::Field,
    setup::{Adding, Outcome, Setup, SetupStage},
    slack::{client::SlackError, grant::Grant, message::Message, reply_to::ReplyTo},
    store::{ChangeInstallation, FollowSetup, LoadClicker, OpenFlow, OpenSetup, Written},
};

use crate::{Install, pages};

/// An approval: who gave it, and what becomes of the installation by it.
#[derive(Debug, Clone, Copy)]
struct Approval<'a> {
    who: &'a SlackUserId,
    what: &'static str,
    organization: &'a Organization,
}

/// How often an install is tried that collides with something else that becomes of the workspace.
const TRIES: usize = 4;

impl<S, C> Install<S, C>
where
    S: FollowSetup + OpenSetup + ChangeInstallation + LoadClicker + OpenFlow,
    C: Clock,
{
    pub(crate) async fn approved(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let Some((setup, organization)) = self.waiting(request, now).await? else {
            return Ok(pages::again(false));
        };
        // From here on the state is used up, whatever comes.
        let setup = setup.at(SetupStage::Exchanging);
        if self.store.advance_setup(&setup).await? == Written::Outdated {
            return Ok(pages::again(false));
        }
        let code = match returned(request) {
            Returned::Code(code) => code,
            Returned::Cancelled => return Ok(pages::again(true)),
            Returned::Broken => return Ok(pages::again(false)),
        };
        let redirect_uri = self.urls.install_slack();
        let grant = match self.slack.install(&self.slack_oauth, &code, &redirect_uri).await {
            Ok(grant) => grant,
            Err(SlackError::Refused(reason)) => {
                tracing::warn!(event = "slack.install.refused", reason);
                return Ok(pages::again(false));
            }
            Err(error) => return Err(error.into()),
        };
        if !grant.missing().is_empty() {
            tracing::warn!(event = "slack.install.missing_scope", tenant = %grant.tenant);
            return Ok(pages::missing_scopes(&grant));
        }
        let looks = self.looks(&grant).await;
        self.install(&setup, &grant, &organization, looks, now).await
    }

    /// The setup that waits for this return, and what it is for. `None` is one answer for every
    /// reason: unknown, used, late, another browser. Without a state of ours, the table is not asked.
    async fn waiting(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Option<(Setup, Organization)>, Error> {
        let Some(state) = request.query_value("state") else { return Ok(None) };
        let claims = open_state(&self.signer, &[Provider::SlackInstall], &state, now);
        let (Ok(claims), Some(cookie)) = (claims, request.cookie(SETUP_COOKIE)) else {
            return Ok(None);
        };
        if claims.flow != FlowId::of_nonce(cookie) {
            return Ok(None);
        }
        let setup = self.store.setup(&claims.flow).await?;
        Ok(setup.filter(|setup| setup.is_open(now)).and_then(|setup| match &setup.stage {
            SetupStage::AtSlack { state: hash, organization } if *hash == state_hash(&state) => {
                let organization = organization.clone();
                Some((setup, organization))
            }
            _ => None,
        }))
    }

    /// What the workspace looks like. The install does not depend on it, and an enterprise has no
    /// workspace of its own.
    async fn looks(&self, grant: &Grant) -> Looks {
        if grant.team.is_none() {
            return Looks::default();
        }
        self.slack.looks(&grant.tokens.access).await.unwrap_or_default()
    }

    async fn install(
        &self,
        setup: &Setup,
        grant: &Grant,
        organization: &Organization,
        looks: Looks,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let approval = Approval { who: &grant.installer, what: "install", organization };
        for _ in 0..TRIES {
            let stored = self.store.installation(&grant.tenant).await?;
            let stored = stored.as_ref();
            match installation::install(stored, grant, organization, &looks, &self.sealer, now)? {
                installation::Install::AskToAdd => {
                    return self.ask_to_add(setup, grant, organization, looks, stored).await;
                }
                installation::Install::Write(next) => {
                    if let Some(done) = self.write(setup, &next, stored, approval, now).await? {
                        return Ok(done);
                    }
                }
            }
        }
        Err(Error::Busy)
    }

    /// The workspace acts in other organizations: the grant waits, sealed, for the person's word.
    async fn ask_to_add(
        &self,
        setup: &Setup,
        grant: &Grant,
        organization: &Organization,
        looks: Looks,
        stored: Option<&Installation>,
    ) -> Result<Response, Error> {
        let owner = shared::identity::Owner { tenant: &grant.tenant, user: None };
        let adding = Adding {
            tenant: grant.tenant.clone(),
            grant: self.sealer.seal_json(owner, Field::Grant, grant)?,
            organization: organization.clone(),
            workspace: looks.name.clone().unwrap_or_else(|| grant.name.clone()),
            looks,
            current: stored.map(names).unwrap_or_default(),
            epoch: stored.map_or(0, |stored| stored.epoch),
        };
        self.on(setup, SetupStage::Adding(Box::new(adding))).await
    }

    /// The person's word was yes.
    pub(crate) async fn add(
        &self,
        setup: &Setup,
        adding: &Adding,
        now: Timestamp,
    ) -> Result<Response, Error> {
        let owner = shared::identity::Owner { tenant: &adding.tenant, user: None };
        let grant: Grant = self.sealer.open_json(owner, Field::Grant, &adding.grant)?;
        let organization = &adding.organization;
        let approval = Approval { who: &grant.installer, what: "add", organization };
        for _ in 0..TRIES {
            let stored = self.store.installation(&grant.tenant).await?;
            let stored = stored.as_ref();
            if !adding.stands(stored) {
                return Ok(pages::again(false));
            }
            let looks = &adding.looks;
            let next = installation::add(stored, &grant, organization, looks, &self.sealer, now)?;
            if let Some(done) = self.write(setup, &next, stored, approval, now).await? {
                return Ok(done);
            }
        }
        Err(Error::Busy)
    }

    /// Writes the installation; `None` if something else became of it meanwhile.
    async fn write(
        &self,
        setup: &Setup,
        next: &Installation,
        stored: Option<&Installation>,
        approval: Approval<'_>,
        now: Timestamp,
    ) -> Result<Option<Response>, Error> {
        let Approval { who, what, organization } = approval;
        let row = Row::of_installation(next, Some(who.as_str()), what, Some(&organization.id), now);
        if self.store.change_installation(next, Some(&row)).await? == Written::Outdated {
            return Ok(None);
        }
        tracing::info!(event = "slack.install.done", tenant = %next.tenant, what);
        self.welcome(next, approval, setup, now).await;
        if let Some(installer) = installation::told_of_addition(stored, organization, who) {
            let words = messages::organization_added(next, organization, who.as_str());
            self.tell(next, installer, &words).await;
        }
        let again = stored.is_some_and(|stored| stored.status == InstallationStatus::Active);
        let outcome = Outcome {
            workspace: next.name.clone(),
            organizations: names(next),
            again,
            team: shared::ids::TeamId::parse(next.tenant.as_str()).ok(),
            app: next.app_id.clone(),
        };
        self.on(setup, SetupStage::Done(outcome)).await.map(Some)
    }

    /// Tells who approved it what to do next, with the normal link to link. It was installed whether
    /// that arrives or not.
    async fn welcome(
        &self,
        installation: &Installation,
        approval: Approval<'_>,
        setup: &Setup,
        now: Timestamp,
    ) {
        match self.own_link(installation, approval, setup, now).await {
            Ok(url) => {
                let words = messages::installed(installation, url.as_deref());
                self.tell(installation, approval.who.as_str(), &words).await;
            }
            Err(error) => tracing::warn!(event = "slack.not_told", cause = %error),
        }
    }

    async fn tell(&self, installation: &Installation, user: &str, words: &Message) {
        let told = async {
            let token = installation.open_bot_token(&self.sealer)?;
            self.slack.tell_directly(&token, user, words).await?;
            Ok::<_, Error>(())
        };
        if let Err(error) = told.await {
            tracing::warn!(event = "slack.not_told", cause = %error);
        }
    }

    /// A link to link for who approved it, unless they are linked already.
    async fn own_link(
        &self,
        installation: &Installation,
        approval: Approval<'_>,
        setup: &Setup,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let person = Person { tenant: installation.tenant.clone(), user: approval.who.clone() };
        let clicker = self.store.clicker(&installation.tenant, &person).await?;
        if clicker.identity.is_some() {
            return Ok(None);
        }
        let reply_to = ReplyTo {
            user: person.user.clone(),
            channel: None,
            message_ts: None,
            response_url: None,
            since: now,
            uses: 0,
        };
        let asked = Asked {
            person: &person,
            person_name: &self.name_of(installation, approval.who).await,
            installation,
            team: shared::ids::TeamId::parse(installation.tenant.as_str()).ok(),
            channel: None,
            organization: approval.organization,
            epoch: clicker.epoch,
            reply_to: &reply_to,
            click: None,
            occasion: &format!("install {}", setup.id.as_str()),
        };
        let prompter =
            Prompter { signer: &self.signer, sealer: &self.sealer, urls: &self.urls, now };
        let prompt = prompter.prompt(&asked, FlowPurpose::Link)?;
        self.store.open_flow(&prompt.flow).await?;
        Ok(Some(prompt.url))
    }

    /// What the link's first page calls them; an id has to do if Slack does not say.
    async fn name_of(&self, installation: &Installation, user: &SlackUserId) -> String {
        let named = async {
            let token = installation.open_bot_token(&self.sealer).ok()?;
            self.slack.display_name(&token, user.as_str()).await.ok()
        };
        named.await.unwrap_or_else(|| user.to_string())
    }

    /// On to the next page.
    async fn on(&self, setup: &Setup, stage: SetupStage) -> Result<Response, Error> {
        // Where another tab was quicker, its page is the one that is shown.
        self.store.advance_setup(&setup.at(stage)).await?;
        Ok(Response::see_other(&self.urls.install()))
    }
}

fn names(installation: &Installation) -> Vec<String> {
    installation.organizations.iter().map(|organization| organization.name.clone()).collect()
}
