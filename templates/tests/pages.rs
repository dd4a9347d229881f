//! What holds for every page, and the sentences that are fixed.

use std::collections::HashSet;

use templates::samples::{HOSTILE, samples};
use templates::{ConfirmLink, STYLE, SentrySide, SlackSide};

#[test]
fn every_page_says_what_it_is() {
    for (name, html) in samples() {
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{name}");
        assert!(html.contains(" · Belay</title>"), "{name}");
        assert!(html.contains("<meta name=\"viewport\""), "{name}");
        assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"), "{name}");
        assert_eq!(html.matches("<main>").count(), 1, "{name}");
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
    }
}

#[test]
fn no_page_has_a_script_or_a_style_of_its_own() {
    for (name, html) in samples() {
        for tag in tags(&html) {
            assert_ne!(tag.name, "script", "{name}");
            for (attribute, _) in tag.attributes {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {attribute}"
                );
            }
        }
    }
}

#[test]
fn no_page_loads_anything() {
    for (name, html) in samples() {
        for tag in tags(&html) {
            assert!(
                !["link", "img", "iframe", "object", "image", "use"].contains(&tag.name),
                "{name}"
            );
            for (attribute, value) in tag.attributes {
                assert!(!["src", "srcset", "action", "formaction"].contains(&attribute), "{name}");
                let elsewhere = value.contains("://");
                let leaves = matches!((tag.name, attribute), ("a", "href") | ("meta", "content"));
                assert!(!elsewhere || leaves, "{name}: {attribute}={value}");
            }
        }
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn the_style_element_holds_the_exported_sheet_byte_for_byte() {
    for (name, html) in samples() {
        let (_, rest) = html.split_once("<style>").unwrap_or_default();
        let (sheet, _) = rest.split_once("</style>").unwrap_or_default();
        assert_eq!(sheet, STYLE, "{name}");
    }
    // A browser reads CR LF as LF before it takes the digest.
    assert!(!STYLE.contains('\r'));
}

#[test]
fn every_visible_field_stands_in_its_label() {
    for (name, html) in samples() {
        for (before, field) in html.match_indices("<input").map(|(at, _)| html.split_at(at)) {
            let hidden = field.starts_with("<input type=\"hidden\"");
            let labelled = before.matches("<label").count() > before.matches("</label").count();
            assert!(hidden || labelled, "{name}");
        }
    }
}

#[test]
fn hostile_text_adds_no_element_and_no_attribute() {
    let pages = samples();
    for (name, hostile) in &pages {
        let Some(twin) = name.strip_suffix("-hostile") else { continue };
        let ordinary = pages.iter().find(|(name, _)| *name == twin).map(|(_, html)| html.as_str());

        assert!(!hostile.contains(HOSTILE), "{name}");
        assert_eq!(shape(hostile), shape(ordinary.unwrap_or_default()), "{name}");
    }
}

#[test]
fn every_form_says_its_step_and_carries_the_token() {
    let steps = [
        ("start-link", "begin"),
        ("confirm-link", "confirm"),
        ("start-unlink", "begin"),
        ("confirm-unlink", "confirm"),
        ("unlinked", "relink"),
        ("start-install", "begin"),
        ("choose-organization", "choose"),
        ("choose-only-organization", "choose"),
        ("already-installed", "add"),
    ];
    for (name, html) in samples() {
        let step = steps.iter().find(|(page, _)| *page == name.trim_end_matches("-hostile"));
        let fields: Vec<_> =
            tags(&html).into_iter().filter(|tag| tag.has("type", "hidden")).collect();

        assert_eq!(html.matches("<form").count(), usize::from(step.is_some()), "{name}");
        if let Some((_, step)) = step {
            assert!(html.contains("<form method=\"post\""), "{name}");
            assert!(
                fields.iter().any(|tag| tag.has("name", "step") && tag.has("value", step)),
                "{name}"
            );
            let token = fields.iter().find(|tag| tag.has("name", "form_token"));
            assert!(token.is_some_and(|tag| !tag.has("value", "")), "{name}");
        }
    }
}

#[test]
fn an_unlink_can_be_proven_by_either_side() {
    let html = sample("start-unlink");

    assert!(html.contains("<button name=\"with\" value=\"slack\">"));
    assert!(html.contains("name=\"with\" value=\"sentry\">"));
}

#[test]
fn a_link_takes_a_tick_and_a_button() {
    let html = sample("confirm-link");

    assert!(html.contains("<input type=\"checkbox\" name=\"mine\" value=\"yes\" required>"));
    assert!(html.contains("<button>Link accounts</button>"));
}

#[test]
fn the_fixed_sentences_are_exact() {
    let sentences = [
        (
            "start-link",
            "Confirm that you'd like to link your Slack identity to your Sentry account.",
        ),
        (
            "confirm-link",
            "Confirm that you'd like to link your Slack identity to your Sentry account.",
        ),
        (
            "linked",
            "Your Slack identity has been associated with your Sentry account. \
             You may now take actions through Slack!",
        ),
        (
            "start-unlink",
            "Confirm that you'd like to unlink your Slack identity from your Sentry account.",
        ),
        (
            "confirm-unlink",
            "Confirm that you'd like to unlink your Slack identity from your Sentry account.",
        ),
        ("unlinked", "Your Slack identity has been unassociated with your Sentry account."),
    ];
    for (name, sentence) in sentences {
        assert!(sample(name).contains(&format!(">{sentence}<")), "{name}");
    }
}

#[test]
fn the_way_back_leads_to_the_conversation() {
    for name in ["linked", "unlinked", "not-linked"] {
        let button =
            "href=\"slack://channel?id=C024BE91L&amp;team=T012AB3CD\">Go back to Slack</a>";
        assert!(sample(name).contains(button), "{name}");
    }
}

#[test]
fn the_waiting_click_is_named_where_it_can_still_be_stopped() {
    assert!(sample("confirm-link").contains("then: resolve BACKEND-12"));
}

#[test]
fn without_a_waiting_click_nothing_is_announced() {
    let page = ConfirmLink {
        slack: SlackSide { name: "Ada".into(), workspace: "Engines".into() },
        sentry: SentrySide { name: "Ada".into(), email: "ada@engines.example".into() },
        organization: "Engines".into(),
        waiting: None,
        form_token: "token".into(),
    };

    let html = page.render().into_string();

    assert!(!html.contains("then:"));
}

#[test]
fn the_page_that_leaves_does_so_by_itself_and_by_a_link() {
    let html = sample("leaving");
    let url = "https://sign-in.example/authorize?client_id=1&amp;state=2";

    assert!(html.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">")));
    assert!(html.contains(&format!("href=\"{url}\">Continue to Slack</a>")));
}

