//! What an app of the whole organization is told, and what an app of one workspace in it is told.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    Alert, ENTERPRISE, Person, Slack, TEAM,
    install_tests::{installed, org_wide},
    openid::{Consent, tests::query},
    samples,
    web_api::tests::headers,
};

const ALICE: &str = "U0ALICE001";

fn on_grid() -> Slack {
    let (slack, _) = samples::slack();
    slack.set_enterprise(Some(ENTERPRISE));
    slack
}

fn of_the_organization() -> Slack {
    let slack = on_grid();
    slack.uninstall();
    installed(&slack, org_wide());
    slack
}

fn clicked(slack: &Slack) -> Value {
    let alert = slack.post_alert(&Alert::type_error("http://sentry.test"));
    slack.click_payload(ALICE, &alert, "status::resolved", "resolved").unwrap()
}

/// Publishes a home with the organization's token.
fn publish(slack: &Slack, view: &Value) {
    let token = installed(slack, org_wide())["access_token"].take();
    let headers = headers(token.as_str().unwrap(), "application/json");
    let body = json!({"user_id": ALICE, "view": view}).to_string();
    slack.state().web_api("views.publish", "", &headers, body.as_bytes());
}

fn json_of(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn a_click_says_whether_the_app_is_the_organizations() {
    for (slack, org_wide) in [(on_grid(), false), (of_the_organization(), true)] {
        let click = clicked(&slack);

        let enterprise = json!({"id": ENTERPRISE, "name": "Acme Worldwide"});
        assert_eq!(click["enterprise"], enterprise);
        assert_eq!(click["is_enterprise_install"], org_wide);
        assert_eq!(
            (&click["team"]["id"], &click["team"]["enterprise_id"]),
            (&json!(TEAM), &json!(ENTERPRISE))
        );
    }
}

#[test]
fn a_click_at_home_names_no_workspace_to_an_app_of_the_organization() {
    let slack = of_the_organization();
    let text = json!({"type": "plain_text", "text": "Link"});
    let button = json!({"type": "button", "action_id": "link", "text": text});
    let view = json!({"type": "home", "blocks": [{"type": "actions", "elements": [button]}]});
    publish(&slack, &view);

    let click = slack.click_home_payload(ALICE, "link", "").unwrap();

    assert_eq!(click["team"], Value::Null);
    assert_eq!(click["view"]["app_installed_team_id"], ENTERPRISE);
}

#[test]
fn a_command_names_the_organization() {
    let slack = of_the_organization();

    let body = slack.command(ALICE, "/sentry", "link").unwrap().body;

    let fields: Map<String, Value> = form_urlencoded::parse(&body)
        .into_owned()
        .map(|(name, value)| (name, value.into()))
        .collect();
    assert_eq!(
        (&fields["enterprise_id"], &fields["is_enterprise_install"]),
        (&json!(ENTERPRISE), &json!("true"))
    );
    assert_eq!(fields["team_id"], TEAM);
}

#[test]
fn an_event_is_of_a_workspace_and_for_the_organization() {
    let slack = of_the_organization();

    let event = json_of(&slack.open_home(ALICE).unwrap().body);

    assert_eq!((&event["team_id"], &event["enterprise_id"]), (&json!(TEAM), &json!(ENTERPRISE)));
    let authorization = json!([{"enterprise_id": ENTERPRISE, "team_id": null,
        "user_id": "U0BELAYBOT", "is_bot": true, "is_enterprise_install": true}]);
    assert_eq!(event["authorizations"], authorization);
}

#[test]
fn an_app_removed_from_the_organization_hears_of_no_workspace() {
    let slack = of_the_organization();

    let events = slack.uninstall();

    for event in &events {
        let event = json_of(&event.body);
        assert_eq!(
            (&event["team_id"], &event["enterprise_id"]),
            (&Value::Null, &json!(ENTERPRISE))
        );
        assert_eq!(event["authorizations"][0]["is_enterprise_install"], true);
    }
    assert_eq!(events.len(), 2);
}

#[test]
fn who_types_into_a_select_is_of_the_organization() {
    let slack = on_grid();
    let alert = slack.post_alert(&Alert::type_error("http://sentry.test"));

    let typed = slack.suggest_payload(ALICE, &alert, "assign", "al").unwrap();

    assert_eq!(typed["user"]["team_id"], ENTERPRISE);
    assert_eq!(clicked(&slack)["user"]["team_id"], TEAM);
}

#[test]
fn a_person_of_the_organization_signs_in_for_the_workspace() {
    let slack = on_grid();
    let wanda = Person::member("W0WANDA001", "wanda", "Wanda West");
    slack.add_person(Person { team_id: ENTERPRISE.to_owned(), ..wanda });

    for (team, welcome) in [(TEAM, true), (ENTERPRISE, true), ("T0UMBRELLA", false)] {
        let asked = query(&[("team", team)]);
        let answer = slack.state().authorize("W0WANDA001", &asked, Consent::Allow);
        assert_eq!(answer.is_ok(), welcome, "{team}: {answer:?}");
    }
}
