//! What the app's home shows, and the window that links are offered in.

use serde_json::{Value, json};

use super::command::{UNLINK_ACTION, account, where_it_acts};
use crate::{
    identity::{Identity, Installation, Organization},
    slack::message::{name, plain},
};

/// The `action_id` of the home's button that asks for links.
pub const LINK_ACTION: &str = "link_identity";

/// The `action_id` of the buttons that lead to a link: the browser follows, nothing is to do here.
const FOLLOW_ACTION: &str = "follow_link";

/// Slack's bound for the text of a button, in characters.
const MAX_BUTTON: usize = 75;

/// The app's home: who the person is in Sentry, with the one button that changes it.
pub fn home(installation: &Installation, identity: Option<&Identity>) -> Value {
    let (text, button) = match identity {
        Some(identity) => (
            format!(
                "You are linked to the Sentry account {}. {}",
                account(&identity.account),
                where_it_acts(&installation.organizations)
            ),
            button("Unlink", UNLINK_ACTION, Some(&identity.link_id), "danger"),
        ),
        None => (
            format!(
                "You are not linked to a Sentry account yet, so your clicks cannot be carried out. {}",
                where_it_acts(&installation.organizations)
            ),
            button("Link my Sentry account", LINK_ACTION, None, "primary"),
        ),
    };
    let about = "Belay acts in Sentry as you, with your own rights, when you click a button under \
                 an alert. `/sentry whoami` tells what is kept about you.";
    json!({
        "type": "home",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Sentry, as yourself"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {"type": "actions", "elements": [button]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": about}]},
        ],
    })
}

/// A home with nothing to do in it, and why.
pub fn home_closed(text: &str) -> Value {
    json!({
        "type": "home",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
    })
}

/// The window with a link for each organization. The links are fresh: they live for minutes.
pub fn link_window(offers: &[(&Organization, String)]) -> Value {
    let buttons: Vec<Value> = offers
        .iter()
        .enumerate()
        .map(|(n, (organization, url))| {
            let label = match offers {
                [_] => "Continue in the browser".to_owned(),
                _ => plain(&organization.name, MAX_BUTTON),
            };
            json!({
                "type": "button",
                "action_id": format!("{FOLLOW_ACTION}::{n}"),
                "text": {"type": "plain_text", "text": label},
                "url": url,
            })
        })
        .collect();
    let text = match offers {
        [(organization, _)] => format!(
            "Sign in with Slack and to Sentry, then confirm both accounts. You will act in *{}*.",
            name(&organization.name)
        ),
        _ => {
            "Pick an organization that you are a member of. Then sign in with Slack and to Sentry, \
              and confirm both accounts."
                .to_owned()
        }
    };
    json!({
        "type": "modal",
        "callback_id": LINK_ACTION,
        "title": {"type": "plain_text", "text": "Link Slack and Sentry"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {"type": "actions", "elements": buttons},
            {"type": "context", "elements": [{
                "type": "mrkdwn",
                "text": "The link is good for fifteen minutes and works for you alone.",
            }]},
        ],
    })
}

fn button(label: &str, action_id: &str, value: Option<&str>, style: &str) -> Value {
    let mut button = json!({
        "type": "button",
        "action_id": action_id,
        "style": style,
        "text": {"type": "plain_text", "text": label},
    });
    if let (Some(value), Value::Object(button)) = (value, &mut button) {
        button.insert("value".into(), json!(value));
    }
    button
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation() -> Installation {
        crate::prompt::tests::an_installation()
    }

    fn alice() -> Identity {
        serde_json::from_value(json!({
            "person": {"tenant": "T0ACME0001", "user": "U0ALICE001"},
            "account": {"id": "101", "name": "Alice <Able>", "email": "alice@acme.example"},
            "tokens": {"access": "s1.x.access", "expires": 0},
            "link_id": "link-1", "linked_at": 0,
        }))
        .unwrap()
    }

    #[test]
    fn the_home_says_who_one_is_and_offers_the_way_out() {
        let view = home(&installation(), Some(&alice()));

        let text = view["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(text.contains("*Alice &lt;Able&gt;* (alice@acme.example)"), "{text}");
        let button = &view["blocks"][2]["elements"][0];
        assert_eq!(
            (&button["action_id"], &button["value"]),
            (&json!(UNLINK_ACTION), &json!("link-1"))
        );
    }

    #[test]
    fn who_is_not_linked_is_offered_to_link_without_a_link_that_ages() {
        let view = home(&installation(), None);

        let button = &view["blocks"][2]["elements"][0];
        assert_eq!(button["action_id"], LINK_ACTION);
        assert!(button.get("url").is_none());
    }

    #[test]
    fn the_window_leads_on_once_for_each_organization() {
        let acme: Organization =
            serde_json::from_value(json!({"id": "1", "slug": "acme", "name": "A".repeat(100)}))
                .unwrap();
        let url = |n: u8| format!("https://b.example/{n}");

        let one = link_window(&[(&acme, url(1))]);
        let two = link_window(&[(&acme, url(1)), (&acme, url(2))]);

        assert_eq!(one["blocks"][1]["elements"][0]["text"]["text"], "Continue in the browser");
        let buttons = two["blocks"][1]["elements"].as_array().unwrap();
        assert_eq!(buttons.len(), 2);
        assert_eq!(buttons[1]["url"], "https://b.example/2");
        assert_ne!(buttons[0]["action_id"], buttons[1]["action_id"]);
        let label = buttons[0]["text"]["text"].as_str().unwrap();
        assert_eq!(label.chars().count(), MAX_BUTTON);
    }
}
