//! `GET /`: everything the stand-in knows, with buttons to change it. It keeps itself fresh.

use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use axum::{
    Router,
    routing::{get, head},
};
use maud::{Markup, PreEscaped, html};
use shared::clock::Timestamp;

use super::controls::{BOB, MODES, RIGHTS, STATUSES};
use super::hooks;
use super::issue::{Activity, Issue};
use super::layout::{self, monogram};
use super::people::{ACCOUNTS, Account, Organization, TEAMS, account};
use super::time::time_of_day;
use super::world::World;
use super::{Call, Right, Sentry};

const SCRIPT: &str = include_str!("page.js");

/// How many of the last calls are shown.
const CALLS: usize = 12;

/// The page, its changing part alone, and the place an issue's permalink leads to.
pub(super) fn routes() -> Router<Sentry> {
    Router::new()
        // A HEAD opens a connection ahead of its use; no page is drawn for it.
        .route("/", head(async || ()).get(page))
        .route("/ui/board", get(board))
        .route("/organizations/{organization}/issues/{issue}/", get(permalink))
}

async fn page(State(sentry): State<Sentry>) -> Html<String> {
    let now = sentry.now();
    layout::page(
        "Acme",
        &html! {
            header.top {
                p.brand { "Sentry" span.tag { "stand-in" } }
                p.soft { "A model of Sentry for this machine. Nothing here leaves it." }
            }
            main {
                (hooks::desk())
                div #board { (content(&sentry.world(), now)) }
            }
            script { (PreEscaped(SCRIPT)) }
        },
    )
}

async fn board(State(sentry): State<Sentry>) -> Html<String> {
    let now = sentry.now();
    Html(content(&sentry.world(), now).into_string())
}

