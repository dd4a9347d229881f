//! How often somebody waits for the network: every request that is made for one that comes in. One
//! more is one wait more, so each is spelt out here, and the tests go by this table.
//!
//! What stands after an arrow waited for what stands before it; what a plus joins was under way at the
//! same time. Table and queue by the operation, Slack by its method, Sentry by the address.
//!
//! | What comes in | What is asked for it |
//! |---|---|
//! | forged, to any route | nobody |
//! | a click, not linked | BatchGetItem → PutItem → Slack response_url |
//! | the same click again, not linked | BatchGetItem → PutItem |
//! | a click, perhaps a guest's | BatchGetItem → Slack users.info → PutItem → Slack response_url |
//! | a click, linked | BatchGetItem → TransactWriteItems → SendMessage |
//! | a button that opens a modal | BatchGetItem → Slack views.open → PutItem → SendMessage |
//! | a choice in a modal | BatchGetItem → TransactWriteItems → SendMessage |
//! | link, in the home | BatchGetItem → PutItem → Slack views.open |
//! | unlink, in the home | BatchGetItem → TransactWriteItems → Slack chat.postMessage → Slack views.publish |
//! | unlink, in the home, once more | BatchGetItem → Slack chat.postMessage → Slack views.publish |
//! | unlink, under the command | BatchGetItem → TransactWriteItems → Slack response_url |
//! | the worker, a click | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Query + Slack response_url → PutItem |
//! | the worker, a click that is over | UpdateItem |
//! | the worker, a modal to be filled | UpdateItem → BatchGetItem → Sentry GET issues/4815 → Sentry GET releases → Slack views.update → PutItem |
//! | the worker, a choice in a modal | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Query + Slack response_url → Slack views.update → PutItem |
//! | the worker, Sentry is down | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → PutItem → SendMessage |
//! | the worker, a retry | UpdateItem → BatchGetItem → Sentry GET issues/4815 → Sentry PUT issues/4815 → Query + Slack response_url → PutItem |
//! | the worker, a retry, changed already | UpdateItem → BatchGetItem → Sentry GET issues/4815 → Query + Slack response_url → PutItem |
//! | the worker, a token that has ended | UpdateItem → BatchGetItem → UpdateItem → Sentry POST token → UpdateItem → Sentry PUT issues/4815 → Query + Slack response_url → PutItem |
//! | the worker, a token that is refused | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → UpdateItem → Sentry POST token → UpdateItem → Sentry PUT issues/4815 → Query + Slack response_url → PutItem |
//! | the worker, a token that is not renewed | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → UpdateItem → Sentry POST token → PutItem → Slack response_url → PutItem |
//! | the worker, no member any more | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Sentry GET organizations/acme → PutItem → Slack response_url → PutItem |
//! | the worker, a member without the right | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Sentry GET organizations/acme → Slack response_url → PutItem |
//! | the worker, the response_url is dead | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Query + Slack response_url → Slack chat.update → PutItem |
//! | the worker, the response_url is over | UpdateItem → BatchGetItem → Sentry GET issues/4815 → Sentry PUT issues/4815 → Query + Slack chat.update → PutItem |
//! | the worker, unlinked since | UpdateItem → BatchGetItem → PutItem → Slack response_url → PutItem |
//! | the worker, a click on an issue that stands in a channel | UpdateItem → BatchGetItem → Sentry PUT issues/4815 → Query + Slack response_url → GetItem → PutItem → SendMessage → PutItem |
//! | the worker, an alert to be posted | GetItem → PutItem → GetItem → PutItem → GetItem → Slack chat.postMessage → PutItem → GetItem |
//! | the worker, an alert to be redrawn | GetItem → PutItem → GetItem → Slack chat.update → PutItem |
//! | the worker, a link to be shown | BatchGetItem → Sentry GET issues/4815 → Slack chat.unfurl |
//! | the schedule, the first tick | Query → Query + Query + Sentry client-config → PutItem |
//! | the schedule, nothing is due | Query → Query + Query |
//! | the schedule, a wake-up was lost | Query → SendMessage → Query + Query |
//! | the schedule, an installation is due | Query → Query + Query → GetItem → PutItem → Slack auth.test → PutItem |
//! | link, page 1 | GetItem → BatchGetItem |
//! | link, begin | GetItem → BatchGetItem → PutItem |
//! | link, back from Slack | GetItem → BatchGetItem → PutItem → Slack openid.connect.token → Slack users.info → PutItem |
//! | link, back from Sentry | GetItem → BatchGetItem → PutItem → Sentry POST token → Sentry GET organizations/acme → Sentry GET issues/4815 → PutItem |
//! | link, page 2 | GetItem → BatchGetItem |
//! | link, confirm | GetItem → BatchGetItem → TransactWriteItems → SendMessage → Slack response_url |
//! | link, confirm once more | GetItem → BatchGetItem |
//! | link, page 3 | GetItem → BatchGetItem |
//! | link, overtaken by another one | GetItem → BatchGetItem → GetItem |
//! | link without a click, back from Sentry | GetItem → BatchGetItem → PutItem → Sentry POST token → Sentry GET organizations/acme → PutItem |
//! | link without a click, confirm | GetItem → BatchGetItem → TransactWriteItems → Slack response_url |
//! | unlink, page 1 | GetItem → BatchGetItem |
//! | unlink, begin with Slack | GetItem → BatchGetItem → PutItem |
//! | unlink, back from Slack | GetItem → BatchGetItem → PutItem → Slack openid.connect.token → Slack users.info → PutItem |
//! | unlink, begin with Sentry | GetItem → BatchGetItem → PutItem |
//! | unlink, back from Sentry | GetItem → BatchGetItem → PutItem → Sentry POST token → PutItem |
//! | unlink, page 2 | GetItem → BatchGetItem |
//! | unlink, confirm | GetItem → BatchGetItem → TransactWriteItems → Slack response_url |
//! | unlink, confirm once more | GetItem → BatchGetItem |
//! | unlink, page 3 | GetItem → BatchGetItem |
//! | unlink, link another account | GetItem → BatchGetItem → BatchGetItem → PutItem |
//! | install, page 1 | nobody |
//! | install, page 1, with any cookie | GetItem |
//! | install, begin | GetItem → PutItem |
//! | install, back from Sentry | GetItem → PutItem → Sentry POST token → Sentry GET organizations → Sentry GET organizations/acme → PutItem |
//! | install, page 2 | GetItem |
//! | install, choose | GetItem → PutItem |
//! | install, back from Slack | GetItem → PutItem → Slack oauth.v2.access → Slack team.info → GetItem → TransactWriteItems → BatchGetItem → Slack users.info → PutItem → Slack chat.postMessage → PutItem |
//! | install, page 3 | GetItem |
//! | one more organization, back from Slack | GetItem → PutItem → Slack oauth.v2.access → Slack team.info → GetItem → PutItem |
//! | one more organization, add | GetItem → GetItem → TransactWriteItems → BatchGetItem → Slack users.info → PutItem → Slack chat.postMessage → PutItem |
//! | options, the first letter | BatchGetItem → Sentry GET issues/4815 → Sentry GET projects/acme/backend/members + Sentry GET projects/acme/backend/teams |
//! | options, the next letter | BatchGetItem |
//! | options, not linked | BatchGetItem |
//! | /sentry link, not linked | BatchGetItem → PutItem |
//! | /sentry link, linked | BatchGetItem |
//! | /sentry unlink, not linked | BatchGetItem |
//! | /sentry unlink, linked | BatchGetItem |
//! | /sentry whoami, not linked | BatchGetItem |
//! | /sentry whoami, linked | BatchGetItem |
//! | /sentry help | BatchGetItem |
//! | /sentry alerts here | BatchGetItem → TransactWriteItems |
//! | event, the home is opened | PutItem → BatchGetItem → Slack views.publish → PutItem |
//! | event, the other tab is opened | nobody |
//! | event, delivered again | PutItem → GetItem |
//! | event, somebody writes whoami | PutItem → BatchGetItem → Slack chat.postMessage → PutItem |
//! | event, somebody not linked writes link | PutItem → BatchGetItem → Slack users.info → PutItem → Slack chat.postMessage → PutItem |
//! | event, a link to an issue | PutItem → BatchGetItem → SendMessage → PutItem |
//! | event, the challenge | nobody |
//! | event, the app is removed | PutItem → GetItem → TransactWriteItems → PutItem |
//! | event, the app is removed, perhaps before it was installed | PutItem → GetItem → Slack auth.test → TransactWriteItems → PutItem |
//! | event, its tokens are revoked | PutItem → GetItem → PutItem |
//! | event, tokens are revoked and nothing else is known | PutItem → GetItem → Slack auth.test → TransactWriteItems → PutItem |
//! | alert, a rule fires | PutItem → Query → BatchGetItem → GetItem → PutItem → SendMessage → PutItem |
//! | alert, delivered again | PutItem → GetItem |
//! | alert, an issue that stands nowhere changes | PutItem → Query → BatchGetItem → Query → PutItem |
//! | alert, an issue that stands in a channel changes | PutItem → Query → BatchGetItem → Query → GetItem → PutItem → SendMessage → PutItem |
//! | alert, the channels of a rule | Query → BatchGetItem → Slack conversations.list |
//! | alert, the channels of a rule, where the app is in a whole organization | Query → BatchGetItem → Slack auth.teams.list → Slack conversations.list |
//! | alert, a rule is saved | Query → BatchGetItem |
//! | health, anybody | GetItem |
//! | health, who holds the key | GetItem → Query + Query → BatchGetItem |

