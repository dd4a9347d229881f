//! What Slack sends while somebody types into a select whose options we load, and what it shows.
//!
//! ```text
//! → POST, application/x-www-form-urlencoded, one field `payload`:
//!   {"type":"block_suggestion","action_id":"assign","value":"<what is typed>","message":…,"user":…}
//! ← {"option_groups":[{"label":…,"options":[{"text":{"type":"plain_text",…},"value":…}]}]}
//! ```
//! The issue stands where a click has it: in the first block's `block_id`. There is no
//! `response_url` and no second chance, the answer is the list. Slack takes at most 100 options, of
//! at most 75 characters each (docs.slack.dev/reference/block-kit/composition-objects/option-object).

use serde_json::{Value, json};

use super::{
    belonging::Belonging,
    interaction::{self, PayloadError, payload::Payload},
    message::plain,
};
use crate::{
    identity::Person,
    ids::{IssueId, OrganizationId, Tenant},
    signing::request::{Signed, Verified},
};

/// How many options a list has at the most, over all its groups.
pub const MAX_OPTIONS: usize = 100;

/// How many characters an option's text has at the most.
pub const MAX_TEXT: usize = 75;

/// Somebody types into the assignee's select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Whose installation this is.
    pub tenant: Tenant,
    /// Who it is, keyed by their own home.
    pub person: Person,
    /// Whether they are one of those who installed the app, or a guest (Slack Connect).
    pub belonging: Belonging,
    /// About which issue.
    pub issue: IssueId,
    /// Of which organization, if the message says so.
    pub organization: Option<OrganizationId>,
    /// What is typed so far; empty when the list is just opened.
    pub typed: String,
}

/// Options under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The heading.
    pub label: &'static str,
    /// What can be chosen; a group without is left out.
    pub choices: Vec<Choice>,
}

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it says: foreign text as it is.
    pub text: String,
    /// What a click on it says to us.
    pub value: String,
}

/// Understands a body that Slack has signed.
pub fn parse(body: &Verified<Signed>) -> Result<Suggestion, PayloadError> {
    interaction::read(body)?.suggestion()
}

/// The answer that Slack shows.
pub fn answer(groups: &[Group]) -> Value {
    let shown = groups.iter().filter(|group| !group.choices.is_empty());
    json!({"option_groups": shown.map(Group::json).collect::<Vec<_>>()})
}

impl Payload {
    fn suggestion(self) -> Result<Suggestion, PayloadError> {
        if self.kind != "block_suggestion" {
            return Err(PayloadError::Missing("type block_suggestion"));
        }
        let context = self.context(self.family())?;
        let routed = self.action_id.as_deref().and_then(interaction::routed_organization);
        let subject = self.subject(&context, routed)?;
        Ok(Suggestion {
            tenant: subject.home.installation,
            person: Person { tenant: subject.home.person, user: subject.user },
            belonging: subject.home.belonging,
            issue: subject.issue,
            organization: subject.organization,
            typed: self.value.ok_or(PayloadError::Missing("value"))?.trim().to_owned(),
        })
    }
}

impl Group {
    fn json(&self) -> Value {
        json!({
            "label": plain_text(self.label),
            "options": self.choices.iter().map(Choice::json).collect::<Vec<_>>(),
        })
    }
}

impl Choice {
    fn json(&self) -> Value {
        json!({"text": plain_text(&self.text), "value": self.value})
    }
}

/// `emoji` is off: a name with `:fire:` in it stays a name.
fn plain_text(text: &str) -> Value {
    json!({"type": "plain_text", "text": plain(text, MAX_TEXT), "emoji": false})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::interaction::tests::{form, verified};

    fn typing(edit: impl FnOnce(&mut Value)) -> Result<Suggestion, PayloadError> {
        let mut payload = json!({
            "type": "block_suggestion", "action_id": "assign", "block_id": "act", "value": " ali ",
            "user": {"id": "U0ALICE001", "name": "alice", "team_id": "T0ACME0001"},
            "team": {"id": "T0ACME0001"}, "container": {"type": "message"},
            "message": {"blocks": [{"block_id": "{\"issue\":4815,\"rule\":162}"}]},
        });
        edit(&mut payload);
        parse(&verified(&form(&payload)))
    }

    #[test]
    fn it_says_who_types_what_under_which_issue() {
        let suggestion = typing(|_| ()).unwrap();

        assert_eq!(suggestion.typed, "ali");
        assert_eq!(suggestion.issue.as_str(), "4815");
        assert_eq!(suggestion.person.user.as_str(), "U0ALICE001");
        assert_eq!(suggestion.tenant.as_str(), "T0ACME0001");
        assert_eq!(suggestion.organization, None);
        assert_eq!(suggestion.belonging, Belonging::Member);
    }

    #[test]
    fn the_message_names_the_organization_before_the_control_does() {
        let routed = |p: &mut Value| p["action_id"] = json!("assign::42::7");
        let both = |p: &mut Value| {
            routed(p);
            p["message"]["blocks"][0]["block_id"] = json!(r#"{"issue":1,"org":"7"}"#);
        };

        assert_eq!(typing(routed).unwrap().organization, OrganizationId::parse("42").ok());
        assert_eq!(typing(both).unwrap().organization, OrganizationId::parse("7").ok());
    }

    #[test]
    fn an_unfurl_carries_its_issue_as_well() {
        let suggestion = typing(|p| {
            p["container"]["is_app_unfurl"] = json!(true);
            p["app_unfurl"] = p["message"].take();
        });

        assert_eq!(suggestion.unwrap().issue.as_str(), "4815");
    }

    #[test]
    fn what_is_no_suggestion_about_an_issue_is_refused() {
        let edits: [fn(&mut Value); 5] = [
            |p| p["type"] = json!("block_actions"),
            |p| p["value"] = Value::Null,
            |p| p["message"]["blocks"] = json!([]),
            |p| p["message"]["blocks"][0]["block_id"] = json!("bXwil"),
            |p| p["user"] = Value::Null,
        ];
        for edit in edits {
            let refused = typing(edit);

            assert!(matches!(refused, Err(PayloadError::Missing(_))), "{refused:?}");
        }
    }

    #[test]
    fn a_name_is_shown_as_text_and_an_empty_group_not_at_all() {
        let choice = |text: &str| Choice { text: text.into(), value: "user:1".into() };
        let people = Group {
            label: "People",
            choices: vec![choice("<!here> \u{202E}Eve"), choice(&"x".repeat(80))],
        };
        let teams = Group { label: "Teams", choices: Vec::new() };

        let answer = answer(&[people, teams]);

        let groups = answer["option_groups"].as_array().unwrap();
        assert_eq!(groups.len(), 1);
        let text = |n: usize| &groups[0]["options"][n]["text"];
        let shown = json!({"type": "plain_text", "text": "<!here> Eve", "emoji": false});
        assert_eq!(*text(0), shown);
        assert_eq!(text(1)["text"].as_str().unwrap().chars().count(), MAX_TEXT);
    }
}
