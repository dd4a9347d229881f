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

pub(super) mod payload;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::payload::{Action, Context, Kind, Message, Payload, User, ViewState};
use super::{
    reply_to::ReplyTo,
    response_url::{Hooks, ResponseUrl},
};
use crate::{
    change::{Change, Dialog},
    clock::Timestamp,
    identity::Person,
    ids::{ChannelId, IssueId, OrganizationId, SlackUserId, TeamId, Tenant},
    messages::{LINK_ACTION, UNLINK_ACTION},
    sentry::lenient,
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
    // Slack's check of the address's certificate carries nothing else.
    if url::form_urlencoded::parse(&body.get().body)
        .any(|(name, on)| name == "ssl_check" && on == "1")
    {
        return Ok(Interaction::Nothing);
    }
    let json = payload_field(body)?;
    let kind: Kind = serde_json::from_str(&json).map_err(|_| PayloadError::Json)?;
    if !KINDS.contains(&kind.kind.as_str()) {
        return Ok(Interaction::Nothing);
    }
    understood(&json)?.understand(hooks, body.get().sent)
}

/// The payload of a body that Slack has signed.
pub(super) fn read(body: &Verified<Signed>) -> Result<Payload, PayloadError> {
    understood(&payload_field(body)?)
}

fn understood(json: &str) -> Result<Payload, PayloadError> {
    serde_json::from_str(json).map_err(|_| PayloadError::Json)
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

    pub(super) fn family(&self) -> Family {
        let unfurl = self.container.as_ref().is_some_and(|c| c.is_app_unfurl) || self.is_app_unfurl;
        match (self.kind.as_str(), unfurl) {
            ("block_actions" | "block_suggestion", false) => Family::Blocks,
            ("block_actions" | "block_suggestion", true) => Family::Unfurl,
            // A message of the app's own is answered with a message, an unfurl with an attachment.
            _ if self.original_message.as_ref().is_some_and(|m| m.kind == "message") => {
                Family::Attachment
            }
            _ => Family::AttachmentUnfurl,
        }
    }

    pub(super) fn context(&self, family: Family) -> Result<Context, PayloadError> {
        let message = match family {
            Family::Blocks => self.message.as_ref(),
            Family::Unfurl => self.app_unfurl.as_ref(),
            Family::Attachment | Family::AttachmentUnfurl => return self.callback_context(),
        };
        let block = message.and_then(|m| m.blocks.first()).ok_or(PayloadError::Missing("block"))?;
        serde_json::from_str(&block.block_id).map_err(|_| PayloadError::Missing("block_id"))
    }

    fn callback_context(&self) -> Result<Context, PayloadError> {
        let callback = self.callback_id.as_deref().ok_or(PayloadError::Missing("callback_id"))?;
        serde_json::from_str(callback).map_err(|_| PayloadError::Missing("callback_id"))
    }

    /// Who it is, and which issue it is about. The organization is the one that the context names,
    /// else the one that the control is routed to.
    pub(super) fn subject(
        &self,
        context: &Context,
        routed: Option<OrganizationId>,
    ) -> Result<Subject, PayloadError> {
        let user = self.user.as_ref().ok_or(PayloadError::Missing("user"))?;
        let organization = match &context.org {
            Some(id) => Some(parse_id(id, OrganizationId::parse)?),
            None => routed,
        };
        Ok(Subject {
            home: Home::of(self, user)?,
            user: user.id.clone(),
            name: user.shown_name(),
            issue: parse_id(&context.issue, IssueId::parse)?,
            organization,
        })
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

/// Who uses a control, and about which issue.
pub(super) struct Subject {
    pub(super) home: Home,
    pub(super) user: SlackUserId,
    name: String,
    pub(super) issue: IssueId,
    pub(super) organization: Option<OrganizationId>,
}

/// Whose installation, and whose identity: the two may differ.
pub(super) struct Home {
    pub(super) installation: Tenant,
    pub(super) person: Tenant,
    team: Option<TeamId>,
    pub(super) belonging: Belonging,
}

impl Home {
    fn of(payload: &Payload, user: &User) -> Result<Self, PayloadError> {
        let here = payload.workspace();
        let team = here.map(TeamId::parse).transpose();
        let team = team.map_err(|_| PayloadError::Missing("team"))?;
        let enterprise = payload.enterprise.as_ref().map(|enterprise| enterprise.id.as_str());
        let installation = if payload.is_enterprise_install {
            let enterprise = enterprise.unwrap_or_default();
            Tenant::parse(enterprise).map_err(|_| PayloadError::Missing("enterprise"))?
        } else {
            team.clone().ok_or(PayloadError::Missing("team"))?.into()
        };
        let own = user.team_id.as_deref();
        let belonging = Belonging::of(&installation, own, here, enterprise);
        let person = match own {
            Some(own) if belonging == Belonging::Guest => {
                Tenant::parse(own).map_err(|_| PayloadError::Missing("user.team_id"))?
            }
            _ => installation.clone(),
        };
        Ok(Self { installation, person, team, belonging })
    }
}

impl Action {
    /// `None` for a control that asks nothing of us, such as a link button.
    fn wanted(&self) -> Result<Option<Wanted>, PayloadError> {
        let id = self.action_id.as_deref().unwrap_or_default();
        // Sentry routes an action as `status::<organization>::<project>`.
        let name = id.split_once("::").map_or(id, |(name, _)| name);
        match name {
            "status" | "unresolved:ongoing" => {
                let value = self.chosen().ok_or(PayloadError::Missing("value"))?;
                Ok(Some(Wanted::Change(status(value)?)))
            }
            "assign" => {
                let value = self.chosen().ok_or(PayloadError::Missing("selected_option"))?;
                let change =
                    Change::parse_assign(value).map_err(|_| PayloadError::UnknownChange)?;
                Ok(Some(Wanted::Change(change)))
            }
            "resolve_dialog" => Ok(Some(Wanted::Dialog(Dialog::Resolve))),
            "archive_dialog" => Ok(Some(Wanted::Dialog(Dialog::Archive))),
            _ => Ok(None),
        }
    }

    fn chosen(&self) -> Option<&str> {
        let selected = self.selected_option.as_ref().or(self.selected_options.first());
        selected.map(|option| option.value.as_str()).or(self.value.as_deref())
    }

    fn routed_organization(&self) -> Option<OrganizationId> {
        routed_organization(self.action_id.as_deref()?)
    }
}

/// The organization in `status::<organization>::<project>`.
pub(super) fn routed_organization(action_id: &str) -> Option<OrganizationId> {
    OrganizationId::parse(action_id.split("::").nth(1)?).ok()
}

fn status(value: &str) -> Result<Change, PayloadError> {
    Change::parse_status(value).map_err(|_| PayloadError::UnknownChange)
}

/// An id that JSON may hold as a number or as text.
fn parse_id<T>(
    value: &Value,
    parse: fn(&str) -> Result<T, crate::ids::InvalidId>,
) -> Result<T, PayloadError> {
    let text = lenient::text_of(value).ok_or(PayloadError::Missing("id"))?;
    parse(&text).map_err(|invalid| PayloadError::Missing(invalid.0))
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

fn first_selected(state: &ViewState) -> Option<&str> {
    state
        .values
        .values()
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::values)
        .find_map(|input| input.get("selected_option")?.get("value")?.as_str())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::{
        secret::Secret,
        signing::request::{RequestVerifier, SIGNATURE, TIMESTAMP, sign},
    };

    const SENT: i64 = 1_700_000_000;

    fn verified(body: &str) -> Verified<Signed> {
        let secret = Secret::new("test-signing-secret-0123456789abcdef");
        let signature = sign(&secret, SENT, body.as_bytes());
        let headers = HeaderMap::from_iter([
            (TIMESTAMP, HeaderValue::from(SENT)),
            (SIGNATURE, HeaderValue::from_str(&signature).unwrap()),
        ]);
        RequestVerifier::new(vec![secret])
            .verify(&headers, body.into(), Timestamp::from_secs(SENT))
            .unwrap()
    }

    fn parse_body(body: &str) -> Result<Interaction, PayloadError> {
        parse(&verified(body), &Hooks::new(&Url::parse("https://hooks.slack.com").unwrap()))
    }

    fn parse_payload(payload: &Value) -> Result<Interaction, PayloadError> {
        let json = payload.to_string();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &json)
            .finish();
        parse_body(&body)
    }

    fn issue(payload: &Value) -> IssueInteraction {
        match parse_payload(payload) {
            Ok(Interaction::Issue(interaction)) => *interaction,
            other => panic!("{other:?}"),
        }
    }

    fn click() -> Value {
        json!({
            "type": "block_actions",
            "user": {"id": "U0ALICE001", "name": "alice", "team_id": "T0ACME0001"},
            "api_app_id": "A0BELAY001",
            "container": {"type": "message", "message_ts": "1699999866.000100"},
            "team": {"id": "T0ACME0001", "domain": "acme"},
            "enterprise": null,
            "is_enterprise_install": false,
            "channel": {"id": "C0ALERTS01", "name": "alerts"},
            "message": {"blocks": [
                {"block_id": "{\"issue\":4815,\"rule\":162}", "text": {"text": "TypeError"}},
                {"block_id": "{\"issue\":4815,\"block\":\"tags\"}", "text": {"text": "release: `1`"}},
            ]},
            "response_url": "https://hooks.slack.com/actions/T0/1/abc",
            "actions": [{"action_id": "status", "value": "resolved", "action_ts": "1700000000.403007"}],
        })
    }

    fn changed(edit: impl FnOnce(&mut Value)) -> Value {
        let mut payload = click();
        edit(&mut payload);
        payload
    }

    #[test]
    fn a_button_of_a_message_is_understood() {
        let interaction = issue(&click());

        assert_eq!(interaction.issue.as_str(), "4815");
        assert_eq!(interaction.person.user.as_str(), "U0ALICE001");
        assert_eq!(interaction.tenant.as_str(), "T0ACME0001");
        assert_eq!(interaction.alert.rule, Some(162));
        assert_eq!(interaction.alert.tags.as_deref(), Some("release: `1`"));
        assert_eq!(interaction.alert.family, Family::Blocks);
        assert_eq!(interaction.wanted, Wanted::Change(Change::parse_status("resolved").unwrap()));
        assert_eq!(interaction.belonging, Belonging::Member);
    }

    #[test]
    fn a_routed_action_names_its_organization() {
        let routed = changed(|p| p["actions"][0]["action_id"] = json!("status::42::7"));
        let ours = changed(|p| {
            p["message"]["blocks"][0]["block_id"] = json!("{\"issue\":1,\"org\":\"7\"}");
        });

        assert_eq!(issue(&routed).organization, OrganizationId::parse("42").ok());
        assert_eq!(issue(&ours).organization, OrganizationId::parse("7").ok());
    }

    #[test]
    fn an_org_wide_install_has_no_team_and_an_enterprise() {
        let payload = changed(|p| {
            p["team"] = Value::Null;
            p["enterprise"] = json!({"id": "E0GRID0001"});
            p["is_enterprise_install"] = json!(true);
        });

        let interaction = issue(&payload);

        assert_eq!(interaction.tenant.as_str(), "E0GRID0001");
        assert_eq!(interaction.person.tenant.as_str(), "E0GRID0001");
        assert_eq!(interaction.belonging, Belonging::Unsaid);
    }

    #[test]
    fn in_an_org_wide_installation_another_workspace_may_be_the_enterprises_own() {
        let belonging = |home: &str| {
            let click = changed(|p| {
                p["is_enterprise_install"] = json!(true);
                p["enterprise"] = json!({"id": "E0GRID0001", "name": "Grid"});
                p["user"]["team_id"] = json!(home);
            });
            issue(&click).belonging
        };

        assert_eq!(belonging("T0ACME0001"), Belonging::Member);
        assert_eq!(belonging("E0GRID0001"), Belonging::Member);
        assert_eq!(belonging("T0OTHER001"), Belonging::Unsaid);
    }

    #[test]
    fn a_guest_of_another_workspace_is_told_apart_and_keyed_by_their_own() {
        let interaction = issue(&changed(|p| p["user"]["team_id"] = json!("T0OTHER001")));

        assert_eq!(interaction.belonging, Belonging::Guest);
        assert_eq!(interaction.person.tenant.as_str(), "T0OTHER001");
        assert_eq!(interaction.tenant.as_str(), "T0ACME0001");
    }

    #[test]
    fn controls_that_ask_nothing_are_acknowledged() {
        for payload in [
            changed(|p| p["actions"][0]["action_id"] = json!("link_identity")),
            changed(|p| p["view"] = json!({"id": "V1"})),
            changed(|p| p["container"]["type"] = json!("view")),
            json!({"type": "view_closed"}),
            json!({"type": "something_new", "anything": [1, 2]}),
            json!({"type": "view_submission", "view": {"state": {"values": {}}}}),
        ] {
            assert_eq!(parse_payload(&payload), Ok(Interaction::Nothing), "{payload}");
        }
    }

    #[test]
    fn what_a_family_always_has_must_be_there() {
        for payload in [
            changed(|p| p["user"] = Value::Null),
            changed(|p| p["team"] = Value::Null),
            changed(|p| p["team"]["id"] = json!("T0#SLK")),
            changed(|p| p["actions"] = json!([])),
            changed(|p| p["actions"][0]["action_ts"] = json!("soon")),
            changed(|p| p["message"]["blocks"] = json!([])),
            changed(|p| p["message"]["blocks"][0]["block_id"] = json!("bXwil")),
            changed(|p| {
                p["message"]["blocks"][0]["block_id"] = json!("{\"issue\":\"../../users/me\"}");
            }),
            changed(|p| {
                p["message"]["blocks"][0]["block_id"] =
                    json!(format!("{{\"issue\":{}}}", "9".repeat(40)));
            }),
        ] {
            let verdict = parse_payload(&payload);
            assert!(matches!(verdict, Err(PayloadError::Missing(_))), "{payload}: {verdict:?}");
        }
    }

    #[test]
    fn what_nobody_can_click_is_refused() {
        let evil = changed(|p| p["actions"][0]["value"] = json!("resolved:evil"));
        let foreign = changed(|p| p["response_url"] = json!("https://evil.example/actions"));

        assert_eq!(parse_payload(&evil), Err(PayloadError::UnknownChange));
        assert_eq!(parse_payload(&foreign), Err(PayloadError::ForeignUrl));
    }

    #[test]
    fn a_body_is_a_form_with_one_payload() {
        assert_eq!(parse_body(""), Err(PayloadError::Form));
        assert_eq!(parse_body("payload=%7B%7D&payload=%7B%7D"), Err(PayloadError::Form));
        for body in ["payload=", "payload=[]", "payload=1", "payload=%7B", "payload=%7B%7D"] {
            assert_eq!(parse_body(body), Err(PayloadError::Json), "{body}");
        }
        let deep = format!("payload={}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(parse_body(&deep), Err(PayloadError::Json));
        let twice = r#"payload={"type":"block_actions","team":{"id":"T01"},"team":{"id":"T02"}}"#;
        assert_eq!(parse_body(twice), Err(PayloadError::Json));
    }

    #[test]
    fn depth_counts_brackets_that_are_no_text() {
        assert_eq!(depth(r#"{"a":[{"b":"[[[\"{{{"}],"c":[]}"#), 3);
        let nested = |n| format!("{{\"type\":\"x\",\"y\":{}{}}}", "[".repeat(n), "]".repeat(n));
        let parsed = |n| parse_body(&format!("payload={}", nested(n)));

        assert_eq!(parsed(MAX_DEPTH - 1), Ok(Interaction::Nothing));
        assert_eq!(parsed(MAX_DEPTH), Err(PayloadError::Json));
        assert_eq!(parsed(10_000), Err(PayloadError::Json));
    }

    #[test]
    fn old_alerts_and_dialogs_carry_their_issue_in_the_callback_id() {
        let button = json!({
            "type": "interactive_message",
            "actions": [{"name": "status", "type": "button", "value": "ignored"}],
            "callback_id": "{\"issue\":4815}",
            "team": {"id": "T0ACME0001"}, "channel": {"id": "C0ALERTS01"},
            "user": {"id": "U0ALICE001", "name": "alice"},
            "action_ts": "1699999999.164398", "message_ts": "1699999866.000004",
            "original_message": {"type": "message"},
        });
        let dialog = json!({
            "type": "dialog_submission",
            "submission": {"resolve_type": "resolved:inNextRelease"},
            "callback_id": "{\"issue\":4815,\"orig_response_url\":\"https://hooks.slack.com/a\",\"is_message\":false}",
            "team": {"id": "T0ACME0001"}, "user": {"id": "U0ALICE001"},
            "action_ts": "1700000000.164398",
            "response_url": "https://hooks.slack.com/app/T0/3/x",
        });

        assert_eq!(issue(&button).alert.family, Family::Attachment);
        assert_eq!(issue(&button).alert.message_ts.as_deref(), Some("1699999866.000004"));
        let dialog = issue(&dialog);
        assert_eq!(dialog.alert.family, Family::AttachmentUnfurl);
        let hooks = Hooks::new(&Url::parse("https://hooks.slack.com").unwrap());
        assert_eq!(dialog.response_url, hooks.parse("https://hooks.slack.com/a").ok());
    }

    #[test]
    fn a_submitted_modal_brings_its_context_along() {
        let submission = json!({
            "type": "view_submission",
            "team": {"id": "T0ACME0001"}, "user": {"id": "U0ALICE001", "team_id": "T0ACME0001"},
            "view": {
                "external_id": "1700000000.403007",
                "private_metadata": "{\"issue\":4815,\"orig_response_url\":\"https://hooks.slack.com/a\",\"is_message\":true,\"channel_id\":\"C0ALERTS01\"}",
                "state": {"values": {"a6HD+": {"x": {"selected_option": {"value": "resolved"}}}}},
            },
        });

        let interaction = issue(&submission);

        assert_eq!(interaction.action_ts, "1700000000.403007");
        assert_eq!(interaction.decided_at, Some(Timestamp::from_secs(SENT)));
        assert_eq!(interaction.alert.channel, ChannelId::parse("C0ALERTS01").ok());
        assert!(interaction.response_url.is_some());
    }
}
