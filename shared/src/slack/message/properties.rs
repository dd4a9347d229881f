//! What holds of every text that comes from outside.

use proptest::prelude::*;

use super::*;

/// Text with more in it that means something to Slack than chance would bring.
fn hostile() -> impl Strategy<Value = String> {
    let marks =
        ["<", ">", "&", "|", "<!channel>", "<@U0ALICE001>", "&lt;", "&amp;", "\u{202e}", "\n"];
    let part =
        prop_oneof![proptest::sample::select(marks.to_vec()).prop_map(str::to_owned), "\\PC{0,5}"];
    proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

/// As Slack reads it; entities are resolved once, from left to right.
fn read(mrkdwn: &str) -> String {
    mrkdwn.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

proptest! {
    #[test]
    fn escaped_text_has_no_marks_and_reads_as_it_was(text in hostile(), max in 0..200_usize) {
        let shown = escaped(&text, max);

        let without_entities = ["&amp;", "&lt;", "&gt;"]
            .iter()
            .fold(shown.clone(), |rest, entity| rest.replace(entity, ""));
        prop_assert!(!without_entities.contains(['<', '>', '&']), "{}", shown);
        let uncut = plain(&text, usize::MAX - 1);
        if uncut.chars().count() > max {
            let cut: String = uncut.chars().take(max).collect();
            prop_assert_eq!(read(&shown), format!("{cut}…"));
        } else {
            prop_assert_eq!(read(&shown), uncut);
        }
    }

    #[test]
    fn a_link_is_one_mark_or_its_text_alone(url in hostile(), text in hostile(), at in 0..2_usize) {
        let url = format!("{}{url}", ["https://sentry.example.com/", ""][at]);

        let shown = link(&url, &name(&text));

        if shown == name(&text) {
            prop_assert!(!shown.contains(['<', '>']));
        } else {
            prop_assert_eq!(shown.matches(['<', '>']).collect::<Vec<_>>(), ["<", ">"]);
            prop_assert!(shown.starts_with("<https://sentry.example.com/"), "{}", shown);
            prop_assert!(shown.ends_with(&format!("|{}>", name(&text))), "{}", shown);
            prop_assert!(!shown.contains(['\n', '\r', '\t']), "{}", shown);
        }
    }
}
