//! The integration on the page: a desk from which alerts are fired, and what became of them.

use maud::{Markup, html};

use super::super::issue::Issue;
use super::super::page::button;
use super::super::world::World;
use super::Channels;

/// How many of the last webhooks are shown.
const DELIVERIES: usize = 12;

/// The form that everything which fires belongs to. It stays as it is while the board is renewed.
pub(in super::super) fn desk() -> Markup {
    html! {
        section aria-labelledby="alerts" {
            h2 #alerts { "Alerts" }
            form #alert .row method="post" action="/ui/alert" {
                // Enter in the field fires nothing: a form sends itself by its first button.
                button disabled hidden {}
                label for="channel" { "Channel setting" }
                input #channel name="channel" list="channels" autocomplete="off"
                    placeholder="none" size="24";
                span #offer { (offer(&Ok(Vec::new()))) }
                div.choices {
                    @for (action, label) in METRIC {
                        button #{ "metric-" (action) } name="metric" value=(action) { (label) }
                    }
                }
            }
        }
    }
}

/// The actions of a metric alert one can choose: name, label.
const METRIC: &[(&str, &str)] = &[
    ("critical", "Metric: critical"),
    ("warning", "Metric: warning"),
    ("resolved", "Metric: resolved"),
];

/// What the channel field offers.
pub(super) fn offer(channels: &Channels) -> Markup {
    html! {
        @match channels {
            Ok(channels) => datalist #channels {
                @for (label, value) in channels { option value=(value) label=(label) {} }
            },
            Err(trouble) => span.soft role="status" { (trouble) },
        }
    }
}

/// An issue's buttons, if there is an integration to tell.
pub(in super::super) fn buttons(world: &World, issue: &Issue) -> Markup {
    let mut organizations = world.organizations.iter();
    let organization = organizations.find(|o| o.id == issue.project.organization);
    let integration = organization.and_then(|o| world.hooks.integration(o.slug));
    html! {
        @if integration.is_some() {
            @for (name, label) in [("issue", "Fire an alert"), ("burst", "5 at once")] {
                button #{ "fire-" (name) "-" (issue.id) } form="alert" name=(name) value=(issue.id) {
                    (label)
                }
            }
        }
    }
}

/// What was sent, and what to do with it.
pub(in super::super) fn log(world: &World) -> Markup {
    let hooks = &world.hooks;
    let outbox = &hooks.outbox;
    html! {
        section aria-labelledby="webhooks" {
            h2 #webhooks { "Last webhooks" }
            div.choices {
                @if outbox.last.is_some() {
                    (button(&[("op", "again")], "Send the last one again", false))
                }
                @let held = outbox.holds_back();
                (button(&[("op", "hold")], "Hold the next change back", held))
                @let older = if hooks.older { "false" } else { "true" };
                (button(&[("op", "older"), ("older", older)], "Older names", hooks.older))
            }
            @if outbox.deliveries.is_empty() { p.soft { "None yet." } }
            ol.calls {
                @for delivery in outbox.deliveries.iter().rev().take(DELIVERIES) {
                    li {
                        @match delivery.status {
                            Some(status) => code.bad[status >= 400] { (status) },
                            None => code.bad { "no answer" },
                        }
                        code { (delivery.resource) " " (delivery.action) }
                        span.soft { (delivery.millis) " ms · " (delivery.request_id) }
                    }
                }
            }
        }
    }
}
