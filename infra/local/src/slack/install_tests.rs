//! An installation is asked for, granted and exchanged.

use http::HeaderMap;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    ENTERPRISE, Grant, Slack, TEAM,
    openid::CODE_LIFE,
    samples::{self, REDIRECT_URI},
    web_api::tests::headers,
};

const ALICE: &str = "U0ALICE001";
const FORM: &str = "application/x-www-form-urlencoded";

/// The address that asks for the app to be installed, with some parameters changed.
fn address(changes: &[(&str, &str)]) -> String {
    let parameters = [
        ("client_id", "1.2"),
        ("scope", "chat:write,commands"),
        ("user_scope", ""),
        ("state", "the state"),
        ("redirect_uri", REDIRECT_URI),
    ];
    format!("http://slack.test/oauth/v2/authorize?{}", changed(&parameters, changes))
}

fn changed(fields: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let kept = fields.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    let fields = kept.chain(changes);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// A code for the default scopes, with this grant.
fn code(slack: &Slack, grant: Grant) -> String {
    code_at(slack, &address(&[]), grant)
}

fn code_at(slack: &Slack, address: &str, grant: Grant) -> String {
    parameter(&slack.install(ALICE, address, grant).unwrap(), "code").unwrap()
}

/// Asks the token endpoint, with some fields changed.
pub(super) fn ask(slack: &Slack, changes: &[(&str, &str)]) -> Value {
    let client = [("client_id", "1.2"), ("client_secret", "client-secret")];
    let form = changed(&client, changes);
    slack.state().oauth_access(&HeaderMap::new(), form.as_bytes()).json()
}

fn exchange(slack: &Slack, code: &str) -> Value {
    ask(slack, &[("code", code), ("redirect_uri", REDIRECT_URI)])
}

/// The reply to the whole installation.
pub(super) fn installed(slack: &Slack, grant: Grant) -> Value {
    exchange(slack, &code(slack, grant))
}

/// The same with these scopes.
pub(super) fn installed_for(slack: &Slack, scopes: &str, grant: Grant) -> Value {
    exchange(slack, &code_at(slack, &address(&[("scope", scopes)]), grant))
}

/// A grant for the whole organization.
pub(super) fn org_wide() -> Grant {
    Grant { org_wide: true, ..Grant::default() }
}

/// Calls a method with this token.
pub(super) fn call(slack: &Slack, token: &Value, method: &str, form: &str) -> Value {
    let headers = headers(token.as_str().unwrap(), FORM);
    slack.state().web_api(method, "", &headers, form.as_bytes()).json()
}

#[test]
fn allowing_leads_back_with_a_code_and_the_state() {
    let (slack, _) = samples::slack();

    let location = slack.install(ALICE, &address(&[]), Grant::default()).unwrap();

    assert!(location.starts_with(REDIRECT_URI), "{location}");
    assert_eq!(parameter(&location, "state").as_deref(), Some("the state"));
    assert!(parameter(&location, "code").is_some_and(|code| code.len() > 40));
}

#[test]
fn cancelling_leads_back_without_a_code() {
    let (slack, _) = samples::slack();

    let location = slack.cancel_install(ALICE, &address(&[])).unwrap();

    assert_eq!(parameter(&location, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&location, "state").as_deref(), Some("the state"));
    assert_eq!(parameter(&location, "code"), None);
}

#[test]
fn a_wrong_request_is_shown_and_goes_nowhere() {
    let (slack, _) = samples::slack();
    let wrong = [
        ("client_id", "3.4", "invalid_client_id"),
        ("redirect_uri", "http://evil.test/", "bad_redirect_uri"),
        ("redirect_uri", "http://belay.test/sign-in/slack?x", "bad_redirect_uri"),
        ("scope", "", "no_bot_scopes_requested"),
        ("scope", "chat:write,everything", "invalid_scope"),
        ("scope", "chat:write,openid", "invalid_scope"),
        ("user_scope", "links:read", "invalid_scope"),
        ("team", "T0UMBRELLA", "invalid_team"),
    ];
    for (name, value, error) in wrong {
        let shown = slack.install(ALICE, &address(&[(name, value)]), Grant::default());
        assert!(shown.clone().unwrap_err().starts_with(error), "{name}={value}: {shown:?}");
    }
}

#[test]
fn the_app_is_added_by_members_alone() {
    let (slack, _) = samples::slack();
    let guest = super::Person::member("U0GUEST001", "guest", "Gus Guest");
    slack.add_person(super::Person { is_restricted: true, ..guest });

    for user in ["U0GUEST001", "U0BELAYBOT", "U0NOBODY01"] {
        assert!(slack.install(user, &address(&[]), Grant::default()).is_err(), "{user}");
    }
}

#[test]
fn the_reply_says_what_was_installed_where_and_by_whom() {
    let (slack, _) = samples::slack();
    slack.uninstall();

    let mut reply = installed(&slack, Grant::default());

    let token = reply["access_token"].take();
    assert!(token.as_str().unwrap().starts_with("xoxb-"), "{token}");
    let expected = json!({"ok": true, "access_token": null, "token_type": "bot",
        "scope": "chat:write,commands", "bot_user_id": "U0BELAYBOT", "app_id": "A0BELAY001",
        "team": {"id": TEAM, "name": "Acme"}, "enterprise": null,
        "is_enterprise_install": false, "authed_user": {"id": ALICE}});
    assert_eq!(reply, expected);
    assert_eq!(call(&slack, &token, "auth.test", "")["team_id"], TEAM);
}

#[test]
fn a_scope_can_be_withheld_and_is_missed_later() {
    let (slack, _) = samples::slack();
    slack.uninstall();
    let withheld = vec!["chat:write".to_owned()];

    let token = installed(&slack, Grant { withheld, org_wide: false })["access_token"].take();
    let reply = call(&slack, &token, "chat.postMessage", "channel=C0ALERTS01&text=Hi");

    let expected = json!({"ok": false, "error": "missing_scope", "needed": "chat:write",
        "provided": "commands"});
    assert_eq!(reply, expected);
}

#[test]
fn scopes_of_an_earlier_installation_stay() {
    let (slack, _) = samples::slack();
    slack.uninstall();
    let withheld = vec!["chat:write".to_owned()];
    installed(&slack, Grant { withheld: vec!["commands".to_owned()], org_wide: false });

    let again = installed(&slack, Grant { withheld, org_wide: false });

    assert_eq!(again["scope"], "chat:write,commands");
}

#[test]
fn a_code_is_exchanged_once_and_within_ten_minutes() {
    let (slack, clock) = samples::slack();
    let (used, late) = (code(&slack, Grant::default()), code(&slack, Grant::default()));
    exchange(&slack, &used);

    assert_eq!(exchange(&slack, &used)["error"], "invalid_code");
    clock.advance(CODE_LIFE);
    assert_eq!(exchange(&slack, &late)["error"], "invalid_code");
}

#[test]
fn a_wrong_exchange_is_refused_and_installs_nothing() {
    let wrong = [
        ("client_id", "3.4", "invalid_client_id"),
        ("client_secret", "guess", "bad_client_secret"),
        ("code", "guess", "invalid_code"),
        ("redirect_uri", "http://belay.test/", "bad_redirect_uri"),
        ("grant_type", "password", "invalid_grant_type"),
    ];
    for (name, value, error) in wrong {
        let (slack, _) = samples::slack();
        slack.uninstall();
        let code = code(&slack, Grant::default());
        let mut fields = vec![("code", code.as_str()), ("redirect_uri", REDIRECT_URI)];
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));

        assert_eq!(ask(&slack, &fields)["error"], error, "{name}");
        assert!(!slack.is_installed(), "{name}");
    }
}

