//! Messages, as one person sees them.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{
    blocks::{self, Reader, Spot},
    legacy,
    mrkdwn::mrkdwn,
};
use crate::slack::{
    message::{Message, MessageTs},
    state,
    workspace::{BOT_USER, CHANNEL, Person, direct_channel},
};

const TROUBLE: &str = "⚠ We had some trouble connecting. Try again?";
const REMOVED: &str = "⚠ Belay was removed from this workspace, so nothing was sent to it.";

/// A channel, with what is only for this person in it.
pub(super) fn render(state: &state::State, me: &Person, channel: &str) -> Markup {
    let nothing = match channel {
        CHANNEL => "Nothing here yet. Post an alert with the buttons on the right.",
        _ => "Nothing here yet. Post a link to an issue below.",
    };
    conversation(state, me, channel, nothing)
}

/// The direct conversation of this person and the app.
pub(super) fn direct(state: &state::State, me: &Person) -> Markup {
    let nothing = match state.reach() {
        Some(_) => "Nothing here yet. Write to Belay below: help, link or unlink.",
        None => "Nothing here.",
    };
    conversation(state, me, &direct_channel(&me.id), nothing)
}

fn conversation(state: &state::State, me: &Person, channel: &str, nothing: &str) -> Markup {
    let reader = Reader { me, people: &state.people };
    let warning = warning(state);
    let shown = |message: &&Message| {
        message.channel == channel
            && message.only_for.as_ref().is_none_or(|reader| *reader == me.id)
    };
    let draw = |message: &Message| {
        let warned = state.warnings.contains(&(me.id.clone(), message.ts.clone()));
        article(message, &reader, warned.then_some(warning))
    };
    let entries = Entry::all(state.messages.iter().filter(shown));
    html! {
        @if entries.is_empty() { p.quiet { (nothing) } }
        @for entry in entries.values() {
            @match entry.message {
                Some(message) if message.broadcast => { (broadcast(message, &reader)) }
                Some(message) => { (draw(message)) }
                None => { p.quiet { "This message was deleted." } }
            }
            @if !entry.replies.is_empty() {
                div.replies role="group" aria-label=(entry.heading()) {
                    p.quiet { (entry.heading()) }
                    @for reply in &entry.replies { (draw(reply)) }
                }
            }
        }
    }
}

/// A message of a conversation with the replies to it, which outlive it.
#[derive(Default)]
struct Entry<'a> {
    message: Option<&'a Message>,
    replies: Vec<&'a Message>,
}

impl<'a> Entry<'a> {
    /// A reply that is shown in the channel as well is in two entries.
    fn all(messages: impl Iterator<Item = &'a Message>) -> BTreeMap<&'a MessageTs, Self> {
        let mut entries: BTreeMap<_, Self> = BTreeMap::new();
        for message in messages {
            if let Some(root) = &message.thread {
                entries.entry(root).or_default().replies.push(message);
            }
            if message.thread.is_none() || message.broadcast {
                entries.entry(&message.ts).or_default().message = Some(message);
            }
        }
        entries
    }

    fn heading(&self) -> String {
        match self.replies.len() {
            1 => "1 reply".to_owned(),
            count => format!("{count} replies"),
        }
    }
}

/// What somebody is told whose click came to nothing.
pub(super) fn warning(state: &state::State) -> &'static str {
    if state.reach().is_some() { TROUBLE } else { REMOVED }
}

/// A reply that is shown in the channel as well; its buttons are in the thread.
fn broadcast(message: &Message, reader: &Reader) -> Markup {
    html! {
        div.broadcast {
            p.quiet { b { (reader.name(&message.author)) } " replied to a thread" }
            div.text { (mrkdwn(&message.content.text, reader)) }
        }
    }
}

