//! A browser has the name that we gave it or none, and its form and its state are good for it alone.
#![no_main]

use fuzz::{NOW, SIGNER, edited, texts};
use http::{HeaderMap, HeaderValue, Method, header};
use libfuzzer_sys::fuzz_target;
use shared::{
    browser::{
        COOKIE, FormVerdict, Provider, SETUP_COOKIE, check_form, form_token, new_state, open_state,
        set_cookie,
    },
    flow::FlowId,
    http::Request,
};

fuzz_target!(|data: &[u8]| {
    let cookies: Vec<String> = texts(data).take(8).collect();
    it_is_found_once_or_not_at_all(&cookies);
    in_a_header_it_is_the_same(&cookies);
    if let Some(value) = cookies.first() {
        what_is_set_comes_back(value);
    }
    if let Some((which, script)) = data.split_first() {
        bent_it_is_nobody_s(*which, script);
    }
});

fn it_is_found_once_or_not_at_all(cookies: &[String]) {
    let request = request(Some(cookies.to_vec()), HeaderMap::new());
    for name in [COOKIE, SETUP_COOKIE] {
        let named =
            |cookie: &&String| cookie.find('=').is_some_and(|end| cookie[..end].trim() == name);
        let mut values = cookies.iter().filter(named);
        let only = match (values.next(), values.next()) {
            (Some(cookie), None) => Some(cookie[cookie.find('=').unwrap() + 1..].trim()),
            _ => None,
        };
        assert_eq!(request.cookie(name), only);
    }
}

fn in_a_header_it_is_the_same(cookies: &[String]) {
    let plain = |c: &String| c.bytes().all(|b| b.is_ascii_graphic() && b != b';') && !c.is_empty();
    if cookies.is_empty() || !cookies.iter().all(plain) {
        return;
    }
    let joined = HeaderValue::from_str(&cookies.join("; ")).unwrap();
    let in_header = request(None, HeaderMap::from_iter([(header::COOKIE, joined)]));
    let moved_out = request(Some(cookies.to_vec()), HeaderMap::new());
    for name in [COOKIE, SETUP_COOKIE] {
        assert_eq!(in_header.cookie(name), moved_out.cookie(name));
    }
}

fn what_is_set_comes_back(value: &str) {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_graphic() && b != b';') {
        return;
    }
    let header = set_cookie(value);
    let (pair, attributes) = header.split_once(';').unwrap();
    let back = request(Some(vec![pair.to_owned()]), HeaderMap::new());

    assert_eq!(back.cookie(COOKIE), Some(value));
    assert_eq!(attributes, " Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Lax");
}

/// One of a form's token, its cookie and its step is bent, or the state of a sign-in.
fn bent_it_is_nobody_s(which: u8, script: &[u8]) {
    let (cookie, step, shown) = ("a-browser-s-name", "confirm", ["101", "U0ALICE001"]);
    let flow = FlowId::of_nonce("nonce");
    let token = form_token(&SIGNER, cookie, &flow, step, &shown).unwrap();
    let bent = |genuine: &str, with: u8| {
        if which % 4 == with { edited(genuine, script) } else { genuine.to_owned() }
    };

    let (its_token, its_cookie, its_step) = (bent(&token, 0), bent(cookie, 1), bent(step, 2));
    let verdict = check_form(&SIGNER, &its_cookie, &flow, &its_step, &shown, &its_token);
    let genuine = (its_token == token, its_cookie == cookie, its_step == step);
    let expected =
        if genuine == (true, true, true) { FormVerdict::Good } else { FormVerdict::Forged };
    assert_eq!(verdict, expected, "{its_token} {its_cookie} {its_step}");

    let state =
        new_state(&SIGNER, &flow, NOW.plus(shared::signing::link::LIFE), Provider::Slack, NOW);
    let state = state.unwrap();
    let its_state = bent(&state, 3);
    let opened = open_state(&SIGNER, &[Provider::Slack], &its_state, NOW);
    assert_eq!(opened.is_ok(), its_state == state, "{its_state}");
    assert!(open_state(&SIGNER, &[Provider::Sentry], &its_state, NOW).is_err());
}

/// As API Gateway delivers it, or a gateway that leaves cookies where they were.
fn request(cookies: Option<Vec<String>>, headers: HeaderMap) -> Request {
    let mut event = lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest::default();
    event.request_context.http.method = Method::GET;
    event.cookies = cookies;
    event.headers = headers;
    Request::from_event(event).unwrap()
}
