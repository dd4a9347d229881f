//! The whole way through the pages, with an eye on every answer: its headers, and where it leads.

use url::Url;

use super::{Door, Scene};
use crate::{
    abuse::answer::assert_hygiene,
    harness::{
        ALICE, ALICES, Answer, PUBLIC_URL,
        browser::{Browser, Form, form_of, next_address},
    },
};

/// A browser that looks closely.
struct Walker<'a> {
    scene: &'a Scene,
    browser: Browser<'a>,
    origins: [String; 3],
    redirects: usize,
}

impl<'a> Walker<'a> {
    fn new(scene: &'a Scene) -> Self {
        let alert = scene.world.post_alert();
        let click = scene.world.click_payload(ALICE, &alert, "resolved");
        let slack = Url::parse(click["response_url"].as_str().unwrap()).unwrap();
        Self {
            scene,
            browser: scene.browser(),
            origins: [
                PUBLIC_URL.into(),
                slack.origin().ascii_serialization(),
                scene.world.sentry_url.clone(),
            ],
            redirects: 0,
        }
    }

    async fn submit(&mut self, url: &str, form: &Form) -> Answer {
        let answer = self.browser.submit(url, form).await;
        self.look(&answer);
        self.follow(answer).await
    }

    async fn get(&mut self, url: &str) -> Answer {
        let answer = self.browser.get(url).await;
        self.look(&answer);
        answer
    }

    async fn follow(&mut self, mut answer: Answer) -> Answer {
        while let Some(next) = next_address(&answer) {
            let world = &self.scene.world;
            let next = if next.contains("/openid/connect/authorize") {
                world.slack.authorize(ALICE, &next).unwrap()
            } else if next.contains("/oauth/authorize") {
                world.sentry.authorize(ALICES, &next).unwrap()
            } else {
                next
            };
            answer = self.get(&next).await;
        }
        answer
    }

    /// Everything an answer points to is ours, Slack's or Sentry's, or opens the Slack app.
    fn look(&mut self, answer: &Answer) {
        assert_hygiene(answer, "on the way");
        self.redirects += usize::from(answer.status == 303);
        let pointers = ["href=\"", "action=\"", "url="].into_iter().flat_map(|marker| {
            let found = answer.body.split(marker).skip(1);
            found.map(|rest| rest.split('"').next().unwrap().to_owned())
        });
        for address in pointers.chain(next_address(answer)) {
            let url = Url::parse(&address).unwrap_or_else(|_| panic!("{address}"));
            let known = self.origins.contains(&url.origin().ascii_serialization());
            let app = url.scheme() == "slack" && url.host_str() == Some("channel");
            let icon = address.starts_with("data:image/");
            assert!(known || app || icon, "{address}");
        }
    }
}

#[tokio::test]
async fn linking_leads_nowhere_else() {
    let scene = Scene::new(Door::Link).await;
    let mut walker = Walker::new(&scene);

    let start = walker.get(&scene.link).await;
    let confirm = walker.submit(&scene.link, &form_of(&start)).await;
    let unticked = walker.submit(&scene.link, &form_of(&confirm)).await;
    let done = walker.submit(&scene.link, &form_of(&unticked).with("mine", "yes")).await;

    assert!(done.body.contains("has been associated"), "{}", done.body);
    // Slack → Sentry → page 2 → page 2 again → page 3.
    assert_eq!(walker.redirects, 4);
}

#[tokio::test]
async fn unlinking_and_linking_again_lead_nowhere_else() {
    for with in ["slack", "sentry"] {
        let scene = Scene::new(Door::Unlink).await;
        let mut walker = Walker::new(&scene);

        let start = walker.get(&scene.link).await;
        let confirm = walker.submit(&scene.link, &form_of(&start).with("with", with)).await;
        let unticked = walker.submit(&scene.link, &form_of(&confirm)).await;
        let done = walker.submit(&scene.link, &form_of(&unticked).with("sure", "yes")).await;
        let again = walker.submit(&scene.link, &form_of(&done)).await;

        assert!(done.body.contains("has been unassociated"), "{with}: {}", done.body);
        assert!(again.body.contains("Continue with Slack"), "{with}: {}", again.body);
        // One more than the way needs: page 2 again, without the tick.
        assert_eq!(walker.redirects, 4, "{with}");
    }
}