mod browser;
mod clicks;
mod said;
mod strangers;
mod worker;

use std::{future::Future, ops::Deref};

use local::slack::{Alert, MessageTs};
use shared::{
    clock::Clock,
    identity::Identity,
    store::{Clicker, RemoveIdentity, Written, dynamo::DynamoStore},
};

use crate::harness::{ALICE, ALICES, World, queue};

const TABLE: &str = include_str!("mod.rs");

/// Those who go by it.
const TESTS: [&str; 5] = [
    include_str!("browser.rs"),
    include_str!("clicks.rs"),
    include_str!("said.rs"),
    include_str!("strangers.rs"),
    include_str!("worker.rs"),
];

/// The rows of the table: what comes in, and what is asked for it.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = TABLE.lines().filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"));
    rows.skip(1).map(|row| row.split_once(" | ").unwrap())
}

/// What the table says is asked for this.
fn asked_for(what: &str) -> &'static str {
    let found = rows().find(|(row, _)| *row == what);
    found.unwrap_or_else(|| panic!("the table has no row for {what:?}")).1
}

/// An alert in front of functions whose every request is written down.
struct Scene {
    world: World<DynamoStore>,
    alert: MessageTs,
}

impl Deref for Scene {
    type Target = World<DynamoStore>;

    fn deref(&self) -> &World<DynamoStore> {
        &self.world
    }
}

