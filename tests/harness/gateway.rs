//! API Gateway: events in, answers out, payload format 2.0.

use aws_lambda_events::{apigw::ApiGatewayV2httpRequest, encodings::Body};
use local::{
    sentry::{SelectRequest, SignedHook},
    slack::SignedRequest,
};
use serde_json::{Value, json};
use shared::http::serve;

use super::{
    Store, World,
    evidence::{self, Kind},
};

/// An answer, as API Gateway gets it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

impl<S: Store> World<S> {
    /// Sentry sends this webhook.
    pub(crate) async fn hook(&self, hook: &SignedHook) -> Answer {
        self.dispatch(&hook_event(hook)).await
    }

    /// API Gateway hands this event to the function of its path.
    pub(crate) async fn dispatch(&self, event: &Value) -> Answer {
        let path = event["rawPath"].as_str().unwrap_or_default().to_owned();
        let request: ApiGatewayV2httpRequest = serde_json::from_value(event.clone()).unwrap();
        let response = match path.split('/').nth(1) {
            Some("command") => serve(request, &|r| Box::pin(self.command.handle(r))).await,
            Some("event") => serve(request, &|r| Box::pin(self.event.handle(r))).await,
            Some("install") => serve(request, &|r| Box::pin(self.install.handle(r))).await,
            Some("alert") => serve(request, &|r| Box::pin(self.alert.handle(r))).await,
            Some("health") => serve(request, &|r| Box::pin(self.health.handle(r))).await,
            Some("link-identity") => {
                serve(request, &|r| Box::pin(self.link_identity.handle(r))).await
            }
            Some("unlink-identity") => {
                serve(request, &|r| Box::pin(self.unlink_identity.handle(r))).await
            }
            Some("options") => serve(request, &|r| Box::pin(self.options.handle(r))).await,
            Some("sign-in") => serve(request, &|r| Box::pin(self.sign_in.handle(r))).await,
            _ => serve(request, &|r| Box::pin(self.action.handle(r))).await,
        };
        let answer = Answer {
            status: u16::try_from(response.status_code).unwrap(),
            headers: response.headers,
            cookies: response.cookies,
            body: match response.body {
                Some(Body::Text(text)) => text,
                None => String::new(),
                other => panic!("{other:?}"),
            },
        };
        evidence::keep(Kind::Answer, || format!("{answer:?}"));
        answer
    }
}

/// API Gateway's event of a click that Slack sends.
pub(crate) fn event_of(request: &SignedRequest) -> Value {
    event_to("/action", request)
}

/// API Gateway's event of a webhook.
pub(crate) fn hook_event(hook: &SignedHook) -> Value {
    let headers = hook.headers().into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
    let headers: serde_json::Map<String, Value> = headers.collect();
    event("POST", "/alert", &json!(headers), std::str::from_utf8(&hook.body).unwrap())
}

/// API Gateway's event of somebody who chooses a channel in the form of a rule.
pub(crate) fn select_event(asked: &SelectRequest) -> Value {
    let headers = asked.headers().into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
    let headers: serde_json::Map<String, Value> = headers.collect();
    event("GET", &format!("/alert/channels?{}", asked.query), &json!(headers), "")
}

/// API Gateway's event of a request that Slack sends to this path.
pub(crate) fn event_to(path: &str, request: &SignedRequest) -> Value {
    let headers: serde_json::Map<String, Value> = request
        .headers()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let body = String::from_utf8(request.body.clone()).unwrap();
    event("POST", path, &json!(headers), &body)
}

/// An event of API Gateway, payload 2.0.
pub(crate) fn event(method: &str, path: &str, headers: &Value, body: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "requestId": "request-1",
            "timeEpoch": 0,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
        },
        "body": body,
        "isBase64Encoded": false,
    })
}
