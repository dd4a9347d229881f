//! Slack's news of a removal, in every order, more than once, in part and late, with a new install
//! before, in the same second and after. However it comes: the app counts as installed if and only
//! if the last thing that truly happened was an install.

use std::time::Duration;

use local::slack::SignedRequest;
use serde_json::Value;
use shared::secret::Sealed;

use super::{late, renamed};
use crate::harness::{
    ACME, ALICE, ALICES, World,
    browser::{Browser, next_address},
};

/// How much later the second thing happens: in the same second, and in another one.
const GAPS: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_secs(2), Duration::from_hours(1)];

/// What reaches us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Uninstalled,
    Revoked,
    /// The same, under another name.
    UninstalledAgain,
    /// Nothing is told: somebody installs it in the browser.
    Installed,
}

use News::{Installed, Revoked, Uninstalled, UninstalledAgain};

/// Every order of every part of these.
fn orders(all: &[News]) -> Vec<Vec<News>> {
    let mut orders = vec![Vec::new()];
    for (n, first) in all.iter().enumerate() {
        let rest = [&all[..n], &all[n + 1..]].concat();
        orders.extend(self::orders(&rest).into_iter().map(|order| [vec![*first], order].concat()));
    }
    orders
}

/// The app in the workspace for an hour, with tokens that rotate or do not.
async fn installed(rotation: bool) -> World {
    let world = World::bare().await;
    world.slack.set_token_rotation(rotation);
    install(&world).await;
    world.clock.advance(Duration::from_hours(1));
    world
}

