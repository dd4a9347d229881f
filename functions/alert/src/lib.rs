//! `POST /alert`: Sentry says that an alert rule fired, or that an issue is otherwise now.
//!
//! Sentry waits one second, does not send a webhook again, and ends a subscription that was too late
//! too often (docs.sentry.io/organization/integrations/integration-platform/webhooks). So what is to
//! stand in Slack is written down, `perform` is woken, and Sentry is answered: Slack is never asked.
//!
//! Not again, because the integration is internal: only a public one's failures are tried anew, each
//! under a new `Request-ID` (`ignore_unpublished_app_errors`). So what fails for one channel is lost for
//! that one, and no other. A webhook that comes twice under one `Request-ID` counts once; under another
//! it is another, as is the same alert that somebody sends twice to try it.
//!
//! ```text
//! POST /alert            Sentry-Hook-Signature   read → verify → once → what is wanted → wake → 200
//! POST /alert/rule       Sentry-App-Signature    somebody saves a rule: is its channel one of ours?
//! GET  /alert/channels   Sentry-App-Signature    somebody chooses a channel for a rule
//! ```

mod channels;
pub mod decide;

use std::{collections::BTreeSet, time::Duration};

use decide::Meant;
use lambda_http::http::{HeaderMap, Method, StatusCode};
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    http::{Request, Response},
    identity::Installation,
    ids::OrganizationId,
    once::once,
    post::{Card, Change, Moment, PostKey, Subject},
    posting::Poster,
    queue::{SqsQueue, WakePosts},
    sealing::Sealer,
    sentry::webhook::{self, Destination, News},
    signing::{
        request::Verified,
        sha256_hex,
        webhook::{HOOK_SIGNATURE, Hook, HookVerifier},
    },
    slack::client::SlackClient,
    store::{FindWorkspaces, HearEvents, KeepPosts, dynamo::DynamoStore},
};

/// How many workspaces are looked through: more than there will be, and still an end.
const MOST_WORKSPACES: usize = 10_000;

/// How long the start may spend on opening connections.
const WARM_UP: Duration = Duration::from_millis(800);

/// The route, with what it needs.
#[derive(Debug)]
pub struct Alert<S, Q, C> {
    /// Checks Sentry's signature.
    pub verifier: HookVerifier,
    /// Seals what messages show, opens bot tokens.
    pub sealer: Sealer,
    /// The table.
    pub store: S,
    /// Wakes `perform`.
    pub queue: Q,
    /// Slack, for who chooses a channel.
    pub slack: SlackClient,
    /// Repeats within so long go into the thread.
    pub window: Duration,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it, its connection to the table open.
pub async fn from_env() -> Result<Alert<DynamoStore, SqsQueue, SystemClock>, ConfigError> {
    let settings = Settings::load(Pace::Ack).await?;
    let alert = Alert {
        verifier: settings.hook_verifier()?,
        sealer: settings.front_sealer()?,
        store: settings.store(Pace::Ack)?,
        queue: settings.queue()?,
        slack: settings.slack()?,
        window: settings.alert_window()?,
        clock: SystemClock,
    };
    // A table that does not answer now will be asked again by the webhook that needs it.
    let _ = tokio::time::timeout(WARM_UP, alert.store.warm()).await;
    Ok(alert)
}

impl<S, Q, C> Alert<S, Q, C>
where
    S: FindWorkspaces + HearEvents + KeepPosts,
    Q: WakePosts,
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
        request.route("alert")?;
        match (request.path.as_str(), &request.method) {
            ("/alert", _) => self.hear(request).await,
            (_, &Method::POST) => self.check_rule(request).await,
            _ => self.choose_channel(request).await,
        }
    }

    /// A webhook.
    async fn hear(&self, request: Request) -> Result<Response, Error> {
        let now = self.clock.now();
        let Request { headers, body, .. } = request;
        let hook = self.verifier.verify(&headers, &HOOK_SIGNATURE, body);
        let hook = hook.map_err(Error::HookSignature)?;
        let news = webhook::parse(&hook)?;
        if news == News::Nothing {
            return Ok(Response::empty(StatusCode::OK));
        }
        let id = name(&hook, &headers);
        let at = decide::told_at(&headers, now);
        let work = self.deal_with(&hook.get().organization, &news, at, now);
        once(&self.store, &id, "sentry.webhook.not_noted", now, work).await?;
        Ok(Response::empty(StatusCode::OK))
    }

    /// The organization of this slug, and the workspaces that act in it.
    async fn organization(
        &self,
        slug: &str,
    ) -> Result<Option<(OrganizationId, Vec<Installation>)>, Error> {
        let workspaces = self.store.workspaces(slug, MOST_WORKSPACES).await?;
        match decide::organization(&workspaces, slug) {
            Meant::One(id) => return Ok(Some((id.clone(), workspaces))),
            Meant::Nobody => {
                tracing::warn!(event = "sentry.webhook.no_workspace", organization = slug);
            }
            Meant::Several => {
                tracing::warn!(
                    event = "sentry.webhook.ambiguous_organization",
                    organization = slug
                );
            }
        }
        Ok(None)
    }

    async fn deal_with(
        &self,
        slug: &str,
        news: &News,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some((organization, workspaces)) = self.organization(slug).await? else {
            return Ok(());
        };
        let (subject, change, wanted) = match news {
            News::Alert { subject, card, channel } => {
                (subject, Change::Again(Card::Issue(card.clone())), channel.as_slice())
            }
            News::Metric { subject, card, channels } => {
                (subject, Change::Metric(card.clone()), channels.as_slice())
            }
            News::Changed { subject, issue, result } => {
                (subject, Change::Otherwise(issue.clone(), result.clone()), [].as_slice())
            }
            News::Nothing => return Ok(()),
        };
        let mut keys = BTreeSet::new();
        if !matches!(change, Change::Again(_)) {
            let stand = self.store.posts_about(&organization, subject).await?;
            keys.extend(stand.into_iter().map(|post| post.key));
        }
        if change.opens() {
            keys.extend(wanted_at(&organization, subject, &workspaces, wanted));
        }
        let poster = Poster { store: &self.store, queue: &self.queue, sealer: &self.sealer };
        let moment = Moment { at, now, window: self.window };
        // Sentry does not come again: one channel that fails takes no other with it.
        let mut written = Ok(());
        for key in &keys {
            written = written.and(poster.want(key, &change, moment).await);
        }
        written
    }
}

/// Where the rule wants it.
fn wanted_at<'a>(
    organization: &'a OrganizationId,
    subject: &'a Subject,
    workspaces: &'a [Installation],
    wanted: &'a [Destination],
) -> impl Iterator<Item = PostKey> + 'a {
    let channels = decide::channels(workspaces, wanted);
    if channels.is_empty() {
        tracing::warn!(event = "sentry.alert.no_channel", subject = %subject);
    }
    channels.into_iter().map(move |(tenant, channel)| PostKey {
        organization: organization.clone(),
        subject: subject.clone(),
        tenant: tenant.clone(),
        channel: channel.clone(),
    })
}

/// What tells a webhook from the next one: Sentry's own name for the request, or its content.
fn name(hook: &Verified<Hook>, headers: &HeaderMap) -> String {
    let Hook { organization, body } = hook.get();
    let id = headers.get("request-id").and_then(|id| id.to_str().ok());
    let id = id.filter(|id| !id.is_empty()).map_or_else(|| sha256_hex(body), str::to_owned);
    format!("sentry {organization} {id}")
}
