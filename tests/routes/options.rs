//! `POST /options`: whom an issue can be given to, while somebody types.

use std::time::Duration;

use local::{
    sentry::{Mode, Right},
    slack::{MessageTs, TEAM},
};
use serde_json::{Value, json};
use shared::{
    identity::{InstallationStatus, Tokens},
    secret::Sealed,
    store::{RenewTokens, SaveInstallation},
};

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, ALICES, Answer, BOB, BOBS, DORAS, World, event_to},
};

const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn the_one_who_types_comes_first_then_the_others_then_teams_then_nobody() {
    let world = World::with_linked(BOB, BOBS).await;
    let alert = world.post_alert();

    let answer = world.suggest(BOB, &alert, "").await;

    let groups = [
        "People: Bob Baker (you)=user:102, Alice Archer=user:101, Dora Dean=user:104, \
         Erin Evans=user:105",
        "Teams: #backend=team:21",
        "Other: Nobody (unassign)=none",
    ];
    assert_eq!(groups_of(&answer), groups);
}

#[tokio::test]
async fn any_part_of_a_name_or_address_finds_somebody() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();

    for (typed, found) in [
        ("AKE", "People: Bob Baker=user:102"),
        ("dora@acme", "People: Dora Dean=user:104"),
        ("ckend", "Teams: #backend=team:21"),
        ("nobody", "Other: Nobody (unassign)=none"),
    ] {
        assert_eq!(groups_of(&world.suggest(ALICE, &alert, typed).await), [found], "{typed}");
    }
    assert_eq!(groups_of(&world.suggest(ALICE, &alert, "zzz").await), NOBODY);
}

#[tokio::test]
async fn of_many_members_a_hundred_options_are_shown_and_any_can_be_found() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_crowd(150);
    let alert = world.post_alert();

    let all = options_of(&world.suggest(ALICE, &alert, "").await);
    let found = options_of(&world.suggest(ALICE, &alert, "member 149").await);

    assert_eq!(all.len(), 100);
    assert_eq!(all[0], "Alice Archer (you)=user:101");
    assert_eq!(all[98..], ["#backend=team:21", "Nobody (unassign)=none"]);
    assert_eq!(found, ["Member 149=user:10149"]);
}

#[tokio::test]
async fn what_is_offered_can_be_chosen() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let offered = options_of(&world.suggest(ALICE, &alert, "bob").await);
    let (_, value) = offered[0].split_once('=').unwrap();

    let click = world.slack.click(ALICE, &alert, "assign", value).unwrap();
    world.deliver(&click).await;
    world.work().await;

    assert_eq!(world.sentry.changes().last().unwrap().body, json!({"assignedTo": "user:102"}));
}

#[tokio::test]
async fn who_is_not_linked_is_shown_nobody_and_sentry_is_not_asked() {
    let world = World::new().await;

    let answer = world.suggest(ALICE, &world.post_alert(), "").await;

    assert_nobody(&answer);
    assert_eq!(world.calls(), 0);
}

#[tokio::test]
async fn a_guest_of_another_workspace_is_shown_nobody() {
    let world = World::with_linked(ALICE, ALICES).await;
    let asked = world.sentry.log().len();
    let mut payload = typing(&world, &world.post_alert());
    payload["user"]["team_id"] = json!("T0OTHER001");

    let answer = send(&world, &payload).await;

    assert_nobody(&answer);
    assert_eq!(world.sentry.log().len(), asked);
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_not_used() {
    let world = World::with_linked(ALICE, ALICES).await;
    let asked = world.sentry.log().len();
    world.clock.advance(Duration::from_hours(31 * 24));

    let answer = world.suggest(ALICE, &world.post_alert(), "").await;

    assert_nobody(&answer);
    assert_eq!(world.sentry.log().len(), asked);
}

#[tokio::test]
async fn a_token_that_cannot_be_opened_is_not_used() {
    let world = World::with_linked(ALICE, ALICES).await;
    let asked = world.sentry.log().len();
    let identity = world.rows().identities.into_values().next().unwrap();
    let access = Sealed::from_text("s1.retired.AAAA");
    let tokens = Tokens { access, ..identity.tokens.clone() };
    world.store.save_tokens(&identity, &tokens).await.unwrap();

    let answer = world.suggest(ALICE, &world.post_alert(), "").await;

    assert_nobody(&answer);
    assert_eq!(world.sentry.log().len(), asked);
}

#[tokio::test]
async fn while_sentry_is_unwell_the_list_is_empty_and_slack_gets_its_answer() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();

    for mode in [
        Mode::Down,
        Mode::MaintenanceHtml200,
        Mode::SsoRequired,
        Mode::RateLimited { reset_after: None },
    ] {
        world.sentry.set_mode(mode);
        assert_nobody(&world.suggest(ALICE, &alert, "").await);
    }
    world.sentry.set_mode(Mode::Normal);
    let well = world.suggest(ALICE, &alert, "bob").await;
    assert_eq!(groups_of(&well), ["People: Bob Baker=user:102"]);
}

