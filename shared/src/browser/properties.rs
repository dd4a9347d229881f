//! What holds of every cookie, form token and state.

use http::HeaderMap;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn signer() -> Signer {
    Signer::new(vec![Secret::new("a-master-key-of-thirty-two-chars")])
}

/// A request with these cookies, as API Gateway hands them over.
fn request(cookies: Vec<String>) -> Request {
    let mut event = ApiGatewayV2httpRequest::default();
    event.cookies = Some(cookies);
    event.headers = HeaderMap::new();
    Request::from_event(event).unwrap()
}

/// Every text that differs from this one in one bit, or is one character shorter or longer.
fn bent(text: &str) -> impl Iterator<Item = String> {
    let flipped = (0..text.len() * 8).filter_map(move |at| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        String::from_utf8(bytes).ok()
    });
    flipped.chain([text[1..].to_owned(), text[..text.len() - 1].to_owned(), format!("{text}A")])
}

#[test]
fn a_form_s_token_a_bit_off_is_forged_and_so_is_it_in_every_other_browser() {
    let (signer, flow, cookie) = (signer(), FlowId::of_nonce("n"), new_cookie().unwrap());
    let shown = ["U0ALICE001", "101"];
    let token = form_token(&signer, &cookie, &flow, "confirm", &shown).unwrap();
    let judge =
        |cookie: &str, token: &str| check_form(&signer, cookie, &flow, "confirm", &shown, token);

    assert_eq!(judge(&cookie, &token), FormVerdict::Good);
    for token in bent(&token) {
        assert_eq!(judge(&cookie, &token), FormVerdict::Forged, "{token}");
    }
    for cookie in bent(&cookie) {
        assert_eq!(judge(&cookie, &token), FormVerdict::Forged, "{cookie}");
    }
}

#[test]
fn a_state_a_bit_off_is_refused() {
    let (signer, flow) = (signer(), FlowId::of_nonce("n"));
    let state = new_state(&signer, &flow, NOW.plus(LIFE), Provider::Slack, NOW).unwrap();

    assert!(open_state(&signer, &[Provider::Slack], &state, NOW).is_ok());
    for state in bent(&state) {
        assert!(open_state(&signer, &[Provider::Slack], &state, NOW).is_err(), "{state}");
    }
}

#[test]
fn a_state_is_good_where_it_was_sent_and_nowhere_else() {
    let (signer, flow) = (signer(), FlowId::of_nonce("n"));
    let all = [Provider::Slack, Provider::Sentry, Provider::SentryForSetup, Provider::SlackInstall];
    for sent in all {
        let state = new_state(&signer, &flow, NOW.plus(LIFE), sent, NOW).unwrap();
        for back in all {
            let opened = open_state(&signer, &[back], &state, NOW);
            assert_eq!(opened.is_ok(), sent == back, "{sent:?} at {back:?}");
        }
    }
}

proptest! {
    #[test]
    fn a_cookie_that_was_set_comes_back_whatever_stands_around_it(
        value in "[A-Za-z0-9_-]{1,43}",
        others in proptest::collection::vec("[ -:<-~]{0,20}", 0..5),
        at in 0..6_usize,
    ) {
        prop_assume!(!others.iter().any(|other| other.contains("__Host-belay")));
        let header = set_cookie(&value);
        let pair = header.split(';').next().unwrap().to_owned();
        let mut cookies = others;
        cookies.insert(at.min(cookies.len()), pair.clone());
        let once = request(cookies.clone());
        cookies.push(pair);
        let twice = request(cookies);

        prop_assert_eq!(once.cookie(COOKIE), Some(value.as_str()));
        prop_assert_eq!(once.cookie(SETUP_COOKIE), None);
        prop_assert_eq!(twice.cookie(COOKIE), None);
    }
}
