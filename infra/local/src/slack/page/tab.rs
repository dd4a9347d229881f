//! The places of the page: the channel, and the two tabs of the app.

use maud::{Markup, html};
use serde::Deserialize;

use super::{channel, home};
use crate::slack::{
    Slack, state,
    workspace::{BOT_USER, CHANNEL_NAME, Person, direct_channel},
};

/// `?tab=…`.
#[derive(Deserialize)]
pub(super) struct Choice {
    tab: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Channel,
    Messages,
    Home,
}

impl From<Choice> for Tab {
    fn from(choice: Choice) -> Self {
        match choice.tab.as_deref() {
            Some("messages") => Self::Messages,
            Some("home") => Self::Home,
            _ => Self::Channel,
        }
    }
}

impl Tab {
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Channel => "/",
            Self::Messages => "/?tab=messages",
            Self::Home => "/?tab=home",
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Channel => format!("#{CHANNEL_NAME}"),
            Self::Messages => "Belay: Messages".to_owned(),
            Self::Home => "Belay: Home".to_owned(),
        }
    }

    /// The links to all of them.
    pub(super) fn bar(self, state: &state::State, me: &Person) -> Markup {
        let channel = direct_channel(&me.id);
        let of_app = |message: &&crate::slack::Message| {
            message.channel == channel && message.author == BOT_USER
        };
        let messages = state.messages.iter().filter(of_app).count();
        html! {
            nav.tabs aria-label="Places" {
                @for tab in [Self::Channel, Self::Messages, Self::Home] {
                    a href=(tab.path()) aria-current=[(tab == self).then_some("page")] {
                        (tab.name())
                        @if tab == Self::Messages && messages > 0 { " (" (messages) ")" }
                    }
                }
            }
        }
    }

    /// What stands there for this person.
    pub(super) fn content(self, state: &state::State, me: &Person) -> Markup {
        match self {
            Self::Channel => channel::render(state, me),
            Self::Messages => channel::direct(state, me),
            Self::Home => home::render(state, me),
        }
    }

    /// Where one types. In the channel that is commands only.
    pub(super) fn composer(self, state: &state::State, me: &Person) -> Markup {
        let (path, label, hint) = match self {
            Self::Channel => ("/ui/command", "Type a command", "Type /sentry help"),
            Self::Messages => ("/ui/message", "Message Belay", "Message Belay, or /sentry help"),
            Self::Home => return html! {},
        };
        if self == Self::Messages && state.reach().is_none() {
            return html! { p.composer { "Belay was removed from this workspace." } };
        }
        html! {
            form.composer method="post" action=(path) data-quiet data-clear {
                input type="hidden" name="user" value=(me.id);
                input type="text" name="typed" id="typed" required autocomplete="off"
                    aria-label=(label) placeholder=(hint);
                button type="submit" { "Send" }
            }
        }
    }

    /// Tells the app that somebody opened one of its tabs.
    pub(super) fn announce(self, slack: &Slack, me: &Person) {
        let opened = match self {
            Self::Channel => return,
            Self::Messages => slack.open_messages(&me.id),
            Self::Home => slack.open_home(&me.id),
        };
        if slack.is_installed() {
            slack.send_events(opened.into_iter().collect());
        }
    }
}
