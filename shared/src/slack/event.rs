//! What Slack's Events API sends, and how it becomes an [`Event`].
//!
//! ```text
//! POST, application/json (docs.slack.dev/apis/events-api)
//!   {type:"url_verification", challenge}                        the address is being set up
//!   {type:"event_callback", event_id, event_time, team_id, authorizations[{enterprise_id, team_id,
//!    is_enterprise_install}], event{type, …}}
//! event.type   app_uninstalled · tokens_revoked {tokens{oauth[],bot[]}} · app_home_opened {user,tab}
//!              message {channel_type:"im", channel, user, text}, without bot_id and subtype
//!              link_shared {user, links[{url}], channel, message_ts, thread_ts?, unfurl_id?, source?};
//!              what is only typed has the source "composer" and the channel "COMPOSER"
//! ```
//! Only the fields that are read are named; whatever else arrives is [`What::Nothing`].

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    belonging::Belonging,
    command::Wanted,
    interaction::{MAX_DEPTH, PayloadError, depth},
};
use crate::{
    clock::Timestamp,
    identity::Person,
    ids::{ChannelId, SlackUserId, TeamId, Tenant},
    sentry::issue_link::IssueLink,
    signing::request::{Signed, Verified},
    unfurl::{MOST_LINKS, MessageName, SharedAt},
};

/// The channel of what is only typed. It is spelt like a channel's id and is none.
const COMPOSER: &str = "COMPOSER";

/// No name of an event and no challenge of Slack's is longer.
const MAX_TEXT: usize = 1_024;

/// A verified body, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Slack makes sure of the address: this text has to come back.
    Verification(String),
    /// Something happened.
    Callback(Box<Callback>),
    /// Nothing for us to do: acknowledge it.
    Nothing,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    /// Slack's name for it: the same when it is delivered again.
    pub id: String,
    /// When it happened, in whole seconds since the epoch.
    pub time: i64,
    /// Whose installation it is about.
    pub tenant: Tenant,
    /// The workspace it happened in.
    pub team: Option<TeamId>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The app was removed.
    Uninstalled,
    /// Tokens of the app were revoked, those of these bot users among them.
    TokensRevoked {
        /// The bot users.
        bots: Vec<String>,
    },
    /// Somebody wrote to the app directly.
    Typed {
        /// Who.
        person: Person,
        /// Their conversation with the app.
        channel: ChannelId,
        /// What is wanted.
        wanted: Wanted,
        /// Whether they belong here.
        belonging: Belonging,
    },
    /// Somebody shared links to issues.
    LinkShared(Box<LinkShared>),
    /// Somebody opened the app's home.
    HomeOpened {
        /// Who.
        person: Person,
    },
    /// Nothing for us to do.
    Nothing,
}

/// Links to issues that somebody shared.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkShared {
    /// Who.
    pub person: Person,
    /// Whether they are one of those who installed the app, as far as Slack says.
    pub belonging: Belonging,
    /// Where.
    pub place: SharedAt,
    /// Each link once; there is at least one.
    pub links: Vec<IssueLink>,
}

/// Understands a body that Slack has signed, where Sentry is at `sentry`.
pub fn parse(body: &Verified<Signed>, sentry: &Url) -> Result<Event, PayloadError> {
    let text = std::str::from_utf8(&body.get().body).map_err(|_| PayloadError::Json)?;
    // serde would read a list as the values of a struct, one after the other.
    if !text.trim_start().starts_with('{') || depth(text) > MAX_DEPTH {
        return Err(PayloadError::Json);
    }
    let envelope: Envelope = serde_json::from_str(text).map_err(|_| PayloadError::Json)?;
    match envelope.kind.as_str() {
        "url_verification" => bounded("challenge", envelope.challenge).map(Event::Verification),
        "event_callback" => envelope.callback(sentry),
        _ => Ok(Event::Nothing),
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    challenge: Option<String>,
    event_id: Option<String>,
    event_time: Option<i64>,
    team_id: Option<String>,
    enterprise_id: Option<String>,
    #[serde(default)]
    authorizations: Vec<Authorization>,
    event: Option<Inner>,
}

#[derive(Deserialize)]
struct Authorization {
    enterprise_id: Option<String>,
    team_id: Option<String>,
    #[serde(default)]
    is_enterprise_install: bool,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(rename = "type")]
    kind: String,
    /// A user's id; in other events an object.
    user: Option<Value>,
    channel: Option<Value>,
    channel_type: Option<String>,
    text: Option<String>,
    tab: Option<String>,
    bot_id: Option<String>,
    subtype: Option<String>,
    /// The author's own workspace, in a message.
    user_team: Option<String>,
    team: Option<Value>,
    tokens: Option<Tokens>,
    /// A list of objects, in this event.
    links: Option<Value>,
    message_ts: Option<String>,
    thread_ts: Option<String>,
    unfurl_id: Option<String>,
    source: Option<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    bot: Vec<String>,
}

