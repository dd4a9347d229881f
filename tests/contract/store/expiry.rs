//! When DynamoDB may delete what is written (`exp`, in seconds), and what it deletes between a read
//! and a write.

use std::time::Duration;

use serde_json::json;
use shared::{
    clock::Timestamp,
    flow::Stage,
    job::Outcome,
    setup::{Setup, SetupStage},
    signing::sha256_hex,
    store::{
        AdmitJob, ChangeInstallation, FollowFlow, FollowSetup, HearEvents, LinkIdentity, LinkWrite,
        Linked, LoadClicker, OpenSetup, UnlinkIdentity, Written,
    },
};

use super::{
    dynamo::Dynamo,
    records::{
        ACME, after, alice_linked, flow, installation, installed, job, link_write, opened, person,
        row, sealed, tenant, unlink_write,
    },
    table::Table,
};
use crate::harness::{ALICE, ALICES, NOON};

every_table! { tables(dynoxide, dynamodb_local) {
    a_row_of_the_audit_is_kept_as_long_as_is_configured,
    a_finished_job_is_kept_as_long_as_the_audit,
    an_open_job_is_kept_for_a_week_whatever_is_configured,
    an_installation_is_kept,
    a_setup_is_kept_until_it_ends,
    an_event_is_known_until_slack_does_not_deliver_it_any_more,
    a_setup_that_was_deleted_after_it_was_read_does_not_advance,
    a_flow_that_was_deleted_at_any_stage_neither_advances_nor_links,
    a_link_and_what_tells_its_older_prompts_are_kept,
    every_prompt_from_before_the_last_link_or_unlink_is_dead,
}}

const YEAR: Duration = Duration::from_hours(365 * 24);

/// When an item may be deleted.
async fn end(table: &Dynamo, pk: &str, sk: &str) -> Option<Timestamp> {
    let item = table.item(pk, sk).await;
    let exp = item.get("exp")?;
    Some(Timestamp::from_secs(exp["N"].as_str().unwrap().parse().unwrap()))
}

async fn end_of_job(table: &Dynamo, name: &str) -> Option<Timestamp> {
    end(table, &format!("JOB#{}", job(name).key.as_str()), "J").await
}

fn setup() -> Setup {
    Setup::begin("cookie", SetupStage::AtSentry { state: "hash".into() }, None, NOON)
}

async fn a_row_of_the_audit_is_kept_as_long_as_is_configured(table: Dynamo) {
    let store = table.store().keeping_audit(YEAR);
    let row = row("install", after(5));

    store.change_installation(&installation(), Some(&row)).await.unwrap();

    let end = end(&table, &format!("AUD#{}", row.key()), "A").await;
    assert_eq!(end, Some(after(5).plus(YEAR)));
}

async fn a_finished_job_is_kept_as_long_as_the_audit(table: Dynamo) {
    let store = table.store().keeping_audit(YEAR);

    store.admit(&job("over").finish(Outcome::Done)).await.unwrap();

    assert_eq!(end_of_job(&table, "over").await, Some(NOON.plus(YEAR)));
}

async fn an_open_job_is_kept_for_a_week_whatever_is_configured(table: Dynamo) {
    let store = table.store().keeping_audit(YEAR);

    store.admit(&job("open")).await.unwrap();

    let week = Duration::from_hours(7 * 24);
    assert_eq!(end_of_job(&table, "open").await, Some(NOON.plus(week)));
}

async fn an_installation_is_kept(table: Dynamo) {
    let installation = installation();

    table.store().change_installation(&installation, None).await.unwrap();

    let pk = format!("TEN#{}", installation.tenant);
    assert_eq!(end(&table, &pk, "INST").await, None);
    assert_eq!(table.item(&pk, "INST").await["due"], json!({"S": "TENANT"}));
    let gone = installation.removed(NOON);
    table.store().change_installation(&gone, None).await.unwrap();
    table.store().change_installation(&gone.wiped(None, NOON), None).await.unwrap();
    assert_eq!(table.item(&pk, "INST").await.get("due"), None);
}

async fn a_setup_is_kept_until_it_ends(table: Dynamo) {
    let setup = setup();

    table.store().open_setup(&setup).await.unwrap();

    let end = end(&table, &format!("FLOW#{}", setup.id.as_str()), "S").await;
    assert_eq!(end, Some(setup.expires));
}

