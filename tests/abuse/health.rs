//! `GET /health`, which anybody may ask: whatever a stranger sends, it is the same few words, and
//! they are the deployment's own.

use serde_json::{Value, json};
use shared::{
    clock::Clock,
    health::{HealthClaims, PROOF_LIFE},
    signing::link::Purpose,
};

use super::{
    Edits,
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{ALICE, ALICES, PUBLIC_URL, World, event};

fn genuine() -> Value {
    event("GET", "/health", &json!({}), "")
}

/// A world of which much could be told.
async fn busy() -> World {
    let world = World::with_linked(ALICE, ALICES).await;
    world.tick().await;
    world
}

#[tokio::test]
async fn whatever_a_stranger_sends_the_answer_is_the_same() {
    let world = busy().await;
    let public = world.dispatch(&genuine()).await.body;
    let before = Before::of(&world);
    let rows: Edits = &[
        ("another host", |e| e["headers"]["host"] = json!("evil.example")),
        ("a host behind the host", |e| e["headers"]["x-forwarded-host"] = json!("evil.example")),
        ("a host of another form", |e| e["headers"]["forwarded"] = json!("host=evil.example")),
        ("a protocol", |e| e["headers"]["x-forwarded-proto"] = json!("javascript")),
        ("the gateway's own name", |e| {
            e["requestContext"]["domainName"] = json!("evil.example");
        }),
        ("an address to be trusted", |e| e["headers"]["x-forwarded-for"] = json!("127.0.0.1")),
        ("a wish for details", |e| e["rawQueryString"] = json!("details=true&verbose=1")),
        ("a proof in the query", |e| {
            e["rawQueryString"] = json!("authorization=Bearer%20v1.a.b.c");
        }),
        ("a callback", |e| e["rawQueryString"] = json!("callback=alert")),
        ("another kind", |e| e["headers"]["accept"] = json!("text/html")),
        ("another path to serve", |e| e["headers"]["x-original-url"] = json!("/options")),
        ("another method to act by", |e| e["headers"]["x-http-method-override"] = json!("DELETE")),
        ("a body", |e| e["body"] = json!("{\"details\":true}")),
        ("a body of 100 KB", |e| e["body"] = json!("x".repeat(100_000))),
        ("a cookie", |e| e["cookies"] = json!(["__Host-belay=x"])),
        ("an origin", |e| e["headers"]["origin"] = json!("https://evil.example")),
        ("a long proof", |e| {
            e["headers"]["authorization"] = json!(format!("Bearer v1.{}", "A".repeat(100_000)));
        }),
        ("a proof of dots", |e| {
            e["headers"]["authorization"] = json!(format!("Bearer {}", ".".repeat(10_000)));
        }),
        ("the key's own name", |e| e["headers"]["authorization"] = json!("Bearer MASTER_KEY")),
        ("a range", |e| e["headers"]["range"] = json!("bytes=0-0")),
    ];
    for (case, edit) in rows {
        let mut event = genuine();
        edit(&mut event);

        let answer = world.dispatch(&event).await;

        assert_answer(&answer, 200, Kind::Json, case);
        assert_eq!(answer.body, public, "{case}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{case}");
        assert!(answer.cookies.is_empty(), "{case}");
        before.assert_untouched(&world, case);
    }
    assert!(public.contains(PUBLIC_URL), "{public}");
}

#[tokio::test]
async fn two_proofs_are_none() {
    let world = busy().await;
    let public = world.dispatch(&genuine()).await.body;
    let claims = HealthClaims { expires: world.clock.now().plus(PROOF_LIFE) };
    let proof = world.signer.sign(Purpose::Health, &claims).unwrap();

    for doubled in [format!("Bearer {proof},Bearer {proof}"), format!("Bearer {proof} {proof}")] {
        let mut event = genuine();
        event["headers"]["authorization"] = json!(doubled);
        assert_eq!(world.dispatch(&event).await.body, public, "{doubled}");
    }
}

#[tokio::test]
async fn paths_around_it_are_not_found() {
    let world = busy().await;
    let before = Before::of(&world);
    for path in
        ["/health/x", "/health//", "/health/..", "/health/details", "/health/%2e", "/health/;"]
    {
        let answer = world.dispatch(&event("GET", path, &json!({}), "")).await;
        assert_answer(&answer, 404, Kind::Empty, path);
        before.assert_untouched(&world, path);
    }
}
