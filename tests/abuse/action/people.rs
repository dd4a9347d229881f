//! Whose click it is: other workspaces, guests, enterprises, organizations that are not the
//! workspace's.

use serde_json::{Value, json};
use shared::{
    identity::{InstallationStatus, Organization},
    ids::{OrganizationId, Tenant},
    store::SaveInstallation,
};

use super::{Edits, Scene};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::ALICE,
};

/// Each row changes where a click comes from; with the status that it is refused with.
type Refusals = &'static [(&'static str, u16, fn(&mut Value))];

const OTHER_TEAM: &str = "T0OTHER001";
const GRID: &str = "E0GRID0001";

#[tokio::test]
async fn a_workspace_without_the_app_is_refused() {
    let scene = Scene::new().await;
    let rows: Refusals = &[
        ("another workspace", 403, |p| from(p, Some(OTHER_TEAM), None, false)),
        ("another enterprise", 403, |p| from(p, Some("T0ACME0001"), Some(GRID), true)),
        ("an enterprise without a team", 403, |p| from(p, None, Some(GRID), true)),
        ("neither", 400, |p| from(p, None, None, false)),
        ("an org-wide install of nobody", 400, |p| from(p, None, None, true)),
        ("an enterprise that is not the installer", 400, |p| from(p, None, Some(GRID), false)),
        ("a team that is no team", 400, |p| from(p, Some("T0#SLK"), None, false)),
        ("a user as the team", 400, |p| from(p, Some(ALICE), None, false)),
        ("an enterprise as the team", 400, |p| from(p, Some(GRID), None, false)),
        ("an enterprise that is none", 400, |p| from(p, None, Some("E0/../x"), true)),
        ("org-wide in words", 400, |p| p["is_enterprise_install"] = json!("true")),
    ];
    for (case, status, spoil) in rows {
        scene.assert_refuses(&scene.spoilt(spoil), *status, case).await;
    }
}

#[tokio::test]
async fn a_disabled_installation_is_refused() {
    let scene = Scene::new().await;
    let mut installation = scene.world.rows().installations.into_values().next().unwrap();
    installation.status = InstallationStatus::Disabled;
    scene.world.store.save_installation(&installation).await.unwrap();

    scene.assert_refuses(&scene.click, 403, "disabled").await;
}

