//! Alerts of ours: from the rule that fires to what stands in a channel.

use std::collections::HashMap;

use local::{
    sentry::{AlertRule, SignedHook},
    slack::{BACKEND, CHANNEL, Grant, Message, MessageTs, TEAM},
};
use shared::{
    clock::Clock,
    identity::{Installation, Owner},
    ids::{ChannelId, Tenant},
    post::Post,
    sealing::Field,
    secret::Secret,
};

use url::Url;

use super::{ALICE, INTEGRATION_TOKEN, Store, World};

/// The issue that fires.
pub(crate) const ISSUE: &str = "4815";

/// Another workspace that is bound to the same organization; the model of Slack is the same.
pub(crate) const ELSEWHERE: &str = "T0ELSEWHERE";

/// A rule whose messages go to this channel of the workspace.
pub(crate) fn rule_for(channel: &str) -> AlertRule {
    AlertRule::new("High priority issues").with("channel", &format!("{TEAM}:{channel}"))
}

impl World {
    /// The only post in the table.
    pub(crate) fn only_post(&self) -> Post {
        let posts = self.rows().posts;
        assert_eq!(posts.len(), 1);
        posts.into_values().next().unwrap()
    }
}

impl<S: Store> World<S> {
    /// A rule fires on the issue, and what follows is done.
    pub(crate) async fn fire(&self, rule: &AlertRule) -> SignedHook {
        let hook = self.fire_only(ISSUE, rule).await;
        self.settle().await;
        hook
    }

    /// A rule fires on this issue; nobody works yet.
    pub(crate) async fn fire_only(&self, issue: &str, rule: &AlertRule) -> SignedHook {
        let hook = self.sentry.fire_alert(issue, rule).unwrap();
        assert_eq!(self.hook(&hook).await.status, 200);
        hook
    }

    /// Sentry sends what it has to tell of changes, and what follows is done.
    pub(crate) async fn tell_changes(&self) {
        for hook in self.sentry.take_hooks() {
            assert_eq!(self.hook(&hook).await.status, 200);
        }
        self.settle().await;
    }

    /// Everything that is due, and what becomes due by it.
    pub(crate) async fn settle(&self) {
        self.work().await;
        self.work_posts().await;
    }

    /// The messages of ours in a channel that are no replies, the oldest first.
    pub(crate) fn alerts_in(&self, channel: &str) -> Vec<Message> {
        let ours = |message: &Message| {
            message.thread.is_none() && message.words().contains("Alert rule: ")
        };
        self.slack.posts(channel).into_iter().filter(ours).collect()
    }

    /// The only message of ours in a channel.
    pub(crate) fn alert_in(&self, channel: &str) -> Message {
        let alerts = self.alerts_in(channel);
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        alerts[0].clone()
    }

    /// What the thread of a message was told, the oldest first.
    pub(crate) fn replies(&self, parent: &MessageTs) -> Vec<String> {
        self.slack.thread(parent).iter().map(Message::words).collect()
    }

    /// Changes the workspace's installation.
    pub(crate) async fn edit_installation(&self, edit: impl FnOnce(&mut Installation)) {
        self.edit_workspace(TEAM, edit).await;
    }

    /// Changes any workspace's installation.
    pub(crate) async fn edit_workspace(&self, id: &str, edit: impl FnOnce(&mut Installation)) {
        let tenant = Tenant::parse(id).unwrap();
        let mut installation = self.store.installation(&tenant).await.unwrap().unwrap();
        edit(&mut installation);
        self.store.save_installation(&installation).await.unwrap();
    }

    /// Alerts without a channel of their own go to `#alerts`.
    pub(crate) async fn choose_default_channel(&self) {
        let channel = ChannelId::parse(CHANNEL).unwrap();
        self.edit_installation(|installation| installation.alerts = Some(channel)).await;
    }

    /// The app is in another workspace, too, which wants alerts in `#backend`.
    pub(crate) async fn add_workspace(&self) {
        let tenant = Tenant::parse(TEAM).unwrap();
        let installation = self.store.installation(&tenant).await.unwrap().unwrap();
        let token =
            self.sealer.open(installation.owner(), Field::BotToken, &installation.bot_token);
        let tenant = Tenant::parse(ELSEWHERE).unwrap();
        let owner = Owner { tenant: &tenant, user: None };
        let bot_token = self.sealer.seal(owner, Field::BotToken, &token.unwrap()).unwrap();
        let alerts = Some(ChannelId::parse(BACKEND).unwrap());
        let elsewhere = Installation { tenant, bot_token, alerts, ..installation };
        self.store.save_installation(&elsewhere).await.unwrap();
    }

    /// The app is installed anew, with a token that ends in twelve hours and another that renews it.
    pub(crate) async fn rotate_tokens(&self) {
        self.slack.set_token_rotation(true);
        let (slack, oauth) = (&self.perform.slack, &self.perform.slack_oauth);
        let back = self.perform.urls.install_slack();
        let consent = slack.install_url(oauth, &back, "state");
        let returned = self.slack.install(ALICE, &consent, Grant::default()).unwrap();
        let returned = Url::parse(&returned).unwrap();
        let (_, code) = returned.query_pairs().find(|(name, _)| name == "code").unwrap();
        let grant = slack.install(oauth, &code, &back).await.unwrap();
        let now = self.clock.now();
        self.edit_installation(|installation| {
            *installation = installation.renewed(&grant.tokens, &self.sealer, now).unwrap();
        })
        .await;
    }

    /// The organization's integration may read issues.
    pub(crate) fn may_read(&mut self) {
        let token = Secret::new(INTEGRATION_TOKEN);
        self.perform.readers = HashMap::from([("acme".to_owned(), token)]);
    }

    /// How often a method of Slack's was called so far.
    pub(crate) fn calls_of(&self, method: &str) -> usize {
        self.slack.log().iter().filter(|call| call.method == method).count()
    }
}
