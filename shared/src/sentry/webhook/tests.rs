//! Bodies as Sentry documents them, and as it does not.

use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::{
    secret::Secret,
    signing::webhook::{HOOK_SIGNATURE, HookVerifier, sign},
};

fn parsed(body: &str) -> Result<News, WebhookError> {
    let secret = Secret::new("the-secret-of-the-integration-at-acme");
    let value = HeaderValue::from_str(&sign(&secret, body.as_bytes())).unwrap();
    let headers = HeaderMap::from_iter([(HOOK_SIGNATURE, value)]);
    let verifier = HookVerifier::new(vec![("acme".into(), secret)]);
    let hook = verifier.verify(&headers, &HOOK_SIGNATURE, body.as_bytes().to_vec()).unwrap();
    parse(&hook)
}

fn event_alert() -> Value {
    json!({
        "action": "triggered",
        "installation": {"uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de"},
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        "data": {
            "event": {
                "issue_id": "4815",
                "issue_url": "https://sentry.io/api/0/organizations/acme/issues/4815/",
                "url": "https://sentry.io/api/0/projects/acme/backend/events/e4874d664c3540c1/",
                "web_url": "https://sentry.io/organizations/acme/issues/4815/events/e4874d664c3540c1/",
                "project": 11,
                "title": "TypeError: bad operand",
                "culprit": "app.pay in charge",
                "level": "error",
                "tags": [["environment", "production"], ["level", "error"],
                         ["release", "backend@2.4.0"]],
            },
            "triggered_rule": "High priority issues",
            "issue_alert": {"id": 7, "title": "High priority issues", "sentry_app_id": 1,
                "settings": [{"name": "note", "value": "C0OTHER001"},
                             {"name": "channel", "value": "T0ACME0001:C0ALERTS01"}]},
        },
    })
}

fn metric_alert(action: &str) -> Value {
    let settings = json!([{"name": "channel", "value": "C0ALERTS01"}]);
    json!({
        "action": action,
        "data": {
            "metric_alert": {"id": 5, "title": "Too many errors", "alert_rule": {"triggers": [
                {"label": "critical", "actions": [{"type": "email"}, {"settings": settings}]}]}},
            "description_title": "Critical: Too many errors",
            "description_text": "1000 events in the last 10 minutes",
            "web_url": "https://sentry.io/organizations/acme/alerts/rules/details/1/?alert=5",
        },
    })
}

