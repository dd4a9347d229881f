//! Every sentence that is said in Slack. What an alert and a modal are labelled with stands where they
//! are drawn: [`crate::slack::alert`], [`crate::slack::modal`].
//!
//! Users of Sentry's own integration know LINK, UNLINK, DEFAULT, LINKED, UNLINKED and the result
//! lines: they are kept to the letter. Every other refusal says which of the possible reasons it
//! was, and what to do. Whatever comes from Sentry or Slack is escaped where it becomes part of a text,
//! here or there, by [`crate::slack::message`].

mod alerts;
mod command;
mod home;
mod install;
mod unfurl;

pub use self::{
    alerts::{
        alerted_again, alerts_here, alerts_in_a_channel, alerts_off, channel_takes_nothing,
        only_the_installer,
    },
    command::{
        UNLINK_ACTION, already_linked, confirm_unlink, help, not_available, not_installed,
        not_linked, nothing_to_unlink, offer_links, who_you_are,
    },
    home::{LINK_ACTION, home, home_closed, link_window},
    install::{installed, organization_added, token_not_renewed},
    unfurl::link_to_unfurl,
};
use crate::{
    change::{Assignee, Change},
    identity::Person,
    sentry::issue::Issue,
    slack::message::{Message, name},
};

/// Last resort: the API refused and gave no reason.
pub const DEFAULT: &str = "Sentry can't perform that action right now on your behalf!";

/// After linking.
pub const LINKED: &str =
    "Your Slack identity has been linked to your Sentry account. You're good to go!";

/// After unlinking.
pub const UNLINKED: &str = "Your Slack identity has been unlinked from your Sentry account.";

/// Somebody not linked clicked: LINK.
pub fn link_your_identity(url: &str) -> Message {
    Message::text(format!(
        "Looks like you haven't linked your Sentry account with your Slack identity yet! \
         <{url}|Link your identity now> to perform actions in Sentry through Slack."
    ))
}

/// The linked account is outside the organization: UNLINK.
pub fn unlink_your_identity(user_email: &str, org_name: &str, url: &str) -> Message {
    Message::text(format!(
        "Looks like this Slack identity is linked to the Sentry user *{}* who is not a member of \
         organization *{}* used with this Slack integration. <{url}|Unlink your identity now>.",
        name(user_email),
        name(org_name)
    ))
}

/// The Sentry sign-in is over; the click waits for a new one.
pub fn sign_in_again(url: &str) -> Message {
    Message::text(format!(
        "Your Sentry sign-in has expired, so nothing was changed. <{url}|Sign in to Sentry again> \
         and your click will be carried out."
    ))
}

/// After linking.
pub fn linked() -> Message {
    Message::text(LINKED)
}

/// After unlinking.
pub fn unlinked() -> Message {
    Message::text(UNLINKED)
}

/// The API refused without a reason.
pub fn cannot_perform() -> Message {
    Message::text(DEFAULT)
}

/// The API refused with a reason: its first leaf message.
pub fn refused(reason: &str) -> Message {
    Message::text(format!("Sentry refused: {}", crate::slack::message::escaped(reason, 300)))
}

/// A member without the right.
pub fn no_right(email: &str, change: &Change) -> Message {
    Message::text(format!(
        "Your Sentry account *{}* is a member of the organization, but it has no right to {} this \
         issue. Ask an owner of its project or team. Nothing was changed.",
        name(email),
        change.verb()
    ))
}

/// No such issue in the organization any more.
pub fn issue_gone() -> Message {
    Message::text(
        "Sentry has no such issue in this organization any more: it was deleted, merged or moved. \
         Nothing was changed.",
    )
}

/// The organization's plan has no seat for this member.
pub fn no_seat(org_name: &str) -> Message {
    Message::text(format!(
        "Your membership in *{}* is disabled because the organization is over its member limit. \
         Ask an owner of the organization. Nothing was changed.",
        name(org_name)
    ))
}

/// The organization asks for its single sign-on first.
pub fn sso_required(org_name: &str) -> Message {
    Message::text(format!(
        "*{}* requires single sign-on. Sign in to the organization in Sentry once, then click \
         again. Nothing was changed.",
        name(org_name)
    ))
}

/// Sentry asked for patience for longer than the click is kept.
pub fn rate_limited() -> Message {
    Message::text(
        "Sentry is receiving too many requests right now and asked to wait. Nothing was changed. \
         Please click again in a few minutes.",
    )
}

/// Sentry did not answer for as long as the click is kept.
pub fn sentry_down() -> Message {
    Message::text(
        "Sentry could not be reached for several minutes, so your click was given up. Nothing was \
         changed. Please click again later.",
    )
}

