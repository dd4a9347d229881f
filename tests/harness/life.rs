//! What happens to the app in a workspace: events, the schedule, and what the table says of it.

use std::time::Duration;

use local::slack::{Alert, MessageTs, SignedRequest, TEAM};
use shared::{identity::Installation, ids::Tenant};

use super::{Answer, Store, UMBRELLA, World, event_to, place::slack_signing_with};

impl World {
    /// The workspace's installation as it stands in the table.
    pub(crate) fn installation(&self) -> Option<Installation> {
        self.installation_of(TEAM)
    }

    /// The same of any tenant.
    pub(crate) fn installation_of(&self, tenant: &str) -> Option<Installation> {
        self.rows().installations.remove(&Tenant::parse(tenant).unwrap())
    }
}

impl<S: Store> World<S> {
    /// Slack says what has happened; the answer is what it gets.
    pub(crate) async fn hear(&self, event: &SignedRequest) -> Answer {
        self.dispatch(&event_to("/event", event)).await
    }

    /// Slack delivers what the app's own calls brought about, its own words among it, until there
    /// is no more of it.
    pub(crate) async fn hear_due(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for _ in 0..10 {
            let due = self.slack.take_due_events();
            if due.is_empty() {
                return answers;
            }
            for event in due {
                answers.push(self.hear(&event).await);
            }
        }
        panic!("the app answers itself");
    }

    /// A minute passes, and the schedule ticks.
    pub(crate) async fn tick(&self) {
        self.clock.advance(Duration::from_mins(1));
        self.sweep().await;
    }

    /// An alert about issue 9001, which is Umbrella's.
    pub(crate) fn post_umbrella_alert(&self) -> MessageTs {
        let permalink = format!("{}/organizations/umbrella/issues/9001/", self.sentry_url);
        self.slack.post_alert(&Alert {
            organization: UMBRELLA.into(),
            issue: 9001,
            short_id: "PORTAL-1".into(),
            project: "portal".into(),
            permalink,
            ..self.alert()
        })
    }

    /// What the app and `user` wrote to each other, oldest first.
    pub(crate) fn talk(&self, user: &str) -> Vec<String> {
        let messages = self.slack.conversation(user);
        messages.iter().map(local::slack::Message::words).collect()
    }

    /// The app's newest words to `user`; empty if there are none.
    pub(crate) fn direct_words(&self, user: &str) -> String {
        let messages = self.slack.direct_messages(user);
        messages.last().map(local::slack::Message::words).unwrap_or_default()
    }

    /// The same request under another signing secret of the same Slack app.
    pub(crate) fn signed_with(&self, secret: &str, request: &SignedRequest) -> SignedRequest {
        let slack = slack_signing_with(secret, &self.clock, &self.slack_url, &self.sentry_url);
        let signed = slack.sign(&request.body);
        SignedRequest { content_type: request.content_type, ..signed }
    }
}

/// The first link to the bundle in these words.
pub(crate) fn link_in(words: &str) -> String {
    let start = words.find(super::PUBLIC_URL).unwrap_or_else(|| panic!("no link in {words:?}"));
    words[start..].split(['|', '>', '"']).next().unwrap().to_owned()
}
