//! `POST /options`: somebody types into the assignee's select, and Slack asks what to show.
//!
//! Slack waits three seconds, here as well, and there is no later: the answer is the list. So after
//! two seconds, the table's part included, whatever Sentry has not said is an empty list, and nothing
//! is ever repeated. The list is what Sentry shows to this very person, and only of the project that the
//! issue under the select belongs to.
//!
//! ```text
//! GET issue   → its project; 403 or 404 unless it is this organization's and the person may see it
//! GET members, GET teams of that project, at the same time
//! ```

pub mod decide;
pub mod list;
pub mod recent;

use std::{sync::Arc, time::Duration};

use decide::Decision;
use list::Assignees;
use recent::Recent;
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    deadline::Deadline,
    error::Error,
    http::{Request, Response},
    identity::{Identity, Organization},
    ids::{AccountId, IssueId, OrganizationId},
    sealing::Sealer,
    sentry::{
        client::{SentryClient, SentryError},
        oauth::UserToken,
    },
    signing::request::RequestVerifier,
    slack::suggestion::{self, Group, Suggestion},
    store::{LoadClicker, dynamo::DynamoStore},
    transport::open_connection,
};

/// How long after the request's arrival Sentry may take for all that is asked of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// The route, with what it needs.
#[derive(Debug)]
pub struct Options<S, C> {
    /// Checks Slack's signature.
    pub verifier: RequestVerifier,
    /// Opens tokens.
    pub token_sealer: Sealer,
    /// The table.
    pub store: S,
    /// Sentry.
    pub sentry: SentryClient,
    /// The time.
    pub clock: C,
    /// What Sentry has said lately.
    pub known: Known,
}

/// What Sentry has said lately, and to whom.
#[derive(Debug, Default)]
pub struct Known {
    /// The slug of an issue's project.
    projects: Recent<(AccountId, OrganizationId, IssueId), String>,
    /// Who can be given a project's issues.
    assignees: Recent<(AccountId, OrganizationId, String), Arc<Assignees>>,
}

/// The route as the environment describes it, its connections open: a start is not throttled as the
/// first letter is.
pub async fn from_env() -> Result<Options<DynamoStore, SystemClock>, ConfigError> {
    // Sentry may be far; `PATIENCE` sees to it that Slack is answered in time.
    let settings = Settings::load(Pace::Work).await?;
    let options = Options {
        verifier: settings.request_verifier()?,
        token_sealer: settings.token_sealer()?,
        store: settings.store(Pace::Ack)?,
        sentry: settings.sentry()?,
        clock: SystemClock,
        known: Known::default(),
    };
    let sentry = settings.sentry_url()?;
    let warm =
        async { tokio::join!(options.store.warm(), open_connection(settings.http(), sentry)) };
    // A host that does not answer now will be asked again by the letter that needs it.
    let _ = tokio::time::timeout(WARM_UP, warm).await;
    Ok(options)
}

impl<S: LoadClicker, C: Clock> Options<S, C> {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        self.answer(request).await.unwrap_or_else(|error| {
            error.log();
            Response::refusal(&error)
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let (now, deadline) = (self.clock.now(), Deadline::from_now());
        request.route("options")?;
        let body = self.verifier.verify(&request.headers, request.body, now)?;
        let suggestion = suggestion::parse(&body)?;
        let reading = self.store.clicker(&suggestion.tenant, &suggestion.person);
        let clicker = deadline.kept(reading).await?;
        let groups = match decide::decide(&suggestion, &clicker, now)? {
            Decision::Ask(identity, organization) => {
                let asking = self.groups(&suggestion, identity, organization, now);
                deadline.within(PATIENCE, asking).await.unwrap_or_else(|| {
                    tracing::warn!(event = "slack.options.late");
                    Vec::new()
                })
            }
            Decision::Nothing(reason) => {
                tracing::info!(event = "slack.options.nothing", reason = ?reason);
                Vec::new()
            }
        };
        Ok(Response::json(&suggestion::answer(&groups)))
    }

    /// What Sentry has to offer; nothing if it does not say so.
    async fn groups(
        &self,
        suggestion: &Suggestion,
        identity: &Identity,
        organization: &Organization,
        now: Timestamp,
    ) -> Vec<Group> {
        let Ok(token) = UserToken::of(identity, &self.token_sealer) else {
            // Sealed under a key that has been retired since: the next click asks to sign in anew.
            tracing::warn!(event = "slack.options.sealed", account = %identity.account.id);
            return Vec::new();
        };
        let asking = Asking { token, account: &identity.account.id, organization, now };
        match self.assignees(&asking, &suggestion.issue).await {
            Ok(all) => all.groups(asking.account, &suggestion.typed),
            Err(error) => {
                tracing::warn!(event = "slack.options.refused", cause = %error);
                Vec::new()
            }
        }
    }

    async fn assignees(
        &self,
        asking: &Asking<'_>,
        issue: &IssueId,
    ) -> Result<Arc<Assignees>, SentryError> {
        let Asking { token, organization, now, .. } = asking;
        let project = self.project(asking, issue).await?;
        let key = (asking.account.clone(), organization.id.clone(), project.clone());
        if let Some(known) = self.known.assignees.get(&key, *now) {
            return Ok(known);
        }
        let (members, teams) = tokio::try_join!(
            self.sentry.members(token, organization, &project),
            self.sentry.teams(token, organization, &project),
        )?;
        let assignees = Arc::new(Assignees { members, teams });
        self.known.assignees.keep(key, Arc::clone(&assignees), *now);
        Ok(assignees)
    }

    /// The project of an issue that is this organization's, as far as the person may see it.
    async fn project(&self, asking: &Asking<'_>, issue: &IssueId) -> Result<String, SentryError> {
        let Asking { token, organization, now, .. } = asking;
        let key = (asking.account.clone(), organization.id.clone(), issue.clone());
        if let Some(known) = self.known.projects.get(&key, *now) {
            return Ok(known);
        }
        let project = self.sentry.issue(token, organization, issue).await?.project.slug;
        self.known.projects.keep(key, project.clone(), *now);
        Ok(project)
    }
}

/// On whose behalf Sentry is asked, about what, and when.
struct Asking<'a> {
    token: UserToken,
    account: &'a AccountId,
    organization: &'a Organization,
    now: Timestamp,
}
