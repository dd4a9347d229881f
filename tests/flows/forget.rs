//! `/sentry unlink` forgets: afterwards the table names neither the account nor its tokens, but for
//! the record of what was done, by ids, which says when it ends.

use serde_json::json;
use shared::store::memory::Rows;

use crate::harness::{ACME, ALICE, ALICES, World, browser::Browser, link_in};

/// What names Alice's account.
const NAMES: [&str; 3] = ["alice@acme.example", "Alice Archer", "\"101\""];

/// Every row of the table but those of the audit and the epochs, as they are stored.
fn dump(rows: Rows) -> String {
    let Rows { installations, identities, reverse, flows, jobs, newest, setups, .. } = rows;
    // A job that is over is its own row of the audit.
    let open = jobs.into_values().filter(|job| job.outcome.is_none());
    json!([
        installations.into_values().collect::<Vec<_>>(),
        identities.into_values().collect::<Vec<_>>(),
        reverse.into_iter().collect::<Vec<_>>(),
        flows.into_values().collect::<Vec<_>>(),
        open.collect::<Vec<_>>(),
        newest.into_values().collect::<Vec<_>>(),
        setups.into_values().collect::<Vec<_>>(),
    ])
    .to_string()
}

fn assert_forgotten(world: &World, tokens: &[String]) {
    let dump = dump(world.rows());
    for named in NAMES {
        assert!(!dump.contains(named), "{named} in {dump}");
    }
    for token in tokens {
        assert!(!dump.contains(token), "a token in {dump}");
    }
}

/// The person's tokens, sealed as they stand in the table.
fn tokens(world: &World) -> Vec<String> {
    let identities = world.rows().identities.into_values();
    identities
        .flat_map(|identity| [Some(identity.tokens.access), identity.tokens.refresh])
        .flatten()
        .map(|sealed| sealed.as_text().to_owned())
        .collect()
}

/// Alice types `/sentry unlink` and presses the button.
async fn unlink(world: &World) {
    let request = world.slack.command(ALICE, "/sentry", "unlink").unwrap();
    let answer = world.dispatch(&crate::harness::event_to("/command", &request)).await;
    let identity = world.rows().identities.into_values().next().unwrap();
    assert!(answer.body.contains(&identity.link_id), "{}", answer.body);
    // The same button stands in the app's home.
    world.hear(&world.slack.open_home(ALICE).unwrap()).await;
    let click = world.slack.click_home(ALICE, "unlink_identity", &identity.link_id).unwrap();
    assert_eq!(world.deliver(&click).await.status, 200);
    assert!(world.rows().identities.is_empty());
}

#[tokio::test]
async fn who_unlinks_after_a_click_is_forgotten() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.work().await;
    let tokens = tokens(&world);
    assert!(NAMES.iter().all(|named| dump(world.rows()).contains(named)), "it was there before");

    unlink(&world).await;

    assert_eq!(tokens.len(), 2);
    assert_forgotten(&world, &tokens);
}

#[tokio::test]
async fn who_has_installed_the_app_and_unlinks_is_forgotten() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let link = link_in(&world.direct_words(ALICE));
    Browser::of(&world, ALICE, ALICES).link(&link).await;
    let tokens = tokens(&world);

    unlink(&world).await;

    assert_forgotten(&world, &tokens);
}

#[tokio::test]
async fn who_unlinks_in_the_browser_is_forgotten() {
    for with in ["slack", "sentry"] {
        let world = World::with_linked(ALICE, ALICES).await;
        let tokens = tokens(&world);
        world.sentry.remove_member(ALICES, "acme");
        world.click(ALICE, &world.post_alert(), "resolved").await;
        world.work().await;
        let link = world.prompted_link(ALICE);
        let mut browser = Browser::of(&world, ALICE, ALICES);
        let start = crate::harness::browser::form_of(&browser.get(&link).await);
        let leaving = browser.submit(&link, &start.with("with", with)).await;
        let confirm = browser.follow(leaving).await;

        let form = crate::harness::browser::form_of(&confirm).with("sure", "yes");
        let done = browser.submit(&link, &form).await;

        assert_eq!(done.status, 303, "{with}: {}", done.body);
        assert_forgotten(&world, &tokens);
    }
}

#[tokio::test]
async fn the_record_says_who_did_what_and_when_by_ids() {
    let world = World::with_linked(ALICE, ALICES).await;

    unlink(&world).await;

    let audit: Vec<_> = world.rows().audit.into_values().collect();
    let what: Vec<_> = audit.iter().map(|row| row.what.as_str()).collect();
    assert!(what.contains(&"link") && what.contains(&"unlink"), "{what:?}");
    let text = json!(audit).to_string();
    assert!(text.contains(ALICE) && text.contains(ALICES), "{text}");
    assert!(!text.contains("alice@") && !text.contains("Archer"), "{text}");
}

#[tokio::test]
async fn the_last_page_of_the_link_still_says_what_was_linked() {
    let world = World::new().await;
    world.click(ALICE, &world.post_alert(), "resolved").await;
    let link = world.prompted_link(ALICE);
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let done = browser.link(&link).await;

    let again = browser.get(&link).await;
    unlink(&world).await;
    let afterwards = browser.get(&link).await;

    assert!(done.body.contains("Alice Archer"), "{}", done.body);
    assert_eq!(again.body, done.body);
    assert_eq!(afterwards.status, 410, "{}", afterwards.body);
    assert!(!afterwards.body.contains("Archer"), "{}", afterwards.body);
}
