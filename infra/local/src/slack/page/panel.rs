//! The panel beside the channel: what the developer can do, and what happened behind the scenes.

use maud::{Markup, html};

use super::actions::FAULTS;
use crate::slack::{Delivery, call::CallKind, state};

const CALLS: usize = 10;

/// The buttons that post alerts and links.
pub(super) fn controls() -> Markup {
    html! {
        section {
            h2 { "Stand-in" }
            form method="post" action="/ui/alert" data-quiet {
                button type="submit" name="kind" value="blocks" { "Post another alert" }
            }
            form method="post" action="/ui/alert" data-quiet {
                button type="submit" name="kind" value="legacy" { "Post a legacy alert" }
            }
            form method="post" action="/ui/alert" data-quiet {
                button type="submit" name="kind" value="unfurl" { "Post a link (unfurl)" }
            }
        }
    }
}

/// How every `response_url` answers.
pub(super) fn faults(state: &state::State) -> Markup {
    let standing = state.faults.response_urls.standing;
    html! {
        form method="post" action="/ui/faults" data-quiet {
            label { "Every " code { "response_url" } " "
                select name="fault" id="fault" data-submit {
                    @for (name, words, fault) in &FAULTS {
                        option value=(name) selected[*fault == standing] { (words) }
                    }
                }
            }
            noscript { button type="submit" { "Set" } }
        }
    }
}

/// The latest acknowledgements and calls, newest first.
pub(super) fn log(state: &state::State) -> Markup {
    let name = |user: &str| state.person(user).map_or(user, |person| &person.name).to_owned();
    html! {
        h2 { "Clicks acknowledged" }
        ul {
            @for ack in &state.acks {
                li.bad[!ack.accepted()] {
                    b { @if let Some(status) = ack.status { (status) } @else { "no answer" } }
                    " after " (ack.millis) " ms"
                    br;
                    span.quiet { (name(&ack.user)) ": " (ack.action) }
                }
            }
            @if state.acks.is_empty() { li.quiet { "none yet" } }
        }
        @if !state.deliveries.is_empty() {
            h2 { "Events delivered" }
            ul { @for delivery in &state.deliveries { (event(delivery)) } }
        }
        h2 { "Calls to Slack" }
        ul {
            @for call in state.log.iter().rev().take(CALLS) {
                li.bad[call.status >= 400 || call.outcome != "ok"] {
                    b { (call.status) } " "
                    @match call.kind {
                        CallKind::ResponseUrl => { "response_url" }
                        _ => { (call.method) }
                    }
                    @if call.outcome != "ok" { br; span.quiet { (call.outcome) } }
                }
            }
            @if state.log.is_empty() { li.quiet { "none yet" } }
        }
    }
}

fn event(delivery: &Delivery) -> Markup {
    html! {
        li.bad[!delivery.accepted] {
            b { @if let Some(status) = delivery.status { (status) } @else { "no answer" } }
            " " (delivery.event)
            @if let Some(retry) = delivery.retry {
                br;
                span.quiet { "retry " (retry.number) ": " (retry.reason) }
            }
        }
    }
}
