//! Identifiers are parsed once, at the edge; afterwards their type is the proof.
//!
//! Slack's ids are upper-case letters and digits behind a letter that says what they are (`T`
//! team, `E` enterprise, `U`/`W` user, `C`/`D`/`G` channel). Sentry's numeric ids are at most 19
//! digits, so no id can climb out of a URL path.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was said is not an identifier of that kind. Carries the kind, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(pub &'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses the text form.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId($what)) }
            }

            /// The text form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A Slack workspace, `T…`.
    TeamId,
    "Slack team id",
    |text| slack_id(text, "T")
);
id!(
    /// Whom an installation belongs to: the enterprise `E…` of an org-wide install, else the team `T…`.
    Tenant,
    "tenant",
    |text| slack_id(text, "TE")
);
id!(
    /// A person in Slack, `U…` or (on Enterprise Grid) `W…`.
    SlackUserId,
    "Slack user id",
    |text| slack_id(text, "UW")
);
id!(
    /// Where in Slack something was clicked: channel `C…`, direct message `D…`, group `G…`.
    ChannelId,
    "Slack channel id",
    |text| slack_id(text, "CDG")
);
id!(
    /// An issue in Sentry: the number in its URL.
    IssueId,
    "Sentry issue id",
    numeric_id
);
id!(
    /// A person's Sentry account: the number in its user record.
    AccountId,
    "Sentry account id",
    numeric_id
);
id!(
    /// A Sentry organization's number.
    OrganizationId,
    "Sentry organization id",
    numeric_id
);

impl Tenant {
    /// Whether it is an organization of Enterprise Grid, in all of which the app is installed.
    pub fn is_organization(&self) -> bool {
        self.0.starts_with('E')
    }
}

impl From<TeamId> for Tenant {
    fn from(team: TeamId) -> Self {
        Self(team.0)
    }
}

/// Slack's ids have 9 to 11 characters today; Slack asks not to rely on it, so the bound is wide.
fn slack_id(text: &str, kinds: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|kind| kinds.contains(kind))
        && (3..=32).contains(&text.len())
        && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn numeric_id(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_their_kind_are_accepted() {
        assert!(TeamId::parse("T0ACME0001").is_ok());
        assert!(Tenant::parse("E0GRID0001").is_ok_and(|tenant| tenant.is_organization()));
        assert!(Tenant::parse("T0ACME0001").is_ok_and(|tenant| !tenant.is_organization()));
        assert!(SlackUserId::parse("W0ALICE001").is_ok());
        assert!(ChannelId::parse("D0DIRECT01").is_ok());
        assert!(IssueId::parse("4815").is_ok());
    }

    #[test]
    fn ids_that_could_climb_out_of_a_path_or_key_are_refused() {
        for text in ["../../users/me", "1?x=", "%2e%2e", "", "1 ", "１２"] {
            assert!(IssueId::parse(text).is_err(), "{text:?}");
        }
        assert!(IssueId::parse(&"9".repeat(40)).is_err());
        for text in ["T0#SLK", "t0acme", "T", "T0ACME\n", "U0ALICE001"] {
            assert!(TeamId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_id_in_json_is_checked_like_any_other() {
        assert!(serde_json::from_str::<SlackUserId>("\"U0ALICE001\"").is_ok());
        assert!(serde_json::from_str::<SlackUserId>("\"<!channel>\"").is_err());
    }
}
