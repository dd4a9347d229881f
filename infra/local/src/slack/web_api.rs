//! The Web API: `/api/<method>`, a bearer token, arguments in the query or a form; methods that write
//! take JSON as well, those that read do not look at it. The answer is HTTP 200 with `ok` true or
//! false (Slack: docs.slack.dev/apis/web-api).

use http::{HeaderMap, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{
    installs::Reach,
    reply::{Refusal, Reply},
    scopes,
    state::State,
};

/// The methods that do not look at JSON.
const READING: [&str; 5] =
    ["apps.uninstall", "auth.teams.list", "conversations.list", "team.info", "users.info"];

/// How many a page has if nobody says.
const USUAL_LIMIT: usize = 100;

/// A method's arguments.
pub(super) struct Arguments(pub(super) Map<String, Value>);

impl Arguments {
    fn read(method: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let mut arguments = pairs(query.as_bytes());
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(|kind| kind.starts_with("application/json")) {
            arguments.extend(pairs(body));
        } else if !READING.contains(&method) {
            let fields: Map<String, Value> =
                serde_json::from_slice(body).map_err(|_| Refusal::new("invalid_json"))?;
            arguments.extend(fields);
        }
        Ok(Self(arguments))
    }

    /// A text argument; empty counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A text argument that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| {
            Refusal::because("invalid_arguments", format!("missing required field: {name}"))
        })
    }

    /// How many a page is to have, of at most so many.
    pub(super) fn limit(&self, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.text("limit") else { return Ok(USUAL_LIMIT) };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or(Refusal::new("invalid_limit"))
    }

    /// Whether a flag is set, in JSON or in a form.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.as_str(), "true" | "1"),
            _ => false,
        }
    }

    /// An object, given as JSON or as a string that holds JSON.
    pub(super) fn object(&self, name: &str) -> Result<Map<String, Value>, Refusal> {
        match self.0.get(name) {
            Some(Value::Object(fields)) => Some(fields.clone()),
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            _ => None,
        }
        .ok_or_else(|| Refusal::because("invalid_arguments", format!("{name} must be an object")))
    }
}

fn pairs(form: &[u8]) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(form).into_owned();
    pairs.map(|(name, value)| (name, Value::String(value))).collect()
}

impl State {
    /// One call, without faults.
    pub(super) fn web_api(
        &mut self,
        method: &str,
        query: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Reply {
        let outcome = self
            .authenticate(headers)
            .and_then(|reach| self.check_scope(method, reach))
            .and_then(|reach| {
                let arguments = Arguments::read(method, query, headers, body)?;
                self.call(method, reach, &arguments)
            });
        outcome.map_or_else(Reply::from, Reply::ok)
    }

    fn call(
        &mut self,
        method: &str,
        reach: Reach,
        arguments: &Arguments,
    ) -> Result<Value, Refusal> {
        match method {
            "apps.uninstall" => self.apps_uninstall(reach, arguments),
            "auth.teams.list" => Self::auth_teams_list(arguments),
            "auth.test" => Ok(self.auth_test(reach)),
            "chat.postEphemeral" => self.post_ephemeral(arguments),
            "chat.postMessage" => self.post_message(arguments),
            "chat.unfurl" => self.chat_unfurl(arguments),
            "chat.update" => self.update_message(arguments),
            "conversations.list" => self.list_channels(reach, arguments),
            "team.info" => self.team_info(reach, arguments),
            "users.info" => self.users_info(arguments),
            "views.open" => self.open_view(arguments),
            "views.publish" => self.publish_view(arguments),
            "views.update" => self.update_view(arguments),
            _ => Err(Refusal::new("unknown_method")),
        }
    }

    fn authenticate(&self, headers: &HeaderMap) -> Result<Reach, Refusal> {
        let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or(Refusal::new("not_authed"))?;
        self.installs.authenticate(token, self.now()).map_err(Refusal::new)
    }

    fn check_scope(&self, method: &str, reach: Reach) -> Result<Reach, Refusal> {
        scopes::needed(method).map_or(Ok(()), |scope| self.require(reach, scope))?;
        Ok(reach)
    }

    /// Refuses an installation that lacks this scope.
    pub(super) fn require(&self, reach: Reach, scope: &'static str) -> Result<(), Refusal> {
        match self.installs.scopes(reach) {
            Some(granted) if !granted.contains(scope) => {
                Err(Refusal::missing_scope(scope, scopes::joined(granted)))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::slack::samples::{self, BOT_TOKEN};

    const JSON: &str = "application/json; charset=utf-8";

    /// A call with the bot's token and a JSON body.
    pub(crate) fn call(state: &mut State, method: &str, arguments: &Value) -> Value {
        let headers = headers(BOT_TOKEN, JSON);
        state.web_api(method, "", &headers, arguments.to_string().as_bytes()).json()
    }

    pub(crate) fn headers(token: &str, content_type: &'static str) -> HeaderMap {
        let bearer =
            HeaderValue::try_from(format!("Bearer {token}")).unwrap_or(HeaderValue::from(0));
        HeaderMap::from_iter([
            (header::AUTHORIZATION, bearer),
            (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        ])
    }

    #[test]
    fn a_call_needs_the_bots_token() {
        let (mut state, _) = samples::state();

        let without = state.web_api("auth.test", "", &HeaderMap::new(), b"").json();
        let wrong =
            state.web_api("auth.test", "", &headers("xoxb-other", "text/plain"), b"").json();

        assert_eq!(without["error"], "not_authed");
        assert_eq!(wrong["error"], "invalid_auth");
    }

    #[test]
    fn a_method_that_does_not_exist_is_unknown() {
        let (mut state, _) = samples::state();

        let reply = call(&mut state, "chat.shout", &json!({}));

        assert_eq!(reply, json!({"ok": false, "error": "unknown_method"}));
    }

    #[test]
    fn arguments_may_be_a_form() {
        let (mut state, _) = samples::state();
        let headers = headers(BOT_TOKEN, "application/x-www-form-urlencoded");

        let reply = state.web_api("users.info", "", &headers, b"user=U0ALICE001").json();

        assert_eq!(reply["user"]["real_name"], "Alice Archer");
    }

    #[test]
    fn broken_json_is_refused() {
        let (mut state, _) = samples::state();

        let reply = state.web_api("chat.update", "", &headers(BOT_TOKEN, JSON), b"{");

        assert_eq!(reply.json()["error"], "invalid_json");
    }

    #[test]
    fn a_method_that_reads_does_not_look_at_json() {
        let (mut state, _) = samples::state();
        let headers = headers(BOT_TOKEN, JSON);

        let ignored = state.web_api("users.info", "", &headers, br#"{"user":"U0ALICE001"}"#);
        let found = state.web_api("users.info", "user=U0ALICE001", &headers, b"");

        assert_eq!(ignored.json()["error"], "invalid_arguments");
        assert_eq!(found.json()["ok"], true);
    }
}
