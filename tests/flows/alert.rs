//! From an alert rule that fires to a message of ours, and what can be done with it.

use std::time::Duration;

use local::{
    sentry::AlertRule,
    slack::{BACKEND, CHANNEL},
};
use shared::{identity::Installation, ids::Tenant, store::SaveInstallation};

use crate::harness::{
    ALICE, ALICES, World,
    alerts::{ISSUE, rule_for},
};

#[tokio::test]
async fn an_alert_is_said_in_the_channel_of_its_rule() {
    let world = World::new().await;

    world.fire(&rule_for(BACKEND)).await;

    let words = world.alert_in(BACKEND).words();
    for fact in ["[backend] TypeError", "State: Ongoing", "Alert rule: High priority issues"] {
        assert!(words.contains(fact), "{fact} in {words}");
    }
    assert!(words.contains("environment: `production`"), "{words}");
    assert!(!words.contains("Events:"), "{words}");
    assert!(world.slack.posts(CHANNEL).is_empty());
}

#[tokio::test]
async fn a_workspace_among_very_many_gets_its_alerts() {
    let world = World::new().await;
    let acme = world.installation().unwrap();
    for n in 0..501 {
        let tenant = Tenant::parse(&format!("T0AAAA{n:04}")).unwrap();
        let other = Installation { tenant, organizations: Vec::new(), ..acme.clone() };
        world.store.save_installation(&other).await.unwrap();
    }

    world.fire(&rule_for(BACKEND)).await;

    assert!(world.alert_in(BACKEND).words().contains("[backend] TypeError"));
}

#[tokio::test]
async fn an_alert_without_a_channel_is_said_where_the_workspace_wants_alerts() {
    let world = World::new().await;
    world.choose_default_channel().await;

    world.fire(&AlertRule::new("Everything")).await;

    assert!(world.alert_in(CHANNEL).words().contains("Alert rule: Everything"));
    assert!(world.slack.posts(BACKEND).is_empty());
}

#[tokio::test]
async fn an_alert_that_nobody_has_chosen_a_channel_for_is_said_nowhere() {
    let world = World::new().await;

    world.fire(&AlertRule::new("Everything")).await;

    assert!(world.rows().posts.is_empty() && world.slack.log().is_empty());
}

#[tokio::test]
async fn slack_is_not_asked_before_sentry_is_answered() {
    let world = World::new().await;

    world.fire_only(ISSUE, &rule_for(BACKEND)).await;

    assert_eq!(world.calls(), 0);
    assert_eq!(world.rows().posts.len(), 1);
}

#[tokio::test]
async fn what_an_event_does_not_tell_is_read_where_there_is_a_token_for_it() {
    let mut world = World::new().await;
    world.may_read();

    world.fire(&rule_for(BACKEND)).await;

    let words = world.alert_in(BACKEND).words();
    for fact in ["*BACKEND-", "Events: 43", "Users: ", "First seen: "] {
        assert!(words.contains(fact), "{fact} in {words}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_read_costs_the_counts_and_not_the_message() {
    let mut world = World::new().await;
    world.may_read();
    let bad = shared::secret::Secret::new("a-token-of-long-ago");
    world.perform.readers.insert("acme".into(), bad);

    world.fire(&rule_for(BACKEND)).await;

    assert!(world.alert_in(BACKEND).words().contains("[backend] TypeError"));
}

#[tokio::test]
async fn a_click_on_our_own_message_resolves_the_issue_and_redraws_it() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.fire(&rule_for(BACKEND)).await;
    let alert = world.alert_in(BACKEND).ts;

    let ack = world.click(ALICE, &alert, "resolved").await;
    world.settle().await;

    assert_eq!((ack.status, ack.body.as_str()), (200, ""));
    assert_eq!(world.sentry.issue(ISSUE).unwrap().status, "resolved");
    let words = world.words_of(&alert);
    assert!(words.contains("*Issue resolved by <@U0ALICE001>*"), "{words}");
    assert!(words.contains("State: Resolved") && words.contains("Re-open"), "{words}");
    assert!(words.contains("Alert rule: High priority issues"), "{words}");
}

#[tokio::test]
async fn what_sentry_tells_of_a_click_takes_nothing_back() {
    let world = World::with_linked(ALICE, ALICES).await;
    world.sentry.take_hooks();
    world.fire(&rule_for(BACKEND)).await;
    let alert = world.alert_in(BACKEND).ts;
    world.click(ALICE, &alert, "resolved").await;
    world.settle().await;

    world.tell_changes().await;

    assert!(world.words_of(&alert).contains("*Issue resolved by <@U0ALICE001>*"));
    assert!(world.replies(&alert).is_empty());
}

#[tokio::test]
async fn the_same_webhook_twice_is_one_message_and_no_repeat() {
    let world = World::new().await;
    let hook = world.fire(&rule_for(BACKEND)).await;

    let again = world.hook(&hook).await;
    world.settle().await;

    assert_eq!(again.status, 200);
    assert_eq!((world.alerts_in(BACKEND).len(), world.slack.posts(BACKEND).len()), (1, 1));
    assert_eq!(world.only_post().repeats, 0);
}

#[tokio::test]
async fn an_alert_that_wakes_nobody_is_found_by_the_sweep() {
    let world = World::new().await;
    let hook = world.sentry.fire_alert(ISSUE, &rule_for(BACKEND)).unwrap();
    world.queue.break_down();

    let answer = world.hook(&hook).await;
    world.queue.repair();
    world.clock.advance(Duration::from_secs(11));
    world.sweep().await;
    world.settle().await;

    assert_eq!(answer.status, 200);
    assert_eq!(world.alerts_in(BACKEND).len(), 1);
}

#[tokio::test]
async fn a_metric_alert_is_one_message_from_its_first_alarm_to_its_end() {
    let world = World::new().await;
    let rule = rule_for(BACKEND);
    for (action, state) in
        [("warning", "Warning"), ("critical", "Critical"), ("resolved", "Resolved")]
    {
        world.clock.advance(Duration::from_mins(1));
        let hook = world.sentry.fire_metric_alert("acme", action, &rule).unwrap();

        assert_eq!(world.hook(&hook).await.status, 200);
        world.settle().await;

        let posts = world.slack.posts(BACKEND);
        assert_eq!(posts.len(), 1, "{action}: {posts:?}");
        assert!(posts[0].words().contains(&format!("State: {state}")), "{posts:?}");
    }
}

#[tokio::test]
async fn the_next_incident_of_a_metric_is_another_message() {
    let world = World::new().await;
    for action in ["critical", "resolved", "critical"] {
        let hook = world.sentry.fire_metric_alert("acme", action, &rule_for(BACKEND)).unwrap();
        world.hook(&hook).await;
        world.settle().await;
        world.clock.advance(Duration::from_mins(1));
    }

    assert_eq!(world.slack.posts(BACKEND).len(), 2);
}

#[tokio::test]
async fn that_a_metric_nobody_was_told_of_is_over_is_not_said() {
    let world = World::new().await;
    let hook = world.sentry.fire_metric_alert("acme", "resolved", &rule_for(BACKEND)).unwrap();

    assert_eq!(world.hook(&hook).await.status, 200);
    world.settle().await;

    assert!(world.rows().posts.is_empty());
}
