//! Refusals that are about the people and accounts involved. Each page names only what its reader
//! has proven to be theirs.

use maud::{Markup, html};

use crate::account::{SentrySide, SlackSide, single};
use crate::layout::{Tone, page};
use crate::problem::next;

/// One of the two sides is linked to somebody or something else (409).
pub struct AlreadyLinked {
    /// The Slack user who signed in.
    pub slack: SlackSide,
    /// The Sentry account that is linked already, masked: `j…@e….com`.
    pub current_email_masked: String,
    /// The side that is taken.
    pub side: TakenSide,
}

/// The side of a wanted link that has another partner already.
#[derive(Clone, Copy)]
pub enum TakenSide {
    /// The Slack user is linked to another Sentry account.
    Slack,
    /// The Sentry account is linked to another Slack user of this workspace.
    Sentry,
}

impl AlreadyLinked {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                @match self.side {
                    TakenSide::Slack => {
                        "This Slack identity is already linked to another Sentry account ("
                        bdi { (self.current_email_masked) } ")."
                    }
                    TakenSide::Sentry => {
                        "This Sentry account (" bdi { (self.current_email_masked) } ") is already "
                        "linked to another Slack user of this workspace."
                    }
                }
            }
            (single(&self.slack.card()))
            p { "Nothing was changed." }
            (next(&match self.side {
                TakenSide::Slack => html! {
                    "Unlink it first: type " code { "/sentry unlink" } " in Slack, or use the "
                    "unlink link you were given there. Then click the button under the alert again."
                },
                TakenSide::Sentry => html! {
                    "If that Slack user is also you, unlink it first: type "
                    code { "/sentry unlink" } " there. Otherwise, click the link in "
                    "Slack again and sign in to Sentry with your own account."
                },
            }))
        };
        page(Tone::Stop, "Already linked", &content)
    }
}

/// The browser's Slack user is not the one the link was made for (403).
pub struct WrongSlackUser {
    /// The browser's own Slack user. The link's user is never named.
    pub signed_in_as: String,
    /// The workspace of the browser's own Slack user.
    pub workspace: Option<String>,
}

impl WrongSlackUser {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "You are signed in to Slack as " bdi { (self.signed_in_as) }
                @if let Some(workspace) = &self.workspace { " (" bdi { (workspace) } ")" }
                ". This link was made for somebody else. Nothing was changed."
            }
            (next(&html! {
                "Did somebody send you this link? Ignore it, and tell them that it only works for "
                "them. To link your own account, click a button under an alert in Slack."
            }))
        };
        page(Tone::Stop, "This link is not for you", &content)
    }
}

/// An unlink was to be proven by the Sentry side, with another account than the linked one (403).
pub struct WrongSentryAccount {
    /// The Sentry account that signed in. The linked one is not named.
    pub signed_in_as: String,
}

impl WrongSentryAccount {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "You signed in to Sentry as " bdi { (self.signed_in_as) }
                ". That is not the account this Slack identity is linked to. Nothing was unlinked."
            }
            (next(&html! {
                "Click the link in Slack again. Then continue with Slack, or sign in to Sentry "
                "with the linked account."
            }))
        };
        page(Tone::Stop, "Another Sentry account", &content)
    }
}

/// The Sentry account that signed in is not in the organization (404).
pub struct NotAMember {
    /// The Sentry account that signed in.
    pub sentry: SentrySide,
    /// The Sentry organization's name.
    pub organization: String,
}

impl NotAMember {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "This Sentry account is not a member of the organization "
                bdi { (self.organization) } "."
            }
            (single(&self.sentry.card(None)))
            p { "Nothing was linked." }
            (next(&html! {
                "Sign in to Sentry with another account, then click the link in Slack again. "
                "No other account? Ask an owner of the organization to invite you."
            }))
        };
        page(Tone::Stop, "Not a member", &content)
    }
}

/// Sentry did not grant every permission that was asked for (403).
pub struct MissingPermission;

impl MissingPermission {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "Sentry did not grant everything Belay needs to act for you: to read your "
                "organizations, projects and issues, and to change issues. Nothing was linked."
            }
            (next(&html! {
                "Click the link in Slack again and approve all permissions. If Sentry does not "
                "offer them, ask an owner of the organization."
            }))
        };
        page(Tone::Stop, "A permission is missing", &content)
    }
}
