//! The channels of the workspace: who is in them, and whether the bot may speak there.
//!
//! ```text
//! unknown or deleted; private, and the bot is not in it    channel_not_found
//! archived                                                 is_archived
//! public, and the bot is not in it                         not_in_channel
//! ```
//! A private channel is not known to those who are not in it. The scope `chat:write.public`, which
//! would let the bot speak in every public channel, is not played: the app does not ask for it
//! (Slack: docs.slack.dev/reference/methods/chat.postMessage).

use std::collections::HashSet;

use super::{
    Slack,
    state::State,
    workspace::{
        BACKEND, BACKEND_NAME, BOT_USER, CHANNEL, CHANNEL_NAME, OPS_PRIVATE, OPS_PRIVATE_NAME,
        Person,
    },
};

/// A channel that is there, archived or not. Of a deleted one nothing is left.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_private: bool,
    pub(super) is_archived: bool,
    /// User ids.
    members: HashSet<String>,
}

impl Slack {
    /// Adds this many public channels, `#more-1` and so on, that the bot is not in.
    pub fn add_channels(&self, count: usize) {
        let mut state = self.state();
        let people: Vec<_> = state.people.iter().map(|person| person.id.clone()).collect();
        let there = state.channels.len();
        for number in (there..).take(count) {
            let (id, name) = (format!("C0MORE{number:04}"), format!("more-{number}"));
            let everybody = people.iter().map(String::as_str);
            let mut channel = Channel::new(&id, &name, everybody);
            channel.members.remove(BOT_USER);
            state.channels.push(channel);
        }
    }

    /// Archives a channel: it can be read, and nobody writes there.
    pub fn archive_channel(&self, id: &str) {
        if let Some(channel) = self.state().channel_mut(id) {
            channel.is_archived = true;
        }
    }

    /// Deletes a channel and all that was said there.
    pub fn delete_channel(&self, id: &str) {
        let mut state = self.state();
        state.channels.retain(|channel| channel.id != id);
        state.messages.retain(|message| message.channel != id);
    }

    /// Invites the app's bot to a channel.
    pub fn invite_bot(&self, id: &str) {
        if let Some(channel) = self.state().channel_mut(id) {
            channel.members.insert(BOT_USER.to_owned());
        }
    }

    /// Takes somebody, or the app's bot, out of the channel the alerts go to.
    pub fn remove_from_channel(&self, user: &str) {
        self.remove_from_channel_of(user, CHANNEL);
    }

    /// The same with any channel.
    pub fn remove_from_channel_of(&self, user: &str, id: &str) {
        if let Some(channel) = self.state().channel_mut(id) {
            channel.members.remove(user);
        }
    }
}

impl State {
    pub(super) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.id == id)
    }

    /// A newcomer is in every public channel.
    pub(super) fn join_public_channels(&mut self, user: &str) {
        for channel in self.channels.iter_mut().filter(|channel| !channel.is_private) {
            channel.members.insert(user.to_owned());
        }
    }

    /// Whether somebody is in this channel; of a direct conversation nobody is a member.
    pub(super) fn is_member(&self, user: &str, channel: &str) -> bool {
        self.channel(channel).is_some_and(|channel| channel.has(user))
    }

    /// Whether somebody can read what stands there: public channels are open to all.
    pub(super) fn can_read(&self, user: &str, channel: &str) -> bool {
        self.channel(channel).is_none_or(|channel| !channel.is_private || channel.has(user))
    }

    /// What payloads call a conversation: the names of private ones are not told.
    pub(super) fn channel_name(&self, id: &str) -> &str {
        match self.channel(id) {
            Some(Channel { is_private: true, .. }) => "privategroup",
            Some(channel) => &channel.name,
            None => "directmessage",
        }
    }
}

impl Channel {
    fn new<'a>(id: &str, name: &str, members: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            is_private: false,
            is_archived: false,
            members: members.into_iter().map(str::to_owned).collect(),
        }
    }

    pub(super) fn has(&self, user: &str) -> bool {
        self.members.contains(user)
    }

    /// Whether the bot may write there; the error's name if not.
    pub(super) fn admit_bot(&self) -> Result<(), &'static str> {
        match self.has(BOT_USER) {
            false if self.is_private => Err("channel_not_found"),
            _ if self.is_archived => Err("is_archived"),
            false => Err("not_in_channel"),
            true => Ok(()),
        }
    }
}

/// `#alerts` and `#backend`, where everybody is, and `#ops-private`, for Alice and Bob.
pub(super) fn channels(people: &[Person]) -> Vec<Channel> {
    let everybody = || people.iter().map(|person| person.id.as_str());
    let ops = Channel::new(OPS_PRIVATE, OPS_PRIVATE_NAME, ["U0ALICE001", "U0BOB00001"]);
    vec![
        Channel::new(CHANNEL, CHANNEL_NAME, everybody()),
        Channel::new(BACKEND, BACKEND_NAME, everybody()),
        Channel { is_private: true, ..ops },
    ]
}
