//! Removing the app: `apps.uninstall`, or an admin in Slack. Every token dies, and two events tell
//! the app (Slack: docs.slack.dev/reference/methods/apps.uninstall,
//! `docs.slack.dev/reference/events/app_uninstalled`, `…/tokens_revoked`).

use serde_json::{Value, json};

use super::{
    SignedRequest, Slack, installs::Reach, reply::Refusal, state::State, web_api::Arguments,
    workspace::BOT_USER,
};

impl Slack {
    /// An admin removes the app from wherever it is. Gives the events, `app_uninstalled` before
    /// `tokens_revoked`; Slack may deliver them in any order.
    pub fn uninstall(&self) -> Vec<SignedRequest> {
        let mut state = self.state();
        [Reach::Organization, Reach::Workspace]
            .into_iter()
            .flat_map(|reach| state.uninstall(reach))
            .collect()
    }

    /// Where the page's link to add the app leads: the app's own page for that.
    pub fn install_from(&self, url: &str) {
        self.state().install_url = Some(url.to_owned());
    }

    /// Whether the app is installed.
    pub fn is_installed(&self) -> bool {
        self.state().reach().is_some()
    }

    /// Takes the events that calls of the Web API brought about and nobody has delivered: those of
    /// `apps.uninstall`, and the app's own words in direct messages.
    pub fn take_due_events(&self) -> Vec<SignedRequest> {
        std::mem::take(&mut self.state().due)
    }
}

impl State {
    /// Removes one installation; the events of it.
    pub(super) fn uninstall(&mut self, reach: Reach) -> Vec<SignedRequest> {
        if !self.installs.uninstall(reach) {
            return Vec::new();
        }
        if self.reach().is_none() {
            self.homes.clear();
        }
        let revoked = json!({"oauth": [], "bot": [BOT_USER]});
        vec![
            self.event_of(reach, &json!({"type": "app_uninstalled"})),
            self.event_of(reach, &json!({"type": "tokens_revoked", "tokens": revoked})),
        ]
    }

    /// `apps.uninstall`, of the installation whose token calls.
    pub(super) fn apps_uninstall(
        &mut self,
        reach: Reach,
        arguments: &Arguments,
    ) -> Result<Value, Refusal> {
        let argument = |name| arguments.text(name).map(str::to_owned);
        self.check_client(argument("client_id").zip(argument("client_secret")))?;
        let events = self.uninstall(reach);
        self.due.extend(events);
        Ok(json!({}))
    }
}
