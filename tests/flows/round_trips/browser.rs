//! What is asked while a browser waits for a page.

use shared::browser::SETUP_COOKIE;

use super::Scene;
use crate::harness::{
    ACME, ALICE, ALICES, Answer, ERINS, PUBLIC_URL, Store, UMBRELLA,
    browser::{Browser, Form, form_of, next_address},
    link_in,
};

/// Where the answer leads, and where Slack or Sentry lead from there when they are told yes.
fn onward<S: Store>(browser: &Browser<'_, S>, answer: &Answer) -> String {
    browser.agreed(next_address(answer).unwrap())
}

/// The last form, with its box ticked.
fn confirmed(page: &Answer, field: &str) -> Form {
    form_of(page).with(field, "yes")
}

#[tokio::test]
async fn from_a_link_to_the_notice_that_it_is_linked() {
    let scene = Scene::new().await;
    scene.clicked("resolved").await;
    let link = scene.prompted_link(ALICE);
    let mut browser = Browser::of(&scene, ALICE, ALICES);

    let page = scene.costs("link, page 1", browser.get(&link)).await;
    let begin = form_of(&page).with("with", "slack");
    let leaving = scene.costs("link, begin", browser.submit(&link, &begin)).await;
    let back = onward(&browser, &leaving);
    let leaving = scene.costs("link, back from Slack", browser.get(&back)).await;
    let back = onward(&browser, &leaving);
    let proven = scene.costs("link, back from Sentry", browser.get(&back)).await;
    let page = onward(&browser, &proven);
    let page = scene.costs("link, page 2", browser.get(&page)).await;
    let confirm = confirmed(&page, "mine");
    let done = scene.costs("link, confirm", browser.submit(&link, &confirm)).await;
    let twice = scene.costs("link, confirm once more", browser.submit(&link, &confirm)).await;
    let page = scene.costs("link, page 3", browser.get(&link)).await;

    assert_eq!((done.status, twice.status, page.status), (303, 303, 200));
    assert!(scene.clicker().await.identity.is_some());
}

#[tokio::test]
async fn what_another_link_has_overtaken() {
    let scene = Scene::new().await;
    scene.clicked("resolved").await;
    let older = scene.prompted_link(ALICE);
    scene.clicked("ignored").await;
    Browser::of(&scene, ALICE, ALICES).link(&scene.prompted_link(ALICE)).await;
    let mut browser = Browser::of(&scene, ALICE, ALICES);

    let page = scene.costs("link, overtaken by another one", browser.get(&older)).await;

    assert_eq!(page.status, 410);
}

#[tokio::test]
async fn a_link_without_a_click_is_shorter() {
    let scene = Scene::new().await;
    let answer = scene.command(ALICE, "link").await;
    let link = link_in(&answer.body);
    let mut browser = Browser::of(&scene, ALICE, ALICES);
    let leaving = browser.begin(&link).await;
    let leaving = browser.get(&onward(&browser, &leaving)).await;
    let back = onward(&browser, &leaving);

    let proven = scene.costs("link without a click, back from Sentry", browser.get(&back)).await;
    let page = browser.follow(proven).await;
    let confirm = confirmed(&page, "mine");
    let done = scene.costs("link without a click, confirm", browser.submit(&link, &confirm)).await;

    assert_eq!(done.status, 303);
}

#[tokio::test]
async fn from_a_link_to_the_notice_that_it_is_unlinked() {
    let scene = Scene::with_linked().await;
    let link = scene.link_to_unlink().await;
    let mut browser = Browser::of(&scene, ALICE, ALICES);

    let page = scene.costs("unlink, page 1", browser.get(&link)).await;
    let begin = form_of(&page).with("with", "slack");
    let leaving = scene.costs("unlink, begin with Slack", browser.submit(&link, &begin)).await;
    let back = onward(&browser, &leaving);
    let proven = scene.costs("unlink, back from Slack", browser.get(&back)).await;
    let page = onward(&browser, &proven);
    let page = scene.costs("unlink, page 2", browser.get(&page)).await;
    let confirm = confirmed(&page, "sure");
    let done = scene.costs("unlink, confirm", browser.submit(&link, &confirm)).await;
    let twice = scene.costs("unlink, confirm once more", browser.submit(&link, &confirm)).await;
    let page = scene.costs("unlink, page 3", browser.get(&link)).await;
    let again = form_of(&page);
    let relink = scene.costs("unlink, link another account", browser.submit(&link, &again)).await;

    assert_eq!((done.status, twice.status, relink.status), (303, 303, 303));
    assert!(scene.clicker().await.identity.is_none());
}

#[tokio::test]
async fn the_proof_may_come_from_sentry() {
    let scene = Scene::with_linked().await;
    let link = scene.link_to_unlink().await;
    let mut browser = Browser::of(&scene, ALICE, ALICES);
    let begin = form_of(&browser.get(&link).await).with("with", "sentry");

    let leaving = scene.costs("unlink, begin with Sentry", browser.submit(&link, &begin)).await;
    let back = onward(&browser, &leaving);
    let proven = scene.costs("unlink, back from Sentry", browser.get(&back)).await;

    assert_eq!(proven.status, 303);
}

#[tokio::test]
async fn from_nothing_to_an_installation() {
    let scene = Scene::bare().await;
    let install = format!("{PUBLIC_URL}/install");
    let mut browser = Browser::of(&scene, ALICE, ALICES);

    let page = scene.costs("install, page 1", browser.get(&install)).await;
    let begin = form_of(&page);
    let leaving = scene.costs("install, begin", browser.submit(&install, &begin)).await;
    let back = onward(&browser, &leaving);
    let proven = scene.costs("install, back from Sentry", browser.get(&back)).await;
    let page = onward(&browser, &proven);
    let page = scene.costs("install, page 2", browser.get(&page)).await;
    let choose = form_of(&page).with("organization", ACME);
    let leaving = scene.costs("install, choose", browser.submit(&install, &choose)).await;
    let back = onward(&browser, &leaving);
    let done = scene.costs("install, back from Slack", browser.get(&back)).await;
    let page = onward(&browser, &done);
    let page = scene.costs("install, page 3", browser.get(&page)).await;

    assert_eq!(page.status, 200, "{}", page.body);
    assert!(scene.clicker().await.installation.is_some());
}

#[tokio::test]
async fn a_browser_that_was_at_another_install() {
    let scene = Scene::bare().await;
    let mut browser = Browser::of(&scene, ALICE, ALICES);
    browser.plant(SETUP_COOKIE, "of-long-ago");

    let page = scene.costs("install, page 1, with any cookie", browser.install_page()).await;

    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn one_more_organization() {
    let scene = Scene::bare().await;
    Browser::of(&scene, ALICE, ALICES).install(ACME).await;
    let mut browser = Browser::of(&scene, ALICE, ERINS);
    let leaving = browser.choose(UMBRELLA).await;
    let back = onward(&browser, &leaving);

    let asked = scene.costs("one more organization, back from Slack", browser.get(&back)).await;
    let page = browser.follow(asked).await;
    let form = form_of(&page);
    let add = browser.submit_install(&form);
    let added = scene.costs("one more organization, add", add).await;

    assert_eq!(added.status, 303);
}
