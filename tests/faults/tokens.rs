//! Tokens that end: renewed once, whoever needs them and however many do.

use std::{sync::Arc, time::Duration};

use local::sentry::Mode;
use serde_json::json;
use shared::{
    identity::{Identity, Tokens},
    job::Outcome,
    sealing::{Field, Sealer},
    secret::Secret,
    store::{Clicker, LoadClicker, RenewTokens, TendInstallations, Written},
};

use super::{
    front::{Does, Front},
    scene::Scene,
    table::Table,
};
use crate::harness::{ALICE, ALICES, browser::Browser, queue::sqs_event};

pub(super) const DAY: u64 = 24 * 3600;

fn identity(scene: &Scene) -> Identity {
    scene.rows().identities.into_values().next().unwrap()
}

/// Changes the stored tokens behind everybody's back.
async fn replace(scene: &Scene, change: impl FnOnce(&Identity) -> Tokens) {
    let identity = identity(scene);
    let written = scene.store.save_tokens(&identity, &change(&identity)).await.unwrap();
    assert_eq!(written, Written::Yes);
}

/// The access token is dead although its time is not over.
async fn kill_access_token(scene: &Scene) {
    let sealer = &scene.perform.token_sealer;
    let dead = |identity: &Identity| {
        let owner = identity.person.owner();
        sealer.seal(owner, Field::AccessToken, &Secret::new("a-token-of-long-ago")).unwrap()
    };
    replace(scene, |identity| Tokens { access: dead(identity), ..identity.tokens.clone() }).await;
}

/// Somebody renews the tokens, and waits for Sentry.
async fn in_renewal(scene: &Scene) {
    while identity(scene).refresh_lease < scene.now() {
        tokio::task::yield_now().await;
    }
}

/// Forgets everybody's tokens, as the schedule does after a removal.
async fn wipe(scene: &Scene) {
    let tenant = identity(scene).person.tenant;
    for member in scene.store.members(&tenant, None, 10).await.unwrap() {
        scene.store.wipe_tokens(&tenant, &member).await.unwrap();
    }
}

async fn clicker(scene: &Scene) -> Clicker {
    let person = identity(scene).person;
    scene.store.clicker(&person.tenant, &person).await.unwrap()
}

