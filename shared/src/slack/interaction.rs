//! What Slack sends when somebody uses a control, and how it becomes an [`Interaction`].
//!
//! ```text
//! POST, application/x-www-form-urlencoded, one field `payload` holding a JSON object;
//! `type` says the family (docs.slack.dev/reference/interaction-payloads):
//!   block_actions         message or unfurl: context in the first block's block_id
//!                         {"issue":4815,"rule":162,"org":"1"}; the app's home: link, unlink;
//!                         inside a modal: nothing to do
//!   view_submission       context in view.private_metadata, no channel, no response_url
//!   interactive_message   old alerts: context in callback_id {"issue":4815}
//!   dialog_submission     old dialogs: callback_id {"issue":…,"orig_response_url":…}
//! ```
//! Only the fields that are read are named; unknown types, fields and controls are fine and come
//! out as [`Interaction::Nothing`]. A needed field that is missing or malformed is an error.

mod control;
pub(super) mod payload;
mod subject;
#[cfg(test)]
pub(super) mod tests;

use serde::{Deserialize, Serialize};

pub(super) use self::control::routed_organization;
use self::{
    control::{first_selected, status},
    payload::{Context, Kind, Message, Payload},
    subject::Home,
};
use super::{
    reply_to::ReplyTo,
    response_url::{Hooks, ResponseUrl},
};
use crate::{
    change::{Change, Dialog},
    clock::Timestamp,
    identity::Person,
    ids::{ChannelId, IssueId, OrganizationId, TeamId, Tenant},
    messages::{LINK_ACTION, UNLINK_ACTION},
    signing::request::{Signed, Verified},
    slack::belonging::Belonging,
};

/// A verified payload, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Interaction {
    /// Somebody wants something done to an issue.
    Issue(Box<IssueInteraction>),
    /// Somebody confirmed, in Slack, that they want their link removed.
    Unlink(Box<UnlinkInteraction>),
    /// Somebody wants to link, from the app's home.
    Link(Box<LinkInteraction>),
    /// Nothing for us to do: acknowledge it.
    Nothing,
}

/// Somebody confirmed that they want their link removed: the click is signed by Slack, so it is the
/// proof.
#[derive(Debug, Clone, PartialEq)]
pub struct UnlinkInteraction {
    /// Whose installation this is.
    pub tenant: Tenant,
    /// Who it is.
    pub person: Person,
    /// The link that was shown to them.
    pub link_id: String,
    /// Where to answer.
    pub reply_to: ReplyTo,
    /// Whether it was shown in the app's home, which then has to be drawn anew.
    pub from_home: bool,
}

/// Somebody wants to link, from the app's home.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkInteraction {
    /// Whose installation this is.
    pub tenant: Tenant,
    /// The workspace it happened in.
    pub team: Option<TeamId>,
    /// Who it is.
    pub person: Person,
    /// What Slack calls them.
    pub person_name: String,
    /// Whether they are one of those who installed the app.
    pub belonging: Belonging,
    /// Opens the window in which the links are shown, for 3 s, once. It names this very click.
    pub trigger_id: String,
}

/// Somebody wants something done to an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueInteraction {
    /// Whose installation this is.
    pub tenant: Tenant,
    /// The workspace it happened in.
    pub team: Option<TeamId>,
    /// Who it is, keyed by their own home.
    pub person: Person,
    /// What Slack calls them.
    pub person_name: String,
    /// Whether they are one of those who installed the app, or a guest (Slack Connect).
    pub belonging: Belonging,
    /// What is wanted.
    pub wanted: Wanted,
    /// About which issue.
    pub issue: IssueId,
    /// Of which organization, if the message says so.
    pub organization: Option<OrganizationId>,
    /// Where the alert stands.
    pub alert: AlertPlace,
    /// Where to answer.
    pub response_url: Option<ResponseUrl>,
    /// Slack's time of the click: names it, and orders it among others that need no modal.
    pub action_ts: String,
    /// When a modal was submitted; its click had only opened it.
    pub decided_at: Option<Timestamp>,
    /// Whether Slack shows what the HTTP reply says: old alerts' buttons only, not their dialogs.
    pub replies_in_the_body: bool,
    /// The modal that was submitted, by our own name for it.
    pub modal: Option<String>,
    /// Good for opening a modal, for 3 s, once.
    pub trigger_id: Option<String>,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A change, at once.
    Change(Change),
    /// The modal that asks how.
    Dialog(Dialog),
}