/// The same, but an attempt was cut off on its way: whether it arrived cannot be known.
pub fn sentry_unclear() -> Message {
    Message::text(
        "Sentry stopped answering while your click was being carried out, so it is not certain \
         whether it took effect. Please look at the issue in Sentry, and click again if needed.",
    )
}

/// The click was sealed under a key that is not in use any more.
pub fn unreadable() -> Message {
    Message::text(
        "A click of yours could not be carried out, because a key of this app was replaced \
         meanwhile. Nothing was changed. Please click again.",
    )
}

/// Shown once when the first attempt fails: the click is not lost.
pub fn still_trying() -> Message {
    Message::text(
        "Sentry does not answer right now. Your click is kept and will be tried again for a few \
         minutes.",
    )
}

/// Somebody decided otherwise after the click.
pub fn superseded(by: Option<&str>) -> Message {
    let by = by.map(name).filter(|by| !by.is_empty()).unwrap_or_else(|| "Somebody else".into());
    Message::text(format!("{by} changed this issue after your click, so it was left as it is."))
}

/// Somebody clicked later; who it was, where they are known to whom it is told.
pub fn overtaken(by: Option<&Person>) -> Message {
    let by = by.map_or_else(|| "Somebody".to_owned(), |by| format!("<@{}>", by.user));
    Message::text(format!("{by} clicked on this issue after you, so your click was left aside."))
}

/// A guest from another workspace clicked.
pub fn guests_cannot_act(workspace: &str) -> Message {
    Message::text(format!(
        "Only members of the workspace *{}* can act on issues here. Your Slack account belongs to \
         another workspace.",
        name(workspace)
    ))
}

/// The workspace is bound to no organization.
pub fn no_organization() -> Message {
    Message::text(
        "This workspace is not connected to a Sentry organization yet. Ask an owner or manager of your \
         Sentry organization to connect it on Belay's install page.",
    )
}

/// The alert does not say which of several organizations it is about.
pub fn which_organization() -> Message {
    Message::text(
        "This workspace is connected to several Sentry organizations and this alert does not say \
         which one it belongs to. Please act on the issue in Sentry.",
    )
}

/// Slack let the three seconds pass in which a modal can be opened.
pub fn click_once_more() -> Message {
    Message::text("That took too long for Slack to open a window. Please click again.")
}

/// The modal's last word after a change.
pub fn done(change: &Change) -> Message {
    Message::text(match change.verb() {
        "resolve" => "The issue is resolved. :white_check_mark:",
        "archive" => "The issue is archived. :zzz:",
        _ => "The issue is changed. :white_check_mark:",
    })
}

/// What can become of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is dealt with.
    Resolved,
    /// It is to be left alone.
    Archived,
    /// It is to be dealt with again.
    Reopened,
    /// It is somebody's.
    Assigned,
    /// It is nobody's.
    Unassigned,
}

impl Became {
    /// What a change makes of it.
    fn by(change: &Change) -> Self {
        match (change, change.verb()) {
            (Change::Assign(Assignee::Nobody), _) => Self::Unassigned,
            (Change::Assign(_), _) => Self::Assigned,
            (_, "resolve") => Self::Resolved,
            (_, "archive") => Self::Archived,
            _ => Self::Reopened,
        }
    }
}

/// What was done and by whom, below the alert.
pub fn result_line(change: &Change, person: &Person, issue: &Issue) -> String {
    became(Became::by(change), issue, &format!("by <@{}>", person.user))
}

/// The same for those who do not know the person: another workspace.
pub fn result_line_elsewhere(change: &Change, issue: &Issue) -> String {
    became(Became::by(change), issue, "from another workspace")
}

/// The same for what was done in Sentry, by somebody of this name or by Sentry itself.
pub fn result_line_in_sentry(what: Became, issue: &Issue, by: Option<&str>) -> String {
    let by = by.map_or_else(|| "Sentry".to_owned(), name);
    became(what, issue, &format!("by {by}"))
}

/// `by` is markup.
fn became(what: Became, issue: &Issue, by: &str) -> String {
    let to = match &issue.assigned_to {
        Some(to) if to.kind == "team" => format!(" to #{}", name(&to.name)),
        Some(to) => format!(" to {}", name(&to.name)),
        None => String::new(),
    };
    match what {
        Became::Resolved => format!("*Issue resolved {by}*"),
        Became::Archived => format!("*Issue archived {by}*"),
        Became::Reopened => format!("*Issue re-opened {by}*"),
        Became::Assigned => format!("*Issue assigned{to} {by}*"),
        Became::Unassigned => format!("*Issue unassigned {by}*"),
    }
}

