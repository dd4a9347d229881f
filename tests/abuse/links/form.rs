//! What a form must bring along: the browser's cookie, our token for this very step, and no word
//! from another site. The rows are tried on both pages at both steps.

use serde_json::{Map, Value, json};
use shared::{browser::form_token, flow::FlowId, signing::link::Purpose};
use url::form_urlencoded;

use super::{Door, Scene};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{Answer, PUBLIC_URL, event},
};

/// A form on its way, as a browser would send it.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) cookies: Vec<String>,
    pub(super) headers: Map<String, Value>,
    pub(super) query: String,
    pub(super) fields: Vec<(&'static str, String)>,
}

/// The two steps that have a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Confirm,
}

impl Sent {
    /// The form of a page that named `shown`.
    pub(super) fn of(scene: &Scene, cookie: &str, step: &str, shown: &[&str]) -> Self {
        let token = form_token(&scene.world.signer, cookie, &scene.flow().id, step, shown);
        let mut headers = Map::new();
        headers.insert("sec-fetch-site".into(), json!("same-origin"));
        Self {
            cookies: vec![format!("__Host-belay={cookie}")],
            headers,
            query: String::new(),
            fields: vec![
                ("step", step.into()),
                ("form_token", token.unwrap()),
                ("with", "slack".into()),
                ("mine", "yes".into()),
                ("sure", "yes".into()),
            ],
        }
    }

    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.remove(name);
        self.fields.push((name, value.into()));
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.fields.retain(|(known, _)| *known != name);
    }

    pub(super) fn double(&mut self, name: &'static str) {
        self.fields.push((name, self.value(name)));
    }

    fn value(&self, name: &str) -> String {
        self.fields.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers.insert(name.into(), json!(value));
    }

    /// The request of a browser that says no more than where the form was.
    fn origin(&mut self, origin: &str) {
        self.headers.clear();
        self.header("origin", origin);
    }

    pub(super) async fn to(&self, scene: &Scene) -> Answer {
        let path = scene.link.strip_prefix(PUBLIC_URL).unwrap();
        let url = format!("{path}?{}", self.query);
        let mut event = event("POST", &url, &Value::Object(self.headers.clone()), &self.encoded());
        event["cookies"] = json!(self.cookies);
        scene.world.dispatch(&event).await
    }

    fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

/// One thing that is wrong with a form, whatever its page and step.
type Spoil = fn(&mut Sent, &Scene);

const SPOILT: &[(&str, Spoil)] = &[
    ("no cookie", |sent, _| sent.cookies.clear()),
    ("an empty cookie", |sent, _| sent.cookies = vec!["__Host-belay=".into()]),
    ("another browser's cookie", |sent, _| sent.cookies = vec!["__Host-belay=other".into()]),
    ("the cookie twice", |sent, _| sent.cookies.push(sent.cookies[0].clone())),
    ("another cookie of that name", |sent, _| sent.cookies.push("__Host-belay=planted".into())),
    ("the cookie without its prefix", |sent, _| {
        sent.cookies = vec![sent.cookies[0].replace("__Host-", "")];
    }),
    ("the cookie in the body", |sent, _| {
        let cookie = sent.cookies.remove(0);
        sent.set("__Host-belay", cookie.replace("__Host-belay=", ""));
    }),
    ("no token", |sent, _| sent.remove("form_token")),
    ("an empty token", |sent, _| sent.set("form_token", "")),
    ("a dot as the token", |sent, _| sent.set("form_token", ".")),
    ("the token twice", |sent, _| sent.double("form_token")),
    ("half a token", |sent, _| {
        let token = sent.value("form_token");
        sent.set("form_token", token.split('.').next().unwrap());
    }),
    ("a token that ends too early", |sent, _| {
        let token = sent.value("form_token");
        sent.set("form_token", &token[..token.len() - 1]);
    }),
    ("the link's token", |sent, scene| sent.set("form_token", scene.token())),
    ("the token of another browser", |sent, scene| token_for(sent, scene, "other", None)),
    ("the token of another flow", |sent, scene| {
        let cookie = sent.cookies[0].replace("__Host-belay=", "");
        token_for(sent, scene, &cookie, Some(&FlowId::of_nonce("another flow")));
    }),
    ("a token made as a link is", |sent, scene| tag(sent, scene, Purpose::Link)),
    ("a token made as an unlink is", |sent, scene| tag(sent, scene, Purpose::Unlink)),
    ("a token made as a state is", |sent, scene| tag(sent, scene, Purpose::OauthState)),
    ("no step", |sent, _| sent.remove("step")),
    ("an empty step", |sent, _| sent.set("step", "")),
    ("an unknown step", |sent, _| sent.set("step", "unlink")),
    ("a step that comes later", |sent, _| sent.set("step", "relink")),
    ("the other step", |sent, _| {
        let other = if sent.value("step") == "begin" { "confirm" } else { "begin" };
        sent.set("step", other);
    }),
    ("the step in upper case", |sent, _| sent.set("step", sent.value("step").to_uppercase())),
    ("the step twice", |sent, _| sent.double("step")),
    ("the form in the query", |sent, _| {
        sent.query = sent.encoded();
        sent.fields.clear();
    }),
    ("the token in the query", |sent, _| {
        sent.query = format!("form_token={}", sent.value("form_token"));
        sent.remove("form_token");
    }),
    ("sent by another site", |sent, _| sent.header("sec-fetch-site", "cross-site")),
    ("sent by a sister site", |sent, _| sent.header("sec-fetch-site", "same-site")),
    ("sent by nobody", |sent, _| sent.header("sec-fetch-site", "none")),
    ("sent by two sites", |sent, _| sent.header("sec-fetch-site", "same-origin, cross-site")),
    ("an empty word about the site", |sent, _| sent.header("sec-fetch-site", "")),
    ("another site, own origin", |sent, _| {
        sent.header("sec-fetch-site", "cross-site");
        sent.header("origin", PUBLIC_URL);
    }),
    ("a foreign origin", |sent, _| sent.origin("https://evil.example")),
    ("an origin without TLS", |sent, _| sent.origin("http://belay.example.com")),
    ("an origin at another port", |sent, _| sent.origin("https://belay.example.com:8443")),
    ("an origin that begins like ours", |sent, _| {
        sent.origin("https://belay.example.com.evil.example");
    }),
    ("an origin that ends like ours", |sent, _| sent.origin("https://xbelay.example.com")),
    ("an origin with a path", |sent, _| sent.origin("https://belay.example.com/x")),
    ("an empty origin", |sent, _| sent.origin("")),
];