impl Envelope {
    fn callback(self, sentry: &Url) -> Result<Event, PayloadError> {
        let id = bounded("event_id", self.event_id.clone())?;
        let time = self.event_time.ok_or(PayloadError::Missing("event_time"))?;
        let inner = self.event.as_ref().ok_or(PayloadError::Missing("event"))?;
        let tenant = self.tenant()?;
        let team = self.team_id.as_deref().and_then(|id| TeamId::parse(id).ok());
        let what = inner.what(&tenant, self.enterprise(), sentry)?;
        Ok(Event::Callback(Box::new(Callback { id, time, tenant, team, what })))
    }

    /// Whose installation it is: a workspace's, or a whole enterprise's.
    fn tenant(&self) -> Result<Tenant, PayloadError> {
        let authorization = self.authorizations.first();
        let org_wide = authorization.is_some_and(|found| found.is_enterprise_install);
        let named = if org_wide {
            self.enterprise()
        } else {
            let team = authorization.and_then(|found| found.team_id.as_deref());
            // In a channel that is shared, `team_id` may be the other side's.
            team.or(self.team_id.as_deref())
        };
        let missing = PayloadError::Missing(if org_wide { "enterprise_id" } else { "team_id" });
        Tenant::parse(named.unwrap_or_default()).map_err(|_| missing)
    }

    fn enterprise(&self) -> Option<&str> {
        let authorized = self.authorizations.first().and_then(|a| a.enterprise_id.as_deref());
        authorized.or(self.enterprise_id.as_deref())
    }
}

impl Inner {
    fn what(
        &self,
        tenant: &Tenant,
        enterprise: Option<&str>,
        sentry: &Url,
    ) -> Result<What, PayloadError> {
        match self.kind.as_str() {
            "app_uninstalled" => Ok(What::Uninstalled),
            "tokens_revoked" => {
                let bots = self.tokens.as_ref().map(|tokens| tokens.bot.clone());
                Ok(What::TokensRevoked { bots: bots.unwrap_or_default() })
            }
            "app_home_opened" if self.tab.as_deref().is_none_or(|tab| tab == "home") => {
                Ok(What::HomeOpened { person: self.person(tenant)? })
            }
            "message" if self.is_a_persons() => self.typed(tenant, enterprise),
            "link_shared" => self.link_shared(tenant, enterprise, sentry),
            _ => Ok(What::Nothing),
        }
    }

    /// The app hears its own messages too, and what becomes of others: edited, deleted.
    fn is_a_persons(&self) -> bool {
        self.channel_type.as_deref() == Some("im")
            && self.bot_id.is_none()
            && self.subtype.is_none()
    }

    fn typed(&self, tenant: &Tenant, enterprise: Option<&str>) -> Result<What, PayloadError> {
        let channel = text(self.channel.as_ref()).map(ChannelId::parse);
        let channel = channel.and_then(Result::ok).ok_or(PayloadError::Missing("channel"))?;
        Ok(What::Typed {
            person: self.person(tenant)?,
            channel,
            wanted: Wanted::typed(self.text.as_deref().unwrap_or_default()),
            belonging: self.belonging(tenant, enterprise),
        })
    }

    fn link_shared(
        &self,
        tenant: &Tenant,
        enterprise: Option<&str>,
        sentry: &Url,
    ) -> Result<What, PayloadError> {
        let mut links: Vec<IssueLink> = Vec::new();
        let shared = self.links.as_ref().and_then(Value::as_array).into_iter().flatten();
        let urls = shared.filter_map(|link| text(link.get("url")));
        for link in urls.filter_map(|url| IssueLink::parse(url, sentry)) {
            if links.len() < MOST_LINKS && !links.contains(&link) {
                links.push(link);
            }
        }
        if links.is_empty() {
            return Ok(What::Nothing);
        }
        Ok(What::LinkShared(Box::new(LinkShared {
            person: self.person(tenant)?,
            belonging: self.belonging(tenant, enterprise),
            place: self.shared_at()?,
            links,
        })))
    }

