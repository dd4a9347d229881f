//! The whole stand-in over HTTP, as Belay meets it.

use serde_json::{Value, json};

use super::testing::{FORM, ISSUE, Scene};
use super::{Right, Sentry};
use crate::plain_http::send;

fn kinds(sentry: &Sentry) -> Vec<&'static str> {
    sentry.issue("4815").unwrap().activity.iter().map(|line| line.kind).collect()
}

#[tokio::test]
async fn a_resolved_issue_is_resolved_by_the_tokens_owner() {
    let scene = Scene::of("101").await;

    let answer = scene.put(&json!({"status": "resolved"})).await;

    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("resolved")));
    let issue = scene.get().await.json();
    assert_eq!(issue["activity"][0]["type"], "set_resolved");
    assert_eq!(issue["activity"][0]["user"]["email"], "alice@acme.example");
    assert_eq!(issue["activity"][0]["dateCreated"], "2023-11-14T22:13:20.000000Z");
    assert_eq!(issue["activity"][1]["type"], "first_seen");
    assert_eq!(scene.sentry.changes().len(), 1);
}

#[tokio::test]
async fn resolving_twice_is_written_down_twice_and_archiving_once() {
    let scene = Scene::of("101").await;

    for status in ["resolved", "resolved", "ignored", "ignored"] {
        scene.put(&json!({ "status": status })).await;
    }

    let expected = ["first_seen", "set_resolved", "set_resolved", "set_ignored"];
    assert_eq!(kinds(&scene.sentry), expected);
    assert_eq!(scene.sentry.changes().len(), 4);
}

#[tokio::test]
async fn an_archive_tells_its_conditions() {
    let scene = Scene::of("101").await;
    let details = json!({"ignoreCount": 10, "ignoreDuration": 30});

    let issue = scene.put(&json!({"status": "ignored", "statusDetails": details})).await.json();

    assert_eq!(issue["substatus"], "archived_until_condition_met");
    assert_eq!(issue["statusDetails"]["ignoreCount"], 10);
    assert_eq!(issue["statusDetails"]["ignoreUntil"], "2023-11-14T22:43:20.000000Z");
}

#[tokio::test]
async fn an_issue_is_assigned_and_taken_away_again() {
    let scene = Scene::of("101").await;

    let assigned = scene.put(&json!({"assignedTo": "user:102"})).await.json();
    let nobody = scene.put(&json!({"assignedTo": null})).await.json();

    assert_eq!(assigned["assignedTo"]["name"], "Bob Baker");
    assert_eq!(nobody["assignedTo"], Value::Null);
    assert_eq!(kinds(&scene.sentry), ["first_seen", "assigned", "unassigned"]);
}

#[tokio::test]
async fn without_releases_nothing_is_resolved_in_the_next_one() {
    let scene = Scene::of("101").await;
    scene.sentry.set_releases(false);
    let body = json!({"status": "resolved", "statusDetails": {"inNextRelease": true}});

    let answer = scene.put(&body).await;

    assert_eq!(answer.status, 400);
    assert!(answer.json()["statusDetails"]["inNextRelease"][0].is_string());
    assert_eq!(scene.sentry.issue("4815").unwrap().status, "unresolved");
    assert!(scene.sentry.changes().is_empty());
}

#[tokio::test]
async fn who_may_not_is_told_403() {
    for (account, get, put) in [("101", 200, 200), ("103", 403, 403), ("104", 200, 403)] {
        let scene = Scene::of(account).await;

        let read = scene.get().await;
        let write = scene.put(&json!({"status": "resolved"})).await;

        assert_eq!((read.status, write.status), (get, put), "{account}");
    }
}

