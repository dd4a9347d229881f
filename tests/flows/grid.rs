//! Enterprise Grid: an app of a whole organization, an app of one workspace in it, and guests.

use local::slack::{BACKEND, CHANNEL, ENTERPRISE, Envelope, Grant, Person, SIBLING_TEAM, TEAM};
use serde_json::json;
use shared::identity::InstallationStatus;

use crate::harness::{
    ACME, ALICE, ALICES, BOB, BOBS, World, browser::Browser, event_to, link_in, select_event,
};

/// The workspace is part of an organization, in all of which the app is.
async fn org_wide() -> World {
    let world = World::bare().await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    install_org_wide(&world).await;
    world
}

async fn install_org_wide(world: &World) {
    let mut browser = Browser::of(world, ALICE, ALICES);
    browser.grant = Grant { org_wide: true, ..Grant::default() };
    let done = browser.install(ACME).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Acme Worldwide"), "{}", done.body);
}

/// The app is in the workspace and in the whole organization; Bob was linked before.
async fn both() -> World {
    let world = World::bare().await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;
    world.link(BOB, BOBS).await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    install_org_wide(&world).await;
    world
}

/// Whom each identity belongs to: the tenant, the person, the account.
fn identities(world: &World) -> Vec<(String, String, String)> {
    let of = world.rows().identities.into_values();
    of.map(|i| (i.person.tenant.to_string(), i.person.user.to_string(), i.account.id.to_string()))
        .collect()
}

fn named(tenant: &str, user: &str, account: &str) -> (String, String, String) {
    (tenant.into(), user.into(), account.into())
}

/// News that the app was removed from the organization, or from the workspace.
fn removal(world: &World, org_wide: bool) -> local::slack::SignedRequest {
    world.clock.advance(std::time::Duration::from_mins(1));
    let envelope = Envelope {
        team_id: (!org_wide).then(|| TEAM.into()),
        is_enterprise_install: org_wide,
        ..world.slack.envelope()
    };
    world.slack.event_with(&json!({"type": "app_uninstalled"}), envelope)
}

#[tokio::test]
async fn an_org_wide_install_stands_under_the_organization() {
    let world = org_wide().await;

    let row = world.installation_of(ENTERPRISE).unwrap();
    assert_eq!((row.name.as_str(), row.status), ("Acme Worldwide", InstallationStatus::Active));
    assert_eq!(world.installation(), None, "the workspace has none of its own");
    assert!(world.direct_words(ALICE).contains("Belay is in *Acme Worldwide*"));
}

#[tokio::test]
async fn the_installer_s_link_links_in_the_organization() {
    let world = org_wide().await;

    let link = link_in(&world.direct_words(ALICE));
    let done = Browser::of(&world, ALICE, ALICES).link(&link).await;

    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(identities(&world), [named(ENTERPRISE, ALICE, ALICES)]);
}

#[tokio::test]
async fn clicks_of_an_org_wide_app_are_carried_out() {
    let world = org_wide().await;
    world.link(BOB, BOBS).await;
    let alert = world.post_alert();

    world.click(BOB, &alert, "resolved").await;
    world.work().await;

    assert_eq!(identities(&world), [named(ENTERPRISE, BOB, BOBS)]);
    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0BOB00001>*"));
}

#[tokio::test]
async fn a_rule_of_an_org_wide_app_chooses_among_the_channels_of_its_workspaces() {
    let world = org_wide().await;
    let asked = world.sentry.ask_channels("acme", "backend").unwrap();

    let offered = world.dispatch(&select_event(&asked)).await;

    let choice =
        |name: &str, id: &str| json!({"label": name, "value": format!("{ENTERPRISE}:{id}")});
    let choices = json!([choice("#alerts", CHANNEL), choice("#backend", BACKEND)]);
    assert_eq!(offered.body, choices.to_string());
}

