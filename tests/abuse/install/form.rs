//! What a form must bring along: the browser's cookie, our token for this very step, and no word
//! from another site. The rows are tried at all three steps.

use serde_json::{Map, Value, json};
use shared::{browser::SETUP_COOKIE, signing::link::Purpose};

use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ACME, ALICE, ALICES, Answer, BOB, CAROLS, ERINS, UMBRELLA, World,
        browser::{Browser, Form, form_of},
        event,
    },
};

/// The three steps that have a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Begin,
    Choose,
    Add,
}

impl Step {
    pub(super) const ALL: [Self; 3] = [Self::Begin, Self::Choose, Self::Add];
}

/// A browser in front of a page with a form.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) cookie: String,
    pub(super) form: Form,
}

impl Scene {
    pub(super) async fn at(step: Step) -> Self {
        let world = World::bare().await;
        let (cookie, form) = Box::pin(page(&world, step)).await;
        Self { world, cookie, form }
    }

    /// The form as the page would send it.
    pub(super) fn sent(&self) -> Sent {
        let headers = Map::from_iter([("sec-fetch-site".into(), json!("same-origin"))]);
        let cookies = vec![format!("{SETUP_COOKIE}={}", self.cookie)];
        Sent { cookies, headers, fields: self.form.fields().to_vec() }
    }

    pub(super) async fn take(&self, sent: &Sent) -> Answer {
        let body = sent.encoded();
        let mut event = event("POST", "/install", &Value::Object(sent.headers.clone()), &body);
        event["cookies"] = json!(sent.cookies);
        self.world.dispatch(&event).await
    }
}

async fn page(world: &World, step: Step) -> (String, Form) {
    if step == Step::Add {
        Browser::of(world, ALICE, ALICES).install(ACME).await;
    }
    let account = if step == Step::Add { CAROLS } else { ERINS };
    let mut browser = Browser::of(world, BOB, account);
    let page = match step {
        Step::Begin => browser.install_page().await,
        Step::Choose => browser.prove_admin("").await,
        Step::Add => browser.install(UMBRELLA).await,
    };
    let form = form_of(&page);
    let form = if step == Step::Choose { form.with("organization", UMBRELLA) } else { form };
    (browser.setup_cookie().unwrap().to_owned(), form)
}

/// A form on its way, as a browser would send it.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) cookies: Vec<String>,
    pub(super) headers: Map<String, Value>,
    pub(super) fields: Vec<(String, String)>,
}

impl Sent {
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.fields.push((name.into(), value.into()));
    }

    fn remove(&mut self, name: &str) {
        self.fields.retain(|(known, _)| known != name);
    }

    fn double(&mut self, name: &str) {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name).unwrap().clone();
        self.fields.push((name.into(), value));
    }

    fn origin(&mut self, origin: &str) {
        self.headers = Map::from_iter([("origin".into(), json!(origin))]);
    }

    fn site(&mut self, site: &str) {
        self.headers.insert("sec-fetch-site".into(), json!(site));
    }

    fn encoded(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

type Rows = &'static [(&'static str, fn(&mut Sent))];

const REFUSED: Rows = &[
    ("no token", |s| s.remove("form_token")),
    ("an empty token", |s| s.set("form_token", "")),
    ("a made-up token", |s| s.set("form_token", "0000000000000000.AAAA")),
    ("a long token", |s| s.set("form_token", &"A".repeat(20_000))),
    ("the token twice", |s| s.double("form_token")),
    ("no cookie", |s| s.cookies.clear()),
    ("an empty cookie", |s| s.cookies = vec![format!("{SETUP_COOKIE}=")]),
    ("another cookie", |s| s.cookies = vec![format!("{SETUP_COOKIE}={}", "A".repeat(43))]),
    ("the cookie twice", |s| s.cookies.extend(s.cookies.clone())),
    ("the cookie of the links", |s| s.cookies[0] = s.cookies[0].replace("-setup", "")),
    ("no step", |s| s.remove("step")),
    ("the step twice", |s| s.double("step")),
    ("an unknown step", |s| s.set("step", "finish")),
    ("the step of another page", |s| s.set("step", "confirm")),
    ("another site", |s| s.site("cross-site")),
    ("another subdomain", |s| s.site("same-site")),
    ("a form that was typed", |s| s.site("none")),
    ("another origin", |s| s.origin("https://evil.example")),
    ("another port", |s| s.origin("https://belay.example.com:8443")),
    ("no encryption", |s| s.origin("http://belay.example.com")),
    ("a longer origin", |s| s.origin("https://belay.example.com.evil.example")),
];

#[tokio::test]
async fn a_form_that_is_not_from_our_page_in_this_browser_changes_nothing() {
    for step in Step::ALL {
        let scene = Scene::at(step).await;
        let before = Before::of(&scene.world);
        for (case, spoil) in REFUSED {
            let mut sent = scene.sent();
            spoil(&mut sent);

            let answer = scene.take(&sent).await;

            let case = format!("{step:?}: {case}");
            // Without its cookie a later step is one that this browser has not come to.
            let forgotten = step != Step::Begin && case.contains("cookie");
            if forgotten {
                assert_answer(&answer, 303, Kind::Empty, &case);
            } else {
                assert_answer(&answer, 403, Kind::Page, &case);
            }
            assert!(answer.cookies.is_empty(), "{case}");
            before.assert_untouched(&scene.world, &case);
        }
        assert_taken(&scene, step).await;
    }
}

#[tokio::test]
async fn a_form_that_says_less_about_where_it_was_is_taken() {
    let rows: Rows = &[
        ("nothing at all", |s| s.headers.clear()),
        ("an origin that is hidden", |s| s.origin("null")),
        ("our own origin", |s| s.origin("https://belay.example.com")),
        ("fields that nobody reads", |s| s.set("later", "x")),
    ];
    for step in Step::ALL {
        for (case, edit) in rows {
            let scene = Scene::at(step).await;
            let mut sent = scene.sent();
            edit(&mut sent);

            let answer = scene.take(&sent).await;

            let status = if step == Step::Add { 303 } else { 200 };
            assert_eq!(answer.status, status, "{step:?}: {case}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_token_of_another_purpose_is_no_form_s() {
    for step in Step::ALL {
        let scene = Scene::at(step).await;
        let before = Before::of(&scene.world);
        let genuine = scene.form.fields().iter().find(|(name, _)| name == "form_token");
        let (shown, _) = genuine.unwrap().1.split_once('.').unwrap();
        let name = shared::flow::FlowId::of_nonce(&scene.cookie);
        let step_name = format!("{step:?}").to_lowercase();
        for purpose in Purpose::ALL {
            if purpose == Purpose::Form {
                continue;
            }
            let parts = [scene.cookie.as_str(), name.as_str(), &step_name, shown];
            let tag = scene.world.signer.tag(purpose, &parts).unwrap();
            let mut sent = scene.sent();
            sent.set("form_token", &format!("{shown}.{tag}"));

            let answer = scene.take(&sent).await;

            assert_answer(&answer, 403, Kind::Page, &format!("{step:?}: {purpose:?}"));
            before.assert_untouched(&scene.world, "another purpose");
        }
    }
}

/// The form that the rows spoil is good.
async fn assert_taken(scene: &Scene, step: Step) {
    let before = scene.world.rows();

    let answer = scene.take(&scene.sent()).await;

    let (status, kind) = if step == Step::Add { (303, Kind::Empty) } else { (200, Kind::Page) };
    assert_answer(&answer, status, kind, &format!("{step:?}: the good one"));
    assert!(scene.world.rows() != before, "{step:?}: nothing was written");
}
