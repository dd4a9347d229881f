//! The life of the app with the real binaries: an admin removes it in Slack, and installs it again
//! with a browser.

use local::{
    bundle::Bundle,
    slack::{Alert, MessageTs},
};

use super::{browser::Browser, link_in, redrawn, secrets_of, started, stop, words_of};
use crate::harness::{ALICE, ALICES};

/// Sentry's organizations.
const ACME: &str = "1";
const UMBRELLA: &str = "2";

/// The account of somebody who owns both.
const OWNER_OF_BOTH: &str = "105";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_was_removed_is_installed_again_and_carries_a_click_out() {
    let bundle = started().await;
    remove_app(&bundle).await;

    let page = Browser::of(&bundle, ALICE, ALICES).install(ACME).await;

    assert!(page.body.contains("Belay is in Acme"), "{}", page.body);
    let alert = link_and_click(&bundle).await;
    assert!(words_of(&bundle, &alert).contains("*Issue resolved by <@U0ALICE001>*"));
    stop(bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_an_install_is_in_the_logs_and_none_stands_open_in_the_table() {
    let bundle = started().await;
    bundle.slack.set_token_rotation(true);
    remove_app(&bundle).await;
    let mut first = Browser::of(&bundle, ALICE, OWNER_OF_BOTH);
    let mut second = Browser::of(&bundle, ALICE, OWNER_OF_BOTH);
    first.install(ACME).await;

    // What Slack has granted waits in the table for a word.
    let page = second.install(UMBRELLA).await;
    let waiting = Written::by(&bundle);
    let page = second.go_on(&page).await;
    link_and_click(&bundle).await;
    let done = Written::by(&bundle);

    assert!(page.body.contains("Umbrella"), "{}", page.body);
    assert!(waiting.items.contains("\"grant\""), "{}", waiting.items);
    for event in ["slack.removal.heard", "slack.install.done", "slack.action.admitted"] {
        assert!(done.logs.contains(event), "{event} is not in {}", done.logs);
    }
    for written in [waiting, done] {
        written.holds_none_of(secrets_of(&bundle.secrets));
        written.holds_none_of(first.confidences().chain(second.confidences()));
        // Bot tokens of both kinds, tokens that renew them, signed links and states.
        written.holds_none_of(["xoxb-", "xoxe", "v1."]);
    }
    stop(bundle).await;
}

/// What is left behind: every line of the logs, every item of the table.
struct Written {
    logs: String,
    items: String,
}

impl Written {
    fn by(bundle: &Bundle) -> Self {
        let items = serde_json::to_string(&bundle.database.items().unwrap()).unwrap();
        Self { logs: bundle.logs.lines().join("\n"), items }
    }

    fn holds_none_of<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        for secret in secrets {
            assert!(!self.logs.contains(secret), "{secret} in {}", self.logs);
            assert!(!self.items.contains(secret), "{secret} in {}", self.items);
        }
    }
}

/// An admin removes the app in Slack, and Slack tells the bundle.
async fn remove_app(bundle: &Bundle) {
    for event in bundle.slack.uninstall() {
        let delivery = bundle.slack.deliver_event(event).await.unwrap();
        assert!(delivery.accepted, "{delivery:?}\n{}", bundle.logs.lines().join("\n"));
    }
    assert!(!bundle.slack.is_installed());
}

/// Alice links her account by the app's first message to her, and clicks. The alert, redrawn.
async fn link_and_click(bundle: &Bundle) -> MessageTs {
    let words = bundle.slack.direct_messages(ALICE).first().unwrap().words();
    let page = Browser::of(bundle, ALICE, ALICES).link(&link_in(bundle, &words)).await;
    assert!(page.body.contains("has been associated"), "{}", page.body);
    let alert = bundle.slack.post_alert(&Alert::type_error(&bundle.addresses.sentry));
    bundle.slack.press(ALICE, &alert, "status::resolved", "resolved").await.unwrap();
    redrawn(bundle, &alert).await;
    alert
}