#[tokio::test]
async fn rights_follow_the_membership_of_the_moment() {
    let scene = Scene::of("101").await;

    scene.sentry.remove_member("101", "acme");
    let outside = scene.get().await;
    scene.sentry.set_right("101", "1", Right::ReadOnly);
    let inside = scene.get().await;

    let detail = "You do not have permission to perform this action.";
    assert_eq!((outside.status, &outside.json()["detail"]), (403, &json!(detail)));
    assert_eq!(inside.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let scene = Scene::of("101").await;

    for path in [
        "api/0/organizations/nowhere/",
        "api/0/organizations/acme/issues/9001/",
        "api/0/organizations/acme/issues/77/",
        "api/0/organizations/acme/issues/BACKEND-12/",
        "api/0/projects/acme/portal/members/",
        "api/0/organizations/acme/issues/4815",
    ] {
        assert_eq!(scene.call("GET", path, "").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn organizations_are_found_by_number_and_by_name() {
    let scene = Scene::of("101").await;

    for path in ["api/0/organizations/1/", "api/0/organizations/acme/"] {
        assert_eq!(scene.call("GET", path, "").await.json()["name"], "Acme Inc");
    }
    let mine = scene.call("GET", "api/0/organizations/", "").await.json();
    assert_eq!(mine.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_role_is_told_in_detail_and_not_in_the_list() {
    let granted = json!(["org:read", "project:read", "event:read", "event:write"]);
    let reading = json!(["org:read", "project:read", "event:read"]);
    for (account, role, access) in
        [("101", "owner", &granted), ("102", "manager", &granted), ("104", "member", &reading)]
    {
        let scene = Scene::of(account).await;

        let detail = scene.call("GET", "api/0/organizations/acme/", "").await.json();
        let list = scene.call("GET", "api/0/organizations/", "").await.json();

        assert_eq!((&detail["orgRole"], &detail["role"]), (&json!(role), &json!(role)));
        assert_eq!(&detail["access"], access, "{account}");
        assert_eq!(list[0]["slug"], "acme");
        for absent in ["orgRole", "role", "access"] {
            assert_eq!(list[0].get(absent), None, "{account}");
        }
    }
}

#[tokio::test]
async fn all_projects_come_along_for_whoever_does_not_decline_them() {
    let scene = Scene::of("104").await;

    let whole = scene.call("GET", "api/0/organizations/acme/", "").await;
    let detail = scene.call("GET", "api/0/organizations/acme/?detailed=0", "").await.json();

    assert!(whole.body.len() > 4 * 1024 * 1024, "{}", whole.body.len());
    assert_eq!((&detail["orgRole"], detail.get("projects")), (&json!("member"), None));
}

#[tokio::test]
async fn an_organization_of_another_region_is_found_by_its_slug_and_listed_nowhere() {
    let scene = Scene::of("105").await;

    let list = scene.call("GET", "api/0/organizations/", "").await.json();
    let detail = scene.call("GET", "api/0/organizations/fjord/", "").await.json();

    let slugs: Vec<_> = list.as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(slugs, ["acme", "umbrella"]);
    assert_eq!((&detail["name"], &detail["orgRole"]), (&json!("Fjord AS"), &json!("owner")));
}

#[tokio::test]
async fn the_page_gives_a_role() {
    let scene = Scene::of("104").await;
    let control = format!("{}/ui/control", scene.origin);

    for role in ["admin", "manager", "owner"] {
        let body = format!("op=right&account=104&organization=acme&right={role}");
        send("POST", &control, FORM, &body).await;
        let detail = scene.call("GET", "api/0/organizations/acme/", "").await.json();
        assert_eq!(detail["orgRole"], role);
    }
    assert_eq!(scene.put(&json!({"status": "resolved"})).await.status, 200);
}

#[tokio::test]
async fn a_dead_token_is_told_401() {
    let scene = Scene::of("101").await;

    scene.sentry.revoke_tokens("101");
    let revoked = scene.get().await;
    let anonymous = send("GET", &format!("{}/{ISSUE}", scene.origin), "", "").await;

    assert_eq!((revoked.status, revoked.json()), (401, json!({"detail": "Invalid token"})));
    assert_eq!(anonymous.status, 401);
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_and_ends_the_old_one() {
    let scene = Scene::of("101").await;
    let refresh = scene.tokens["refresh_token"].as_str().unwrap();
    let grant = format!("grant_type=refresh_token&refresh_token={refresh}");

    let first = scene.token(&grant).await;
    let second = scene.token(&grant).await;

    assert_eq!((first.status, &first.json()["token_type"]), (200, &json!("Bearer")));
    assert_eq!((second.status, second.json()), (400, json!({"error": "invalid_grant"})));
    assert_eq!(scene.get().await.status, 401);
    assert_eq!(scene.sentry.refreshes(), 1);
}

#[tokio::test]
async fn somebody_in_the_web_ui_leaves_a_trace_but_no_put() {
    let scene = Scene::of("101").await;

    scene.sentry.change_issue_as("102", "4815", "resolved");
    scene.sentry.change_issue_as("102", "4815", "unresolved");

    let issue = scene.sentry.issue("4815").unwrap();
    assert_eq!(issue.activity.last().unwrap().account, Some("102"));
    assert_eq!((issue.status, issue.substatus), ("unresolved", Some("regressed")));
    assert!(scene.sentry.changes().is_empty());
}

#[tokio::test]
async fn issues_are_added_and_renamed() {
    let scene = Scene::of("101").await;

    scene.sentry.add_issues(1);
    scene.sentry.add_issues(2);
    scene.sentry.rename_issue("10003", "<!channel> & co");

    let mut titles = Vec::new();
    for id in ["10001", "10002", "10003"] {
        let path = format!("api/0/organizations/acme/issues/{id}/");
        titles.push(scene.call("GET", &path, "").await.json()["title"].clone());
    }
    assert_eq!(titles, ["Error 1", "Error 2", "<!channel> & co"]);
}

#[tokio::test]
async fn the_log_names_the_caller_and_keeps_no_secret() {
    let scene = Scene::of("101").await;
    scene.put(&json!({"status": "resolved"})).await;

    let log = scene.sentry.log();

    let calls: Vec<_> = log.iter().map(|c| (c.method.as_str(), c.account, c.status)).collect();
    assert_eq!(calls, [("POST", None, 200), ("PUT", Some("101"), 200)]);
    assert_eq!(log[1].path, format!("/{ISSUE}"));
}