fn issue_hook(action: &str) -> Value {
    json!({
        "action": action,
        "actor": {"type": "user", "id": 101, "name": "Alice Archer"},
        "data": {"issue": {
            "id": "4815", "shortId": "BACKEND-12", "title": "TypeError", "culprit": null,
            "permalink": null, "level": "error",
            "web_url": "https://sentry.io/organizations/acme/issues/4815/",
            "status": "resolved", "statusDetails": {}, "substatus": null,
            "project": {"id": "11", "slug": "backend"}, "count": "42", "userCount": 7,
            "assignedTo": {"type": "user", "id": "101", "name": "Alice Archer"},
            "activity": [{"type": "set_resolved"}],
        }},
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> String {
    *body.pointer_mut(pointer).unwrap() = value;
    body.to_string()
}

fn card(news: Result<News, WebhookError>) -> IssueCard {
    match news {
        Ok(News::Alert { card, .. }) => *card,
        other => panic!("{other:?}"),
    }
}

fn destination_of(news: Result<News, WebhookError>) -> Option<Destination> {
    match news {
        Ok(News::Alert { channel, .. }) => channel,
        Ok(News::Metric { mut channels, .. }) => channels.pop(),
        other => panic!("{other:?}"),
    }
}

fn issue(news: Result<News, WebhookError>) -> Issue {
    match news {
        Ok(News::Changed { issue, .. }) => *issue,
        other => panic!("{other:?}"),
    }
}

fn result(news: Result<News, WebhookError>) -> String {
    match news {
        Ok(News::Changed { result, .. }) => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_alert_tells_the_issue_the_rule_and_where_it_is_said() {
    let News::Alert { subject, card, channel } = parsed(&event_alert().to_string()).unwrap() else {
        panic!("no alert");
    };

    assert_eq!(subject, Subject::Issue(IssueId::parse("4815").unwrap()));
    assert_eq!(
        (card.issue.title.as_str(), card.issue.culprit.as_str(), card.issue.level.as_str()),
        ("TypeError: bad operand", "app.pay in charge", "error")
    );
    assert_eq!(
        (card.issue.project.id.as_str(), card.issue.project.slug.as_str()),
        ("11", "backend")
    );
    assert_eq!(card.issue.permalink, "https://sentry.io/organizations/acme/issues/4815/");
    assert_eq!(card.issue.count, "");
    assert_eq!(card.tags.as_deref(), Some("environment: `production`  release: `backend@2.4.0`"));
    assert_eq!((card.rule.as_deref(), card.result), (Some("High priority issues"), None));
    assert_eq!(channel, Destination::parse("T0ACME0001:C0ALERTS01"));
}

#[test]
fn numbers_may_be_text_and_text_numbers() {
    for id in [json!("4815"), json!(4815)] {
        let body = with(event_alert(), "/data/event/issue_id", id);
        assert_eq!(card(parsed(&body)).issue.id, "4815");
    }
    for id in [json!("5"), json!(5)] {
        let body = with(metric_alert("critical"), "/data/metric_alert/id", id);
        assert!(matches!(parsed(&body), Ok(News::Metric { .. })));
    }
    let body = with(event_alert(), "/data/event/project", json!("11"));
    assert_eq!(card(parsed(&body)).issue.project.id, "11");
}

#[test]
fn both_forms_of_the_issues_address_are_the_same_to_it() {
    for url in ["https://sentry.io/api/0/issues/4815/", ""] {
        let body = with(event_alert(), "/data/event/issue_url", json!(url));
        let issue = card(parsed(&body)).issue;
        assert_eq!(issue.permalink, "https://sentry.io/organizations/acme/issues/4815/");
        assert_eq!(issue.project.slug, "backend");
    }
}

#[test]
fn an_issue_without_a_number_is_refused() {
    for id in [json!(null), json!(""), json!("4815x"), json!(-1), json!(1.5)] {
        let body = with(event_alert(), "/data/event/issue_id", id.clone());
        assert_eq!(parsed(&body), Err(WebhookError::Missing("issue_id")), "{id}");
        let body = with(metric_alert("critical"), "/data/metric_alert/id", id);
        assert_eq!(parsed(&body), Err(WebhookError::Missing("metric_alert.id")));
    }
    let body = with(event_alert(), "/data/event/issue_id", json!([4815]));
    assert_eq!(parsed(&body), Err(WebhookError::Json));
    let mut body = event_alert();
    body["data"]["event"].as_object_mut().unwrap().remove("issue_id");
    assert_eq!(parsed(&body.to_string()), Err(WebhookError::Missing("issue_id")));
    let body = with(issue_hook("resolved"), "/data/issue/id", json!("../1"));
    assert_eq!(parsed(&body), Err(WebhookError::Missing("issue.id")));
}

#[test]
fn an_event_that_says_little_is_an_alert_all_the_same() {
    let body = json!({"action": "triggered", "data": {"event": {"issue_id": 4815}}});

    let card = card(parsed(&body.to_string()));

    assert_eq!((card.tags, card.rule), (None, None));
    assert_eq!((card.issue.title.as_str(), card.issue.permalink.as_str()), ("", ""));
}

#[test]
fn a_rule_without_a_channel_names_none() {
    for settings in [
        json!([]),
        json!(null),
        json!({"channel": "C0ALERTS01"}),
        json!([{"name": "channel"}]),
        json!([{"name": "channel", "value": 5}]),
        json!([{"name": "channel", "value": "#alerts"}]),
        json!([{"name": "Channel", "value": "C0ALERTS01"}]),
    ] {
        let body = with(event_alert(), "/data/issue_alert/settings", settings.clone());
        assert_eq!(destination_of(parsed(&body)), None, "{settings}");
    }
    let body = with(event_alert(), "/data/issue_alert", json!(null));
    assert_eq!(destination_of(parsed(&body)), None);
}

#[test]
fn a_destination_is_a_channel_with_its_workspace_or_without() {
    let parse = |text: &str| {
        let found = Destination::parse(text)?;
        Some((found.tenant.map(String::from), String::from(found.channel)))
    };
    let with_workspace = (Some("T0ACME0001".to_owned()), "C0ALERTS01".to_owned());

    assert_eq!(parse(" T0ACME0001:C0ALERTS01\n"), Some(with_workspace));
    assert_eq!(parse("C0ALERTS01"), Some((None, "C0ALERTS01".to_owned())));
    assert_eq!(parse("#C0ALERTS01"), Some((None, "C0ALERTS01".to_owned())));
    for text in ["", "alerts", ":C0ALERTS01", "T0ACME0001:", "U0ALICE001", "T0A:T0B:C0ALERTS01"] {
        assert_eq!(parse(text), None, "{text:?}");
    }
}

#[test]
fn a_metric_alert_tells_how_bad_it_is() {
    for (action, severity) in [
        ("critical", Severity::Critical),
        ("open", Severity::Critical),
        ("warning", Severity::Warning),
        ("resolved", Severity::Resolved),
    ] {
        let news = parsed(&metric_alert(action).to_string()).unwrap();
        let News::Metric { subject, card, channels } = news else { panic!("no metric alert") };
        assert_eq!(subject, Subject::Metric(IssueId::parse("5").unwrap()));
        assert_eq!(card.severity, severity);
        assert_eq!(card.title, "Critical: Too many errors");
        assert_eq!(card.description, "1000 events in the last 10 minutes");
        assert!(card.url.ends_with("?alert=5"));
        assert_eq!(channels, Vec::from_iter(Destination::parse("C0ALERTS01")));
    }
}

#[test]
fn a_metric_alert_is_wanted_where_the_trigger_that_fired_says() {
    let action = |channel: &str| json!({"settings": [{"name": "channel", "value": channel}]});
    let trigger = |label: &str, channels: &[&str]| {
        let actions: Vec<_> = channels.iter().map(|channel| action(channel)).collect();
        json!({"label": label, "actions": actions})
    };
    let triggers = json!([
        trigger("warning", &["C0TEAM0001"]),
        trigger("critical", &["C0ONCALL01", "C0TEAM0001", "C0ONCALL01"]),
    ]);
    let wanted = |action: &str| {
        let body =
            with(metric_alert(action), "/data/metric_alert/alert_rule/triggers", triggers.clone());
        let Ok(News::Metric { channels, .. }) = parsed(&body) else { panic!("no metric alert") };
        channels.into_iter().map(|to| String::from(to.channel)).collect::<Vec<_>>()
    };

    assert_eq!(wanted("warning"), ["C0TEAM0001"]);
    assert_eq!(wanted("critical"), ["C0ONCALL01", "C0TEAM0001"]);
    // When it is over, whoever was told of it is told.
    assert_eq!(wanted("resolved"), ["C0TEAM0001", "C0ONCALL01"]);
}

#[test]
fn a_change_tells_what_was_done_and_by_whom() {
    let said = |action| result(parsed(&issue_hook(action).to_string()));

    assert_eq!(said("resolved"), "*Issue resolved by Alice Archer*");
    assert_eq!(said("unresolved"), "*Issue re-opened by Alice Archer*");
    assert_eq!(said("archived"), "*Issue archived by Alice Archer*");
    assert_eq!(said("ignored"), "*Issue archived by Alice Archer*");
    assert_eq!(said("assigned"), "*Issue assigned to Alice Archer by Alice Archer*");
    let team = json!({"type": "team", "id": "5", "name": "payments"});
    let body = with(issue_hook("assigned"), "/data/issue/assignedTo", team);
    assert_eq!(result(parsed(&body)), "*Issue assigned to #payments by Alice Archer*");
}

#[test]
fn what_sentry_does_itself_is_sentrys() {
    for actor in [
        json!(null),
        json!({"type": "application", "id": "sentry", "name": "Sentry"}),
        json!({"type": "user", "name": ""}),
        json!({}),
    ] {
        let body = with(issue_hook("unresolved"), "/actor", actor);
        assert_eq!(result(parsed(&body)), "*Issue re-opened by Sentry*");
    }
}

#[test]
fn a_change_brings_the_issue_without_its_history() {
    let News::Changed { subject, issue, .. } = parsed(&issue_hook("resolved").to_string()).unwrap()
    else {
        panic!("no change");
    };

    assert_eq!(subject, Subject::Issue(IssueId::parse("4815").unwrap()));
    assert_eq!((issue.status.as_str(), issue.count.as_str()), ("resolved", "42"));
    assert!(issue.activity.is_empty());
}

#[test]
fn a_change_is_told_whatever_there_is_of_the_issues_page() {
    let page = "https://sentry.io/organizations/acme/issues/4815/";
    for (permalink, web_url, read) in [
        (json!(null), json!(page), page),
        (json!(page), json!(null), page),
        (json!(page), json!("https://sentry.io/other/"), page),
        (json!(null), json!(null), ""),
    ] {
        let mut body = issue_hook("resolved");
        body["data"]["issue"]["permalink"] = permalink;
        body["data"]["issue"]["web_url"] = web_url;
        assert_eq!(issue(parsed(&body.to_string())).permalink, read);
    }
}

#[test]
fn what_is_only_shown_of_an_issue_may_be_missing_or_null() {
    for field in ["shortId", "title", "culprit", "permalink", "level", "count", "web_url"] {
        let body = with(issue_hook("resolved"), &format!("/data/issue/{field}"), json!(null));
        assert_eq!(issue(parsed(&body)).status, "resolved", "{field}");
    }
    let body = with(issue_hook("resolved"), "/data/issue/project", json!({"id": 11, "slug": null}));
    assert_eq!(issue(parsed(&body)).project.id, "11");
}

#[test]
fn what_is_nobodys_news_says_nothing() {
    for body in [
        String::new(),
        " \r\n".to_owned(),
        "{}".to_owned(),
        json!({"action": "created", "data": {"installation": {"uuid": "x"}}}).to_string(),
        json!({"action": "created", "data": {"comment": "hi"}}).to_string(),
        json!({"action": "created", "data": {"error": {"issue_id": "4815"}}}).to_string(),
        json!({"action": "resolved"}).to_string(),
        with(event_alert(), "/action", json!("resolved")),
        with(issue_hook("resolved"), "/action", json!("created")),
        with(issue_hook("resolved"), "/action", json!("merged")),
        with(metric_alert("closed"), "/action", json!("closed")),
        with(issue_hook("resolved"), "/data/issue", json!(null)),
    ] {
        assert_eq!(parsed(&body), Ok(News::Nothing), "{body}");
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    for body in [
        "{".to_owned(),
        "[]".to_owned(),
        r#"["triggered", {}, null]"#.to_owned(),
        "null".to_owned(),
        "\"triggered\"".to_owned(),
        "action=triggered".to_owned(),
        format!("{} x", event_alert()),
        format!(r#"{{"action":"triggered","data":{{"event":{deep}}}}}"#),
        r#"{"action":"triggered","action":"resolved","data":{}}"#.to_owned(),
        r#"{"action":"triggered","data":{},"data":{}}"#.to_owned(),
        r#"{"action":5}"#.to_owned(),
        r#"{"data":[]}"#.to_owned(),
    ] {
        let short: String = body.chars().take(60).collect();
        assert_eq!(parsed(&body), Err(WebhookError::Json), "{short}");
    }
}

#[test]
fn an_issue_without_a_state_is_refused() {
    for issue in [json!({"id": "4815"}), json!("4815"), json!([])] {
        let body = with(issue_hook("resolved"), "/data/issue", issue);
        assert_eq!(parsed(&body), Err(WebhookError::Missing("issue")));
    }
}

#[test]
fn tags_names_and_titles_make_no_markup_and_have_an_end() {
    let hostile = "`<!channel>` <https://evil|x>\u{202E}";
    let tags = json!([["environment", hostile], ["release", "x".repeat(500)], "odd", [5], []]);
    let tags = card(parsed(&with(event_alert(), "/data/event/tags", tags))).tags.unwrap();
    let long = "é".repeat(5_000);
    let title = card(parsed(&with(event_alert(), "/data/event/title", json!(long)))).issue.title;
    let name = json!({"type": "user", "name": "<!here> *Eve*"});
    let by = result(parsed(&with(issue_hook("resolved"), "/actor", name)));

    assert!(tags.starts_with("environment: `'&lt;!channel&gt;' &lt;https://evil|x&gt;`"), "{tags}");
    assert!(!tags.contains('\u{202E}') && tags.chars().count() < 200, "{tags}");
    assert_eq!(title.chars().count(), MAX_TEXT);
    assert!(by.contains("&lt;!here&gt;") && !by.contains("<!"), "{by}");
}

#[test]
fn tags_of_another_form_are_left_out() {
    for tags in [json!(null), json!({"environment": "x"}), json!([["environment", 5]]), json!("x")]
    {
        let body = with(event_alert(), "/data/event/tags", tags);
        assert_eq!(card(parsed(&body)).tags, None);
    }
}
