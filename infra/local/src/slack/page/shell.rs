//! The shell of every page: head, style, nothing from elsewhere.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Sends forms in place, and refreshes.
pub(super) const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

/// A page; `kind` picks its layout.
pub(crate) fn page(title: &str, kind: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/icon.svg";
                style { (PreEscaped(STYLE)) }
            }
            body class=(kind) { (content) }
        }
    };
    Html(page.into_string())
}
