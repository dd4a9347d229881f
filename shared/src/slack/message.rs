//! What Slack is told: text with its blocks or attachments, and the one place where foreign text
//! is made harmless.
//!
//! In mrkdwn `&`, `<` and `>` begin entities, links and mentions; everything else that is read from
//! Sentry or Slack goes through [`escaped`] (docs.slack.dev/messaging/formatting-message-text).

#[cfg(test)]
mod properties;

use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::{Value, json};

use crate::clock::Timestamp;

/// Names and titles longer than this are cut: Slack folds long messages away.
pub const MAX_NAME: usize = 150;

/// A section's text may have 3000 characters, and a link is one part of it.
const MAX_URL: usize = 1000;

/// A message, without saying yet how it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    /// The whole message for notifications and screen readers, in mrkdwn.
    pub text: String,
    /// Block Kit blocks.
    pub blocks: Option<Value>,
    /// Old attachments.
    pub attachments: Option<Value>,
}

/// How a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// To the clicker alone, below the conversation.
    Ephemeral,
    /// In place of the message that was clicked.
    Replacing,
}

impl Message {
    /// A plain sentence.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same sentence, and below it what the person can quote to who runs the bundle.
    #[must_use]
    pub fn with_reference(self, reference: &str) -> Self {
        let blocks = json!([
            {"type": "section", "text": {"type": "mrkdwn", "text": self.text}},
            {"type": "context", "elements": [
                {"type": "mrkdwn", "text": format!("Reference `{reference}`")},
            ]},
        ]);
        Self { blocks: Some(blocks), ..self }
    }

    /// The body for a `response_url`, or for the reply to an old attachment's click.
    ///
    /// `delete_original` is always said: left out, Slack has been seen to delete the alert.
    pub fn response(&self, shown: Shown) -> Value {
        let mut body = match shown {
            Shown::Ephemeral => {
                json!({"response_type": "ephemeral", "replace_original": false, "delete_original": false})
            }
            Shown::Replacing => json!({"replace_original": true, "delete_original": false}),
        };
        self.write_into(&mut body);
        body
    }

    /// The message's own fields, for the Web API.
    pub fn write_into(&self, body: &mut Value) {
        if let Value::Object(body) = body {
            if !self.text.is_empty() {
                body.insert("text".into(), json!(self.text));
            }
            for (name, value) in [("blocks", &self.blocks), ("attachments", &self.attachments)] {
                if let Some(value) = value {
                    body.insert(name.into(), value.clone());
                }
            }
        }
    }
}

/// Foreign text as mrkdwn shows it: markup inert, control and direction characters gone, length
/// bounded to `max` characters.
pub fn escaped(text: &str, max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(max * 4));
    for (count, c) in text.chars().filter(|c| !is_trickery(*c)).enumerate() {
        if count == max {
            shown.push('…');
            break;
        }
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '\n' | '\r' | '\t' => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

/// Foreign text for a `plain_text` object, where nothing is markup: control and direction characters
/// gone, at most `max` characters, the last of them `…` if it was cut.
pub fn plain(text: &str, max: usize) -> String {
    let blank = |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    let mut shown: Vec<char> =
        text.chars().filter(|c| !is_trickery(*c)).map(blank).take(max + 1).collect();
    if shown.len() > max {
        shown.truncate(max.saturating_sub(1));
        shown.push('…');
    }
    shown.into_iter().collect()
}

/// A name, escaped and cut.
pub fn name(text: &str) -> String {
    escaped(text, MAX_NAME)
}

/// A link with foreign text. A URL that could break out of the markup, or fill the message, is left
/// away.
pub fn link(url: &str, text: &str) -> String {
    let escaped = url.replace('&', "&amp;");
    let safe = escaped.len() <= MAX_URL
        && (url.starts_with("https://") || url.starts_with("http://"))
        && !url
            .chars()
            .any(|c| matches!(c, '<' | '>' | '|') || c.is_whitespace() || is_trickery(c));
    if safe { format!("<{escaped}|{text}>") } else { text.to_owned() }
}

/// A moment in the reader's own time zone; what cannot show that shows UTC
/// (docs.slack.dev/messaging/formatting-message-text).
pub fn date(at: Timestamp) -> String {
    let utc = DateTime::from_secs(at.secs()).fmt(Format::DateTime).unwrap_or_default();
    format!("<!date^{}^{{date_short_pretty}} at {{time}}|{utc}>", at.secs())
}

/// Control characters, and those that turn the direction of text or hide it.
fn is_trickery(c: char) -> bool {
    let allowed = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !allowed)
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_makes_no_markup() {
        assert_eq!(name("<https://evil|Click here>"), "&lt;https://evil|Click here&gt;");
        assert_eq!(name("<!channel> & co"), "&lt;!channel&gt; &amp; co");
        assert_eq!(name("safe\u{202E}gnp.exe\u{0000}\u{FEFF}"), "safegnp.exe");
        assert_eq!(name("two\nlines"), "two lines");
    }

    #[test]
    fn foreign_text_is_cut_at_characters() {
        assert_eq!(escaped("ééé", 2), "éé…");
        assert_eq!(escaped("éé", 2), "éé");
        assert_eq!(name(&"<".repeat(500)).chars().filter(|c| *c == '&').count(), MAX_NAME);
    }

    #[test]
    fn plain_text_keeps_its_signs_and_its_bound() {
        assert_eq!(plain("a <b> & \u{202E}c\nd", 75), "a <b> & c d");
        assert_eq!(plain("éé", 2), "éé");
        assert_eq!(plain("ééé", 2), "é…");
    }

    #[test]
    fn a_link_cannot_be_broken_out_of() {
        assert_eq!(link("https://sentry.io/1?a=1&b=2", "T"), "<https://sentry.io/1?a=1&amp;b=2|T>");
        assert_eq!(link("https://sentry.io/1|x> <!here", "T"), "T");
        assert_eq!(link("https://sentry.io/1\n> <!here", "T"), "T");
        assert_eq!(link("https://sentry.io/1\t2", "T"), "T");
        assert_eq!(link("javascript:alert(1)", "T"), "T");
    }

    #[test]
    fn a_link_that_fills_the_message_as_it_is_sent_is_left_away() {
        let fits = format!("https://s/{}", "&".repeat(198));
        let fills = format!("{fits}&");

        assert_eq!(link(&fits, "T").len(), MAX_URL + "<|T>".len());
        assert_eq!(link(&fills, "T"), "T");
    }

    #[test]
    fn an_ephemeral_answer_leaves_the_alert_alone() {
        assert_eq!(
            Message::text("hi").response(Shown::Ephemeral),
            json!({"response_type": "ephemeral", "replace_original": false,
                   "delete_original": false, "text": "hi"})
        );
    }
}
