//! Who uses a control, and about which issue: as each family of payloads says it.

use serde_json::Value;

use super::{
    Family, PayloadError,
    payload::{Context, Payload, User},
};
use crate::{
    ids::{InvalidId, IssueId, OrganizationId, SlackUserId, TeamId, Tenant},
    sentry::lenient,
    slack::belonging::Belonging,
};

/// Who uses a control, and about which issue.
pub(crate) struct Subject {
    pub(crate) home: Home,
    pub(crate) user: SlackUserId,
    pub(super) name: String,
    pub(crate) issue: IssueId,
    pub(crate) organization: Option<OrganizationId>,
}

/// Whose installation, and whose identity: the two may differ.
pub(crate) struct Home {
    pub(crate) installation: Tenant,
    pub(crate) person: Tenant,
    pub(super) team: Option<TeamId>,
    pub(crate) belonging: Belonging,
}

impl Home {
    pub(super) fn of(payload: &Payload, user: &User) -> Result<Self, PayloadError> {
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

impl Payload {
    pub(crate) fn family(&self) -> Family {
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

    pub(crate) fn context(&self, family: Family) -> Result<Context, PayloadError> {
        let message = match family {
            Family::Blocks => self.message.as_ref(),
            Family::Unfurl => self.app_unfurl.as_ref(),
            Family::Attachment | Family::AttachmentUnfurl => return self.callback_context(),
        };
        let block = message.and_then(|m| m.blocks.first()).ok_or(PayloadError::Missing("block"))?;
        serde_json::from_str(&block.block_id).map_err(|_| PayloadError::Missing("block_id"))
    }

    pub(super) fn callback_context(&self) -> Result<Context, PayloadError> {
        let callback = self.callback_id.as_deref().ok_or(PayloadError::Missing("callback_id"))?;
        serde_json::from_str(callback).map_err(|_| PayloadError::Missing("callback_id"))
    }

    /// Who it is, and which issue it is about. The organization is the one that the context names,
    /// else the one that the control is routed to.
    pub(crate) fn subject(
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
}

/// An id that JSON may hold as a number or as text.
fn parse_id<T>(value: &Value, parse: fn(&str) -> Result<T, InvalidId>) -> Result<T, PayloadError> {
    let text = lenient::text_of(value).ok_or(PayloadError::Missing("id"))?;
    parse(&text).map_err(|invalid| PayloadError::Missing(invalid.0))
}
