//! A link to an issue, from the event to what stands under it.

use std::time::Duration;

use local::slack::BACKEND;

use super::{PATIENCE, link_and_click_again, started, stop};
use crate::harness::ALICE;

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_is_shared_is_shown_and_the_logs_do_not_tell_which() {
    let bundle = started().await;
    link_and_click_again(&bundle).await;
    let link = format!("{}/organizations/acme/issues/4815/?secret=1", bundle.addresses.sentry);
    let (ts, event) = bundle.slack.share_link(ALICE, BACKEND, &link).unwrap();

    let delivery = bundle.slack.deliver_event(event).await.unwrap();

    assert_eq!(delivery.status, Some(200));
    let shown = async {
        while bundle.slack.message(&ts).unwrap().content.attachments.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, shown).await;
    let logs = bundle.logs.lines().join("\n");
    assert!(in_time.is_ok(), "not shown:\n{logs}");
    assert!(logs.contains("slack.event.links_handed_over"), "{logs}");
    assert!(!logs.contains("secret=1"), "{logs}");
    stop(bundle).await;
}
