//! Linking: what will happen, what exactly will be linked, and that it is.

use maud::{Markup, html};

use crate::account::{Bond, SentrySide, SlackSide, empty_sentry, pair};
use crate::form::{BackToSlack, MINE, form, step};
use crate::layout::{Tone, page};

/// Asked on both pages that come before the link.
const CONFIRM: &str = "Confirm that you'd like to link your Slack identity to your Sentry account.";
const LINKED: &str = "Your Slack identity has been associated with your Sentry account. \
    You may now take actions through Slack!";

/// Page 1 (200): who is asked, and what will happen.
pub struct StartLink {
    /// The Slack user the link was made for, as the click told it. Not proven yet.
    pub slack: SlackSide,
    /// The Sentry organization's name.
    pub organization: String,
    /// The click that waits, in words that follow "then:", such as `resolve this issue`.
    pub waiting: Option<String>,
    /// The form's token.
    pub form_token: String,
}

impl StartLink {
    /// The page.
    pub fn render(&self) -> Markup {
        let sentry =
            empty_sentry(Some(&self.organization), "Your account", "You sign in to it on the way");
        let content = html! {
            p.lead { (CONFIRM) }
            (pair(&self.slack, Bond::Open, &sentry))
            ol.steps {
                li { "Sign in with Slack, to show that it is you." }
                li { "Sign in to Sentry." }
                li { "Check both accounts and confirm." }
            }
            (then(self.waiting.as_deref()))
            (form(step::BEGIN, &self.form_token, &html! {
                button { "Continue with Slack" }
            }))
            p.hint { "Not you? Close this page; nothing is linked." }
        };
        page(Tone::Ask, "Link Slack and Sentry", &content)
    }
}

/// Page 2 (200): both accounts, proven, and the one button that links them.
pub struct ConfirmLink {
    /// The Slack user who signed in.
    pub slack: SlackSide,
    /// The Sentry account that signed in.
    pub sentry: SentrySide,
    /// The Sentry organization's name.
    pub organization: String,
    /// The click that waits, in words that follow "then:", such as `resolve BACKEND-12`.
    pub waiting: Option<String>,
    /// The form's token.
    pub form_token: String,
}

impl ConfirmLink {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead { (CONFIRM) }
            (pair(&self.slack, Bond::Open, &self.sentry.card(Some(&self.organization))))
            (then(self.waiting.as_deref()))
            (form(step::CONFIRM, &self.form_token, &html! {
                label.tick {
                    input type="checkbox" name=(MINE) value="yes" required;
                    "Both accounts are mine"
                }
                button { "Link accounts" }
            }))
            p.hint { "Not you? Close this page; nothing is linked." }
        };
        page(Tone::Ask, "Are both of these you?", &content)
    }
}

/// Page 3 (200): it is done.
pub struct Linked {
    /// The Slack side.
    pub slack: SlackSide,
    /// The Sentry side.
    pub sentry: SentrySide,
    /// The click that waited and is now under way, in words, such as `resolve BACKEND-12`.
    pub waiting: Option<String>,
    /// The way back.
    pub back: BackToSlack,
}

impl Linked {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead { (LINKED) }
            (pair(&self.slack, Bond::Tied, &self.sentry.card(None)))
            @if let Some(waiting) = &self.waiting {
                p.waiting { "Your click is being carried out: " (waiting) }
            }
            (self.back.button())
            p.hint { "Wrong account? Type " code { "/sentry unlink" } " in Slack." }
        };
        page(Tone::Done, "You're good to go!", &content)
    }
}

/// The click that waits for the link.
fn then(waiting: Option<&str>) -> Markup {
    html! {
        @if let Some(waiting) = waiting {
            p.waiting { "then: " (waiting) }
        }
    }
}
