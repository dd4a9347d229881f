//! What is said in channels: written by whom decided on the newest version, found by its subject and
//! by when it is due; and the order of each channel.

use shared::{
    identity::{Installation, InstallationStatus, Organization},
    ids::{ChannelId, IssueId, OrganizationId},
    post::{KEPT, Lane, Post, PostKey, Subject},
    store::{FindWorkspaces, KeepPosts, SaveInstallation, WorkPosts, Written},
};

use super::{
    records::{ACME, GUESTS, after, installation, installation_of, organization, sealed, tenant},
    table::{Store, Table, at_once},
};
use crate::harness::NOON;

every_table! {
    the_workspaces_of_an_organization_are_those_in_use_that_are_bound_to_it,
    the_workspaces_of_an_organization_are_found_among_very_many,
    a_post_is_read_as_it_was_written,
    a_post_is_written_onto_the_version_it_was_decided_on,
    of_many_that_begin_a_post_one_does,
    of_many_that_claim_a_post_one_does,
    posts_about_a_subject_are_found_in_every_channel_and_workspace,
    a_subject_whose_name_begins_alike_is_another_one,
    the_most_overdue_come_first,
    what_slack_was_told_is_due_no_more,
    a_lease_is_due_when_it_ends,
    a_lane_is_written_onto_the_version_it_was_decided_on,
    every_channel_has_a_lane_of_its_own,
    of_many_that_reserve_a_second_each_gets_its_own,
}

const ALERTS: &str = "C0ALERTS01";

fn key_of(subject: &str, id: &str, channel: &str) -> PostKey {
    PostKey::parse(&format!("post 1 {subject} {id} {channel}")).unwrap()
}

fn first_of(key: PostKey, secs: u64) -> Post {
    Post::first(key, sealed("card"), after(secs), after(secs))
}

fn first() -> Post {
    first_of(key_of("I4815", ACME, ALERTS), 0)
}

fn lane() -> Lane {
    Lane::new(tenant(ACME), ChannelId::parse(ALERTS).unwrap(), NOON)
}

fn organization_id() -> OrganizationId {
    OrganizationId::parse("1").unwrap()
}

fn issue(id: &str) -> Subject {
    Subject::Issue(IssueId::parse(id).unwrap())
}

/// Writes it, and gives it back.
async fn written(store: &impl Store, post: Post) -> Post {
    assert_eq!(store.write_post(&post).await, Ok(Written::Yes));
    post
}

async fn due(store: &impl Store, secs: u64) -> Vec<String> {
    let keys = store.due_posts(after(secs), 100).await.unwrap();
    keys.into_iter().map(|key| key.subject.to_string()).collect()
}

async fn the_workspaces_of_an_organization_are_those_in_use_that_are_bound_to_it(
    table: impl Table,
) {
    let store = table.store();
    let other = Organization { slug: "acme-2".into(), ..organization() };
    let removed =
        Installation { status: InstallationStatus::Disabled, ..installation_of("T0REMOVED1") };
    let foreign = Installation { organizations: vec![other], ..installation_of("T0FOREIGN1") };
    for installation in [installation(), installation_of(GUESTS), removed, foreign] {
        store.save_installation(&installation).await.unwrap();
    }

    let found = store.workspaces("acme", 100).await.unwrap();

    let mut tenants: Vec<_> = found.iter().map(|found| found.tenant.as_str()).collect();
    tenants.sort_unstable();
    assert_eq!(tenants, [ACME, GUESTS]);
    assert_eq!(store.workspaces("Acme", 100).await, Ok(Vec::new()));
    assert_eq!(store.workspaces("acm", 100).await, Ok(Vec::new()));
    assert_eq!(store.workspaces("", 100).await, Ok(Vec::new()));
}

