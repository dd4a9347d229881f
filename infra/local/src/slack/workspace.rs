//! The workspace everything happens in: Acme, its people, its channels, and the app; and the
//! organization that Acme may belong to.

/// The workspace's id.
pub const TEAM: &str = "T0ACME0001";
/// The workspace's domain: `acme.slack.com`.
pub const TEAM_DOMAIN: &str = "acme";
/// The workspace's name.
pub const TEAM_NAME: &str = "Acme";
/// An organization the workspace can be made to belong to, on Enterprise Grid.
pub const ENTERPRISE: &str = "E0GRID0001";
/// The organization's name.
pub const ENTERPRISE_NAME: &str = "Acme Worldwide";
/// Another workspace of that organization.
pub const SIBLING_TEAM: &str = "T0ACME0002";
/// The channel the alerts are posted to.
pub const CHANNEL: &str = "C0ALERTS01";
/// That channel's name, without `#`.
pub const CHANNEL_NAME: &str = "alerts";
/// Another public channel.
pub const BACKEND: &str = "C0BACKEND1";
/// That channel's name, without `#`.
pub const BACKEND_NAME: &str = "backend";
/// A private channel, which the app's bot is not in.
pub const OPS_PRIVATE: &str = "C0OPSPRIV1";
/// That channel's name, without `#`.
pub const OPS_PRIVATE_NAME: &str = "ops-private";
/// The app's id.
pub const APP: &str = "A0BELAY001";
/// The app's bot, as an author of messages.
pub const BOT: &str = "B0BELAY001";
/// The app's bot, as a member of the workspace.
pub const BOT_USER: &str = "U0BELAYBOT";

/// Bob, who posts links.
pub(super) const BOB: &str = "U0BOB00001";

/// A member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user id, `U…` or `W…`.
    pub id: String,
    /// The short name, `alice`.
    pub name: String,
    /// The full name, `Alice Archer`.
    pub real_name: String,
    /// The address the person signs in with.
    pub email: String,
    /// The person's own workspace. In a shared channel it may be another one than [`TEAM`].
    pub team_id: String,
    /// A program, not a person.
    pub is_bot: bool,
    /// A guest, who sees the channels they were invited to.
    pub is_restricted: bool,
    /// Deactivated.
    pub deleted: bool,
}

impl Person {
    /// An ordinary member of [`TEAM`].
    pub fn member(id: &str, name: &str, real_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            real_name: real_name.to_owned(),
            email: format!("{name}@acme.example"),
            team_id: TEAM.to_owned(),
            is_bot: false,
            is_restricted: false,
            deleted: false,
        }
    }
}

/// Alice, Bob, Mallory and the app's bot.
pub(super) fn people() -> Vec<Person> {
    let bot = Person::member(BOT_USER, "belay", "Belay");
    vec![
        Person::member("U0ALICE001", "alice", "Alice Archer"),
        Person::member(BOB, "bob", "Bob Baker"),
        Person::member("U0MALLORY1", "mallory", "Mallory Moss"),
        Person { is_bot: true, email: String::new(), ..bot },
    ]
}

/// The direct messages between the app and a person.
pub(super) fn direct_channel(user: &str) -> String {
    format!("D{}", user.get(1..).unwrap_or_default())
}
