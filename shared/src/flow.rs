//! A flow is a link or an unlink under way: from the prompt in Slack to the last page.
//!
//! ```text
//! link     Offered ──begin──▶ AtSlack ──▶ Exchanging ──▶ AtSentry ──▶ Exchanging ──▶ Proven ──▶ Used
//! unlink   Offered ──begin──▶ AtSlack or AtSentry ──▶ Exchanging ──▶ Proven ──────────────────▶ Used
//! ```
//! A state that comes back from Slack or Sentry is used up (`Exchanging`) *before* its code is
//! exchanged, so it works once whatever happens next. Beginning again starts over from any stage
//! but the last. Every write names the version it was decided on: of two that race, one wins.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    identity::{Account, Installation, Organization, Person, Tokens, Workspace},
    ids::{ChannelId, Tenant},
    secret::Sealed,
    signing::sha256_hex,
};

/// What a flow is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowPurpose {
    /// To make an identity.
    Link,
    /// To remove one.
    Unlink,
}

/// Names a flow: the SHA-256 of its nonce in hex, so that a table dump opens no link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(String);

impl FlowId {
    /// The flow of this nonce.
    pub fn of_nonce(nonce: &str) -> Self {
        Self(sha256_hex(nonce))
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far a flow has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// The link was handed out.
    Offered,
    /// The browser is at Slack to prove the Slack user.
    AtSlack {
        /// Hash of the `state` that must come back.
        state: String,
        /// The `nonce` that the id token must repeat.
        nonce: String,
    },
    /// The browser is at Sentry to prove the account.
    AtSentry {
        /// Hash of the `state` that must come back.
        state: String,
        /// PKCE's verifier, sealed.
        verifier: Sealed,
    },
    /// A state came back and was used up.
    Exchanging,
    /// What has to be proven is proven; the last page asks.
    Proven,
    /// Over.
    Used,
}

/// The Sentry side as it was proven in this flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenAccount {
    /// The account that signed in.
    pub account: Account,
    /// Its tokens; a flow that only unlinks keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
}

/// A link or an unlink under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its name.
    pub id: FlowId,
    /// What it is for.
    pub purpose: FlowPurpose,
    /// Whose Slack side it is about.
    pub person: Person,
    /// What Slack calls them.
    pub person_name: String,
    /// Whose installation it came through.
    pub tenant: Tenant,
    /// The workspace, for the words and the way back.
    pub workspace: Workspace,
    /// Where the prompt was shown.
    pub channel: Option<ChannelId>,
    /// The organization it is about.
    pub organization: Organization,
    /// The person's epoch when the link was made.
    pub epoch: u64,
    /// The installation's epoch then.
    #[serde(default)]
    pub installation_epoch: u64,
    /// How far it is.
    pub stage: Stage,
    /// Hash of the cookie of the browser that began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Whether Slack has said that the browser is the person's.
    #[serde(default)]
    pub slack_proven: bool,
    /// The account that Sentry has said the browser is signed in to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ProvenAccount>,
    /// The link itself, sealed: where the browser returns to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_token: Option<Sealed>,
    /// The click that waits for the link, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click: Option<Sealed>,
    /// That click in words: "resolve BACKEND-12".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_words: Option<String>,
    /// Where to answer in Slack, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Sealed>,
    /// When it ends.
    pub expires: Timestamp,
    /// Goes up with every write.
    pub version: u64,
}

