//! The app is taken out of the workspace at Slack's side.
//!
//! Best effort: the bundle forgets the workspace whatever Slack says, and what is left to do by hand
//! is said. Slack's events about it find the installation disabled and change nothing.

use shared::{
    config::{ConfigError, Settings},
    identity::Installation,
    sealing::Sealer,
    slack::client::{SlackClient, SlackOauth},
};

const BY_HAND: &str = "remove it by hand: in the workspace's administration, Manage apps";

/// Who uninstalls the app.
pub(super) struct InSlack {
    pub(super) client: SlackClient,
    pub(super) oauth: SlackOauth,
    /// Opens the bot's token.
    pub(super) sealer: Sealer,
}

impl InSlack {
    pub(super) fn of(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            client: settings.slack()?,
            oauth: settings.slack_oauth()?,
            sealer: settings.front_sealer()?,
        })
    }
}

/// What came of it, in words.
pub(super) async fn uninstall(
    slack: Result<&InSlack, &String>,
    installation: &Installation,
) -> String {
    let slack = match slack {
        Ok(slack) => slack,
        Err(why) => return format!("the app is still there ({why}); {BY_HAND}"),
    };
    let Ok(token) = installation.open_bot_token(&slack.sealer) else {
        return format!("the app is still there (MASTER_KEY opens no token); {BY_HAND}");
    };
    match slack.client.uninstall(&slack.oauth, &token).await {
        Ok(()) => "the app is uninstalled.".to_owned(),
        Err(error) if error.is_dead_token() => "the app was removed there already.".to_owned(),
        Err(error) => format!("the app may still be there ({error}); {BY_HAND}"),
    }
}
