//! What Slack and Sentry send is understood the same however it is written, and nothing in it that
//! becomes part of an address, a key or a message is wilder than its type says.
#![no_main]

use std::sync::LazyLock;

use fuzz::{assert_tame, verified};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::{
    clock::Timestamp,
    secret::Secret,
    sentry::webhook::{self, News},
    signing::{
        request::{Signed, Verified},
        webhook::{HOOK_SIGNATURE, HookVerifier, sign},
    },
    slack::{
        command, event,
        interaction::{self, Interaction, IssueInteraction},
        response_url::{Hooks, ResponseUrl},
        suggestion,
    },
};
use url::{Url, form_urlencoded};

static HOOKS: LazyLock<Hooks> =
    LazyLock::new(|| Hooks::new(&Url::parse("https://hooks.slack.com").unwrap()));

fuzz_target!(|data: &[u8]| {
    a_form_says_the_same_however_it_is_encoded(data);
    if let Ok(text) = std::str::from_utf8(data) {
        a_payload_says_the_same_however_it_is_printed(text);
        an_event_says_the_same_however_it_is_printed(text);
    }
    a_webhook_says_the_same_however_it_is_printed(data);
});

fn a_form_says_the_same_however_it_is_encoded(body: &[u8]) {
    let once = again(body);
    assert_eq!(again(&once), once);
    let (body, once) = (verified(body), verified(&once));

    let command = command::parse(&body, &HOOKS);
    assert_eq!(command, command::parse(&once, &HOOKS));
    if let Ok(Some(command)) = command {
        assert_tame(command.person.tenant.as_str());
        assert_tame(command.person.user.as_str());
        assert!(!command.trigger_id.is_empty());
        command.response_url.as_ref().inspect(|url| stays_at_slack(url));
    }
    assert_eq!(interaction::parse(&body, &HOOKS), interaction::parse(&once, &HOOKS));
    assert_eq!(suggestion::parse(&body), suggestion::parse(&once));
}

/// A form, decoded and encoded.
fn again(body: &[u8]) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(form_urlencoded::parse(body)).finish().into_bytes()
}

fn a_payload_says_the_same_however_it_is_printed(json: &str) {
    let understood = interaction::parse(&payload(json), &HOOKS);
    let suggestion = suggestion::parse(&payload(json));
    if let Some(printed) = printed(json) {
        let of_printed = interaction::parse(&payload(&printed), &HOOKS);
        assert!(understood.is_err() || of_printed == understood, "{understood:?} {of_printed:?}");
        let of_printed = suggestion::parse(&payload(&printed));
        assert!(suggestion.is_err() || of_printed == suggestion, "{suggestion:?} {of_printed:?}");
    }
    match understood {
        Ok(Interaction::Issue(issue)) => check_issue(&issue),
        Ok(Interaction::Unlink(unlink)) => {
            assert_tame(unlink.person.user.as_str());
            unlink.reply_to.response_url.as_ref().inspect(|url| stays_at_slack(url));
        }
        Ok(Interaction::Link(link)) => assert_tame(link.person.tenant.as_str()),
        Ok(Interaction::Nothing) | Err(_) => (),
    }
    if let Ok(suggestion) = suggestion {
        assert_tame(suggestion.issue.as_str());
        assert_tame(suggestion.person.user.as_str());
    }
}

fn check_issue(issue: &IssueInteraction) {
    for id in [issue.tenant.as_str(), issue.person.tenant.as_str(), issue.person.user.as_str()] {
        assert_tame(id);
    }
    assert!(issue.issue.as_str().parse::<u64>().is_ok(), "{}", issue.issue);
    issue.organization.as_ref().inspect(|id| assert_tame(id.as_str()));
    issue.alert.channel.as_ref().inspect(|id| assert_tame(id.as_str()));
    issue.response_url.as_ref().inspect(|url| stays_at_slack(url));
    assert!(Timestamp::parse_slack(&issue.action_ts).is_some());
}

/// A form with one `payload`, as Slack sends it.
fn payload(json: &str) -> Verified<Signed> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    verified(form.append_pair("payload", json).finish().as_bytes())
}

fn an_event_says_the_same_however_it_is_printed(json: &str) {
    let sentry = Url::parse("https://sentry.example.com").unwrap();
    let understood = event::parse(&verified(json.as_bytes()), &sentry);
    let Some(printed) = printed(json) else { return };
    let of_printed = event::parse(&verified(printed.as_bytes()), &sentry);
    assert!(understood.is_err() || of_printed == understood, "{understood:?} {of_printed:?}");
}

fn a_webhook_says_the_same_however_it_is_printed(body: &[u8]) {
    let understood = hook(body);
    if let Some(printed) = std::str::from_utf8(body).ok().and_then(printed) {
        let of_printed = hook(printed.as_bytes());
        assert!(understood.is_err() || of_printed == understood, "{understood:?} {of_printed:?}");
    }
    let (subject, channels) = match understood {
        Ok(News::Alert { subject, channel, .. }) => (subject, Vec::from_iter(channel)),
        Ok(News::Metric { subject, channels, .. }) => (subject, channels),
        _ => return,
    };
    assert_tame(&subject.to_string());
    channels.iter().for_each(|to| assert_tame(to.channel.as_str()));
}

/// What Sentry's webhook with this body says, by a verified signature.
fn hook(body: &[u8]) -> Result<News, webhook::WebhookError> {
    let secret = Secret::new("fuzz-hook-secret");
    let signature = HeaderValue::from_str(&sign(&secret, body)).unwrap();
    let headers = HeaderMap::from_iter([(HOOK_SIGNATURE, signature)]);
    let verifier = HookVerifier::new(vec![("acme".into(), secret)]);
    webhook::parse(&verifier.verify(&headers, &HOOK_SIGNATURE, body.to_vec()).unwrap())
}

/// The same JSON in another print: keys sorted, no blanks, no needless escapes.
fn printed(json: &str) -> Option<String> {
    serde_json::from_str::<Value>(json).ok().map(|value| value.to_string())
}

fn stays_at_slack(url: &ResponseUrl) {
    let url = HOOKS.check(url).unwrap();
    assert_eq!(
        (url.scheme(), url.host_str(), url.port()),
        ("https", Some("hooks.slack.com"), None)
    );
    assert_eq!((url.username(), url.password()), ("", None));
}
