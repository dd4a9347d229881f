//! `GET, POST /install`, `GET /install/slack`: which page there is, and with which status.

use serde_json::json;

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ACME, ALICE, ALICES, PUBLIC_URL, World,
        browser::{Browser, form_of, next_address},
        event,
    },
};

#[tokio::test]
async fn anybody_may_look_at_the_first_page() {
    let world = World::bare().await;
    let before = Before::of(&world);
    for url in ["/install", "/install/"] {
        let answer = world.dispatch(&event("GET", url, &json!({}), "")).await;

        assert_answer(&answer, 200, Kind::Page, url);
        assert!(answer.body.contains("owner or manager of the organization"), "{}", answer.body);
        let [cookie] = &answer.cookies[..] else { panic!("{:?}", answer.cookies) };
        assert!(cookie.starts_with("__Host-belay-setup="), "{cookie}");
        assert!(cookie.contains("Max-Age=1800"), "{cookie}");
        before.assert_untouched(&world, url);
    }
}

#[tokio::test]
async fn beginning_writes_a_setup_and_asks_nobody() {
    let world = World::bare().await;

    let leaving = Browser::of(&world, ALICE, ALICES).begin_install("").await;

    assert_answer(&leaving, 200, Kind::Page, "leaving");
    let at_sentry = next_address(&leaving).unwrap();
    assert!(at_sentry.starts_with(&format!("{}/oauth/authorize", world.sentry_url)), "{at_sentry}");
    for asked in ["scope=org%3Aread", "code_challenge_method=S256", "state=v1."] {
        assert!(at_sentry.contains(asked), "{asked} in {at_sentry}");
    }
    assert_eq!((world.rows().setups.len(), world.calls()), (1, 0));
}

#[tokio::test]
async fn choosing_leads_to_slack_with_what_the_bundle_uses_and_no_more() {
    let world = World::bare().await;

    let leaving = Browser::of(&world, ALICE, ALICES).choose(ACME).await;

    let at_slack = next_address(&leaving).unwrap();
    assert!(
        at_slack.starts_with(&format!("{}/oauth/v2/authorize?", world.slack_url)),
        "{at_slack}"
    );
    let scope = "scope=channels%3Aread%2Cchat%3Awrite%2Ccommands%2Cim%3Ahistory%2Clinks%3Aread%2C\
                 links%3Awrite%2Cteam%3Aread%2Cusers%3Aread&";
    assert!(at_slack.contains(scope), "{at_slack}");
    assert!(!at_slack.contains("user_scope"), "{at_slack}");
}

#[tokio::test]
async fn what_is_kept_of_a_setup_opens_nothing() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let leaving = browser.choose(ACME).await;
    let at_slack = url::Url::parse(&next_address(&leaving).unwrap()).unwrap();
    let state = at_slack.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();

    let dump = format!("{:?}", world.rows());

    assert!(!dump.contains(&state), "the state itself is in the table");
    assert!(!dump.contains(browser.setup_cookie().unwrap()), "the cookie itself is in the table");
}

#[tokio::test]
async fn after_half_an_hour_it_begins_again() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let choice = browser.prove_admin("").await;
    world.clock.advance(std::time::Duration::from_mins(30));
    let before = Before::of(&world);

    let sent = browser.submit_install(&form_of(&choice)).await;
    let page = browser.install_page().await;

    assert_answer(&sent, 303, Kind::Empty, "too late");
    assert!(page.body.contains("Continue with Sentry"), "{}", page.body);
    before.assert_untouched(&world, "too late");
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    let world = World::bare().await;
    let before = Before::of(&world);
    for (path, allowed) in [("/install", "GET, POST"), ("/install/slack", "GET")] {
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let answer = world.dispatch(&event(method, path, &json!({}), "")).await;
            assert_answer(&answer, 405, Kind::Page, method);
            assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
            before.assert_untouched(&world, method);
        }
    }
}

#[tokio::test]
async fn a_refusal_leads_back_to_the_first_page() {
    let world = World::bare().await;
    for path in ["/install/x", "/install/slack?state=x"] {
        let answer = Browser::of(&world, ALICE, ALICES).get(&format!("{PUBLIC_URL}{path}")).await;
        assert!(answer.body.contains("href=\"/install?again\""), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn who_is_done_can_begin_again_in_the_same_browser() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    browser.install("1").await;
    let stays = browser.get(&format!("{PUBLIC_URL}/install")).await;

    let again = browser.get(&format!("{PUBLIC_URL}/install?again")).await;

    assert!(stays.body.contains("Belay is in"), "{}", stays.body);
    assert!(again.body.contains("name=\"step\" value=\"begin\""), "{}", again.body);
}
