//! The page between a form and somebody else's sign-in.
//!
//! Browsers apply the policy's `form-action` to the redirects that follow a form post, and where a
//! company's single sign-on will redirect to cannot be listed beforehand. A page that leaves by
//! itself ends the form post first, so `form-action 'self'` can stay.

use maud::{Markup, html};

use crate::layout::{Tone, page_with_head};

/// Hands the browser over to a sign-in page, at once and without a script (200).
pub struct Leaving {
    /// Whose sign-in it is, `Slack` or `Sentry`.
    pub to: &'static str,
    /// The absolute address of the sign-in, built by the caller. Never taken from a request.
    pub url: String,
}

impl Leaving {
    /// The page.
    pub fn render(&self) -> Markup {
        let heading = format!("Taking you to {}", self.to);
        let refresh = html! {
            meta http-equiv="refresh" content={ "0; url=" (self.url) };
        };
        let content = html! {
            p.lead { "You sign in there and come straight back." }
            a.button href=(self.url) { "Continue to " (self.to) }
        };
        page_with_head(Tone::Ask, &heading, &refresh, &content)
    }
}