/// DynamoDB gives the index page by page.
async fn the_workspaces_of_an_organization_are_found_among_very_many(table: impl Table) {
    let store = table.store();
    let foreign = Organization { slug: "acme-2".into(), ..organization() };
    for n in 0..1001 {
        let many = installation_of(&format!("T0NUMBER{n:04}"));
        let foreign = Installation { organizations: vec![foreign.clone()], ..many };
        store.save_installation(&foreign).await.unwrap();
    }
    let last = Installation { next_at: Some(after(48 * 3600)), ..installation() };
    store.save_installation(&last).await.unwrap();

    let found = store.workspaces("acme", 10_000).await;

    assert_eq!(found, Ok(vec![last]));
}

async fn a_post_is_read_as_it_was_written(table: impl Table) {
    let store = table.store();
    let post = written(&store, first()).await;
    assert_eq!(store.post(&post.key).await, Ok(Some(post.clone())));

    let claimed = written(&store, post.claim(NOON).unwrap()).await;
    let posted = written(&store, claimed.posted("1.0", 1, NOON)).await;
    let waiting = written(&store, posted.waits(after(5))).await;

    assert_eq!(store.post(&post.key).await, Ok(Some(waiting)));
    assert_eq!(store.post(&key_of("I4816", ACME, ALERTS)).await, Ok(None));
}

async fn a_post_is_written_onto_the_version_it_was_decided_on(table: impl Table) {
    let store = table.store();
    let post = written(&store, first()).await;
    let newer = written(&store, post.claim(NOON).unwrap()).await;
    let before = table.rows().await;

    for outdated in [first(), post.claim(after(1)).unwrap(), newer.clone()] {
        assert_eq!(store.write_post(&outdated).await, Ok(Written::Outdated));
    }
    let ahead = Post { version: newer.version + 2, ..newer.clone() };
    assert_eq!(store.write_post(&ahead).await, Ok(Written::Outdated));
    let unbegun = Post { version: 2, ..first_of(key_of("I1", ACME, ALERTS), 0) };
    assert_eq!(store.write_post(&unbegun).await, Ok(Written::Outdated));

    assert_eq!(table.rows().await, before);
}

async fn of_many_that_begin_a_post_one_does(table: impl Table) {
    let store = table.store();

    let written = at_once((0..20).map(|n| {
        let store = store.clone();
        let post = Post { card: sealed(&n.to_string()), ..first() };
        async move { store.write_post(&post).await.unwrap() }
    }))
    .await;

    assert_eq!(written.iter().filter(|written| **written == Written::Yes).count(), 1);
}

async fn of_many_that_claim_a_post_one_does(table: impl Table) {
    let store = table.store();
    let post = written(&store, first()).await;

    let claims = at_once((0..20).map(|_| {
        let (store, claimed) = (store.clone(), post.claim(NOON).unwrap());
        async move { store.write_post(&claimed).await.unwrap() }
    }))
    .await;

    assert_eq!(claims.iter().filter(|written| **written == Written::Yes).count(), 1);
}

async fn posts_about_a_subject_are_found_in_every_channel_and_workspace(table: impl Table) {
    let store = table.store();
    for (id, channel) in [(ACME, ALERTS), (ACME, "C0BACKEND1"), (GUESTS, ALERTS)] {
        written(&store, first_of(key_of("I4815", id, channel), 0)).await;
    }

    let found = store.posts_about(&organization_id(), &issue("4815")).await.unwrap();

    let mut places: Vec<_> =
        found.iter().map(|post| format!("{} {}", post.key.tenant, post.key.channel)).collect();
    places.sort_unstable();
    let all = [(ACME, ALERTS), (ACME, "C0BACKEND1"), (GUESTS, ALERTS)];
    assert_eq!(places, all.map(|(id, channel)| format!("{id} {channel}")));
}

