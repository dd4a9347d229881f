//! How what is said about something changes.

use std::time::Duration;

use super::{Card, IssueCard, MetricCard, Post, PostKey, Severity};
use crate::{clock::Timestamp, secret::Sealed, sentry::issue::Issue};

/// What is to be said otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It has happened, or happened again.
    Again(Card),
    /// The issue is so now; what was done, in mrkdwn.
    Otherwise(Box<Issue>, String),
    /// The metric alert is so now.
    Metric(MetricCard),
}

/// When it is.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When it became so.
    pub at: Timestamp,
    /// The present moment.
    pub now: Timestamp,
    /// Repeats within so long go into the thread.
    pub window: Duration,
}

/// What is to be shown, and whether a reader would see the difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What is to be shown.
    pub card: Card,
    /// Whether it looks otherwise than before.
    pub differs: bool,
}

impl Change {
    /// What is to be shown, given what is shown; `None` if nothing is to be said.
    ///
    /// An alert tells of an event; what is known of the issue, its state above all, stays. A state
    /// that is shown already, as after a click, keeps the line that says who brought it about.
    pub fn drawing(&self, shown: Option<Card>) -> Option<Drawing> {
        let differing = |card| Some(Drawing { card, differs: true });
        match (self, shown) {
            (Self::Again(Card::Issue(fresh)), Some(Card::Issue(shown))) => {
                let IssueCard { issue, result, .. } = *shown;
                differing(Card::Issue(Box::new(IssueCard { issue, result, ..*fresh.clone() })))
            }
            (Self::Again(fresh), _) => differing(fresh.clone()),
            (Self::Otherwise(issue, result), Some(Card::Issue(shown))) => {
                let differs = !same_state(&shown.issue, issue);
                let result = if differs { Some(result.clone()) } else { shown.result.clone() };
                let issue = (**issue).clone().keeping_page(&shown.issue);
                let card = IssueCard { issue, result, ..*shown };
                Some(Drawing { card: Card::Issue(Box::new(card)), differs })
            }
            // What stands there was sealed under a key that is gone: only what is told now is known.
            (Self::Otherwise(issue, result), None) => {
                let (issue, result) = ((**issue).clone(), Some(result.clone()));
                let card = IssueCard { issue, tags: None, rule: None, result };
                differing(Card::Issue(Box::new(card)))
            }
            (Self::Otherwise(..), Some(Card::Metric(_))) => None,
            (Self::Metric(card), shown) => {
                let card = Card::Metric(card.clone());
                let differs = shown.as_ref() != Some(&card);
                Some(Drawing { card, differs })
            }
        }
    }

    /// What is wanted in this channel; `None` if nothing changes.
    pub fn applied(
        &self,
        key: &PostKey,
        stored: Option<&Post>,
        (card, differs): (Sealed, bool),
        moment: Moment,
    ) -> Option<Post> {
        let Moment { at, now, window } = moment;
        match (self, stored) {
            (Self::Again(_), Some(stored)) => Some(stored.again(card, window, now)),
            (Self::Metric(_) | Self::Otherwise(..), Some(stored)) => {
                let next = stored.otherwise((card, differs), at, now)?;
                // What the channel did not take is tried anew when it fires again.
                Some(if self.opens() { next.reopened(now) } else { next })
            }
            (Self::Again(_) | Self::Metric(_), None) => {
                Some(Post::first(key.clone(), card, at, now))
            }
            (Self::Otherwise(..), None) => None,
        }
    }

    /// Whether it is said where nothing was said yet: that something is over is not.
    pub fn opens(&self) -> bool {
        !matches!(
            self,
            Self::Otherwise(..) | Self::Metric(MetricCard { severity: Severity::Resolved, .. })
        )
    }
}

