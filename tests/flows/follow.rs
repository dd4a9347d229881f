//! A message follows its issue: whoever changes it, wherever, and in whatever order it is told.

use std::time::Duration;

use local::{
    sentry::{AlertRule, SignedHook},
    slack::{BACKEND, CHANNEL},
};

use crate::harness::{
    ALICE, ALICES, BOBS, World,
    alerts::{ISSUE, rule_for},
};

/// An alert stands in `#backend`.
async fn alerted() -> World {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_mins(1));
    world
}

#[tokio::test]
async fn a_change_in_sentry_redraws_the_message_with_who_made_it() {
    for (status, line, state) in [
        ("resolved", "*Issue resolved by Bob Baker*", "State: Resolved"),
        ("ignored", "*Issue archived by Bob Baker*", "State: Archived"),
    ] {
        let world = alerted().await;
        world.sentry.change_issue_as(BOBS, ISSUE, status);

        world.tell_changes().await;

        let alert = world.alert_in(BACKEND);
        let words = alert.words();
        assert!(words.contains(line) && words.contains(state), "{words}");
        assert!(words.contains("Alert rule: High priority issues"), "{words}");
        assert!(words.contains("/organizations/acme/issues/4815/|*TypeError"), "{words}");
        assert!(world.replies(&alert.ts).is_empty());
    }
}

#[tokio::test]
async fn it_is_redrawn_as_often_as_the_issue_changes() {
    let world = alerted().await;
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    world.tell_changes().await;
    world.clock.advance(Duration::from_mins(1));
    world.sentry.change_issue_as(BOBS, ISSUE, "unresolved");

    world.tell_changes().await;

    let words = world.alert_in(BACKEND).words();
    assert!(words.contains("*Issue re-opened by Bob Baker*"), "{words}");
}

#[tokio::test]
async fn an_older_sentry_is_followed_too() {
    let world = World::new().await;
    world.sentry.set_older_hooks(true);
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_mins(1));
    world.sentry.change_issue_as(BOBS, ISSUE, "ignored");

    world.tell_changes().await;

    let words = world.alert_in(BACKEND).words();
    assert!(words.contains("*Issue archived by Bob Baker*"), "{words}");
    assert!(words.contains("/organizations/acme/issues/4815/|*TypeError"), "{words}");
}

#[tokio::test]
async fn a_webhook_that_was_overtaken_does_not_bring_the_old_state_back() {
    let world = alerted().await;
    world.sentry.hold_back_next_hook();
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    world.clock.advance(Duration::from_secs(2));
    world.sentry.change_issue_as(BOBS, ISSUE, "unresolved");
    let hooks = world.sentry.take_hooks();
    assert_eq!(
        hooks.iter().map(SignedHook::action).collect::<Vec<_>>(),
        ["unresolved", "resolved"]
    );

    for hook in &hooks {
        assert_eq!(world.hook(hook).await.status, 200);
        world.settle().await;
    }

    let words = world.alert_in(BACKEND).words();
    assert!(!words.contains("State: Resolved"), "{words}");
}

#[tokio::test]
async fn a_webhook_of_before_the_click_does_not_take_the_click_back() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.fire(&rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "ignored");
    let late = world.sentry.take_hooks();
    world.clock.advance(Duration::from_secs(5));
    let alert = world.alert_in(BACKEND).ts;
    world.click(ALICE, &alert, "resolved").await;
    world.settle().await;

    for hook in &late {
        world.hook(hook).await;
    }
    world.settle().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
    assert!(world.words_of(&alert).contains("State: Resolved"));
}

#[tokio::test]
async fn a_webhook_of_before_the_issue_was_read_does_not_take_that_back() {
    let mut world = World::new().await;
    world.may_read();
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    world.clock.advance(Duration::from_secs(5));
    world.sentry.hold_back_next_hook();
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    world.clock.advance(Duration::from_secs(5));
    world.sentry.change_issue_as(BOBS, ISSUE, "unresolved");
    let late = world.sentry.take_hooks().pop().unwrap();
    world.clock.advance(Duration::from_secs(5));
    world.settle().await;

    world.hook(&late).await;
    world.settle().await;

    let words = world.alert_in(BACKEND).words();
    assert!(!words.contains("State: Resolved"), "{words}");
}

#[tokio::test]
async fn a_click_in_one_channel_redraws_the_other() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.fire(&rule_for(BACKEND)).await;
    world.fire(&rule_for(CHANNEL)).await;
    let (here, there) = (world.alert_in(BACKEND).ts, world.alert_in(CHANNEL).ts);

    world.click(ALICE, &here, "resolved").await;
    world.settle().await;

    for alert in [here, there] {
        let words = world.words_of(&alert);
        assert!(words.contains("*Issue resolved by <@U0ALICE001>*"), "{words}");
        assert!(words.contains("State: Resolved"), "{words}");
    }
}

#[tokio::test]
async fn another_workspace_is_told_what_was_done_and_not_by_whom() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.add_workspace().await;
    world.fire(&AlertRule::new("Everything")).await;
    world.fire(&rule_for(CHANNEL)).await;
    let (here, elsewhere) = (world.alert_in(CHANNEL).ts, world.alert_in(BACKEND).ts);

    world.click(ALICE, &here, "resolved").await;
    world.settle().await;

    let words = world.words_of(&elsewhere);
    assert!(words.contains("*Issue resolved from another workspace*"), "{words}");
    assert!(!words.contains(ALICE) && !words.contains("Alice"), "{words}");
    assert!(world.words_of(&here).contains("*Issue resolved by <@U0ALICE001>*"));
}

#[tokio::test]
async fn a_change_of_an_issue_that_nobody_was_told_of_is_not_said() {
    let world = World::new().await;
    world.choose_default_channel().await;
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");

    world.tell_changes().await;

    assert!(world.rows().posts.is_empty() && world.slack.log().is_empty());
}

#[tokio::test]
async fn ten_changes_while_nobody_works_are_one_update() {
    let world = alerted().await;
    for n in 0..10 {
        world.clock.advance(Duration::from_secs(1));
        let status = if n % 2 == 0 { "resolved" } else { "unresolved" };
        world.sentry.change_issue_as(BOBS, ISSUE, status);
        for hook in world.sentry.take_hooks() {
            world.hook(&hook).await;
        }
    }

    world.settle().await;

    assert_eq!(world.calls_of("chat.update"), 1);
    assert!(world.alert_in(BACKEND).words().contains("*Issue re-opened by Bob Baker*"));
}
