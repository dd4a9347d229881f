//! Which page an outcome is, and with which status.

use lambda_http::http::StatusCode;
use shared::{
    error::Error,
    http::Response,
    identity::Organization,
    setup::{Adding, Outcome, Setup},
    slack::grant::Grant,
};
use templates::{
    AlreadyInstalled, AppInSlack, ChooseOrganization, InstallAgain, InstallChoice, Installed,
    Leaving, MissingScope, MissingScopes, STYLE, SentrySide, StartInstall,
};

pub(crate) fn start(form_token: String) -> Response {
    Response::page(StatusCode::OK, StartInstall { form_token }.render(), STYLE)
}

pub(crate) fn choice(setup: &Setup, form_token: String) -> Result<Response, Error> {
    let account = setup.account.as_ref().ok_or(Error::Internal)?;
    let page = ChooseOrganization {
        account: SentrySide { name: account.name.clone(), email: account.email.clone() },
        organizations: setup.organizations.iter().map(offered).collect(),
        form_token,
    };
    Ok(Response::page(StatusCode::OK, page.render(), STYLE))
}

pub(crate) fn adding(adding: &Adding, form_token: String) -> Response {
    let page = AlreadyInstalled {
        workspace: adding.workspace.clone(),
        current: adding.current.clone(),
        adding: adding.organization.name.clone(),
        form_token,
    };
    Response::page(StatusCode::CONFLICT, page.render(), STYLE)
}

pub(crate) fn done(outcome: Outcome, webhook_url: String) -> Response {
    let page = Installed {
        workspace: outcome.workspace,
        organizations: outcome.organizations,
        again: outcome.again,
        webhook_url,
        app: AppInSlack {
            team: outcome.team.map(String::from).unwrap_or_default(),
            app: outcome.app,
        },
    };
    Response::page(StatusCode::OK, page.render(), STYLE)
}

pub(crate) fn missing_scopes(grant: &Grant) -> Response {
    let missing = grant.missing();
    let named = missing.iter().map(|scope| MissingScope {
        scope: scope.name.to_owned(),
        purpose: format!("to {}", scope.purpose),
    });
    let page = MissingScopes { workspace: grant.name.clone(), missing: named.collect() };
    Response::page(StatusCode::FORBIDDEN, page.render(), STYLE)
}

pub(crate) fn again(cancelled: bool) -> Response {
    Response::page(StatusCode::BAD_REQUEST, InstallAgain { cancelled }.render(), STYLE)
}

pub(crate) fn leaving(to: &'static str, url: String) -> Response {
    Response::page(StatusCode::OK, Leaving { to, url }.render(), STYLE)
}

pub(crate) fn refused(error: &Error, reference: &str) -> Response {
    let page = templates::install_for_status(error.status().as_u16(), reference);
    Response::refusal_page(error, page, STYLE)
}

fn offered(organization: &Organization) -> InstallChoice {
    InstallChoice {
        id: organization.id.to_string(),
        name: organization.name.clone(),
        slug: organization.slug.clone(),
    }
}
