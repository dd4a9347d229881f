//! `GET /sign-in/slack`, `/sign-in/sentry`: what comes back with a browser, and what does not
//! belong to it.

mod account;
mod exchange;
mod id_token;
mod padded;
mod returned;
mod route;
mod state;

use shared::{
    browser::COOKIE,
    flow::{Flow, FlowPurpose, Stage},
    store::memory::Rows,
};
use url::Url;

use super::{
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{
    ALICE, ALICES, Answer, PUBLIC_URL, World,
    browser::{Browser, next_address},
};

/// Who signs people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Slack,
    Sentry,
}

impl Provider {
    const ALL: [Self; 2] = [Self::Slack, Self::Sentry];

    fn segment(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Sentry => "sentry",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Slack => Self::Sentry,
            Self::Sentry => Self::Slack,
        }
    }
}

/// Alice's browser on its way back from a sign-in, the answer in its hands.
struct Scene {
    world: World,
    provider: Provider,
    cookie: String,
    link: String,
    code: String,
    state: String,
}

impl Scene {
    async fn new(provider: Provider) -> Self {
        let world = World::new().await;
        let back = Box::pin(back_from(&world, ALICE, provider)).await;
        let Return { cookie, link, code, state } = back;
        Self { world, provider, cookie, link, code, state }
    }

    /// The address with which the browser returns.
    fn url(&self, query: &[(&str, &str)]) -> String {
        address(self.provider, query)
    }

    fn genuine(&self) -> String {
        self.url(&[("code", &self.code), ("state", &self.state)])
    }

    /// What the browser gets at this address.
    async fn get(&self, url: &str) -> Answer {
        self.get_with(Some(&self.cookie), url).await
    }

    async fn get_with(&self, cookie: Option<&str>, url: &str) -> Answer {
        let mut browser = Browser::of(&self.world, ALICE, ALICES);
        if let Some(cookie) = cookie {
            browser.plant(COOKIE, cookie);
        }
        browser.get(url).await
    }

    fn flow(&self) -> Flow {
        let mut flows = self.world.rows().flows.into_values();
        flows.find(|flow| flow.purpose == FlowPurpose::Link).unwrap()
    }

    /// The answer begins again, nothing was exchanged, and the state is as good as before.
    async fn assert_not_ours(&self, cookie: Option<&str>, url: &str, case: &str) {
        let before = Before::of(&self.world);

        let answer = self.get_with(cookie, url).await;

        assert_answer(&answer, 400, Kind::Page, &format!("{:?}: {case}", self.provider));
        assert!(answer.body.contains("interrupted"), "{case}");
        before.assert_untouched(&self.world, case);
    }

    /// The state is used up, nobody is bound, and the same address does nothing more.
    async fn assert_used_up(&self, before: &Before, case: &str) {
        before.assert_unbound(&self.world, case);
        assert_eq!(self.flow().stage, Stage::Exchanging, "{case}");
        self.assert_not_ours(Some(&self.cookie), &self.genuine(), &format!("{case}, again")).await;
    }

    /// The browser's own way goes on: the state was not used up.
    async fn assert_still_good(&self, case: &str) {
        let answer = self.get(&self.genuine()).await;
        assert_answer(&answer, 303, Kind::Empty, case);
    }

    /// After all that, the person can begin again at the same link, and come to the end.
    async fn assert_can_begin_again(&self) {
        let done = Browser::of(&self.world, ALICE, ALICES).link(&self.link).await;
        assert_answer(&done, 200, Kind::Page, "begun again");
        let Rows { identities, .. } = self.world.rows();
        assert_eq!(identities.len(), 1);
    }
}

/// A browser that comes back.
struct Return {
    cookie: String,
    link: String,
    code: String,
    state: String,
}

/// Sends `user`'s browser to a provider and stops it before it is back.
async fn back_from(world: &World, user: &str, provider: Provider) -> Return {
    world.click(user, &world.post_alert(), "resolved").await;
    let link = world.prompted_link(user);
    let mut browser = Browser::of(world, user, ALICES);
    let leaving = browser.begin(&link).await;
    let at_slack = next_address(&leaving).unwrap();
    let mut back = world.slack.authorize(user, &at_slack).unwrap();
    if provider == Provider::Sentry {
        let at_sentry = next_address(&browser.get(&back).await).unwrap();
        back = world.sentry.authorize(ALICES, &at_sentry).unwrap();
    }
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    Return { cookie: browser.cookie().unwrap().to_owned(), link, code, state }
}

fn address(provider: Provider, query: &[(&str, &str)]) -> String {
    let base = format!("{PUBLIC_URL}/sign-in/{}", provider.segment());
    Url::parse_with_params(&base, query).unwrap().into()
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

#[tokio::test]
async fn the_return_that_the_rows_spoil_is_good() {
    for provider in Provider::ALL {
        let scene = Scene::new(provider).await;
        scene.assert_still_good(provider.segment()).await;
    }
}
