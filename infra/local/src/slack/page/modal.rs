//! The modal on top, if one is open.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    blocks::{Reader, is_web, kind, string, text_object},
    channel::warning,
};
use crate::slack::{elements::items, message::MessageTs, state, views::View, workspace::Person};

pub(super) fn render(state: &state::State, me: &Person) -> Markup {
    let Some(view) = state.views.iter().rfind(|view| view.user == me.id) else { return html! {} };
    let reader = Reader { me, people: &state.people };
    let warned = state.warnings.contains(&(me.id.clone(), MessageTs::new(view.id.clone())));
    let label = |name: &str, otherwise: &'static str| -> String {
        let text = view.definition.get(name).map(|label| string(label, "text"));
        text.filter(|text| !text.is_empty()).unwrap_or(otherwise).to_owned()
    };
    html! {
        div.modal role="dialog" aria-modal="true" {
            h2 { (label("title", "")) }
            form method="post" action="/ui/submit" data-quiet {
                input type="hidden" name="user" value=(me.id);
                input type="hidden" name="view_id" value=(view.id);
                @for block in view.blocks() { (render_block(block, view, &reader)) }
                @if warned {
                    p.warning role="alert" { (warning(state)) }
                }
                div.actions {
                    @if view.definition.get("submit").is_some_and(Value::is_object) {
                        button.primary type="submit" { (label("submit", "Submit")) }
                    }
                    button type="submit" formaction="/ui/close" { (label("close", "Close")) }
                }
            }
        }
    }
}

fn render_block(block: &Value, view: &View, reader: &Reader) -> Markup {
    let label = block.get("text").or_else(|| block.get("label"));
    let element = block.get("accessory").or_else(|| block.get("element"));
    let refused = view.errors.get(string(block, "block_id")).and_then(Value::as_str);
    match kind(block) {
        "actions" => return links(block),
        "context" => {
            return html! {
                p.context {
                    @for element in items(block, "elements") { (text_object(element, reader)) " " }
                }
            };
        }
        _ => {}
    }
    html! {
        div.section {
            @if let Some(text) = label { div.text { (text_object(text, reader)) } }
            @if let Some(element) = element { (render_input(element)) }
        }
        @if let Some(error) = refused { p.warning { (error) } }
    }
}

/// Buttons that lead into the browser. Others stand in a form of their own, which a modal cannot hold.
fn links(block: &Value) -> Markup {
    html! {
        div.actions {
            @for element in items(block, "elements") {
                @let url = string(element, "url");
                @if is_web(url) {
                    a.button.(string(element, "style")) href=(url) target="_blank" rel="noopener" {
                        (element.get("text").map(|text| string(text, "text")).unwrap_or_default())
                    }
                }
            }
        }
    }
}

fn render_input(element: &Value) -> Markup {
    let name = string(element, "action_id");
    let initial = element.get("initial_option").map(|option| string(option, "value"));
    match kind(element) {
        "static_select" => html! {
            select name=(name) {
                @for option in items(element, "options") {
                    @let value = string(option, "value");
                    option value=(value) selected[initial == Some(value)] {
                        (option.get("text").map(|text| string(text, "text")).unwrap_or_default())
                    }
                }
            }
        },
        "plain_text_input" => html! { input type="text" name=(name); },
        other => html! { span.quiet { "(" (other) ")" } },
    }
}
