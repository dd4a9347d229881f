//! What holds of every form and query.

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 4] = ["step", "token", "sure", "Step"];

fn pairs() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    // Text of every alphabet, and what has a meaning of its own in a form.
    let value = prop_oneof![any::<String>(), "[&=+%;\r\n \u{0}]{0,8}"];
    prop::collection::vec((prop::sample::select(&NAMES[..]), value), 0..6)
}

fn request(body: &str, in_base64: bool) -> Request {
    let mut event = ApiGatewayV2httpRequest::default();
    event.body = Some(if in_base64 { BASE64.encode(body) } else { body.to_owned() });
    event.is_base64_encoded = in_base64;
    event.raw_query_string = Some(body.to_owned());
    Request::from_event(event).unwrap()
}

proptest! {
    #[test]
    fn a_field_has_the_value_that_was_sent_if_it_was_sent_once(pairs in pairs(), in_base64: bool) {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();

        let request = request(&form, in_base64);

        for name in NAMES {
            let sent: Vec<_> = pairs.iter().filter(|(key, _)| *key == name).collect();
            let only = if let [(_, value)] = sent[..] { Some(value.clone()) } else { None };
            prop_assert_eq!(request.form_value(name), only.clone());
            prop_assert_eq!(request.query_value(name), only);
        }
    }

    #[test]
    fn bytes_that_are_no_form_are_read_all_the_same(bytes: Vec<u8>) {
        let mut event = ApiGatewayV2httpRequest::default();
        event.body = Some(BASE64.encode(&bytes));
        event.is_base64_encoded = true;

        let request = Request::from_event(event).unwrap();

        prop_assert_eq!(&request.body, &bytes);
        for name in NAMES {
            // Whatever is found was written there, once and in so many words.
            let found = request.form_value(name).is_some();
            let written = bytes.split(|byte| *byte == b'&').any(|pair| pair.starts_with(name.as_bytes()));
            prop_assert!(!found || written || bytes.contains(&b'%'));
        }
    }

    #[test]
    fn a_body_that_is_no_base64_is_refused(text in "[^A-Za-z0-9+/=]{1,20}") {
        let mut event = ApiGatewayV2httpRequest::default();
        event.body = Some(text);
        event.is_base64_encoded = true;

        prop_assert!(matches!(Request::from_event(event), Err(Error::NotBase64)));
    }
}
