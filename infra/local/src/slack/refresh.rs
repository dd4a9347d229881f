//! Refresh tokens: each buys one new pair (Slack: docs.slack.dev/authentication/using-token-rotation).
//!
//! A spent one still works for a short grace period, so that an answer that was lost on the way is
//! no end. Slack does not say how long that is; the stand-in gives thirty seconds.

use std::{collections::HashMap, time::Duration};

use shared::clock::Timestamp;

use super::installs::Reach;
use crate::random;

/// How long a spent token still works.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// All refresh tokens of installations that are there.
#[derive(Default)]
pub(super) struct RefreshTokens {
    /// How often a token was spent.
    pub(super) spent: usize,
    tokens: HashMap<String, Refresh>,
}

struct Refresh {
    reach: Reach,
    spent: Option<Timestamp>,
}

impl RefreshTokens {
    pub(super) fn mint(&mut self, reach: Reach) -> String {
        let token = format!("xoxe-1-{}", random::secret(32));
        self.tokens.insert(token.clone(), Refresh { reach, spent: None });
        token
    }

    /// Spends a token; the installation it belongs to, if it still buys anything.
    pub(super) fn spend(&mut self, token: &str, now: Timestamp) -> Option<Reach> {
        let refresh = self.tokens.get_mut(token)?;
        if now.since(*refresh.spent.get_or_insert(now)) >= GRACE {
            return None;
        }
        self.spent += 1;
        Some(refresh.reach)
    }

    /// The installation is gone, and its tokens with it.
    pub(super) fn forget(&mut self, reach: Reach) {
        self.tokens.retain(|_, refresh| refresh.reach != reach);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn a_spent_token_works_for_thirty_seconds_more() {
        let mut tokens = RefreshTokens::default();
        let token = tokens.mint(Reach::Workspace);

        let bought =
            [0, 29, 30].map(|later| tokens.spend(&token, NOW.plus(Duration::from_secs(later))));

        assert_eq!(bought, [Some(Reach::Workspace), Some(Reach::Workspace), None]);
        assert_eq!(tokens.spent, 2);
    }

    #[test]
    fn an_uninstalled_app_refreshes_nothing() {
        let mut tokens = RefreshTokens::default();
        let token = tokens.mint(Reach::Workspace);

        tokens.forget(Reach::Workspace);

        assert_eq!(tokens.spend(&token, NOW), None);
    }
}
