//! Events that only Slack, or a link of ours, can cause: made by the stand-in for Slack and by the
//! bundle's own signer, with the keys of the environment file.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use shared::{
    clock::{Clock, Timestamp},
    flow::FlowPurpose,
    identity::Organization,
    job::Click,
    prompt::{Asked, Prompter},
    routes::Urls,
    sealing::Sealer,
    secret::Secret,
    signing::{link::Signer, request::RequestVerifier},
    slack::{
        interaction::{self, Interaction, PayloadError, Wanted},
        reply_to::ReplyTo,
        response_url::Hooks,
    },
};
use url::Url;

use super::{Environment, EventsError, Sample};
use crate::{
    installation,
    slack::{Alert, Button, Settings, SignedRequest, Slack},
};

/// Who has linked an account, if somebody has gone through the pages of a running bundle as Alice.
const LINKED: &str = "U0ALICE001";
/// Who has not.
const NOT_LINKED: &str = "U0BOB00001";

pub(super) fn samples(
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Vec<Sample>, EventsError> {
    let now = clock.now();
    let slack = slack(environment, clock)?;
    let link = Button::new("open_in_sentry", "open", "Open in Sentry");
    let mut alert = Alert::type_error(environment.get("SENTRY_URL")?);
    alert.buttons.push(link);
    let message = slack.post_alert(&alert);
    let click = |user: &str, action: &str, value: &str| slack.click(user, &message, action, value);

    let nothing_to_do = click(LINKED, "open_in_sentry", "open")?;
    let linked = click(LINKED, "status::resolved", "resolved")?;
    let not_linked = click(NOT_LINKED, "status::resolved", "resolved")?;
    let link = link_of(&not_linked, environment, now)?;
    Ok(vec![
        delivered("action-link-button", nothing_to_do, now)?,
        delivered("action-linked", linked, now)?,
        delivered("action-not-linked", not_linked, now)?,
        Sample::http("link-identity-start", Request::get(link).body(Vec::new())?, now)?,
    ])
}

fn slack(environment: &Environment, clock: Arc<dyn Clock>) -> Result<Slack, EventsError> {
    Ok(Slack::new(Settings {
        clock,
        signing_secret: environment.get("SLACK_SIGNING_SECRET")?.to_owned(),
        client_id: environment.get("SLACK_CLIENT_ID")?.to_owned(),
        client_secret: environment.get("SLACK_CLIENT_SECRET")?.to_owned(),
        bot_token: String::new(),
        redirect_uris: Vec::new(),
        base_url: environment.get("SLACK_HOOKS_URL")?.to_owned(),
        sentry_url: environment.get("SENTRY_URL")?.to_owned(),
    }))
}

fn delivered(
    name: &'static str,
    click: SignedRequest,
    now: Timestamp,
) -> Result<Sample, EventsError> {
    let mut request = Request::post("/action").body(Vec::new())?;
    *request.headers_mut() = headers(&click);
    *request.body_mut() = click.body;
    Sample::http(name, request, now)
}

fn headers(click: &SignedRequest) -> HeaderMap {
    let headers = click.headers().into_iter().filter_map(|(name, value)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    });
    headers.collect()
}

/// The link that `action` hands out for this click. It opens the flow of that click, once `action`
/// has written it: the nonce follows from the click.
fn link_of(
    request: &SignedRequest,
    environment: &Environment,
    now: Timestamp,
) -> Result<String, EventsError> {
    let master = || environment.get("MASTER_KEY").map(|key| vec![Secret::new(key)]);
    let (signer, sealer) = (Signer::new(master()?), Sealer::new(master()?));
    let urls = Urls::new(Url::parse(environment.get("PUBLIC_URL")?)?);
    let installation = installation::installation(&sealer, "", now)?;
    let [organization] = installation.organizations.as_slice() else {
        return Err(PayloadError::Missing("org").into());
    };
    let click = understood(request, environment, organization.clone(), now)?;
    let reply_to = ReplyTo::click(&click.person.user, &click.alert, None, now);
    let key = click.key();
    let asked = Asked::by_click(&click, &installation, 0, &reply_to, key.as_str());
    let prompter = Prompter { signer: &signer, sealer: &sealer, urls: &urls, now };
    Ok(prompter.prompt(&asked, FlowPurpose::Link)?.url)
}

/// The click as `action` understands it.
fn understood(
    request: &SignedRequest,
    environment: &Environment,
    organization: Organization,
    now: Timestamp,
) -> Result<Click, EventsError> {
    let verifier =
        RequestVerifier::new(vec![Secret::new(environment.get("SLACK_SIGNING_SECRET")?)]);
    let body = verifier.verify(&headers(request), request.body.clone(), now)?;
    let hooks = Hooks::new(&Url::parse(environment.get("SLACK_HOOKS_URL")?)?);
    let Interaction::Issue(interaction) = interaction::parse(&body, &hooks)? else {
        return Err(PayloadError::Missing("actions").into());
    };
    let Wanted::Change(change) = interaction.wanted else {
        return Err(PayloadError::UnknownChange.into());
    };
    Ok(Click {
        tenant: interaction.tenant,
        team: interaction.team,
        person: interaction.person,
        person_name: interaction.person_name,
        organization,
        issue: interaction.issue,
        change,
        alert: interaction.alert,
        response_url: interaction.response_url,
        action_ts: interaction.action_ts,
        decided_at: interaction.decided_at,
        modal: None,
    })
}
