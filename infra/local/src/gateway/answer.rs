//! A function's result as an HTTP response.
//!
//! `{"statusCode":200,"headers":{…},"cookies":[…],"body":"…","isBase64Encoded":false}`. A result
//! without a status code is the body itself, as JSON (payload format 2.0). A result that makes no
//! response is a 500, and the function's words stay inside.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// The response that `result` stands for; `None` if it stands for none.
pub(super) fn build(result: &Value) -> Option<Response<Body>> {
    let Some(fields) = result.as_object().filter(|fields| fields.contains_key("statusCode")) else {
        return Response::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(result.to_string()))
            .ok();
    };
    let status = u16::try_from(fields.get("statusCode")?.as_u64()?).ok()?;
    let mut response = Response::new(Body::from(body(fields)?));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in headers(fields)? {
        response.headers_mut().append(name, value);
    }
    Some(response)
}

/// What API Gateway itself says: `{"message":"Not Found"}`.
pub(super) fn message(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(json!({"message": message}).to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn body(fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = match fields.get("body") {
        None | Some(Value::Null) => "",
        Some(body) => body.as_str()?,
    };
    if fields.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or(false) {
        STANDARD.decode(text).ok()
    } else {
        Some(text.as_bytes().to_vec())
    }
}

fn headers(fields: &Map<String, Value>) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let mut headers = Vec::new();
    for source in ["headers", "multiValueHeaders"] {
        for (name, values) in fields.get(source).and_then(Value::as_object).into_iter().flatten() {
            for value in listed(values) {
                headers.push((name.parse().ok()?, header_value(value)?));
            }
        }
    }
    for cookie in fields.get("cookies").map(listed).unwrap_or_default() {
        headers.push((header::SET_COOKIE, header_value(cookie)?));
    }
    // The connection's own headers are the gateway's business.
    headers.retain(|(name, _)| {
        ![header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name)
    });
    Some(headers)
}

fn listed(values: &Value) -> &[Value] {
    match values {
        Value::Null => &[],
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

fn header_value(value: &Value) -> Option<HeaderValue> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body_of(result: &Value) -> Vec<u8> {
        body(result.as_object().unwrap()).unwrap()
    }

    #[test]
    fn status_headers_and_cookies_are_the_functions() {
        let result = json!({
            "statusCode": 303,
            "headers": {"location": "/next", "content-length": "7"},
            "multiValueHeaders": {"x-one": ["a", "b"]},
            "cookies": ["a=1; Secure", "b=2"],
        });

        let response = build(&result).unwrap();

        let all = |name: &str| response.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(all("location"), ["/next"]);
        assert_eq!(all("x-one"), ["a", "b"]);
        assert_eq!(all("set-cookie"), ["a=1; Secure", "b=2"]);
        assert!(all("content-length").is_empty());
    }

    #[test]
    fn an_encoded_body_is_decoded() {
        assert_eq!(body_of(&json!({"body": "aGk=", "isBase64Encoded": true})), b"hi");
        assert_eq!(body_of(&json!({"body": "aGk=", "isBase64Encoded": false})), b"aGk=");
        assert_eq!(body_of(&json!({"body": null})), b"");
    }

    #[test]
    fn a_result_without_a_status_is_the_body_itself() {
        let response = build(&json!({"ok": true})).unwrap();

        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
    }

    #[test]
    fn what_makes_no_response_is_refused() {
        for result in [
            json!({"statusCode": "200"}),
            json!({"statusCode": 99}),
            json!({"statusCode": 200, "body": {}}),
            json!({"statusCode": 200, "body": "!", "isBase64Encoded": true}),
            json!({"statusCode": 200, "headers": {"x": "a\nb"}}),
        ] {
            assert!(build(&result).is_none(), "{result}");
        }
    }
}
