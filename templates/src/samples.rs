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
pub fn samples() -> Vec<(&'static str, String)> {
    let words = Words::ordinary();
    let hostile = Words::hostile();
    let mut pages = vec![
        ("start-link", start_link(&words)),
        ("start-link-hostile", start_link(&hostile)),
        ("confirm-link", confirm_link(&words)),
        ("confirm-link-hostile", confirm_link(&hostile)),
        ("linked", linked(&words)),
        ("linked-hostile", linked(&hostile)),
        ("start-unlink", start_unlink(&words)),
        ("start-unlink-hostile", start_unlink(&hostile)),
        ("confirm-unlink", confirm_unlink(&words)),
        ("confirm-unlink-hostile", confirm_unlink(&hostile)),
        ("unlinked", unlinked(&words)),
        ("unlinked-hostile", unlinked(&hostile)),
        ("not-linked", not_linked(&words)),
        ("not-linked-hostile", not_linked(&hostile)),
        ("already-linked-slack", already_linked(&words, TakenSide::Slack)),
        ("already-linked-slack-hostile", already_linked(&hostile, TakenSide::Slack)),
        ("already-linked-sentry", already_linked(&words, TakenSide::Sentry)),
        ("already-linked-sentry-hostile", already_linked(&hostile, TakenSide::Sentry)),
        ("wrong-slack-user", wrong_slack_user(&words)),
        ("wrong-slack-user-hostile", wrong_slack_user(&hostile)),
        ("wrong-sentry-account", wrong_sentry_account(&words)),
        ("wrong-sentry-account-hostile", wrong_sentry_account(&hostile)),
        ("not-a-member", not_a_member(&words)),
        ("not-a-member-hostile", not_a_member(&hostile)),
        ("missing-permission", MissingPermission.render()),
        ("expired-too-old", Expired { reason: ExpiredReason::TooOld }.render()),
        ("expired-used", Expired { reason: ExpiredReason::Used }.render()),
        ("expired-superseded", Expired { reason: ExpiredReason::Superseded }.render()),
        ("invalid", Invalid.render()),
        ("start-again", StartAgain { cancelled: false }.render()),
        ("start-again-cancelled", StartAgain { cancelled: true }.render()),
        ("refused", Refused.render()),
        ("try-again", try_again(&words)),
        ("try-again-hostile", try_again(&hostile)),
        ("changed", Changed.render()),
        ("leaving", leaving(&words)),
        ("leaving-hostile", leaving(&hostile)),
        ("problem", problem(&words)),
        ("problem-hostile", problem(&hostile)),
    ];
    pages.extend(install::pages());
    pages.into_iter().map(|(name, page)| (name, page.into_string())).collect()
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
            back: BackToSlack { channel: "C024BE91L".into(), team: "T012AB3CD".into() },
            masked: "a…@e….example".into(),
            reference: "6f1c2a1e-8d0b-4f6e".into(),
            title: "This address takes no such request".into(),
            detail: "Go back to Slack and click the button again.".into(),
            url: "https://sign-in.example/authorize?client_id=1&state=2".into(),
        }
    }

    /// Every field holds [`HOSTILE`], and 150 characters without a place to break.
    fn hostile() -> Self {
        let text = hostile_text();
        Self {
            slack: SlackSide { name: text.clone(), workspace: text.clone() },
            sentry: SentrySide { name: text.clone(), email: text.clone() },
            organization: text.clone(),
            waiting: text.clone(),
            form_token: text.clone(),
            back: BackToSlack { channel: text.clone(), team: text.clone() },
            masked: text.clone(),
            reference: text.clone(),
            title: text.clone(),
            detail: text.clone(),
            url: format!("https://sign-in.example/{text}"),
        }
    }
}

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