async fn permalink(Path((_, issue)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/#issue-{issue}"))
}

fn content(world: &World, now: Timestamp) -> Markup {
    html! {
        section aria-labelledby="health" {
            h2 #health { "How Sentry feels" }
            div.choices {
                @for (name, label, mode) in MODES {
                    (button(&[("op", "mode"), ("mode", name)], label, *mode == world.mode))
                }
            }
            div.soft.row.releases {
                "The projects have " @if !world.has_releases { "no " } "releases."
                @let present = if world.has_releases { "false" } else { "true" };
                @let label = if world.has_releases { "Remove them" } else { "Add some" };
                (button(&[("op", "releases"), ("present", present)], label, false))
            }
        }
        section aria-labelledby="issues" {
            h2 #issues { "Issues" }
            @for issue in &world.issues { (issue_card(world, issue)) }
        }
        (hooks::log(world))
        section aria-labelledby="people" {
            h2 #people { "People and rights" }
            @for organization in &world.organizations {
                h3 { (organization.name) @if organization.is_elsewhere { ", in another region" } }
                ul.people { @for account in ACCOUNTS { (member(account, organization)) } }
            }
            h3 { "Tokens given to Belay" }
            ul.people {
                @for account in ACCOUNTS { (tokens(account, world.grants.live(account, now))) }
            }
        }
        section aria-labelledby="calls" {
            h2 #calls { "Last calls" }
            (calls(&world.log))
        }
    }
}

/// One button that sends these fields.
pub(super) fn button(fields: &[(&str, &str)], label: &str, pressed: bool) -> Markup {
    let id: Vec<&str> = fields.iter().map(|(_, value)| *value).collect();
    html! {
        form method="post" action="/ui/control" {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button id=(id.join("-")) aria-pressed=[pressed.then_some("true")] { (label) }
        }
    }
}

fn bob_may(world: &World, issue: &Issue) -> bool {
    let mut organizations = world.organizations.iter();
    let organization = organizations.find(|o| o.id == issue.project.organization);
    organization.is_some_and(|o| o.right_of(BOB).may_write())
}

fn issue_card(world: &World, issue: &Issue) -> Markup {
    let state = &issue.state;
    html! {
        article id={ "issue-" (issue.id) } {
            div.row {
                code { (issue.short_id) }
                strong { (issue.headline.title) }
                span.status.(state.status) {
                    (if state.status == "ignored" { "archived" } else { state.status })
                }
            }
            p.soft {
                (issue.culprit) " · " (issue.count) " events · "
                @match state.assigned_to.as_deref() {
                    Some(actor) => { "assigned to " (actor_name(actor)) }
                    None => "nobody is assigned"
                }
                @if let Some(substatus) = state.substatus { " · " (substatus.replace('_', " ")) }
            }
            ol.activity { @for line in state.activity.iter().rev() { (activity(line)) } }
            div.choices {
                @if bob_may(world, issue) {
                    @for (status, label) in STATUSES.iter().filter(|(s, _)| *s != state.status) {
                        (button(&[("op", "issue"), ("issue", &issue.id), ("status", status)], label, false))
                    }
                }
                (hooks::buttons(world, issue))
            }
        }
    }
}

fn activity(line: &Activity) -> Markup {
    html! {
        li {
            time { (time_of_day(line.at)) }
            @match line.account.and_then(account) {
                Some(account) => { strong { (account.name) } " " (deed(line)) }
                None => "first seen"
            }
        }
    }
}

fn deed(line: &Activity) -> String {
    let text = |field: &str| line.data.get(field).and_then(|value| value.as_str());
    match line.kind {
        "set_resolved" => "resolved it".to_owned(),
        "set_resolved_in_release" => match text("version") {
            Some(version) if !version.is_empty() => format!("resolved it in {version}"),
            _ => "resolved it in the next release".to_owned(),
        },
        "set_unresolved" => "re-opened it".to_owned(),
        "set_ignored" => "archived it".to_owned(),
        "unassigned" => "took the assignee away".to_owned(),
        "assigned" => {
            let kind = text("assigneeType").unwrap_or_default();
            let actor = format!("{kind}:{}", text("assignee").unwrap_or_default());
            format!("assigned it to {}", actor_name(&actor))
        }
        other => other.replace('_', " "),
    }
}

fn actor_name(actor: &str) -> String {
    match actor.split_once(':') {
        Some(("user", id)) => account(id).map(|account| account.name.to_owned()),
        Some((_, id)) => TEAMS.iter().find(|t| t.id == id).map(|team| format!("#{}", team.slug)),
        None => None,
    }
    .unwrap_or_else(|| actor.to_owned())
}

fn member(account: &Account, organization: &Organization) -> Markup {
    let right = organization.right_of(account.id);
    html! {
        li.row.away[right == Right::None] {
            (monogram(account.name))
            span.name { (account.name) " " span.soft { (account.email) } }
            div.choices {
                @for (name, label, choice) in RIGHTS {
                    (button(
                        &[
                            ("op", "right"),
                            ("account", account.id),
                            ("organization", organization.slug),
                            ("right", name),
                        ],
                        label,
                        *choice == right,
                    ))
                }
            }
        }
    }
}

fn tokens(account: &Account, live: usize) -> Markup {
    html! {
        li.row.away[live == 0] {
            (monogram(account.name))
            span.name { (account.name) " " span.soft {
                @match live { 0 => "none", 1 => "one", more => (more) }
            } }
            @if live > 0 {
                (button(&[("op", "revoke"), ("account", account.id)], "Revoke", false))
            }
        }
    }
}

fn calls(log: &[Call]) -> Markup {
    html! {
        @if log.is_empty() { p.soft { "None yet." } }
        ol.calls {
            @for call in log.iter().rev().take(CALLS) {
                li {
                    code.bad[call.status >= 400] { (call.status) }
                    code { (call.method) " " (call.path) }
                    span.soft { (call.account.and_then(account).map_or("", |a| a.name)) }
                }
            }
        }
    }
}