#[tokio::test]
async fn commands_messages_and_the_home_of_an_org_wide_app_work() {
    let world = org_wide().await;
    world.link(BOB, BOBS).await;

    let command = world.command(BOB, "whoami").await;
    world.hear(&world.slack.direct_message(BOB, "whoami").unwrap()).await;
    world.hear(&world.slack.open_home(BOB).unwrap()).await;

    assert!(command.body.contains("bob@acme.example"), "{}", command.body);
    assert!(world.direct_words(BOB).contains("bob@acme.example"));
    let home = format!("{:?}", world.slack.home(BOB).unwrap());
    assert!(home.contains("bob@acme.example"), "{home}");
}

#[tokio::test]
async fn the_home_s_buttons_work_although_they_name_no_workspace() {
    let world = org_wide().await;
    world.hear(&world.slack.open_home(BOB).unwrap()).await;
    let payload = world.slack.click_home_payload(BOB, "link_identity", "").unwrap();

    let answer = world.send(&payload).await;
    let url = world.slack.views(BOB)[0].blocks()[1]["elements"][0]["url"].clone();
    let done = Browser::of(&world, BOB, BOBS).link(url.as_str().unwrap()).await;

    assert_eq!((&payload["team"], answer.status), (&serde_json::Value::Null, 200));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(identities(&world), [named(ENTERPRISE, BOB, BOBS)]);
}

#[tokio::test]
async fn somebody_with_an_id_of_the_organization_links_and_acts() {
    let world = org_wide().await;
    let walter = Person::member("W0WALTER01", "walter", "Walter Wide");
    world.slack.add_person(Person { team_id: ENTERPRISE.into(), ..walter });
    world.link("W0WALTER01", BOBS).await;
    let alert = world.post_alert();

    world.click("W0WALTER01", &alert, "resolved").await;
    world.work().await;

    assert_eq!(identities(&world), [named(ENTERPRISE, "W0WALTER01", BOBS)]);
    assert!(world.words_of(&alert).contains("<@W0WALTER01>"));
}

#[tokio::test]
async fn an_app_of_the_workspace_keeps_its_own() {
    let world = World::bare().await;
    Browser::of(&world, BOB, BOBS).install(ACME).await;
    world.link(BOB, BOBS).await;
    let (row, linked) = (world.installation(), identities(&world));
    world.slack.set_enterprise(Some(ENTERPRISE));

    install_org_wide(&world).await;

    assert_eq!(world.installation(), row);
    assert_eq!(identities(&world), linked);
}

