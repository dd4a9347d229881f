//! The world of a test: every function wired to one table, one clock, one queue, and the models of
//! Slack and Sentry on loopback.
//!
//! The requests are API Gateway's events, the answers API Gateway's responses: what lies between is
//! the functions' own code.

pub(crate) mod browser;
pub(crate) mod queue;

use std::{collections::HashMap, sync::Arc, time::Duration};

use action::Action;
use alert::Alert as Webhooks;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use command::Command;
use event::Event;
use health::Health;
use install::Install;
use link_identity::LinkIdentity;
use local::{
    installation, sentry,
    sentry::{Sentry, SignedHook},
    server::{self, Server},
    slack::{self, Alert, MessageTs, SignedRequest, Slack},
};
use options::Options;
use perform::{LastTime, Perform};
use serde_json::{Value, json};
use shared::{
    audit,
    clock::{ManualClock, Timestamp},
    http::serve,
    routes::Urls,
    sealing::Sealer,
    secret::Secret,
    sentry::{client::SentryClient, oauth::SentryOauth},
    signing::{link::Signer, request::RequestVerifier, webhook::HookVerifier},
    slack::{
        client::{SlackClient, SlackOauth},
        response_url::Hooks,
    },
    store::{
        SaveInstallation,
        memory::{MemoryStore, Rows},
    },
};
use sign_in::SignIn;
use tokio::net::TcpListener;
use unlink_identity::UnlinkIdentity;
use url::Url;

use self::{browser::Browser, queue::TestQueue};

/// Twelve o'clock, 5 January 2026, UTC.
pub(crate) const NOON: Timestamp = Timestamp::from_secs(1_767_614_400);

/// People in Slack.
pub(crate) const ALICE: &str = "U0ALICE001";
pub(crate) const BOB: &str = "U0BOB00001";
pub(crate) const MALLORY: &str = "U0MALLORY1";

/// Accounts in Sentry: Alice and Bob of the organization, Carol of another one, Dora without rights.
pub(crate) const ALICES: &str = "101";
pub(crate) const BOBS: &str = "102";
pub(crate) const CAROLS: &str = "103";
pub(crate) const DORAS: &str = "104";

pub(crate) const PUBLIC_URL: &str = "https://belay.example.com";

const SIGNING_SECRET: &str = "canary-signing-secret-0123456789ab";
const MASTER_KEY: &str = "canary-master-key-0123456789abcdef";
const TOKEN_KEY: &str = "canary-token-key-0123456789abcdefg";
const BOT_TOKEN: &str = "xoxb-canary-bot-token";
const ACMES_HOOK_SECRET: &str = "canary-hook-secret-of-acme";
const INTEGRATION_TOKEN: &str = "canary-integration-token";

/// An answer, as API Gateway gets it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: String,
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
    pub(crate) queue: TestQueue,
    pub(crate) slack: Slack,
    pub(crate) sentry: Sentry,
    pub(crate) sentry_url: String,
    pub(crate) signer: Signer,
    pub(crate) sealer: Sealer,
    pub(crate) action: Action<MemoryStore, TestQueue, ManualClock>,
    pub(crate) perform: Perform<MemoryStore, TestQueue, ManualClock>,
    pub(crate) command: Command<MemoryStore, ManualClock>,
    options: Options<MemoryStore, ManualClock>,
    event: Event<MemoryStore, TestQueue, ManualClock>,
    install: Install<MemoryStore, ManualClock>,
    alert: Webhooks<MemoryStore, TestQueue, ManualClock>,
    health: Health<MemoryStore, ManualClock>,
    link_identity: LinkIdentity<MemoryStore, TestQueue, ManualClock>,
    unlink_identity: UnlinkIdentity<MemoryStore, ManualClock>,
    sign_in: SignIn<MemoryStore, ManualClock>,
    _servers: [Server; 2],
}

