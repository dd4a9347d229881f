//! Settings, good and bad.

use std::net::TcpListener;

use super::*;
use crate::signing::webhook::{HOOK_SIGNATURE, sign};

async fn settings(variables: &[(&str, &str)]) -> Settings {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Settings::from_variables(variables, Pace::Work).await.unwrap()
}

fn said<T>(result: Result<T, ConfigError>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn what_is_missing_blank_or_short_is_named_and_not_shown() {
    let none = settings(&[]).await;
    let blank = settings(&[("SLACK_SIGNING_SECRET", "  ")]).await;
    let short = settings(&[("SLACK_SIGNING_SECRET", "hunter2")]).await;

    assert_eq!(said(none.request_verifier()), "setting SLACK_SIGNING_SECRET is missing");
    assert_eq!(said(blank.request_verifier()), "setting SLACK_SIGNING_SECRET is missing");
    let short = said(short.request_verifier());
    assert_eq!(short, "setting SLACK_SIGNING_SECRET is not valid: shorter than 32 characters");
}

#[tokio::test]
async fn what_a_paste_leaves_around_a_value_is_not_part_of_it() {
    let settings = settings(&[
        ("SLACK_CLIENT_ID", " 123.456\n"),
        ("SLACK_CLIENT_SECRET", "slack-secret\n"),
        ("SENTRY_CLIENT_ID", "sentry-client "),
        ("SENTRY_CLIENT_SECRET", "\tsentry-secret\r\n"),
    ])
    .await;

    let (slack, sentry) = (settings.slack_oauth().unwrap(), settings.sentry_oauth().unwrap());

    assert_eq!(
        (slack.client_id.as_str(), slack.client_secret.expose()),
        ("123.456", "slack-secret")
    );
    assert_eq!(
        (sentry.client_id.as_str(), sentry.client_secret.expose()),
        ("sentry-client", "sentry-secret")
    );
}

#[tokio::test]
async fn a_short_previous_key_is_refused_like_a_short_key() {
    let key = "k".repeat(32);
    let settings = settings(&[("MASTER_KEY", &key), ("MASTER_KEY_PREVIOUS", "short")]).await;

    assert!(said(settings.signer()).contains("MASTER_KEY_PREVIOUS"));
}

#[tokio::test]
async fn while_rotating_the_next_and_the_previous_key_are_accepted_and_the_first_is_used() {
    let (old, now, next) = ("o".repeat(32), "k".repeat(32), "n".repeat(32));
    let keys = [
        ("MASTER_KEY_PREVIOUS", old.as_str()),
        ("MASTER_KEY", now.as_str()),
        ("MASTER_KEY_NEXT", next.as_str()),
    ];

    let rotating = settings(&keys).await.rotating("MASTER_KEY").unwrap();

    let rotating: Vec<&str> = rotating.iter().map(Secret::expose).collect();
    assert_eq!(rotating, [now, next, old]);
}

#[tokio::test]
async fn urls_are_https_unless_they_are_on_this_machine() {
    for (url, good) in [
        ("https://belay.example.com", true),
        ("http://127.0.0.1:3000", true),
        ("http://localhost:3000", true),
        ("http://abc.execute-api.localhost:4566", true),
        ("http://notlocalhost", false),
        ("http://belay.example.com", false),
        ("https://belay.example.com/path", false),
        ("https://belay.example.com?x=1", false),
        ("https://user@belay.example.com", false),
        ("belay.example.com", false),
    ] {
        let settings = settings(&[("PUBLIC_URL", url)]).await;
        assert_eq!(settings.urls().is_ok(), good, "{url}");
    }
}

#[tokio::test]
async fn a_hook_s_secret_belongs_to_the_organization_before_its_equals_sign() {
    let (one, other) = ("1".repeat(32), format!("={}", "2".repeat(31)));
    let hooks = format!(" acme = {one} \n\nglobex={other},acme={}\n", "3".repeat(32));
    let settings = settings(&[("SENTRY_HOOKS", &hooks)]).await;
    let verifier = settings.hook_verifier().unwrap();

    let signer = |secret: &str| {
        let header = sign(&Secret::new(secret), b"{}").parse().unwrap();
        let headers = HeaderMap::from_iter([(HOOK_SIGNATURE, header)]);
        let hook = verifier.verify(&headers, &HOOK_SIGNATURE, b"{}".to_vec());
        hook.ok().map(|hook| hook.get().organization.clone())
    };
    assert_eq!(signer(&one).as_deref(), Some("acme"));
    assert_eq!(signer(&other).as_deref(), Some("globex"));
    assert_eq!(signer(&"3".repeat(32)).as_deref(), Some("acme"));
    assert_eq!(signer(&"4".repeat(32)), None);
}

#[tokio::test]
async fn hooks_and_readers_may_be_none_and_must_be_whole() {
    let secret = "s".repeat(32);
    let bad = [secret.clone(), format!("={secret}"), "acme=short".into(), "acme=".into()];
    for hooks in bad {
        let settings = settings(&[("SENTRY_HOOKS", &hooks)]).await;
        let said = said(settings.hook_verifier());
        assert!(said.starts_with("setting SENTRY_HOOKS is not valid"), "{hooks}: {said}");
        assert!(!said.contains(&secret));
    }
    for readers in ["token", "=token", "acme=", "acme= "] {
        let settings = settings(&[("SENTRY_READ_TOKENS", readers)]).await;
        let said = said(settings.readers());
        assert!(said.starts_with("setting SENTRY_READ_TOKENS is not valid"), "{readers}");
    }
    let none = settings(&[]).await;
    assert!(none.hook_verifier().is_ok() && none.readers().unwrap().is_empty());
}

#[tokio::test]
async fn a_reader_is_found_by_its_organization() {
    let by_line = settings(&[("SENTRY_READ_TOKENS", "acme=one\n globex = two=2 \n")]).await;
    let on_one_line = settings(&[("SENTRY_READ_TOKENS", "acme:one,globex:two=2")]).await;

    for settings in [by_line, on_one_line] {
        let readers = settings.readers().unwrap();

        assert_eq!(readers.len(), 2);
        assert_eq!((readers["acme"].expose(), readers["globex"].expose()), ("one", "two=2"));
    }
}

#[tokio::test]
async fn repeats_go_into_the_thread_for_an_hour_to_a_month() {
    let window =
        async |hours: &str| settings(&[("ALERT_THREAD_HOURS", hours)]).await.alert_window().ok();

    assert_eq!(settings(&[]).await.alert_window().ok(), Some(Duration::from_hours(24)));
    assert_eq!(window("1").await, Some(Duration::from_hours(1)));
    assert_eq!(window(" 720 ").await, Some(Duration::from_hours(720)));
    for bad in ["0", "721", "-1", "1.5", "a day", "99999999999999999999"] {
        assert_eq!(window(bad).await, None, "{bad}");
    }
}

#[tokio::test]
async fn extra_headers_are_read_line_by_line() {
    let good = settings(&[("SENTRY_HEADERS", "X-Proxy: a: b\nX-Other: c\n")]).await;
    let bad = settings(&[("SENTRY_HEADERS", "nonsense")]).await;

    assert_eq!(good.sentry_headers().unwrap()["x-proxy"], "a: b");
    assert!(bad.sentry_headers().is_err());
}

#[tokio::test]
async fn settings_do_not_print() {
    let settings = settings(&[("MASTER_KEY", "very-secret-value-of-32-characters")]).await;

    assert!(!format!("{settings:?}").contains("very-secret"));
}

#[tokio::test]
async fn sqs_is_at_the_origin_of_the_queue_unless_an_endpoint_is_set() {
    let queue = ("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs");
    let endpoint = ("AWS_ENDPOINT_URL_SQS", "http://localhost:4566/sqs");

    let (bare, set) = (settings(&[queue]).await, settings(&[queue, endpoint]).await);

    assert_eq!(bare.queue_host().unwrap().as_str(), "https://sqs.eu-west-1.amazonaws.com/");
    assert_eq!(set.queue_host().unwrap().as_str(), endpoint.1);
    assert!(said(settings(&[]).await.queue_host()).contains("QUEUE_URL is missing"));
}

#[tokio::test]
async fn a_connection_is_waited_for_longer_where_slack_does_not_wait() {
    let never_answers = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", never_answers.local_addr().unwrap());
    let ack = Settings::from_variables([], Pace::Ack).await.unwrap();
    let work = Settings::from_variables([], Pace::Work).await.unwrap();

    let gave_up = tokio::select! {
        biased;
        _ = work.http().head(&url).send() => Pace::Work,
        _ = ack.http().head(&url).send() => Pace::Ack,
    };

    assert!(matches!(gave_up, Pace::Ack), "{gave_up:?}");
}