impl Flow {
    /// Whether it can still be finished at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.stage != Stage::Used && now < self.expires
    }

    /// Whether nothing has overtaken it: no newer link or unlink of the person, whose epoch is this
    /// one now, and no removal of the app.
    pub fn is_current(&self, epoch: u64, installation: &Installation) -> bool {
        installation.is_active()
            && self.epoch == epoch
            && self.installation_epoch == installation.epoch
    }

    /// Whether `cookie` is the browser's that began it.
    ///
    /// Compares hashes of a 256-bit random value: what a clock could tell about them tells nothing
    /// about the cookie.
    pub fn is_browser(&self, cookie: &str) -> bool {
        self.browser.as_deref().is_some_and(|hash| hash == sha256_hex(cookie))
    }

    /// The flow begun by a browser, whatever it was at before; what an earlier try proved is
    /// forgotten.
    #[must_use]
    pub fn begun(&self, cookie: &str, link_token: Sealed, stage: Stage) -> Self {
        Self {
            stage,
            browser: Some(sha256_hex(cookie)),
            link_token: Some(link_token),
            slack_proven: false,
            account: None,
            ..self.next()
        }
    }

    /// The flow with its state used up.
    #[must_use]
    pub fn exchanging(&self) -> Self {
        Self { stage: Stage::Exchanging, ..self.next() }
    }

    /// The flow with the Slack side proven, at its next stage.
    #[must_use]
    pub fn with_slack(&self, name: Option<String>, stage: Stage) -> Self {
        Self {
            stage,
            slack_proven: true,
            person_name: name.unwrap_or_else(|| self.person_name.clone()),
            ..self.next()
        }
    }

    /// The flow with the Sentry side proven: ready for the last page.
    #[must_use]
    pub fn with_account(&self, account: ProvenAccount, click_words: Option<String>) -> Self {
        Self {
            stage: Stage::Proven,
            account: Some(account),
            click_words: click_words.or_else(|| self.click_words.clone()),
            ..self.next()
        }
    }

    /// The flow, over. The account has moved to the identity, or is forgotten: who unlinks it must
    /// not be named here.
    #[must_use]
    pub fn used(&self) -> Self {
        Self { stage: Stage::Used, account: None, click: None, ..self.next() }
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::prompt::tests::an_installation;

    const COOKIE: &str = "the-browser-that-began";
    const ENDS: Timestamp = Timestamp::from_secs(1_700_000_900);

    #[test]
    fn a_flow_begun_again_forgets_what_an_earlier_try_proved() {
        let proven = begun().with_slack(None, Stage::Exchanging).with_account(bobs(), None);
        let (link, stage) = (Sealed::from_text("s1.x.again"), at_slack());

        let again = proven.begun("another-browser", link.clone(), stage.clone());

        assert!(!again.slack_proven);
        assert_eq!(again.account, None);
        assert_eq!(again.stage, stage);
        assert_eq!(again.link_token, Some(link));
        assert!(again.is_browser("another-browser") && !again.is_browser(COOKIE));
    }

    #[test]
    fn beginning_keeps_what_waits() {
        let begun = begun();

        assert_eq!(begun.click, a_flow().click);
        assert_eq!(begun.click_words.as_deref(), Some("resolve this issue"));
        assert_eq!(begun.reply_to, a_flow().reply_to);
        assert_eq!(begun.expires, ENDS);
    }

    #[test]
    fn a_state_that_came_back_is_used_up_and_the_browser_stays() {
        let exchanging = begun().exchanging();

        assert_eq!(exchanging.stage, Stage::Exchanging);
        assert!(exchanging.is_browser(COOKIE));
        assert!(!exchanging.slack_proven);
    }

    #[test]
    fn slacks_name_for_the_person_counts_if_it_gives_one() {
        for (given, name) in [(None, "alice"), (Some("Alice Able"), "Alice Able")] {
            let proven = begun().with_slack(given.map(Into::into), Stage::Exchanging);

            assert!(proven.slack_proven);
            assert_eq!(proven.person_name, name);
        }
    }

    #[test]
    fn the_last_page_has_the_clicks_words_and_better_ones_if_there_are() {
        for (given, words) in
            [(None, "resolve this issue"), (Some("resolve BACKEND-12"), "resolve BACKEND-12")]
        {
            let proven = begun().with_account(bobs(), given.map(Into::into));

            assert_eq!(proven.stage, Stage::Proven);
            assert_eq!(proven.account, Some(bobs()));
            assert_eq!(proven.click_words.as_deref(), Some(words));
        }
    }

    #[test]
    fn a_used_flow_has_forgotten_account_and_click_and_knows_its_browser() {
        let used = begun().with_account(bobs(), None).used();

        assert_eq!(used.stage, Stage::Used);
        assert!(used.is_browser(COOKIE));
        assert_eq!(used.click_words.as_deref(), Some("resolve this issue"));
        assert_eq!((used.account, used.click), (None, None));
    }

    #[test]
    fn every_step_is_one_version_further() {
        let flow = Flow { version: 6, ..a_flow() };

        for next in [
            flow.begun(COOKIE, Sealed::from_text("s1.x.link"), at_slack()),
            flow.exchanging(),
            flow.with_slack(None, Stage::Exchanging),
            flow.with_account(bobs(), None),
            flow.used(),
        ] {
            assert_eq!(next.version, 7, "{:?}", next.stage);
        }
    }

    #[test]
    fn a_browser_is_known_by_its_cookie_alone_which_is_not_kept() {
        let begun = begun();
        let kept = begun.browser.clone().unwrap();

        assert!(begun.is_browser(COOKIE));
        assert!(!begun.is_browser("the-browser-that-begaN"));
        assert!(!begun.is_browser(""));
        assert!(!begun.is_browser(&kept), "what a table dump shows is no cookie");
    }

    #[test]
    fn a_flow_that_nobody_began_is_no_browsers() {
        assert!(!a_flow().is_browser(COOKIE));
        assert!(!a_flow().is_browser(""));
    }

    #[test]
    fn it_is_open_until_the_moment_it_ends_and_never_once_used() {
        let last = Timestamp::from_millis(ENDS.millis() - 1);

        for stage in [Stage::Offered, at_slack(), Stage::Exchanging, Stage::Proven] {
            let flow = Flow { stage, ..a_flow() };
            assert!(flow.is_open(last), "{:?}", flow.stage);
            assert!(!flow.is_open(ENDS), "{:?}", flow.stage);
            assert!(!flow.is_open(ENDS.plus(Duration::from_millis(1))), "{:?}", flow.stage);
        }
        assert!(!a_flow().used().is_open(last));
    }

    #[test]
    fn a_newer_link_or_unlink_and_a_removal_of_the_app_overtake_it() {
        let (flow, installation) = (a_flow(), an_installation());
        let removed = installation.removed(ENDS);
        let again = Installation { status: installation.status, ..removed.clone() };
        let disabled = Installation { status: removed.status, ..installation.clone() };

        assert!(flow.is_current(3, &installation));
        assert!(!flow.is_current(4, &installation) && !flow.is_current(2, &installation));
        for overtaken in [removed, again, disabled] {
            assert!(!flow.is_current(3, &overtaken), "{overtaken:?}");
        }
    }

    /// Alice's link with a click that waits, as it was handed out; ends at [`ENDS`].
    pub(crate) fn a_flow() -> Flow {
        serde_json::from_value(json!({
            "id": "f1", "purpose": "LINK",
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "tenant": "T0ACME0001", "workspace": {"team": "T0ACME0001", "name": "Acme"},
            "channel": "C0ALERTS01",
            "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"},
            "epoch": 3, "stage": {"at": "OFFERED"},
            "click": "s1.x.click", "click_words": "resolve this issue", "reply_to": "s1.x.reply",
            "expires": ENDS, "version": 0,
        }))
        .unwrap()
    }

    fn begun() -> Flow {
        a_flow().begun(COOKIE, Sealed::from_text("s1.x.link"), at_slack())
    }

    fn at_slack() -> Stage {
        Stage::AtSlack { state: "hash".into(), nonce: "nonce".into() }
    }

    fn bobs() -> ProvenAccount {
        serde_json::from_value(json!({
            "account": {"id": "102", "name": "Bob Baker", "email": "bob@acme.example"},
            "tokens": {"access": "s1.x.access", "refresh": "s1.x.refresh", "expires": 0},
        }))
        .unwrap()
    }
}