#[tokio::test]
async fn who_was_linked_in_the_workspace_is_a_stranger_to_the_organization() {
    let world = both().await;

    world.click(BOB, &world.post_alert(), "resolved").await;
    let asked = world.newest_words(BOB);
    let done = Browser::of(&world, BOB, BOBS).link(&world.prompted_link(BOB)).await;
    world.work().await;

    assert!(asked.contains("Link your identity now"), "{asked}");
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(identities(&world), [named(ENTERPRISE, BOB, BOBS), named(TEAM, BOB, BOBS)]);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn news_of_one_removal_leaves_the_other_install_alone() {
    for org_wide in [true, false] {
        let world = both().await;

        let answer = world.hear(&removal(&world, org_wide)).await;

        assert_eq!(answer.status, 200);
        let active = |tenant| world.installation_of(tenant).unwrap().is_active();
        assert_eq!((active(ENTERPRISE), active(TEAM)), (!org_wide, org_wide));
    }
}

#[tokio::test]
async fn an_app_that_slack_has_org_wide_already_cannot_be_put_in_the_workspace() {
    let world = org_wide().await;

    let page = Browser::of(&world, ALICE, ALICES).install(ACME).await;

    assert_eq!(page.status, 400, "{}", page.body);
    assert_eq!(world.installation(), None);
}

#[tokio::test]
async fn a_guest_from_another_workspace_is_refused_in_words() {
    let world = World::bare().await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let guest = Person::member("U0GUEST001", "gus", "Gus Guest");
    world.slack.add_person(Person { team_id: "T0OTHER001".into(), ..guest });

    world.click("U0GUEST001", &world.post_alert(), "resolved").await;
    world.hear(&world.slack.direct_message("U0GUEST001", "link").unwrap()).await;

    for told in [world.newest_words("U0GUEST001"), world.direct_words("U0GUEST001")] {
        assert!(told.contains("Only members of the workspace *Acme*"), "{told}");
    }
    assert!(world.rows().jobs.is_empty());
    assert!(world.rows().flows.values().all(|flow| flow.person.user.as_str() == ALICE));
}

#[tokio::test]
async fn a_member_of_the_organization_is_no_guest_in_its_workspace() {
    let world = World::bare().await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let walter = Person::member("W0WALTER01", "walter", "Walter Wide");
    world.slack.add_person(Person { team_id: ENTERPRISE.into(), ..walter });

    world.click("W0WALTER01", &world.post_alert(), "resolved").await;
    let asked = world.newest_words("W0WALTER01");
    world.hear(&world.slack.direct_message("W0WALTER01", "link").unwrap()).await;

    assert!(asked.contains("Link your identity now"), "{asked}");
    assert!(world.direct_words("W0WALTER01").contains("Link your Slack identity"));
}

/// Carol's own workspace is another one of the organization, and she is in Acme's, too.
fn add_colleague(world: &World) {
    let carol = Person::member("W0CAROL001", "carol", "Carol Colleague");
    world.slack.add_person(Person { team_id: SIBLING_TEAM.into(), ..carol });
}

#[tokio::test]
async fn a_colleague_whose_own_workspace_is_another_acts_in_this_one() {
    let world = World::bare().await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    add_colleague(&world);

    world.link("W0CAROL001", BOBS).await;
    world.click("W0CAROL001", &world.post_alert(), "resolved").await;
    world.work().await;

    assert_eq!(identities(&world), [named(TEAM, "W0CAROL001", BOBS)]);
    assert_eq!(world.sentry.issue("4815").unwrap().status, "resolved");
}

#[tokio::test]
async fn a_colleague_whose_own_workspace_is_another_is_answered_when_they_write() {
    let world = World::bare().await;
    world.slack.set_enterprise(Some(ENTERPRISE));
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    add_colleague(&world);

    world.hear(&world.slack.direct_message("W0CAROL001", "link").unwrap()).await;

    let told = world.direct_words("W0CAROL001");
    assert!(told.contains("Link your Slack identity"), "{told}");
}

#[tokio::test]
async fn a_guest_of_an_org_wide_app_is_told_that_only_members_act() {
    let world = org_wide().await;
    let guest = Person::member("U0GUEST001", "gus", "Gus Guest");
    world.slack.add_person(Person { team_id: "T0OTHER001".into(), ..guest });
    let alert = world.post_alert();
    let typed =
        world.slack.click_payload("U0GUEST001", &alert, "status::resolved", "resolved").unwrap();

    let answer = world.send(&typed).await;

    assert_eq!(answer.status, 200);
    // The payload does not say it: Slack was asked.
    let words = world.newest_words("U0GUEST001");
    assert!(words.contains("Only members of the workspace"), "{words}");
    let flows = world.rows().flows;
    assert!(flows.values().all(|flow| flow.person.user.as_str() != "U0GUEST001"), "{flows:?}");
}

#[tokio::test]
async fn a_command_of_a_workspace_that_has_no_app_of_its_own_is_the_organization_s() {
    let world = org_wide().await;
    let typed = world.slack.command(BOB, "/sentry", "link").unwrap();

    let answer = world.dispatch(&event_to("/command", &typed)).await;

    assert!(answer.body.contains("Link your Slack identity"), "{}", answer.body);
    let flows = world.rows().flows;
    assert!(flows.values().all(|flow| flow.tenant.as_str() == ENTERPRISE), "{flows:?}");
}
