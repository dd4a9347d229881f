//! What is asked while Slack waits for `POST /action`.

use serde_json::json;
use shared::{
    identity::{Installation, Owner},
    ids::Tenant,
    sealing::Field,
    store::SaveInstallation,
};

use super::Scene;
use crate::harness::{ALICE, BOB};

/// An organization of Slack's with the app in all of its workspaces.
const GRID: &str = "E0GRID0001";

/// The app is in the organization as it is in the workspace.
async fn install_in_organization(scene: &Scene) {
    let here = scene.clicker().await.installation.unwrap();
    let token = here.open_bot_token(&scene.sealer).unwrap();
    let tenant = Tenant::parse(GRID).unwrap();
    let owner = Owner { tenant: &tenant, user: None };
    let bot_token = scene.sealer.seal(owner, Field::BotToken, &token).unwrap();
    scene.store.save_installation(&Installation { tenant, bot_token, ..here }).await.unwrap();
    scene.slack.set_enterprise(Some(GRID));
}

/// Alice presses this button of an alert that offers modals.
async fn pressed(scene: &Scene, dialog: &str) -> u16 {
    let click = scene.slack.click(ALICE, &scene.alert, dialog, dialog).unwrap();
    scene.deliver(&click).await.status
}

/// Alice chooses this in her modal.
async fn chosen(scene: &Scene, value: &str) -> u16 {
    let view = scene.slack.views(ALICE).pop().unwrap();
    let request = scene.slack.submit(ALICE, &view.id, &[("choice".into(), value.into())]).unwrap();
    scene.deliver(&request).await.status
}

/// The value of the button in Alice's home, which stands open.
async fn home_button(scene: &Scene) -> String {
    scene.hear(&scene.slack.open_home(ALICE).unwrap()).await;
    let home = scene.slack.home(ALICE).unwrap();
    home.blocks()[2]["elements"][0]["value"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_click_of_somebody_not_linked() {
    let scene = Scene::new().await;
    let click = scene.slack.click(BOB, &scene.alert, "status::resolved", "resolved").unwrap();

    let first = scene.costs("a click, not linked", scene.deliver(&click)).await;
    let second = scene.costs("the same click again, not linked", scene.deliver(&click)).await;

    assert_eq!((first.status, second.status), (200, 200));
}

#[tokio::test]
async fn a_click_of_somebody_linked() {
    let scene = Scene::with_linked().await;
    let click = scene.click(ALICE, &scene.alert, "resolved");

    let answer = scene.costs("a click, linked", click).await;

    assert_eq!((answer.status, scene.queue.waiting().len()), (200, 1));
}

#[tokio::test]
async fn a_modal_is_opened_before_anything_is_written() {
    let scene = Scene::with_modals().await;

    let opened =
        scene.costs("a button that opens a modal", pressed(&scene, "resolve_dialog")).await;
    scene.costs("the worker, a modal to be filled", scene.work_once()).await;
    let chosen = scene.costs("a choice in a modal", chosen(&scene, "resolved")).await;
    scene.costs("the worker, a choice in a modal", scene.work_once()).await;

    assert_eq!((opened, chosen), (200, 200));
    assert_eq!(scene.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn the_buttons_of_the_home() {
    let scene = Scene::with_linked().await;
    let link_id = home_button(&scene).await;
    let unlink = scene.slack.click_home(ALICE, "unlink_identity", &link_id).unwrap();
    let again = scene.slack.click_home(ALICE, "unlink_identity", &link_id).unwrap();

    scene.costs("unlink, in the home", scene.deliver(&unlink)).await;
    scene.costs("unlink, in the home, once more", scene.deliver(&again)).await;
    let link = scene.slack.click_home(ALICE, "link_identity", "").unwrap();
    scene.costs("link, in the home", scene.deliver(&link)).await;

    assert!(scene.clicker().await.identity.is_none());
    assert_eq!(scene.slack.views(ALICE).len(), 1);
}

#[tokio::test]
async fn the_button_under_the_command_that_unlinks() {
    let scene = Scene::with_linked().await;
    let mut click = scene.click_payload(ALICE, &scene.alert, "resolved");
    click["actions"][0]["action_id"] = json!("unlink_identity");
    click["actions"][0]["value"] = json!(scene.identity().await.link_id);

    scene.costs("unlink, under the command", scene.send(&click)).await;

    assert!(scene.clicker().await.identity.is_none());
}

#[tokio::test]
async fn perhaps_a_guest_of_an_organization() {
    let scene = Scene::new().await;
    install_in_organization(&scene).await;
    let mut click = scene.click_payload(ALICE, &scene.alert, "resolved");
    click["is_enterprise_install"] = json!(true);
    click["enterprise"] = json!({"id": GRID, "name": "Grid"});
    click["user"]["team_id"] = json!("T0ELSEWHERE");

    let answer = scene.costs("a click, perhaps a guest's", scene.send(&click)).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
}
