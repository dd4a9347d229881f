//! The record of what the stand-in was asked, for tests that count and for the page. It holds no
//! token, URL or text.

use shared::clock::Timestamp;

use super::state::State;

/// By which door a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// A `response_url`.
    ResponseUrl,
    /// A Web API method.
    WebApi,
    /// Sign in with Slack: the consent page or the token endpoint.
    SignIn,
    /// Adding the app: the consent page or the token endpoint.
    Install,
}

/// One call the stand-in received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// By which door.
    pub kind: CallKind,
    /// The method's name, `chat.update`; for a `response_url` its family, `actions` or `commands`.
    pub method: String,
    /// `ok`, or the error's name.
    pub outcome: String,
    /// The HTTP status that was answered.
    pub status: u16,
    /// Whether a scripted fault had its hand in it.
    pub fault: bool,
    /// When.
    pub at: Timestamp,
}

impl State {
    /// Writes a call down, with its outcome as a word and an HTTP status.
    pub(super) fn record(
        &mut self,
        kind: CallKind,
        method: &str,
        (outcome, status): (&str, u16),
        fault: bool,
    ) {
        let (method, outcome, at) = (method.to_owned(), outcome.to_owned(), self.now());
        self.log.push(Call { kind, method, outcome, status, fault, at });
    }
}
