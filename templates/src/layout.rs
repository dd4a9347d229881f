//! The shell every page stands in: head, style, one card with one heading.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::icon;

/// The whole style sheet, byte for byte what the `<style>` element of every page holds. Its SHA-256
/// is the only style source a content security policy has to allow.
pub const STYLE: &str = include_str!("style.css");

/// What kind of news a page brings. It picks the icon; the words say the same without it.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// The person is asked for something.
    Ask,
    /// It is done.
    Done,
    /// It was not done, and the page says why.
    Stop,
}

/// A page whose title is its heading.
pub(crate) fn page(tone: Tone, heading: &str, content: &Markup) -> Markup {
    page_with_head(tone, heading, &html! {}, content)
}

/// A page with something of its own in `<head>`.
pub(crate) fn page_with_head(tone: Tone, heading: &str, head: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (heading) " · Belay" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                // Phones turn digits in names and ids into telephone links otherwise.
                meta name="format-detection" content="telephone=no";
                (head)
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (icon::belay()) "Belay" }
                main {
                    (icon::tone(tone))
                    h1 { (heading) }
                    (content)
                }
                footer { "Belay lets you act on Sentry issues from Slack, as yourself." }
            }
        }
    }
}
