//! `/sentry …` as Slack sends it, and how it becomes a [`Command`].
//!
//! ```text
//! POST, application/x-www-form-urlencoded, plain fields
//! (docs.slack.dev/interactivity/implementing-slash-commands); the ones that are read:
//!   team_id                    the workspace
//!   enterprise_id              whose installation it is, where is_enterprise_install is `true`
//!   user_id, user_name         who typed it
//!   channel_id                 where
//!   text                       what was typed behind the command's name
//!   response_url, trigger_id   the way back, and what names this very command
//!   ssl_check                  `1`: Slack looks at the certificate; nobody typed anything
//! ```
//! A field that is read occurs at most once, and an empty one is absent. Guests from another
//! workspace cannot type commands, so whoever types is at home in the installation.

use std::borrow::Cow;

use url::form_urlencoded;

use super::{
    interaction::PayloadError,
    response_url::{Hooks, ResponseUrl},
};
use crate::{
    identity::Person,
    ids::{ChannelId, InvalidId, SlackUserId, TeamId, Tenant},
    signing::request::{Signed, Verified},
};

/// Somebody typed a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Who it is; their tenant is the installation's.
    pub person: Person,
    /// What Slack calls them.
    pub person_name: String,
    /// The workspace it was typed in; an org-wide installation may not be told.
    pub team: Option<TeamId>,
    /// The conversation it was typed in.
    pub channel: Option<ChannelId>,
    /// What is wanted.
    pub wanted: Wanted,
    /// Where a later answer can go.
    pub response_url: Option<ResponseUrl>,
    /// Names this very command: the same request twice has the same.
    pub trigger_id: String,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// To link a Sentry account.
    Link,
    /// To unlink it.
    Unlink,
    /// To know which account it is.
    WhoAmI,
    /// The workspace's alerts in this channel.
    AlertsHere,
    /// The workspace's alerts nowhere.
    AlertsOff,
    /// The list of commands.
    Help,
    /// None of ours: what was typed.
    Unknown(String),
}

/// Understands a body that Slack has signed; `None` is Slack's look at the certificate.
///
/// A needed field that is missing, doubled or malformed is [`PayloadError::Missing`].
pub fn parse(body: &Verified<Signed>, hooks: &Hooks) -> Result<Option<Command>, PayloadError> {
    let fields = Fields(form_urlencoded::parse(&body.get().body).collect());
    if fields.get("ssl_check")? == Some("1") {
        return Ok(None);
    }
    let team = fields.id("team_id", TeamId::parse)?;
    let tenant = if fields.get("is_enterprise_install")? == Some("true") {
        needed("enterprise_id", fields.id("enterprise_id", Tenant::parse)?)?
    } else {
        needed("team_id", team.clone())?.into()
    };
    let user = needed("user_id", fields.id("user_id", SlackUserId::parse)?)?;
    let response_url = fields.get("response_url")?.map(|url| hooks.parse(url)).transpose();
    Ok(Some(Command {
        person: Person { tenant, user },
        person_name: fields.get("user_name")?.unwrap_or_default().to_owned(),
        team,
        channel: fields.id("channel_id", ChannelId::parse)?,
        wanted: Wanted::typed(fields.get("text")?.unwrap_or_default()),
        response_url: response_url.map_err(|_| PayloadError::ForeignUrl)?,
        trigger_id: needed("trigger_id", fields.get("trigger_id")?)?.to_owned(),
    }))
}

impl Wanted {
    /// What was typed, behind `/sentry` or to the app directly. Capitals and blanks do not matter.
    pub fn typed(text: &str) -> Self {
        let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
        match words.join(" ").as_str() {
            "link" => Self::Link,
            "unlink" => Self::Unlink,
            "whoami" => Self::WhoAmI,
            "alerts here" => Self::AlertsHere,
            "alerts off" => Self::AlertsOff,
            "" | "help" => Self::Help,
            _ => Self::Unknown(text.trim().to_owned()),
        }
    }
}

struct Fields<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Fields<'_> {
    fn get(&self, name: &'static str) -> Result<Option<&str>, PayloadError> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(PayloadError::Missing(name)),
            (value, None) => Ok(value.map(AsRef::as_ref).filter(|value| !value.is_empty())),
        }
    }

    fn id<T>(
        &self,
        name: &'static str,
        parse: fn(&str) -> Result<T, InvalidId>,
    ) -> Result<Option<T>, PayloadError> {
        self.get(name)?.map(parse).transpose().map_err(|_| PayloadError::Missing(name))
    }
}

