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
                let card = IssueCard { issue: (**issue).clone(), result, ..*shown };
                Some(Drawing { card: Card::Issue(Box::new(card)), differs })
            }
            (Self::Otherwise(..), _) => None,
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
                stored.otherwise((card, differs), at, now)
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