/// Which family of message the alert is, which decides how it is redrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A Block Kit message.
    Blocks,
    /// A Block Kit unfurl of a link.
    Unfurl,
    /// An old message with attachments.
    Attachment,
    /// An old unfurl: one bare attachment.
    AttachmentUnfurl,
}

/// Where an alert stands, and what of it cannot be had from Sentry again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPlace {
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// Its `ts` in the channel.
    pub message_ts: Option<String>,
    /// Its family.
    pub family: Family,
    /// The alert rule that posted it.
    pub rule: Option<u64>,
    /// Its line of tags (mrkdwn), kept when it is redrawn.
    pub tags: Option<String>,
}

/// Why a verified body cannot be understood: all are 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not a form with exactly one `payload`.
    #[error("no payload field, or more than one")]
    Form,
    /// `payload` is not a JSON object of the documented shape.
    #[error("payload is not what Slack documents")]
    Json,
    /// A field that the family always has is missing or malformed.
    #[error("payload lacks {0}")]
    Missing(&'static str),
    /// A control of ours with a value it never has.
    #[error("payload asks for an unknown change")]
    UnknownChange,
    /// `response_url` points away from Slack.
    #[error("payload has a foreign response_url")]
    ForeignUrl,
}

/// The families that ask something of us.
const KINDS: [&str; 4] =
    ["block_actions", "interactive_message", "dialog_submission", "view_submission"];

/// No payload of Slack's is nested half as deep.
pub(super) const MAX_DEPTH: usize = 32;

/// Understands a body that Slack has signed.
pub fn parse(body: &Verified<Signed>, hooks: &Hooks) -> Result<Interaction, PayloadError> {
    let json = match payload_field(body) {
        // Slack's check of the address's certificate carries nothing else.
        Err(PayloadError::Form) if is_certificate_check(body) => return Ok(Interaction::Nothing),
        json => json?,
    };
    match understood(&json) {
        Ok(payload) => payload.understand(hooks, body.get().sent),
        // What is of no family of ours may have any shape.
        Err(_) if !is_ours(&json)? => Ok(Interaction::Nothing),
        Err(error) => Err(error),
    }
}

/// The payload of a body that Slack has signed.
pub(super) fn read(body: &Verified<Signed>) -> Result<Payload, PayloadError> {
    understood(&payload_field(body)?)
}

fn understood(json: &str) -> Result<Payload, PayloadError> {
    serde_json::from_str(json).map_err(|_| PayloadError::Json)
}

fn is_ours(json: &str) -> Result<bool, PayloadError> {
    let kind: Kind = serde_json::from_str(json).map_err(|_| PayloadError::Json)?;
    Ok(KINDS.contains(&kind.kind.as_str()))
}

fn is_certificate_check(body: &Verified<Signed>) -> bool {
    let mut fields = url::form_urlencoded::parse(&body.get().body);
    fields.any(|(name, on)| name == "ssl_check" && on == "1")
}

/// The form's one `payload`.
fn payload_field(body: &Verified<Signed>) -> Result<String, PayloadError> {
    let fields = url::form_urlencoded::parse(&body.get().body);
    let mut payloads = fields.filter(|(name, _)| name == "payload");
    let (Some((_, json)), None) = (payloads.next(), payloads.next()) else {
        return Err(PayloadError::Form);
    };
    // serde would read a list as the values of a struct, one after the other.
    let is_object = json.trim_start().starts_with('{');
    if is_object && depth(&json) <= MAX_DEPTH {
        Ok(json.into_owned())
    } else {
        Err(PayloadError::Json)
    }
}