/// Every message that is due, all at the same time; then the next ones, until none is left.
pub(super) async fn run_out_at_once(scene: &Arc<Scene>) {
    while let Some(wait) = scene.queue.waiting().into_iter().map(|(_, wait)| wait).min() {
        scene.clock.advance(wait);
        let mut workers = Vec::new();
        while let Some(key) = scene.queue.take_due() {
            let scene = Arc::clone(scene);
            workers.push(tokio::spawn(async move { scene.wake(&key).await }));
        }
        for worker in workers {
            worker.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_dead_token_is_renewed_and_the_click_done_in_one_attempt() {
    let scene = Scene::new().await;
    kill_access_token(&scene).await;

    let key = scene.click_on("resolved").await;
    scene.work().await;

    assert_eq!((scene.sentry.refreshes(), scene.changes().len()), (1, 1));
    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
    assert!(scene.told().is_empty());
}

#[tokio::test]
async fn a_renewed_token_is_kept_for_the_next_click() {
    let scene = Scene::new().await;
    kill_access_token(&scene).await;

    for value in ["resolved", "ignored", "unresolved"] {
        scene.click_on(value).await;
    }
    scene.run_out().await;

    assert_eq!((scene.sentry.refreshes(), scene.changes().len()), (1, 3));
}

#[tokio::test]
async fn a_renewal_that_is_refused_asks_once_to_sign_in_again() {
    let scene = Scene::new().await;
    scene.sentry.revoke_tokens(ALICES);

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.sentry.refreshes()), (Some(Outcome::SignInExpired), 0));
    let told = scene.told();
    assert_eq!((told.len(), scene.changes().len()), (1, 0));
    assert!(told[0].contains("Sign in to Sentry again"), "{told:?}");
}

#[tokio::test]
async fn tokens_that_cannot_be_used_ask_to_sign_in_again() {
    let retired = Sealer::new(vec![Secret::new("a-token-key-of-the-year-before-last")]);
    for without in [Field::AccessToken, Field::RefreshToken] {
        let scene = Scene::new().await;
        replace(&scene, |identity| match without {
            Field::AccessToken => {
                let owner = identity.person.owner();
                let access = retired.seal(owner, without, &Secret::new("sealed")).unwrap();
                Tokens { access, ..identity.tokens.clone() }
            }
            _ => Tokens { refresh: None, expires: scene.now(), ..identity.tokens.clone() },
        })
        .await;
        let calls = scene.sentry.log().len();

        let key = scene.click_on("resolved").await;
        scene.run_out().await;

        assert_eq!(scene.outcome(&key), Some(Outcome::SignInExpired), "{without:?}");
        assert_eq!(scene.sentry.log().len(), calls);
    }
}

#[tokio::test]
async fn fifty_clicks_at_once_with_an_ended_token_are_one_renewal() {
    for age in [29 * DAY + DAY / 2, 31 * DAY] {
        let scene = Arc::new(Scene::new().await);
        scene.later(age);
        let mut keys = Vec::new();
        for _ in 0..50 {
            keys.push(scene.click_on("resolved").await);
        }

        run_out_at_once(&scene).await;

        assert_eq!(scene.sentry.refreshes(), 1, "{age}");
        assert!(keys.iter().all(|key| scene.outcome(key) == Some(Outcome::Done)), "{age}");
        assert!(!scene.told().iter().any(|words| words.contains("Sign in")), "{age}");
    }
}

#[tokio::test]
async fn a_click_that_waits_for_a_renewal_is_not_told_that_sentry_is_silent() {
    let scene = Arc::new(Scene::new().await);
    scene.later(31 * DAY);
    scene.click_on("resolved").await;
    scene.click_on("resolved").await;

    run_out_at_once(&scene).await;

    assert_eq!(scene.sentry.refreshes(), 1);
    assert!(scene.told().is_empty(), "{:?}", scene.told());
}

#[tokio::test]
async fn a_token_that_another_worker_renewed_meanwhile_is_not_renewed_again() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    let earlier = clicker(&scene).await;
    scene.later(31 * DAY);
    scene.click_on("ignored").await;
    scene.work().await;
    assert_eq!(scene.sentry.refreshes(), 1);

    table.read_earlier(earlier);
    table.perform(&scene).handle(sqs_event(&[&key])).await;
    scene.run_out().await;

    assert_eq!(scene.sentry.refreshes(), 1);
    assert!(!scene.told().iter().any(|words| words.contains("Sign in")));
    // The other click was the newer decision.
    assert_eq!((scene.outcome(&key), scene.status()), (Some(Outcome::Superseded), "ignored"));
}

#[tokio::test]
async fn while_another_worker_renews_early_the_living_token_is_used() {
    let scene = Scene::new().await;
    scene.later(29 * DAY + DAY / 2);
    let until = scene.now().plus(Duration::from_secs(20));
    scene.store.lease_refresh(&identity(&scene), scene.now(), until).await.unwrap();

    let key = scene.click_on("resolved").await;
    scene.work().await;

    assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
    assert_eq!(scene.sentry.refreshes(), 0);
}

