//! Who and what there is in every test, and when it begins.

use shared::clock::Timestamp;

/// Twelve o'clock, 5 January 2026, UTC.
pub(crate) const NOON: Timestamp = Timestamp::from_secs(1_767_614_400);

/// People in Slack.
pub(crate) const ALICE: &str = "U0ALICE001";
pub(crate) const BOB: &str = "U0BOB00001";
pub(crate) const MALLORY: &str = "U0MALLORY1";

/// Accounts in Sentry: Alice owns the organization, Bob manages it, Dora is in it without rights.
/// Carol owns another one, Erin owns both, and a third one in another region.
pub(crate) const ALICES: &str = "101";
pub(crate) const BOBS: &str = "102";
pub(crate) const CAROLS: &str = "103";
pub(crate) const DORAS: &str = "104";
pub(crate) const ERINS: &str = "105";

/// Organizations in Sentry, by their ids.
pub(crate) const ACME: &str = "1";
pub(crate) const UMBRELLA: &str = "2";
