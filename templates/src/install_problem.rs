//! Problems on the way through an install. Whoever installs has no link in Slack to go back to: they
//! begin again.

use maud::{Markup, html};

use crate::install::AGAIN;
use crate::layout::{Tone, page};
use crate::problem::next;

/// The page for a request below `/install` that is refused with `status`; `reference` is the
/// request's id.
pub fn install_for_status(status: u16, reference: &str) -> Markup {
    match status {
        403 => problem(
            "We could not check this form",
            "The page was open for too long, or its cookie is missing. Nothing was changed.",
            "Begin again. If that does not help, allow cookies for this site.",
        ),
        404 => problem(
            "There is no such page",
            "The address may have been cut off when it was copied.",
            "Start from the first page.",
        ),
        405 => problem(
            "This page takes no such request",
            "It is opened in a browser, and sent by its own button. Nothing was changed.",
            "Start over from the first page.",
        ),
        500 | 503 => try_again(reference),
        _ => problem(
            "This request cannot be answered",
            "Something about it is not as this page sends it. Nothing was changed.",
            "Start over from the first page.",
        ),
    }
}

/// A sign-in or an approval did not come to its end (400).
pub struct InstallAgain {
    /// Whether the person said no, rather than the sign-in breaking off.
    pub cancelled: bool,
}

impl InstallAgain {
    /// The page.
    pub fn render(&self) -> Markup {
        if self.cancelled {
            problem(
                "Nothing was installed",
                "You cancelled on the way, at Sentry or at Slack.",
                "Changed your mind? Begin again whenever you like.",
            )
        } else {
            problem(
                "This sign-in cannot be used any more",
                "It is too old, has been used, or began in another browser. Nothing was changed \
                 just now.",
                "Begin again, and stay in this browser until the end.",
            )
        }
    }
}

/// The way back to the first page.
pub(crate) fn begin_again() -> Markup {
    html! {
        a.button href=(AGAIN) { "Begin again" }
    }
}

/// Says nothing about what was changed: Slack may have been asked before Sentry or the table failed.
fn try_again(reference: &str) -> Markup {
    let content = html! {
        p.lead { "Slack or Sentry does not answer right now. It is safe to begin again." }
        (next(&html! { "Wait a minute, then begin again." }))
        (begin_again())
        @if !reference.is_empty() {
            p.hint { "If you ask for help, quote " code { (reference) } "." }
        }
    };
    page(Tone::Stop, "Please try again", &content)
}

fn problem(heading: &str, happened: &str, what_next: &str) -> Markup {
    let content = html! {
        p.lead { (happened) }
        (next(&html! { (what_next) }))
        (begin_again())
    };
    page(Tone::Stop, heading, &content)
}
