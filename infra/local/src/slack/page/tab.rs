//! The places of the page: the channels, and the two tabs of the app.

use maud::{Markup, html};
use serde::Deserialize;

use super::{channel, home};
use crate::slack::{
    Slack, state,
    workspace::{BOT_USER, CHANNEL, Person, direct_channel},
};

/// `?channel=…`, `?tab=…`.
#[derive(Deserialize)]
pub(super) struct Choice {
    tab: Option<String>,
    channel: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tab {
    /// By its id.
    Channel(String),
    Messages,
    Home,
}

impl Tab {
    /// What the address asks for, if this person may see it.
    pub(super) fn chosen(choice: Choice, state: &state::State, me: &Person) -> Self {
        match choice.tab.as_deref() {
            Some("messages") => Self::Messages,
            Some("home") => Self::Home,
            _ => {
                let shown = |id: &String| channels(state, me).any(|known| known == id);
                choice.channel.filter(shown).map_or_else(Self::alerts, Self::Channel)
            }
        }
    }

    /// The channel the alerts go to.
    pub(super) fn alerts() -> Self {
        Self::Channel(CHANNEL.to_owned())
    }

    /// Where a conversation is shown.
    pub(super) fn of_conversation(id: &str) -> Self {
        if id.starts_with('D') { Self::Messages } else { Self::Channel(id.to_owned()) }
    }

    pub(super) fn path(&self) -> String {
        match self {
            Self::Channel(id) if id == CHANNEL => "/".to_owned(),
            Self::Channel(id) => format!("/?channel={id}"),
            Self::Messages => "/?tab=messages".to_owned(),
            Self::Home => "/?tab=home".to_owned(),
        }
    }

    pub(super) fn name(&self, state: &state::State) -> String {
        match self {
            Self::Channel(id) => match state.channel(id) {
                Some(channel) if channel.is_private => format!("{} (private)", channel.name),
                Some(channel) => format!("#{}", channel.name),
                None => "Deleted channel".to_owned(),
            },
            Self::Messages => "Belay: Messages".to_owned(),
            Self::Home => "Belay: Home".to_owned(),
        }
    }

    /// The links to all of them.
    pub(super) fn bar(&self, state: &state::State, me: &Person) -> Markup {
        let direct = direct_channel(&me.id);
        let of_app = |message: &&crate::slack::Message| {
            message.channel == direct && message.author == BOT_USER
        };
        let messages = state.messages.iter().filter(of_app).count();
        let channels = channels(state, me).map(|id| Self::Channel(id.to_owned()));
        html! {
            nav.tabs aria-label="Places" {
                @for tab in channels.chain([Self::Messages, Self::Home]) {
                    a href=(tab.path()) aria-current=[(tab == *self).then_some("page")] {
                        (tab.name(state))
                        @if tab == Self::Messages && messages > 0 { " (" (messages) ")" }
                    }
                }
            }
        }
    }

    /// What stands there for this person.
    pub(super) fn content(&self, state: &state::State, me: &Person) -> Markup {
        match self {
            Self::Channel(id) => channel::render(state, me, id),
            Self::Messages => channel::direct(state, me),
            Self::Home => home::render(state, me),
        }
    }

    /// Where one types: messages, links and commands.
    pub(super) fn composer(&self, state: &state::State, me: &Person) -> Markup {
        let (conversation, label) = match self {
            Self::Channel(id) => (id.clone(), format!("Message {}", self.name(state))),
            Self::Messages => (direct_channel(&me.id), "Message Belay".to_owned()),
            Self::Home => return html! {},
        };
        if let Some(reason) = self.closed(state, me) {
            return html! { p.composer { (reason) } };
        }
        html! {
            form.composer method="post" action="/ui/message" data-quiet data-clear {
                input type="hidden" name="user" value=(me.id);
                input type="hidden" name="conversation" value=(conversation);
                input type="text" name="typed" id="typed" required autocomplete="off"
                    aria-label=(label) placeholder={ (label) ", or /sentry help" };
                button type="submit" { "Send" }
            }
        }
    }

    /// Why one cannot type there, if so.
    fn closed(&self, state: &state::State, me: &Person) -> Option<&'static str> {
        match self {
            Self::Channel(id) => match state.channel(id) {
                None => Some("This channel was deleted."),
                Some(channel) if channel.is_archived => Some("This channel is archived."),
                Some(channel) if !channel.has(&me.id) => Some("You are not in this channel."),
                Some(_) => None,
            },
            _ if state.reach().is_none() => Some("Belay was removed from this workspace."),
            _ => None,
        }
    }

    /// Tells the app that somebody opened one of its tabs.
    pub(super) fn announce(&self, slack: &Slack, me: &Person) {
        let opened = match self {
            Self::Channel(_) => return,
            Self::Messages => slack.open_messages(&me.id),
            Self::Home => slack.open_home(&me.id),
        };
        if slack.is_installed() {
            slack.send_events(opened.into_iter().collect());
        }
    }
}

/// The channels somebody can read.
fn channels<'a>(state: &'a state::State, me: &Person) -> impl Iterator<Item = &'a str> {
    let ids = state.channels.iter().map(|channel| channel.id.as_str());
    ids.filter(|id| state.can_read(&me.id, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::{BACKEND, OPS_PRIVATE, samples, workspace::people};

    fn chosen(slack: &Slack, name: &str, channel: &str) -> (Tab, String) {
        let me = people().into_iter().find(|person| person.name == name).unwrap();
        let choice = Choice { tab: None, channel: Some(channel.to_owned()) };
        let state = slack.state();
        let tab = Tab::chosen(choice, &state, &me);
        let page = html! { (tab.bar(&state, &me)) (tab.composer(&state, &me)) };
        (tab, page.into_string())
    }

    #[test]
    fn a_private_channel_is_there_for_its_members_alone() {
        let (slack, _) = samples::slack();

        let (hers, page) = chosen(&slack, "alice", OPS_PRIVATE);
        let (theirs, other) = chosen(&slack, "mallory", OPS_PRIVATE);

        assert_eq!(hers, Tab::Channel(OPS_PRIVATE.to_owned()));
        assert!(page.contains("ops-private") && page.contains("#backend"), "{page}");
        assert_eq!(theirs, Tab::Channel(CHANNEL.to_owned()));
        assert!(!other.contains("ops-private"), "{other}");
    }

    #[test]
    fn a_channel_where_one_cannot_write_has_no_box_and_says_why() {
        let (slack, _) = samples::slack();
        slack.remove_from_channel("U0ALICE001");
        slack.archive_channel(BACKEND);

        for (channel, reason) in [(CHANNEL, "not in this channel"), (BACKEND, "archived")] {
            let (_, page) = chosen(&slack, "alice", channel);
            assert!(page.contains(reason) && !page.contains("<form"), "{page}");
        }
    }
}
