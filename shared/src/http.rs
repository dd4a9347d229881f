//! HTTP as the routes see it: bytes in, an answer out, the same headers on every one of them.
//!
//! API Gateway hands over payload format 2.0, form bodies base64-encoded. The conversion is ours
//! because `lambda_http`'s own panics at a body that is no base64; everything else (the runtime,
//! the event's types) is `lambda_http`'s.

#[cfg(test)]
mod properties;

use std::{convert::Infallible, future::Future};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use lambda_http::{
    Body, LambdaEvent,
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    lambda_runtime, service_fn,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::{
    clock::{Clock, SystemClock},
    error::Error,
    routes,
    telemetry::{self, metrics::TARGET},
    transport::notice_closed_connections,
};

/// Larger bodies are refused unread. A webhook of Sentry's carries the whole event, which may have 1 MB;
/// Slack's payloads stay far below.
const MAX_BODY: usize = 1024 * 1024;

/// A request, as it was received.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path without its trailing slash, percent-encoding untouched.
    pub path: String,
    /// The query, undecoded.
    pub query: String,
    /// The headers; a name may occur more than once.
    pub headers: HeaderMap,
    /// The cookies, `name=value` each.
    pub cookies: Vec<String>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// API Gateway's name for this request: the reference that a person can quote.
    pub id: String,
}

impl Request {
    /// Reads API Gateway's event.
    pub fn from_event(event: ApiGatewayV2httpRequest) -> Result<Self, Error> {
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            BASE64.decode(body).map_err(|_| Error::NotBase64)?
        } else {
            body.into_bytes()
        };
        if body.len() > MAX_BODY {
            return Err(Error::TooLarge);
        }
        let path = event.raw_path.unwrap_or_default();
        Ok(Self {
            method: event.request_context.http.method,
            path: path.strip_suffix('/').unwrap_or(&path).to_owned(),
            query: event.raw_query_string.unwrap_or_default(),
            cookies: cookies(event.cookies, &event.headers),
            headers: event.headers,
            body,
            id: event.request_context.request_id.unwrap_or_default(),
        })
    }

    /// Whether `function` answers this path and method: 404 and 405 if not.
    pub fn route(&self, function: &str) -> Result<(), Error> {
        let here = |route: &&routes::Route| route.function == function && route.matches(&self.path);
        let route = routes::ROUTES.iter().find(here).ok_or(Error::NotFound)?;
        if route.methods.contains(&self.method)
            || (self.method == Method::HEAD && route.methods.contains(&Method::GET))
        {
            Ok(())
        } else {
            Err(Error::MethodNotAllowed(route.methods))
        }
    }

    /// The last segment of the path: the signed parameters.
    pub fn last_segment(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The only value of a query parameter; `None` if it is missing or doubled.
    pub fn query_value(&self, name: &str) -> Option<String> {
        only_value(self.query.as_bytes(), name)
    }

    /// The only value of a form field; `None` if it is missing or doubled.
    pub fn form_value(&self, name: &str) -> Option<String> {
        only_value(&self.body, name)
    }

    /// The only value of a cookie; `None` if it is missing or doubled.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut values = self.cookies.iter().filter_map(|cookie| {
            let (key, value) = cookie.split_once('=')?;
            (key.trim() == name).then_some(value.trim())
        });
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }

    /// Whether the browser says that another site sent this form.
    ///
    /// With `Referrer-Policy: no-referrer` a browser sends `Origin: null` for our own forms (Fetch,
    /// "append a request Origin header"), so `Sec-Fetch-Site` decides where it is sent, and a named
    /// foreign `Origin` where it is not. The cookie and the form token are asked for all the same.
    pub fn is_cross_site(&self, own_origin: &str) -> bool {
        if let Some(site) = self.headers.get("sec-fetch-site") {
            return site != "same-origin";
        }
        let origin = self.headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        origin.is_some_and(|origin| origin != b"null" && origin != own_origin.as_bytes())
    }
}

/// API Gateway moves cookies out of the headers; other gateways leave them there.
fn cookies(cookies: Option<Vec<String>>, headers: &HeaderMap) -> Vec<String> {
    let in_header = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let in_header = in_header.flat_map(|value| value.split(';')).map(|c| c.trim().to_owned());
    cookies.unwrap_or_else(|| in_header.collect())
}

