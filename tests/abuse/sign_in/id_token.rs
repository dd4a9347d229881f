//! Id tokens that are not about this sign-in, or not about the link's own user.

use serde_json::{Map, Value, json};

use super::{Provider, Scene};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{BOB, MALLORY, NOON},
};

const USER: &str = "https://slack.com/user_id";
const TEAM: &str = "https://slack.com/team_id";
const ENTERPRISE: &str = "https://slack.com/enterprise_id";

type Claims = Map<String, Value>;
/// Each row spoils one claim, or more, and says which.
type Rows = &'static [(&'static str, fn(&mut Claims))];

#[tokio::test]
async fn an_id_token_that_is_not_of_this_sign_in_is_refused() {
    let rows: Rows = &[
        ("another nonce", |claims| set(claims, "nonce", json!("another"))),
        ("no nonce", |claims| remove(claims, "nonce")),
        ("an empty nonce", |claims| set(claims, "nonce", json!(""))),
        ("a nonce that is no text", |claims| set(claims, "nonce", json!(["n"]))),
        ("another app", |claims| set(claims, "aud", json!("3.4"))),
        ("no app", |claims| remove(claims, "aud")),
        ("this app among others", |claims| set(claims, "aud", json!(["1.2", "3.4"]))),
        ("another issuer", |claims| set(claims, "iss", json!("https://evil.example"))),
        ("an issuer like Slack", |claims| {
            let issuer = format!("{}.evil.example", claims["iss"].as_str().unwrap());
            set(claims, "iss", json!(issuer));
        }),
        ("no issuer", |claims| remove(claims, "iss")),
        ("expired now", |claims| set(claims, "exp", json!(NOON.secs()))),
        ("expired long ago", |claims| set(claims, "exp", json!(0))),
        ("no end", |claims| remove(claims, "exp")),
        ("an end in words", |claims| set(claims, "exp", json!("never"))),
        ("no user", |claims| remove(claims, USER)),
        ("no team", |claims| remove(claims, TEAM)),
        ("a user that is no text", |claims| set(claims, USER, json!(["U0ALICE001"]))),
    ];
    for (case, spoil) in rows {
        let answer = refused(case, *spoil).await;
        assert!(answer.contains("interrupted"), "{case}: {answer}");
    }
}

#[tokio::test]
async fn an_id_token_of_somebody_else_is_refused_and_names_the_reader_only() {
    let rows: Rows = &[
        ("another user", |claims| set(claims, USER, json!(BOB))),
        ("the user in lower case", |claims| set(claims, USER, json!("u0alice001"))),
        ("no user id at all", |claims| set(claims, USER, json!(""))),
        ("the subject says so, the user id does not", |claims| {
            set(claims, "sub", json!("U0ALICE001"));
            set(claims, USER, json!(MALLORY));
        }),
        ("the same user id in another team", |claims| set(claims, TEAM, json!("T0OTHER001"))),
        ("no team id", |claims| set(claims, TEAM, json!(""))),
        ("another team of an enterprise", |claims| {
            set(claims, TEAM, json!("T0OTHER001"));
            set(claims, ENTERPRISE, json!("E0GRID0001"));
        }),
        ("another user of the team as its enterprise", |claims| {
            set(claims, USER, json!(BOB));
            set(claims, ENTERPRISE, json!("T0ACME0001"));
        }),
        ("markup as the name", |claims| {
            set(claims, USER, json!(BOB));
            set(claims, "name", json!("<script>alert(1)</script>"));
            set(claims, "https://slack.com/team_name", json!("\"><img src=x onerror=alert(2)>"));
        }),
        ("no name", |claims| {
            set(claims, USER, json!(BOB));
            remove(claims, "name");
        }),
    ];
    for (case, spoil) in rows {
        let answer = refused(case, *spoil).await;
        assert!(answer.contains("made for somebody else"), "{case}: {answer}");
        assert!(!answer.contains("<script>alert") && !answer.contains("<img"), "{case}: {answer}");
    }
}

/// The page; nobody is bound, and the state is used up.
async fn refused(case: &str, spoil: fn(&mut Claims)) -> String {
    let scene = Box::pin(Scene::new(Provider::Slack)).await;
    scene.world.slack.next_id_token_claims(spoil);
    let (before, asked) = (Before::of(&scene.world), scene.world.calls());

    let answer = scene.get(&scene.genuine()).await;

    assert_answer(&answer, 403, Kind::Page, case);
    assert_eq!(scene.world.calls(), asked + 1, "{case}: one exchange and nothing more");
    assert!(!scene.flow().slack_proven, "{case}");
    scene.assert_used_up(&before, case).await;
    answer.body
}

fn set(claims: &mut Claims, name: &str, value: Value) {
    claims.insert(name.into(), value);
}

fn remove(claims: &mut Claims, name: &str) {
    claims.remove(name);
}