fn article(message: &Message, reader: &Reader, warning: Option<&str>) -> Markup {
    let content = &message.content;
    let author = reader.name(&message.author);
    let spot = Spot::Message(&message.ts);
    // A redrawn unfurl does not make its author's message an edited one.
    let by_app = message.author == BOT_USER;
    let seconds = message.ts.as_str().split('.').next().unwrap_or_default();
    html! {
        article.ephemeral[message.only_for.is_some()] {
            div.avatar aria-hidden="true" { (author.chars().next().unwrap_or(' ')) }
            div {
                p.author {
                    b { (author) } " "
                    @if by_app { span.badge { "APP" } " " }
                    time data-at=(seconds) {}
                    @if message.broadcast { span.quiet { " also in the channel" } }
                    @if by_app && message.revision > 0 { span.quiet { " (edited)" } }
                }
                @if message.only_for.is_some() { p.only { "Only visible to you" } }
                // The text is the fallback of blocks, and the headline of attachments.
                @if content.blocks.is_empty() && !content.text.is_empty() {
                    div.text { (mrkdwn(&content.text, reader)) }
                }
                @for block in &content.blocks { (blocks::render(block, spot, reader)) }
                @for attachment in &content.attachments {
                    (legacy::render(attachment, spot, reader))
                }
                @if let Some(warning) = warning { p.warning role="alert" { (warning) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{Alert, installs::Reach, message::Content, samples, workspace::people};

    fn seen_by(state: &state::State, name: &str) -> String {
        let me = people().into_iter().find(|person| person.name == name).unwrap();
        render(state, &me, CHANNEL).into_string()
    }

    #[test]
    fn an_ephemeral_message_is_on_its_readers_page_alone() {
        let (mut state, _) = samples::state();
        let hers = Some("U0ALICE001".to_owned());
        state.post(CHANNEL, None, hers, Content::text("Link your identity"));

        assert!(seen_by(&state, "alice").contains("Only visible to you"));
        assert!(!seen_by(&state, "bob").contains("Link your identity"));
    }

    #[test]
    fn the_warning_is_for_who_clicked() {
        let (mut state, _) = samples::state();
        let alert = state.post_to_channel(samples::alert());
        state.warnings.insert(("U0BOB00001".to_owned(), alert));

        assert!(seen_by(&state, "bob").contains("We had some trouble connecting"));
        assert!(!seen_by(&state, "alice").contains("We had some trouble connecting"));
    }

    #[test]
    fn the_warning_says_when_the_app_is_gone() {
        let (mut state, _) = samples::state();
        let alert = state.post_to_channel(samples::alert());
        state.warnings.insert(("U0BOB00001".to_owned(), alert));
        state.uninstall(Reach::Workspace);

        assert!(seen_by(&state, "bob").contains("Belay was removed"));
    }

    #[test]
    fn a_direct_conversation_is_not_in_the_channel() {
        let (mut state, _) = samples::state();
        state.post("D0ALICE001", None, None, Content::text("Hello"));
        let me = people().into_iter().find(|person| person.name == "alice").unwrap();

        assert!(direct(&state, &me).into_string().contains("Hello"));
        assert!(!render(&state, &me, CHANNEL).into_string().contains("Hello"));
    }

    #[test]
    fn an_unfurl_stands_under_its_authors_message() {
        let (mut state, _) = samples::state();
        state.post_unfurl("U0BOB00001", &Alert::type_error("http://sentry.test"));

        let page = seen_by(&state, "alice");

        assert!(page.contains("<b>Bob Baker</b>") && !page.contains("APP"), "{page}");
        assert!(page.contains(r#"href="http://sentry.test/organizations/acme/issues/4815/""#));
        assert!(page.contains(r#"name="action_id" value="status::resolved""#), "{page}");
    }

    #[test]
    fn replies_stand_under_their_message_and_outlive_it() {
        let (slack, _) = samples::slack();
        let first = slack.state().post_to_channel(Content::text("Alert"));
        slack.state().post_to_channel(Content::text("Another"));
        let thread = Some(first.clone());
        slack.state().post(CHANNEL, thread, None, Content::text("Follow-up"));
        let before = seen_by(&slack.state(), "alice");

        slack.delete_message(&first);

        let after = seen_by(&slack.state(), "alice");
        let place = |word: &str| before.find(word).unwrap();
        assert!(place("Alert") < place("1 reply") && place("1 reply") < place("Follow-up"));
        assert!(place("Follow-up") < place("Another"), "{before}");
        assert!(after.contains("This message was deleted.") && after.contains("Follow-up"));
    }

    #[test]
    fn markup_in_a_message_is_shown_not_run() {
        let (mut state, _) = samples::state();
        state.post_to_channel(Content::text("<script>alert(1)</script> &lt;b&gt;"));

        let page = seen_by(&state, "alice");

        assert!(!page.contains("<script>") && !page.contains("<b>&"), "{page}");
        assert!(page.contains("&lt;b&gt;"), "{page}");
    }
}