async fn install(world: &World) {
    let done = Browser::of(world, ALICE, ALICES).install(ACME).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

/// The news of one removal.
struct Removal {
    uninstalled: SignedRequest,
    revoked: SignedRequest,
}

impl Removal {
    /// The app is removed in Slack; nobody has told us yet.
    fn of(world: &World) -> Self {
        let [uninstalled, revoked] = world.slack.uninstall().try_into().ok().unwrap();
        Self { uninstalled, revoked }
    }

    /// One of its news, delivered twice, now.
    async fn tell(&self, world: &World, news: News) {
        let event = match news {
            Uninstalled => late(world, &self.uninstalled),
            Revoked => late(world, &self.revoked),
            UninstalledAgain => renamed(world, &self.uninstalled, "Ev0AGAIN001"),
            Installed => unreachable!("nothing tells of an install"),
        };
        for _ in 0..2 {
            let answer = world.hear(&event).await;
            assert_eq!(answer.status, 200, "{news:?}: {}", answer.body);
        }
    }
}

fn is_installed(world: &World) -> bool {
    let row = world.installation().unwrap();
    assert_eq!(row.is_active(), row.bot_token != Sealed::nothing(), "{row:?}");
    row.is_active()
}

#[tokio::test]
async fn removed_and_installed_again_is_installed() {
    for rotation in [false, true] {
        for gap in GAPS {
            let news = [Uninstalled, Revoked, UninstalledAgain, Installed];
            let with_install = |order: &Vec<News>| order.contains(&Installed);
            for order in orders(&news).into_iter().filter(with_install) {
                let world = installed(rotation).await;
                let removal = Removal::of(&world);
                for news in &order {
                    match news {
                        Installed => {
                            world.clock.advance(gap);
                            install(&world).await;
                        }
                        news => removal.tell(&world, *news).await,
                    }
                }
                world.tick().await;
                assert!(is_installed(&world), "{order:?}, {gap:?}, rotation: {rotation}");
            }
        }
    }
}

#[tokio::test]
async fn installed_once_more_and_then_removed_is_removed() {
    for rotation in [false, true] {
        for gap in GAPS {
            let news = [Uninstalled, Revoked, UninstalledAgain];
            for order in orders(&news).into_iter().filter(|order| !order.is_empty()) {
                let world = installed(rotation).await;
                install(&world).await;
                world.clock.advance(gap);
                let removal = Removal::of(&world);
                for news in &order {
                    removal.tell(&world, *news).await;
                }
                // Revoked tokens alone are looked into by the schedule, where tokens rotate.
                world.tick().await;
                assert!(!is_installed(&world), "{order:?}, {gap:?}, rotation: {rotation}");
            }
        }
    }
}

#[tokio::test]
async fn removed_twice_with_an_install_in_between_is_removed() {
    for gap in GAPS {
        for order in orders(&[Uninstalled, Revoked]) {
            for last in [Uninstalled, Revoked] {
                let world = installed(false).await;
                let first = Removal::of(&world);
                world.clock.advance(gap);
                install(&world).await;
                world.clock.advance(gap);
                let second = Removal::of(&world);

                second.tell(&world, last).await;
                for news in &order {
                    first.tell(&world, *news).await;
                }

                assert!(!is_installed(&world), "{last:?}, then {order:?}, {gap:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_removed_it_twice_and_installed_it_twice_has_it() {
    for order in orders(&[Uninstalled, Revoked]) {
        let world = installed(false).await;
        let mut removals = Vec::new();
        for _ in 0..2 {
            removals.push(Removal::of(&world));
            world.clock.advance(Duration::from_millis(100));
            install(&world).await;
        }

        for removal in &removals {
            for news in &order {
                removal.tell(&world, *news).await;
            }
        }

        assert!(is_installed(&world), "{order:?}");
    }
}

#[tokio::test]
async fn a_removal_just_before_the_code_is_exchanged_does_not_undo_the_install() {
    let world = installed(false).await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let at_slack = next_address(&browser.choose(ACME).await).unwrap();
    let back = browser.agreed(at_slack);

    // Our request has begun when somebody removes what was there; Slack takes its code afterwards.
    let (done, removal) = tokio::join!(browser.get(&back), async {
        world.clock.advance(Duration::from_secs(1));
        Removal::of(&world)
    });
    removal.tell(&world, Uninstalled).await;

    assert_eq!(done.status, 303, "{}", done.body);
    assert!(is_installed(&world));
}

#[tokio::test]
async fn slack_s_clock_may_be_a_little_behind_ours_or_ahead() {
    for seconds in [-5_i64, 5] {
        let skewed = |event: &SignedRequest| {
            let mut body: Value = serde_json::from_slice(&event.body).unwrap();
            body["event_time"] = (body["event_time"].as_i64().unwrap() + seconds).into();
            SignedRequest { body: body.to_string().into_bytes(), ..event.clone() }
        };
        for is_back in [false, true] {
            let world = installed(false).await;
            install(&world).await;
            let Removal { uninstalled, revoked } = Removal::of(&world);
            let (uninstalled, revoked) = (skewed(&uninstalled), skewed(&revoked));
            if is_back {
                install(&world).await;
            }

            Removal { uninstalled, revoked }.tell(&world, Uninstalled).await;

            assert_eq!(is_installed(&world), is_back, "{seconds} s");
        }
    }
}

#[tokio::test]
async fn tokens_of_others_that_are_revoked_remove_nothing() {
    let world = installed(false).await;
    world.clock.advance(Duration::from_mins(1));
    for tokens in [
        serde_json::json!({"oauth": ["U0ALICE001"], "bot": []}),
        serde_json::json!({"oauth": ["U0ALICE001"]}),
        serde_json::json!({"oauth": [], "bot": ["U0OTHERBOT"]}),
        // The app's own bot, of which Slack revokes the oldest of too many tokens.
        serde_json::json!({"oauth": [], "bot": [local::slack::BOT_USER]}),
    ] {
        let event = serde_json::json!({"type": "tokens_revoked", "tokens": tokens});
        let answer = world.hear(&world.slack.event(&event)).await;
        assert_eq!(answer.status, 200, "{event}");
        assert!(is_installed(&world), "{event}");
    }
}
