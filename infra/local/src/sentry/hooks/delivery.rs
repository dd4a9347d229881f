//! Sends webhooks to the integration, as Sentry does: what is not answered within one second counts
//! as a time-out, and nothing is sent twice, since those of an internal integration are not tried
//! again (docs.sentry.io/integrations/integration-platform/webhooks, `utils/sentry_apps/webhooks.py`).

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::super::Sentry;
use super::signed::SignedHook;

/// How long Sentry waits for an answer.
const LIMIT: Duration = Duration::from_secs(1);

/// Where the integration is.
#[derive(Clone)]
pub(super) struct Route {
    /// Its webhook URL.
    pub(super) url: String,
    pub(super) http: reqwest::Client,
}

/// What came of a webhook that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `event_alert`, `metric_alert` or `issue`.
    pub resource: String,
    /// `triggered`, `resolved`…
    pub action: String,
    /// Its `Request-ID`.
    pub request_id: String,
    /// The HTTP status; none when nothing came within one second.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl Sentry {
    /// Sets the integration's webhook URL, for [`Self::deliver`] and the page, and sends there what
    /// changes of issues bring, in order, from now on. The options of an alert rule's action are
    /// asked for at `/channels` below it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn deliver_hooks_to(&self, url: &str, http: reqwest::Client) {
        let (carrier, mut hooks) = mpsc::unbounded_channel();
        let route = Route { url: url.to_owned(), http };
        self.world().hooks.outbox.hand_over_to(carrier, route);
        // The task shall not keep alive what ends it.
        let sentry = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            while let Some(hook) = hooks.recv().await {
                let Some(inner) = sentry.upgrade() else { return };
                Self(inner).deliver(hook).await;
            }
        });
    }

    /// Sends a webhook, or sends it again. None without a webhook URL.
    pub async fn deliver(&self, hook: SignedHook) -> Option<Delivery> {
        let route = {
            let outbox = &mut self.world().hooks.outbox;
            let route = outbox.route.clone()?;
            outbox.last = Some(hook.clone());
            route
        };
        let (resource, action) = (hook.resource.clone(), hook.action());
        let request_id = hook.request_id.clone();
        let started = self.now();
        let status = tokio::time::timeout(LIMIT, post(&route, hook)).await.ok().flatten();
        let millis = u64::try_from(self.now().since(started).as_millis()).unwrap_or(u64::MAX);
        let delivery = Delivery { resource, action, request_id, status, millis };
        self.world().hooks.outbox.deliveries.push(delivery.clone());
        Some(delivery)
    }

    /// Sends the last webhook once more, to the letter: with its `Request-ID`. None if there was none.
    pub async fn deliver_last_again(&self) -> Option<Delivery> {
        let last = self.world().hooks.outbox.last.clone()?;
        self.deliver(last).await
    }

    /// What has been sent, in the order of the answers.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.world().hooks.outbox.deliveries.clone()
    }
}

async fn post(route: &Route, hook: SignedHook) -> Option<u16> {
    let mut request = route.http.post(&route.url);
    for (name, value) in hook.headers() {
        request = request.header(name, value);
    }
    let response = request.body(hook.body).send().await.ok()?;
    Some(response.status().as_u16())
}
