//! Problems with the link, the form or a service: what happened, that nothing was changed, and what
//! to do next.

use maud::{Markup, html};

use crate::layout::{Tone, page};

/// Links come with a click under an alert, or by command, or from the app's home.
const FRESH_LINK: &str = "Click the button in Slack again for a fresh link, or type /sentry link there \
                          (/sentry unlink to unlink).";

/// The page for a request that is refused with `status`; `reference` is the request's id.
///
/// A status has one face: whoever tries links learns nothing from the page.
pub fn for_status(status: u16, reference: &str) -> Markup {
    match status {
        403 => Refused.render(),
        404 => Invalid.render(),
        410 => Expired { reason: ExpiredReason::TooOld }.render(),
        500 | 503 => {
            let reference = (!reference.is_empty()).then(|| reference.to_owned());
            TryAgain { reference }.render()
        }
        _ => Problem {
            title: "This request cannot be answered".into(),
            detail: "Please go back to Slack and click the link there.".into(),
        }
        .render(),
    }
}

/// The link was good once (410).
pub struct Expired {
    /// Why it is not any more.
    pub reason: ExpiredReason,
}

/// Why a link that was good once is not any more.
#[derive(Clone, Copy)]
pub enum ExpiredReason {
    /// Its life of 15 minutes is over.
    TooOld,
    /// It has done its work.
    Used,
    /// The accounts were linked or unlinked since, or a newer link was made.
    Superseded,
}

impl Expired {
    /// The page.
    pub fn render(&self) -> Markup {
        let (heading, happened) = match self.reason {
            ExpiredReason::TooOld => {
                ("This link has expired", "A link works for 15 minutes, and this one is older.")
            }
            ExpiredReason::Used => {
                ("This link has been used", "A link works once, and this one has done its work.")
            }
            ExpiredReason::Superseded => (
                "This link is out of date",
                "Your accounts have changed since it was made, or there is a newer link.",
            ),
        };
        problem(heading, happened, FRESH_LINK)
    }
}

/// The link is not one of ours (404). The same words whatever is wrong with it: they teach a forger
/// nothing.
pub struct Invalid;

impl Invalid {
    /// The page.
    pub fn render(&self) -> Markup {
        problem(
            "This link is not valid",
            "It may have been cut off when it was copied.",
            FRESH_LINK,
        )
    }
}

/// A sign-in did not come to its end (400).
pub struct StartAgain {
    /// Whether the person said no, rather than the sign-in breaking off.
    pub cancelled: bool,
}

impl StartAgain {
    /// The page.
    pub fn render(&self) -> Markup {
        let (heading, happened) = if self.cancelled {
            ("You cancelled the sign-in", "Nothing was changed.")
        } else {
            (
                "The sign-in was interrupted",
                "It took too long, or went on in another browser or tab. Nothing was changed.",
            )
        };
        problem(heading, happened, "Click the link in Slack again to start over.")
    }
}

/// The form did not come from our page in this browser (403).
pub struct Refused;

impl Refused {
    /// The page.
    pub fn render(&self) -> Markup {
        problem(
            "We could not check this form",
            "The page was open for too long, or its cookie is missing. Nothing was changed.",
            "Go back, reload the page and try again. If that does not help, allow cookies for this \
             site or open the link in your usual browser.",
        )
    }
}

/// Something that is needed does not answer, or failed (500, 503). What was asked for may have been
/// done all the same: a write whose answer was lost counts.
pub struct TryAgain {
    /// What a person can quote to those who run Belay: the request's id.
    pub reference: Option<String>,
}

impl TryAgain {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead { "This could not be finished: something that Belay needs did not answer." }
            (next(&html! {
                "Wait a minute, then click the link in Slack again. It shows how far you are, and going on \
                 from there is safe."
            }))
            @if let Some(reference) = &self.reference {
                p.hint { "If you ask for help, quote " code { (reference) } "." }
            }
        };
        page(Tone::Stop, "Please try again", &content)
    }
}

/// What the page showed is not what would be written now (409).
pub struct Changed;

impl Changed {
    /// The page.
    pub fn render(&self) -> Markup {
        problem(
            "Something changed meanwhile",
            "Another account has signed in since the page was shown, perhaps in another tab. \
             Nothing was changed.",
            "Click the link in Slack again and check both accounts.",
        )
    }
}

/// Everything that has no page of its own (405, 500).
pub struct Problem {
    /// The heading.
    pub title: String,
    /// What happened and what to do, in one or two sentences.
    pub detail: String,
}

impl Problem {
    /// The page.
    pub fn render(&self) -> Markup {
        page(Tone::Stop, &self.title, &html! { p.lead { (self.detail) } })
    }
}

/// What to do next, set apart from what happened.
pub(crate) fn next(what: &Markup) -> Markup {
    html! {
        section.next {
            h2 { "What to do" }
            p { (what) }
        }
    }
}

fn problem(heading: &str, happened: &str, what_next: &str) -> Markup {
    let content = html! {
        p.lead { (happened) }
        (next(&html! { (what_next) }))
    };
    page(Tone::Stop, heading, &content)
}
