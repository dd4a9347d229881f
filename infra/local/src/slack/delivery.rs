//! Sends clicks and commands to the app, as Slack does: three seconds for an acknowledgement, HTTP
//! 200 or a warning to the person. Nothing is sent twice (Slack:
//! docs.slack.dev/interactivity/handling-user-interaction, …/implementing-slash-commands).

use std::time::Duration;

use http::StatusCode;

use super::{SignedRequest, Slack, answer::Place, clicks::NotShown, message::MessageTs};

/// How long Slack waits for any answer.
pub(super) const ACK_LIMIT: Duration = Duration::from_secs(3);
/// Where clicks are delivered.
pub(super) struct Interactivity {
    pub(super) url: String,
    pub(super) http: reqwest::Client,
}

/// What came of a click or command that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Who clicked, or typed.
    pub user: String,
    /// What was clicked: the action's value, or the modal's button; what was typed.
    pub action: String,
    /// The app's HTTP status; none when nothing came within three seconds.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl Ack {
    /// Whether Slack is content with it.
    pub fn accepted(&self) -> bool {
        self.status == Some(StatusCode::OK.as_u16())
    }
}

/// Why a click or command was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Nobody can click that.
    #[error(transparent)]
    NotShown(#[from] NotShown),
    /// The app has no URL for that yet, or none that is verified; see [`Slack::deliver_to`],
    /// [`Slack::deliver_commands_to`] and [`Slack::deliver_events_to`].
    #[error("the app has no URL for that")]
    NoUrl,
    /// The app is not installed any more.
    #[error("the app was removed from this workspace")]
    Removed,
}

/// What was clicked or typed, as far as the acknowledgement matters to it.
pub(super) enum Origin {
    BlockActions { place: Place },
    InteractiveMessage { place: Place },
    Modal { view_id: String },
    Home { view_id: String },
    Command { place: Place },
}

pub(super) async fn deliver(
    slack: &Slack,
    user: &str,
    action: &str,
    origin: Origin,
    request: SignedRequest,
) -> Result<Ack, Undelivered> {
    let (url, http, clock) = {
        let mut state = slack.state();
        if state.reach().is_none() {
            state.tell_of_removal(user, &origin);
            return Err(Undelivered::Removed);
        }
        let to = state.interactivity.as_ref().ok_or(Undelivered::NoUrl)?;
        let url = match origin {
            Origin::Command { .. } => state.command_url.as_ref().ok_or(Undelivered::NoUrl)?,
            _ => &to.url,
        };
        (url.clone(), to.http.clone(), state.settings.clock.clone())
    };
    let started = clock.now();
    let reply = tokio::time::timeout(ACK_LIMIT, post(&http, &url, request)).await.ok().flatten();
    let millis = clock.now().since(started).as_millis();
    let ack = Ack {
        user: user.to_owned(),
        action: action.to_owned(),
        status: reply.as_ref().map(|(status, _)| *status),
        millis: u64::try_from(millis).unwrap_or(u64::MAX),
    };
    let body = reply.map(|(_, body)| body).unwrap_or_default();
    slack.state().acknowledged(&origin, ack.clone(), &body);
    Ok(ack)
}

/// Sends a request; the status and body of the answer, if there is one.
pub(super) async fn post(
    http: &reqwest::Client,
    url: &str,
    request: SignedRequest,
) -> Option<(u16, Vec<u8>)> {
    let response = send(http, url, request).await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.bytes().await.ok()?.into()))
}

/// Sends a request with Slack's headers.
pub(super) async fn send(
    http: &reqwest::Client,
    url: &str,
    request: SignedRequest,
) -> Result<reqwest::Response, reqwest::Error> {
    let mut post = http.post(url);
    for (name, value) in request.headers() {
        post = post.header(name, value);
    }
    post.body(request.body).send().await
}

impl Origin {
    /// The key under which a warning is kept: the clicked message, or the view's id. A command
    /// has none: what is wrong with it is said below the conversation.
    pub(super) fn message(&self) -> Option<MessageTs> {
        match self {
            Self::BlockActions { place } | Self::InteractiveMessage { place } => {
                place.source.clone()
            }
            Self::Modal { view_id } | Self::Home { view_id } => {
                Some(MessageTs::new(view_id.clone()))
            }
            Self::Command { .. } => None,
        }
    }
}
