//! The world of a test: every function wired to one table, one clock, one queue, and the models of
//! Slack and Sentry on loopback.
//!
//! The requests are API Gateway's events, the answers API Gateway's responses: what lies between is
//! the functions' own code.

pub(crate) mod alerts;
pub(crate) mod browser;
mod cast;
mod deployed;
mod dice;
pub(crate) mod evidence;
mod extent;
mod gateway;
pub(crate) mod journal;
mod life;
mod place;
pub(crate) mod queue;
pub(crate) mod watched;

use std::{
    any::Any,
    ops::{Deref, DerefMut},
};

use local::{
    installation,
    server::{self, Server},
    slack::{self, Alert, MessageTs, SignedRequest},
};
use serde_json::{Value, json};
use shared::{
    identity::Person,
    ids::{SlackUserId, Tenant},
    store::{
        Clicker,
        dynamo::DynamoStore,
        memory::{MemoryStore, Rows},
    },
};
use tokio::net::TcpListener;

use self::{browser::Browser, evidence::KeptRows, journal::Journal, watched::Watched};
pub(crate) use self::{
    cast::*,
    deployed::{Deployed, Keys},
    dice::Dice,
    extent::how_many,
    gateway::{Answer, event, event_of, event_to, hook_event, select_event},
    life::link_in,
    place::Place,
};
pub(crate) use crate::contract::store::table::Store;

pub(crate) const PUBLIC_URL: &str = "https://belay.example.com";

const BOT_TOKEN: &str = "xoxb-canary-bot-token";
pub(crate) const INTEGRATION_TOKEN: &str = "canary-integration-token";

/// Everything there is, in front of a table: the map where nothing else is asked for.
pub(crate) struct World<S = MemoryStore> {
    deployed: Deployed<S>,
    _servers: [Server; 2],
    /// What has to live as long.
    _kept: Box<dyn Any + Send + Sync>,
}

impl<S> Deref for World<S> {
    type Target = Deployed<S>;

    fn deref(&self) -> &Deployed<S> {
        &self.deployed
    }
}

impl<S> DerefMut for World<S> {
    fn deref_mut(&mut self) -> &mut Deployed<S> {
        &mut self.deployed
    }
}

impl World {
    /// The app installed in the workspace, nobody linked, noon.
    pub(crate) async fn new() -> Self {
        Self::empty().await.installed().await
    }

    /// The app installed nowhere, neither in the table nor in Slack.
    pub(crate) async fn bare() -> Self {
        let world = Self::empty().await;
        world.slack.uninstall();
        world
    }

    async fn empty() -> Self {
        let store = MemoryStore::default();
        let kept = KeptRows(store.clone());
        Self::over(store, Journal::default(), Box::new(kept)).await
    }

    /// The same with somebody linked, by the whole way through the browser.
    pub(crate) async fn with_linked(user: &str, account: &str) -> Self {
        let world = Self::new().await;
        world.link(user, account).await;
        world
    }

    /// The table.
    pub(crate) fn rows(&self) -> Rows {
        self.store.rows()
    }
}

impl World<DynamoStore> {
    /// The same as `new`, the table behind DynamoDB's protocol, its requests in the journal.
    pub(crate) async fn watched() -> Self {
        Self::watched_and_empty().await.installed().await
    }

    /// The same as `bare`.
    pub(crate) async fn watched_and_bare() -> Self {
        let world = Self::watched_and_empty().await;
        world.slack.uninstall();
        world
    }

    async fn watched_and_empty() -> Self {
        let table = Watched::with(Journal::default()).await;
        let (store, journal) = (table.store.clone(), table.journal.clone());
        Self::over(store, journal, Box::new(table)).await
    }
}

impl<S: Store> World<S> {
    async fn over(store: S, journal: Journal, kept: Box<dyn Any + Send + Sync>) -> Self {
        let (slack_place, sentry_place) =
            (server::listen(0).await.unwrap(), server::listen(0).await.unwrap());
        let place = Place::at(&origin(&slack_place), &origin(&sentry_place), store, journal);
        let servers = [
            Server::start(slack_place, place.journal.of("Slack", place.slack.router())),
            Server::start(sentry_place, place.journal.of("Sentry", place.sentry.router())),
        ];
        let deployed = Deployed::at(place, &Keys::default());
        Self { deployed, _servers: servers, _kept: kept }
    }

    async fn installed(self) -> Self {
        let installation = installation::installation(&self.sealer, BOT_TOKEN, NOON).unwrap();
        self.store.save_installation(&installation).await.unwrap();
        self
    }

    /// The same functions are deployed with other keys; table, queue, Slack and Sentry stay.
    pub(crate) fn deploy(&mut self, keys: &Keys) {
        self.deployed = Deployed::at(self.deployed.place.clone(), keys);
    }

