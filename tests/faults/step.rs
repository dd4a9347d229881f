//! Chance that can be repeated: the same seed takes the same steps.

use Step::{
    Click, DeliverAgain, DieAfterChange, DieAfterClaim, LoseAnswer, LoseWakeUps, SentryFails,
    SentryRecovers, SlackFails, SlackRecovers, SomebodyElse, Sweep, Wait, WakeAgain, Work,
};

/// Knuth's linear congruential generator; its upper bits are random enough to choose a step.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    pub(crate) fn among<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

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
