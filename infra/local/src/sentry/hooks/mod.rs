//! Belay's internal integration, Sentry's side of it: what it is told by webhook, and what it is
//! asked.
//!
//! Source: docs.sentry.io/integrations/integration-platform/webhooks, and `sentry/sentry_apps` for
//! what the pages leave out. A webhook is a `POST` of
//! `{"action":…,"installation":{"uuid":…},"data":{…},"actor":{…}}`; its resource is in a header. Every
//! organization has an integration of its own, with a client secret of its own; one without is told
//! nothing. Nothing is sent before [`Sentry::deliver_hooks_to`].

mod alert;
mod change;
mod channels;
mod controls;
mod delivery;
#[cfg(test)]
mod delivery_tests;
mod metric;
mod outbox;
mod page;
mod signed;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use shared::clock::Timestamp;

pub use self::alert::AlertRule;
pub use self::channels::{Channels, SelectRequest};
pub use self::delivery::Delivery;
pub use self::signed::SignedHook;

pub(super) use self::change::Before;
pub(super) use self::controls::routes;
pub(super) use self::page::{buttons, desk, log};

use self::metric::Incident;
use self::outbox::Outbox;
use super::people::Account;
use super::{Sentry, Settings};
use crate::random;

/// What the integration is called.
const NAME: &str = "Belay";

/// Everything about webhooks that the stand-in remembers.
pub(super) struct Hooks {
    integrations: Vec<Integration>,
    /// The stand-in's own origin.
    base: String,
    /// Whether this passes for an older Sentry.
    older: bool,
    /// The titles of alert rules; a rule's id is its place.
    rules: Vec<String>,
    incidents: Vec<Incident>,
    outbox: Outbox,
}

/// An organization's integration.
pub(super) struct Integration {
    /// The organization's slug.
    organization: String,
    secret: String,
    /// The installation's uuid.
    installation: String,
}

impl Hooks {
    pub(super) fn new(settings: &Settings) -> Self {
        let integrations = settings.hook_secrets.iter().map(|(organization, secret)| Integration {
            organization: organization.clone(),
            secret: secret.clone(),
            installation: random::uuid(),
        });
        Self {
            integrations: integrations.collect(),
            base: settings.base_url.trim_end_matches('/').to_owned(),
            older: false,
            rules: Vec::new(),
            incidents: Vec::new(),
            outbox: Outbox::default(),
        }
    }

    /// The organization's integration, if it has one.
    pub(super) fn integration(&self, organization: &str) -> Option<&Integration> {
        self.integrations.iter().find(|integration| integration.organization == organization)
    }

    /// The id of the rule with that title, which there may not have been until now.
    fn rule(&mut self, title: &str) -> usize {
        if let Some(place) = self.rules.iter().position(|rule| rule == title) {
            return place + 1;
        }
        self.rules.push(title.to_owned());
        self.rules.len()
    }
}

impl Integration {
    /// A webhook, signed.
    fn hook(&self, resource: &str, event: &Event<'_>, now: Timestamp) -> SignedHook {
        let body = json!({
            "action": event.action,
            "installation": { "uuid": self.installation },
            "data": event.data,
            "actor": event.by.map_or_else(sentry_itself, person),
        });
        signed::sign(&self.secret, resource, signed::ascii_json(&body).into_bytes(), now)
    }
}

/// What a webhook tells.
struct Event<'a> {
    action: &'a str,
    data: Value,
    /// Whose doing it is; Sentry's own if nobody's.
    by: Option<&'a Account>,
}

fn sentry_itself() -> Value {
    json!({ "type": "application", "id": "sentry", "name": "Sentry" })
}

/// A person's id is a number here, and a string in the API.
fn person(account: &Account) -> Value {
    json!({ "type": "user", "id": number(account.id), "name": account.name })
}

/// An id, as a number where Sentry has one.
fn number(id: &str) -> Option<u64> {
    id.parse().ok()
}

impl Sentry {
    /// Signs any body as the organization's integration, with a new `Request-ID`, now. Of an
    /// organization without an integration it is a forgery: signed with a secret that nobody has.
    pub fn sign_hook(
        &self,
        organization: &str,
        resource: &str,
        body: impl Into<Vec<u8>>,
    ) -> SignedHook {
        let now = self.now();
        let world = self.world();
        let secret = world.hooks.integration(organization).map(|it| it.secret.clone());
        signed::sign(&secret.unwrap_or_else(|| random::hex(32)), resource, body.into(), now)
    }

    /// Takes the webhooks of issues that changed, in the order in which they are to be sent. With
    /// [`Self::deliver_hooks_to`] there are none: they are sent at once.
    pub fn take_hooks(&self) -> Vec<SignedHook> {
        self.world().hooks.outbox.take()
    }

    /// Keeps the next webhook of an issue that changes until the one after it has been sent.
    pub fn hold_back_next_hook(&self) {
        self.world().hooks.outbox.hold_back();
    }

    /// The page's button for it: pressed once more, what was kept back is sent.
    pub(super) fn hold_back_or_release(&self) {
        let outbox = &mut self.world().hooks.outbox;
        if outbox.holds_back() { outbox.release() } else { outbox.hold_back() }
    }

    /// Whether this passes for an older Sentry: `archived` is called `ignored`, an issue that changed
    /// is told without any address, and the `issue_url` of an event names no organization.
    pub fn set_older_hooks(&self, older: bool) {
        self.world().hooks.older = older;
    }
}
