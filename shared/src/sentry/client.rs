//! The calls to Sentry's API, with the person's own token. An issue can be read with any other that
//! may; nothing can be changed with one.
//!
//! Only the single-issue form is used: the bulk form answers 204 for issues out of reach, and
//! without ids it changes everything that matches. The 200 of the PUT is the whole issue, so it is
//! not read again. Nothing is repeated here: a job repeats, and looks first.
//!
//! Source: docs.sentry.io/api/ and getsentry/sentry-api-schema. `detail` may be text or an object
//! `{code, message}`; validation errors are field-keyed and nested.

use std::time::Duration;

use aws_smithy_types::date_time::{DateTime, Format};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use url::Url;

use super::{issue::Issue, oauth::UserToken};
use crate::{
    change::Change, identity::Organization, ids::IssueId, secret::Secret, transport::capped_body,
};

/// How long Sentry may take for one call.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// More than any answer we read: the members of a project may be thousands, at 1 KB each.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// Why a call to Sentry failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SentryError {
    /// 401: the token is dead.
    #[error("Sentry does not accept the token")]
    Unauthorized,
    /// 401 with `sso-required`: the organization wants its single sign-on first.
    #[error("Sentry asks for single sign-on")]
    SsoRequired,
    /// 403: not a member, or without the right.
    #[error("Sentry forbids it")]
    Forbidden,
    /// 403 or 401 with `member-disabled-over-limit`: no seat.
    #[error("Sentry has disabled the membership")]
    NoSeat,
    /// 404: no such thing in this organization.
    #[error("Sentry has no such thing")]
    NotFound,
    /// Any other 4xx, with the first message that the answer holds.
    #[error("Sentry refused the request")]
    Refused {
        /// What Sentry said, for the person; not for a log.
        reason: Option<String>,
    },
    /// 429.
    #[error("Sentry asks to wait")]
    RateLimited {
        /// How long.
        retry_after: Duration,
    },
    /// No connection, or 503: nothing was done.
    #[error("Sentry cannot be reached")]
    Unreachable,
    /// Any other 5xx, no answer in time, no JSON: it may have been done nevertheless.
    #[error("Sentry is unavailable")]
    Unavailable,
}

/// Sentry, as the bundle calls it.
#[derive(Debug, Clone)]
pub struct SentryClient {
    http: Client,
    base: Url,
    extra_headers: header::HeaderMap,
}

impl SentryClient {
    /// `base` is where Sentry is (`https://sentry.io`, or its `system.url-prefix`);
    /// `extra_headers` go with every request, for an identity-aware proxy in front of it.
    pub fn new(http: Client, base: Url, extra_headers: header::HeaderMap) -> Self {
        Self { http, base, extra_headers }
    }

