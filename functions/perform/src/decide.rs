//! What follows from what Sentry says. Pure: no clock, no table, no network.

use std::time::Duration;

use shared::{
    job::{Click, Job, Outcome},
    messages,
    sentry::{client::SentryError, issue::Issue},
    slack::message::Message,
};

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is over: this is said, then this is written.
    Finish(Outcome, Words),
    /// Sentry could not take it: again later.
    Retry {
        /// At the earliest after this.
        at_least: Duration,
        /// Whether the attempt is known to have changed nothing.
        changed_nothing: bool,
    },
    /// The token is dead: renew it and try once more.
    Renew,
    /// Forbidden: is the person a member at all?
    AskMembership,
}

/// What is said, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Words {
    /// The alert is drawn anew from this.
    Redraw(Box<Issue>),
    /// The person is told this.
    Tell(Message),
    /// The person is asked to link; the click waits.
    AskToLink,
    /// The person is asked to sign in again; the click waits.
    AskToSignInAgain,
    /// The person is offered to unlink.
    OfferToUnlink,
    /// Nobody can be told.
    Nothing,
}

/// Judges a job that is tried again, by the issue as it is now. `None`: carry it out.
///
/// What the person wanted counts as done however it came about. A decision that somebody made after
/// the click stands: a retry never overwrites it.
pub fn before_repeating(click: &Click, issue: &Issue) -> Option<Verdict> {
    if issue.is_already(&click.change) {
        return Some(done(issue.clone()));
    }
    let newer = issue.decided_since(&click.change, click.made_at())?;
    let by = newer.user.as_ref().map(|user| user.name.as_str());
    Some(Verdict::Finish(Outcome::Superseded, Words::Tell(messages::superseded(by))))
}

/// Judges the answer to the change itself.
pub fn after_change(click: &Click, answer: Result<Issue, SentryError>) -> Verdict {
    match answer {
        Ok(issue) => done(issue),
        Err(error) => after_error(click, error),
    }
}

/// Judges a failed call, be it the change or the look before it.
pub fn after_error(click: &Click, error: SentryError) -> Verdict {
    let organization = &click.organization.name;
    let refuse = |message| Verdict::Finish(Outcome::Refused, Words::Tell(message));
    match error {
        SentryError::Unauthorized => Verdict::Renew,
        SentryError::Forbidden => Verdict::AskMembership,
        SentryError::NotFound => {
            Verdict::Finish(Outcome::IssueGone, Words::Tell(messages::issue_gone()))
        }
        SentryError::SsoRequired => refuse(messages::sso_required(organization)),
        SentryError::NoSeat => refuse(messages::no_seat(organization)),
        SentryError::Refused { reason: Some(reason) } => refuse(messages::refused(&reason)),
        SentryError::Refused { reason: None } => refuse(messages::cannot_perform()),
        SentryError::RateLimited { retry_after } => {
            Verdict::Retry { at_least: retry_after, changed_nothing: true }
        }
        SentryError::Unreachable => again(true),
        SentryError::Unavailable => again(false),
    }
}

/// Judges why the change was forbidden.
pub fn after_membership(
    click: &Click,
    email: &str,
    is_member: &Result<bool, SentryError>,
) -> Verdict {
    match is_member {
        Ok(true) => {
            Verdict::Finish(Outcome::NoRight, Words::Tell(messages::no_right(email, &click.change)))
        }
        Ok(false) => Verdict::Finish(Outcome::NotAMember, Words::OfferToUnlink),
        // The change was refused, that much is known; the reason is asked again later.
        Err(_) => again(true),
    }
}

/// The sign-in is over and cannot be renewed.
pub fn sign_in_expired() -> Verdict {
    Verdict::Finish(Outcome::SignInExpired, Words::AskToSignInAgain)
}

/// The plan is used up.
pub fn given_up(job: &Job, rate_limited: bool) -> Verdict {
    let words = if !job.surely_changed_nothing() {
        messages::sentry_unclear()
    } else if rate_limited {
        messages::rate_limited()
    } else {
        messages::sentry_down()
    };
    Verdict::Finish(Outcome::GaveUp, Words::Tell(words))
}

fn done(issue: Issue) -> Verdict {
    Verdict::Finish(Outcome::Done, Words::Redraw(Box::new(issue)))
}

fn again(changed_nothing: bool) -> Verdict {
    Verdict::Retry { at_least: Duration::ZERO, changed_nothing }
}
