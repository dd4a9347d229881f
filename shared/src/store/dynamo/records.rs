//! Records ⇄ items, by serde, and how each item is keyed.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    audit::Row,
    clock::Timestamp,
    flow::{Flow, FlowId},
    identity::{Identity, Installation, Person},
    ids::{AccountId, ChannelId, OrganizationId, SlackUserId, Tenant},
    job::{Job, JobKey, NewestClick, Phase},
    post::{PostKey, Subject},
    setup::Setup,
    signing::sha256_hex,
    store::{Member, StoreError},
};

/// All open jobs share one partition of the index: it is written four times a click, and takes a
/// thousand writes a second.
pub(super) const DUE: &str = "OPEN";

/// All installations that somebody looks after share another.
pub(super) const TENDED: &str = "TENANT";

/// All posts that Slack is to be told of share a third.
pub(super) const POSTS: &str = "POST";

/// An item: attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn to_item<T: Serialize>(record: &T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(record).map_err(|_| StoreError::Corrupt)
}

pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|_| StoreError::Corrupt)
}

pub(super) fn key(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// The key of an item that an index has found.
pub(super) fn key_of(found: &Item) -> Result<Item, StoreError> {
    Ok(key(&read(found, "pk")?, &read(found, "sk")?))
}

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(super) fn read(item: &Item, name: &str) -> Result<String, StoreError> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().ok_or(StoreError::Corrupt)
}

pub(super) fn read_number(item: &Item, name: &str) -> Result<u64, StoreError> {
    let text = item.get(name).and_then(|value| value.as_n().ok()).ok_or(StoreError::Corrupt)?;
    text.parse().map_err(|_| StoreError::Corrupt)
}

pub(super) fn installation_pk(tenant: &Tenant) -> String {
    format!("TEN#{tenant}")
}

pub(super) fn slack_pk(person: &Person) -> String {
    format!("SLK#{}#{}", person.tenant, person.user)
}

/// The sort key of a reverse row; its partition is the installation's.
pub(super) fn account_sk(account: &AccountId) -> String {
    format!("{ACCOUNT}{account}")
}

/// What the sort keys of all reverse rows begin with.
pub(super) const ACCOUNT: &str = "SEN#";

/// Who a reverse row is about.
pub(super) fn member(item: &Item) -> Result<Member, StoreError> {
    let account = read(item, "sk")?;
    let account = account.strip_prefix(ACCOUNT).ok_or(StoreError::Corrupt)?;
    Ok(Member {
        account: AccountId::parse(account).map_err(|_| StoreError::Corrupt)?,
        user: SlackUserId::parse(&read(item, "slack_user")?).map_err(|_| StoreError::Corrupt)?,
        link_id: read(item, "link_id")?,
    })
}

/// The installation of an item's key.
pub(super) fn tenant(item: &Item) -> Result<Tenant, StoreError> {
    let pk = read(item, "pk")?;
    let tenant = pk.strip_prefix("TEN#").and_then(|tenant| Tenant::parse(tenant).ok());
    tenant.ok_or(StoreError::Corrupt)
}

pub(super) fn post_pk(organization: &OrganizationId, subject: &Subject) -> String {
    format!("MSG#{organization}#{subject}")
}

pub(super) fn post_sk(post: &PostKey) -> String {
    format!("{}#{}", post.tenant, post.channel)
}

/// The post of an item's key.
pub(super) fn post_key(item: &Item) -> Result<PostKey, StoreError> {
    let (pk, sk) = (read(item, "pk")?, read(item, "sk")?);
    let about = pk.strip_prefix("MSG#").and_then(|about| about.split_once('#'));
    let place = sk.split_once('#');
    let key = about.zip(place).and_then(|((organization, subject), (tenant, channel))| {
        PostKey::parse(&format!("post {organization} {subject} {tenant} {channel}"))
    });
    key.ok_or(StoreError::Corrupt)
}

pub(super) fn lane_pk(tenant: &Tenant, channel: &ChannelId) -> String {
    format!("LANE#{tenant}#{channel}")
}

pub(super) fn event_pk(event: &str) -> String {
    format!("EVT#{}", sha256_hex(event))
}

