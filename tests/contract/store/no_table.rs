//! DynamoDB refuses a call for another reason than a condition: here, because the table is not there.
//! That is no answer, whatever was asked: nothing is absent, over, taken or already done.

use std::fmt::Debug;

use shared::{
    change::Change,
    health::SentryLook,
    ids::{AccountId, ChannelId, IssueId, OrganizationId, SlackUserId},
    job::NewestClick,
    post::{Lane, Post, PostKey, Subject},
    setup::{Setup, SetupStage},
    store::{
        AdmitJob, ChangeInstallation, FindWorkspaces, FollowFlow, FollowSetup, HearEvents,
        KeepPosts, LinkIdentity, LoadClicker, Member, NoteLook, OpenFlow, OpenSetup, ReadAudit,
        ReadHealth, RemoveIdentity, RemoveMembers, RenewTokens, SaveInstallation, StoreError,
        TendInstallations, UnlinkIdentity, WeighClick, WorkJobs, WorkPosts, dynamo::DynamoStore,
    },
};

use super::{
    dynamo::Dynamo,
    records::{
        ACME, after, flow, identity, installation, job, link_write, person, row, sealed, tenant,
        tokens, unlink_write,
    },
    table::Table,
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! { tables(dynoxide, dynamodb_local) {
    no_click_is_judged_or_admitted,
    no_flow_goes_on,
    nobody_is_linked_or_unlinked,
    no_job_is_claimed_or_settled,
    no_installation_is_read_or_written,
    no_event_or_setup_is_known,
    no_post_is_read_or_written,
    nothing_is_said_about_health_or_the_past,
}}

const LIMIT: usize = 10;

/// The store of a table that is gone.
async fn gone(table: &Dynamo) -> DynamoStore {
    table.drop_table().await;
    table.store()
}

#[track_caller]
fn no_answer<T: Debug>(got: Result<T, StoreError>) {
    assert_eq!(got.unwrap_err(), StoreError::Unavailable);
}

async fn no_click_is_judged_or_admitted(table: Dynamo) {
    let store = gone(&table).await;
    let newest = NewestClick {
        organization: acme(),
        issue: IssueId::parse("4815").unwrap(),
        made_at: NOON,
        job: job("one").key,
        person: person(ALICE),
        change: Change::parse_status("resolved").unwrap(),
    };

    no_answer(store.clicker(&tenant(ACME), &person(ALICE)).await);
    no_answer(store.admit(&job("one")).await);
    no_answer(store.admit_in_order(&job("one"), &newest).await);
    no_answer(store.clicker_and_newest(&tenant(ACME), &newest).await);
}

async fn no_flow_goes_on(table: Dynamo) {
    let store = gone(&table).await;
    let offered = flow("one", ALICE, 0);

    no_answer(store.open_flow(&offered).await);
    no_answer(store.flow(&offered.id).await);
    no_answer(store.advance(&offered.exchanging()).await);
}

async fn nobody_is_linked_or_unlinked(table: Dynamo) {
    let store = gone(&table).await;
    let (offered, alice) = (flow("one", ALICE, 0), identity(ALICE, ALICES, "link-1"));

    no_answer(store.link(&link_write(&offered, ALICES)).await);
    no_answer(store.unlink(&unlink_write(&offered, &alice)).await);
    no_answer(store.remove_identity(&alice, 0, NOON).await);
    no_answer(store.lease_refresh(&alice, NOON, after(10)).await);
    no_answer(store.save_tokens(&alice, &tokens("renewed")).await);
}

async fn no_job_is_claimed_or_settled(table: Dynamo) {
    let store = gone(&table).await;

    no_answer(store.claim(&job("one").key, NOON).await);
    no_answer(store.settle(&job("one")).await);
    no_answer(store.due(NOON, LIMIT).await);
}

async fn no_installation_is_read_or_written(table: Dynamo) {
    let store = gone(&table).await;
    let alice = Member {
        account: AccountId::parse(ALICES).unwrap(),
        user: SlackUserId::parse(ALICE).unwrap(),
        link_id: "link-1".into(),
    };

    no_answer(store.save_installation(&installation()).await);
    no_answer(store.installation(&tenant(ACME)).await);
    no_answer(store.change_installation(&installation(), None).await);
    no_answer(store.change_installation(&installation(), Some(&row("install", NOON))).await);
    no_answer(store.due_installations(NOON, LIMIT).await);
    no_answer(store.members(&tenant(ACME), None, LIMIT).await);
    no_answer(store.wipe_tokens(&tenant(ACME), &alice).await);
    no_answer(store.remove_member(&tenant(ACME), &alice).await);
    no_answer(store.workspaces("acme", LIMIT).await);
}

async fn no_event_or_setup_is_known(table: Dynamo) {
    let store = gone(&table).await;
    let setup = Setup::begin("cookie", SetupStage::Choosing, None, NOON);

    no_answer(store.hear("Ev01", NOON, after(15)).await);
    no_answer(store.heard("Ev01", NOON).await);
    no_answer(store.unheard("Ev01", NOON).await);
    no_answer(store.open_setup(&setup).await);
    no_answer(store.setup(&setup.id).await);
    no_answer(store.advance_setup(&setup.at(SetupStage::Exchanging)).await);
}

async fn no_post_is_read_or_written(table: Dynamo) {
    let store = gone(&table).await;
    let key = PostKey::parse(&format!("post 1 I4815 {ACME} C0ALERTS01")).unwrap();
    let alerts = ChannelId::parse("C0ALERTS01").unwrap();
    let subject = Subject::Issue(IssueId::parse("4815").unwrap());

    no_answer(store.post(&key).await);
    no_answer(store.posts_about(&acme(), &subject).await);
    no_answer(store.write_post(&Post::first(key, sealed("card"), NOON, NOON)).await);
    no_answer(store.due_posts(NOON, LIMIT).await);
    no_answer(store.lane(&tenant(ACME), &alerts).await);
    no_answer(store.write_lane(&Lane::new(tenant(ACME), alerts, NOON)).await);
}

async fn nothing_is_said_about_health_or_the_past(table: Dynamo) {
    let store = gone(&table).await;
    let look = SentryLook { at: NOON, reachable: true, version: None };

    no_answer(store.note_look(&look).await);
    no_answer(store.last_look().await);
    no_answer(store.installations(LIMIT).await);
    no_answer(store.overdue(NOON).await);
    no_answer(store.audit(&tenant(ACME), NOON, after(10)).await);
}

fn acme() -> OrganizationId {
    OrganizationId::parse("1").unwrap()
}
