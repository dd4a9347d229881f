//! What verifies was signed with our secret, at a time that is near, and arrives as it was sent.
#![no_main]

use base64::{Engine, engine::general_purpose::STANDARD};
use fuzz::{NOW, SIGNING_SECRET, VERIFIER, edited, headers};
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use libfuzzer_sys::fuzz_target;
use shared::{
    http::Request,
    secret::Secret,
    signing::request::{SIGNATURE, TIMESTAMP, TOLERANCE, sign},
};

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = serde_json::from_slice::<ApiGatewayV2httpRequest>(data) {
        a_request_is_what_its_signature_says(event);
    }
    let (script, body) = data.split_at(data.len().min(13));
    a_body_arrives_as_it_was_sent(body);
    if let Some((which, script)) = script.split_first() {
        a_bent_header_proves_nothing(*which, script, body);
    }
});

/// Any event that a gateway could hand over.
fn a_request_is_what_its_signature_says(event: ApiGatewayV2httpRequest) {
    let sent = event.body.clone().unwrap_or_default();
    let is_base64 = event.is_base64_encoded;
    let Ok(request) = Request::from_event(event) else { return };
    if is_base64 {
        assert_eq!(STANDARD.encode(&request.body), sent, "two texts for the same bytes");
    } else {
        assert_eq!(request.body, sent.as_bytes());
    }
    assert!(!request.last_segment().contains('/'));
    check(&request.headers, &request.body);
}

fn a_body_arrives_as_it_was_sent(body: &[u8]) {
    let mut event = ApiGatewayV2httpRequest::default();
    event.headers = headers(body);
    event.body = Some(STANDARD.encode(body));
    event.is_base64_encoded = true;

    let request = Request::from_event(event).unwrap();
    let verified = VERIFIER.verify(&request.headers, request.body.clone(), NOW);

    assert_eq!(verified.unwrap().get().body, body);
}

fn a_bent_header_proves_nothing(which: u8, script: &[u8], body: &[u8]) {
    let name = if which.is_multiple_of(2) { SIGNATURE } else { TIMESTAMP };
    let mut headers = headers(body);
    let genuine = headers[&name].to_str().unwrap().to_owned();
    let Ok(bent) = HeaderValue::from_str(&edited(&genuine, script)) else { return };
    let unchanged = bent == genuine;
    if which & 2 == 0 {
        headers.insert(&name, bent);
        assert_eq!(check(&headers, body), unchanged);
    } else {
        headers.append(&name, bent);
        assert!(!check(&headers, body), "a doubled header");
    }
}

/// Whether it verifies; and if so, whether that is right.
fn check(headers: &HeaderMap, body: &[u8]) -> bool {
    let Ok(verified) = VERIFIER.verify(headers, body.to_vec(), NOW) else { return false };
    assert_eq!(verified.get().body, body);
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().unwrap().to_str().unwrap();
        assert!(values.next().is_none(), "a doubled header");
        value
    };
    let sent: i64 = only(TIMESTAMP).parse().unwrap();
    assert!(NOW.secs().abs_diff(sent) <= TOLERANCE.as_secs());
    assert_eq!(only(SIGNATURE), sign(&Secret::new(SIGNING_SECRET), sent, body));
    true
}