fn only_value(pairs: &[u8], name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(pairs).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers, those of every answer included.
    pub headers: HeaderMap,
    /// Cookies to set.
    pub cookies: Vec<String>,
    /// The body.
    pub body: String,
}

impl Response {
    /// No body. What Slack gets for almost everything.
    pub fn empty(status: StatusCode) -> Self {
        let headers = HeaderMap::from_iter([
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ]);
        Self { status, headers, cookies: Vec::new(), body: String::new() }
    }

    /// A body that a machine reads.
    pub fn json(body: &Value) -> Self {
        Self { body: body.to_string(), ..Self::empty(StatusCode::OK) }
            .with(header::CONTENT_TYPE, "application/json; charset=utf-8")
    }

    /// A page whose one style sheet is `style`: no script, no sub-resource, no frame around it, and
    /// forms go to ourselves only.
    pub fn page(status: StatusCode, html: impl Into<String>, style: &str) -> Self {
        let hash = BASE64.encode(Sha256::digest(style));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        Self { body: html.into(), ..Self::empty(status) }
            .with(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with(header::CONTENT_SECURITY_POLICY, &policy)
            .with(header::X_FRAME_OPTIONS, "DENY")
            .with(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
            .with(HeaderName::from_static("cross-origin-resource-policy"), "same-origin")
            .with(HeaderName::from_static("x-robots-tag"), "noindex, nofollow")
    }

    /// Sends the browser on, by GET.
    pub fn see_other(location: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER).with(header::LOCATION, location)
    }

    /// The same answer with one more header. A value that is no header is left away.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same answer with these cookies to set.
    #[must_use]
    pub fn with_cookies(mut self, cookies: impl IntoIterator<Item = String>) -> Self {
        self.cookies.extend(cookies);
        self
    }

    /// What a caller gets that reads no pages: the status, `Allow` where it belongs, no body.
    pub fn refusal(error: &Error) -> Self {
        Self::empty(error.status()).with_allow(error)
    }

    /// The same for a browser, with a page.
    pub fn refusal_page(error: &Error, html: impl Into<String>, style: &str) -> Self {
        Self::page(error.status(), html, style).with_allow(error)
    }

    /// RFC 9110, 15.5.6: a 405 says which methods there are.
    fn with_allow(self, error: &Error) -> Self {
        match error {
            Error::MethodNotAllowed(methods) => {
                let allow: Vec<&str> = methods.iter().map(Method::as_str).collect();
                self.with(header::ALLOW, &allow.join(", "))
            }
            _ => self,
        }
    }

    /// As API Gateway wants it.
    pub fn into_event(self) -> ApiGatewayV2httpResponse {
        let mut event = ApiGatewayV2httpResponse::default();
        event.status_code = self.status.as_u16().into();
        event.headers = self.headers;
        event.cookies = self.cookies;
        event.body = (!self.body.is_empty()).then_some(Body::Text(self.body));
        event
    }
}

/// Serves a route as a Lambda function: `answer` gets every request that can be read.
pub async fn run<F, A>(function: &'static str, answer: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Request) -> A + Sync,
    A: Future<Output = Response> + Send,
{
    let answer = &answer;
    let serve = move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
        // A route's future holds its whole way; on the heap it is not copied around by the runtime.
        Box::pin(async move { Ok::<_, Infallible>(observe(function, event, answer).await) })
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// One event through a route, with its numbers and the ids of its log lines.
pub async fn observe<F, A>(
    function: &'static str,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
    answer: &F,
) -> ApiGatewayV2httpResponse
where
    F: Fn(Request) -> A,
    A: Future<Output = Response>,
{
    let began = SystemClock.now();
    let request = event.payload.request_context.request_id.clone().unwrap_or_default();
    let span = telemetry::span(function, &request, &event.context.request_id);
    let response = serve(event.payload, answer).instrument(span).await;
    let took = u64::try_from(SystemClock.now().since(began).as_millis()).unwrap_or(u64::MAX);
    let failed = u64::from(response.status_code >= 500);
    tracing::info!(
        target: TARGET,
        Acks = 1_u64,
        AckTime = took,
        Errors = failed,
        Function = function
    );
    response
}

/// One event through a route. The event loop of [`run`], and what tests call.
pub async fn serve<F, A>(event: ApiGatewayV2httpRequest, answer: &F) -> ApiGatewayV2httpResponse
where
    F: Fn(Request) -> A,
    A: Future<Output = Response>,
{
    notice_closed_connections().await;
    let response = match Request::from_event(event) {
        Ok(request) => answer(request).await,
        Err(error) => {
            error.log();
            Response::refusal(&error)
        }
    };
    response.into_event()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(edit: impl FnOnce(&mut Value)) -> ApiGatewayV2httpRequest {
        let mut event = json!({
            "version": "2.0", "routeKey": "POST /action", "rawPath": "/action/", "rawQueryString": "a=1&a=2&b=3",
            "headers": {"content-type": "application/x-www-form-urlencoded", "cookie": "x=1; y=2"},
            "requestContext": {"http": {"method": "POST", "path": "/action"}, "requestId": "r1", "timeEpoch": 1},
            "body": "a=%3D", "isBase64Encoded": false,
        });
        edit(&mut event);
        serde_json::from_value(event).unwrap()
    }

    fn request(edit: impl FnOnce(&mut Value)) -> Request {
        Request::from_event(event(edit)).unwrap()
    }

    #[test]
    fn a_body_arrives_as_its_bytes_however_it_travelled() {
        let bytes = b"text=h\xc3\xa9llo\xff\x00";
        let encoded = BASE64.encode(bytes);

        let request = request(|e| {
            e["body"] = json!(encoded);
            e["isBase64Encoded"] = json!(true);
        });

        assert_eq!(request.body, bytes);
    }

    #[test]
    fn what_is_no_base64_or_too_large_is_refused() {
        let refused = |body: String, base64: bool| {
            Request::from_event(event(|e| {
                e["body"] = json!(body);
                e["isBase64Encoded"] = json!(base64);
            }))
            .map(|_| ())
            .unwrap_err()
            .status()
        };

        assert_eq!(refused("no base64!".into(), true), StatusCode::BAD_REQUEST);
        assert_eq!(refused("YQ".into(), true), StatusCode::BAD_REQUEST);
        assert_eq!(refused("x".repeat(1024 * 1024 + 1), false), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn a_doubled_parameter_or_cookie_is_none() {
        let request = request(|e| e["cookies"] = json!(["c=1", "d=2", "c=3"]));

        assert_eq!(request.query_value("a"), None);
        assert_eq!(request.query_value("b").as_deref(), Some("3"));
        assert_eq!(request.form_value("a").as_deref(), Some("="));
        assert_eq!(request.cookie("c"), None);
        assert_eq!(request.cookie("d"), Some("2"));
    }

    #[test]
    fn cookies_are_found_in_the_header_too() {
        assert_eq!(request(|_| ()).cookie("y"), Some("2"));
    }

    #[test]
    fn a_route_answers_its_methods_and_paths_only() {
        let status = |function: &str, edit: fn(&mut Value)| {
            request(edit).route(function).map_err(|error| error.status().as_u16())
        };

        assert_eq!(status("action", |_| ()), Ok(()));
        assert_eq!(status("perform", |_| ()), Err(404));
        assert_eq!(status("action", |e| e["rawPath"] = json!("/action/x")), Err(404));
        let get = |e: &mut Value| e["requestContext"]["http"]["method"] = json!("GET");
        assert_eq!(status("action", get), Err(405));
        assert_eq!(
            Response::refusal(&request(get).route("action").unwrap_err()).headers["allow"],
            "POST"
        );
    }

    #[test]
    fn a_foreign_site_is_noticed_and_our_own_null_origin_is_not() {
        let cross = |name: &str, value: &str| {
            request(|e| e["headers"][name] = json!(value)).is_cross_site("https://b.example")
        };

        assert!(cross("sec-fetch-site", "cross-site"));
        assert!(cross("sec-fetch-site", "same-site"));
        assert!(cross("origin", "https://evil.example"));
        assert!(!cross("origin", "null"));
        assert!(!cross("origin", "https://b.example"));
        assert!(!cross("sec-fetch-site", "same-origin"));
    }

    #[test]
    fn every_answer_is_uncacheable_and_pages_cannot_be_framed() {
        let page = Response::page(StatusCode::OK, "<p>", "p{}");

        for response in [&page, &Response::empty(StatusCode::OK), &Response::json(&json!({}))] {
            assert_eq!(response.headers["cache-control"], "no-store");
            assert_eq!(response.headers["referrer-policy"], "no-referrer");
        }
        assert_eq!(page.headers["x-frame-options"], "DENY");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    }
}
