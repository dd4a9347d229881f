//! What the tests of this module start from.

use std::sync::Arc;

use serde_json::Value;
use shared::clock::{ManualClock, Timestamp};

use super::{Sentry, Settings};
use crate::plain_http::{Answer, send};
use crate::server::{self, Server};

/// What Acme's integration signs with.
pub(super) const HOOK_SECRET: &str = "integration-secret";
/// What the integration reads with.
pub(super) const INTEGRATION_TOKEN: &str = "sntryi-read";
/// The registered redirect URI.
pub(super) const BACK: &str = "https://belay.example.com/sign-in/sentry";
/// What Belay's browser opens, but for PKCE.
pub(super) const AUTHORIZE_URL: &str = "http://sentry.test/oauth/authorize/?client_id=belay\
    &response_type=code&scope=org:read+project:read+event:read+event:write&state=s1\
    &redirect_uri=https://belay.example.com/sign-in/sentry";

/// A Sentry and the clock it goes by.
pub(super) fn sentry() -> (Sentry, ManualClock) {
    let clock = ManualClock::at(Timestamp::from_secs(1_700_000_000));
    let sentry = Sentry::new(Settings {
        clock: Arc::new(clock.clone()),
        client_id: "belay".to_owned(),
        client_secret: "hush".to_owned(),
        redirect_uris: vec![BACK.to_owned()],
        base_url: "http://sentry.test".to_owned(),
        hook_secrets: vec![("acme".to_owned(), HOOK_SECRET.to_owned())],
        integration_token: INTEGRATION_TOKEN.to_owned(),
    });
    (sentry, clock)
}

pub(super) const ISSUE: &str = "api/0/organizations/acme/issues/4815/";
pub(super) const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

/// A listening stand-in and a person who has given Belay a token.
pub(super) struct Scene {
    pub(super) sentry: Sentry,
    pub(super) origin: String,
    pub(super) tokens: Value,
    _server: Server,
}

impl Scene {
    pub(super) async fn of(account: &str) -> Self {
        let (sentry, _) = sentry();
        let listener = server::listen(0).await.unwrap();
        let origin = server::origin(&listener).unwrap();
        let server = Server::start(listener, sentry.router());
        let location = sentry.authorize(account, AUTHORIZE_URL).unwrap();
        let (_, code) = location.split_once("code=").unwrap();
        let code = code.trim_end_matches("&state=s1");
        let mut scene = Self { sentry, origin, tokens: Value::Null, _server: server };
        let exchange = format!("grant_type=authorization_code&redirect_uri={BACK}&code={code}");
        scene.tokens = scene.token(&exchange).await.json();
        scene
    }

    pub(super) async fn token(&self, grant: &str) -> Answer {
        let body = format!("{grant}&client_id=belay&client_secret=hush");
        send("POST", &format!("{}/oauth/token/", self.origin), FORM, &body).await
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        let access = self.tokens["access_token"].as_str().unwrap();
        self.call_by(access, method, path, body).await
    }

    /// A call by any token.
    pub(super) async fn call_by(
        &self,
        access: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Answer {
        let headers = format!("authorization: Bearer {access}\r\n");
        send(method, &format!("{}/{path}", self.origin), &headers, body).await
    }

    pub(super) async fn put(&self, body: &Value) -> Answer {
        self.call("PUT", ISSUE, &body.to_string()).await
    }

    pub(super) async fn get(&self) -> Answer {
        self.call("GET", ISSUE, "").await
    }
}
