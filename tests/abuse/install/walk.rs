//! The whole way through the pages, with an eye on every answer: its headers, and where it leads.

use url::Url;

use crate::{
    abuse::answer::assert_hygiene,
    harness::{
        ACME, ALICE, ALICES, Answer, BOB, CAROLS, PUBLIC_URL, UMBRELLA, World,
        browser::{Browser, Form, form_of, next_address},
    },
};

/// Looks closely, and counts the redirects.
async fn walk(browser: &mut Browser<'_>, world: &World, mut answer: Answer) -> (Answer, usize) {
    let mut redirects = 0;
    loop {
        look(world, &answer);
        redirects += usize::from(answer.status == 303);
        let Some(next) = next_address(&answer) else { return (answer, redirects) };
        answer = browser.get(&browser.agreed(next)).await;
    }
}

/// Everything an answer points to is ours, Slack's or Sentry's, or opens the Slack app.
fn look(world: &World, answer: &Answer) {
    assert_hygiene(answer, "on the way");
    let pointers = ["href=\"", "action=\"", "url="].into_iter().flat_map(|marker| {
        let found = answer.body.split(marker).skip(1);
        found.map(|rest| rest.split('"').next().unwrap().to_owned())
    });
    let base = Url::parse(PUBLIC_URL).unwrap();
    for address in pointers.chain(next_address(answer)) {
        let url = base.join(&address).unwrap_or_else(|_| panic!("{address}"));
        let origin = url.origin().ascii_serialization();
        let known = [PUBLIC_URL, &world.slack_url, &world.sentry_url].contains(&origin.as_str());
        let app = url.scheme() == "slack" && url.host_str() == Some("app");
        assert!(known || app || address.starts_with("data:image/"), "{address}");
    }
}

async fn send(browser: &mut Browser<'_>, world: &World, form: &Form) -> (Answer, usize) {
    let answer = browser.submit_install(form).await;
    walk(browser, world, answer).await
}

#[tokio::test]
async fn installing_leads_nowhere_else() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);

    let start = browser.install_page().await;
    look(&world, &start);
    let (choice, to_choice) = send(&mut browser, &world, &form_of(&start)).await;
    let (done, to_done) = send(&mut browser, &world, &form_of(&choice)).await;

    assert!(done.body.contains("Belay is in Acme"), "{}", done.body);
    assert_eq!((to_choice, to_done), (1, 1));
}

#[tokio::test]
async fn adding_an_organization_leads_nowhere_else() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let mut browser = Browser::of(&world, BOB, CAROLS);

    let asked = browser.install(UMBRELLA).await;
    look(&world, &asked);
    let (done, redirects) = send(&mut browser, &world, &form_of(&asked)).await;

    assert!(done.body.contains("Umbrella"), "{}", done.body);
    assert_eq!(redirects, 1);
}