    /// Links somebody by the whole way: a click that asks for it, the browser, and the click carried
    /// out. What it leaves in Slack and Sentry is a re-opened issue that was open already.
    pub(crate) async fn link(&self, user: &str, account: &str) {
        let alert = self.post_alert();
        self.click(user, &alert, "unresolved").await;
        let mut browser = Browser::of(self, user, account);
        let done = browser.link(&self.prompted_link(user)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        self.work().await;
    }

    /// An alert about issue 4815 in the channel.
    pub(crate) fn post_alert(&self) -> MessageTs {
        self.slack.post_alert(&self.alert())
    }

    /// The same in the old form.
    pub(crate) fn post_legacy_alert(&self) -> MessageTs {
        self.slack.post_legacy_alert(&self.alert())
    }

    fn alert(&self) -> Alert {
        let values = ["resolved", "ignored", "unresolved", "unresolved:ongoing"];
        let buttons = values.map(|value| slack::Button::new(&status_id(value), value, value));
        Alert { buttons: buttons.into(), ..Alert::type_error(&self.sentry_url) }
    }

    /// Somebody clicks a status button; the answer is what Slack gets.
    pub(crate) async fn click(&self, user: &str, alert: &MessageTs, value: &str) -> Answer {
        let request = self.slack.click(user, alert, &status_id(value), value).unwrap();
        self.deliver(&request).await
    }

    /// Somebody types `/sentry …`; the answer is what Slack gets.
    pub(crate) async fn command(&self, user: &str, text: &str) -> Answer {
        let request = self.slack.command(user, "/sentry", text).unwrap();
        self.dispatch(&event_to("/command", &request)).await
    }

    /// Somebody types into an alert's select for the assignee; the answer is what Slack gets.
    pub(crate) async fn suggest(&self, user: &str, alert: &MessageTs, typed: &str) -> Answer {
        let request = self.slack.suggest(user, alert, "assign", typed).unwrap();
        self.dispatch(&event_to("/options", &request)).await
    }

    /// The request of such a click, to be tampered with.
    pub(crate) fn click_payload(&self, user: &str, alert: &MessageTs, value: &str) -> Value {
        self.slack.click_payload(user, alert, &status_id(value), value).unwrap()
    }

    /// Slack sends this payload.
    pub(crate) async fn send(&self, payload: &Value) -> Answer {
        self.deliver(&self.slack.sign_payload(payload)).await
    }

    /// Slack sends this request.
    pub(crate) async fn deliver(&self, request: &SignedRequest) -> Answer {
        self.dispatch(&event_of(request)).await
    }

    /// Delivers every message about a post that is due, until none is.
    pub(crate) async fn work_posts(&self) {
        while let Some(key) = self.queue.take_due_post() {
            let answer = self.perform.handle(queue::sqs_event_of(&[&key.to_text()])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// Delivers every unfurl that is due, until none is.
    pub(crate) async fn work_unfurls(&self) {
        while let Some(unfurl) = self.queue.take_due_unfurl() {
            let answer = self.perform.handle(queue::sqs_event_of(&[&unfurl.to_text()])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// Delivers every message that is due, until none is.
    pub(crate) async fn work(&self) {
        self.work_unfurls().await;
        self.work_posts().await;
        while let Some(key) = self.queue.take_due() {
            let answer = self.perform.handle(queue::sqs_event(&[&key])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// The schedule's tick.
    pub(crate) async fn sweep(&self) {
        assert_eq!(self.perform.handle(queue::tick_event()).await, Value::Null);
    }

    /// The link in the newest words that only `user` sees.
    pub(crate) fn prompted_link(&self, user: &str) -> String {
        let words = self.newest_words(user);
        let start = words.find(PUBLIC_URL).unwrap_or_else(|| panic!("no link in {words:?}"));
        words[start..].split(['|', '>']).next().unwrap().to_owned()
    }

    /// The newest words that only `user` sees; empty if there are none.
    pub(crate) fn newest_words(&self, user: &str) -> String {
        self.slack.ephemerals(user).last().map(local::slack::Message::words).unwrap_or_default()
    }

    /// What stands in the alert's place now.
    pub(crate) fn words_of(&self, alert: &MessageTs) -> String {
        self.slack.message(alert).unwrap().words()
    }

    /// What is judged of somebody of the workspace.
    pub(crate) async fn clicker_of(&self, user: &str) -> Clicker {
        let tenant = Tenant::parse(slack::TEAM).unwrap();
        let person = Person { tenant: tenant.clone(), user: SlackUserId::parse(user).unwrap() };
        self.store.clicker(&tenant, &person).await.unwrap()
    }

    /// How often a function called Slack or Sentry.
    pub(crate) fn calls(&self) -> usize {
        self.slack.log().len() + self.sentry.log().len()
    }
}

fn status_id(value: &str) -> String {
    format!("status::{value}")
}

fn origin(place: &TcpListener) -> String {
    server::origin(place).unwrap()
}
