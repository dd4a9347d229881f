//! Which page an outcome is, and with which status.

use lambda_http::http::StatusCode;
use shared::{
    error::Error, flow::Flow, http::Response, identity::Account, slack::client::SlackSession,
};
use templates::{
    InstallAgain, MayNotInstall, MissingPermission, NotAMember, Problem, STYLE, SentrySide,
    StartAgain, WrongSentryAccount, WrongSlackUser,
};

use crate::START_AGAIN;

pub(crate) fn start_again(status: StatusCode, cancelled: bool) -> Response {
    Response::page(status, StartAgain { cancelled }.render(), STYLE)
}

pub(crate) fn wrong_slack_user(session: &SlackSession) -> Response {
    let page = WrongSlackUser {
        signed_in_as: session.name.clone().unwrap_or_else(|| session.user.clone()),
        workspace: session.team_name.clone(),
    };
    Response::page(StatusCode::FORBIDDEN, page.render(), STYLE)
}

pub(crate) fn wrong_account(account: &Account) -> Response {
    let signed_in_as = sentry(account).email;
    Response::page(StatusCode::FORBIDDEN, WrongSentryAccount { signed_in_as }.render(), STYLE)
}

pub(crate) fn missing_permission() -> Response {
    Response::page(StatusCode::FORBIDDEN, MissingPermission.render(), STYLE)
}

pub(crate) fn not_a_member(flow: &Flow, account: &Account) -> Response {
    let organization = flow.organization.name.clone();
    Response::page(
        StatusCode::NOT_FOUND,
        NotAMember { sentry: sentry(account), organization }.render(),
        STYLE,
    )
}

pub(crate) fn sso_required(flow: &Flow) -> Response {
    let detail = format!(
        "{} requires single sign-on. Sign in to it in Sentry once, then click the link in Slack \
         again. Nothing was linked.",
        flow.organization.name
    );
    problem("Single sign-on is required", detail)
}

pub(crate) fn no_seat(flow: &Flow) -> Response {
    let detail = format!(
        "Your membership in {} is disabled because the organization is over its member limit. Ask \
         one of its owners. Nothing was linked.",
        flow.organization.name
    );
    problem("Your membership is disabled", detail)
}

fn problem(title: &str, detail: String) -> Response {
    Response::page(StatusCode::FORBIDDEN, Problem { title: title.into(), detail }.render(), STYLE)
}

pub(crate) fn install_again(cancelled: bool) -> Response {
    Response::page(START_AGAIN, InstallAgain { cancelled }.render(), STYLE)
}

pub(crate) fn may_not_install(account: &Account) -> Response {
    let page = MayNotInstall { account: sentry(account) };
    Response::page(StatusCode::FORBIDDEN, page.render(), STYLE)
}

pub(crate) fn install_needs_sso() -> Response {
    let detail = "The organization requires single sign-on. Sign in to it in Sentry once, then begin \
                  again. Nothing was installed.";
    problem("Single sign-on is required", detail.to_owned())
}

pub(crate) fn install_refused(error: &Error, reference: &str) -> Response {
    let page = templates::install_for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page, STYLE)
}

pub(crate) fn refused(error: &Error, reference: &str) -> Response {
    let page = templates::for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page, STYLE)
}

fn sentry(account: &Account) -> SentrySide {
    let email = if account.email.is_empty() { &account.name } else { &account.email };
    SentrySide { name: account.name.clone(), email: email.clone() }
}
