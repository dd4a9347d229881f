//! What happens on a bad day, as chance has it.

use Step::{
    Click, DeliverAgain, DieAfterChange, DieAfterClaim, LoseAnswer, LoseWakeUps, SentryFails,
    SentryRecovers, SlackFails, SlackRecovers, SomebodyElse, Sweep, Wait, WakeAgain, Work,
};

/// Something that happens on a bad day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Click,
    DeliverAgain,
    Work,
    WakeAgain,
    /// A worker takes the job and dies.
    DieAfterClaim,
    /// A worker dies before it has written down what it did.
    DieAfterChange,
    /// Sentry does it and its answer is lost.
    LoseAnswer,
    /// Bob decides in Sentry's own pages.
    SomebodyElse,
    Wait,
    Sweep,
    SentryFails,
    SentryRecovers,
    SlackFails,
    SlackRecovers,
    LoseWakeUps,
}

impl Step {
    /// Whether it is something that no plan has in it.
    pub(super) fn is_fault(self) -> bool {
        matches!(
            self,
            DeliverAgain
                | WakeAgain
                | DieAfterClaim
                | DieAfterChange
                | LoseAnswer
                | SentryFails
                | SlackFails
                | LoseWakeUps
        )
    }
}

/// How often each step is taken, by how often it stands here.
pub(super) const LIKELY: [Step; 24] = [
    Click,
    Click,
    DeliverAgain,
    Work,
    Work,
    Work,
    Work,
    WakeAgain,
    WakeAgain,
    DieAfterClaim,
    DieAfterChange,
    LoseAnswer,
    LoseAnswer,
    SomebodyElse,
    SomebodyElse,
    Wait,
    Wait,
    Wait,
    Sweep,
    SentryFails,
    SentryRecovers,
    SlackFails,
    SlackRecovers,
    LoseWakeUps,
];
