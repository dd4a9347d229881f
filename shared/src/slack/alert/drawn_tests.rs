//! Messages of ours, as they stand in a channel.

use serde_json::{Value, json};

use super::*;

fn card(edit: impl FnOnce(&mut Value)) -> Card {
    let mut card = json!({
        "about": "issue",
        "issue": {
            "id": "4815", "shortId": "BACKEND-12", "title": "TypeError",
            "culprit": "app/pay.py in charge", "level": "error", "status": "unresolved",
            "permalink": "https://sentry.example.com/organizations/acme/issues/4815/",
            "project": {"id": "11", "slug": "backend"}, "count": "42", "userCount": 7,
            "firstSeen": "2026-01-05T12:00:00Z",
            "assignedTo": {"type": "team", "id": "5", "name": "payments"},
        },
        "tags": "environment: `production`",
        "rule": "High priority issues",
        "result": null,
    });
    edit(&mut card);
    serde_json::from_value(card).unwrap()
}

fn draw(card: &Card) -> Message {
    drawn(card, &OrganizationId::parse("1").unwrap())
}

/// Everything in it that Slack reads as mrkdwn, and the blocks.
fn shown(card: &Card) -> (String, Value) {
    let message = draw(card);
    let blocks = message.blocks.unwrap();
    let elements = |block: &Value| block["elements"].as_array().cloned().unwrap_or_default();
    let mut texts = vec![message.text];
    for block in blocks.as_array().unwrap() {
        let texts_of = [vec![block["text"].clone()], elements(block)].concat();
        let mrkdwn = texts_of.iter().filter(|text| text["type"] == "mrkdwn");
        texts.extend(mrkdwn.map(|text| text["text"].as_str().unwrap().to_owned()));
    }
    (texts.join("\n"), blocks)
}

fn metric(severity: &str, title: &str, description: &str) -> Card {
    let card = json!({"about": "metric", "severity": severity, "title": title,
        "description": description, "url": "https://sentry.example.com/alerts/5/?alert=5&x=1"});
    serde_json::from_value(card).unwrap()
}

#[test]
fn it_shows_what_is_known_of_the_issue_and_the_rule_below() {
    let (shown, blocks) = shown(&card(|_| ()));

    for fact in [
        "[backend] TypeError",
        ":red_circle: <https://sentry.example.com/organizations/acme/issues/4815/|*TypeError*>",
        "`app/pay.py in charge`",
        "environment: `production`",
        "*BACKEND-12*",
        "Level: error",
        "State: Ongoing",
        "Events: 42",
        "Users: 7",
        "First seen: <!date^1767614400^{date_short_pretty} at {time}|2026-01-05T12:00:00Z>",
        "Assigned to #payments",
    ] {
        assert!(shown.contains(fact), "{fact} in {shown}");
    }
    let last = blocks.as_array().unwrap().last().unwrap();
    assert_eq!(last["elements"][0]["text"], "Alert rule: High priority issues");
}

#[test]
fn what_an_event_does_not_tell_is_left_out() {
    let (shown, blocks) = shown(&card(|card| {
        card["issue"] = json!({"id": "4815", "title": "T", "status": "unresolved"});
        card["tags"] = Value::Null;
        card["rule"] = Value::Null;
    }));

    for unknown in ["Events", "Users", "seen", "Level", "Assigned", "Alert rule", "tags", "<http"] {
        assert!(!shown.contains(unknown), "{unknown} in {shown}");
    }
    let kinds: Vec<_> = blocks.as_array().unwrap().iter().map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["section", "context", "actions"]);
}

#[test]
fn the_project_is_left_out_where_it_is_not_known() {
    let message = draw(&card(|card| card["issue"]["project"]["slug"] = json!("")));

    assert_eq!(message.text, "TypeError");
    assert!(!message.blocks.unwrap().to_string().contains("Project:"));
}

#[test]
fn a_click_on_it_still_says_which_issue_of_which_organization() {
    let (_, blocks) = shown(&card(|_| ()));

    let marker = blocks[0]["block_id"].as_str().unwrap();
    let marker: Value = serde_json::from_str(marker).unwrap();
    assert_eq!(marker, json!({"issue": 4815, "org": "1"}));
    let tags: Value = serde_json::from_str(blocks[2]["block_id"].as_str().unwrap()).unwrap();
    assert_eq!(tags, json!({"issue": 4815, "block": "tags"}));
}