fn same_state(one: &Issue, other: &Issue) -> bool {
    let state =
        |issue: &Issue| (issue.status.clone(), issue.substatus.clone(), issue.assigned_to.clone());
    state(one) == state(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_767_614_400);

    fn issue(status: &str, count: &str) -> Issue {
        serde_json::from_value(json!({"id": "4815", "status": status, "count": count})).unwrap()
    }

    fn card(status: &str, count: &str, rule: &str, result: Option<&str>) -> Card {
        Card::Issue(Box::new(IssueCard {
            issue: issue(status, count),
            tags: Some(format!("environment: `{rule}`")),
            rule: Some(rule.into()),
            result: result.map(str::to_owned),
        }))
    }

    fn metric(severity: Severity) -> MetricCard {
        MetricCard {
            severity,
            title: "Too many errors".into(),
            description: String::new(),
            url: String::new(),
        }
    }

    fn otherwise(status: &str) -> Change {
        Change::Otherwise(Box::new(issue(status, "43")), "*Issue resolved by Bob*".into())
    }

    fn moment(secs: i64) -> Moment {
        let now = Timestamp::from_secs(NOW.secs() + secs);
        Moment { at: now, now, window: Duration::from_hours(24) }
    }

    fn post() -> Post {
        let key = PostKey::parse("post 1 M5 T0ACME0001 C0ALERTS01").unwrap();
        Post::first(key, Sealed::from_text("s1.kid.first"), NOW, NOW)
    }

    fn applied(change: &Change, stored: Option<&Post>, secs: i64) -> Option<Post> {
        let card = (Sealed::from_text("s1.kid.next"), true);
        change.applied(&post().key, stored, card, moment(secs))
    }

    #[test]
    fn an_alert_tells_its_own_rule_and_tags_and_leaves_what_is_known_of_the_issue() {
        let shown = card("resolved", "42", "old", Some("*Issue resolved by Alice*"));

        let drawing = Change::Again(card("unresolved", "", "new", None)).drawing(Some(shown));

        let card = card("resolved", "42", "new", Some("*Issue resolved by Alice*"));
        assert_eq!(drawing, Some(Drawing { card, differs: true }));
    }

    #[test]
    fn the_first_alert_is_shown_as_it_is() {
        let fresh = card("unresolved", "", "new", None);

        let drawing = Change::Again(fresh.clone()).drawing(None);

        assert_eq!(drawing, Some(Drawing { card: fresh, differs: true }));
    }

    #[test]
    fn another_state_is_shown_with_who_brought_it_about() {
        let drawing = otherwise("resolved").drawing(Some(card("unresolved", "42", "rule", None)));

        let card = card("resolved", "43", "rule", Some("*Issue resolved by Bob*"));
        assert_eq!(drawing, Some(Drawing { card, differs: true }));
    }

    #[test]
    fn a_state_that_is_shown_already_keeps_its_line() {
        let shown = card("resolved", "42", "rule", Some("*Issue resolved by <@U0ALICE001>*"));

        let drawing = otherwise("resolved").drawing(Some(shown)).unwrap();

        let kept = card("resolved", "43", "rule", Some("*Issue resolved by <@U0ALICE001>*"));
        assert_eq!(drawing, Drawing { card: kept, differs: false });
    }

    #[test]
    fn an_issue_that_is_told_without_its_page_keeps_the_one_that_is_shown() {
        let page = |told: &str| {
            let card = |page: &str| IssueCard {
                issue: Issue { permalink: page.into(), ..issue("resolved", "42") },
                tags: None,
                rule: None,
                result: None,
            };
            let change = Change::Otherwise(Box::new(card(told).issue), "*Resolved*".into());
            let shown = Card::Issue(Box::new(card("https://sentry.io/issues/1/")));
            let Card::Issue(drawn) = change.drawing(Some(shown)).unwrap().card else {
                panic!("no issue");
            };
            drawn.issue.permalink
        };

        assert_eq!(page(""), "https://sentry.io/issues/1/");
        assert_eq!(page("https://sentry.io/issues/2/"), "https://sentry.io/issues/2/");
    }

    #[test]
    fn a_change_of_what_nobody_was_told_is_told_nobody() {
        let metric = Card::Metric(metric(Severity::Critical));
        assert_eq!(otherwise("resolved").drawing(Some(metric)), None);
        assert_eq!(applied(&otherwise("resolved"), None, 0), None);
    }

    #[test]
    fn a_change_of_what_does_not_open_any_more_is_shown_alone() {
        let drawing = otherwise("resolved").drawing(None);

        let card = Card::Issue(Box::new(IssueCard {
            issue: issue("resolved", "43"),
            tags: None,
            rule: None,
            result: Some("*Issue resolved by Bob*".into()),
        }));
        assert_eq!(drawing, Some(Drawing { card, differs: true }));
    }

    #[test]
    fn a_metric_alert_differs_by_how_bad_it_is() {
        let differs = |change: Severity, shown: Severity| {
            let drawing = Change::Metric(metric(change)).drawing(Some(Card::Metric(metric(shown))));
            drawing.unwrap().differs
        };

        assert!(differs(Severity::Critical, Severity::Warning));
        assert!(!differs(Severity::Critical, Severity::Critical));
    }

    #[test]
    fn only_what_is_not_over_opens() {
        assert!(Change::Again(card("unresolved", "", "r", None)).opens());
        assert!(Change::Metric(metric(Severity::Warning)).opens());
        assert!(!Change::Metric(metric(Severity::Resolved)).opens());
        assert!(!otherwise("unresolved").opens());
    }

    #[test]
    fn a_metric_alert_redraws_its_message_unless_what_is_shown_is_newer() {
        let stands = post().posted("1.0", 1, NOW);
        let change = Change::Metric(metric(Severity::Critical));

        let next = applied(&change, Some(&stands), 5).unwrap();

        assert_eq!((next.revision, next.wanted, next.repeats), (2, false, 0));
        assert_eq!(applied(&change, Some(&next), 4), None);
    }

    #[test]
    fn a_metric_alert_that_a_channel_did_not_take_is_tried_anew_when_it_fires_again() {
        let failed = post().failed("not_in_channel", NOW);
        let fired = applied(&Change::Metric(metric(Severity::Critical)), Some(&failed), 5).unwrap();
        let over = applied(&Change::Metric(metric(Severity::Resolved)), Some(&failed), 5).unwrap();

        assert_eq!((fired.failed, fired.wanted, fired.next_at), (None, true, Some(moment(5).now)));
        assert!(over.failed.is_some());
    }
}