/// A click in words: "resolve BACKEND-12", "resolve this issue".
pub fn click_in_words(change: &Change, short_id: Option<&str>) -> String {
    format!("{} {}", change.verb(), short_id.filter(|id| !id.is_empty()).unwrap_or("this issue"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::{SlackUserId, Tenant};

    fn issue() -> Issue {
        serde_json::from_value(json!({
            "id": "1", "status": "resolved",
            "assignedTo": {"type": "team", "id": "5", "name": "pay<ments>"},
        }))
        .unwrap()
    }

    fn person() -> Person {
        Person {
            tenant: Tenant::parse("T0ACME0001").unwrap(),
            user: SlackUserId::parse("U0ALICE001").unwrap(),
        }
    }

    #[test]
    fn the_texts_that_users_know_are_kept_to_the_letter() {
        assert_eq!(
            link_your_identity("https://b.example/l").text,
            "Looks like you haven't linked your Sentry account with your Slack identity yet! <https://b.example/l|Link your identity now> to perform actions in Sentry through Slack."
        );
        assert_eq!(
            unlink_your_identity("carol@umbrella.example", "Acme Inc", "https://b.example/u").text,
            "Looks like this Slack identity is linked to the Sentry user *carol@umbrella.example* who is not a member of organization *Acme Inc* used with this Slack integration. <https://b.example/u|Unlink your identity now>."
        );
        assert_eq!(DEFAULT, "Sentry can't perform that action right now on your behalf!");
    }

    #[test]
    fn result_lines_name_what_was_done_and_by_whom() {
        let line = |change: Change| result_line(&change, &person(), &issue());
        let status = |value| line(Change::parse_status(value).unwrap());

        assert_eq!(status("resolved:inNextRelease"), "*Issue resolved by <@U0ALICE001>*");
        assert_eq!(status("ignored"), "*Issue archived by <@U0ALICE001>*");
        assert_eq!(status("unresolved:ongoing"), "*Issue re-opened by <@U0ALICE001>*");
        assert_eq!(
            line(Change::parse_assign("team:5").unwrap()),
            "*Issue assigned to #pay&lt;ments&gt; by <@U0ALICE001>*"
        );
    }

    #[test]
    fn those_who_do_not_know_the_person_are_told_the_same_without_them() {
        let line = |change: Change| result_line_elsewhere(&change, &issue());

        assert_eq!(
            line(Change::parse_status("ignored").unwrap()),
            "*Issue archived from another workspace*"
        );
        assert_eq!(
            line(Change::parse_assign("team:5").unwrap()),
            "*Issue assigned to #pay&lt;ments&gt; from another workspace*"
        );
    }

    #[test]
    fn every_refusal_has_its_own_words_and_says_what_became_of_the_click() {
        let change = Change::parse_status("resolved").unwrap();
        let url = "https://b.example";
        let refusals = [
            (link_your_identity(url), "haven't linked"),
            (link_to_unfurl(url), "links to issues that you share"),
            (unlink_your_identity("a@x.example", "Acme", url), "not a member"),
            (no_right("a@x.example", &change), "no right to resolve"),
            (issue_gone(), "no such issue"),
            (sign_in_again(url), "sign-in has expired"),
            (no_seat("Acme"), "member limit"),
            (sso_required("Acme"), "single sign-on"),
            (refused("No release."), "No release."),
            (rate_limited(), "too many requests"),
            (sentry_down(), "could not be reached"),
            (sentry_unclear(), "not certain"),
            (superseded(Some("Bob")), "Bob changed this issue after your click"),
            (overtaken(Some(&person())), "<@U0ALICE001> clicked on this issue after you"),
            (overtaken(None), "Somebody clicked on this issue after you"),
            (guests_cannot_act("Acme"), "Only members of the workspace"),
            (no_organization(), "not connected to a Sentry organization"),
            (which_organization(), "several Sentry organizations"),
            (click_once_more(), "Please click again"),
            (cannot_perform(), DEFAULT),
        ];
        let mut texts = std::collections::BTreeSet::new();
        for (message, words) in refusals {
            assert!(message.text.contains(words), "{words:?} in {:?}", message.text);
            assert!(texts.insert(message.text.clone()), "said twice: {:?}", message.text);
        }
        for sure in [no_right("a", &change), issue_gone(), rate_limited(), sentry_down()] {
            assert!(sure.text.contains("Nothing was changed"), "{:?}", sure.text);
        }
    }

    #[test]
    fn names_from_outside_are_escaped_in_every_sentence() {
        let evil = "<!channel>";
        let change = Change::parse_status("resolved").unwrap();
        for message in [
            unlink_your_identity(evil, evil, "https://b.example"),
            refused(evil),
            no_right(evil, &change),
            no_seat(evil),
            sso_required(evil),
            superseded(Some(evil)),
            guests_cannot_act(evil),
        ] {
            assert!(!message.text.contains(evil), "{}", message.text);
            assert!(message.text.contains("&lt;!channel&gt;"), "{}", message.text);
        }
    }
}
