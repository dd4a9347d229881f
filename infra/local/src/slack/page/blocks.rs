//! Block Kit blocks as HTML, with buttons that click.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    mrkdwn::{mrkdwn, plain},
    typeahead,
};
use crate::slack::{elements::items, message::MessageTs, workspace::Person};

/// Who reads a message, among whom.
pub(super) struct Reader<'a> {
    pub(super) me: &'a Person,
    pub(super) people: &'a [Person],
}

impl Reader<'_> {
    /// A user id as a name.
    pub(super) fn name(&self, user: &str) -> String {
        let known = self.people.iter().find(|person| person.id == user);
        known.map_or(user, |person| &person.real_name).to_owned()
    }
}

/// What blocks stand in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spot<'a> {
    Message(&'a MessageTs),
    /// The unfurl of a link in a message.
    Unfurl(&'a MessageTs, &'a str),
    /// The app's home, by the id of its view.
    Home(&'a str),
}

impl Spot<'_> {
    /// Where its clicks go.
    fn action(self) -> &'static str {
        match self {
            Self::Message(_) | Self::Unfurl(..) => "/ui/click",
            Self::Home(_) => "/ui/home",
        }
    }

    pub(super) fn id(self) -> String {
        match self {
            Self::Message(ts) | Self::Unfurl(ts, _) => ts.to_string(),
            Self::Home(view) => view.to_owned(),
        }
    }

    /// What the forms of an unfurl say of it.
    pub(super) fn field(self) -> Markup {
        html! {
            @if let Self::Unfurl(_, link) = self {
                input type="hidden" name="unfurl" value=(link);
            }
        }
    }

    /// A stable id for an element lets the script give the focus back after a refresh.
    pub(super) fn id_of(self, element: &str) -> String {
        let link = if let Self::Unfurl(_, link) = self { link } else { "" };
        format!("{} {link} {element}", self.id()).replace(' ', "-")
    }
}

pub(super) fn render(block: &Value, spot: Spot, reader: &Reader) -> Markup {
    match kind(block) {
        "section" => html! {
            div.section {
                div.text {
                    @if let Some(text) = block.get("text") { (text_object(text, reader)) }
                    @for field in items(block, "fields") { p { (text_object(field, reader)) } }
                }
                @if let Some(element) = block.get("accessory") {
                    (render_element(element, spot, reader))
                }
            }
        },
        "actions" => html! {
            div.actions {
                @for element in items(block, "elements") { (render_element(element, spot, reader)) }
            }
        },
        "context" => html! {
            p.context {
                @for element in items(block, "elements") { (text_object(element, reader)) " " }
            }
        },
        "header" => html! {
            @if let Some(text) = block.get("text") { h3 { (text_object(text, reader)) } }
        },
        "divider" => html! { hr; },
        other => html! { p.quiet { "(a block of type " (other) ")" } },
    }
}

/// Text in a text object, `mrkdwn` or `plain_text`.
pub(super) fn text_object(object: &Value, reader: &Reader) -> Markup {
    let text = string(object, "text");
    if kind(object) == "mrkdwn" { mrkdwn(text, reader) } else { plain(text) }
}

fn render_element(element: &Value, spot: Spot, reader: &Reader) -> Markup {
    let label = element.get("text").or_else(|| element.get("placeholder"));
    match kind(element) {
        "button" => {
            let click = Click {
                action_id: string(element, "action_id"),
                value: string(element, "value"),
                style: string(element, "style"),
                url: string(element, "url"),
            };
            let label = label.map(|text| string(text, "text")).unwrap_or_default();
            click.button(label, spot, reader)
        }
        "external_select" if !matches!(spot, Spot::Home(_)) => {
            typeahead::select(element, spot, reader)
        }
        other => html! {
            button type="button" disabled title={ "A " (other) " does nothing on this page" } {
                (label.map_or(other, |text| string(text, "text"))) " ▾"
            }
        },
    }
}

/// A button that delivers a click.
pub(super) struct Click<'a> {
    pub(super) action_id: &'a str,
    pub(super) value: &'a str,
    pub(super) style: &'a str,
    pub(super) url: &'a str,
}

impl Click<'_> {
    pub(super) fn button(&self, label: &str, spot: Spot, reader: &Reader) -> Markup {
        let id = spot.id_of(&format!("{} {}", self.action_id, self.value));
        html! {
            form method="post" action=(spot.action()) data-quiet {
                input type="hidden" name="user" value=(reader.me.id);
                input type="hidden" name="at" value=(spot.id());
                (spot.field())
                input type="hidden" name="action_id" value=(self.action_id);
                input type="hidden" name="value" value=(self.value);
                @if is_web(self.url) {
                    a.button.(self.style) id=(id) href=(self.url) target="_blank" rel="noopener" {
                        (plain(label))
                    }
                } @else {
                    button.(self.style) id=(id) type="submit" { (plain(label)) }
                }
            }
        }
    }
}

/// Whether a link leads to the web; `javascript:` and its like do not become links.
pub(super) fn is_web(url: &str) -> bool {
    ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme))
}

pub(super) fn kind(value: &Value) -> &str {
    string(value, "type")
}

/// A string field; empty when it is absent.
pub(super) fn string<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
