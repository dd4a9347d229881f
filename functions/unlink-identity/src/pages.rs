//! Which page an outcome is, and with which status.

use lambda_http::http::StatusCode;
use shared::{browser::masked, error::Error, http::Response, identity::Identity, visit::Visit};
use templates::{
    BackToSlack, Changed, ConfirmUnlink, Expired, ExpiredReason, Leaving, NotLinked, STYLE,
    SentrySide, SlackSide, StartUnlink, Unlinked,
};

use crate::decide::has_proven_sentry;

pub(crate) fn start(visit: &Visit, form_token: String) -> Response {
    let organization = visit.flow.organization.name.clone();
    let page = StartUnlink { slack: slack(visit), organization, form_token };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn confirm(visit: &Visit, identity: &Identity, form_token: String) -> Response {
    let email = &identity.account.email;
    let email = if has_proven_sentry(visit) { email.clone() } else { masked(email) };
    let sentry = SentrySide { name: identity.account.name.clone(), email };
    let page = ConfirmUnlink { slack: slack(visit), sentry, form_token };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn unlinked(visit: &Visit, form_token: String) -> Response {
    let page = Unlinked { slack: slack(visit), back: back(visit), form_token };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn not_linked(visit: &Visit) -> Response {
    Response::page(StatusCode::OK, NotLinked { back: back(visit) }.render(), STYLE)
}

pub(crate) fn expired(reason: ExpiredReason) -> Response {
    Response::page(StatusCode::GONE, Expired { reason }.render(), STYLE)
}

pub(crate) fn changed() -> Response {
    Response::page(StatusCode::CONFLICT, Changed.render(), STYLE)
}

pub(crate) fn leaving(to: &'static str, url: String) -> Response {
    Response::page(StatusCode::OK, Leaving { to, url }.render(), STYLE)
}

pub(crate) fn refused(error: &Error, reference: &str) -> Response {
    let page = templates::for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page, STYLE)
}

fn slack(visit: &Visit) -> SlackSide {
    SlackSide { name: visit.flow.person_name.clone(), workspace: visit.flow.workspace.name.clone() }
}

fn back(visit: &Visit) -> BackToSlack {
    let flow = &visit.flow;
    BackToSlack {
        channel: flow.channel.as_ref().map(ToString::to_string),
        team: flow.workspace.team.as_ref().map(ToString::to_string),
    }
}
