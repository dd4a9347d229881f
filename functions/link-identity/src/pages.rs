//! Which page an outcome is, and with which status.

use lambda_http::http::StatusCode;
use shared::{
    browser::masked, error::Error, flow::ProvenAccount, http::Response, identity::Account,
    visit::Visit,
};
use templates::{
    AlreadyLinked, BackToSlack, Changed, ConfirmLink, Expired, ExpiredReason, Leaving, Linked,
    STYLE, SentrySide, SlackSide, StartLink, TakenSide,
};

pub(crate) fn start(visit: &Visit, form_token: String) -> Response {
    let page = StartLink {
        slack: slack(visit),
        organization: visit.flow.organization.name.clone(),
        waiting: visit.flow.click_words.clone(),
        form_token,
    };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn confirm(visit: &Visit, proven: &ProvenAccount, form_token: String) -> Response {
    let page = ConfirmLink {
        slack: slack(visit),
        sentry: sentry(&proven.account),
        organization: visit.flow.organization.name.clone(),
        waiting: visit.flow.click_words.clone(),
        form_token,
    };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn linked(visit: &Visit, account: &Account) -> Response {
    let flow = &visit.flow;
    let page = Linked {
        slack: slack(visit),
        sentry: sentry(account),
        waiting: flow.click_words.clone(),
        back: BackToSlack {
            channel: flow.channel.as_ref().map(ToString::to_string),
            team: flow.workspace.team.as_ref().map(ToString::to_string),
        },
    };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn already_linked(visit: &Visit, current: &Account, side: TakenSide) -> Response {
    let page =
        AlreadyLinked { slack: slack(visit), current_email_masked: masked(&current.email), side };
    Response::page(StatusCode::CONFLICT, page.render(), STYLE)
}

pub(crate) fn expired(reason: ExpiredReason) -> Response {
    Response::page(StatusCode::GONE, Expired { reason }.render(), STYLE)
}

pub(crate) fn changed() -> Response {
    Response::page(StatusCode::CONFLICT, Changed.render(), STYLE)
}

pub(crate) fn leaving_for_slack(url: String) -> Response {
    Response::page(StatusCode::OK, Leaving { to: "Slack", url }.render(), STYLE)
}

pub(crate) fn refused(error: &Error, reference: &str) -> Response {
    let page = templates::for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page, STYLE)
}

fn slack(visit: &Visit) -> SlackSide {
    SlackSide { name: visit.flow.person_name.clone(), workspace: visit.flow.workspace.name.clone() }
}

fn sentry(account: &Account) -> SentrySide {
    SentrySide { name: account.name.clone(), email: account.email.clone() }
}