impl Payload {
    fn understand(self, hooks: &Hooks, sent: Timestamp) -> Result<Interaction, PayloadError> {
        match self.kind.as_str() {
            "block_actions" if self.is_in_the_home() => self.home_control(hooks),
            "block_actions" if self.view.is_none() && !self.is_in_a_view() => self.control(hooks),
            "interactive_message" => self.control(hooks),
            "dialog_submission" => self.dialog_submission(hooks),
            "view_submission" => self.view_submission(hooks, sent),
            _ => Ok(Interaction::Nothing),
        }
    }

    fn is_in_a_view(&self) -> bool {
        self.container.as_ref().is_some_and(|container| container.kind == "view")
    }

    fn is_in_the_home(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.kind == "home")
    }

    /// A button in the app's home.
    fn home_control(self, hooks: &Hooks) -> Result<Interaction, PayloadError> {
        let action = self.actions.first().ok_or(PayloadError::Missing("actions"))?;
        match action.action_id.as_deref() {
            Some(UNLINK_ACTION) => self.unlink(hooks),
            Some(LINK_ACTION) => self.link(),
            _ => Ok(Interaction::Nothing),
        }
    }

    fn link(self) -> Result<Interaction, PayloadError> {
        let user = self.user.as_ref().ok_or(PayloadError::Missing("user"))?;
        let home = Home::of(&self, user)?;
        let trigger_id = self.trigger_id.clone().ok_or(PayloadError::Missing("trigger_id"))?;
        Ok(Interaction::Link(Box::new(LinkInteraction {
            tenant: home.installation,
            team: home.team,
            person: Person { tenant: home.person, user: user.id.clone() },
            person_name: user.shown_name(),
            belonging: home.belonging,
            trigger_id,
        })))
    }

    /// A button or select of an alert, of either family.
    fn control(self, hooks: &Hooks) -> Result<Interaction, PayloadError> {
        let Some(action) = self.actions.first() else {
            return Err(PayloadError::Missing("actions"));
        };
        if action.action_id.as_deref() == Some(UNLINK_ACTION) {
            return self.unlink(hooks);
        }
        let Some(wanted) = action.wanted()? else {
            return Ok(Interaction::Nothing);
        };
        let family = self.family();
        let context = self.context(family)?;
        let action_ts = action.action_ts.clone().or_else(|| self.action_ts.clone());
        let organization = action.routed_organization();
        self.issue(hooks, wanted, &context, family, action_ts, organization).map(Interaction::Issue)
    }

    /// The button that `/sentry unlink` shows.
    fn unlink(self, hooks: &Hooks) -> Result<Interaction, PayloadError> {
        let user = self.user.as_ref().ok_or(PayloadError::Missing("user"))?;
        let home = Home::of(&self, user)?;
        let action = self.actions.first().ok_or(PayloadError::Missing("actions"))?;
        let link_id = action.chosen().ok_or(PayloadError::Missing("value"))?.to_owned();
        let since = action.action_ts.as_deref().and_then(Timestamp::parse_slack);
        let response_url = self.response_url.as_deref().map(|url| hooks.parse(url)).transpose();
        Ok(Interaction::Unlink(Box::new(UnlinkInteraction {
            from_home: self.is_in_the_home(),
            tenant: home.installation,
            person: Person { tenant: home.person, user: user.id.clone() },
            link_id,
            reply_to: ReplyTo {
                user: user.id.clone(),
                channel: self.channel.as_ref().map(|channel| channel.id.clone()),
                message_ts: None,
                response_url: response_url.map_err(|_| PayloadError::ForeignUrl)?,
                since: since.ok_or(PayloadError::Missing("action_ts"))?,
                uses: 0,
            },
        })))
    }

    fn dialog_submission(self, hooks: &Hooks) -> Result<Interaction, PayloadError> {
        let Some(value) = self.submission.as_ref().and_then(|s| s.resolve_type.as_deref()) else {
            return Ok(Interaction::Nothing);
        };
        let wanted = Wanted::Change(status(value)?);
        let context = self.callback_context()?;
        let family = match context.is_message {
            Some(false) => Family::AttachmentUnfurl,
            _ => Family::Attachment,
        };
        let action_ts = self.action_ts.clone();
        self.issue(hooks, wanted, &context, family, action_ts, None).map(Interaction::Issue)
    }

    /// A submission says nowhere when it was made; the request does.
    fn view_submission(self, hooks: &Hooks, sent: Timestamp) -> Result<Interaction, PayloadError> {
        let view = self.view.as_ref().ok_or(PayloadError::Missing("view"))?;
        let Some(value) = view.state.as_ref().and_then(first_selected) else {
            return Ok(Interaction::Nothing);
        };
        let wanted = Wanted::Change(status(value)?);
        let context: Context = serde_json::from_str(&view.private_metadata)
            .map_err(|_| PayloadError::Missing("private_metadata"))?;
        let family = context.family.unwrap_or(match context.is_message {
            Some(false) => Family::Unfurl,
            _ => Family::Blocks,
        });
        let action_ts = view.opened_at();
        let mut chosen = self.issue(hooks, wanted, &context, family, action_ts, None)?;
        chosen.decided_at = Some(sent);
        Ok(Interaction::Issue(chosen))
    }

    fn issue(
        self,
        hooks: &Hooks,
        wanted: Wanted,
        context: &Context,
        family: Family,
        action_ts: Option<String>,
        routed: Option<OrganizationId>,
    ) -> Result<Box<IssueInteraction>, PayloadError> {
        let subject = self.subject(context, routed)?;
        let action_ts = action_ts
            .filter(|ts| Timestamp::parse_slack(ts).is_some())
            .ok_or(PayloadError::Missing("action_ts"))?;
        let response_url = context.orig_response_url.as_deref().or(self.response_url.as_deref());
        let response_url = response_url
            .map(|url| hooks.parse(url))
            .transpose()
            .map_err(|_| PayloadError::ForeignUrl)?;
        Ok(Box::new(IssueInteraction {
            person_name: subject.name,
            person: Person { tenant: subject.home.person, user: subject.user },
            tenant: subject.home.installation,
            team: subject.home.team,
            belonging: subject.home.belonging,
            wanted,
            issue: subject.issue,
            organization: subject.organization,
            alert: self.alert_place(context, family),
            response_url,
            action_ts,
            decided_at: None,
            modal: self.view.as_ref().map(|view| view.external_id.clone()),
            replies_in_the_body: self.kind == "interactive_message",
            trigger_id: self.trigger_id,
        }))
    }

    fn alert_place(&self, context: &Context, family: Family) -> AlertPlace {
        let channel = self.channel.as_ref().map(|channel| channel.id.clone());
        let container_ts = self.container.as_ref().and_then(|c| c.message_ts.clone());
        AlertPlace {
            channel: channel.or_else(|| context.channel_id.clone()),
            message_ts: container_ts
                .or_else(|| self.message_ts.clone())
                .or_else(|| context.message_ts.clone()),
            family,
            rule: context.rule,
            tags: self
                .message
                .as_ref()
                .or(self.app_unfurl.as_ref())
                .and_then(tags)
                .or_else(|| context.tags.as_ref()?.as_str().map(str::to_owned)),
        }
    }
}

/// How deep a text nests if it is JSON: brackets inside strings do not count.
pub(super) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The line of tags is the block that Sentry marks `{"issue":…,"block":"tags"}`.
fn tags(message: &Message) -> Option<String> {
    #[derive(Deserialize)]
    struct Marked {
        block: Option<String>,
    }
    message.blocks.iter().find_map(|block| {
        let marked: Marked = serde_json::from_str(&block.block_id).ok()?;
        let text = block.text.as_ref()?.get("text")?.as_str()?;
        (marked.block? == "tags").then(|| text.to_owned())
    })
}