    fn shared_at(&self) -> Result<SharedAt, PayloadError> {
        let channel = text(self.channel.as_ref()).filter(|id| *id != COMPOSER);
        let channel = channel.and_then(|id| ChannelId::parse(id).ok());
        let ts = |ts: &Option<String>| ts.clone().filter(|ts| Timestamp::parse_slack(ts).is_some());
        let message = match (&self.unfurl_id, text(self.source.as_ref())) {
            (Some(id), Some(source)) => MessageName::Unfurl {
                id: bounded("unfurl_id", Some(id.clone()))?,
                source: bounded("source", Some(source.to_owned()))?,
            },
            _ => MessageName::Place {
                channel: channel.clone().ok_or(PayloadError::Missing("channel"))?,
                ts: ts(&self.message_ts).ok_or(PayloadError::Missing("message_ts"))?,
            },
        };
        Ok(SharedAt { channel, thread: ts(&self.thread_ts), message })
    }

    fn belonging(&self, tenant: &Tenant, enterprise: Option<&str>) -> Belonging {
        let own = self.user_team.as_deref().or_else(|| text(self.team.as_ref()));
        Belonging::of(tenant, own, None, enterprise)
    }

    fn person(&self, tenant: &Tenant) -> Result<Person, PayloadError> {
        let user = text(self.user.as_ref()).map(SlackUserId::parse);
        let user = user.and_then(Result::ok).ok_or(PayloadError::Missing("user"))?;
        Ok(Person { tenant: tenant.clone(), user })
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str()
}

fn bounded(name: &'static str, text: Option<String>) -> Result<String, PayloadError> {
    let text = text.filter(|text| !text.is_empty() && text.len() <= MAX_TEXT);
    text.ok_or(PayloadError::Missing(name))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::{
        secret::Secret,
        signing::request::{RequestVerifier, SIGNATURE, TIMESTAMP, sign},
    };

    const SENTRY: &str = "https://sentry.example.com";

    fn parsed(body: &str) -> Result<Event, PayloadError> {
        let secret = Secret::new("a-signing-secret-of-32-characters");
        let signature = sign(&secret, 1_700_000_000, body.as_bytes());
        let headers = HeaderMap::from_iter([
            (TIMESTAMP, HeaderValue::from_static("1700000000")),
            (SIGNATURE, HeaderValue::from_str(&signature).unwrap()),
        ]);
        let now = Timestamp::from_secs(1_700_000_000);
        let sentry = Url::parse(SENTRY).unwrap();
        let body = RequestVerifier::new(vec![secret]).verify(&headers, body.into(), now).unwrap();
        parse(&body, &sentry)
    }

    fn envelope(event: &Value) -> Value {
        json!({
            "type": "event_callback", "team_id": "T0ACME0001", "api_app_id": "A0BELAY001",
            "event_id": "Ev0001", "event_time": 1_700_000_000, "event": event,
            "authorizations": [{"enterprise_id": null, "team_id": "T0ACME0001",
                "user_id": "U0BELAYBOT", "is_bot": true, "is_enterprise_install": false}],
        })
    }

    fn callback(body: &Value) -> Callback {
        match parsed(&body.to_string()) {
            Ok(Event::Callback(callback)) => *callback,
            other => panic!("{other:?}"),
        }
    }

    fn what(event: &Value) -> What {
        callback(&envelope(event)).what
    }

    fn message(changes: &Value) -> Value {
        let mut message = json!({
            "type": "message", "channel_type": "im", "channel": "D0ALICE001",
            "user": "U0ALICE001", "text": "Link", "ts": "1700000000.000100",
        });
        for (name, value) in changes.as_object().unwrap() {
            message[name] = value.clone();
        }
        message
    }

    #[test]
    fn the_address_is_verified_by_its_challenge() {
        let body = r#"{"token":"x","challenge":"3eZbrw1a","type":"url_verification"}"#;

        assert_eq!(parsed(body), Ok(Event::Verification("3eZbrw1a".into())));
        assert_eq!(
            parsed(r#"{"type":"url_verification"}"#),
            Err(PayloadError::Missing("challenge"))
        );
    }

    #[test]
    fn an_event_has_a_name_a_time_and_a_home() {
        let callback = callback(&envelope(&json!({"type": "app_uninstalled"})));

        assert_eq!((callback.id.as_str(), callback.time), ("Ev0001", 1_700_000_000));
        assert_eq!(callback.tenant.as_str(), "T0ACME0001");
        assert_eq!(callback.what, What::Uninstalled);
    }

    #[test]
    fn an_org_wide_event_is_the_enterprises() {
        let mut body = envelope(&json!({"type": "app_uninstalled"}));
        body["authorizations"][0]["enterprise_id"] = json!("E0GRID0001");
        body["authorizations"][0]["is_enterprise_install"] = json!(true);

        assert_eq!(callback(&body).tenant.as_str(), "E0GRID0001");
        body["authorizations"][0]["enterprise_id"] = Value::Null;
        assert_eq!(parsed(&body.to_string()), Err(PayloadError::Missing("enterprise_id")));
    }

    #[test]
    fn an_event_of_a_shared_channel_is_heard_for_the_workspace_that_has_the_app() {
        let mut body = envelope(&message(&json!({})));
        body["team_id"] = json!("T0OTHER001");

        assert_eq!(callback(&body).tenant.as_str(), "T0ACME0001");
    }

    #[test]
    fn revoked_tokens_name_the_bots() {
        let event = json!({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U0B"]}});
        let users_only = json!({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}});

        assert_eq!(what(&event), What::TokensRevoked { bots: vec!["U0B".into()] });
        assert_eq!(what(&users_only), What::TokensRevoked { bots: vec![] });
    }

    #[test]
    fn what_is_written_to_the_app_is_a_command() {
        let What::Typed { person, channel, wanted, belonging } = what(&message(&json!({}))) else {
            panic!()
        };

        assert_eq!(person.user.as_str(), "U0ALICE001");
        assert_eq!((channel.as_str(), wanted), ("D0ALICE001", Wanted::Link));
        assert_eq!(belonging, Belonging::Member);
    }

    #[test]
    fn the_apps_own_words_and_what_becomes_of_messages_are_nothing() {
        for changes in [
            json!({"bot_id": "B0BELAY001"}),
            json!({"subtype": "message_changed"}),
            json!({"channel_type": "channel"}),
        ] {
            assert_eq!(what(&message(&changes)), What::Nothing, "{changes}");
        }
    }

    #[test]
    fn a_guest_is_told_apart_by_their_own_workspace() {
        let belonging = |changes: Value| match what(&message(&changes)) {
            What::Typed { belonging, .. } => belonging,
            other => panic!("{other:?}"),
        };

        assert_eq!(belonging(json!({"user_team": "T0OTHER001"})), Belonging::Guest);
        assert_eq!(belonging(json!({"user_team": "T0ACME0001"})), Belonging::Member);
        assert_eq!(belonging(json!({"team": "T0ACME0001"})), Belonging::Member);
    }

    fn issue_url(id: usize) -> String {
        format!("{SENTRY}/organizations/acme/issues/{id}/")
    }

    fn shared_links(urls: &[String], changes: &Value) -> Value {
        let links: Vec<_> = urls.iter().map(|url| json!({"domain": "x", "url": url})).collect();
        let mut event = json!({
            "type": "link_shared", "user": "U0ALICE001", "channel": "C0BACKEND1",
            "is_bot_user_member": true, "message_ts": "1700000000.000100",
            "unfurl_id": "C0BACKEND1.1700000000.000100.ab12", "source": "conversations_history",
            "links": links, "event_ts": "1700000000.000200",
        });
        for (name, value) in changes.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    }

    fn link_shared(urls: &[String], changes: &Value) -> LinkShared {
        match what(&shared_links(urls, changes)) {
            What::LinkShared(shared) => *shared,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn links_to_issues_are_told_with_who_shared_them_and_where() {
        let shared = link_shared(&[issue_url(1)], &json!({"thread_ts": "1699999999.000100"}));

        let who = (shared.person.user.as_str(), shared.belonging);
        assert_eq!(who, ("U0ALICE001", Belonging::Member));
        assert_eq!((shared.links.len(), shared.links[0].issue.as_str()), (1, "1"));
        assert_eq!(shared.place.channel, ChannelId::parse("C0BACKEND1").ok());
        assert_eq!(shared.place.thread.as_deref(), Some("1699999999.000100"));
        let id = "C0BACKEND1.1700000000.000100.ab12".to_owned();
        let source = "conversations_history".to_owned();
        assert_eq!(shared.place.message, MessageName::Unfurl { id, source });
    }

    #[test]
    fn what_is_only_typed_stands_in_no_channel() {
        let typed = json!({"channel": "COMPOSER", "message_ts": "Uxxxxxxx-909b5454-75f8",
            "source": "composer", "unfurl_id": "Uxxxxxxx-909b5454-75f8"});

        let shared = link_shared(&[issue_url(1)], &typed);

        assert_eq!(shared.place.channel, None);
        let id = "Uxxxxxxx-909b5454-75f8".to_owned();
        assert_eq!(shared.place.message, MessageName::Unfurl { id, source: "composer".into() });
    }

    #[test]
    fn without_a_name_for_the_unfurl_the_message_is_named_by_its_place() {
        let older = json!({"unfurl_id": null, "source": null});

        let shared = link_shared(&[issue_url(1)], &older);

        let channel = ChannelId::parse("C0BACKEND1").unwrap();
        let ts = "1700000000.000100".to_owned();
        assert_eq!(shared.place.message, MessageName::Place { channel, ts });
    }

    #[test]
    fn each_link_counts_once_and_not_more_than_five_of_them() {
        let urls: Vec<_> = [1, 1, 2, 3, 4, 5, 6, 7].map(issue_url).into();

        let shared = link_shared(&urls, &json!({}));

        let issues: Vec<_> = shared.links.iter().map(|link| link.issue.as_str()).collect();
        assert_eq!(issues, ["1", "2", "3", "4", "5"]);
    }

    #[test]
    fn links_to_anything_else_are_nothing_and_do_not_crowd_out_an_issue() {
        let mut urls = vec!["https://sentry.example.com/settings/".to_owned(); 9];
        assert_eq!(what(&shared_links(&urls, &json!({}))), What::Nothing);
        assert_eq!(what(&shared_links(&[], &json!({"user": null}))), What::Nothing);

        urls.push(issue_url(1));

        assert_eq!(link_shared(&urls, &json!({})).links.len(), 1);
    }

    #[test]
    fn what_is_no_list_of_links_is_nothing() {
        for links in [json!(null), json!({"url": issue_url(1)}), json!([1, "x", {"url": 7}, {}])] {
            assert_eq!(what(&shared_links(&[], &json!({"links": links}))), What::Nothing);
        }
    }

    #[test]
    fn a_shared_link_without_its_parts_is_refused() {
        for (changes, what) in [
            (json!({"user": null}), "user"),
            (json!({"user": "B0OTHERBOT"}), "user"),
            (json!({"unfurl_id": ""}), "unfurl_id"),
            (json!({"unfurl_id": "u".repeat(2_000)}), "unfurl_id"),
            (json!({"unfurl_id": null, "channel": "COMPOSER"}), "channel"),
            (json!({"unfurl_id": null, "message_ts": "Uxxxxxxx"}), "message_ts"),
        ] {
            let body = envelope(&shared_links(&[issue_url(1)], &changes)).to_string();
            assert_eq!(parsed(&body), Err(PayloadError::Missing(what)), "{changes}");
        }
    }

    #[test]
    fn a_guest_who_shares_a_link_is_told_apart_like_one_who_writes() {
        let guest = link_shared(&[issue_url(1)], &json!({"user_team": "T0OTHER001"}));

        assert_eq!(guest.belonging, Belonging::Guest);
    }

    #[test]
    fn only_the_home_tab_is_a_home() {
        let opened =
            |tab: &str| what(&json!({"type": "app_home_opened", "user": "U0ALICE001", "tab": tab}));

        assert!(matches!(opened("home"), What::HomeOpened { .. }));
        assert_eq!(opened("messages"), What::Nothing);
    }

    #[test]
    fn what_slack_does_not_document_is_refused_and_what_is_new_is_left_alone() {
        let without = |name: &str| {
            let mut body = envelope(&json!({"type": "app_uninstalled"}));
            body.as_object_mut().unwrap().remove(name);
            parsed(&body.to_string())
        };

        for name in ["event_id", "event_time", "event"] {
            assert_eq!(without(name), Err(PayloadError::Missing(name)));
        }
        for body in ["", "[]", "no json", "{}", &"[".repeat(10_000)] {
            assert_eq!(parsed(body), Err(PayloadError::Json), "{body:.10}");
        }
        let strange = message(&json!({"user": "<!channel>"}));
        assert_eq!(parsed(&envelope(&strange).to_string()), Err(PayloadError::Missing("user")));
        assert_eq!(what(&json!({"type": "team_join", "user": {"id": "U1"}})), What::Nothing);
        assert_eq!(parsed(r#"{"type":"app_rate_limited"}"#), Ok(Event::Nothing));
    }
}
