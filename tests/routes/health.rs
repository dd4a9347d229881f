//! `GET /health`: a few words for everybody, the details for who holds the key.

use std::time::Duration;

use health::Health;
use local::sentry::Mode;
use serde_json::{Value, json};
use shared::{
    clock::{Clock, ManualClock, Timestamp},
    health::{HealthClaims, PROOF_LIFE, SentryLook},
    http::serve,
    identity::Installation,
    secret::Secret,
    signing::link::{Purpose, Signer},
    store::{ReadHealth, StoreError},
};

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{ALICE, ALICES, Answer, NOON, PUBLIC_URL, World, event},
};

/// A table that does not answer.
#[derive(Debug)]
struct Down;

impl ReadHealth for Down {
    async fn last_look(&self) -> Result<Option<SentryLook>, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn installations(&self, _: usize) -> Result<Vec<Installation>, StoreError> {
        Err(StoreError::Unavailable)
    }

    async fn overdue(&self, _: Timestamp) -> Result<usize, StoreError> {
        Err(StoreError::Unavailable)
    }
}

/// A table that answers, but whose index or items cannot be read.
#[derive(Debug)]
struct Torn {
    installations: Result<Vec<Installation>, StoreError>,
    overdue: Result<usize, StoreError>,
}

impl ReadHealth for Torn {
    async fn last_look(&self) -> Result<Option<SentryLook>, StoreError> {
        Ok(None)
    }

    async fn installations(&self, _: usize) -> Result<Vec<Installation>, StoreError> {
        self.installations.clone()
    }

    async fn overdue(&self, _: Timestamp) -> Result<usize, StoreError> {
        self.overdue
    }
}

async fn asked(world: &World, headers: &Value) -> Answer {
    world.dispatch(&event("GET", "/health", headers, "")).await
}

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// A proof that ends then, by this signer for this purpose.
fn proof(signer: &Signer, purpose: Purpose, expires: Timestamp) -> Value {
    let token = signer.sign(purpose, &HealthClaims { expires }).unwrap();
    json!({"authorization": format!("Bearer {token}")})
}

async fn details(world: &World) -> Value {
    let end = world.clock.now().plus(PROOF_LIFE);
    let answer = asked(world, &proof(&world.signer, Purpose::Health, end)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    body(&answer)["details"].clone()
}

#[tokio::test]
async fn a_fresh_deployment_is_well_and_says_what_it_does_not_know_yet() {
    let world = World::bare().await;
    let before = Before::of(&world);

    let answer = asked(&world, &json!({})).await;

    assert_answer(&answer, 200, Kind::Json, "fresh");
    assert_eq!(
        body(&answer),
        json!({
            "status": "ok", "version": "0.1.0", "time": NOON.millis(), "url": PUBLIC_URL,
            "checks": {"settings": "ok", "table": "ok", "schedule": "unknown", "sentry": "unknown"},
        })
    );
    before.assert_untouched(&world, "fresh");
}

#[tokio::test]
async fn after_a_tick_it_says_that_sentry_answers_and_no_more_of_it() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.tick().await;
    let calls = world.calls();

    let answer = asked(&world, &json!({})).await;

    assert_answer(&answer, 200, Kind::Json, "well");
    let checks = &body(&answer)["checks"];
    assert_eq!((&checks["schedule"], &checks["sentry"]), (&json!("ok"), &json!("ok")));
    let version = world.rows().look.unwrap().version.unwrap();
    for told in [version.as_str(), "Acme", "T0ACME0001", "alice", "details"] {
        assert!(!answer.body.contains(told), "{told} in {}", answer.body);
    }
    assert_eq!(world.calls(), calls, "it asks nobody");
}

#[tokio::test]
async fn who_holds_the_key_sees_the_details() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.tick().await;

    let details = details(&world).await;

    assert_eq!(details["sentry"]["reachable"], true);
    assert!(details["sentry"]["version"].is_string(), "{details}");
    let workspace = &details["workspaces"][0];
    assert_eq!((&workspace["tenant"], &workspace["name"]), (&json!("T0ACME0001"), &json!("Acme")));
    assert_eq!(workspace["organizations"], json!(["Acme Inc"]));
    assert_eq!((&workspace["missing_scopes"], &details["overdue"]), (&json!([]), &json!(0)));
    assert!(!details.to_string().contains("s1."), "a token in {details}");
}

#[tokio::test]
async fn the_details_say_what_is_wrong_with_a_workspace() {
    let world = World::new().await;
    let mut row = world.installation().unwrap();
    row.scopes.retain(|scope| scope != "im:history");
    row.trouble = Some("invalid_refresh_token".into());
    shared::store::SaveInstallation::save_installation(&world.store, &row).await.unwrap();

    let details = details(&world).await;

    let workspace = &details["workspaces"][0];
    assert_eq!(workspace["missing_scopes"], json!(["im:history"]));
    assert_eq!(workspace["trouble"], "invalid_refresh_token");
}

#[tokio::test]
async fn jobs_that_nobody_carries_out_are_counted() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.queue.lose_all();
    world.clock.advance(Duration::from_mins(5));

    assert_eq!(details(&world).await["overdue"], 1);
}

