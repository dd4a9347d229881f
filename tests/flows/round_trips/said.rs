//! What is asked while Slack or Sentry wait for an answer to what they say, or to what somebody typed.

use std::time::Duration;

use local::slack::{BACKEND, ENTERPRISE, Grant, SignedRequest};
use serde_json::{Value, json};
use shared::{clock::Clock, health::HealthClaims, signing::link::Purpose};

use super::Scene;
use crate::harness::{
    ACME, ALICE, ALICES, Answer, BOB, BOBS,
    alerts::{ISSUE, rule_for},
    browser::Browser,
    event, select_event,
};

/// The event that tells of a link to an issue.
fn shared_link(scene: &Scene) -> SignedRequest {
    let url = format!("{}/organizations/acme/issues/{ISSUE}/", scene.sentry_url);
    scene.slack.share_link(ALICE, BACKEND, &url).unwrap().1
}

async fn health(scene: &Scene, headers: Value) -> Answer {
    scene.dispatch(&event("GET", "/health", &headers, "")).await
}

#[tokio::test]
async fn commands_of_somebody_not_linked() {
    let scene = Scene::new().await;

    scene.costs("/sentry link, not linked", scene.command(ALICE, "link")).await;
    scene.costs("/sentry unlink, not linked", scene.command(ALICE, "unlink")).await;
    scene.costs("/sentry whoami, not linked", scene.command(ALICE, "whoami")).await;
}

#[tokio::test]
async fn commands_of_somebody_linked() {
    let scene = Scene::with_linked().await;

    scene.costs("/sentry link, linked", scene.command(ALICE, "link")).await;
    scene.costs("/sentry unlink, linked", scene.command(ALICE, "unlink")).await;
    scene.costs("/sentry whoami, linked", scene.command(ALICE, "whoami")).await;
    scene.costs("/sentry help", scene.command(ALICE, "help")).await;
    scene.costs("/sentry alerts here", scene.command(ALICE, "alerts here")).await;
}

#[tokio::test]
async fn options_are_asked_for_once_and_remembered() {
    let scene = Scene::with_linked().await;

    let first = scene.suggest(ALICE, &scene.alert, "b");
    scene.costs("options, the first letter", first).await;
    let second = scene.suggest(ALICE, &scene.alert, "bo");
    scene.costs("options, the next letter", second).await;
    let stranger = scene.suggest(BOB, &scene.alert, "b");
    scene.costs("options, not linked", stranger).await;
}

#[tokio::test]
async fn what_somebody_does_in_slack() {
    let scene = Scene::with_linked().await;
    let home = scene.slack.open_home(ALICE).unwrap();
    let whoami = scene.slack.direct_message(ALICE, "whoami").unwrap();
    let link = scene.slack.direct_message(BOB, "link").unwrap();
    let messages = scene.slack.open_messages(ALICE).unwrap();
    let challenge = scene.slack.url_verification("3eZbrw1aB");

    scene.costs("event, the home is opened", scene.hear(&home)).await;
    scene.costs("event, delivered again", scene.hear(&home)).await;
    scene.costs("event, the other tab is opened", scene.hear(&messages)).await;
    scene.costs("event, somebody writes whoami", scene.hear(&whoami)).await;
    scene.costs("event, somebody not linked writes link", scene.hear(&link)).await;
    scene.costs("event, a link to an issue", scene.hear(&shared_link(&scene))).await;
    scene.costs("event, the challenge", scene.hear(&challenge)).await;
}

#[tokio::test]
async fn the_app_is_removed() {
    let scene = Scene::with_linked().await;
    scene.clock.advance(Duration::from_mins(1));
    let events = scene.slack.uninstall();
    let [uninstalled, revoked] = &events[..] else { panic!("not two events") };

    scene.costs("event, the app is removed", scene.hear(uninstalled)).await;
    scene.costs("event, its tokens are revoked", scene.hear(revoked)).await;
}

#[tokio::test]
async fn the_app_is_removed_as_soon_as_it_was_installed() {
    let scene = Scene::new().await;
    let uninstalled = scene.slack.uninstall().remove(0);

    let heard = scene.hear(&uninstalled);
    scene.costs("event, the app is removed, perhaps before it was installed", heard).await;
}

#[tokio::test]
async fn tokens_are_said_to_be_revoked_first() {
    let scene = Scene::with_linked().await;
    let events = scene.slack.uninstall();
    let [_, revoked] = &events[..] else { panic!("not two events") };

    scene.costs("event, tokens are revoked and nothing else is known", scene.hear(revoked)).await;
}

#[tokio::test]
async fn webhooks() {
    let scene = Scene::new().await;
    let alert = scene.sentry.fire_alert(ISSUE, &rule_for(BACKEND)).unwrap();
    scene.sentry.change_issue_as(BOBS, ISSUE, "ignored");
    let changed = scene.sentry.take_hooks().pop().unwrap();

    scene.costs("alert, an issue that stands nowhere changes", scene.hook(&changed)).await;
    scene.costs("alert, a rule fires", scene.hook(&alert)).await;
    scene.costs("alert, delivered again", scene.hook(&alert)).await;
    scene.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    scene.settle().await;
    let changed = scene.sentry.take_hooks().pop().unwrap();
    scene.costs("alert, an issue that stands in a channel changes", scene.hook(&changed)).await;
}

/// API Gateway's event of somebody who looks for `#backend` in the form of a rule.
fn choosing_a_channel(scene: &Scene) -> Value {
    select_event(&scene.sentry.ask_channels("acme", "backend").unwrap())
}

#[tokio::test]
async fn the_form_of_a_rule_where_the_app_is_in_a_whole_organization() {
    let scene = Scene::bare().await;
    scene.slack.set_enterprise(Some(ENTERPRISE));
    let mut browser = Browser::of(&scene, ALICE, ALICES);
    browser.grant = Grant { org_wide: true, ..Grant::default() };
    browser.install(ACME).await;
    let choose = choosing_a_channel(&scene);

    let what = "alert, the channels of a rule, where the app is in a whole organization";
    let channels = scene.costs(what, scene.dispatch(&choose)).await;

    assert!(channels.body.contains("#backend"), "{}", channels.body);
}

#[tokio::test]
async fn the_form_of_a_rule() {
    let scene = Scene::new().await;
    let choose = choosing_a_channel(&scene);
    let form = r#"{"fields": [{"name": "channel", "value": "T0ACME0001:C0ALERTS01"}]}"#;
    let signature = scene.sentry.sign_hook("acme", "", form).signature;
    let save = event("POST", "/alert/rule", &json!({"sentry-app-signature": signature}), form);

    let channels = scene.costs("alert, the channels of a rule", scene.dispatch(&choose)).await;
    let saved = scene.costs("alert, a rule is saved", scene.dispatch(&save)).await;

    assert!(channels.body.contains("#backend"), "{}", channels.body);
    assert_eq!(saved.status, 200, "{}", saved.body);
}

#[tokio::test]
async fn health_asks_the_table_alone() {
    let scene = Scene::with_linked().await;
    scene.tick().await;
    let claims = HealthClaims { expires: scene.clock.now().plus(shared::health::PROOF_LIFE) };
    let proof = scene.signer.sign(Purpose::Health, &claims).unwrap();
    let (stranger, owner) = (json!({}), json!({"authorization": format!("Bearer {proof}")}));

    let words = scene.costs("health, anybody", health(&scene, stranger)).await;
    let details = scene.costs("health, who holds the key", health(&scene, owner)).await;

    assert_eq!((words.status, details.status), (200, 200));
    assert!(details.body.len() > words.body.len());
}
