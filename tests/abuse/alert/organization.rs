//! Whose integration signed says whose webhook it is: it reaches the workspaces that are bound to that
//! organization, and no others.

use local::slack::{BACKEND, CHANNEL};
use shared::{secret::Secret, signing::webhook::HookVerifier};

use super::{Kind, assert_answer, event_of, genuine};
use crate::harness::{
    World,
    alerts::{ELSEWHERE, ISSUE, rule_for},
};

/// Acme's workspace, another one that is bound to another organization, and an integration in each.
async fn two_organizations() -> World {
    let mut world = World::new().await;
    let secret =
        |slug: &str| (slug.to_owned(), Secret::new(format!("canary-hook-secret-of-{slug}")));
    world.alert.verifier = HookVerifier::new(vec![secret("acme"), secret("umbrella")]);
    world.choose_default_channel().await;
    world.add_workspace().await;
    world
        .edit_workspace(ELSEWHERE, |installation| {
            let organization = &mut installation.organizations[0];
            organization.id = shared::ids::OrganizationId::parse("2").unwrap();
            organization.slug = "umbrella".into();
        })
        .await;
    world
}

#[tokio::test]
async fn an_alert_goes_to_the_workspaces_of_who_signed_it_whatever_it_is_about() {
    let world = two_organizations().await;
    let mut body = genuine(&world).payload();
    body["data"].as_object_mut().unwrap().remove("issue_alert");

    let hook = world.sentry.sign_hook("umbrella", "event_alert", body.to_string());
    let answer = world.dispatch(&event_of(&hook)).await;
    world.settle().await;

    assert_answer(&answer, 200, Kind::Empty, "umbrella's signature");
    assert!(world.slack.posts(CHANNEL).is_empty());
    assert_eq!(world.only_post().key.tenant.as_str(), ELSEWHERE);
    assert_eq!(world.only_post().key.organization.as_str(), "2");
}

#[tokio::test]
async fn a_rule_that_names_a_foreign_workspace_s_channel_says_nothing_anywhere() {
    let world = two_organizations().await;
    let body = genuine(&world).payload();
    for (signer, channel) in [
        ("umbrella", "T0ACME0001:C0ALERTS01"),
        ("acme", "T0ELSEWHERE:C0BACKEND1"),
        ("acme", "T0NOBODY01:C0ALERTS01"),
    ] {
        let mut body = body.clone();
        body["data"]["issue_alert"]["settings"][0]["value"] = channel.into();
        let hook = world.sentry.sign_hook(signer, "event_alert", body.to_string());

        let answer = world.dispatch(&event_of(&hook)).await;
        world.settle().await;

        assert_answer(&answer, 200, Kind::Empty, channel);
        assert!(world.rows().posts.is_empty() && world.calls() == 0, "{signer}: {channel}");
    }
}

#[tokio::test]
async fn a_change_that_another_organization_signs_redraws_nothing_of_ours() {
    let world = two_organizations().await;
    world.fire(&rule_for(CHANNEL)).await;
    let before = world.alert_in(CHANNEL);
    world.clock.advance(std::time::Duration::from_secs(5));
    world.sentry.change_issue_as(crate::harness::BOBS, ISSUE, "resolved");
    let body = world.sentry.take_hooks()[0].body.clone();

    let hook = world.sentry.sign_hook("umbrella", "issue", body);
    let answer = world.dispatch(&event_of(&hook)).await;
    world.settle().await;

    assert_answer(&answer, 200, Kind::Empty, "umbrella's signature");
    assert_eq!(world.alert_in(CHANNEL), before);
}

#[tokio::test]
async fn a_slug_that_two_organizations_are_known_by_is_heard_and_neither_is_told() {
    let world = two_organizations().await;
    world
        .edit_workspace(ELSEWHERE, |installation| {
            installation.organizations[0].slug = "acme".into();
        })
        .await;
    let hook = genuine(&world);

    let answer = world.dispatch(&event_of(&hook)).await;
    world.settle().await;

    assert_answer(&answer, 200, Kind::Empty, "two of one slug");
    assert!(world.rows().posts.is_empty() && world.calls() == 0);
}

#[tokio::test]
async fn an_organization_that_no_workspace_is_bound_to_is_heard_and_told_nobody() {
    let world = two_organizations().await;
    world.edit_workspace(ELSEWHERE, |installation| installation.organizations.clear()).await;
    let body = genuine(&world).body;

    let hook = world.sentry.sign_hook("umbrella", "event_alert", body);
    let answer = world.dispatch(&event_of(&hook)).await;

    assert_answer(&answer, 200, Kind::Empty, "nobody's");
    assert!(world.rows().posts.is_empty());
    assert!(world.slack.posts(BACKEND).is_empty());
}
