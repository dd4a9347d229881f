//! Every page, with ordinary values and with hostile ones: for tests, screenshots and reading.

mod install;

use crate::{
    AlreadyLinked, BackToSlack, Changed, ConfirmLink, ConfirmUnlink, Expired, ExpiredReason,
    Invalid, Leaving, Linked, Markup, MissingPermission, NotAMember, NotLinked, Problem, Refused,
    SentrySide, SlackSide, StartAgain, StartLink, StartUnlink, TakenSide, TryAgain, Unlinked,
    WrongSentryAccount, WrongSlackUser,
};

/// Markup where a name is expected. A page that shows it unescaped runs it.
pub const HOSTILE: &str = r#""><script>alert(1)</script><img src=x onerror='alert(2)'>"#;

/// A name, for the file or the test's message, and the page's HTML.
///
/// Names are unique; those of pages with hostile values end in `-hostile`.
pub fn samples() -> Vec<(String, String)> {
    let mut pages = with(&Words::ordinary(), install::PLAIN);
    pages.extend(fixed().into_iter().chain(install::fixed()).map(named));
    pages.extend(samples_of(&hostile_text()).into_iter().map(|(name, page)| {
        let name = format!("{name}-hostile");
        (name, page)
    }));
    pages
}

/// The pages with free fields, under the names of their ordinary twins: each field holds `text`.
pub fn samples_of(text: &str) -> Vec<(String, String)> {
    with(&Words::all(text), &|_| text.to_owned())
}

fn with(words: &Words, say: install::Say) -> Vec<(String, String)> {
    free(words).into_iter().chain(install::free(say)).map(named).collect()
}

fn named((name, page): (&str, Markup)) -> (String, String) {
    (name.to_owned(), page.into_string())
}

/// The pages that say what they are told.
fn free(words: &Words) -> Vec<(&'static str, Markup)> {
    vec![
        ("start-link", start_link(words)),
        ("confirm-link", confirm_link(words)),
        ("linked", linked(words)),
        ("start-unlink", start_unlink(words)),
        ("confirm-unlink", confirm_unlink(words)),
        ("unlinked", unlinked(words)),
        ("not-linked", not_linked(words)),
        ("already-linked-slack", already_linked(words, TakenSide::Slack)),
        ("already-linked-sentry", already_linked(words, TakenSide::Sentry)),
        ("wrong-slack-user", wrong_slack_user(words)),
        ("wrong-sentry-account", wrong_sentry_account(words)),
        ("not-a-member", not_a_member(words)),
        ("try-again", try_again(words)),
        ("leaving", leaving(words)),
        ("problem", problem(words)),
    ]
}

/// The pages that always say the same.
fn fixed() -> Vec<(&'static str, Markup)> {
    vec![
        ("missing-permission", MissingPermission.render()),
        ("expired-too-old", Expired { reason: ExpiredReason::TooOld }.render()),
        ("expired-used", Expired { reason: ExpiredReason::Used }.render()),
        ("expired-superseded", Expired { reason: ExpiredReason::Superseded }.render()),
        ("invalid", Invalid.render()),
        ("start-again", StartAgain { cancelled: false }.render()),
        ("start-again-cancelled", StartAgain { cancelled: true }.render()),
        ("refused", Refused.render()),
        ("changed", Changed.render()),
    ]
}

/// What fills the free fields of a page.
struct Words {
    slack: SlackSide,
    sentry: SentrySide,
    organization: String,
    waiting: String,
    form_token: String,
    back: BackToSlack,
    masked: String,
    reference: String,
    title: String,
    detail: String,
    url: String,
}

