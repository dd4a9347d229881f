//! A browser, and what it holds: a page's form, and the address it is sent to next.

use std::collections::BTreeSet;

use crate::harness::{
    Answer, PUBLIC_URL, World,
    browser::{Browser, Form, form_of, next_address},
};

/// Somebody in front of a browser.
pub(super) struct Visitor<'a> {
    pub(super) browser: Browser<'a>,
    /// Where it is sent next; handed on, somebody else is.
    pub(super) next: Option<String>,
    /// The newest form it was shown, and where it stands; handed on, somebody else sends it.
    pub(super) form: Option<(String, Form)>,
    /// Every name that the bundle has known it by.
    pub(super) names: BTreeSet<String>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(world: &'a World, (slack_user, account): (&str, &str)) -> Self {
        Self {
            browser: Browser::of(world, slack_user, account),
            next: None,
            form: None,
            names: BTreeSet::new(),
        }
    }

    /// Opens an address of the bundle.
    pub(super) async fn open(&mut self, url: &str) -> Answer {
        let answer = self.browser.get(url).await;
        self.look_at(url, answer)
    }

    /// Goes where it is sent. At Slack and at Sentry it says yes, and comes back at once or holds the
    /// address of its return.
    pub(super) async fn go_on(&mut self, comes_back: bool) -> Option<Answer> {
        let next = self.browser.agreed(self.next.take()?);
        if next.starts_with(PUBLIC_URL) && comes_back {
            return Some(self.open(&next).await);
        }
        self.next = Some(next);
        None
    }

    /// Sends the form it holds, ticked, by one sign-in or the other.
    pub(super) async fn submit(&mut self, with: &str) -> Option<Answer> {
        let (url, form) = self.form.take()?;
        let form = form.with("with", with).with("mine", "yes").with("sure", "yes");
        let answer = self.browser.submit(&url, &form).await;
        Some(self.look_at(&url, answer))
    }

    /// Whether it was ever known by a name that the other is known by: for the bundle they are one.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        !self.names.is_disjoint(&other.names)
    }

    fn look_at(&mut self, url: &str, answer: Answer) -> Answer {
        self.names.extend(self.browser.cookie().map(str::to_owned));
        if let Some(next) = next_address(&answer) {
            self.next = Some(next);
        } else if answer.body.contains("type=\"hidden\"") {
            self.form = Some((url.to_owned(), form_of(&answer)));
        }
        answer
    }
}
