//! What `/sentry …` is answered with.

use std::time::Duration;

use serde_json::json;

use crate::{
    clock::Timestamp,
    identity::{Account, Identity, Organization, Tokens},
    slack::message::{Message, date, escaped, link, name},
};

/// The `action_id` of the button that [`confirm_unlink`] shows; its value is the `link_id`.
pub const UNLINK_ACTION: &str = "unlink_identity";

/// How much of an unknown command is repeated, in characters.
const ECHO: usize = 50;

/// The app is not installed in the workspace, or no more.
pub fn not_installed() -> Message {
    Message::text(
        "This app is not installed in this workspace, or not any more. Ask an admin of the \
         workspace to install it.",
    )
}

/// The table did not answer.
pub fn not_available() -> Message {
    Message::text(
        "That cannot be looked up right now. Nothing was changed. Please try again in a moment.",
    )
}

/// Links to link with, one for each organization of the workspace.
pub fn offer_links(offers: &[(&Organization, String)]) -> Message {
    if let [(_, url)] = offers {
        return Message::text(format!(
            "{} to your Sentry account to perform actions in Sentry through Slack.",
            link(url, "Link your Slack identity")
        ));
    }
    let mut lines = vec![
        "This workspace is connected to several Sentry organizations. Pick one that you are a \
         member of to link your Slack identity to your Sentry account:"
            .to_owned(),
    ];
    let offer = |(organization, url): &(&Organization, String)| {
        format!("• {}", link(url, &name(&organization.name)))
    };
    lines.extend(offers.iter().map(offer));
    Message::text(lines.join("\n"))
}

/// There is nothing to link any more.
pub fn already_linked(identity: &Identity) -> Message {
    let Account { name, email, .. } = &identity.account;
    let shown = if email.is_empty() { name } else { email };
    Message::text(format!(
        "You are already linked as {}. To link another account, type `/sentry unlink` first.",
        code(shown, 150)
    ))
}

/// Which account would be unlinked, with the button that does it.
pub fn confirm_unlink(identity: &Identity) -> Message {
    let text = format!(
        "Your Slack identity is linked to the Sentry account {}. Once it is unlinked, your clicks \
         are not carried out until you link an account again.",
        account(&identity.account)
    );
    let button = json!({
        "type": "button",
        "action_id": UNLINK_ACTION,
        "value": identity.link_id,
        "style": "danger",
        "text": {"type": "plain_text", "text": "Unlink"},
    });
    let blocks = json!([
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "actions", "elements": [button]},
    ]);
    Message { blocks: Some(blocks), ..Message::text(text) }
}

/// There is nothing to unlink.
pub fn nothing_to_unlink() -> Message {
    Message::text("You do not have a linked identity to unlink.")
}

/// Nobody, as far as Sentry is concerned.
pub fn not_linked() -> Message {
    Message::text(
        "Your Slack identity is not linked to a Sentry account. To link one, type `/sentry link`.",
    )
}

/// Who the person is in Sentry, where that counts, and what is kept about them: the rows of the
/// audit for `audit`.
pub fn who_you_are(
    identity: &Identity,
    organizations: &[Organization],
    audit: Duration,
    now: Timestamp,
) -> Message {
    let lines = [
        format!(
            "You are linked to the Sentry account {} since {}.",
            account(&identity.account),
            date(identity.linked_at)
        ),
        sign_in(&identity.tokens, now),
        where_it_acts(organizations),
        format!(
            "What is kept about you: this link, with the account's name and e-mail and its tokens, \
             which are encrypted. `/sentry unlink` removes all of it. Besides, the record of what \
             you did (which issue, what, when; no names, no texts) is kept for {} days.",
            audit.as_secs() / (24 * 60 * 60)
        ),
    ];
    Message::text(lines.join("\n"))
}