#[tokio::test]
async fn what_is_no_proof_shows_the_public_part() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.tick().await;
    let now = world.clock.now();
    let public = asked(&world, &json!({})).await.body;
    let good = proof(&world.signer, Purpose::Health, now.plus(PROOF_LIFE));
    let good = good["authorization"].as_str().unwrap();
    let stranger = Signer::new(vec![Secret::new("a-master-key-that-is-out-of-use")]);
    let mut rows = vec![
        ("expired", proof(&world.signer, Purpose::Health, now)),
        ("another key's", proof(&stranger, Purpose::Health, now.plus(PROOF_LIFE))),
        ("no scheme", json!({"authorization": good.strip_prefix("Bearer ").unwrap()})),
        ("another scheme", json!({"authorization": good.replace("Bearer", "Basic")})),
        ("cut", json!({"authorization": good[..good.len() - 1]})),
        ("empty", json!({"authorization": ""})),
        ("no token", json!({"authorization": "Bearer "})),
        ("under another name", json!({"x-authorization": good})),
        ("a cookie", json!({"cookie": format!("authorization={good}")})),
    ];
    for purpose in Purpose::ALL {
        if purpose != Purpose::Health {
            rows.push(("another purpose", proof(&world.signer, purpose, now.plus(PROOF_LIFE))));
        }
    }
    for (case, headers) in rows {
        let answer = asked(&world, &headers).await;
        assert_answer(&answer, 200, Kind::Json, case);
        assert_eq!(answer.body, public, "{case}");
    }
}

#[tokio::test]
async fn a_look_of_long_ago_means_that_the_schedule_stands_still() {
    let world = World::new().await;
    world.tick().await;
    world.clock.advance(Duration::from_mins(15));
    let in_time = asked(&world, &json!({})).await;
    world.clock.advance(Duration::from_secs(1));

    let answer = asked(&world, &json!({})).await;

    assert_eq!(in_time.status, 200);
    assert_answer(&answer, 503, Kind::Json, "late");
    let body = body(&answer);
    assert_eq!(
        (&body["status"], &body["checks"]["schedule"]),
        (&json!("failing"), &json!("failing"))
    );
    assert_eq!(body["checks"]["sentry"], "unknown");
}

#[tokio::test]
async fn a_sentry_that_does_not_answer_is_said_to() {
    let world = World::new().await;
    world.sentry.set_mode(Mode::Down);
    world.tick().await;
    let down = asked(&world, &json!({})).await;
    world.sentry.set_mode(Mode::Normal);
    for _ in 0..5 {
        world.tick().await;
    }

    let up = asked(&world, &json!({})).await;

    assert_answer(&down, 503, Kind::Json, "down");
    assert_eq!(body(&down)["checks"]["sentry"], "failing");
    assert_eq!((up.status, &body(&up)["checks"]["sentry"]), (200, &json!("ok")));
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_said_to_and_shows_no_details() {
    let world = World::new().await;
    let down = Health {
        signer: Some(world.signer.clone()),
        store: Some(Down),
        url: PUBLIC_URL.into(),
        settings: Vec::new(),
        clock: world.clock.clone(),
    };
    let end = world.clock.now().plus(PROOF_LIFE);

    let answer = ask(&down, &proof(&world.signer, Purpose::Health, end)).await;

    assert_eq!(answer.0, 503);
    assert_eq!(
        (&answer.1["status"], &answer.1["checks"]["table"]),
        (&json!("failing"), &json!("failing"))
    );
    assert!(answer.1.get("details").is_none(), "{}", answer.1);
}

#[tokio::test]
async fn details_that_cannot_be_read_are_the_table_s_fault_and_not_the_key_s() {
    let world = World::bare().await;
    let end = world.clock.now().plus(PROOF_LIFE);
    let proof = proof(&world.signer, Purpose::Health, end);
    for torn in [
        Torn { installations: Err(StoreError::Corrupt), overdue: Ok(0) },
        Torn { installations: Ok(Vec::new()), overdue: Err(StoreError::Unavailable) },
    ] {
        let case = format!("{torn:?}");
        let health = Health {
            signer: Some(world.signer.clone()),
            store: Some(torn),
            url: PUBLIC_URL.into(),
            settings: Vec::new(),
            clock: world.clock.clone(),
        };

        let (status, body) = ask(&health, &proof).await;

        assert_eq!((status, &body["checks"]["table"]), (503, &json!("failing")), "{case}");
        assert!(body.get("details").is_none(), "{case}");
    }
}

#[tokio::test]
async fn a_setting_that_is_missing_is_named() {
    let broken: Health<Down, ManualClock> = Health {
        signer: None,
        store: None,
        url: String::new(),
        settings: vec!["MASTER_KEY is missing".into()],
        clock: ManualClock::at(NOON),
    };

    let (status, body) = ask(&broken, &json!({"authorization": "Bearer x"})).await;

    assert_eq!((status, &body["checks"]["settings"]), (503, &json!("failing")));
    assert_eq!(body["settings"], json!(["MASTER_KEY is missing"]));
}

async fn ask<S: ReadHealth>(health: &Health<S, ManualClock>, headers: &Value) -> (i64, Value) {
    let request = serde_json::from_value(event("GET", "/health", headers, "")).unwrap();
    let response = serve(request, &|request| health.handle(request)).await;
    let Some(aws_lambda_events::encodings::Body::Text(text)) = response.body else {
        panic!("no body");
    };
    (response.status_code, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn it_is_read_and_not_written() {
    let world = World::new().await;
    let before = Before::of(&world);
    for path in ["/health", "/health/"] {
        let head = world.dispatch(&event("HEAD", path, &json!({}), "")).await;
        assert_answer(&head, 200, Kind::Json, path);
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = world.dispatch(&event(method, path, &json!({}), "")).await;
            assert_answer(&answer, 405, Kind::Empty, method);
            assert_eq!(answer.headers["allow"], "GET", "{method}");
        }
    }
    let deeper = world.dispatch(&event("GET", "/health/x", &json!({}), "")).await;
    assert_answer(&deeper, 404, Kind::Empty, "deeper");
    before.assert_untouched(&world, "health");
}
