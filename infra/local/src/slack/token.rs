//! Sign in with Slack: the token endpoint, where a code is exchanged for an ID token.
//!
//! `POST /api/openid.connect.token`, a form; the client authenticates by HTTP Basic or by form
//! fields. The answer is HTTP 200: `{ok, access_token, token_type, id_token}` or `{ok, error}`
//! (Slack: docs.slack.dev/reference/methods/openid.connect.token). A code is spent by the first
//! attempt of the right client, whatever comes of it.

use http::HeaderMap;
use serde_json::{Value, json};

use super::{
    client::{credentials, field},
    openid::CODE_LIFE,
    reply::{Refusal, Reply},
    state::State,
};
use crate::random;

impl State {
    pub(super) fn token(&mut self, headers: &HeaderMap, body: &[u8]) -> Reply {
        let kind = field(body, "grant_type");
        let exchanged =
            self.check_client(credentials(headers, body)).and_then(|()| match kind.as_deref() {
                None | Some("authorization_code") => self.exchange(body),
                Some(_) => Err(Refusal::new("invalid_grant_type")),
            });
        exchanged.map_or_else(Reply::from, Reply::ok)
    }

    fn exchange(&mut self, form: &[u8]) -> Result<Value, Refusal> {
        let code = field(form, "code").unwrap_or_default();
        let grant = self.codes.remove(&code).ok_or(Refusal::new("invalid_code"))?;
        if self.now().since(grant.issued) >= CODE_LIFE {
            return Err(Refusal::new("invalid_code"));
        }
        if field(form, "redirect_uri").as_ref() != Some(&grant.redirect_uri) {
            return Err(Refusal::new("bad_redirect_uri"));
        }
        Ok(json!({
            "access_token": format!("xoxp-{}", random::secret(20)),
            "token_type": "Bearer",
            "id_token": self.id_token(&grant)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use base64::{
        Engine as _,
        prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
    };
    use http::{HeaderValue, header};
    use shared::clock::ManualClock;
    use url::{Url, form_urlencoded};

    use super::*;
    use crate::slack::{
        openid::{
            Consent,
            tests::{ALICE, query},
        },
        samples::{self, REDIRECT_URI},
        workspace::{ENTERPRISE, TEAM},
    };

    fn signed_in() -> (State, ManualClock, String) {
        signed_in_with("openid profile email")
    }

    fn signed_in_with(scopes: &str) -> (State, ManualClock, String) {
        let (mut state, clock) = samples::state();
        let query = query(&[("scope", scopes)]);
        let location = state.authorize(ALICE, &query, Consent::Allow).unwrap();
        let url = Url::parse(&location).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        (state, clock, code)
    }

    fn exchange(state: &mut State, changes: &[(&str, &str)], code: &str) -> Value {
        let mut fields = vec![
            ("client_id", "1.2"),
            ("client_secret", "client-secret"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        state.token(&HeaderMap::new(), form.as_bytes()).json()
    }

    fn claims(reply: &Value) -> Value {
        let part = reply["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn the_id_token_names_the_person_the_workspace_and_the_nonce() {
        let (mut state, _, code) = signed_in();

        let claims = claims(&exchange(&mut state, &[], &code));

        assert_eq!(claims["https://slack.com/user_id"], ALICE);
        assert_eq!(claims["https://slack.com/team_id"], TEAM);
        assert_eq!((&claims["aud"], &claims["nonce"]), (&json!("1.2"), &json!("the nonce")));
        assert_eq!(claims["exp"], 1_700_000_300);
    }

    #[test]
    fn on_enterprise_grid_it_names_the_organization() {
        let (mut state, _, code) = signed_in();
        state.enterprise = Some(ENTERPRISE.to_owned());

        let claims = claims(&exchange(&mut state, &[], &code));

        assert_eq!(claims["https://slack.com/enterprise_id"], ENTERPRISE);
        assert_eq!(claims["https://slack.com/team_id"], TEAM);
    }

    #[test]
    fn the_scopes_decide_what_it_says_of_the_person() {
        let (mut state, _, code) = signed_in_with("openid");

        let claims = claims(&exchange(&mut state, &[], &code));

        assert_eq!(claims["sub"], ALICE);
        assert!(claims.get("email").is_none() && claims.get("name").is_none());
    }

    #[test]
    fn the_client_may_authenticate_by_basic() {
        let (mut state, _, code) = signed_in();
        let pair = BASE64_STANDARD.encode("1.2:client-secret");
        let basic = HeaderValue::try_from(format!("Basic {pair}")).unwrap();
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, basic)]);
        let form = format!("code={code}&redirect_uri={REDIRECT_URI}");

        let reply = state.token(&headers, form.as_bytes()).json();

        assert_eq!(reply["ok"], true);
    }

    #[test]
    fn a_code_is_exchanged_once() {
        let (mut state, _, code) = signed_in();
        exchange(&mut state, &[], &code);

        let again = exchange(&mut state, &[], &code);

        assert_eq!(again, json!({"ok": false, "error": "invalid_code"}));
    }

    #[test]
    fn a_code_lives_ten_minutes() {
        let (mut state, clock, code) = signed_in();
        clock.advance(CODE_LIFE);

        assert_eq!(exchange(&mut state, &[], &code)["error"], "invalid_code");
    }

    #[test]
    fn a_wrong_exchange_is_refused() {
        let wrong = [
            ("client_id", "3.4", "invalid_client_id"),
            ("client_secret", "guess", "bad_client_secret"),
            ("code", "guess", "invalid_code"),
            ("redirect_uri", "http://belay.test/", "bad_redirect_uri"),
            ("grant_type", "password", "invalid_grant_type"),
        ];
        for (name, value, error) in wrong {
            let (mut state, _, code) = signed_in();
            assert_eq!(exchange(&mut state, &[(name, value)], &code)["error"], error, "{name}");
        }
    }

    #[test]
    fn a_test_can_change_the_claims_of_one_token() {
        let (mut state, _, code) = signed_in();
        state.edit_claims = Some(Box::new(|claims| {
            claims.insert("aud".into(), "somebody else".into());
        }));

        let reply = exchange(&mut state, &[], &code);

        assert_eq!(claims(&reply)["aud"], "somebody else");
        assert!(state.edit_claims.is_none());
    }
}