#[tokio::test]
async fn a_sentry_that_is_too_slow_is_given_up() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.set_mode(Mode::Slow(Duration::from_hours(1)));
    let alert = world.post_alert();

    let answer = world.suggest(ALICE, &alert, "").await;

    assert_nobody(&answer);
}

#[tokio::test]
async fn an_issue_that_the_person_may_not_see_shows_nobody_of_its_project() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let mut elsewhere = typing(&world, &alert);
    elsewhere["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":77,"org":"1"}"#);

    let not_of_the_organization = send(&world, &elsewhere).await;
    world.sentry.set_right(ALICES, "acme", Right::None);
    let not_a_member = world.suggest(ALICE, &alert, "").await;

    assert_nobody(&not_of_the_organization);
    assert_nobody(&not_a_member);
    assert!(world.sentry.log().iter().all(|call| !call.path.contains("/projects/")));
}

#[tokio::test]
async fn somebody_who_may_only_read_can_look() {
    let world = World::with_linked(ALICE, DORAS).await;

    let answer = world.suggest(ALICE, &world.post_alert(), "dora").await;

    assert_eq!(groups_of(&answer), ["People: Dora Dean (you)=user:104"]);
}

#[tokio::test]
async fn an_issue_of_a_foreign_organization_is_refused() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let before = Before::of(&world);
    let mut named = typing(&world, &alert);
    named["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":4815,"org":"2"}"#);
    let mut routed = typing(&world, &alert);
    routed["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":4815}"#);
    routed["action_id"] = json!("assign::2::12");

    for payload in [named, routed] {
        assert_answer(&send(&world, &payload).await, 403, Kind::Empty, "foreign");
    }
    before.assert_untouched(&world, "foreign");
}

#[tokio::test]
async fn an_organization_is_found_by_the_route_or_as_the_only_one_and_never_guessed() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut payload = typing(&world, &world.post_alert());
    payload["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":4815,"rule":162}"#);
    payload["value"] = json!("bob");

    let only = send(&world, &payload).await;
    bind_to_two_organizations(&world).await;
    let several = send(&world, &payload).await;
    payload["action_id"] = json!("assign::1::11");
    let routed = send(&world, &payload).await;

    assert_eq!(groups_of(&only), ["People: Bob Baker=user:102"]);
    assert_nobody(&several);
    assert_eq!(groups_of(&routed), ["People: Bob Baker=user:102"]);
}

#[tokio::test]
async fn a_workspace_without_the_app_is_refused() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let mut unknown = typing(&world, &alert);
    unknown["team"]["id"] = json!("T0OTHER001");
    unknown["user"]["team_id"] = json!("T0OTHER001");

    let unknown = send(&world, &unknown).await;
    let mut disabled = world.rows().installations.into_values().next().unwrap();
    disabled.status = InstallationStatus::Disabled;
    world.store.save_installation(&disabled).await.unwrap();
    let disabled = world.suggest(ALICE, &alert, "").await;

    assert_answer(&unknown, 403, Kind::Empty, "unknown");
    assert_answer(&disabled, 403, Kind::Empty, "disabled");
}

