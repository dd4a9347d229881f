//! `/install`, `/install/slack` and an admin's return from Sentry: what comes back with a browser,
//! what its forms bring along, and what looking does.

mod code;
mod exchange;
mod form;
mod form_step;
mod host;
mod returned;
mod route;
mod safe;
mod state;
mod walk;

use shared::{
    browser::{Provider, SETUP_COOKIE},
    setup::{Setup, SetupStage},
};
use url::Url;

use super::{
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{
    ACME, ALICE, ALICES, Answer, PUBLIC_URL, World,
    browser::{Browser, next_address},
};

/// Where an admin's browser comes back from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Sentry,
    Slack,
}

impl Stop {
    const ALL: [Self; 2] = [Self::Sentry, Self::Slack];

    fn path(self) -> &'static str {
        match self {
            Self::Sentry => "/sign-in/sentry",
            Self::Slack => "/install/slack",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Sentry => Self::Slack,
            Self::Slack => Self::Sentry,
        }
    }

    fn provider(self) -> Provider {
        match self {
            Self::Sentry => Provider::SentryForSetup,
            Self::Slack => Provider::SlackInstall,
        }
    }

    fn url(self, query: &[(&str, &str)]) -> String {
        Url::parse_with_params(&format!("{PUBLIC_URL}{}", self.path()), query).unwrap().into()
    }
}

/// Alice's browser on its way back, the answer in its hands.
struct Scene {
    world: World,
    stop: Stop,
    cookie: String,
    code: String,
    state: String,
}

impl Scene {
    async fn new(stop: Stop) -> Self {
        let world = World::bare().await;
        let (cookie, code, state) = Box::pin(back_from(&world, stop)).await;
        Self { world, stop, cookie, code, state }
    }

    /// The address with which the browser returns.
    fn url(&self, query: &[(&str, &str)]) -> String {
        self.stop.url(query)
    }

    fn genuine(&self) -> String {
        self.url(&[("code", &self.code), ("state", &self.state)])
    }

    /// A browser with this cookie of a setup.
    fn browser(&self, cookie: Option<&str>) -> Browser<'_> {
        let mut browser = Browser::of(&self.world, ALICE, ALICES);
        if let Some(cookie) = cookie {
            browser.plant(SETUP_COOKIE, cookie);
        }
        browser
    }

    /// What the browser gets at this address.
    async fn get(&self, url: &str) -> Answer {
        self.browser(Some(&self.cookie)).get(url).await
    }

    fn setup(&self) -> Setup {
        let mut setups = self.world.rows().setups.into_values();
        setups.find(|setup| setup.id == shared::flow::FlowId::of_nonce(&self.cookie)).unwrap()
    }

    /// The answer begins again, nothing was exchanged, and the state is as good as before.
    async fn assert_not_ours(&self, cookie: Option<&str>, url: &str, case: &str) {
        assert_leads_nowhere(&mut self.browser(cookie), &self.world, url, case).await;
    }

    /// The state is used up, nothing is installed, and the same address does nothing more.
    async fn assert_used_up(&self, before: &Before, case: &str) {
        before.assert_unbound(&self.world, case);
        assert_eq!(self.setup().stage, SetupStage::Exchanging, "{case}");
        self.assert_not_ours(Some(&self.cookie), &self.genuine(), &format!("{case}, again")).await;
    }

    /// The browser's own way goes on: the state was not used up.
    async fn assert_still_good(&self, case: &str) {
        let answer = self.get(&self.genuine()).await;
        assert_answer(&answer, 303, Kind::Empty, case);
    }

    /// After all that, the same browser can begin again, and come to the end.
    async fn assert_can_begin_again(&self) {
        let done = self.browser(Some(&self.cookie)).install(ACME).await;
        assert_answer(&done, 200, Kind::Page, "begun again");
        assert!(self.world.installation().unwrap().is_active());
    }
}

/// The page that begins again; nothing was exchanged, and nothing written.
async fn assert_leads_nowhere(browser: &mut Browser<'_>, world: &World, url: &str, case: &str) {
    let before = Before::of(world);

    let answer = browser.get(url).await;

    assert_answer(&answer, 400, Kind::Page, case);
    let is_again =
        ["cannot be used any more", "interrupted"].map(|word| answer.body.contains(word));
    assert!(is_again.contains(&true), "{case}: {}", answer.body);
    before.assert_untouched(world, case);
}

/// Sends Alice's browser on its way and stops it before it is back: cookie, code and state.
async fn back_from(world: &World, stop: Stop) -> (String, String, String) {
    let mut browser = Browser::of(world, ALICE, ALICES);
    let leaving = match stop {
        Stop::Sentry => browser.begin_install("").await,
        Stop::Slack => browser.choose(ACME).await,
    };
    let back = browser.agreed(next_address(&leaving).unwrap());
    let cookie = browser.setup_cookie().unwrap().to_owned();
    (cookie, parameter(&back, "code"), parameter(&back, "state"))
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

#[tokio::test]
async fn the_return_that_the_rows_spoil_is_good() {
    for stop in Stop::ALL {
        let scene = Scene::new(stop).await;
        scene.assert_still_good(stop.path()).await;
    }
}