#[tokio::test]
async fn an_issue_of_a_foreign_organization_is_refused() {
    let scene = Scene::new().await;
    let rows: Edits = &[
        ("in the message", |p| context(p, r#"{"issue":4815,"org":"2"}"#)),
        ("as a number", |p| context(p, r#"{"issue":4815,"org":2}"#)),
        ("in the control's name", |p| {
            context(p, r#"{"issue":4815}"#);
            p["actions"][0]["action_id"] = json!("status::2::7");
        }),
        ("in the message, another one in the control's name", |p| {
            context(p, r#"{"issue":4815,"org":"2"}"#);
            p["actions"][0]["action_id"] = json!("status::1::7");
        }),
    ];
    for (case, spoil) in rows {
        scene.assert_refuses(&scene.spoilt(spoil), 403, case).await;
    }
}

#[tokio::test]
async fn an_issue_s_organization_is_never_guessed() {
    for (case, organizations) in [("none", &[][..]), ("several", &["1", "2"])] {
        let scene = Scene::new().await;
        let mut installation = scene.world.rows().installations.into_values().next().unwrap();
        installation.organizations = organizations.iter().copied().map(organization).collect();
        scene.world.store.save_installation(&installation).await.unwrap();
        let click = scene.spoilt(|p| context(p, r#"{"issue":4815}"#));
        let before = Before::of(&scene.world);

        let answer = scene.world.send(&click).await;

        assert_answer(&answer, 200, Kind::Empty, case);
        before.assert_unwritten(&scene.world, case);
        assert!(scene.world.newest_words(ALICE).contains("organization"), "{case}");
    }
}

#[tokio::test]
async fn a_guest_of_another_workspace_is_told_so_and_nothing_else_happens() {
    let scene = Scene::new().await;
    for home in [OTHER_TEAM, GRID] {
        let click = scene.spoilt(|p| p["user"]["team_id"] = json!(home));
        let (before, told) = (Before::of(&scene.world), scene.world.slack.ephemerals(ALICE).len());

        let answer = scene.world.send(&click).await;

        assert_answer(&answer, 200, Kind::Empty, home);
        before.assert_unwritten(&scene.world, home);
        assert!(scene.world.sentry.changes().len() == 1, "{home}: linking's own, no more");
        assert_eq!(scene.world.slack.ephemerals(ALICE).len(), told + 1, "{home}");
        let words = scene.world.newest_words(ALICE);
        assert!(words.contains("Acme") && !words.contains("https://belay"), "{home}: {words}");
    }
}

#[tokio::test]
async fn the_same_user_id_in_another_workspace_is_somebody_else() {
    let scene = Scene::new().await;
    let mut installation = scene.world.rows().installations.into_values().next().unwrap();
    installation.tenant = Tenant::parse(OTHER_TEAM).unwrap();
    scene.world.store.save_installation(&installation).await.unwrap();
    let click = scene.spoilt(|p| from(p, Some(OTHER_TEAM), None, false));
    let (jobs, asked) = (scene.world.rows().jobs, scene.world.sentry.log().len());

    let answer = scene.world.send(&click).await;

    assert_answer(&answer, 200, Kind::Empty, "the other Alice");
    assert_eq!(scene.world.rows().jobs, jobs);
    assert_eq!(scene.world.sentry.log().len(), asked);
    assert!(scene.world.newest_words(ALICE).contains("Link your identity now"));
}

#[tokio::test]
async fn whom_enterprise_grid_calls_by_the_enterprise_is_no_stranger() {
    let scene = Scene::new().await;
    let click = scene.spoilt(|p| {
        p["enterprise"] = json!({"id": GRID, "name": "Grid"});
        p["user"]["team_id"] = json!(GRID);
    });
    let jobs = scene.world.rows().jobs.len();

    let answer = scene.world.send(&click).await;

    assert_answer(&answer, 200, Kind::Empty, "a local user on Grid");
    assert_eq!(scene.world.rows().jobs.len(), jobs + 1);
}

#[tokio::test]
async fn an_org_wide_install_knows_its_people_in_every_team() {
    let scene = Scene::new().await;
    let mut installation = scene.world.rows().installations.into_values().next().unwrap();
    installation.tenant = Tenant::parse(GRID).unwrap();
    scene.world.store.save_installation(&installation).await.unwrap();
    for team in [None, Some(OTHER_TEAM)] {
        let (tenant, flows) = (Tenant::parse(GRID).unwrap(), scene.world.rows().flows.len());
        let click = scene.spoilt(|p| {
            from(p, team, Some(GRID), true);
            p["actions"][0]["action_ts"] = json!(format!("176761440{}.000100", flows));
        });

        let answer = scene.world.send(&click).await;

        assert_answer(&answer, 200, Kind::Empty, &format!("{team:?}"));
        let flows = scene.world.rows().flows;
        assert!(flows.values().any(|flow| flow.person.tenant == tenant), "{team:?}");
    }
}

fn organization(id: &str) -> Organization {
    let id = OrganizationId::parse(id).unwrap();
    Organization { slug: format!("org-{id}"), name: format!("Organization {id}"), id }
}

/// The click from another workspace, its user at home there.
fn from(payload: &mut Value, team: Option<&str>, enterprise: Option<&str>, org_wide: bool) {
    let id = |id: Option<&str>| id.map_or(Value::Null, |id| json!({"id": id}));
    payload["team"] = id(team);
    payload["enterprise"] = id(enterprise);
    payload["is_enterprise_install"] = json!(org_wide);
    payload["user"]["team_id"] = json!(team);
}

fn context(payload: &mut Value, text: &str) {
    payload["message"]["blocks"][0]["block_id"] = json!(text);
}
