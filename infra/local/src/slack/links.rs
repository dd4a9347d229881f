//! Links that people post: the app is told of those to its domain by the event `link_shared`.
//!
//! `event{type, channel, is_bot_user_member, user, message_ts, unfurl_id, source, event_ts,
//! links:[{domain,url}]}`. It is sent for every conversation, whether the bot is in it or not
//! (api.slack.com/changelog/2020-11-app-unfurls-everywhere), to an app with `links:read`. A URL stands
//! there as in the message: its `&` is `&amp;` (Slack: `docs.slack.dev/reference/events/link_shared`).
//!
//! The domain is that of the Sentry stand-in, its port included. What is only typed and not yet
//! posted, `source` `composer`, is not played.

use serde_json::{Value, json};
use shared::clock::Timestamp;
use url::Url;

use super::{
    SignedRequest, Slack,
    alert::escape,
    clicks::NotShown,
    message::{Content, MessageTs},
    state::State,
    workspace::BOT_USER,
};
use crate::random;

/// What a sentence may put behind a link.
const PUNCTUATION: [char; 8] = ['.', ',', ';', ':', '!', '?', ')', '"'];

/// The links of one message that the app was told of.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) unfurl_id: String,
    pub(super) message: MessageTs,
    pub(super) at: Timestamp,
    /// As the event has them.
    pub(super) links: Vec<String>,
}

impl Slack {
    /// `user` posts a link in a channel; the event that tells the app. It is not delivered.
    ///
    /// Refused where the person cannot write. A link the app is not told of is refused, too, though
    /// the message stands there then.
    pub fn share_link(
        &self,
        user: &str,
        channel: &str,
        url: &str,
    ) -> Result<(MessageTs, SignedRequest), NotShown> {
        let mut state = self.state();
        let ts = state.write(user, channel, url)?;
        let event = state.share(&ts).ok_or(NotShown)?;
        Ok((ts, state.event(&event)))
    }
}

impl State {
    /// Somebody writes in a channel they are in.
    pub(super) fn write(
        &mut self,
        user: &str,
        channel: &str,
        typed: &str,
    ) -> Result<MessageTs, NotShown> {
        let person = self.person(user).filter(|person| !person.is_bot && !person.deleted);
        let place = self.channel(channel).filter(|channel| channel.has(user));
        person.zip(place.filter(|channel| !channel.is_archived)).ok_or(NotShown)?;
        Ok(self.post_as(user, channel, Content::text(&formatted(typed))))
    }

    /// The event that tells the app of a message's links, if there is one.
    pub(super) fn share(&mut self, ts: &MessageTs) -> Option<Value> {
        let event_ts = self.mint_ts();
        let message = self.message(ts)?;
        let sentry = Url::parse(&self.settings.sentry_url).ok()?;
        let mut links = links(&message.content.text);
        links.retain(|link| leads_to(&sentry, link));
        if links.is_empty() || !self.may("links:read") {
            return None;
        }
        let unfurl_id = format!("{}.{ts}.{}", message.channel, random::hex(32));
        let told = |link: &String| json!({"domain": sentry.host_str(), "url": link});
        let event = json!({
            "type": "link_shared",
            "channel": message.channel,
            "is_bot_user_member": self.is_member(BOT_USER, &message.channel),
            "user": message.author,
            "message_ts": ts.as_str(),
            "unfurl_id": unfurl_id,
            "source": "conversations_history",
            "links": links.iter().map(told).collect::<Vec<_>>(),
            "event_ts": event_ts,
        });
        let (message, at) = (ts.clone(), self.now());
        self.shares.push(Share { unfurl_id, message, at, links });
        Some(event)
    }
}

/// What is typed, as a message's text holds it: links in angle brackets, the rest escaped.
fn formatted(typed: &str) -> String {
    let words = typed.split_inclusive(char::is_whitespace);
    words
        .map(|word| {
            let url = word.trim_end().trim_end_matches(PUNCTUATION);
            let rest = word.get(url.len()..).unwrap_or_default();
            match Url::parse(url) {
                Ok(link) if matches!(link.scheme(), "http" | "https") => {
                    format!("<{}>{}", escape(url), escape(rest))
                }
                _ => escape(word),
            }
        })
        .collect()
}

/// The links of a message's text, each once.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for part in text.split('<').skip(1) {
        let inner = part.split(['>', '|']).next().unwrap_or_default();
        if inner.starts_with("http") && !links.iter().any(|link| link == inner) {
            links.push(inner.to_owned());
        }
    }
    links
}

/// Whether a link leads to this place or a subdomain of it.
fn leads_to(place: &Url, link: &str) -> bool {
    let Ok(url) = Url::parse(&link.replace("&amp;", "&")) else { return false };
    let (Some(host), Some(domain)) = (url.host_str(), place.host_str()) else { return false };
    let within = host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    within && url.port_or_known_default() == place.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_links_stand_in_brackets_and_the_rest_is_escaped() {
        for (typed, text) in [
            ("see http://sentry.test/1, please", "see <http://sentry.test/1>, please"),
            ("http://s.test/?a=1&b=2", "<http://s.test/?a=1&amp;b=2>"),
            ("a < b & <script>", "a &lt; b &amp; &lt;script&gt;"),
            ("mailto:a@b.test 10:30", "mailto:a@b.test 10:30"),
        ] {
            assert_eq!(formatted(typed), text);
        }
    }

    #[test]
    fn each_link_counts_once() {
        let text = "<http://s.test/1> <http://s.test/2|two> <http://s.test/1> <@U0ALICE001>";

        assert_eq!(links(text), ["http://s.test/1", "http://s.test/2"]);
    }

    #[test]
    fn a_domain_has_its_subdomains_and_its_port() {
        let place = Url::parse("http://sentry.test:9000").unwrap();

        for (link, within) in [
            ("http://sentry.test:9000/issues/1/", true),
            ("http://acme.sentry.test:9000/issues/1/", true),
            ("http://sentry.test/issues/1/", false),
            ("http://notsentry.test:9000/", false),
            ("http://sentry.test.evil.test:9000/", false),
        ] {
            assert_eq!(leads_to(&place, link), within, "{link}");
        }
    }
}
