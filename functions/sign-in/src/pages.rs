//! Which page an outcome is, and with which status.

use lambda_http::http::StatusCode;
use shared::{
    error::Error, flow::Flow, http::Response, identity::Account, slack::client::SlackSession,
};
use templates::{
    Markup, MissingPermission, NotAMember, STYLE, SentrySide, StartAgain, WrongSentryAccount,
    WrongSlackUser,
};

pub(crate) fn start_again(status: StatusCode, cancelled: bool) -> Response {
    show(status, &StartAgain { cancelled }.render())
}

pub(crate) fn wrong_slack_user(session: &SlackSession) -> Response {
    let page = WrongSlackUser {
        signed_in_as: session.name.clone().unwrap_or_else(|| session.user.clone()),
        workspace: session.team_name.clone(),
    };
    show(StatusCode::FORBIDDEN, &page.render())
}

pub(crate) fn wrong_account(account: &Account) -> Response {
    let signed_in_as = sentry(account).email;
    show(StatusCode::FORBIDDEN, &WrongSentryAccount { signed_in_as }.render())
}

pub(crate) fn missing_permission() -> Response {
    show(StatusCode::FORBIDDEN, &MissingPermission.render())
}

pub(crate) fn not_a_member(flow: &Flow, account: &Account) -> Response {
    let organization = flow.organization.name.clone();
    show(StatusCode::NOT_FOUND, &NotAMember { sentry: sentry(account), organization }.render())
}

pub(crate) fn refused(error: &Error, reference: &str) -> Response {
    let page = templates::for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page.into_string(), STYLE)
}

fn sentry(account: &Account) -> SentrySide {
    let email = if account.email.is_empty() { &account.name } else { &account.email };
    SentrySide { name: account.name.clone(), email: email.clone() }
}

fn show(status: StatusCode, page: &Markup) -> Response {
    Response::page(status, page.clone().into_string(), STYLE)
}