impl Scene {
    /// The app is installed, nobody linked.
    async fn new() -> Self {
        Self::of(World::watched().await)
    }

    /// The app is installed nowhere.
    async fn bare() -> Self {
        Self::of(World::watched_and_bare().await)
    }

    /// Alice is linked.
    async fn with_linked() -> Self {
        Self::with_linked_to(ALICES).await
    }

    /// Alice is linked to this account.
    async fn with_linked_to(account: &str) -> Self {
        let scene = Self::new().await;
        scene.link(ALICE, account).await;
        scene
    }

    fn of(world: World<DynamoStore>) -> Self {
        let alert = world.post_alert();
        Self { world, alert }
    }

    /// For this, as much is asked as the table says, and nothing else.
    async fn costs<T>(&self, what: &str, act: impl Future<Output = T>) -> T {
        self.journal.rounds();
        let done = Box::pin(act).await;
        let rounds: Vec<_> = self.journal.rounds().iter().map(|round| round.join(" + ")).collect();
        let asked = if rounds.is_empty() { "nobody".to_owned() } else { rounds.join(" → ") };
        let asked = asked.replace("organizations/acme/", "");
        assert_eq!(asked, asked_for(what), "{what}");
        done
    }

    /// Alice is linked, and the alert in front of her offers modals.
    async fn with_modals() -> Self {
        let scene = Self::with_linked().await;
        let alert = scene.slack.post_alert(&Alert::type_error(&scene.sentry_url));
        Self { alert, ..scene }
    }

    /// A link to unlink, as somebody gets it who is no member any more.
    async fn link_to_unlink(&self) -> String {
        self.sentry.remove_member(ALICES, "acme");
        self.clicked("resolved").await;
        self.work().await;
        self.sentry.add_member(ALICES, "acme");
        self.prompted_link(ALICE)
    }

    /// Alice has undone her link.
    async fn unlink_alice(&self) {
        let Clicker { identity, epoch, .. } = self.clicker().await;
        let removed = self.store.remove_identity(&identity.unwrap(), epoch, self.clock.now()).await;
        assert_eq!(removed, Ok(Written::Yes));
    }

    /// Alice has clicked, and nobody has worked on it.
    async fn clicked(&self, value: &str) {
        let answer = self.click(ALICE, &self.alert, value).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }

    /// One message about a job reaches the worker.
    async fn work_once(&self) {
        let key = self.queue.take_due().unwrap();
        let answer = self.perform.handle(queue::sqs_event(&[&key])).await;
        assert_eq!(answer, serde_json::json!({"batchItemFailures": []}));
    }

    /// Alice and what is judged of her.
    async fn clicker(&self) -> Clicker {
        self.clicker_of(ALICE).await
    }

    async fn identity(&self) -> Identity {
        self.clicker().await.identity.unwrap()
    }
}

#[test]
fn every_row_of_the_table_has_its_test() {
    for (what, _) in rows() {
        let named = format!("\"{what}\"");
        let tests = TESTS.iter().map(|file| file.matches(&named).count()).sum::<usize>();
        assert_eq!(tests, 1, "{what:?}");
    }
}
