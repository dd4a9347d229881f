//! What follows from what Sentry says. Pure: no clock, no table, no network.

use std::time::Duration;

use shared::{
    clock::Timestamp,
    job::{Click, Job, NewestClick, Outcome},
    messages,
    sentry::{client::SentryError, issue::Issue},
    slack::message::Message,
};

/// A click that is older than this when it is first carried out is looked after like a repeated one:
/// its wake-up was lost, or it waited for a link, and somebody may have decided otherwise since.
const LATE: Duration = Duration::from_secs(10);

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is over: this is said, then this is written.
    Finish(Outcome, Words),
    /// Sentry could not take it: again later.
    Retry {
        /// At the earliest after this.
        at_least: Duration,
        /// Why.
        because: Because,
        /// Whether the attempt is known to have changed nothing.
        changed_nothing: bool,
    },
    /// The token is dead: renew it and try once more.
    Renew,
    /// Forbidden: is the person a member at all?
    AskMembership,
}

/// Why a job is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Sentry does not answer.
    Down,
    /// Sentry asked to wait.
    RateLimited,
    /// Another worker is renewing the person's tokens: nothing is wrong.
    Renewal,
}

/// What is said, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Words {
    /// The alert is drawn anew from this.
    Redraw(Box<Issue>),
    /// The modal shows what can be chosen.
    Fill {
        /// Whether the project has releases.
        has_releases: bool,
    },
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

impl Words {
    /// With something to quote, where what went wrong may be for who runs the bundle to find out.
    #[must_use]
    pub fn with_reference(self, outcome: Outcome, job: &Job) -> Self {
        match (self, outcome) {
            (Self::Tell(message), Outcome::GaveUp | Outcome::Refused) => {
                Self::Tell(message.with_reference(job.reference()))
            }
            (words, _) => words,
        }
    }
}

/// Judges a click by the newest one about the same thing. Two quick clicks on one button are one
/// wish: the later one is carried out, and nothing is said of the earlier.
pub fn overtaken(job: &Job, click: &Click, newest: Option<&NewestClick>) -> Option<Verdict> {
    let newest = newest.filter(|newest| newest.overtakes(click, &job.key))?;
    let words = if newest.repeats(click) {
        Words::Nothing
    } else {
        // An id means nobody, or somebody else, in another workspace.
        let known = newest.person.tenant == click.person.tenant;
        Words::Tell(messages::overtaken(known.then_some(&newest.person)))
    };
    Some(Verdict::Finish(Outcome::Superseded, words))
}

/// Whether the issue is looked at before the change is made.
pub fn looks_first(job: &Job, click: &Click, now: Timestamp) -> bool {
    job.is_repeated() || now.since(click.made_at()) > LATE
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
        SentryError::RateLimited { retry_after } => Verdict::Retry {
            at_least: retry_after,
            because: Because::RateLimited,
            changed_nothing: true,
        },
        SentryError::Unreachable => again(true),
        SentryError::Unavailable => again(false),
    }
}

/// Judges why the change was forbidden.
pub fn after_membership(
    click: &Click,
    email: &str,
    is_member: Result<bool, SentryError>,
) -> Verdict {
    match is_member {
        Ok(true) => {
            Verdict::Finish(Outcome::NoRight, Words::Tell(messages::no_right(email, &click.change)))
        }
        Ok(false) => Verdict::Finish(Outcome::NotAMember, Words::OfferToUnlink),
        // The change was refused, that much is known; the reason is asked again later.
        Err(SentryError::Unavailable | SentryError::Unauthorized | SentryError::Forbidden) => {
            again(true)
        }
        Err(error) => after_error(click, error),
    }
}

/// The sign-in is over and cannot be renewed.
pub fn sign_in_expired() -> Verdict {
    Verdict::Finish(Outcome::SignInExpired, Words::AskToSignInAgain)
}

