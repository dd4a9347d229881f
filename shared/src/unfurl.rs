//! Links to issues that somebody shared, on their way to be shown.
//!
//! ```text
//! queue message    unfurl <tenant> <user> <sealed Unfurl>        event → perform → perform …
//! ```
//! Nobody waits for an unfurl, so there is no row in the table: the queue has all of it, sealed for
//! the person. What cannot be shown yet is sent again, as much later as it is old by then.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    clock::Timestamp,
    identity::{Organization, Person},
    ids::{ChannelId, IssueId, OrganizationId, SlackUserId, TeamId, Tenant},
    secret::Sealed,
    sentry::issue_link::IssueLink,
};

/// Of one message so many links are shown.
pub const MOST_LINKS: usize = 5;

/// A link that has been there for longer is left as it is: who read it has read on.
const LIFE: Duration = Duration::from_mins(30);

/// The shortest and the longest time between two attempts.
const WAIT: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(5));

/// Links that somebody shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfurl {
    /// By whose rights they are shown.
    pub person: Person,
    /// The workspace it happened in.
    pub team: Option<TeamId>,
    /// Where they stand.
    pub place: SharedAt,
    /// The links; there is at least one.
    pub links: Vec<Link>,
    /// Slack's name for the event: the same when it is delivered again.
    pub event: String,
    /// When they were shared.
    pub since: Timestamp,
}

/// Where links stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedAt {
    /// The conversation; none where they are only typed, and not yet sent.
    pub channel: Option<ChannelId>,
    /// The first message of the thread they stand in.
    pub thread: Option<String>,
    /// How Slack wants the message named.
    pub message: MessageName,
}

/// How Slack wants a message named that is unfurled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageName {
    /// By a name made for this; it is good for what is only typed, too.
    Unfurl {
        /// The name.
        id: String,
        /// `conversations_history` or `composer`.
        source: String,
    },
    /// By its place.
    Place {
        /// The conversation.
        channel: ChannelId,
        /// Its `ts` there.
        ts: String,
    },
}

/// A link to an issue of an organization that the workspace is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The organization.
    pub organization: OrganizationId,
    /// The issue.
    pub issue: IssueId,
    /// The link as Slack has it, to the letter.
    pub url: String,
}

impl Link {
    /// The link, if it is about one of these organizations.
    pub fn of(link: &IssueLink, organizations: &[Organization]) -> Option<Self> {
        let organization = organizations.iter().find(|known| known.slug == link.organization)?;
        Some(Self {
            organization: organization.id.clone(),
            issue: link.issue.clone(),
            url: link.url.clone(),
        })
    }
}

impl Unfurl {
    /// Whether it is too late for it.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.since) >= LIFE
    }

    /// When it is tried again, and not before `at_least` from `now`; `None` if it is given up.
    pub fn again_after(&self, at_least: Duration, now: Timestamp) -> Option<Duration> {
        let wait = now.since(self.since).clamp(WAIT.0, WAIT.1).max(at_least);
        (!self.is_over(now.plus(wait))).then_some(wait)
    }
}

impl MessageName {
    /// The arguments of `chat.unfurl` that put these under their links.
    pub fn unfurled_with(&self, unfurls: &Map<String, Value>) -> Value {
        match self {
            Self::Unfurl { id, source } => {
                json!({"unfurl_id": id, "source": source, "unfurls": unfurls})
            }
            Self::Place { channel, ts } => {
                json!({"channel": channel, "ts": ts, "unfurls": unfurls})
            }
        }
    }
}

/// An [`Unfurl`] as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedUnfurl {
    /// For whom it is sealed.
    pub person: Person,
    /// The unfurl.
    pub sealed: Sealed,
}

impl SealedUnfurl {
    /// The text as a queue message holds it.
    pub fn to_text(&self) -> String {
        format!("unfurl {} {} {}", self.person.tenant, self.person.user, self.sealed.as_text())
    }

