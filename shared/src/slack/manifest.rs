//! The app's manifest: pasted into Slack, it makes the app with every address and permission right.
//!
//! It is made of the bundle's own routes and scopes, so it cannot name an address that is not
//! answered or ask for a permission that is not used. Fields and bounds:
//! docs.slack.dev/reference/app-manifest.

use serde_json::{Value, json};
use url::Url;

use super::{
    grant::{BOT_SCOPES, SIGN_IN_SCOPES},
    message::plain,
};
use crate::{routes::Urls, sentry::issue_link};

/// The one slash command.
pub const COMMAND: &str = "/sentry";

/// What the app is told about, by Slack's names.
pub const BOT_EVENTS: &[&str] =
    &["app_home_opened", "app_uninstalled", "link_shared", "message.im", "tokens_revoked"];

/// Slack's bound for an app's name, in characters.
pub const MAX_NAME: usize = 35;

/// What differs from one app to another.
#[derive(Debug, Clone, Copy)]
pub struct Wishes<'a> {
    /// The app's display name; Slack takes 35 characters.
    pub name: &'a str,
    /// Where Sentry is: links to it are shown as what they lead to.
    pub sentry: &'a Url,
    /// Whether the bot's token ends after twelve hours and is renewed. Slack never lets an app go
    /// back on that.
    pub token_rotation: bool,
}

/// The manifest of an app whose bundle answers at `urls`.
pub fn manifest(urls: &Urls, wishes: Wishes<'_>) -> Value {
    let scopes: Vec<&str> = BOT_SCOPES.iter().map(|scope| scope.name).collect();
    let name = plain(wishes.name, MAX_NAME);
    json!({
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "Act on Sentry issues from Slack, as yourself.",
            "background_color": "#362d59",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": true,
                "messages_tab_enabled": true,
                "messages_tab_read_only_enabled": false,
            },
            "bot_user": {"display_name": name, "always_online": true},
            "slash_commands": [{
                "command": COMMAND,
                "url": urls.command(),
                "description": "Your Sentry account in Slack, and where alerts go",
                "usage_hint": "link | unlink | whoami | alerts here | alerts off | help",
                "should_escape": false,
            }],
            "unfurl_domains": issue_link::domain(wishes.sentry).into_iter().collect::<Vec<_>>(),
        },
        "oauth_config": {
            "redirect_urls": [urls.sign_in_slack(), urls.install_slack()],
            "scopes": {"bot": scopes, "user": SIGN_IN_SCOPES},
        },
        "settings": {
            "interactivity": {
                "is_enabled": true,
                "request_url": urls.action(),
                "message_menu_options_url": urls.options(),
            },
            "event_subscriptions": {"request_url": urls.event(), "bot_events": BOT_EVENTS},
            "org_deploy_enabled": true,
            "socket_mode_enabled": false,
            "token_rotation_enabled": wishes.token_rotation,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::ROUTES;

    fn a_manifest(name: &str) -> Value {
        let urls = Urls::new(Url::parse("https://belay.example.com").unwrap());
        let sentry = Url::parse("https://acme.sentry.io").unwrap();
        manifest(&urls, Wishes { name, sentry: &sentry, token_rotation: false })
    }

    fn addresses(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if text.starts_with("https://") => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| addresses(field, found)),
            _ => {}
        }
    }

    #[test]
    fn every_address_in_it_is_a_route() {
        let mut found = Vec::new();

        addresses(&a_manifest("Belay"), &mut found);

        assert_eq!(found.len(), 6);
        for address in found {
            let path = address.strip_prefix("https://belay.example.com").unwrap();
            assert!(ROUTES.iter().any(|route| route.matches(path)), "{path}");
        }
    }

    #[test]
    fn a_long_name_is_cut_to_what_slack_takes() {
        let manifest = a_manifest(&"Belay ".repeat(20));

        let name = manifest["display_information"]["name"].as_str().unwrap();
        assert_eq!(name.chars().count(), 35);
    }

    #[test]
    fn the_app_is_told_of_links_to_sentry() {
        let manifest = a_manifest("Belay");

        assert_eq!(manifest["features"]["unfurl_domains"], json!(["sentry.io"]));
        let events = &manifest["settings"]["event_subscriptions"]["bot_events"];
        assert!(events.as_array().unwrap().contains(&json!("link_shared")));
    }

    #[test]
    fn every_text_is_as_short_as_slack_takes_it() {
        let manifest = a_manifest(&"Belay ".repeat(20));

        for (path, most) in [
            ("/display_information/description", 140),
            ("/features/bot_user/display_name", 80),
            ("/features/slash_commands/0/command", 32),
            ("/features/slash_commands/0/description", 2_000),
            ("/features/slash_commands/0/usage_hint", 1_000),
        ] {
            let text = manifest.pointer(path).and_then(Value::as_str).unwrap();
            assert!((1..=most).contains(&text.chars().count()), "{path}: {text}");
        }
    }

    #[test]
    fn what_is_listed_is_listed_once_and_no_more_than_slack_takes() {
        let manifest = a_manifest("Belay");

        for (path, most) in [
            ("/oauth_config/redirect_urls", 1_000),
            ("/oauth_config/scopes/bot", 255),
            ("/oauth_config/scopes/user", 255),
            ("/settings/event_subscriptions/bot_events", 100),
            ("/features/unfurl_domains", 5),
        ] {
            let list = manifest.pointer(path).and_then(Value::as_array).unwrap();
            let texts: BTreeSet<_> = list.iter().map(|item| item.as_str().unwrap()).collect();
            assert_eq!(texts.len(), list.len(), "{path}");
            assert!((1..=most).contains(&list.len()), "{path}");
        }
    }

    #[test]
    fn the_bot_asks_for_what_it_uses_and_nobody_signs_in_with_it() {
        let manifest = a_manifest("Belay");

        let scopes = &manifest["oauth_config"]["scopes"];
        assert!(scopes["bot"].as_array().unwrap().iter().all(|scope| scope != "openid"));
        assert_eq!(scopes["user"], json!(["openid", "profile"]));
    }
}
