//! Slack finds the links and mentions that we put into a message, and nothing else.
//!
//! Slack's own reading, as docs.slack.dev/messaging/formatting-message-text tells it: `<` begins a
//! link, a mention or a date, the next `>` ends it, `|` divides it, and `&amp;`, `&lt;` and `&gt;` are
//! the only entities.
#![no_main]

use fuzz::texts;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::{
    change::Change,
    identity::Person,
    ids::{OrganizationId, SlackUserId, Tenant},
    messages,
    post::Card,
    sentry::issue::Issue,
    slack::{
        alert,
        interaction::{AlertPlace, Family},
        message::{self, Message, escaped, link, plain},
    },
};

/// Slack refuses a section with a longer text.
const MOST: usize = 3000;

fuzz_target!(|data: &[u8]| {
    let mut texts = texts(data);
    let mut next = || texts.next().unwrap_or_default();
    let (title, url, culprit, assignee, project) = (next(), next(), next(), next(), next());
    for text in [&title, &url, &culprit] {
        escaped_text_is_text(text);
    }
    a_link_is_one_or_its_text(&url, &title);

    let issue = issue(&title, &url, &culprit, &assignee, &project);
    a_message_of_ours_says_what_we_put_in(&issue, &assignee);
    a_result_names_the_clicker_alone(&issue, &assignee);
    let metric = json!({"about": "metric", "severity": "critical", "title": title,
        "description": culprit, "url": url});
    let metric: Card = serde_json::from_value(metric).unwrap();
    only_these(&alert::drawn(&metric, &organization()), &issue_links(&url));
    only_these(&messages::refused(&title), &[]);
    only_these(&messages::superseded(Some(&title)), &[]);
    only_these(&messages::no_seat(&title), &[]);
    only_these(&messages::sso_required(&title), &[]);
    only_these(&messages::guests_cannot_act(&title), &[]);
    only_these(&messages::help(Some(&title)), &[]);
    only_these(
        &messages::unlink_your_identity(&title, &culprit, "https://b.test/u"),
        &["https://b.test/u".to_owned()],
    );
});

fn escaped_text_is_text(text: &str) {
    for max in [0, 1, 7, message::MAX_NAME] {
        let shown = escaped(text, max);
        let (marks, read) = read(&shown);

        assert!(marks.is_empty(), "{marks:?} in {shown:?}");
        assert!(!shown.contains(['<', '>']), "{shown:?}");
        assert!(read.chars().count() <= max + 1, "{shown:?}");
        assert!(!read.chars().any(char::is_control), "{shown:?}");
        // What is read is what was written, up to where it was cut.
        let uncut = plain(text, usize::MAX - 1);
        assert!(uncut.starts_with(read.strip_suffix('…').unwrap_or(&read)), "{shown:?}");
        assert!(uncut.chars().count() > max || read == uncut, "{shown:?}");
        assert!(plain(text, max).chars().count() <= max.max(1), "{text:?}");
    }
}

fn a_link_is_one_or_its_text(url: &str, text: &str) {
    let shown = link(url, &message::name(text));
    let (marks, read) = read(&shown);

    assert_eq!(marks, issue_links(url), "{shown:?}");
    if marks.is_empty() {
        assert_eq!(shown, message::name(text));
    } else {
        assert!(url.starts_with("http://") || url.starts_with("https://"));
        assert_eq!(format!("<{}|{}>", escaped_url(url), message::name(text)), shown);
        assert_eq!(read, "");
    }
}

fn a_message_of_ours_says_what_we_put_in(issue: &Issue, rule: &str) {
    let card =
        json!({"about": "issue", "issue": issue, "tags": null, "rule": rule, "result": null});
    let card: Card = serde_json::from_value(card).unwrap();

    only_these(&alert::drawn(&card, &organization()), &issue_links(&issue.permalink));
}