    /// Reads what [`SealedUnfurl::to_text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix("unfurl ")?.split(' ');
        let person = Person {
            tenant: Tenant::parse(words.next()?).ok()?,
            user: SlackUserId::parse(words.next()?).ok()?,
        };
        let sealed = Sealed::from_text(words.next()?);
        words.next().is_none().then_some(Self { person, sealed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_secs(1_767_614_400);

    fn person() -> Person {
        serde_json::from_value(json!({"tenant": "T0ACME0001", "user": "U0ALICE001"})).unwrap()
    }

    fn unfurl() -> Unfurl {
        let message = MessageName::Unfurl { id: "u1".into(), source: "composer".into() };
        Unfurl {
            person: person(),
            team: None,
            place: SharedAt { channel: None, thread: None, message },
            links: Vec::new(),
            event: "Ev1".into(),
            since: NOON,
        }
    }

    fn after(secs: u64) -> Timestamp {
        NOON.plus(Duration::from_secs(secs))
    }

    #[test]
    fn it_travels_as_one_line_and_other_lines_are_none() {
        let travelling = SealedUnfurl { person: person(), sealed: Sealed::from_text("s1.k.body") };

        let text = travelling.to_text();

        assert_eq!(text, "unfurl T0ACME0001 U0ALICE001 s1.k.body");
        assert_eq!(SealedUnfurl::parse(&text), Some(travelling));
        for other in [
            "",
            "unfurl",
            "unfurl T0ACME0001 U0ALICE001",
            "unfurl T0ACME0001 U0ALICE001 s1 more",
            "unfurl C0ACME0001 U0ALICE001 s1",
            "post 1 I4815 T0ACME0001 C0ALERTS01",
        ] {
            assert_eq!(SealedUnfurl::parse(other), None, "{other}");
        }
    }

    #[test]
    fn it_waits_as_long_as_it_has_waited_within_bounds_and_as_it_is_asked_to() {
        for (age, at_least, wait) in
            [(0, 0, 5), (1, 0, 5), (60, 0, 60), (900, 0, 300), (60, 90, 90), (60, 30, 60)]
        {
            let again = unfurl().again_after(Duration::from_secs(at_least), after(age));

            assert_eq!(again, Some(Duration::from_secs(wait)), "{age} {at_least}");
        }
    }

    #[test]
    fn half_an_hour_after_it_was_shared_it_is_given_up() {
        assert!(!unfurl().is_over(after(30 * 60 - 1)));
        assert!(unfurl().is_over(after(30 * 60)));
        assert_eq!(unfurl().again_after(Duration::ZERO, after(25 * 60)), None);
        assert_eq!(unfurl().again_after(Duration::from_hours(1), after(0)), None);
    }

    #[test]
    fn a_message_is_named_as_slack_named_it() {
        let (channel, ts) = (ChannelId::parse("C0ALERTS01").unwrap(), "1700000000.000100".into());
        let unfurls = || Map::from_iter([("https://s.example/1".to_owned(), json!({}))]);

        let by_name = unfurl().place.message.unfurled_with(&unfurls());
        let by_place = MessageName::Place { channel, ts }.unfurled_with(&unfurls());

        let shown = json!({"https://s.example/1": {}});
        assert_eq!(by_name, json!({"unfurl_id": "u1", "source": "composer", "unfurls": shown}));
        assert_eq!(
            by_place,
            json!({"channel": "C0ALERTS01", "ts": "1700000000.000100", "unfurls": shown})
        );
    }

    #[test]
    fn a_link_counts_if_the_workspace_is_bound_to_its_organization() {
        let organizations: Vec<Organization> =
            serde_json::from_value(json!([{"id": "1", "slug": "acme", "name": "Acme"}])).unwrap();
        let link = |slug: &str| IssueLink {
            organization: slug.into(),
            issue: IssueId::parse("4815").unwrap(),
            url: "https://s.example/1".into(),
        };

        let own = Link::of(&link("acme"), &organizations).unwrap();

        assert_eq!(own.organization.as_str(), "1");
        assert_eq!(Link::of(&link("umbrella"), &organizations), None);
    }
}