#[tokio::test]
async fn a_form_that_is_not_our_page_s_is_refused() {
    for door in Door::ALL {
        for step in [Step::Begin, Step::Confirm] {
            let scene = Scene::new(door).await;
            let good = form_at(&scene, step).await;
            for (case, spoil) in SPOILT {
                let case = format!("{door:?}, {step:?}: {case}");
                let mut sent = good.clone();
                spoil(&mut sent, &scene);
                let before = Before::of(&scene.world);

                let answer = sent.to(&scene).await;

                assert_answer(&answer, 403, Kind::Page, &case);
                assert!(answer.cookies.is_empty(), "{case}");
                before.assert_untouched(&scene.world, &case);
            }
        }
    }
}

#[tokio::test]
async fn the_form_that_the_rows_spoil_is_good() {
    let sites: &[(&str, Spoil)] = &[
        ("as it is", |_, _| ()),
        ("from a browser that says nothing", |sent, _| sent.headers.clear()),
        ("from our origin", |sent, _| sent.origin(PUBLIC_URL)),
        ("from a page without referrer", |sent, _| sent.origin("null")),
    ];
    for door in Door::ALL {
        for (step, status) in [(Step::Begin, 200), (Step::Confirm, 303)] {
            for (case, site) in sites {
                let scene = Scene::new(door).await;
                let mut sent = form_at(&scene, step).await;
                site(&mut sent, &scene);
                let before = scene.world.rows();

                let answer = sent.to(&scene).await;

                let kind = if step == Step::Begin { Kind::Page } else { Kind::Empty };
                assert_answer(&answer, status, kind, &format!("{door:?}, {step:?}: {case}"));
                assert!(before != scene.world.rows(), "{door:?}, {step:?}: {case}");
            }
        }
    }
}

#[tokio::test]
async fn unlinking_begins_with_one_of_two_sides() {
    let scene = Scene::new(Door::Unlink).await;
    let good = form_at(&scene, Step::Begin).await;
    let rows: &[(&str, Spoil)] = &[
        ("none", |sent, _| sent.remove("with")),
        ("both", |sent, _| sent.fields.push(("with", "sentry".into()))),
        ("neither", |sent, _| sent.set("with", "github")),
        ("in upper case", |sent, _| sent.set("with", "SLACK")),
        ("an address", |sent, _| sent.set("with", "https://evil.example")),
    ];
    for (case, spoil) in rows {
        let mut sent = good.clone();
        spoil(&mut sent, &scene);
        let before = Before::of(&scene.world);

        let answer = sent.to(&scene).await;

        assert_answer(&answer, 403, Kind::Page, case);
        before.assert_untouched(&scene.world, case);
    }
}

/// The form of the page at that step, as its browser would send it. What it holds is what the page
/// holds.
async fn form_at(scene: &Scene, step: Step) -> Sent {
    let mut browser = scene.browser();
    let (page, name, shown) = match step {
        Step::Begin => (browser.get(&scene.link).await, "begin", Vec::new()),
        Step::Confirm => (browser.prove(&scene.link).await, "confirm", scene.shown()),
    };
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let sent = Sent::of(scene, browser.cookie().unwrap(), name, &shown);
    assert!(page.body.contains(&sent.value("form_token")), "{}", page.body);
    sent
}

fn token_for(sent: &mut Sent, scene: &Scene, cookie: &str, flow: Option<&FlowId>) {
    let own = scene.flow().id;
    let step = sent.value("step");
    let shown = if step == "confirm" { scene.shown() } else { Vec::new() };
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let flow = flow.unwrap_or(&own);
    sent.set("form_token", form_token(&scene.world.signer, cookie, flow, &step, &shown).unwrap());
}

/// The same token under the key of another purpose.
fn tag(sent: &mut Sent, scene: &Scene, purpose: Purpose) {
    let cookie = sent.cookies[0].replace("__Host-belay=", "");
    let (token, step, flow) = (sent.value("form_token"), sent.value("step"), scene.flow().id);
    let shown = token.split('.').next().unwrap();
    let parts = [cookie.as_str(), flow.as_str(), &step, shown];
    let tag = scene.world.signer.tag(purpose, &parts).unwrap();
    sent.set("form_token", format!("{shown}.{tag}"));
}