fn needed<T>(name: &'static str, value: Option<T>) -> Result<T, PayloadError> {
    value.ok_or(PayloadError::Missing(name))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use url::Url;

    use super::*;
    use crate::{
        clock::Timestamp,
        secret::Secret,
        signing::request::{RequestVerifier, SIGNATURE, TIMESTAMP, sign},
    };

    const RESPONSE_URL: &str = "https://hooks.slack.com/commands/T0ACME0001/1/abc";

    #[test]
    fn a_command_says_who_typed_what_and_where() {
        let command = typed(&[]).unwrap().unwrap();

        assert_eq!(
            command,
            Command {
                person: person("T0ACME0001"),
                person_name: "alice".into(),
                team: TeamId::parse("T0ACME0001").ok(),
                channel: ChannelId::parse("C0ALERTS01").ok(),
                wanted: Wanted::Link,
                response_url: hooks().parse(RESPONSE_URL).ok(),
                trigger_id: "1.2.abc".into(),
            }
        );
    }

    #[test]
    fn capitals_and_blanks_are_forgiven() {
        for (text, wanted) in [
            ("link", Wanted::Link),
            ("  LINK ", Wanted::Link),
            ("Unlink", Wanted::Unlink),
            ("\tWhoAmI\u{a0}", Wanted::WhoAmI),
            ("Alerts  HERE", Wanted::AlertsHere),
            ("alerts off", Wanted::AlertsOff),
            ("help", Wanted::Help),
            ("", Wanted::Help),
            ("   ", Wanted::Help),
            (" Link  Team ", Wanted::Unknown("Link  Team".into())),
            ("li nk", Wanted::Unknown("li nk".into())),
        ] {
            assert_eq!(typed(&[("text", Some(text))]).unwrap().unwrap().wanted, wanted, "{text:?}");
        }
    }

    #[test]
    fn an_org_wide_installation_is_the_enterprises() {
        let enterprise =
            [("is_enterprise_install", Some("true")), ("enterprise_id", Some("E0GRID0001"))];

        let command = typed(&enterprise).unwrap().unwrap();

        assert_eq!(command.person, person("E0GRID0001"));
        assert_eq!(command.team, TeamId::parse("T0ACME0001").ok());
    }

    #[test]
    fn an_org_wide_installation_may_not_be_told_the_workspace() {
        let command = typed(&[
            ("is_enterprise_install", Some("true")),
            ("enterprise_id", Some("E0GRID0001")),
            ("team_id", None),
        ]);

        assert_eq!(command.unwrap().unwrap().team, None);
    }

    #[test]
    fn an_enterprise_owns_nothing_in_a_workspaces_own_installation() {
        let command = typed(&[("enterprise_id", Some("E0GRID0001"))]).unwrap().unwrap();

        assert_eq!(command.person, person("T0ACME0001"));
    }

    #[test]
    fn what_is_needed_must_be_there_and_well_formed() {
        for name in ["team_id", "user_id", "trigger_id"] {
            for value in [None, Some("")] {
                let error = typed(&[(name, value)]).unwrap_err();
                assert_eq!(error, PayloadError::Missing(name), "{value:?}");
            }
        }
        for name in ["team_id", "user_id", "channel_id"] {
            let error = typed(&[(name, Some("<!channel>"))]).unwrap_err();
            assert_eq!(error, PayloadError::Missing(name));
        }
        let org_wide = typed(&[("is_enterprise_install", Some("true"))]);
        assert_eq!(org_wide, Err(PayloadError::Missing("enterprise_id")));
    }

    #[test]
    fn a_doubled_field_is_refused() {
        for name in ["team_id", "user_id", "text", "response_url", "trigger_id"] {
            let body = format!("{}&{name}=T0ACME0001", form(&[]));

            assert_eq!(parsed(&body), Err(PayloadError::Missing(name)));
        }
    }

    #[test]
    fn a_response_url_is_slacks_or_absent() {
        let foreign = typed(&[("response_url", Some("https://evil.example/commands/T0/1/abc"))]);
        let absent = typed(&[("response_url", None)]).unwrap().unwrap();

        assert_eq!(foreign, Err(PayloadError::ForeignUrl));
        assert_eq!(absent.response_url, None);
    }

    #[test]
    fn a_look_at_the_certificate_is_no_command() {
        assert_eq!(parsed("ssl_check=1&token=x"), Ok(None));
        assert_eq!(parsed("ssl_check=0&token=x"), Err(PayloadError::Missing("team_id")));
    }

    fn person(tenant: &str) -> Person {
        Person {
            tenant: Tenant::parse(tenant).unwrap(),
            user: SlackUserId::parse("U0ALICE001").unwrap(),
        }
    }

    /// Alice's `/sentry link` with some fields set or left out.
    fn typed(changes: &[(&str, Option<&str>)]) -> Result<Option<Command>, PayloadError> {
        parsed(&form(changes))
    }

    fn form(changes: &[(&str, Option<&str>)]) -> String {
        let mut fields = vec![
            ("team_id", "T0ACME0001"),
            ("channel_id", "C0ALERTS01"),
            ("user_id", "U0ALICE001"),
            ("user_name", "alice"),
            ("command", "/sentry"),
            ("text", "link"),
            ("is_enterprise_install", "false"),
            ("response_url", RESPONSE_URL),
            ("trigger_id", "1.2.abc"),
        ];
        fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let set = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.into_iter().chain(set))
            .finish()
    }

    fn parsed(body: &str) -> Result<Option<Command>, PayloadError> {
        let secret = Secret::new("a-signing-secret-of-32-characters");
        let signature = sign(&secret, 1_700_000_000, body.as_bytes());
        let headers = HeaderMap::from_iter([
            (TIMESTAMP, HeaderValue::from_static("1700000000")),
            (SIGNATURE, HeaderValue::from_str(&signature).unwrap()),
        ]);
        let verified = RequestVerifier::new(vec![secret])
            .verify(&headers, body.into(), Timestamp::from_secs(1_700_000_000))
            .unwrap();
        parse(&verified, &hooks())
    }

    fn hooks() -> Hooks {
        Hooks::new(&Url::parse("https://hooks.slack.com").unwrap())
    }
}
