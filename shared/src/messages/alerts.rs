//! What is said about where alerts go.

use crate::{
    ids::ChannelId,
    slack::message::{Message, name},
};

/// What the thread of an alert is told when it happens again.
pub fn alerted_again(count: u32) -> Message {
    let times = if count == 1 { "once more".to_owned() } else { format!("{count} more times") };
    Message::text(format!("This has alerted {times} since."))
}

/// From now on, alerts whose rule names no channel go there.
pub fn alerts_here(channel: &ChannelId) -> Message {
    Message::text(format!(
        "Sentry alerts whose rule names no channel are posted in <#{channel}> now. If the app is not \
         a member there yet, type `/invite @` and its name."
    ))
}

/// From now on, they go nowhere.
pub fn alerts_off() -> Message {
    Message::text("Sentry alerts are posted only where their rule says so now.")
}

/// Somebody else decides that.
pub fn only_the_installer(installer: &str) -> Message {
    Message::text(format!(
        "Where this workspace's alerts go is decided by who installed the app: <@{}>.",
        name(installer)
    ))
}

/// A conversation between two is no place for it.
pub fn alerts_in_a_channel() -> Message {
    Message::text(
        "This works as a command: type `/sentry alerts here` in the channel that is to get this \
         workspace's alerts, or `/sentry alerts off` in any channel.",
    )
}

/// A channel that alerts are to go to takes none; `trouble` is Slack's name for it.
pub fn channel_takes_nothing(channel: &ChannelId, trouble: &str) -> Message {
    let what_to_do = match trouble {
        "not_in_channel" | "channel_not_found" => {
            "Type `/invite @` and the app's name there, or choose another channel in the alert rule."
        }
        "is_archived" | "is_inactive" => {
            "The channel is archived. Choose another one in the alert rule."
        }
        _ => "Choose another channel in the alert rule.",
    };
    Message::text(format!(
        "An alert could not be posted in <#{channel}>: Slack says `{}`. {what_to_do} It is tried \
         again when that alert fires next.",
        name(trouble)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_channel_comes_with_the_way_out() {
        let channel = ChannelId::parse("C0ALERTS01").unwrap();
        let words = |trouble| channel_takes_nothing(&channel, trouble).text;

        assert!(words("not_in_channel").contains("`/invite @`"));
        assert!(words("is_archived").contains("is archived"));
        assert!(words("restricted_action").contains("another channel"));
        assert!(words("not_in_channel").contains("<#C0ALERTS01>"));
    }

    #[test]
    fn a_thread_is_told_how_often() {
        assert_eq!(alerted_again(1).text, "This has alerted once more since.");
        assert_eq!(alerted_again(99).text, "This has alerted 99 more times since.");
    }
}