    /// Whether the token's owner is a member of the organization.
    pub async fn is_member(
        &self,
        token: &UserToken,
        organization: &Organization,
    ) -> Result<bool, SentryError> {
        let url = self.organization_url(&organization.slug);
        match self.send(self.request(Method::GET, url, token)).await {
            Ok(_) => Ok(true),
            Err(SentryError::Forbidden | SentryError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The issue as it is now, with what was done to it, as far as the token may see it.
    pub async fn issue(
        &self,
        token: &Secret,
        organization: &Organization,
        issue: &IssueId,
    ) -> Result<Issue, SentryError> {
        let mut url = self.issue_url(organization, issue);
        url.set_query(Some("collapse=stats&collapse=tags&collapse=release"));
        parse(&self.send(self.request(Method::GET, url, token)).await?)
    }

    /// Changes the issue as the token's owner.
    pub async fn change(
        &self,
        token: &UserToken,
        organization: &Organization,
        issue: &IssueId,
        change: &Change,
    ) -> Result<Issue, SentryError> {
        let request = self
            .request(Method::PUT, self.issue_url(organization, issue), token)
            .header(header::CONTENT_TYPE, "application/json")
            .body(change.api_body().to_string());
        parse(&self.send(request).await?)
    }

    /// Whether the project has any release: without one, "in the next release" means nothing.
    pub async fn has_releases(
        &self,
        token: &UserToken,
        organization: &Organization,
        project: &str,
    ) -> Result<bool, SentryError> {
        let mut url = self.at(&["api", "0", "organizations", &organization.slug, "releases"]);
        url.query_pairs_mut().append_pair("project", project).append_pair("per_page", "1");
        let releases = self.send(self.request(Method::GET, url, token)).await?;
        Ok(releases.as_array().is_some_and(|releases| !releases.is_empty()))
    }

    pub(super) fn request(&self, method: Method, url: Url, token: &Secret) -> RequestBuilder {
        self.plain(method, url).bearer_auth(token.expose())
    }

    pub(super) fn plain(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .headers(self.extra_headers.clone())
            .header(header::ACCEPT, "application/json")
            .timeout(PATIENCE)
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Value, SentryError> {
        let response = request.send().await.map_err(|error| {
            if error.is_connect() { SentryError::Unreachable } else { SentryError::Unavailable }
        })?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = capped_body(response, MAX_ANSWER).await.ok_or(SentryError::Unavailable)?;
        // A proxy or a maintenance page answers HTML, with a 200 too.
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        match json {
            Some(json) if status.is_success() => Ok(json),
            json => Err(failure(status, retry_after, json.as_ref())),
        }
    }

    /// A URL with Sentry's trailing slash; without it Django redirects.
    pub(super) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments).push("");
        }
        url
    }

    /// Without its projects and teams, of which a company may have megabytes; the caller's role stays.
    pub(super) fn organization_url(&self, slug: &str) -> Url {
        let mut url = self.at(&["api", "0", "organizations", slug]);
        url.set_query(Some("detailed=0"));
        url
    }

    fn issue_url(&self, organization: &Organization, issue: &IssueId) -> Url {
        self.at(&["api", "0", "organizations", &organization.slug, "issues", issue.as_str()])
    }
}

fn parse(json: &Value) -> Result<Issue, SentryError> {
    serde::Deserialize::deserialize(json).map_err(|_| SentryError::Unavailable)
}

fn failure(status: StatusCode, retry_after: Duration, json: Option<&Value>) -> SentryError {
    match (status.as_u16(), detail_code(json)) {
        (401 | 403, Some("sso-required")) => SentryError::SsoRequired,
        (401 | 403, Some("member-disabled-over-limit")) => SentryError::NoSeat,
        (401, _) => SentryError::Unauthorized,
        (403, _) => SentryError::Forbidden,
        (404, _) => SentryError::NotFound,
        (429, _) => SentryError::RateLimited { retry_after },
        // 409 is a collision with another change: nothing was done. 408 may have been.
        (409 | 503, _) => SentryError::Unreachable,
        (408, _) => SentryError::Unavailable,
        (400..=499, _) => SentryError::Refused { reason: json.and_then(first_leaf) },
        _ => SentryError::Unavailable,
    }
}

fn detail_code(json: Option<&Value>) -> Option<&str> {
    json?.pointer("/detail/code")?.as_str()
}

/// `Retry-After` (RFC 9110, 10.2.3), in seconds or as a date, which is read against the answer's own
/// `Date`. Sentry itself sends none.
fn retry_after(response: &Response) -> Duration {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = |text| DateTime::from_str(text, Format::HttpDate).ok().map(|date| date.secs());
    let Some(wait) = header(header::RETRY_AFTER) else { return Duration::ZERO };
    let seconds = wait.parse().ok().or_else(|| Some(date(wait)? - date(header(header::DATE)?)?));
    Duration::from_secs(seconds.and_then(|seconds: i64| u64::try_from(seconds).ok()).unwrap_or(0))
}

/// The first text in a nested answer such as `{"statusDetails":{"inNextRelease":["No release…"]}}`.
fn first_leaf(json: &Value) -> Option<String> {
    match json {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(first_leaf),
        Value::Object(fields) => fields
            .get("message")
            .and_then(first_leaf)
            .or_else(|| fields.values().find_map(first_leaf)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(status: u16, body: &Value) -> SentryError {
        failure(StatusCode::from_u16(status).unwrap(), Duration::ZERO, Some(body))
    }

    #[test]
    fn each_refusal_is_told_apart() {
        let code = |code| json!({"detail": {"code": code, "message": "…", "extra": {}}});

        assert_eq!(failed(401, &json!({"detail": "Invalid token"})), SentryError::Unauthorized);
        assert_eq!(failed(401, &code("sso-required")), SentryError::SsoRequired);
        assert_eq!(failed(403, &code("member-disabled-over-limit")), SentryError::NoSeat);
        assert_eq!(failed(403, &json!({"detail": "No."})), SentryError::Forbidden);
        assert_eq!(failed(404, &json!({})), SentryError::NotFound);
        assert_eq!(failed(502, &json!({})), SentryError::Unavailable);
        assert_eq!(failed(503, &json!({})), SentryError::Unreachable);
    }

    #[test]
    fn a_validation_error_gives_its_first_message() {
        let nested = json!({"statusDetails": {"inNextRelease": ["No release data present"]}});
        let reason = |body| match failed(400, &body) {
            SentryError::Refused { reason } => reason,
            other => panic!("{other:?}"),
        };

        assert_eq!(reason(nested).as_deref(), Some("No release data present"));
        assert_eq!(reason(json!({"detail": "Bad"})).as_deref(), Some("Bad"));
        assert_eq!(reason(json!({"a": [], "b": null})), None);
    }

    #[test]
    fn urls_keep_a_prefix_and_end_with_a_slash() {
        let at = |base| {
            let client = SentryClient {
                http: crate::transport::client(None).unwrap(),
                base: Url::parse(base).unwrap(),
                extra_headers: header::HeaderMap::new(),
            };
            client.at(&["api", "0", "organizations", "a/../b"]).to_string()
        };

        assert_eq!(at("https://sentry.io"), "https://sentry.io/api/0/organizations/a%2F..%2Fb/");
        assert_eq!(
            at("https://x.example/s/"),
            "https://x.example/s/api/0/organizations/a%2F..%2Fb/"
        );
    }
}