/// The commands; `unknown` is what was typed instead of one.
pub fn help(unknown: Option<&str>) -> Message {
    let unknown = unknown.map(|typed| format!("Unknown command: {}", code(typed, ECHO)));
    let commands = [
        "Here are the commands you can use:",
        "• `/sentry link` links your Slack identity to your Sentry account",
        "• `/sentry unlink` unlinks it",
        "• `/sentry whoami` tells which account it is and what is kept about you",
        "• `/sentry alerts here` posts the alerts whose rule names no channel in this one, `/sentry alerts \
         off` stops that; both are for who installed the app",
        "• `/sentry help` shows this list",
    ];
    let lines: Vec<_> =
        unknown.into_iter().chain(commands.into_iter().map(str::to_owned)).collect();
    Message::text(lines.join("\n"))
}

fn sign_in(tokens: &Tokens, now: Timestamp) -> String {
    let end = date(tokens.expires);
    match (tokens.expires > now, tokens.refresh.is_some()) {
        (true, true) => {
            format!("Your Sentry sign-in is good until {end}, and is renewed when you act.")
        }
        (true, false) => format!("Your Sentry sign-in is good until {end}."),
        (false, true) => {
            format!("Your Sentry sign-in ended {end}. It is renewed at your next click.")
        }
        (false, false) => {
            format!("Your Sentry sign-in ended {end}. Your next click asks you to sign in again.")
        }
    }
}

pub(super) fn where_it_acts(organizations: &[Organization]) -> String {
    let names: Vec<_> = organizations
        .iter()
        .map(|organization| format!("*{}*", name(&organization.name)))
        .collect();
    if names.is_empty() {
        "This workspace is not connected to a Sentry organization yet.".to_owned()
    } else {
        format!("In this workspace Belay acts in {}.", names.join(", "))
    }
}

/// `*Alice Able* (alice@acme.example)`; Sentry may give no e-mail, or give it as the name.
pub(super) fn account(account: &Account) -> String {
    let shown = format!("*{}*", name(&account.name));
    if account.email.is_empty() || account.email == account.name {
        return shown;
    }
    format!("{shown} ({})", name(&account.email))
}

