//! `conversations.list`: the channels the bot can see, page by page.
//!
//! ```text
//! types             public_channel (channels:read), private_channel (groups:read)
//! limit             1 to 999; 100 if it is left out
//! cursor            response_metadata.next_cursor of the page before; empty after the last
//! exclude_archived  applied to a page once it is cut: it can be short, even empty, and not the last
//! team_id           which workspace, for a token of the whole organization
//! ```
//! A private channel is listed for a bot that is in it (Slack:
//! docs.slack.dev/reference/methods/conversations.list).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    channels::Channel,
    installs::Reach,
    reply::Refusal,
    scopes,
    state::State,
    web_api::Arguments,
    workspace::{BOT_USER, TEAM},
};

const LIMIT: usize = 999;

/// The kinds of channels somebody asks for.
#[derive(Debug, Clone, Copy, Default)]
struct Kinds {
    public: bool,
    private: bool,
}

impl State {
    pub(super) fn list_channels(
        &self,
        reach: Reach,
        arguments: &Arguments,
    ) -> Result<Value, Refusal> {
        let kinds = self.kinds(reach, arguments)?;
        check_team(reach, arguments)?;
        let limit = arguments.limit(LIMIT)?;
        let visible: Vec<_> = self.channels.iter().filter(|channel| kinds.show(channel)).collect();
        let start = match arguments.text("cursor") {
            None => 0,
            Some(cursor) => visible
                .iter()
                .position(|channel| cursor_to(channel) == cursor)
                .ok_or(Refusal::new("invalid_cursor"))?,
        };
        let with_archived = !arguments.flag("exclude_archived");
        let page = visible.iter().skip(start).take(limit);
        let shown = page.filter(|channel| with_archived || !channel.is_archived);
        let channels: Vec<_> = shown.map(|channel| channel.json()).collect();
        let next = visible.get(start + limit).map(|channel| cursor_to(channel));
        let metadata = json!({"next_cursor": next.unwrap_or_default()});
        Ok(json!({"channels": channels, "response_metadata": metadata}))
    }

    /// Each kind takes a scope of its own.
    fn kinds(&self, reach: Reach, arguments: &Arguments) -> Result<Kinds, Refusal> {
        let mut kinds = Kinds::default();
        for kind in scopes::split(arguments.text("types").unwrap_or("public_channel")) {
            match kind {
                "public_channel" => kinds.public = true,
                "private_channel" => kinds.private = true,
                _ => return Err(Refusal::new("invalid_types")),
            }
        }
        if kinds.public {
            self.require(reach, "channels:read")?;
        }
        if kinds.private {
            self.require(reach, "groups:read")?;
        }
        Ok(kinds)
    }
}

impl Kinds {
    fn show(self, channel: &Channel) -> bool {
        if channel.is_private { self.private && channel.has(BOT_USER) } else { self.public }
    }
}

impl Channel {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_archived": self.is_archived,
            "is_member": self.has(BOT_USER),
            "is_private": self.is_private,
        })
    }
}

fn check_team(reach: Reach, arguments: &Arguments) -> Result<(), Refusal> {
    match (reach, arguments.text("team_id")) {
        (_, Some(TEAM)) | (Reach::Workspace, None) => Ok(()),
        (Reach::Organization, None) => Err(Refusal::new("missing_argument")),
        (_, Some(_)) => Err(Refusal::new("team_access_not_granted")),
    }
}

fn cursor_to(channel: &Channel) -> String {
    BASE64_STANDARD.encode(format!("team:{}", channel.id))
}
