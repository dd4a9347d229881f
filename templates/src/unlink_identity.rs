//! Unlinking: prove one side, see what will be unlinked, and that it is.

use maud::{Markup, html};

use crate::account::{Bond, SentrySide, SlackSide, empty_sentry, pair};
use crate::form::{BackToSlack, SURE, WITH, form, step, with};
use crate::layout::{Tone, page};

/// Asked on both pages that come before the unlink.
const CONFIRM: &str =
    "Confirm that you'd like to unlink your Slack identity from your Sentry account.";
const UNLINKED: &str = "Your Slack identity has been unassociated with your Sentry account.";

/// Page 1 (200): which Slack identity, and two ways to prove that one may unlink it.
pub struct StartUnlink {
    /// The Slack user the link was made for. Not proven yet.
    pub slack: SlackSide,
    /// The name of the Sentry organization in which the person clicked.
    pub organization: String,
    /// The form's token.
    pub form_token: String,
}

impl StartUnlink {
    /// The page.
    pub fn render(&self) -> Markup {
        // The linked account stays unnamed: nothing is proven yet.
        let sentry = empty_sentry(
            Some(&self.organization),
            "The linked account",
            "Shown once you have signed in",
        );
        let content = html! {
            p.lead { (CONFIRM) }
            (pair(&self.slack, Bond::Tied, &sentry))
            p { "First sign in on one side, to show that it is yours. Either one is enough." }
            (form(step::BEGIN, &self.form_token, &html! {
                button name=(WITH) value=(with::SLACK) { "Continue with Slack" }
                button.second name=(WITH) value=(with::SENTRY) { "Continue with Sentry" }
            }))
            p.hint { "Nothing is unlinked before you confirm it on the next page." }
        };
        page(Tone::Ask, "Unlink Slack and Sentry", &content)
    }
}

/// Page 2 (200): both accounts, a box to tick, and the button that unlinks them.
pub struct ConfirmUnlink {
    /// The linked Slack user.
    pub slack: SlackSide,
    /// The linked Sentry account.
    pub sentry: SentrySide,
    /// The form's token.
    pub form_token: String,
}

impl ConfirmUnlink {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead { (CONFIRM) }
            (pair(&self.slack, Bond::Tied, &self.sentry.card(None)))
            (form(step::CONFIRM, &self.form_token, &html! {
                label.tick {
                    input type="checkbox" name=(SURE) value="yes" required;
                    "Unlink these two"
                }
                button.danger { "Unlink accounts" }
            }))
            p.hint { "You can link again at any time. Changed your mind? Close this page." }
        };
        page(Tone::Ask, "Unlink these accounts?", &content)
    }
}

/// Page 3 (200): it is done, and another account can be linked.
pub struct Unlinked {
    /// The Slack user who is free again.
    pub slack: SlackSide,
    /// The way back.
    pub back: BackToSlack,
    /// The token of the form that links another account.
    pub form_token: String,
}

impl Unlinked {
    /// The page.
    pub fn render(&self) -> Markup {
        let sentry = empty_sentry(None, "No account", "Your next click will ask for one");
        let content = html! {
            p.lead { (UNLINKED) }
            (pair(&self.slack, Bond::Open, &sentry))
            (self.back.button())
            (form(step::RELINK, &self.form_token, &html! {
                button.second { "Link another account" }
            }))
            p.hint {
                "Belay has forgotten its tokens for that account. To revoke the approval as well, "
                "open Sentry: User settings → Authorized Applications."
            }
        };
        page(Tone::Done, "Accounts unlinked", &content)
    }
}

/// There is nothing to unlink, or not any more (200).
pub struct NotLinked {
    /// The way back.
    pub back: BackToSlack,
}

impl NotLinked {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead {
                "This Slack identity is not linked to a Sentry account. "
                "There is nothing left to do."
            }
            (self.back.button())
            p.hint { "To link an account, click a button under an alert in Slack." }
        };
        page(Tone::Done, "Nothing to unlink", &content)
    }
}
