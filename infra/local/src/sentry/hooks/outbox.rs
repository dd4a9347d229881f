//! Webhooks of issues that changed, on their way.

use std::mem;

use tokio::sync::mpsc::UnboundedSender;

use super::delivery::{Delivery, Route};
use super::signed::SignedHook;

/// What waits, and what has been sent.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Vec<SignedHook>,
    hold: Hold,
    /// Where webhooks are sent, if they are.
    pub(super) route: Option<Route>,
    /// Who sends what changes bring, one after the other.
    carrier: Option<UnboundedSender<SignedHook>>,
    /// What was sent last.
    pub(super) last: Option<SignedHook>,
    pub(super) deliveries: Vec<Delivery>,
}

/// Whether a webhook is kept back.
#[derive(Default)]
enum Hold {
    #[default]
    None,
    /// The next one will be.
    Next,
    /// This one is, until another has been sent.
    Kept(SignedHook),
}

impl Outbox {
    /// Takes a webhook on; it may be kept back.
    pub(super) fn push(&mut self, hook: SignedHook) {
        match mem::take(&mut self.hold) {
            Hold::None => self.pass_on(hook),
            Hold::Next => self.hold = Hold::Kept(hook),
            Hold::Kept(kept) => {
                self.pass_on(hook);
                self.pass_on(kept);
            }
        }
    }

    /// Keeps the next one back, unless one is kept already.
    pub(super) fn hold_back(&mut self) {
        if matches!(self.hold, Hold::None) {
            self.hold = Hold::Next;
        }
    }

    /// Keeps nothing back any more.
    pub(super) fn release(&mut self) {
        if let Hold::Kept(kept) = mem::take(&mut self.hold) {
            self.pass_on(kept);
        }
    }

    /// Whether the next one will be kept back, or one is.
    pub(super) fn holds_back(&self) -> bool {
        !matches!(self.hold, Hold::None)
    }

    pub(super) fn take(&mut self) -> Vec<SignedHook> {
        mem::take(&mut self.waiting)
    }

    /// From now on `carrier` gets what is pushed, and what waits already.
    pub(super) fn hand_over_to(&mut self, carrier: UnboundedSender<SignedHook>, route: Route) {
        self.carrier = Some(carrier);
        self.route = Some(route);
        for hook in self.take() {
            self.pass_on(hook);
        }
    }

    fn pass_on(&mut self, hook: SignedHook) {
        match &self.carrier {
            // The carrier lives as long as the stand-in: this cannot fail.
            Some(carrier) => drop(carrier.send(hook)),
            None => self.waiting.push(hook),
        }
    }
}
