//! How often a person waits for the network: every request of a click's way, in rounds of what is
//! under way together. One round more is one wait more, so each is spelt out here.

use local::slack::MessageTs;
use serde_json::json;
use shared::{
    http::serve,
    store::{LinkIdentity, LinkWrite, Linked, SaveInstallation, dynamo::DynamoStore},
};

use crate::{
    contract::store::records::{flow, link_write, opened},
    harness::{ALICE, ALICES, World, event_of, queue, watched::Watched},
};

/// A world whose table is behind DynamoDB's protocol.
struct Scene {
    world: World,
    table: Watched,
    alert: MessageTs,
}

impl Scene {
    /// The app is installed, nobody linked.
    async fn new() -> Self {
        Self::of(World::new().await).await
    }

    /// Alice is linked.
    async fn with_linked() -> Self {
        let scene = Self::of(World::with_linked(ALICE, ALICES).await).await;
        let identity = scene.world.rows().identities.into_values().next().unwrap();
        let flow = opened(scene.store(), flow("first", ALICE, 0)).await;
        let write = LinkWrite { job: None, identity, ..link_write(&flow, ALICES) };
        assert_eq!(scene.store().link(&write).await, Ok(Linked::Yes));
        scene.world.journal.rounds();
        scene
    }

    async fn of(world: World) -> Self {
        let table = Watched::with(world.journal.clone()).await;
        let installation = world.rows().installations.into_values().next().unwrap();
        table.store.save_installation(&installation).await.unwrap();
        let alert = world.post_alert();
        world.journal.rounds();
        Self { world, table, alert }
    }

    fn store(&self) -> &DynamoStore {
        &self.table.store
    }

    /// Alice clicks "Resolve"; the status is what Slack gets.
    async fn click(&self, tamper: impl FnOnce(&mut serde_json::Value)) -> i64 {
        let action = self.world.action_at(self.store().clone());
        let click = self.world.slack.click(ALICE, &self.alert, "status::resolved", "resolved");
        let mut event = event_of(&click.unwrap());
        tamper(&mut event);
        let request = serde_json::from_value(event).unwrap();
        serve(request, &|request| action.handle(request)).await.status_code
    }

    /// The worker gets what was sent to it.
    async fn work(&self) {
        let worker = self.world.perform_at(self.store().clone());
        let key = self.world.queue.take_due().unwrap();
        let answer = worker.handle(queue::sqs_event(&[&key])).await;
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    fn rounds(&self) -> Vec<Vec<String>> {
        self.world.journal.rounds()
    }
}

#[tokio::test]
async fn a_forged_click_asks_nobody() {
    let scene = Scene::with_linked().await;

    let status = scene.click(|event| event["headers"]["x-slack-signature"] = json!("v0=0")).await;

    assert_eq!(status, 401);
    assert_eq!(scene.rounds(), [[""; 0]; 0]);
}

#[tokio::test]
async fn who_is_not_linked_is_asked_to_link_in_one_read_one_write_and_one_post() {
    let scene = Scene::new().await;

    let status = scene.click(|_| ()).await;

    assert_eq!(status, 200);
    assert_eq!(scene.rounds(), [["BatchGetItem"], ["PutItem"], ["Slack"]]);
}

#[tokio::test]
async fn a_click_is_acknowledged_after_one_read_one_write_and_one_message() {
    let scene = Scene::with_linked().await;

    let status = scene.click(|_| ()).await;

    assert_eq!(status, 200);
    assert_eq!(scene.rounds(), [["BatchGetItem"], ["TransactWriteItems"], ["SendMessage"]]);
}

#[tokio::test]
async fn a_click_is_carried_out_by_a_claim_a_read_a_change_a_post_and_an_end() {
    let scene = Scene::with_linked().await;
    scene.click(|_| ()).await;
    scene.rounds();

    scene.work().await;

    assert_eq!(scene.world.sentry.issue("4815").unwrap().status, "resolved");
    assert_eq!(
        scene.rounds(),
        [
            vec!["UpdateItem"],
            // Who clicked, and whether a newer click is about the same.
            vec!["BatchGetItem"],
            vec!["Sentry"],
            // The message, and where else something is said about the issue.
            vec!["Query", "Slack"],
            vec!["PutItem"],
        ]
    );
}
