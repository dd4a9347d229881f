//! An HTTP request as a function sees it: payload format 2.0 of API Gateway's HTTP APIs.
//!
//! ```json
//! {"version":"2.0","routeKey":"POST /action","rawPath":"/action","rawQueryString":"","headers":{…},
//!  "requestContext":{"http":{"method":"POST","path":"/action",…},"stage":"$default",…},
//!  "body":"cGF5bG9hZD0…","isBase64Encoded":true}
//! ```
//!
//! Header names are lower-case, repeated headers are joined by commas, cookies have their own list,
//! and a field without content is left out (AWS: "Create AWS Lambda proxy integrations for HTTP
//! APIs").

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use shared::clock::Timestamp;
use url::form_urlencoded;

use super::routing::Found;

/// Everything here comes from this machine.
const SOURCE_IP: &str = "127.0.0.1";

/// The event of one request. `id` names the request in answers and logs.
pub(super) fn build(
    request: &Parts,
    found: &Found<'_>,
    body: &[u8],
    id: &str,
    now: Timestamp,
) -> Value {
    let method = request.method.as_str();
    let path = request.uri.path();
    let query = request.uri.query().unwrap_or_default();
    let slash = if found.trailing_slash { "/" } else { "" };
    let route_key = format!("{method} {}{slash}", found.route.path);
    let text_of = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let domain = text_of(header::HOST).unwrap_or_default();

    let mut event = Map::new();
    event.insert("version".to_owned(), "2.0".into());
    event.insert("routeKey".to_owned(), route_key.as_str().into());
    event.insert("rawPath".to_owned(), path.into());
    event.insert("rawQueryString".to_owned(), query.into());
    insert_if_any(&mut event, "cookies", cookies(&request.headers));
    event.insert("headers".to_owned(), json!(headers(&request.headers)));
    insert_if_any(&mut event, "queryStringParameters", json!(query_parameters(query)));
    insert_if_any(&mut event, "pathParameters", json!(found.parameters));
    event.insert(
        "requestContext".to_owned(),
        json!({
            "accountId": crate::ACCOUNT,
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": "local",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": SOURCE_IP,
                "userAgent": text_of(header::USER_AGENT).unwrap_or_default(),
            },
            "requestId": id,
            "routeKey": route_key,
            "stage": "$default",
            "timeEpoch": now.millis(),
        }),
    );
    let encoded = insert_body(&mut event, text_of(header::CONTENT_TYPE), body);
    event.insert("isBase64Encoded".to_owned(), encoded.into());
    Value::Object(event)
}

fn insert_if_any(event: &mut Map<String, Value>, name: &str, value: Value) {
    let empty = match &value {
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    if !empty {
        event.insert(name.to_owned(), value);
    }
}

fn cookies(headers: &HeaderMap) -> Value {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

fn headers(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let mut joined = BTreeMap::new();
    for (name, value) in headers {
        if name != header::COOKIE {
            append(&mut joined, name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
    }
    // A sender cannot choose the last address: the gateway puts it there.
    append(&mut joined, "x-forwarded-for", SOURCE_IP);
    joined.insert("x-forwarded-proto", "http".to_owned());
    joined
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        append(&mut joined, name.into_owned(), &value);
    }
    joined
}

fn append<K: Ord>(joined: &mut BTreeMap<K, String>, name: K, value: &str) {
    joined
        .entry(name)
        .and_modify(|values| {
            values.push(',');
            values.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}

/// Puts the body into the event, if there is one; true if it had to be encoded.
fn insert_body(event: &mut Map<String, Value>, content_type: Option<&str>, body: &[u8]) -> bool {
    if body.is_empty() {
        return false;
    }
    let text = str::from_utf8(body).ok().filter(|_| is_text(content_type));
    let value = text.map_or_else(|| STANDARD.encode(body), str::to_owned);
    event.insert("body".to_owned(), value.into());
    text.is_none()
}

/// API Gateway hands these over as they are and encodes everything else, forms included.
fn is_text(content_type: Option<&str>) -> bool {
    let kind = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let names = ["application/json", "application/xml", "application/javascript"];
    kind.starts_with("text/") || names.contains(&kind.as_str())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::{super::routing, *};

    fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let found = routing::find(parts.uri.path()).unwrap();
        build(&parts, &found, body, "some-id", Timestamp::from_secs(1_700_000_000))
    }

    #[test]
    fn a_form_arrives_base64_encoded() {
        let request = Request::post("/action")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-signature", "v0=abc");

        let event = event(request, b"payload=%7B%7D");

        assert_eq!(event["routeKey"], "POST /action");
        assert_eq!(event["body"], STANDARD.encode("payload=%7B%7D"));
        assert_eq!(event["isBase64Encoded"], true);
        assert_eq!(event["headers"]["x-slack-signature"], "v0=abc");
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["requestContext"]["timeEpoch"], 1_700_000_000_000_i64);
    }

    #[test]
    fn json_arrives_as_it_is_unless_it_is_no_text_at_all() {
        let json =
            || Request::post("/action").header("content-type", "application/json; charset=x");

        let plain = event(json(), b"{}");
        let broken = event(json(), &[0xff]);

        assert_eq!((&plain["body"], &plain["isBase64Encoded"]), (&json!("{}"), &json!(false)));
        assert_eq!((&broken["body"], &broken["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
    }

    #[test]
    fn a_body_of_no_type_is_encoded() {
        assert_eq!(event(Request::post("/action"), b"x")["isBase64Encoded"], true);
    }

    #[test]
    fn the_path_parameter_and_the_query_are_taken_apart() {
        let request = Request::get("/link-identity/v1.a/?code=a%20b&code=c&state=");

        let event = event(request, b"");

        assert_eq!(event["routeKey"], "GET /link-identity/{signed_params}/");
        assert_eq!(event["rawPath"], "/link-identity/v1.a/");
        assert_eq!(event["pathParameters"], json!({"signed_params": "v1.a"}));
        assert_eq!(event["rawQueryString"], "code=a%20b&code=c&state=");
        assert_eq!(event["queryStringParameters"], json!({"code": "a b,c", "state": ""}));
    }

    #[test]
    fn cookies_have_their_own_list_and_headers_are_joined() {
        let request = Request::get("/action")
            .header("cookie", "a=1; b=2")
            .header("cookie", "c=3")
            .header("x-forwarded-for", "203.0.113.9");

        let event = event(request, b"");

        assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["headers"]["x-forwarded-for"], "203.0.113.9,127.0.0.1");
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let event = event(Request::get("/action"), b"");

        for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
            assert_eq!(event.get(name), None, "{name}");
        }
    }
}