/// The partition of the index that holds a workspace's audit.
pub(super) fn audit_of(tenant: &Tenant) -> String {
    format!("AUD#{tenant}")
}

pub(super) fn flow_pk(id: &FlowId) -> String {
    format!("FLOW#{}", id.as_str())
}

pub(super) fn job_pk(key: &JobKey) -> String {
    format!("JOB#{}", key.as_str())
}

pub(super) fn job_key(item: &Item) -> Result<JobKey, StoreError> {
    let pk = read(item, "pk")?;
    pk.strip_prefix("JOB#").and_then(JobKey::parse).ok_or(StoreError::Corrupt)
}

/// When an entry of the index is due.
pub(super) fn next_at(item: &Item) -> Result<Timestamp, StoreError> {
    let millis = i64::try_from(read_number(item, "next_at")?).map_err(|_| StoreError::Corrupt)?;
    Ok(Timestamp::from_millis(millis))
}

pub(super) fn keyed<T: Serialize>(record: &T, pk: &str, sk: &str) -> Result<Item, StoreError> {
    let mut item = to_item(record)?;
    item.extend(key(pk, sk));
    Ok(item)
}

pub(super) fn identity_item(identity: &Identity) -> Result<Item, StoreError> {
    keyed(identity, &slack_pk(&identity.person), "ID")
}

pub(super) fn reverse_item(identity: &Identity) -> Result<Item, StoreError> {
    #[derive(Serialize)]
    struct Reverse<'a> {
        slack_user: &'a str,
        link_id: &'a str,
    }
    let reverse = Reverse { slack_user: identity.person.user.as_str(), link_id: &identity.link_id };
    let pk = installation_pk(&identity.person.tenant);
    keyed(&reverse, &pk, &account_sk(&identity.account.id))
}

pub(super) fn installation_item(installation: &Installation) -> Result<Item, StoreError> {
    let mut item = keyed(installation, &installation_pk(&installation.tenant), "INST")?;
    if installation.next_at.is_some() {
        item.insert("due".into(), text(TENDED));
    }
    Ok(item)
}

pub(super) fn setup_item(setup: &Setup) -> Result<Item, StoreError> {
    let mut item = keyed(setup, &flow_pk(&setup.id), "S")?;
    item.insert("exp".into(), number(setup.expires.secs()));
    Ok(item)
}

/// A row of the audit that is not a job's.
pub(super) fn audit_item(row: &Row, kept: Duration) -> Result<Item, StoreError> {
    let mut item = keyed(row, &format!("AUD#{}", row.key()), "A")?;
    item.insert("due".into(), text(&audit_of(&row.tenant)));
    item.insert("next_at".into(), number(row.at.millis()));
    item.insert("exp".into(), number(row.at.plus(kept).secs()));
    Ok(item)
}

pub(super) fn flow_item(flow: &Flow) -> Result<Item, StoreError> {
    let mut item = keyed(flow, &flow_pk(&flow.id), "F")?;
    // A used flow still answers for a while: the page after the form is read from it.
    let exp = flow.expires.plus(Duration::from_hours(1));
    item.insert("exp".into(), number(exp.secs()));
    Ok(item)
}

/// While it is open it is found by when it is due, afterwards as a row of the audit.
pub(super) fn job_item(job: &Job, audit: Duration) -> Result<Item, StoreError> {
    let mut item = keyed(job, &job_pk(&job.key), "J")?;
    item.insert("exp".into(), number(job.expires(audit).secs()));
    let due = match job.phase {
        Phase::Open => DUE.to_owned(),
        Phase::Final => audit_of(&job.person.tenant),
    };
    item.insert("due".into(), text(&due));
    Ok(item)
}

pub(super) fn issue_pk(click: &NewestClick) -> String {
    format!("ISS#{}#{}", click.organization, click.issue)
}

/// Kept for a day: no job lives as long.
pub(super) fn newest_item(click: &NewestClick) -> Result<Item, StoreError> {
    let mut item = keyed(click, &issue_pk(click), click.change.kind())?;
    let exp = click.made_at.plus(Duration::from_hours(24));
    item.insert("exp".into(), number(exp.secs()));
    Ok(item)
}