/// Foreign text as code. A backtick would end it and cannot be escaped.
fn code(text: &str, max: usize) -> String {
    format!("`{}`", escaped(text, max).replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
    const DAYS_90: Duration = Duration::from_hours(90 * 24);
    const EVIL: &str = "<!channel>`*";

    #[test]
    fn one_organization_is_not_asked_about() {
        let acme = organization("Acme Inc");

        let words = offer_links(&[(&acme, "https://b.example/l".into())]).text;

        assert!(words.starts_with("<https://b.example/l|Link your Slack identity> to"), "{words}");
        assert!(!words.contains("Acme"), "{words}");
    }

    #[test]
    fn several_organizations_are_named_with_a_link_each() {
        let (acme, umbrella) = (organization("Acme Inc"), organization("Umbrella"));

        let words = offer_links(&[
            (&acme, "https://b.example/1".into()),
            (&umbrella, "https://b.example/2".into()),
        ]);

        assert!(words.text.contains("Pick one"), "{}", words.text);
        let lines: Vec<_> = words.text.lines().skip(1).collect();
        assert_eq!(lines, ["• <https://b.example/1|Acme Inc>", "• <https://b.example/2|Umbrella>"]);
    }

    #[test]
    fn who_is_linked_already_is_told_as_whom() {
        let nameless = identity("Alice Able", "");

        assert_eq!(
            already_linked(&alice()).text,
            "You are already linked as `alice@acme.example`. To link another account, type \
             `/sentry unlink` first."
        );
        assert!(already_linked(&nameless).text.contains("as `Alice Able`."));
    }

    #[test]
    fn the_button_unlinks_the_link_that_is_shown() {
        let message = confirm_unlink(&alice());

        let blocks = message.blocks.unwrap();
        let button = &blocks[1]["elements"][0];
        assert_eq!(button["action_id"], UNLINK_ACTION);
        assert_eq!(button["value"], "link-1");
        assert_eq!(button["style"], "danger");
        assert_eq!(blocks[0]["text"]["text"], message.text.as_str());
        assert!(message.text.contains("*Alice Able* (alice@acme.example)"), "{}", message.text);
    }

    #[test]
    fn whoami_tells_who_since_when_until_when_and_where() {
        let both = [organization("Acme Inc"), organization("Umbrella")];

        let words = who_you_are(&alice(), &both, DAYS_90, NOW).text;

        for said in [
            "*Alice Able* (alice@acme.example) since <!date^1699900000^{date_short_pretty} at \
             {time}|2023-11-13T18:26:40Z>.",
            "good until <!date^1702592000^",
            "acts in *Acme Inc*, *Umbrella*.",
            "`/sentry unlink` removes all of it",
            "kept for 90 days",
        ] {
            assert!(words.contains(said), "{said} in {words}");
        }
    }

    #[test]
    fn whoami_says_what_becomes_of_the_sign_in() {
        let renewed = alice().tokens;
        let once = Tokens { refresh: None, ..renewed.clone() };
        let over = renewed.expires.plus(Duration::from_secs(1));

        for (tokens, now, said) in [
            (&renewed, NOW, "and is renewed when you act."),
            (&once, NOW, "|2023-12-14T22:13:20Z>."),
            (&renewed, renewed.expires, "is renewed at your next click."),
            (&once, over, "asks you to sign in again."),
        ] {
            let words = sign_in(tokens, now);
            assert!(words.ends_with(said), "{said} in {words}");
        }
    }

    #[test]
    fn a_workspace_without_an_organization_is_said_to_be_one() {
        assert!(
            who_you_are(&alice(), &[], DAYS_90, NOW).text.contains("not connected to a Sentry")
        );
    }

    #[test]
    fn an_account_without_an_e_mail_of_its_own_is_named_once() {
        for email in ["", "alice"] {
            assert_eq!(account(&identity("alice", email).account), "*alice*");
        }
    }

    #[test]
    fn an_unknown_command_is_repeated_up_to_fifty_characters() {
        let words = help(Some(&"x".repeat(51))).text;

        assert_eq!(
            words.lines().next().unwrap(),
            format!("Unknown command: `{}…`", "x".repeat(50))
        );
        assert_eq!(
            words.lines().skip(1).collect::<Vec<_>>(),
            help(None).text.lines().collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_comes_from_outside_is_escaped_in_every_sentence() {
        let (evil, organization) = (identity(EVIL, EVIL), organization(EVIL));
        let url = || "https://b.example".to_owned();
        for message in [
            offer_links(&[(&organization, url()), (&organization, url())]),
            already_linked(&evil),
            confirm_unlink(&evil),
            who_you_are(&evil, std::slice::from_ref(&organization), DAYS_90, NOW),
            help(Some(EVIL)),
        ] {
            assert!(!message.text.contains("<!channel>"), "{}", message.text);
            assert!(message.text.contains("&lt;!channel&gt;"), "{}", message.text);
        }
        assert_eq!(code(EVIL, 150), "`&lt;!channel&gt;'*`");
    }

    fn alice() -> Identity {
        identity("Alice Able", "alice@acme.example")
    }

    fn identity(name: &str, email: &str) -> Identity {
        serde_json::from_value(json!({
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
            "account": {"id": "101", "name": name, "email": email},
            "tokens": {"access": "s1.x.a", "refresh": "s1.x.r", "expires": 1_702_592_000_000_i64},
            "link_id": "link-1", "linked_at": 1_699_900_000_000_i64,
        }))
        .unwrap()
    }

    fn organization(name: &str) -> Organization {
        serde_json::from_value(json!({"id": "1", "slug": "acme", "name": name})).unwrap()
    }
}
