//! The four routes that Slack calls: who is not Slack gets nothing of any of them.

mod replay;
mod route;
mod signature;

use std::ops::Deref;

use local::slack::SignedRequest;
use serde_json::Value;
use shared::{secret::Secret, signing::request::RequestVerifier};

use super::{
    Edits,
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{ALICE, ALICES, Answer, BOB, World, event_to};

/// What Slack calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Action,
    Command,
    Options,
    Event,
}

impl Route {
    const ALL: [Self; 4] = [Self::Action, Self::Command, Self::Options, Self::Event];

    fn path(self) -> &'static str {
        match self {
            Self::Action => "/action",
            Self::Command => "/command",
            Self::Options => "/options",
            Self::Event => "/event",
        }
    }

    /// What its genuine request is answered with.
    fn kind(self) -> Kind {
        match self {
            Self::Action | Self::Event => Kind::Empty,
            Self::Command | Self::Options => Kind::Json,
        }
    }

    /// A request that would have consequences: Alice, who is linked, clicks, or asks whom there is;
    /// Bob, who is not, asks for a link.
    fn genuine(self, world: &World) -> SignedRequest {
        let alert = world.post_alert();
        match self {
            Self::Action => {
                world.slack.sign_payload(&world.click_payload(ALICE, &alert, "resolved"))
            }
            Self::Command => world.slack.command(BOB, "/sentry", "link").unwrap(),
            Self::Options => world.slack.suggest(ALICE, &alert, "assign", "b").unwrap(),
            Self::Event => world.slack.direct_message(BOB, "link").unwrap(),
        }
    }
}

/// A route, and a genuine request to it that has not been sent: each row spoils one thing of it.
struct Scene {
    world: World,
    route: Route,
    request: SignedRequest,
}

impl Deref for Scene {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Scene {
    async fn new(route: Route) -> Self {
        let world = World::with_linked(ALICE, ALICES).await;
        let request = route.genuine(&world);
        Self { world, route, request }
    }

    async fn all() -> Vec<Self> {
        let mut scenes = Vec::new();
        for route in Route::ALL {
            scenes.push(Self::new(route).await);
        }
        scenes
    }

    /// API Gateway's event of the genuine request.
    fn event(&self) -> Value {
        event_to(self.route.path(), &self.request)
    }

    fn body(&self) -> String {
        String::from_utf8(self.request.body.clone()).unwrap()
    }

    /// From now on these are the route's signing secrets.
    fn trust(&mut self, secrets: &[&str]) {
        let verifier = RequestVerifier::new(secrets.iter().copied().map(Secret::new).collect());
        let world = &mut self.world;
        match self.route {
            Route::Action => world.action.verifier = verifier,
            Route::Command => world.command.verifier = verifier,
            Route::Options => world.options.verifier = verifier,
            Route::Event => world.event.verifier = verifier,
        }
    }

    /// This event is refused without a word, and leaves no trace.
    async fn assert_refused(&self, event: &Value, status: u16, case: &str) -> Answer {
        let case = format!("{:?}: {case}", self.route);
        let before = Before::of(self);

        let answer = self.dispatch(event).await;

        assert_answer(&answer, status, Kind::Empty, &case);
        before.assert_untouched(self, &case);
        answer
    }

    async fn assert_taken(&self, event: &Value, case: &str) -> Answer {
        let answer = self.dispatch(event).await;
        assert_answer(&answer, 200, self.route.kind(), &format!("{:?}: {case}", self.route));
        answer
    }
}

#[tokio::test]
async fn the_requests_that_the_rows_spoil_are_good() {
    for scene in Scene::all().await {
        let (rows, calls) = (scene.rows(), scene.calls());

        scene.assert_taken(&scene.event(), "the genuine one").await;

        let has_consequences = scene.rows() != rows || scene.calls() > calls;
        assert!(has_consequences, "{:?}", scene.route);
    }
}
