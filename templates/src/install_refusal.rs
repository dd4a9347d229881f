//! Installs that stop short because of what Slack or Sentry say about the people and the workspace.

use maud::{Markup, html};

use crate::account::{SentrySide, single};
use crate::form::{form, step};
use crate::install::listed;
use crate::install_problem::begin_again;
use crate::layout::{Tone, page};
use crate::problem::next;

/// The workspace acts in other organizations already (409): one more is added only when asked for.
pub struct AlreadyInstalled {
    /// The workspace's name.
    pub workspace: String,
    /// The names of the organizations it is connected to.
    pub current: Vec<String>,
    /// The name of the organization that was chosen now.
    pub adding: String,
    /// The form's token.
    pub form_token: String,
}

impl AlreadyInstalled {
    /// The page.
    pub fn render(&self) -> Markup {
        let heading = format!("{} is already connected", self.workspace);
        let content = html! {
            p.lead { "It is connected to " (listed(&self.current)) ". Nothing was changed." }
            p { "Shall Belay act in " bdi { (self.adding) } " as well?" }
            (form(step::ADD, &self.form_token, &html! {
                // One child: the button is a flex container, which drops the spaces between several.
                button { span { "Add " bdi { (self.adding) } " too" } }
            }))
            p.hint { "Close this page to leave it as it is." }
        };
        page(Tone::Ask, &heading, &content)
    }
}

/// Slack granted less than was asked for (403).
pub struct MissingScopes {
    /// The workspace's name.
    pub workspace: String,
    /// What is missing: at least one.
    pub missing: Vec<MissingScope>,
}

/// A permission that Slack did not grant.
#[derive(Clone)]
pub struct MissingScope {
    /// Its name at Slack, such as `chat:write`.
    pub scope: String,
    /// What Belay does with it, in words that stand alone.
    pub purpose: String,
}

impl MissingScopes {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "Belay cannot work in " bdi { (self.workspace) }
                " without all of its permissions. Slack did not grant these:"
            }
            ul.scopes role="list" {
                @for missing in &self.missing {
                    li { code { (missing.scope) } " " span.detail { (missing.purpose) } }
                }
            }
            p { "Nothing was stored." }
            (next(&html! {
                "Begin again and approve all of them. If Slack does not let you, ask an admin of "
                "the workspace."
            }))
            (begin_again())
        };
        page(Tone::Stop, "Permissions are missing", &content)
    }
}

/// The Sentry account has no say over an organization, or not over the one that was named (403).
pub struct MayNotInstall {
    /// The Sentry account that signed in.
    pub account: SentrySide,
}

impl MayNotInstall {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "An owner or manager of the Sentry organization can add Belay. This account is "
                "neither."
            }
            (single(&self.account.card(None)))
            p { "Nothing was changed." }
            (next(&html! {
                "Ask an owner of the organization, or sign out of Sentry and begin again with "
                "another account. Is the organization's data stored outside the US? Then begin "
                "again and give its slug."
            }))
            (begin_again())
        };
        page(Tone::Stop, "Not an owner or manager", &content)
    }
}
