//! Where the app is installed, and the tokens that came of it.
//!
//! An installation covers the workspace or the whole organization; both can be there at a time.
//! Scopes add up over re-installs and go with the app only (Slack:
//! docs.slack.dev/authentication/installing-with-oauth). With token rotation an access token lives
//! twelve hours, and an installation has two of them at most
//! (docs.slack.dev/authentication/using-token-rotation).

use std::{collections::BTreeMap, time::Duration};

use shared::clock::Timestamp;

use super::{
    refresh::RefreshTokens,
    scopes::{self, Scopes},
};
use crate::random;

/// How long an access token lives when tokens rotate.
pub(super) const ACCESS_LIFE: Duration = Duration::from_hours(12);
/// How many expiring access tokens one installation has.
const ACTIVE: usize = 2;

/// What an installation covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reach {
    /// One workspace.
    Workspace,
    /// The whole organization, Enterprise Grid.
    Organization,
}

/// All installations and all tokens, dead ones too: each is refused in its own words.
pub(super) struct Installs {
    /// Whether new tokens expire.
    pub(super) rotation: bool,
    pub(super) refresh: RefreshTokens,
    granted: BTreeMap<Reach, Scopes>,
    /// Oldest first.
    tokens: Vec<Token>,
}

struct Token {
    text: String,
    reach: Reach,
    expires: Option<Timestamp>,
    end: Option<End>,
}

/// How a token died before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Revoked,
    Uninstalled,
}

/// Tokens as an exchange hands them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Minted {
    pub(super) access: String,
    /// Only when tokens rotate.
    pub(super) refresh: Option<String>,
}

impl Installs {
    /// The app in the workspace, with all scopes and this token, which never expires.
    pub(super) fn seeded(token: &str) -> Self {
        let text = token.to_owned();
        Self {
            rotation: false,
            refresh: RefreshTokens::default(),
            granted: BTreeMap::from([(Reach::Workspace, scopes::all())]),
            tokens: vec![Token { text, reach: Reach::Workspace, expires: None, end: None }],
        }
    }

    /// The scopes of an installation; none where the app is not installed.
    pub(super) fn scopes(&self, reach: Reach) -> Option<&Scopes> {
        self.granted.get(&reach)
    }

    /// Installs the app, or adds scopes where it is installed.
    pub(super) fn grant(&mut self, reach: Reach, scopes: Scopes) {
        self.granted.entry(reach).or_default().extend(scopes);
    }

    /// New tokens for an installation.
    pub(super) fn mint(&mut self, reach: Reach, now: Timestamp) -> Minted {
        if !self.rotation {
            let access = format!("xoxb-{}", random::secret(24));
            self.add(access.clone(), reach, None);
            return Minted { access, refresh: None };
        }
        self.mint_expiring(reach, now)
    }

    /// A token of the workspace tokens' days, `xoxa-…`.
    pub(super) fn mint_of_2018(&mut self) -> String {
        let access = format!("xoxa-{}", random::secret(24));
        self.add(access.clone(), Reach::Workspace, None);
        access
    }

    /// New tokens for a refresh token.
    pub(super) fn refresh(
        &mut self,
        token: &str,
        now: Timestamp,
    ) -> Result<(Reach, Minted), &'static str> {
        let reach = self.refresh.spend(token, now).ok_or("invalid_refresh_token")?;
        Ok((reach, self.mint_expiring(reach, now)))
    }

    /// Whose token this is, if it still opens anything.
    pub(super) fn authenticate(&self, token: &str, now: Timestamp) -> Result<Reach, &'static str> {
        let token = self.tokens.iter().find(|known| known.text == token).ok_or("invalid_auth")?;
        match token.end {
            Some(End::Uninstalled) => Err("account_inactive"),
            Some(End::Revoked) => Err("token_revoked"),
            None if token.is_expired(now) => Err("token_expired"),
            None => Ok(token.reach),
        }
    }

    /// Removes the app and all that came of it; whether it was there.
    pub(super) fn uninstall(&mut self, reach: Reach) -> bool {
        self.refresh.forget(reach);
        for token in self.tokens.iter_mut().filter(|token| token.reach == reach) {
            token.end = Some(End::Uninstalled);
        }
        self.granted.remove(&reach).is_some()
    }

    /// How many access tokens open something.
    pub(super) fn live(&self, now: Timestamp) -> usize {
        self.tokens.iter().filter(|token| token.is_live(now)).count()
    }

    fn mint_expiring(&mut self, reach: Reach, now: Timestamp) -> Minted {
        let access = format!("xoxe.xoxb-1-{}", random::secret(32));
        self.add(access.clone(), reach, Some(now.plus(ACCESS_LIFE)));
        self.revoke_surplus(reach, now);
        Minted { access, refresh: Some(self.refresh.mint(reach)) }
    }

    fn add(&mut self, text: String, reach: Reach, expires: Option<Timestamp>) {
        self.tokens.push(Token { text, reach, expires, end: None });
    }

    fn revoke_surplus(&mut self, reach: Reach, now: Timestamp) {
        let active = |token: &&mut Token| {
            token.reach == reach && token.expires.is_some() && token.is_live(now)
        };
        for token in self.tokens.iter_mut().rev().filter(active).skip(ACTIVE) {
            token.end = Some(End::Revoked);
        }
    }
}

impl Token {
    fn is_live(&self, now: Timestamp) -> bool {
        self.end.is_none() && !self.is_expired(now)
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn rotating() -> Installs {
        Installs { rotation: true, ..Installs::seeded("xoxb-seeded") }
    }

    #[test]
    fn a_third_active_token_revokes_the_oldest() {
        let mut installs = rotating();
        let tokens = [0, 1, 2].map(|_| installs.mint(Reach::Workspace, NOW).access);

        let standing = tokens.map(|token| installs.authenticate(&token, NOW));

        assert_eq!(standing, [Err("token_revoked"), Ok(Reach::Workspace), Ok(Reach::Workspace)]);
        assert_eq!(installs.authenticate("xoxb-seeded", NOW), Ok(Reach::Workspace));
    }

    #[test]
    fn each_dead_token_is_refused_in_its_own_words() {
        let mut installs = rotating();
        let token = installs.mint(Reach::Workspace, NOW).access;

        let later = NOW.plus(ACCESS_LIFE);
        assert_eq!(installs.authenticate("xoxb-guess", NOW), Err("invalid_auth"));
        assert_eq!(installs.authenticate(&token, later), Err("token_expired"));
        assert!(installs.uninstall(Reach::Workspace));
        assert_eq!(installs.authenticate(&token, later), Err("account_inactive"));
        assert_eq!(installs.live(NOW), 0);
    }

    #[test]
    fn scopes_add_up_until_the_app_is_removed() {
        let mut installs = Installs::seeded("xoxb-seeded");
        let scopes = |names: &str| scopes::requested(names).unwrap();
        installs.uninstall(Reach::Workspace);

        installs.grant(Reach::Workspace, scopes("chat:write"));
        installs.grant(Reach::Workspace, scopes("team:read"));
        assert_eq!(installs.scopes(Reach::Workspace), Some(&scopes("chat:write,team:read")));

        installs.uninstall(Reach::Workspace);
        assert_eq!(installs.scopes(Reach::Workspace), None);
    }

    #[test]
    fn two_installations_do_not_share_their_tokens() {
        let mut installs = rotating();
        let organizations = installs.mint(Reach::Organization, NOW).access;

        installs.uninstall(Reach::Workspace);

        assert_eq!(installs.authenticate(&organizations, NOW), Ok(Reach::Organization));
    }
}
