//! Messages, as one person sees them.

use maud::{Markup, html};

use super::{
    blocks::{self, Reader},
    legacy,
    mrkdwn::mrkdwn,
};
use crate::slack::{
    message::Message,
    state,
    workspace::{BOT_USER, CHANNEL, Person, direct_channel},
};

/// The channel with what is only for this person in it, then the app's direct messages.
pub(super) fn render(state: &state::State, me: &Person) -> Markup {
    let reader = Reader { me, people: &state.people };
    let direct = direct_channel(&me.id);
    let shown = |channel: &str| -> Vec<&Message> {
        let mine = |message: &&Message| {
            message.channel == channel
                && message.only_for.as_ref().is_none_or(|reader| *reader == me.id)
        };
        state.messages.iter().filter(mine).collect()
    };
    let (in_channel, to_me) = (shown(CHANNEL), shown(&direct));
    let warned = |message: &Message| state.warnings.contains(&(me.id.clone(), message.ts.clone()));
    html! {
        @if in_channel.is_empty() {
            p.quiet { "Nothing here yet. Post an alert with the buttons on the right." }
        }
        @for message in in_channel { (article(message, &reader, warned(message))) }
        @if !to_me.is_empty() {
            h2 { "Direct messages from Belay" }
            @for message in to_me { (article(message, &reader, warned(message))) }
        }
    }
}

fn article(message: &Message, reader: &Reader, warned: bool) -> Markup {
    let content = &message.content;
    let author = reader.name(&message.author);
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
                    @if message.thread.is_some() { span.quiet { " in a thread" } }
                    @if by_app && message.revision > 0 { span.quiet { " (edited)" } }
                }
                @if message.only_for.is_some() { p.only { "Only visible to you" } }
                // The text is the fallback of blocks, and the headline of attachments.
                @if content.blocks.is_empty() && !content.text.is_empty() {
                    div.text { (mrkdwn(&content.text, reader)) }
                }
                @for block in &content.blocks { (blocks::render(block, message, reader)) }
                @for attachment in &content.attachments {
                    (legacy::render(attachment, message, reader))
                }
                @if warned {
                    p.warning role="alert" { "⚠ We had some trouble connecting. Try again?" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{Alert, message::Content, samples, workspace::people};

    fn seen_by(state: &state::State, name: &str) -> String {
        let me = people().into_iter().find(|person| person.name == name).unwrap();
        render(state, &me).into_string()
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
    fn an_unfurl_stands_under_its_authors_message() {
        let (mut state, _) = samples::state();
        state.post_unfurl("U0BOB00001", &Alert::type_error("http://sentry.test"));

        let page = seen_by(&state, "alice");

        assert!(page.contains("<b>Bob Baker</b>") && !page.contains("APP"), "{page}");
        assert!(page.contains(r#"href="http://sentry.test/organizations/acme/issues/4815/""#));
        assert!(page.contains(r#"name="action_id" value="status::resolved""#), "{page}");
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