fn a_result_names_the_clicker_alone(issue: &Issue, tags: &str) {
    let person = Person {
        tenant: Tenant::parse("T0ACME0001").unwrap(),
        user: SlackUserId::parse("U0ALICE001").unwrap(),
    };
    let change = Change::parse_assign("user:101").unwrap();
    let result = messages::result_line(&change, &person, issue);
    for family in [Family::Blocks, Family::Unfurl, Family::Attachment, Family::AttachmentUnfurl] {
        let tags = Some(message::name(tags));
        let place = AlertPlace { channel: None, message_ts: None, family, rule: None, tags };
        let drawn = alert::redrawn(issue, &organization(), &place, &result);
        let mut expected = vec!["@U0ALICE001".to_owned()];
        if matches!(family, Family::Blocks | Family::Unfurl) {
            expected.extend(issue_links(&issue.permalink));
        }
        only_these(&drawn, &expected);
    }
    only_these(&Message::text(messages::result_line_elsewhere(&change, issue)), &[]);
}

/// Slack finds exactly these marks in the message, in whatever order.
fn only_these(message: &Message, expected: &[String]) {
    let mut texts = vec![message.text.clone()];
    for part in [&message.blocks, &message.attachments].into_iter().flatten() {
        collect(part, &mut texts);
    }
    let mut found: Vec<String> = texts.iter().flat_map(|text| read(text).0).collect();
    let mut expected = expected.to_vec();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{texts:?}");
    for text in texts {
        assert!(text.chars().count() <= MOST, "{} characters: {text}", text.chars().count());
    }
}

/// Every text that Slack reads as mrkdwn.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) if fields.get("type") == Some(&json!("mrkdwn")) => {
            texts.push(fields["text"].as_str().unwrap().to_owned());
        }
        Value::Object(fields) => {
            if fields.contains_key("mrkdwn_in") {
                texts.extend(
                    ["text", "title", "footer"].map(|f| fields[f].as_str().unwrap().into()),
                );
            }
            fields.values().for_each(|field| collect(field, texts));
        }
        _ => (),
    }
}

/// What Slack makes of a text: what stands in its angle brackets before the bar, and the rest of it
/// with entities resolved.
fn read(mrkdwn: &str) -> (Vec<String>, String) {
    let (mut marks, mut text, mut rest) = (Vec::new(), String::new(), mrkdwn);
    while let Some(first) = rest.chars().next() {
        let entity = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
        if let Some((name, is)) = entity.into_iter().find(|(name, _)| rest.starts_with(name)) {
            text.push(is);
            rest = &rest[name.len()..];
        } else if first == '<' {
            let end = rest.find('>').unwrap_or_else(|| panic!("an open mark in {mrkdwn:?}"));
            let mark = rest[1..end].split('|').next().unwrap_or_default();
            marks.push(mark.replace("&amp;", "&"));
            rest = &rest[end + 1..];
        } else {
            assert!(first != '&' && first != '>', "a bare {first} in {mrkdwn:?}");
            text.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (marks, text)
}

/// The one link of a message, if its address is fit to be one.
fn issue_links(url: &str) -> Vec<String> {
    let whole = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).is_some();
    let odd =
        |c: char| "<>|".contains(c) || c.is_whitespace() || plain(&c.to_string(), 9).is_empty();
    if whole && escaped_url(url).len() <= 1000 && !url.contains(odd) {
        vec![url.to_owned()]
    } else {
        Vec::new()
    }
}

fn escaped_url(url: &str) -> String {
    url.replace('&', "&amp;")
}

fn issue(title: &str, url: &str, culprit: &str, assignee: &str, project: &str) -> Issue {
    serde_json::from_value(json!({
        "id": "4815", "shortId": project, "title": title, "culprit": culprit, "permalink": url,
        "level": project, "status": "unresolved", "project": {"id": "11", "slug": project},
        "count": project, "userCount": 7, "assignedTo": {"type": "user", "id": "5", "name": assignee},
    }))
    .unwrap()
}

fn organization() -> OrganizationId {
    OrganizationId::parse("1").unwrap()
}