#[tokio::test]
async fn within_a_minute_sentry_is_not_asked_again_and_after_it_is() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let before = world.sentry.log().len();
    let asked = || world.sentry.log().len() - before;

    let first = world.suggest(ALICE, &alert, "b").await;
    assert_eq!(asked(), 3);
    world.clock.advance(Duration::from_secs(59));
    let second = world.suggest(ALICE, &alert, "bo").await;
    assert_eq!(asked(), 3);
    world.clock.advance(Duration::from_secs(1));
    let third = world.suggest(ALICE, &alert, "bob").await;
    assert_eq!(asked(), 6);

    for answer in [first, second, third] {
        assert!(answer.body.contains("Bob Baker"), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_sentry_said_to_one_person_is_not_told_to_another() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.link(BOB, BOBS).await;
    let alert = world.post_alert();
    world.suggest(ALICE, &alert, "").await;
    world.sentry.set_right(BOBS, "acme", Right::None);

    let answer = world.suggest(BOB, &alert, "").await;

    assert_nobody(&answer);
}

#[tokio::test]
async fn another_issue_of_the_same_project_asks_for_the_issue_only() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut payload = typing(&world, &world.post_alert());
    send(&world, &payload).await;
    let asked = world.sentry.log().len();
    payload["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":4816,"org":"1"}"#);

    send(&world, &payload).await;

    let paths: Vec<_> = world.sentry.log()[asked..].iter().map(|call| call.path.clone()).collect();
    assert_eq!(paths, ["/api/0/organizations/acme/issues/4816/"]);
}

#[tokio::test]
async fn what_slack_has_not_signed_is_refused_before_anything_else() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut request = world.slack.suggest(ALICE, &world.post_alert(), "assign", "b").unwrap();
    let before = Before::of(&world);
    request.signature.replace_range(3..5, "zz");

    let answer = world.dispatch(&event_to("/options", &request)).await;

    assert_answer(&answer, 401, Kind::Empty, "forged");
    before.assert_untouched(&world, "forged");
}

#[tokio::test]
async fn what_is_no_typing_is_a_bad_request() {
    let world = World::with_linked(ALICE, ALICES).await;
    let alert = world.post_alert();
    let typing = typing(&world, &alert);
    let changed = |edit: fn(&mut Value)| {
        let mut payload = typing.clone();
        edit(&mut payload);
        payload
    };

    for payload in [
        world.click_payload(ALICE, &alert, "resolved"),
        changed(|p| p["value"] = Value::Null),
        changed(|p| p["value"] = json!(7)),
        changed(|p| p["user"] = Value::Null),
        changed(|p| p["message"] = Value::Null),
        changed(|p| p["message"]["blocks"][0]["block_id"] = json!("act")),
        changed(|p| p["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":"../1"}"#)),
    ] {
        let before = Before::of(&world);
        let answer = send(&world, &payload).await;
        assert_answer(&answer, 400, Kind::Empty, &payload.to_string());
        before.assert_untouched(&world, &payload.to_string());
    }
}

/// Alice has opened the select.
fn typing(world: &World, alert: &MessageTs) -> Value {
    world.slack.suggest_payload(ALICE, alert, "assign", "").unwrap()
}

async fn send(world: &World, payload: &Value) -> Answer {
    world.dispatch(&event_to("/options", &world.slack.sign_payload(payload))).await
}

async fn bind_to_two_organizations(world: &World) {
    let mut installation = world.rows().installations.into_values().next().unwrap();
    assert_eq!(installation.tenant.as_str(), TEAM);
    let umbrella = json!({"id": "2", "slug": "umbrella", "name": "Umbrella"});
    installation.organizations.push(serde_json::from_value(umbrella).unwrap());
    world.store.save_installation(&installation).await.unwrap();
}

fn assert_nobody(answer: &Answer) {
    assert_answer(answer, 200, Kind::Json, "nobody");
    assert_eq!(answer.body, r#"{"option_groups":[]}"#);
}

/// Each group as a line, each option as its text and value.
fn groups_of(answer: &Answer) -> Vec<String> {
    let line = |group: &Value| {
        let options: Vec<_> = group["options"].as_array().unwrap().iter().map(option).collect();
        format!("{}: {}", group["label"]["text"].as_str().unwrap(), options.join(", "))
    };
    all_groups(answer).iter().map(line).collect()
}

fn options_of(answer: &Answer) -> Vec<String> {
    let options = |group: &Value| group["options"].as_array().unwrap().clone();
    all_groups(answer).iter().flat_map(options).map(|it| option(&it)).collect()
}

fn all_groups(answer: &Answer) -> Vec<Value> {
    assert_answer(answer, 200, Kind::Json, "a list");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["option_groups"].as_array().unwrap().clone()
}

fn option(option: &Value) -> String {
    assert_eq!(option["text"]["type"], "plain_text");
    format!("{}={}", option["text"]["text"].as_str().unwrap(), option["value"].as_str().unwrap())
}
