//! The pages behind signed links: what opens them, what their forms take, and what looking at them
//! does.

mod confirm;
mod form;
pub(super) mod host;
mod safe;
mod token;
mod unlink;
mod walk;

use shared::{
    clock::Clock,
    flow::{Flow, FlowId},
    identity::InstallationStatus,
    signing::link::{LinkClaims, Purpose},
    store::SaveInstallation,
};

use super::{
    answer::{Kind, assert_answer},
    before::Before,
};
use crate::harness::{ALICE, ALICES, Answer, PUBLIC_URL, Store, World, browser::Browser};

/// One of the two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Link,
    Unlink,
}

impl Door {
    const ALL: [Self; 2] = [Self::Link, Self::Unlink];

    fn purpose(self) -> Purpose {
        match self {
            Self::Link => Purpose::Link,
            Self::Unlink => Purpose::Unlink,
        }
    }

    fn segment(self) -> &'static str {
        match self {
            Self::Link => "link-identity",
            Self::Unlink => "unlink-identity",
        }
    }
}

/// A world in which Alice was given a link.
struct Scene {
    world: World,
    door: Door,
    link: String,
}

impl Scene {
    async fn new(door: Door) -> Self {
        let world = match door {
            Door::Link => World::new().await,
            Door::Unlink => Box::pin(World::with_linked(ALICE, ALICES)).await,
        };
        world.sentry.remove_member(ALICES, "acme");
        let link = Box::pin(fresh_link(&world)).await;
        world.sentry.add_member(ALICES, "acme");
        assert!(link.contains(&format!("/{}/", door.segment())), "{link}");
        Self { world, door, link }
    }

    /// Another link of the same kind, for another click.
    async fn another_link(&self) -> String {
        self.world.sentry.remove_member(ALICES, "acme");
        let link = fresh_link(&self.world).await;
        self.world.sentry.add_member(ALICES, "acme");
        link
    }

    fn token(&self) -> &str {
        self.link.rsplit('/').next().unwrap()
    }

    /// The address of the same page with another token.
    fn at(&self, token: &str) -> String {
        format!("{PUBLIC_URL}/{}/{token}", self.door.segment())
    }

    fn claims(&self) -> LinkClaims {
        self.world.signer.open(self.door.purpose(), self.token(), self.world.clock.now()).unwrap()
    }

    fn flow(&self) -> Flow {
        let id = FlowId::of_nonce(&self.claims().nonce);
        self.world.rows().flows[id.as_str()].clone()
    }

    fn browser(&self) -> Browser<'_> {
        Browser::of(&self.world, ALICE, ALICES)
    }

    /// A request from a browser that has never been here.
    async fn ask(&self, method: &str, url: &str) -> Answer {
        self.browser().request(method, url, "", &[]).await
    }

    async fn disable_installation(&self) {
        let mut installation = self.world.rows().installations.into_values().next().unwrap();
        installation.status = InstallationStatus::Disabled;
        self.world.store.save_installation(&installation).await.unwrap();
    }

    /// Whatever is tried at this address, the answer is this page, and it leaves no trace.
    async fn assert_closed(&self, url: &str, status: u16, case: &str) {
        let before = Before::of(&self.world);
        for method in ["GET", "HEAD", "POST"] {
            let case = format!("{method} {:?}: {case}", self.door);
            let answer = self.browser().request(method, url, "step=begin", &[]).await;
            assert_answer(&answer, status, Kind::Page, &case);
            assert!(answer.cookies.is_empty(), "{case}");
            before.assert_untouched(&self.world, &case);
        }
    }

    /// The link can still be used to its end.
    async fn assert_works(&self) {
        let mut browser = self.browser();
        let done = match self.door {
            Door::Link => browser.link(&self.link).await,
            Door::Unlink => browser.unlink(&self.link).await,
        };
        assert_eq!(done.status, 200, "{}", done.body);
        let linked = usize::from(self.door == Door::Link);
        assert_eq!(self.world.rows().identities.len(), linked);
        assert_eq!(self.world.rows().reverse.len(), linked);
    }
}

/// A click that ends in a prompt: to link, or, of somebody who is no member, to unlink.
async fn fresh_link<S: Store>(world: &World<S>) -> String {
    world.click(ALICE, &world.post_alert(), "resolved").await;
    world.work().await;
    world.prompted_link(ALICE)
}
