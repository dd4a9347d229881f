//! What a person can press: the forms, and the ways into Slack.
//!
//! Wire format: a form posts to the address it was loaded from, as
//! `application/x-www-form-urlencoded`, with [`STEP`] (one of [`step`]), [`FORM_TOKEN`] (minted by
//! the caller for this browser and flow) and, where the person chooses how to prove themself,
//! [`WITH`] (one of [`with`]). The page that binds two accounts also sends [`MINE`], the one that parts
//! them [`SURE`], those that are about one organization [`ORGANIZATION`].

use maud::{Markup, html};

/// The field that says which step is taken.
pub const STEP: &str = "step";
/// The field that shows that the form came from our page in this browser.
pub const FORM_TOKEN: &str = "form_token";
/// The field that says with which side a person proves themself.
pub const WITH: &str = "with";
/// The box a person ticks to say that both accounts are theirs; its value is `yes`.
///
/// A second, deliberate gesture: whoever lures two quick clicks onto the place of the button has
/// still not linked anything.
pub const MINE: &str = "mine";
/// The same of a person who unlinks: either side may do that, so both need not be theirs.
pub const SURE: &str = "sure";
/// The field that says which Sentry organization is meant: its id where the page offers it, its slug
/// where the person types it. Typed, it may be empty.
pub const ORGANIZATION: &str = "organization";

/// The values of [`STEP`].
pub mod step {
    /// Leave for the first sign-in.
    pub const BEGIN: &str = "begin";
    /// Write what the page shows.
    pub const CONFIRM: &str = "confirm";
    /// After an unlink: start over with another account.
    pub const RELINK: &str = "relink";
    /// Install for the organization that is sent along.
    pub const CHOOSE: &str = "choose";
    /// Add one more organization to a workspace that has one.
    pub const ADD: &str = "add";
}

/// The values of [`WITH`].
pub mod with {
    /// Sign in with Slack.
    pub const SLACK: &str = "slack";
    /// Sign in to Sentry.
    pub const SENTRY: &str = "sentry";
}

/// Where `Go back to Slack` leads: the conversation in which the person clicked, or as near to it as
/// is known.
#[derive(Clone)]
pub struct BackToSlack {
    /// The conversation's id, `C…`, `G…` or `D…`; none after a link that stood in the app's home.
    pub channel: Option<String>,
    /// The workspace's id, `T…`; none where the app belongs to a whole organization.
    pub team: Option<String>,
}

impl BackToSlack {
    /// The button. Its address is a deep link into the Slack app (docs.slack.dev, "Deep
    /// linking into Slack").
    pub(crate) fn button(&self) -> Markup {
        let address = match (&self.channel, &self.team) {
            (Some(channel), Some(team)) => format!("slack://channel?id={channel}&team={team}"),
            (None, Some(team)) => format!("slack://open?team={team}"),
            (_, None) => "slack://open".to_owned(),
        };
        html! { a.button href=(address) { "Go back to Slack" } }
    }
}

/// Where `Open Belay in Slack` leads: the app's own place in a workspace.
#[derive(Clone)]
pub struct AppInSlack {
    /// The workspace's id, `T…`.
    pub team: String,
    /// The app's id, `A…`.
    pub app: String,
}

impl AppInSlack {
    /// The button. Its address is a deep link to the app's home tab (docs.slack.dev, "Deep linking
    /// into Slack"); there is none for an app of a whole organization, which has no one workspace.
    pub(crate) fn button(&self) -> Markup {
        html! {
            @if !self.team.is_empty() && !self.app.is_empty() {
                a.button href={ "slack://app?team=" (self.team) "&id=" (self.app) "&tab=home" } {
                    "Open Belay in Slack"
                }
            }
        }
    }
}

/// A form that takes `step`, around its visible controls.
pub(crate) fn form(step: &str, form_token: &str, controls: &Markup) -> Markup {
    html! {
        // Firefox would otherwise put the values of before a reload back into hidden fields.
        form method="post" autocomplete="off" {
            input type="hidden" name=(STEP) value=(step);
            input type="hidden" name=(FORM_TOKEN) value=(form_token);
            (controls)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_a_deep_link_to_the_conversation() {
        let back = BackToSlack { channel: Some("C012".into()), team: Some("T034".into()) };

        let button = back.button().into_string();

        assert_eq!(
            button,
            r#"<a class="button" href="slack://channel?id=C012&amp;team=T034">Go back to Slack</a>"#
        );
    }

    #[test]
    fn the_way_back_leads_as_near_as_is_known() {
        let (channel, team) = (Some("C012".to_owned()), Some("T034".to_owned()));
        for (channel, team, address) in [
            (None, team, "slack://open?team=T034"),
            (channel, None, "slack://open"),
            (None, None, "slack://open"),
        ] {
            let button = BackToSlack { channel, team }.button().into_string();

            assert!(button.contains(&format!("href=\"{address}\"")), "{button}");
        }
    }

    #[test]
    fn the_way_to_the_app_is_a_deep_link_to_its_home_tab() {
        let app = AppInSlack { team: "T034".into(), app: "A056".into() };

        let button = app.button().into_string();

        assert!(button.contains(r#"href="slack://app?team=T034&amp;id=A056&amp;tab=home""#));
        for half in [
            AppInSlack { team: String::new(), ..app.clone() },
            AppInSlack { app: String::new(), ..app },
        ] {
            assert!(half.button().into_string().is_empty());
        }
    }
}
