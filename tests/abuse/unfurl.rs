//! Links that are shared to deceive, and messages of the queue that nobody sealed.

use local::slack::{BACKEND, SignedRequest};
use serde_json::{Value, json};

use super::before::Before;
use crate::harness::{ALICE, ALICES, Answer, World, event_to, queue::sqs_event_of};

/// The event of a link that Alice shares.
fn event_of_a_link(world: &World) -> SignedRequest {
    let link = format!("{}/organizations/acme/issues/4815/", world.sentry_url);
    world.slack.share_link(ALICE, BACKEND, &link).unwrap().1
}

async fn deliver(world: &World, request: &SignedRequest) -> Answer {
    world.dispatch(&event_to("/event", request)).await
}

/// The same event with these links, signed.
fn with_links(world: &World, request: &SignedRequest, urls: &[String]) -> SignedRequest {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    let links: Vec<_> = urls.iter().map(|url| json!({"domain": "x", "url": url})).collect();
    body["event"]["links"] = json!(links);
    world.slack.sign(body.to_string().as_bytes())
}

#[tokio::test]
async fn links_that_slack_did_not_tell_of_are_refused() {
    let world = World::with_linked(ALICE, ALICES).await;
    let mut event = event_of_a_link(&world);
    event.body.push(b' ');
    let before = Before::of(&world);

    let answer = deliver(&world, &event).await;

    assert_eq!(answer.status, 401);
    before.assert_untouched(&world, "a body that was changed");
    assert!(world.queue.unfurls().is_empty());
}

#[tokio::test]
async fn links_that_only_look_like_sentrys_touch_nothing() {
    let world = World::with_linked(ALICE, ALICES).await;
    let event = event_of_a_link(&world);
    let sentry = world.sentry_url.clone();
    let host = sentry.strip_prefix("http://").unwrap();
    let before = Before::of(&world);

    for url in [
        format!("https://{host}/organizations/acme/issues/4815/"),
        format!("http://alice@{host}/organizations/acme/issues/4815/"),
        format!("http://{host}@evil.test/organizations/acme/issues/4815/"),
        format!("http://{host}.evil.test/organizations/acme/issues/4815/"),
        format!("http://{host}\\@evil.test/organizations/acme/issues/4815/"),
        "http://127.0.0.1:1/organizations/acme/issues/4815/".to_owned(),
        format!("{sentry}/organizations/acme/issues/../../../api/0/users/me/"),
        format!("{sentry}/organizations/ac%2Fme/issues/4815/"),
        format!("{sentry}/organizations/acme/issues/4815%2F..%2F..%2Fme/"),
        "javascript:alert(1)".to_owned(),
        String::new(),
    ] {
        let answer = deliver(&world, &with_links(&world, &event, std::slice::from_ref(&url))).await;

        assert_eq!(answer.status, 200, "{url}");
        before.assert_untouched(&world, &url);
        assert!(world.queue.unfurls().is_empty(), "{url}");
    }
}

#[tokio::test]
async fn a_thousand_links_are_five_questions_to_sentry() {
    let world = World::with_linked(ALICE, ALICES).await;
    let event = event_of_a_link(&world);
    let url = |n: usize| format!("{}/organizations/acme/issues/{n}/", world.sentry_url);
    let urls: Vec<_> = (1..=1_000).map(url).collect();
    let asked = world.sentry.log().len();

    let answer = deliver(&world, &with_links(&world, &event, &urls)).await;
    world.work().await;

    assert_eq!(answer.status, 200);
    assert_eq!(world.sentry.log().len() - asked, 5);
}

#[tokio::test]
async fn a_title_that_is_markup_is_shown_as_text() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.rename_issue("4815", "<!channel> <https://evil.test|Sign in>\u{202E}*");
    let link = format!("{}/organizations/acme/issues/4815/", world.sentry_url);
    let (ts, event) = world.slack.share_link(ALICE, BACKEND, &link).unwrap();

    deliver(&world, &event).await;
    world.work().await;

    let unfurl = json!(world.slack.message(&ts).unwrap().content.attachments).to_string();
    assert!(unfurl.contains("&lt;!channel&gt;"), "{unfurl}");
    assert!(!unfurl.contains("<!channel>") && !unfurl.contains("<https://evil.test"), "{unfurl}");
    assert!(!unfurl.contains('\u{202E}'));
}

#[tokio::test]
async fn what_nobody_sealed_is_thrown_away_and_what_is_no_message_is_kept() {
    let world = World::with_linked(ALICE, ALICES).await;
    deliver(&world, &event_of_a_link(&world)).await;
    let sealed = world.queue.take_due_unfurl().unwrap().to_text();
    let before = Before::of(&world);

    for (body, failed) in [
        ("unfurl T0ACME0001 U0ALICE001 s1.x.y".to_owned(), 0),
        (sealed.replace("T0ACME0001", "T0OTHER001"), 0),
        (format!("{sealed}A"), 0),
        (format!("{sealed} more"), 1),
        ("unfurl".to_owned(), 1),
        ("unfurl T0ACME0001 <!channel> s1.x.y".to_owned(), 1),
    ] {
        let answer = world.perform.handle(sqs_event_of(&[&body])).await;

        assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), failed, "{body}");
        before.assert_untouched(&world, &body);
    }
}