#[test]
fn a_code_of_sign_in_with_slack_installs_nothing() {
    let (slack, _) = samples::slack();
    let sign_in = super::openid::tests::query(&[]);
    let location = slack.authorize(ALICE, &format!("http://slack.test/?{sign_in}")).unwrap();

    let reply = exchange(&slack, &parameter(&location, "code").unwrap());

    assert_eq!(reply["error"], "oauth_authorization_url_mismatch");
}

#[test]
fn a_workspace_app_of_2018_is_answered_in_its_own_shape() {
    let (slack, _) = samples::slack();
    slack.uninstall();
    slack.next_install_reply_of_2018();

    let (mut old, new) = (installed(&slack, Grant::default()), installed(&slack, Grant::default()));

    assert!(old["access_token"].take().as_str().unwrap().starts_with("xoxa-"));
    let expected = json!({"ok": true, "access_token": null, "scope": "chat:write,commands",
        "team_id": TEAM, "team_name": "Acme", "installer_user_id": ALICE});
    assert_eq!(old, expected);
    assert!(new["access_token"].as_str().unwrap().starts_with("xoxb-"));
}

#[test]
fn the_whole_organization_is_one_installation_with_a_token_of_its_own() {
    let (slack, _) = samples::slack();
    slack.set_enterprise(Some(ENTERPRISE));

    let reply = installed(&slack, org_wide());
    let identity = call(&slack, &reply["access_token"], "auth.test", "");

    let enterprise = json!({"id": ENTERPRISE, "name": "Acme Worldwide"});
    assert_eq!((&reply["team"], &reply["enterprise"]), (&Value::Null, &enterprise));
    assert_eq!(reply["is_enterprise_install"], true);
    assert_eq!(
        (&identity["team_id"], &identity["enterprise_id"]),
        (&json!(ENTERPRISE), &json!(ENTERPRISE))
    );
    assert_eq!(identity["is_enterprise_install"], true);
}

#[test]
fn an_app_of_the_organization_is_not_installed_in_a_workspace_again() {
    let (slack, _) = samples::slack();
    slack.set_enterprise(Some(ENTERPRISE));
    installed(&slack, org_wide());

    let again = installed(&slack, Grant::default());

    assert_eq!(again["error"], "cannot_install_an_org_installed_app");
}

#[test]
fn a_workspace_of_no_organization_offers_none() {
    let (slack, _) = samples::slack();

    let shown = slack.install(ALICE, &address(&[]), org_wide());

    assert!(shown.unwrap_err().starts_with("not_an_enterprise"));
}
