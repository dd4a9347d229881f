//! Every capability of the table, used once in each way it can be.

use shared::{
    change::Change,
    health::SentryLook,
    ids::{AccountId, ChannelId, IssueId, OrganizationId},
    job::NewestClick,
    post::{Lane, Post, PostKey},
    setup::{Setup, SetupStage},
    store::{
        AdmitJob, ChangeInstallation, FindWorkspaces, FollowFlow, FollowSetup, HearEvents,
        KeepPosts, LinkIdentity, LoadClicker, Member, NoteLook, OpenFlow, OpenSetup, ReadHealth,
        RemoveIdentity, RenewTokens, StoreError, TendInstallations, UnlinkIdentity, WeighClick,
        WorkJobs, WorkPosts, dynamo::DynamoStore,
    },
};

use crate::{
    contract::store::records::{
        ACME, after, flow, identity, installation, job, link_write, person, row, sealed, tenant,
        tokens, unlink_write,
    },
    harness::{ALICE, ALICES, NOON},
};

/// Uses a capability, or says that it is not known here.
pub(super) async fn of(capability: &str, store: &DynamoStore) -> Result<(), StoreError> {
    let (flow, identity) = (flow("used", ALICE, 0), identity(ALICE, ALICES, "used"));
    match capability {
        "LoadClicker" => drop(store.clicker(&tenant(ACME), &person(ALICE)).await?),
        "OpenFlow" => drop(store.open_flow(&flow).await?),
        "FollowFlow" => {
            store.flow(&flow.id).await?;
            store.advance(&flow).await?;
        }
        "LinkIdentity" => drop(store.link(&link_write(&flow, ALICES)).await?),
        "UnlinkIdentity" => drop(store.unlink(&unlink_write(&flow, &identity)).await?),
        "RemoveIdentity" => drop(store.remove_identity(&identity, 0, NOON).await?),
        "AdmitJob" => {
            store.admit(&job("used")).await?;
            store.admit_in_order(&job("ordered"), &click()).await?;
        }
        "WeighClick" => drop(store.clicker_and_newest(&tenant(ACME), &click()).await?),
        "WorkJobs" => {
            // There is none, so that it is looked why not.
            drop(store.claim(&job("unknown").key, NOON).await?);
            store.settle(&job("used")).await?;
            store.due(NOON, 1).await?;
        }
        "RenewTokens" => {
            store.lease_refresh(&identity, NOON, after(9)).await?;
            store.save_tokens(&identity, &tokens("new")).await?;
        }
        "ChangeInstallation" => {
            store.installation(&tenant(ACME)).await?;
            store.change_installation(&installation(), None).await?;
            store.change_installation(&installation(), Some(&row("change", NOON))).await?;
        }
        "TendInstallations" => {
            store.due_installations(after(9), 1).await?;
            store.members(&tenant(ACME), Some(&account()), 1).await?;
            store.wipe_tokens(&tenant(ACME), &member()).await?;
        }
        "OpenSetup" => drop(store.open_setup(&setup()).await?),
        "FollowSetup" => {
            store.setup(&setup().id).await?;
            store.advance_setup(&setup()).await?;
        }
        "HearEvents" => {
            // Twice, so that it is looked how far the first got.
            store.hear("Ev1", NOON, after(9)).await?;
            store.hear("Ev1", NOON, after(9)).await?;
            store.unheard("Ev1", NOON).await?;
            store.heard("Ev1", NOON).await?;
        }
        "NoteLook" => {
            store.note_look(&SentryLook { at: NOON, reachable: false, version: None }).await?;
        }
        "ReadHealth" => {
            store.last_look().await?;
            store.installations(1).await?;
            store.overdue(NOON).await?;
        }
        "FindWorkspaces" => drop(store.workspaces("acme", 1).await?),
        "KeepPosts" => {
            store.post(&post().key).await?;
            store.posts_about(&post().key.organization, &post().key.subject).await?;
            store.write_post(&post()).await?;
        }
        "WorkPosts" => {
            store.due_posts(NOON, 1).await?;
            store.lane(&tenant(ACME), &channel()).await?;
            store.write_lane(&Lane::new(tenant(ACME), channel(), NOON)).await?;
        }
        other => panic!("nobody knows how {other} is used"),
    }
    Ok(())
}

fn click() -> NewestClick {
    NewestClick {
        organization: OrganizationId::parse("1").unwrap(),
        issue: IssueId::parse("4815").unwrap(),
        made_at: NOON,
        job: job("used").key,
        person: person(ALICE),
        change: Change::parse_status("resolved").unwrap(),
    }
}

fn account() -> AccountId {
    AccountId::parse(ALICES).unwrap()
}

fn member() -> Member {
    Member { account: account(), user: person(ALICE).user, link_id: "used".into() }
}

fn setup() -> Setup {
    Setup::begin("cookie", SetupStage::AtSentry { state: "hash".into() }, None, NOON)
}

fn channel() -> ChannelId {
    ChannelId::parse("C0ALERTS01").unwrap()
}

fn post() -> Post {
    let key = PostKey::parse(&format!("post 1 I4815 {ACME} C0ALERTS01")).unwrap();
    Post::first(key, sealed("card"), NOON, NOON)
}
