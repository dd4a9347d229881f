//! A channel, or a workspace, that takes nothing: nothing is lost, and nothing is tried for ever.

use std::time::Duration;

use local::slack::{BACKEND, BOT_USER, Fault};
use shared::{clock::Clock, identity::InstallationStatus};

use crate::harness::{
    ALICE, BOBS, NOON, World,
    alerts::{ISSUE, rule_for},
};

/// Each does something to a channel that Slack then calls by this name.
type Ways = &'static [(&'static str, fn(&World))];

const POST: &str = "chat.postMessage";

/// The clock runs, and the queue delivers.
async fn run_for(world: &World, seconds: u64) {
    for _ in 0..seconds {
        world.settle().await;
        world.clock.advance(Duration::from_secs(1));
    }
    world.settle().await;
}

#[tokio::test]
async fn what_slack_asks_to_wait_with_is_said_after_the_wait_and_not_before() {
    let world = World::new().await;
    world.slack.fail_next_web_api(POST, Fault::RateLimited { retry_after: 30 });
    world.fire(&rule_for(BACKEND)).await;

    run_for(&world, 29).await;
    let calls = world.calls_of(POST);
    run_for(&world, 2).await;

    assert_eq!(calls, 1);
    assert_eq!((world.alerts_in(BACKEND).len(), world.calls_of(POST)), (1, 2));
}

#[tokio::test]
async fn while_slack_asks_to_wait_the_whole_channel_waits() {
    let world = World::new().await;
    world.sentry.add_issues(5);
    world.slack.fail_next_web_api(POST, Fault::RateLimited { retry_after: 30 });
    world.fire(&rule_for(BACKEND)).await;
    for issue in 10_001..=10_005 {
        world.fire_only(&issue.to_string(), &rule_for(BACKEND)).await;
    }

    run_for(&world, 29).await;
    let calls = world.calls_of(POST);
    run_for(&world, 10).await;

    assert_eq!((calls, world.alerts_in(BACKEND).len()), (1, 6));
}

#[tokio::test]
async fn a_bad_moment_of_slacks_is_over_in_two_seconds() {
    for fault in [Fault::ServerError, Fault::Error("internal_error")] {
        let world = World::new().await;
        world.slack.fail_next_web_api(POST, fault);
        world.fire(&rule_for(BACKEND)).await;
        assert!(world.alerts_in(BACKEND).is_empty());

        run_for(&world, 3).await;

        assert_eq!((world.alerts_in(BACKEND).len(), world.calls_of(POST)), (1, 2));
    }
}

#[tokio::test]
async fn an_outage_of_slacks_is_waited_out_for_half_a_day_and_not_longer() {
    let world = World::new().await;
    world.slack.fail_web_api(POST, Fault::ServerError);
    world.fire(&rule_for(BACKEND)).await;
    for _ in 0..200 {
        world.clock.advance(Duration::from_mins(5));
        world.settle().await;
    }
    let tried = world.calls_of(POST);

    run_for(&world, 60).await;
    world.sweep().await;
    world.settle().await;

    assert_eq!((tried, world.calls_of(POST)), (8, 8));
    assert_eq!(world.only_post().failed.as_deref(), Some("unavailable"));
}

#[tokio::test]
async fn who_installed_the_app_is_told_once_that_a_channel_takes_nothing() {
    let world = World::new().await;
    world.slack.remove_from_channel_of(BOT_USER, BACKEND);
    world.fire(&rule_for(BACKEND)).await;
    let first = world.slack.direct_messages(ALICE).len();

    for _ in 0..3 {
        world.clock.advance(Duration::from_mins(1));
        world.fire(&rule_for(BACKEND)).await;
    }

    assert_eq!((first, world.slack.direct_messages(ALICE).len()), (1, 1));
    assert!(world.slack.direct_messages(ALICE)[0].words().contains(BACKEND));
    assert_eq!(world.only_post().failed.as_deref(), Some("not_in_channel"));
}