/// The plan is used up.
pub fn given_up(job: &Job, because: Because) -> Verdict {
    let words = if !job.surely_changed_nothing() {
        messages::sentry_unclear()
    } else if because == Because::RateLimited {
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
    Verdict::Retry { at_least: Duration::ZERO, because: Because::Down, changed_nothing }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::{
        change::Change,
        identity::Person,
        ids::{SlackUserId, Tenant},
        secret::Sealed,
    };

    use super::*;

    /// The click was made at 22:13:20.403.
    const CLICKED: &str = "1700000000.403007";

    #[test]
    fn every_failure_of_sentry_has_its_verdict_and_its_words() {
        let refused = |message| Verdict::Finish(Outcome::Refused, Words::Tell(message));
        let gone = Verdict::Finish(Outcome::IssueGone, Words::Tell(messages::issue_gone()));
        let retry = |secs, changed_nothing| {
            let at_least = Duration::from_secs(secs);
            Verdict::Retry {
                at_least,
                because: if secs > 0 { Because::RateLimited } else { Because::Down },
                changed_nothing,
            }
        };

        for (error, verdict) in [
            (SentryError::Unauthorized, Verdict::Renew),
            (SentryError::Forbidden, Verdict::AskMembership),
            (SentryError::NotFound, gone),
            (SentryError::SsoRequired, refused(messages::sso_required("Acme Inc"))),
            (SentryError::NoSeat, refused(messages::no_seat("Acme Inc"))),
            (
                SentryError::Refused { reason: Some("No such release.".into()) },
                refused(messages::refused("No such release.")),
            ),
            (SentryError::Refused { reason: None }, refused(messages::cannot_perform())),
            (SentryError::RateLimited { retry_after: Duration::from_secs(30) }, retry(30, true)),
            (SentryError::Unreachable, retry(0, true)),
            (SentryError::Unavailable, retry(0, false)),
        ] {
            assert_eq!(after_error(&resolve(), error.clone()), verdict, "{error}");
            assert_eq!(after_change(&resolve(), Err(error.clone())), verdict, "{error}");
        }
    }

    #[test]
    fn a_change_that_was_made_redraws_the_alert_from_the_answer() {
        let answer = resolved(json!([]));

        let verdict = after_change(&resolve(), Ok(answer.clone()));

        assert_eq!(verdict, redrawn(answer));
    }

    #[test]
    fn what_is_already_so_is_done_whoever_did_it() {
        for activity in [json!([]), json!([by("Bob Baker", "set_resolved", AFTER)])] {
            let issue = resolved(activity);

            let verdict = before_repeating(&resolve(), &issue);

            assert_eq!(verdict, Some(redrawn(issue)));
        }
    }

    #[test]
    fn a_newer_decision_stands_and_whoever_made_it_is_named() {
        for (user, named) in [
            (json!({"name": "Bob Baker"}), Some("Bob Baker")),
            (json!({"name": ""}), None),
            (json!(null), None),
        ] {
            let issue = unresolved(json!([
                {"type": "set_ignored", "dateCreated": AFTER, "user": user},
            ]));

            let verdict = before_repeating(&resolve(), &issue);

            let words = Words::Tell(messages::superseded(named));
            assert_eq!(verdict, Some(Verdict::Finish(Outcome::Superseded, words)));
        }
    }

    #[test]
    fn of_several_newer_decisions_the_newest_is_named() {
        let issue = unresolved(json!([
            by("Dora Dean", "set_unresolved", LATER),
            by("Bob Baker", "set_ignored", AFTER),
        ]));

        let verdict = before_repeating(&resolve(), &issue);

        let words = Words::Tell(messages::superseded(Some("Dora Dean")));
        assert_eq!(verdict, Some(Verdict::Finish(Outcome::Superseded, words)));
    }

    #[test]
    fn nothing_stands_against_a_click_but_a_newer_decision_of_its_kind() {
        for (why, click, activity) in [
            ("nothing happened", resolve(), json!([])),
            ("before it", resolve(), json!([by("Bob Baker", "set_ignored", BEFORE)])),
            ("at its moment", resolve(), json!([by("Bob Baker", "set_ignored", AT)])),
            ("a note", resolve(), json!([by("Bob Baker", "note", AFTER)])),
            ("an assignment", resolve(), json!([by("Bob Baker", "assigned", AFTER)])),
            ("a status", assign(), json!([by("Bob Baker", "set_resolved", AFTER)])),
            ("undated", resolve(), json!([{"type": "set_ignored", "user": null}])),
        ] {
            assert_eq!(before_repeating(&click, &unresolved(activity)), None, "{why}");
        }
    }

    #[test]
    fn a_newer_assignment_stands_against_an_assignment() {
        let issue = unresolved(json!([by("Bob Baker", "assigned", AFTER)]));

        let verdict = before_repeating(&assign(), &issue);

        let words = Words::Tell(messages::superseded(Some("Bob Baker")));
        assert_eq!(verdict, Some(Verdict::Finish(Outcome::Superseded, words)));
    }

    #[test]
    fn why_it_was_forbidden_depends_on_the_membership() {
        let no_right = messages::no_right("alice@acme.example", &resolve().change);

        for (is_member, verdict) in [
            (Ok(true), Verdict::Finish(Outcome::NoRight, Words::Tell(no_right))),
            (Ok(false), Verdict::Finish(Outcome::NotAMember, Words::OfferToUnlink)),
            (
                Err(SentryError::Unavailable),
                Verdict::Retry {
                    at_least: Duration::ZERO,
                    because: Because::Down,
                    changed_nothing: true,
                },
            ),
        ] {
            let judged = after_membership(&resolve(), "alice@acme.example", is_member.clone());

            assert_eq!(judged, verdict, "{is_member:?}");
        }
    }

    #[test]
    fn a_later_click_about_the_same_is_named_and_one_that_wants_the_same_is_not() {
        let job = attempted();
        let same = newest(|_| {});
        let other = newest(|newest| newest.change = Change::parse_status("ignored").unwrap());
        let somebody =
            Person { user: SlackUserId::parse("U0BOB00001").unwrap(), ..resolve().person };
        let others = newest(|newest| newest.person = somebody);
        let superseded = |words| Some(Verdict::Finish(Outcome::Superseded, words));
        let told =
            |by: &NewestClick| superseded(Words::Tell(messages::overtaken(Some(&by.person))));

        let judged = |newest| overtaken(&job, &resolve(), newest);

        assert_eq!(judged(Some(&same)), superseded(Words::Nothing));
        assert_eq!(judged(Some(&other)), told(&other));
        assert_eq!(judged(Some(&others)), told(&others));
        assert_eq!(judged(None), None);
    }

    #[test]
    fn a_later_click_of_another_workspace_is_told_without_a_name() {
        let tenant = Tenant::parse("T0ELSEWHERE").unwrap();
        let stranger = newest(|newest| newest.person.tenant = tenant);

        let judged = overtaken(&attempted(), &resolve(), Some(&stranger));

        let words = Words::Tell(messages::overtaken(None));
        assert_eq!(judged, Some(Verdict::Finish(Outcome::Superseded, words)));
    }

    #[test]
    fn no_click_is_overtaken_by_itself_or_by_one_that_was_not_made_later() {
        let job = attempted();
        let itself = newest(|newest| newest.job = job.key.clone());
        let at_once = newest(|newest| newest.made_at = resolve().made_at());

        for newest in [itself, at_once] {
            assert_eq!(overtaken(&job, &resolve(), Some(&newest)), None, "{newest:?}");
        }
    }

    #[test]
    fn one_looks_first_at_a_repetition_and_ten_seconds_after_the_click() {
        let first = attempted();
        let second = first.claim(first.next_at).unwrap();
        let after = |time| resolve().made_at().plus(time);

        let looks = |job, time| looks_first(job, &resolve(), after(time));

        assert!(!looks(&first, Duration::ZERO) && !looks(&first, LATE));
        assert!(looks(&first, LATE + Duration::from_millis(1)));
        assert!(looks(&second, Duration::ZERO));
    }

    #[test]
    fn a_sign_in_that_is_over_asks_for_another() {
        let asked = Verdict::Finish(Outcome::SignInExpired, Words::AskToSignInAgain);

        assert_eq!(sign_in_expired(), asked);
    }

    #[test]
    fn who_gives_up_says_that_nothing_was_changed_only_where_that_is_known() {
        let clean = attempted().changed_nothing();

        for (job, because, words) in [
            (&clean, Because::Down, messages::sentry_down()),
            (&clean, Because::RateLimited, messages::rate_limited()),
            (&attempted(), Because::Down, messages::sentry_unclear()),
            (&attempted(), Because::RateLimited, messages::sentry_unclear()),
        ] {
            let verdict = given_up(job, because);

            assert_eq!(verdict, Verdict::Finish(Outcome::GaveUp, Words::Tell(words)));
        }
    }

    const BEFORE: &str = "2023-11-14T22:13:20.402Z";
    const AT: &str = "2023-11-14T22:13:20.403Z";
    const AFTER: &str = "2023-11-14T22:13:20.404Z";
    const LATER: &str = "2023-11-14T22:13:25Z";

    fn resolve() -> Click {
        serde_json::from_value(json!({
            "tenant": "T0ACME0001", "team": "T0ACME0001",
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"}, "person_name": "alice",
            "organization": {"id": "1", "slug": "acme", "name": "Acme Inc"}, "issue": "4815",
            "change": "resolved",
            "alert": {"channel": null, "message_ts": null, "family": "blocks",
                      "rule": null, "tags": null},
            "response_url": null, "action_ts": CLICKED,
        }))
        .unwrap()
    }

    fn assign() -> Click {
        Click { change: Change::parse_assign("user:101").unwrap(), ..resolve() }
    }

    fn resolved(activity: Value) -> Issue {
        Issue { status: "resolved".into(), ..unresolved(activity) }
    }

    fn unresolved(activity: Value) -> Issue {
        let mut issue = json!({"id": "4815", "shortId": "BACKEND-12", "status": "unresolved"});
        issue["activity"] = activity;
        serde_json::from_value(issue).unwrap()
    }

    fn by(name: &str, kind: &str, date: &str) -> Value {
        json!({"type": kind, "dateCreated": date, "user": {"name": name}})
    }

    fn redrawn(issue: Issue) -> Verdict {
        Verdict::Finish(Outcome::Done, Words::Redraw(Box::new(issue)))
    }

    /// A click of Alice's that was made a moment after hers, and wants the same.
    fn newest(edit: impl FnOnce(&mut NewestClick)) -> NewestClick {
        let later = Click { action_ts: "1700000000.404007".into(), ..resolve() };
        let mut newest = NewestClick::of(&later, &later.key()).unwrap();
        edit(&mut newest);
        newest
    }

    /// A job at its first attempt, which may have changed something.
    fn attempted() -> Job {
        let now = Timestamp::from_secs(1_700_000_001);
        let job = Job::admit(resolve().key(), &resolve(), Sealed::from_text("s1.x.click"), now);
        job.claim(now).unwrap()
    }
}