#[test]
fn every_sample_has_its_own_name() {
    let names: Vec<_> = samples().into_iter().map(|(name, _)| name).collect();

    let distinct: HashSet<_> = names.iter().collect();

    assert_eq!(distinct.len(), names.len());
}

fn sample(wanted: &str) -> String {
    samples()
        .into_iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, html)| html)
        .unwrap_or_default()
}

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Tag<'_> {
    fn has(&self, name: &str, value: &str) -> bool {
        self.attributes.contains(&(name, value))
    }
}

/// The opening tags. Enough of a parser for maud's output: `<`, `>` and `"` never stand bare in
/// text or values, and values are always in double quotes.
fn tags(html: &str) -> Vec<Tag<'_>> {
    html.split('<')
        .filter_map(|piece| piece.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| !tag.starts_with('/'))
        .map(|tag| {
            let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
            let quoted: Vec<_> = rest.split('"').collect();
            let pairs = quoted.chunks(2).filter_map(|pair| match pair {
                [name, value] => Some((name.trim().trim_end_matches('='), *value)),
                _ => None,
            });
            Tag { name, attributes: pairs.collect() }
        })
        .collect()
}

/// The elements and the names of their attributes, without what stands in them.
fn shape(html: &str) -> Vec<(&str, Vec<&str>)> {
    tags(html)
        .into_iter()
        .map(|tag| (tag.name, tag.attributes.into_iter().map(|(name, _)| name).collect()))
        .collect()
}