#[tokio::test]
async fn the_next_alert_tries_anew_and_trouble_after_that_is_told_anew() {
    let world = World::new().await;
    world.slack.remove_from_channel_of(BOT_USER, BACKEND);
    world.fire(&rule_for(BACKEND)).await;
    world.slack.invite_bot(BACKEND);
    world.clock.advance(Duration::from_mins(1));

    world.fire(&rule_for(BACKEND)).await;

    assert_eq!(world.alerts_in(BACKEND).len(), 1);
    assert!(world.replies(&world.alert_in(BACKEND).ts).is_empty());
    world.slack.remove_from_channel_of(BOT_USER, BACKEND);
    world.clock.advance(Duration::from_hours(25));
    world.fire(&rule_for(BACKEND)).await;
    assert_eq!(world.slack.direct_messages(ALICE).len(), 2);
}

#[tokio::test]
async fn a_metric_that_a_channel_did_not_take_is_tried_anew_when_it_gets_worse() {
    let world = World::new().await;
    world.slack.remove_from_channel_of(BOT_USER, BACKEND);
    let rule = rule_for(BACKEND);
    let warning = world.sentry.fire_metric_alert("acme", "warning", &rule).unwrap();
    world.hook(&warning).await;
    world.settle().await;
    world.slack.invite_bot(BACKEND);
    world.clock.advance(Duration::from_mins(1));

    let critical = world.sentry.fire_metric_alert("acme", "critical", &rule).unwrap();
    world.hook(&critical).await;
    world.settle().await;

    assert!(world.slack.posts(BACKEND)[0].words().contains("State: Critical"));
}