#[test]
fn who_did_it_is_shown_above_the_buttons_that_make_sense_now() {
    let (_, blocks) = shown(&card(|card| {
        card["issue"]["status"] = json!("resolved");
        card["result"] = json!("*Issue resolved by <@U0ALICE001>*");
    }));

    let blocks = blocks.as_array().unwrap();
    let actions = blocks.iter().position(|block| block["type"] == "actions").unwrap();
    assert_eq!(blocks[actions - 1]["text"]["text"], "*Issue resolved by <@U0ALICE001>*");
    assert_eq!(blocks[actions]["elements"][0]["text"]["text"], "Re-open");
}

#[test]
fn foreign_text_is_text_wherever_it_stands() {
    let hostile = "*x* `y` <!channel> <https://evil|x> <@U0ALICE001>\u{202E}\u{0007}\u{200B}\nz";
    for pointer in [
        "/issue/title",
        "/issue/culprit",
        "/issue/shortId",
        "/issue/level",
        "/issue/count",
        "/issue/project/slug",
        "/issue/assignedTo/name",
        "/issue/permalink",
        "/rule",
    ] {
        let (shown, _) = shown(&card(|card| *card.pointer_mut(pointer).unwrap() = json!(hostile)));
        for markup in ["<!channel", "<https://evil", "<@U0"] {
            assert!(!shown.contains(markup), "{pointer}: {shown}");
        }
        assert!(!shown.contains(['\u{202E}', '\u{0007}', '\u{200B}']), "{pointer}");
    }
}

#[test]
fn a_title_without_an_end_fits_a_message() {
    let (_, blocks) = shown(&card(|card| {
        card["issue"]["title"] = json!("<".repeat(5_000));
        card["issue"]["culprit"] = json!("&".repeat(5_000));
        card["rule"] = json!("<".repeat(5_000));
    }));

    for block in blocks.as_array().unwrap() {
        let texts = [&block["text"]["text"], &block["elements"][0]["text"]];
        for text in texts.into_iter().filter_map(Value::as_str) {
            assert!(text.chars().count() <= 2_000, "{}", text.len());
        }
    }
}

#[test]
fn an_address_without_an_end_is_left_away() {
    let (_, blocks) = shown(&card(|card| {
        card["issue"]["permalink"] = json!(format!("https://sentry.io/{}", "x".repeat(5_000)));
    }));

    assert_eq!(blocks[0]["text"]["text"], ":red_circle: *TypeError*");
}

#[test]
fn a_metric_alert_shows_how_bad_it_is() {
    for (severity, emoji, state) in [
        ("critical", ":red_circle:", "Critical"),
        ("warning", ":large_yellow_circle:", "Warning"),
        ("resolved", ":white_check_mark:", "Resolved"),
    ] {
        let (shown, blocks) = shown(&metric(severity, "Too many errors", "1000 events\nof late"));
        assert!(shown.starts_with(&format!("{state}: Too many errors\n")), "{shown}");
        let headline = format!(
            "{emoji} <https://sentry.example.com/alerts/5/?alert=5&amp;x=1|*Too many errors*>"
        );
        assert_eq!(blocks[0]["text"]["text"], headline);
        assert_eq!(blocks[1]["text"]["text"], "1000 events of late");
        assert_eq!(blocks[2]["elements"][0]["text"], format!("State: {state}"));
    }
}

#[test]
fn a_metric_alert_s_words_are_text_and_none_are_left_out() {
    let (hostile, _) = shown(&metric("critical", "*<!here>*\u{202E}", "<https://evil|x>"));
    let (_, bare) = shown(&metric("critical", "T", ""));

    assert!(!hostile.contains("<!here") && !hostile.contains("<https://evil"), "{hostile}");
    assert!(!hostile.contains('\u{202E}'));
    assert_eq!(bare.as_array().unwrap().len(), 2);
}

#[test]
fn an_issue_that_says_much_of_itself_stays_within_what_slack_takes() {
    let much = "&".repeat(400);
    let message = draw(&card(|card| {
        for name in ["shortId", "title", "culprit", "level", "count"] {
            card["issue"][name] = json!(much);
        }
        card["issue"]["project"]["slug"] = json!(much);
        card["issue"]["assignedTo"]["name"] = json!(much);
        card["issue"]["permalink"] = json!(format!("https://sentry.example.com/?{much}"));
        card["rule"] = json!(much);
    }));

    let blocks = message.blocks.unwrap();
    let texts =
        blocks.as_array().unwrap().iter().flat_map(|block| {
            [block["text"]["text"].as_str(), block["elements"][0]["text"].as_str()]
        });
    for text in texts.flatten() {
        assert!(text.chars().count() <= 3000, "{} characters: {text}", text.chars().count());
    }
}
