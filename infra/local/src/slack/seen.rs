//! What a test asks the stand-in: what people see, what was called, and what shall fail.

use super::{
    Call, Fault, Slack,
    message::{Message, MessageTs},
    views::View,
    workspace::{BOT_USER, direct_channel},
};

impl Slack {
    /// A message as it stands now; none when it was deleted or never posted.
    pub fn message(&self, ts: &MessageTs) -> Option<Message> {
        self.state().message(ts).cloned()
    }

    /// How often a message was changed; none when it was deleted or never posted.
    pub fn revision(&self, ts: &MessageTs) -> Option<u32> {
        self.state().message(ts).map(|message| message.revision)
    }

    /// What everybody in the channel of the alerts sees, oldest first.
    pub fn channel(&self) -> Vec<Message> {
        self.posts(super::CHANNEL)
    }

    /// What only `user` sees, oldest first.
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        self.select(|message| message.only_for.as_deref() == Some(user))
    }

    /// The app's direct messages to `user`, oldest first.
    pub fn direct_messages(&self, user: &str) -> Vec<Message> {
        let channel = direct_channel(user);
        self.select(|message| {
            message.channel == channel && message.only_for.is_none() && message.author == BOT_USER
        })
    }

    /// The modals `user` has open, oldest first.
    pub fn views(&self, user: &str) -> Vec<View> {
        self.state().views.iter().filter(|view| view.user == user).cloned().collect()
    }

    /// Whether `user` is told, next to this message, that there was trouble connecting.
    pub fn is_warned(&self, user: &str, message: &MessageTs) -> bool {
        self.state().warnings.contains(&(user.to_owned(), message.clone()))
    }

    /// Every call so far, oldest first.
    pub fn log(&self) -> Vec<Call> {
        self.state().log.clone()
    }

    /// From now on, every `response_url` fails like this.
    pub fn fail_response_urls(&self, how: Fault) {
        self.state().faults.response_urls.standing = Some(how);
    }

    /// The next use of a `response_url` fails like this; several add up, in order.
    pub fn fail_next_response_url(&self, how: Fault) {
        self.state().faults.response_urls.next.push_back(how);
    }

    /// No `response_url` fails any more.
    pub fn heal_response_urls(&self) {
        self.state().faults.response_urls.heal();
    }

    /// From now on, this method fails like this; `openid.connect.token` is a method as well.
    pub fn fail_web_api(&self, method: &str, how: Fault) {
        self.state().faults.web_api.entry(method.to_owned()).or_default().standing = Some(how);
    }

    /// The next call of this method fails like this; several add up, in order.
    pub fn fail_next_web_api(&self, method: &str, how: Fault) {
        self.state().faults.web_api.entry(method.to_owned()).or_default().next.push_back(how);
    }

    /// No method fails any more.
    pub fn heal_web_api(&self) {
        self.state().faults.web_api.clear();
    }

    fn select(&self, wanted: impl Fn(&Message) -> bool) -> Vec<Message> {
        self.state().messages.iter().filter(|message| wanted(message)).cloned().collect()
    }
}
