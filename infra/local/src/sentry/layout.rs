//! The shell of the stand-in's pages.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// A whole page.
pub(super) fn page(title: &str, body: &Markup) -> Html<String> {
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · Sentry stand-in" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    Html(whole.into_string())
}

/// A page that is one card with one question.
pub(super) fn dialog(heading: &str, content: &Markup) -> Html<String> {
    page(
        heading,
        &html! {
            main.dialog {
                p.brand { "Sentry" span.tag { "stand-in" } }
                h1 { (heading) }
                (content)
            }
        },
    )
}

/// A square with a person's initials.
pub(super) fn monogram(name: &str) -> Markup {
    let initials: String = name.split(' ').filter_map(|word| word.chars().next()).collect();
    html! { span.monogram aria-hidden="true" { (initials) } }
}
