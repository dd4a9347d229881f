//! What the pages of an install say and send.

use templates::samples::samples;
use templates::{ORGANIZATION, install_for_status, step};

#[test]
fn the_field_and_steps_of_an_install_are_fixed() {
    assert_eq!([ORGANIZATION, step::CHOOSE, step::ADD], ["organization", "choose", "add"]);
}

#[test]
fn an_organization_elsewhere_is_named_in_the_form_that_begins() {
    let html = sample("start-install");

    let (_, form) = html.split_once("<form").unwrap_or_default();
    let (form, _) = form.split_once("</form>").unwrap_or_default();

    assert!(form.contains("<button>Continue with Sentry</button><details><summary>"));
    assert!(form.contains("Organization slug<input type=\"text\" name=\"organization\""));
    assert!(!form.contains("required"));
}

#[test]
fn several_organizations_are_offered_and_none_is_preselected() {
    let html = sample("choose-organization");

    let radio =
        |id| format!("<input type=\"radio\" name=\"organization\" value=\"{id}\" required>");

    assert!([1, 2, 3].map(radio).iter().all(|exact| html.contains(exact)));
    assert_eq!(html.matches("type=\"radio\"").count(), 3);
}

#[test]
fn the_only_organization_is_shown_and_sent() {
    let html = sample("choose-only-organization");

    assert!(html.contains("<input type=\"hidden\" name=\"organization\" value=\"1\">"));
    assert!(html.contains("<bdi>Analytical Engines</bdi>"));
    assert!(!html.contains("type=\"radio\""));
}

#[test]
fn what_was_installed_is_named_with_its_organizations() {
    let first = sample("installed");
    let again = sample("installed-again");

    assert!(first.contains("<h1>Belay is in Engine Works</h1>"));
    assert!(first.contains("Acts in: <bdi>Analytical Engines</bdi></p>"));
    assert!(again.contains("<h1>Belay is up to date in Engine Works</h1>"));
    assert!(again.contains("<bdi>Analytical Engines</bdi> and <bdi>Difference Works</bdi></p>"));
}

#[test]
fn the_way_into_slack_leads_to_the_app() {
    let button =
        "href=\"slack://app?team=T012AB3CD&amp;id=A0KRD7HC3&amp;tab=home\">Open Belay in Slack</a>";

    assert!(sample("installed").contains(button));
}

#[test]
fn every_missing_scope_is_named_with_its_purpose() {
    let html = sample("missing-scopes");

    for (scope, purpose) in [("chat:write", "what came of a click"), ("users:read", "the assignee")]
    {
        assert!(html.contains(&format!("<code>{scope}</code>")), "{scope}");
        assert!(html.contains(purpose), "{scope}");
    }
}

#[test]
fn whoever_is_stopped_can_begin_again() {
    let stopped = [
        "missing-scopes",
        "may-not-install",
        "install-again",
        "install-again-cancelled",
        "install-refused",
        "install-not-found",
        "install-wrong-method",
        "install-bad-request",
        "install-try-again",
    ];
    for name in stopped {
        let button = "<a class=\"button\" href=\"/install?again\">Begin again</a>";
        assert!(sample(name).contains(button), "{name}");
    }
}

#[test]
fn no_page_of_an_install_sends_anybody_to_a_link_in_slack() {
    for status in [400, 403, 404, 405, 409, 410, 500, 503] {
        let html = install_for_status(status, "").into_string();
        assert!(!html.contains("in Slack") && !html.contains("to Slack"), "{status}");
    }
}

#[test]
fn a_failure_has_a_reference_to_quote_if_there_is_one() {
    let with = install_for_status(500, "6f1c").into_string();
    let without = install_for_status(500, "").into_string();

    assert!(with.contains("quote <code>6f1c</code>"));
    assert!(!without.contains("quote"));
}

fn sample(wanted: &str) -> String {
    samples()
        .into_iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, html)| html)
        .unwrap_or_default()
}