#[tokio::test]
async fn the_lease_of_a_renewer_that_died_runs_out() {
    let scene = Scene::new().await;
    scene.later(31 * DAY);
    let until = scene.now().plus(Duration::from_secs(20));
    scene.store.lease_refresh(&identity(&scene), scene.now(), until).await.unwrap();

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
    assert_eq!(scene.sentry.refreshes(), 1);
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_ends_in_a_sign_in_and_then_in_the_change() {
    let scene = Scene::new().await;
    scene.later(31 * DAY);
    let key = scene.click_on("resolved").await;
    scene.sentry.set_mode(Mode::DropAfterApply);
    scene.work().await;
    scene.sentry.set_mode(Mode::Normal);
    scene.run_out().await;
    assert_eq!(scene.outcome(&key), Some(Outcome::SignInExpired));

    Browser::of(&scene, ALICE, ALICES).link(&scene.prompted_link(ALICE)).await;
    scene.run_out().await;

    assert_eq!((scene.changes().len(), scene.status()), (1, "resolved"));
}

#[tokio::test]
async fn removed_while_a_persons_token_is_renewed_the_new_one_is_not_kept() {
    let scene = Scene::new().await;
    scene.later(31 * DAY);
    let key = scene.click_on("resolved").await;
    scene.queue.lose_all();
    let removed = scene.slack.event(&json!({"type": "app_uninstalled"}));

    tokio::join!(scene.wake(&key), async {
        in_renewal(&scene).await;
        assert_eq!(scene.hear(&removed).await.status, 200);
        wipe(&scene).await;
    });
    scene.run_out().await;

    assert_eq!((scene.sentry.refreshes(), scene.changes().len()), (1, 0));
    assert_eq!(identity(&scene).tokens, Tokens::wiped());
    assert_eq!(scene.outcome(&key), Some(Outcome::Uninstalled));
}

#[tokio::test]
async fn a_sentry_that_cannot_renew_is_called_out_of_reach_and_not_busy() {
    let scene = Scene::new().await;
    scene.later(31 * DAY);
    scene.sentry.set_mode(Mode::Down);

    let key = scene.click_on("resolved").await;
    scene.run_out().await;

    assert_eq!(scene.outcome(&key), Some(Outcome::GaveUp));
    let told = scene.told().pop().unwrap();
    assert!(told.contains("Nothing was changed"), "{told:?}");
    assert!(told.contains("could not be reached"), "{told:?}");
}

#[tokio::test]
async fn a_living_token_is_used_where_sentry_does_not_renew_it_yet() {
    for status in [429, 503] {
        let scene = Scene::new().await;
        scene.later(29 * DAY + DAY / 2);
        let front = Front::of(&scene, &[Does::Answer(status, &["retry-after: 60"])]).await;
        let key = scene.click_on("resolved").await;

        front.perform(&scene).handle(sqs_event(&[&key])).await;

        assert_eq!(front.seen(), ["POST", "PUT"], "{status}");
        assert_eq!((scene.outcome(&key), scene.job(&key).attempt), (Some(Outcome::Done), 1));
    }
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_used_again_where_sentry_does_not_renew_it_yet() {
    for status in [429, 503] {
        let scene = Scene::new().await;
        let refused = Does::Answer(401, &[]);
        let front = Front::of(&scene, &[refused, Does::Answer(status, &[]), refused]).await;
        let key = scene.click_on("resolved").await;

        front.perform(&scene).handle(sqs_event(&[&key])).await;
        scene.run_out().await;

        assert_eq!(front.seen(), ["PUT", "POST"], "{status}");
        assert_eq!((scene.outcome(&key), scene.changes().len()), (Some(Outcome::Done), 1));
    }
}

#[tokio::test]
async fn a_sentry_that_is_too_busy_to_renew_has_the_time_it_asks_for() {
    // Nobody else renews for twenty seconds in any case.
    for (asked, wait) in [(&["retry-after: 60"], 60), (&["retry-after: 1"], 20)] {
        let scene = Scene::new().await;
        scene.later(31 * DAY);
        let front = Front::of(&scene, &[Does::Answer(429, asked)]).await;
        let key = scene.click_on("resolved").await;

        front.perform(&scene).handle(sqs_event(&[&key])).await;

        assert_eq!(scene.job(&key).next_at.since(scene.now()), Duration::from_secs(wait));
    }
}

#[tokio::test]
async fn a_sentry_that_stays_too_busy_to_renew_is_called_busy_and_not_out_of_reach() {
    let scene = Scene::new().await;
    scene.later(31 * DAY);
    let front = Front::of(&scene, &[Does::Answer(429, &["retry-after: 3600"])]).await;
    let key = scene.click_on("resolved").await;

    front.perform(&scene).handle(sqs_event(&[&key])).await;

    let told = scene.told().pop().unwrap();
    assert!(told.contains("too many requests"), "{told:?}");
}

#[tokio::test]
async fn a_renewal_that_finds_the_link_gone_acts_with_nothing() {
    let scene = Scene::new().await;
    let key = scene.click_on("resolved").await;
    let mut earlier = clicker(&scene).await;
    scene.later(31 * DAY);
    if let Some(identity) = &mut earlier.identity {
        "a link of before".clone_into(&mut identity.link_id);
    }
    let table = Table::of(&scene);
    table.read_earlier(earlier);

    table.perform(&scene).handle(sqs_event(&[&key])).await;

    assert_eq!((scene.changes().len(), scene.sentry.refreshes()), (0, 0));
    assert_ne!(scene.outcome(&key), Some(Outcome::Done));
}