#[tokio::test]
async fn a_channel_that_is_archived_deleted_or_private_is_not_asked_for_ever() {
    let ways: Ways = &[
        ("is_archived", |world| world.slack.archive_channel(BACKEND)),
        ("channel_not_found", |world| world.slack.delete_channel(BACKEND)),
    ];
    for (code, spoil) in ways {
        let world = World::new().await;
        spoil(&world);
        world.fire(&rule_for(BACKEND)).await;
        let tried = world.calls_of(POST);

        world.clock.advance(Duration::from_hours(1));
        world.sweep().await;
        world.settle().await;

        assert_eq!(world.calls_of(POST), tried, "{code}");
        assert_eq!(world.only_post().failed.as_deref(), Some(*code));
        assert_eq!(world.slack.direct_messages(ALICE).len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_message_that_somebody_deleted_is_let_go() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    world.slack.delete_message(&world.alert_in(BACKEND).ts);
    world.clock.advance(Duration::from_mins(1));
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");

    world.tell_changes().await;

    assert!(world.slack.posts(BACKEND).is_empty());
    let post = world.only_post();
    assert_eq!((post.places.len(), post.next_at, post.failed), (0, None, None));
    assert!(world.slack.direct_messages(ALICE).is_empty());
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_said_twice_rather_than_never() {
    let world = World::new().await;
    world.slack.fail_next_web_api(POST, Fault::LostAnswer);
    world.fire(&rule_for(BACKEND)).await;

    run_for(&world, 3).await;

    assert_eq!(world.alerts_in(BACKEND).len(), 2);
    assert_eq!(world.only_post().next_at, None);
}

#[tokio::test]
async fn a_workspace_whose_token_cannot_be_renewed_is_not_asked_for_ever() {
    let world = World::new().await;
    world.edit_installation(|installation| installation.token_expires = Some(NOON)).await;
    world.fire(&rule_for(BACKEND)).await;

    for _ in 0..200 {
        world.clock.advance(Duration::from_mins(5));
        world.settle().await;
    }

    assert_eq!(world.calls_of(POST), 0);
    assert_eq!(
        (world.only_post().failed.as_deref(), world.only_post().next_at),
        (Some("unavailable"), None)
    );
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_once_and_every_alert_said() {
    let world = World::new().await;
    world.rotate_tokens().await;
    world.sentry.add_issues(3);
    world.clock.advance(Duration::from_hours(13));
    for issue in 10_001..=10_003 {
        world.fire_only(&issue.to_string(), &rule_for(BACKEND)).await;
    }

    run_for(&world, 10).await;

    assert_eq!((world.alerts_in(BACKEND).len(), world.slack.refreshes()), (3, 1));
}

#[tokio::test]
async fn while_another_worker_renews_the_token_an_alert_waits_a_moment() {
    let world = World::new().await;
    world.rotate_tokens().await;
    world.clock.advance(Duration::from_hours(13));
    let until = world.clock.now().plus(Duration::from_secs(4));
    world.edit_installation(|i| (i.leased, i.next_at) = (true, Some(until))).await;
    world.fire(&rule_for(BACKEND)).await;
    assert_eq!(world.calls_of(POST), 0);

    run_for(&world, 6).await;

    assert_eq!((world.alerts_in(BACKEND).len(), world.slack.refreshes()), (1, 1));
}

#[tokio::test]
async fn a_token_that_slack_says_has_ended_costs_no_alert() {
    let world = World::new().await;
    world.slack.fail_next_web_api(POST, Fault::Error("token_expired"));
    world.fire(&rule_for(BACKEND)).await;

    run_for(&world, 3).await;

    assert_eq!(world.alerts_in(BACKEND).len(), 1);
    assert!(world.slack.direct_messages(ALICE).is_empty());
}

#[tokio::test]
async fn after_the_app_was_removed_nothing_is_said_and_nothing_tried() {
    let world = World::new().await;
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    world.edit_installation(|i| i.status = InstallationStatus::Disabled).await;
    world.settle().await;
    assert_eq!(world.only_post().failed.as_deref(), Some("not_installed"));

    world.clock.advance(Duration::from_mins(1));
    let hook = world.sentry.fire_alert(ISSUE, &rule_for(BACKEND)).unwrap();
    let answer = world.hook(&hook).await;
    world.settle().await;

    assert_eq!((answer.status, world.calls()), (200, 0));
    assert_eq!(world.only_post().next_at, None);
}

#[tokio::test]
async fn when_the_app_is_back_the_next_alert_is_said() {
    let world = World::new().await;
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    world.edit_installation(|i| i.status = InstallationStatus::Disabled).await;
    world.settle().await;
    world.edit_installation(|i| i.status = InstallationStatus::Active).await;
    world.clock.advance(Duration::from_mins(1));

    world.fire(&rule_for(BACKEND)).await;

    assert_eq!(world.alerts_in(BACKEND).len(), 1);
}

#[tokio::test]
async fn once_the_workspace_is_connected_with_another_organization_its_alerts_are_left_alone() {
    let world = World::new().await;
    world.fire(&rule_for(BACKEND)).await;
    let before = world.alert_in(BACKEND).words();
    world.sentry.change_issue_as(BOBS, ISSUE, "resolved");
    for hook in world.sentry.take_hooks() {
        world.hook(&hook).await;
    }
    world.edit_installation(|i| i.organizations.clear()).await;

    world.settle().await;

    assert_eq!(world.alert_in(BACKEND).words(), before);
    assert_eq!(world.only_post().failed.as_deref(), Some("not_connected"));
    assert!(world.slack.direct_messages(ALICE).is_empty());
}

#[tokio::test]
async fn an_alert_that_waits_is_not_said_once_the_workspace_is_not_connected_any_more() {
    let world = World::new().await;
    world.fire_only(ISSUE, &rule_for(BACKEND)).await;
    world.edit_installation(|i| i.organizations.clear()).await;

    world.settle().await;

    assert_eq!((world.calls(), world.only_post().next_at), (0, None));
    assert_eq!(world.only_post().failed.as_deref(), Some("not_connected"));
}
