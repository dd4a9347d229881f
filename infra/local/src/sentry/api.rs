//! The API: organizations, issues, members and teams, with a bearer token.
//!
//! Source: docs.sentry.io/api. Every path ends with a slash. Refusals are `{"detail":…}` with 401, 403
//! and 404, and the faults of a body per field with 400. A token never may more than the member's
//! role.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router, body::Bytes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::people::{PROJECTS, TEAMS};
use super::status_details::RELEASES;
use super::{Sentry, json};

/// The routes below `/api/`.
pub(super) fn routes() -> Router<Sentry> {
    Router::new()
        .route("/api/0/organizations/", get(organizations))
        .route("/api/0/organizations/{organization}/", get(organization))
        .route("/api/0/organizations/{organization}/issues/{issue}/", get(issue).put(update_issue))
        .route("/api/0/organizations/{organization}/releases/", get(releases))
        .route("/api/0/projects/{organization}/{project}/members/", get(members))
        .route("/api/0/projects/{organization}/{project}/teams/", get(teams))
        .route("/api/0/users/me/", get(me))
        .route("/api/{*rest}", any(unknown))
}

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No bearer token.
    Anonymous,
    /// A token that is dead, expired or never was.
    InvalidToken,
    /// Not a member, role too small, or scope missing.
    Forbidden,
    NotFound,
    /// What is wrong with the body, per field.
    Invalid(Value),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Anonymous => {
                (StatusCode::UNAUTHORIZED, "Authentication credentials were not provided.")
            }
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "Invalid token"),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "You do not have permission to perform this action.")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "The requested resource does not exist"),
            Self::Invalid(body) => return (StatusCode::BAD_REQUEST, Json(body)).into_response(),
        };
        (status, Json(json!({ "detail": detail }))).into_response()
    }
}

type Reply = Result<Json<Value>, Refusal>;

async fn me(caller: Caller) -> Reply {
    caller.person().map(json::user).map(Json)
}

async fn organizations(State(sentry): State<Sentry>, caller: Caller) -> Reply {
    caller.needs(&["org:read", "org:write", "org:admin"])?;
    let world = sentry.world();
    let here = world.organizations.iter().filter(|o| !o.is_elsewhere);
    let mine = here.filter(|o| world.is_open_to(o, &caller));
    Ok(Json(mine.map(|o| json::organization(o, sentry.base())).collect()))
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    detailed: String,
}

async fn organization(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path(organization): Path<String>,
    Query(Detail { detailed }): Query<Detail>,
) -> Reply {
    caller.needs(&["org:read", "org:write", "org:admin"])?;
    let world = sentry.world();
    let organization = world.organization(&organization, &caller)?;
    let mut answer = json::organization_in_detail(organization, &caller, sentry.base());
    if let (Value::Object(fields), true) = (&mut answer, detailed != "0") {
        fields.insert("projects".to_owned(), json::projects_of_a_large_company());
    }
    Ok(Json(answer))
}

/// The newest first, by version alone: what a client asks here is whether there are any.
async fn releases(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path(organization): Path<String>,
) -> Reply {
    caller.needs(&["project:read", "project:write", "project:admin", "project:releases"])?;
    let world = sentry.world();
    world.organization(&organization, &caller)?;
    let present = RELEASES.iter().rev().filter(|_| world.has_releases);
    Ok(Json(present.map(|version| json!({ "version": version })).collect()))
}

async fn issue(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path((organization, issue)): Path<(String, String)>,
) -> Reply {
    caller.needs(&["event:read", "event:write", "event:admin"])?;
    let world = sentry.world();
    let organization = world.organization(&organization, &caller)?;
    let issue = world.issue(organization, &issue)?;
    Ok(Json(json::issue_in_detail(issue, organization, sentry.base())))
}

async fn update_issue(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path((organization, issue)): Path<(String, String)>,
    body: Bytes,
) -> Reply {
    caller.needs(&["event:write", "event:admin"])?;
    let body = serde_json::from_slice(&body).map_err(|error| {
        Refusal::Invalid(json!({ "detail": format!("JSON parse error - {error}") }))
    })?;
    let now = sentry.now();
    let mut world = sentry.world();
    world.put(&organization, &issue, body, &caller, now)?;
    let organization = world.organization(&organization, &caller)?;
    let issue = world.issue(organization, &issue)?;
    Ok(Json(json::issue(issue, organization, sentry.base())))
}

async fn members(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path((organization, project)): Path<(String, String)>,
) -> Reply {
    caller.needs(&["project:read", "project:write", "project:admin"])?;
    let world = sentry.world();
    let organization = world.organization(&organization, &caller)?;
    team_of(organization.id, &project)?;
    let members = organization.members().map(|account| json::member(account, organization));
    let invited = std::iter::once(json::invited_member());
    Ok(Json(
        members.chain(invited).chain((0..world.crowd).map(json::member_of_the_crowd)).collect(),
    ))
}

async fn teams(
    State(sentry): State<Sentry>,
    caller: Caller,
    Path((organization, project)): Path<(String, String)>,
) -> Reply {
    caller.needs(&["project:read", "project:write", "project:admin"])?;
    let world = sentry.world();
    let organization = world.organization(&organization, &caller)?;
    let team = team_of(organization.id, &project)?;
    let members = organization.members().count();
    let teams = TEAMS.iter().filter(|candidate| candidate.id == team);
    Ok(Json(teams.map(|team| json::team(team, members)).collect()))
}

/// The team with access to a project, given by id or slug.
fn team_of(organization: &str, project: &str) -> Result<&'static str, Refusal> {
    PROJECTS
        .iter()
        .find(|p| p.organization == organization && (p.id == project || p.slug == project))
        .map(|project| project.team)
        .ok_or(Refusal::NotFound)
}

async fn unknown(uri: Uri) -> Response {
    let path = uri.path();
    if path.ends_with('/') {
        return Refusal::NotFound.into_response();
    }
    let info = format!("Route not found, did you forget a trailing slash? try: {path}/");
    (StatusCode::NOT_FOUND, Json(json!({ "info": info }))).into_response()
}