async fn an_event_is_known_until_slack_does_not_deliver_it_any_more(table: Dynamo) {
    let store = table.store();
    let pk = format!("EVT#{}", sha256_hex("Ev01"));
    let day = Duration::from_hours(24);

    store.hear("Ev01", NOON, after(15)).await.unwrap();
    let taken = end(&table, &pk, "E").await;
    store.heard("Ev01", after(10)).await.unwrap();
    let done = end(&table, &pk, "E").await;

    assert!(taken > Some(NOON.plus(day)), "{taken:?}");
    assert!(done > Some(after(10).plus(day)), "{done:?}");
}

async fn a_setup_that_was_deleted_after_it_was_read_does_not_advance(table: Dynamo) {
    let store = table.store();
    store.open_setup(&setup()).await.unwrap();
    let read = store.setup(&setup().id).await.unwrap().unwrap();
    table.remove(&format!("FLOW#{}", read.id.as_str()), "S").await;
    let before = table.rows().await;

    let written = store.advance_setup(&read.at(SetupStage::Exchanging)).await;

    assert_eq!(written, Ok(Written::Outdated));
    assert_eq!(table.rows().await, before);
    assert_eq!(store.setup(&read.id).await, Ok(None));
}

/// Whatever stage it has come to, what was read of it is worth nothing once the row is gone.
async fn a_flow_that_was_deleted_at_any_stage_neither_advances_nor_links(table: Dynamo) {
    let store = installed(&table).await;
    for gone_after in 0..5 {
        let mut flow = opened(&store, flow(&format!("flow {gone_after}"), ALICE, 0)).await;
        let at_slack = || Stage::AtSlack { state: "hash".into(), nonce: "nonce".into() };
        for stage in 0..gone_after {
            flow = match stage {
                0 => flow.begun("cookie", sealed("link"), at_slack()),
                1 | 3 => flow.exchanging(),
                _ => flow.with_slack(None, Stage::Proven),
            };
            assert_eq!(store.advance(&flow).await, Ok(Written::Yes), "{gone_after}");
        }
        table.remove(&format!("FLOW#{}", flow.id.as_str()), "F").await;
        let before = table.rows().await;

        let advanced = store.advance(&flow.exchanging()).await;
        let linked = store.link(&link_write(&flow, ALICES)).await;

        assert_eq!(advanced, Ok(Written::Outdated), "{gone_after}");
        assert_eq!(linked, Ok(Linked::Outdated), "{gone_after}");
        assert_eq!(table.rows().await, before, "{gone_after}");
    }
}

/// Were the epoch to go before a prompt of an older one, the prompt would be good again.
async fn a_link_and_what_tells_its_older_prompts_are_kept(table: Dynamo) {
    let (store, identity) = alice_linked(&table).await;
    let slack = format!("SLK#{ACME}#{ALICE}");

    assert_eq!(end(&table, &slack, "ID").await, None);
    assert_eq!(end(&table, &slack, "EPOCH").await, None);
    let prompt = opened(&store, flow("unlink", ALICE, 1)).await;
    store.unlink(&unlink_write(&prompt, &identity)).await.unwrap();
    assert_eq!(end(&table, &slack, "EPOCH").await, None);
}

async fn every_prompt_from_before_the_last_link_or_unlink_is_dead(table: Dynamo) {
    let store = installed(&table).await;
    let mut prompts = Vec::new();
    for epoch in 0..6 {
        prompts.push(opened(&store, flow(&format!("kept {epoch}"), ALICE, epoch)).await);
        let used = opened(&store, flow(&format!("used {epoch}"), ALICE, epoch)).await;
        let clicker = store.clicker(&tenant(ACME), &person(ALICE)).await.unwrap();
        if let Some(identity) = &clicker.identity {
            let unlinked = store.unlink(&unlink_write(&used, identity)).await;
            assert_eq!(unlinked, Ok(Written::Yes), "{epoch}");
        } else {
            let write = LinkWrite { job: None, ..link_write(&used, ALICES) };
            assert_eq!(store.link(&write).await, Ok(Linked::Yes), "{epoch}");
        }

        let before = table.rows().await;
        for prompt in &prompts {
            let linked = store.link(&link_write(prompt, ALICES)).await;
            assert_eq!(linked, Ok(Linked::Outdated), "{epoch}: {prompt:?}");
        }
        assert_eq!(table.rows().await, before, "{epoch}");
    }
}