async fn a_subject_whose_name_begins_alike_is_another_one(table: impl Table) {
    let store = table.store();
    for subject in ["I1", "I10", "M1", "M10"] {
        written(&store, first_of(key_of(subject, ACME, ALERTS), 0)).await;
    }
    for organization in ["11", "2"] {
        let key = format!("post {organization} I1 {ACME} {ALERTS}");
        written(&store, first_of(PostKey::parse(&key).unwrap(), 0)).await;
    }

    let found = store.posts_about(&organization_id(), &issue("1")).await.unwrap();

    let found: Vec<_> = found.iter().map(|post| post.key.to_text()).collect();
    assert_eq!(found, [format!("post 1 I1 {ACME} {ALERTS}")]);
    assert_eq!(store.posts_about(&organization_id(), &issue("100")).await, Ok(Vec::new()));
}

async fn the_most_overdue_come_first(table: impl Table) {
    let store = table.store();
    for (subject, secs) in [("I3", 30), ("I1", 10), ("M2", 20), ("I9", 90)] {
        written(&store, first_of(key_of(subject, ACME, ALERTS), secs)).await;
    }

    assert_eq!(due(&store, 40).await, ["I1", "M2", "I3"]);
    assert_eq!(due(&store, 10).await, Vec::<String>::new());
    let two = store.due_posts(after(100), 2).await.unwrap();
    assert_eq!(two, [key_of("I1", ACME, ALERTS), key_of("M2", ACME, ALERTS)]);
}

async fn what_slack_was_told_is_due_no_more(table: impl Table) {
    let store = table.store();
    let claimed = first().claim(NOON).unwrap();
    written(&store, first()).await;
    written(&store, claimed.clone()).await;

    let settled = written(&store, claimed.posted("1.0", 1, NOON)).await;

    assert_eq!(due(&store, 3600).await, Vec::<String>::new());
    let repeated = settled.again(sealed("again"), KEPT, after(60));
    written(&store, repeated).await;
    assert_eq!(due(&store, 3600).await, ["I4815"]);
}

async fn a_lease_is_due_when_it_ends(table: impl Table) {
    let store = table.store();
    written(&store, first()).await;

    written(&store, first().claim(NOON).unwrap()).await;

    assert_eq!(due(&store, 30).await, Vec::<String>::new());
    assert_eq!(due(&store, 31).await, ["I4815"]);
}

async fn a_lane_is_written_onto_the_version_it_was_decided_on(table: impl Table) {
    let store = table.store();
    let (first, _) = lane().reserved(NOON);
    assert_eq!(store.write_lane(&first).await, Ok(Written::Yes));
    let (second, _) = first.reserved(NOON);
    let troubled = second.with_trouble(Some("is_archived"), NOON).unwrap();
    assert_eq!(store.write_lane(&second).await, Ok(Written::Yes));
    assert_eq!(store.write_lane(&troubled).await, Ok(Written::Yes));

    for outdated in [&first, &second, &troubled] {
        assert_eq!(store.write_lane(outdated).await, Ok(Written::Outdated));
    }

    let stored = store.lane(&troubled.tenant, &troubled.channel).await;
    assert_eq!(stored, Ok(Some(troubled)));
}

async fn every_channel_has_a_lane_of_its_own(table: impl Table) {
    let store = table.store();
    let (used, _) = lane().reserved(NOON);
    store.write_lane(&used).await.unwrap();

    for (id, channel) in [(GUESTS, ALERTS), (ACME, "C0ALERTS0"), (ACME, "C0ALERTS011")] {
        let channel = ChannelId::parse(channel).unwrap();
        assert_eq!(store.lane(&tenant(id), &channel).await, Ok(None), "{id} {channel}");
    }
}

async fn of_many_that_reserve_a_second_each_gets_its_own(table: impl Table) {
    let store = table.store();

    let mut slots = at_once((0..10).map(|_| {
        let store = store.clone();
        async move {
            loop {
                let stored = store.lane(&lane().tenant, &lane().channel).await.unwrap();
                let (next, slot) = stored.unwrap_or_else(lane).reserved(NOON);
                if store.write_lane(&next).await.unwrap() == Written::Yes {
                    return slot;
                }
            }
        }
    }))
    .await;

    slots.sort_unstable();
    assert_eq!(slots, (0..10).map(after).collect::<Vec<_>>());
}
