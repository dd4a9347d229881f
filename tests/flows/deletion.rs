//! DynamoDB deletes what has ended when it likes: now, or days later. Nothing is to hang on that. A
//! row that is gone too early ends a way in kind words and binds nothing; a row that is never deleted
//! is good for nothing after its end.

use std::time::Duration;

use crate::harness::{
    ALICE, ALICES, Answer, World,
    browser::{Browser, form_of, next_address},
};

const MONTH: Duration = Duration::from_hours(30 * 24);

/// What the requests of the way are answered when the flow is over: the first page, its form, the
/// returns from Slack and from Sentry, the page with both accounts, its form.
const OVER: [u16; 6] = [410, 410, 400, 400, 410, 410];

/// The next request of the way that a link leads: where a page hands over to, or its form, sent.
/// `None` at the last page.
async fn step(browser: &mut Browser<'_>, link: &str, page: Option<&Answer>) -> Option<Answer> {
    let Some(page) = page else { return Some(browser.get(link).await) };
    if let Some(next) = next_address(page) {
        let next = browser.agreed(next);
        return Some(browser.get(&next).await);
    }
    let form = page.body.contains("<form").then(|| form_of(page))?;
    Some(browser.submit(link, &form.with("mine", "yes")).await)
}

/// What the browser has before it after so many requests of that way.
async fn page_after(requests: usize, browser: &mut Browser<'_>, link: &str) -> Option<Answer> {
    let mut page = None;
    for _ in 0..requests {
        page = step(browser, link, page.as_ref()).await;
    }
    page
}

#[tokio::test]
async fn a_flow_that_is_deleted_before_any_request_ends_it_kindly_and_the_next_click_s_link_works()
{
    let mut answers = Vec::new();
    for before in 0.. {
        let world = World::new().await;
        let alert = world.post_alert();
        world.click(ALICE, &alert, "resolved").await;
        let link = world.prompted_link(ALICE);
        let mut browser = Browser::of(&world, ALICE, ALICES);
        let page = page_after(before, &mut browser, &link).await;
        let bound = world.rows().identities.clone();

        world.store.delete_flows();
        let Some(answer) = step(&mut browser, &link, page.as_ref()).await else { break };

        answers.push(answer.status);
        assert!(answer.body.contains(" in Slack again"), "{before}: {}", answer.body);
        assert_eq!(world.rows().identities, bound, "{before}");
        if bound.is_empty() {
            assert!(world.rows().jobs.is_empty(), "{before}");
            world.click(ALICE, &alert, "unresolved").await;
            let done = Browser::of(&world, ALICE, ALICES).link(&world.prompted_link(ALICE)).await;
            assert_eq!(done.status, 200, "{before}: {}", done.body);
        }
    }
    // After the last form it is written, and only the page that says so is lost.
    assert_eq!(answers, [&OVER[..], &[410]].concat());
}

#[tokio::test]
async fn a_link_that_a_table_never_deletes_is_good_for_nothing_a_month_later() {
    let world = World::new().await;
    let alert = world.post_alert();
    let mut kept = Vec::new();
    for before in 0..OVER.len() {
        world.click(ALICE, &alert, if before % 2 == 0 { "resolved" } else { "unresolved" }).await;
        let link = world.prompted_link(ALICE);
        let mut browser = Browser::of(&world, ALICE, ALICES);
        let page = page_after(before, &mut browser, &link).await;
        kept.push((browser, link, page));
    }

    world.clock.advance(MONTH);
    let before = world.rows();
    let mut answers = Vec::new();
    for (mut browser, link, page) in kept {
        answers.push(step(&mut browser, &link, page.as_ref()).await.unwrap().status);
    }

    assert_eq!(answers, OVER);
    assert_eq!(world.rows(), before);
    assert!(world.rows().identities.is_empty() && world.sentry.changes().is_empty());
}