impl Words {
    fn ordinary() -> Self {
        Self {
            slack: SlackSide {
                name: "Ada Lovelace".into(),
                workspace: "Analytical Engines".into(),
            },
            sentry: SentrySide { name: "Ada King".into(), email: "ada@engines.example".into() },
            organization: "Analytical Engines".into(),
            waiting: "resolve BACKEND-12".into(),
            form_token: "Zm9ybS10b2tlbg".into(),
            back: BackToSlack { channel: Some("C024BE91L".into()), team: Some("T012AB3CD".into()) },
            masked: "a…@e….example".into(),
            reference: "6f1c2a1e-8d0b-4f6e".into(),
            title: "This address takes no such request".into(),
            detail: "Go back to Slack and click the button again.".into(),
            url: "https://sign-in.example/authorize?client_id=1&state=2".into(),
        }
    }

    /// Every field holds this text.
    fn all(text: &str) -> Self {
        let text = text.to_owned();
        Self {
            slack: SlackSide { name: text.clone(), workspace: text.clone() },
            sentry: SentrySide { name: text.clone(), email: text.clone() },
            organization: text.clone(),
            waiting: text.clone(),
            form_token: text.clone(),
            back: BackToSlack { channel: Some(text.clone()), team: Some(text.clone()) },
            masked: text.clone(),
            reference: text.clone(),
            title: text.clone(),
            detail: text.clone(),
            url: format!("https://sign-in.example/{text}"),
        }
    }
}

/// [`HOSTILE`], and 150 characters without a place to break.
fn hostile_text() -> String {
    format!("{HOSTILE}{}", "W".repeat(150))
}

fn start_link(words: &Words) -> Markup {
    StartLink {
        slack: words.slack.clone(),
        organization: words.organization.clone(),
        waiting: Some(words.waiting.clone()),
        form_token: words.form_token.clone(),
    }
    .render()
}

fn confirm_link(words: &Words) -> Markup {
    ConfirmLink {
        slack: words.slack.clone(),
        sentry: words.sentry.clone(),
        organization: words.organization.clone(),
        waiting: Some(words.waiting.clone()),
        form_token: words.form_token.clone(),
    }
    .render()
}

fn linked(words: &Words) -> Markup {
    Linked {
        slack: words.slack.clone(),
        sentry: words.sentry.clone(),
        waiting: Some(words.waiting.clone()),
        back: words.back.clone(),
    }
    .render()
}

fn start_unlink(words: &Words) -> Markup {
    StartUnlink {
        slack: words.slack.clone(),
        organization: words.organization.clone(),
        form_token: words.form_token.clone(),
    }
    .render()
}

fn confirm_unlink(words: &Words) -> Markup {
    ConfirmUnlink {
        slack: words.slack.clone(),
        sentry: words.sentry.clone(),
        form_token: words.form_token.clone(),
    }
    .render()
}

fn unlinked(words: &Words) -> Markup {
    Unlinked {
        slack: words.slack.clone(),
        back: words.back.clone(),
        form_token: words.form_token.clone(),
    }
    .render()
}

fn not_linked(words: &Words) -> Markup {
    NotLinked { back: words.back.clone() }.render()
}

fn already_linked(words: &Words, side: TakenSide) -> Markup {
    AlreadyLinked { slack: words.slack.clone(), current_email_masked: words.masked.clone(), side }
        .render()
}

fn wrong_slack_user(words: &Words) -> Markup {
    WrongSlackUser {
        signed_in_as: words.slack.name.clone(),
        workspace: Some(words.slack.workspace.clone()),
    }
    .render()
}

fn wrong_sentry_account(words: &Words) -> Markup {
    WrongSentryAccount { signed_in_as: words.sentry.email.clone() }.render()
}

fn not_a_member(words: &Words) -> Markup {
    NotAMember { sentry: words.sentry.clone(), organization: words.organization.clone() }.render()
}

fn try_again(words: &Words) -> Markup {
    TryAgain { reference: Some(words.reference.clone()) }.render()
}

fn leaving(words: &Words) -> Markup {
    Leaving { to: "Slack", url: words.url.clone() }.render()
}

fn problem(words: &Words) -> Markup {
    Problem { title: words.title.clone(), detail: words.detail.clone() }.render()
}