impl World {
    /// The app installed in the workspace, nobody linked, noon.
    #[expect(clippy::too_many_lines, reason = "a list of every function with what it needs")]
    pub(crate) async fn new() -> Self {
        let clock = ManualClock::at(NOON);
        let (slack_place, sentry_place) =
            (server::listen(0).await.unwrap(), server::listen(0).await.unwrap());
        let (slack_url, sentry_url) = (origin(&slack_place), origin(&sentry_place));
        let urls = Urls::new(Url::parse(PUBLIC_URL).unwrap());
        let slack = slack_model(&clock, &slack_url, &sentry_url, &urls);
        let sentry = sentry_model(&clock, &sentry_url, &urls);

        let http = shared::transport::client(None).unwrap();
        let slack_base = Url::parse(&slack_url).unwrap();
        let slack_client =
            SlackClient::new(http.clone(), slack_base.clone(), Hooks::new(&slack_base));
        let sentry_client =
            SentryClient::new(http, Url::parse(&sentry_url).unwrap(), http::HeaderMap::new());
        let signer = Signer::new(vec![Secret::new(MASTER_KEY)]);
        let sealer = Sealer::new(vec![Secret::new(MASTER_KEY)]);
        let token_sealer = Sealer::new(vec![Secret::new(TOKEN_KEY)]);
        let slack_oauth = SlackOauth {
            client_id: "1.2".into(),
            client_secret: Secret::new("canary-slack-client-secret"),
        };
        let sentry_oauth = SentryOauth {
            client_id: "belay".into(),
            client_secret: Secret::new("canary-sentry-client-secret"),
        };
        let (store, queue) = (MemoryStore::default(), TestQueue::new(&clock));
        let installation = installation::installation(&sealer, BOT_TOKEN, NOON).unwrap();
        store.save_installation(&installation).await.unwrap();

        Self {
            action: Action {
                verifier: RequestVerifier::new(vec![Secret::new(SIGNING_SECRET)]),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack_client.clone(),
                clock: clock.clone(),
            },
            command: Command {
                verifier: RequestVerifier::new(vec![Secret::new(SIGNING_SECRET)]),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                hooks: Hooks::new(&slack_base),
                store: store.clone(),
                clock: clock.clone(),
                audit: audit::KEPT,
            },
            event: Event {
                verifier: RequestVerifier::new(vec![Secret::new(SIGNING_SECRET)]),
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                sentry: Url::parse(&sentry_url).unwrap(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack_client.clone(),
                clock: clock.clone(),
                audit: audit::KEPT,
            },
            install: Install {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_client_id: sentry_oauth.client_id.clone(),
                sentry: sentry_client.clone(),
                store: store.clone(),
                slack: slack_client.clone(),
                clock: clock.clone(),
            },
            alert: Webhooks {
                verifier: HookVerifier::new(vec![("acme".into(), Secret::new(ACMES_HOOK_SECRET))]),
                sealer: sealer.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack_client.clone(),
                window: Duration::from_hours(24),
                clock: clock.clone(),
            },
            health: Health {
                signer: Some(signer.clone()),
                store: Some(store.clone()),
                url: PUBLIC_URL.into(),
                settings: Vec::new(),
                clock: clock.clone(),
            },
            options: Options {
                verifier: RequestVerifier::new(vec![Secret::new(SIGNING_SECRET)]),
                token_sealer: token_sealer.clone(),
                store: store.clone(),
                sentry: sentry_client.clone(),
                clock: clock.clone(),
                known: options::Known::default(),
            },
            link_identity: LinkIdentity {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                store: store.clone(),
                queue: queue.clone(),
                slack: slack_client.clone(),
                clock: clock.clone(),
            },
            unlink_identity: UnlinkIdentity {
                signer: signer.clone(),
                sealer: sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_client_id: sentry_oauth.client_id.clone(),
                sentry: sentry_client.clone(),
                store: store.clone(),
                slack: slack_client.clone(),
                clock: clock.clone(),
            },
            sign_in: SignIn {
                signer: signer.clone(),
                sealer: sealer.clone(),
                token_sealer: token_sealer.clone(),
                urls: urls.clone(),
                slack_oauth: slack_oauth.clone(),
                sentry_oauth: sentry_oauth.clone(),
                store: store.clone(),
                slack: slack_client.clone(),
                sentry: sentry_client.clone(),
                clock: clock.clone(),
            },
            perform: Perform {
                signer: signer.clone(),
                sealer: sealer.clone(),
                token_sealer,
                urls,
                sentry_oauth,
                slack_oauth,
                store: store.clone(),
                queue: queue.clone(),
                slack: slack_client,
                sentry: sentry_client,
                clock: clock.clone(),
                readers: HashMap::new(),
                last_look: LastTime::default(),
            },
            _servers: [
                Server::start(slack_place, slack.router()),
                Server::start(sentry_place, sentry.router()),
            ],
            clock,
            store,
            queue,
            slack,
            sentry,
            sentry_url,
            signer,
            sealer,
        }
    }

    /// The same with somebody linked, by the whole way through the browser.
    pub(crate) async fn with_linked(user: &str, account: &str) -> Self {
        let world = Self::new().await;
        world.link(user, account).await;
        world
    }

    /// Links somebody by the whole way: a click that asks for it, the browser, and the click carried
    /// out. What it leaves in Slack and Sentry is a re-opened issue that was open already.
    pub(crate) async fn link(&self, user: &str, account: &str) {
        let alert = self.post_alert();
        self.click(user, &alert, "unresolved").await;
        let mut browser = Browser::of(self, user, account);
        let done = browser.link(&self.prompted_link(user)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        self.work().await;
    }

    /// An alert about issue 4815 in the channel.
    pub(crate) fn post_alert(&self) -> MessageTs {
        self.slack.post_alert(&self.alert())
    }

    /// The same in the old form.
    pub(crate) fn post_legacy_alert(&self) -> MessageTs {
        self.slack.post_legacy_alert(&self.alert())
    }

    fn alert(&self) -> Alert {
        let values = ["resolved", "ignored", "unresolved", "unresolved:ongoing"];
        let buttons = values.map(|value| slack::Button::new(&status_id(value), value, value));
        Alert { buttons: buttons.into(), ..Alert::type_error(&self.sentry_url) }
    }

    /// Somebody clicks a status button; the answer is what Slack gets.
    pub(crate) async fn click(&self, user: &str, alert: &MessageTs, value: &str) -> Answer {
        let request = self.slack.click(user, alert, &status_id(value), value).unwrap();
        self.deliver(&request).await
    }

    /// Somebody types `/sentry …`; the answer is what Slack gets.
    pub(crate) async fn command(&self, user: &str, text: &str) -> Answer {
        let request = self.slack.command(user, "/sentry", text).unwrap();
        self.dispatch(&event_to("/command", &request)).await
    }

    /// Somebody types into an alert's select for the assignee; the answer is what Slack gets.
    pub(crate) async fn suggest(&self, user: &str, alert: &MessageTs, typed: &str) -> Answer {
        let request = self.slack.suggest(user, alert, "assign", typed).unwrap();
        self.dispatch(&event_to("/options", &request)).await
    }

    /// The request of such a click, to be tampered with.
    pub(crate) fn click_payload(&self, user: &str, alert: &MessageTs, value: &str) -> Value {
        self.slack.click_payload(user, alert, &status_id(value), value).unwrap()
    }

    /// Slack sends this payload.
    pub(crate) async fn send(&self, payload: &Value) -> Answer {
        self.deliver(&self.slack.sign_payload(payload)).await
    }

    /// Slack sends this request.
    pub(crate) async fn deliver(&self, request: &SignedRequest) -> Answer {
        self.dispatch(&event_of(request)).await
    }

    /// API Gateway hands this event to the function of its path.
    pub(crate) async fn dispatch(&self, event: &Value) -> Answer {
        let path = event["rawPath"].as_str().unwrap_or_default().to_owned();
        let request: ApiGatewayV2httpRequest = serde_json::from_value(event.clone()).unwrap();
        let response = match path.split('/').nth(1) {
            Some("command") => serve(request, &|r| self.command.handle(r)).await,
            Some("event") => serve(request, &|r| self.event.handle(r)).await,
            Some("install") => serve(request, &|r| self.install.handle(r)).await,
            Some("alert") => serve(request, &|r| self.alert.handle(r)).await,
            Some("health") => serve(request, &|r| self.health.handle(r)).await,
            Some("link-identity") => serve(request, &|r| self.link_identity.handle(r)).await,
            Some("unlink-identity") => serve(request, &|r| self.unlink_identity.handle(r)).await,
            Some("options") => serve(request, &|r| self.options.handle(r)).await,
            Some("sign-in") => serve(request, &|r| self.sign_in.handle(r)).await,
            _ => serve(request, &|r| self.action.handle(r)).await,
        };
        Answer {
            status: u16::try_from(response.status_code).unwrap(),
            headers: response.headers,
            cookies: response.cookies,
            body: match response.body {
                Some(aws_lambda_events::encodings::Body::Text(text)) => text,
                None => String::new(),
                other => panic!("{other:?}"),
            },
        }
    }

    /// Delivers every message about a post that is due, until none is.
    pub(crate) async fn work_posts(&self) {
        while let Some(key) = self.queue.take_due_post() {
            let answer = self.perform.handle(queue::sqs_event_of(&[&key.to_text()])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// Delivers every unfurl that is due, until none is.
    pub(crate) async fn work_unfurls(&self) {
        while let Some(unfurl) = self.queue.take_due_unfurl() {
            let answer = self.perform.handle(queue::sqs_event_of(&[&unfurl.to_text()])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// Sentry sends this webhook.
    pub(crate) async fn hook(&self, hook: &SignedHook) -> Answer {
        let headers: serde_json::Map<String, Value> = hook
            .headers()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        let body = String::from_utf8(hook.body.clone()).unwrap();
        self.dispatch(&event("POST", "/alert", &json!(headers), &body)).await
    }

    /// Delivers every message that is due, until none is.
    pub(crate) async fn work(&self) {
        self.work_posts().await;
        self.work_unfurls().await;
        while let Some(key) = self.queue.take_due() {
            let answer = self.perform.handle(queue::sqs_event(&[&key])).await;
            assert_eq!(answer, json!({"batchItemFailures": []}));
        }
    }

    /// The schedule's tick.
    pub(crate) async fn sweep(&self) {
        let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
        assert_eq!(self.perform.handle(tick).await, Value::Null);
    }

    /// The link in the newest words that only `user` sees.
    pub(crate) fn prompted_link(&self, user: &str) -> String {
        let words = self.newest_words(user);
        let start = words.find(PUBLIC_URL).unwrap_or_else(|| panic!("no link in {words:?}"));
        words[start..].split(['|', '>']).next().unwrap().to_owned()
    }

    /// The newest words that only `user` sees; empty if there are none.
    pub(crate) fn newest_words(&self, user: &str) -> String {
        self.slack.ephemerals(user).last().map(local::slack::Message::words).unwrap_or_default()
    }

    /// What stands in the alert's place now.
    pub(crate) fn words_of(&self, alert: &MessageTs) -> String {
        self.slack.message(alert).unwrap().words()
    }

    /// The table.
    pub(crate) fn rows(&self) -> Rows {
        self.store.rows()
    }

    /// How often a function called Slack or Sentry.
    pub(crate) fn calls(&self) -> usize {
        self.slack.log().len() + self.sentry.log().len()
    }
}

/// API Gateway's event of a click that Slack sends.
pub(crate) fn event_of(request: &SignedRequest) -> Value {
    event_to("/action", request)
}

/// API Gateway's event of a request that Slack sends to this path.
pub(crate) fn event_to(path: &str, request: &SignedRequest) -> Value {
    let headers: serde_json::Map<String, Value> = request
        .headers()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let body = String::from_utf8(request.body.clone()).unwrap();
    event("POST", path, &json!(headers), &body)
}

/// An event of API Gateway, payload 2.0.
pub(crate) fn event(method: &str, path: &str, headers: &Value, body: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "requestId": "request-1",
            "timeEpoch": 0,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

fn status_id(value: &str) -> String {
    format!("status::{value}")
}

fn origin(place: &TcpListener) -> String {
    server::origin(place).unwrap()
}

fn slack_model(clock: &ManualClock, own: &str, sentry_url: &str, urls: &Urls) -> Slack {
    Slack::new(slack::Settings {
        clock: Arc::new(clock.clone()),
        signing_secret: SIGNING_SECRET.into(),
        client_id: "1.2".into(),
        client_secret: "canary-slack-client-secret".into(),
        bot_token: BOT_TOKEN.into(),
        redirect_uris: vec![urls.sign_in_slack(), urls.install_slack()],
        base_url: own.into(),
        sentry_url: sentry_url.into(),
    })
}

fn sentry_model(clock: &ManualClock, own: &str, urls: &Urls) -> Sentry {
    Sentry::new(sentry::Settings {
        clock: Arc::new(clock.clone()),
        client_id: "belay".into(),
        client_secret: "canary-sentry-client-secret".into(),
        redirect_uris: vec![urls.sign_in_sentry()],
        base_url: own.into(),
        hook_secrets: vec![
            ("acme".into(), ACMES_HOOK_SECRET.into()),
            ("umbrella".into(), "canary-hook-secret-of-umbrella".into()),
        ],
        integration_token: INTEGRATION_TOKEN.into(),
    })
}
