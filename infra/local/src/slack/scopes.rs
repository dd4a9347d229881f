//! Scopes of a bot: which there are, which method needs which
//! (Slack: docs.slack.dev/reference/scopes).

use std::collections::BTreeSet;

/// What a bot may be granted.
pub(super) type Scopes = BTreeSet<String>;

/// The bot scopes the stand-in knows; an app that asks for another one has mistyped it, or wants
/// something that is not here.
const KNOWN: [&str; 22] = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "links.embed:write",
    "links:read",
    "links:write",
    "mpim:history",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
];

/// All of them.
pub(super) fn all() -> Scopes {
    KNOWN.map(str::to_owned).into()
}

/// As they travel: `chat:write,team:read`.
pub(super) fn joined(scopes: &Scopes) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

/// Reads what an app asks for. Sign in with Slack is a flow of its own: its scopes are no bot's.
pub(super) fn requested(text: &str) -> Result<Scopes, String> {
    let scopes: Scopes = split(text).map(str::to_owned).collect();
    match scopes.iter().find(|scope| !KNOWN.contains(&scope.as_str())) {
        Some(unknown) => Err(format!("invalid_scope: {unknown}")),
        None if scopes.is_empty() => Err("no_bot_scopes_requested".to_owned()),
        None => Ok(scopes),
    }
}

/// The scopes of a list, separated by commas or spaces.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',']).filter(|scope| !scope.is_empty())
}

/// What a Web API method needs, whatever its arguments; `conversations.list` needs what it lists.
pub(super) fn needed(method: &str) -> Option<&'static str> {
    match method {
        "chat.postEphemeral" | "chat.postMessage" | "chat.update" => Some("chat:write"),
        "chat.unfurl" => Some("links:write"),
        "team.info" => Some("team:read"),
        "users.info" => Some("users:read"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_known_scopes_is_read() {
        let scopes = requested("team:read,chat:write").unwrap();

        assert_eq!(joined(&scopes), "chat:write,team:read");
    }

    #[test]
    fn what_is_no_bots_scope_is_refused() {
        for (text, error) in [
            ("chat:write,openid", "invalid_scope: openid"),
            ("chat:wriet", "invalid_scope: chat:wriet"),
            ("", "no_bot_scopes_requested"),
            (",", "no_bot_scopes_requested"),
        ] {
            assert_eq!(requested(text).unwrap_err(), error, "{text}");
        }
    }
}
