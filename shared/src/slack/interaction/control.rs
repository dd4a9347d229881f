//! What a control asks for: its name says which it is, its value or what is selected in it says how.

use serde_json::{Map, Value};

use super::{
    PayloadError, Wanted,
    payload::{Action, ViewState},
};
use crate::{
    change::{Change, Dialog},
    ids::OrganizationId,
};

impl Action {
    /// `None` for a control that asks nothing of us, such as a link button.
    pub(super) fn wanted(&self) -> Result<Option<Wanted>, PayloadError> {
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

    pub(super) fn chosen(&self) -> Option<&str> {
        let selected = self.selected_option.as_ref().or(self.selected_options.first());
        selected.map(|option| option.value.as_str()).or(self.value.as_deref())
    }

    pub(super) fn routed_organization(&self) -> Option<OrganizationId> {
        routed_organization(self.action_id.as_deref()?)
    }
}

/// The organization in `status::<organization>::<project>`.
pub(crate) fn routed_organization(action_id: &str) -> Option<OrganizationId> {
    OrganizationId::parse(action_id.split("::").nth(1)?).ok()
}

pub(super) fn status(value: &str) -> Result<Change, PayloadError> {
    Change::parse_status(value).map_err(|_| PayloadError::UnknownChange)
}

/// What is selected in a modal, which has one input.
pub(super) fn first_selected(state: &ViewState) -> Option<&str> {
    state
        .values
        .values()
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .find_map(|input| input.get("selected_option")?.get("value")?.as_str())
}
