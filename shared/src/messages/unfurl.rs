//! What is said where a link to an issue was shared.

use crate::slack::message::{Message, link};

/// Somebody not linked shared a link to an issue. Nothing of the issue is said: whether they may see
/// it is not known.
pub fn link_to_unfurl(url: &str) -> Message {
    Message::text(format!(
        "{} to your Sentry account, and links to issues that you share are shown with their title, \
         state and buttons, by your rights in Sentry. Only you see this.",
        link(url, "Link your Slack identity")
    ))
}
