//! The table in DynamoDB: records as items, rules as conditions.
//!
//! A record is an item attribute by attribute, plus `pk`, `sk` and, where it ends, `exp` (seconds,
//! DynamoDB's TTL attribute). Transactions are not repeated by the SDK when they collide; they are
//! here, and only if collision is the sole reason. Reads that decide are strongly consistent.

mod audit;
mod installations;
mod pause;
mod posts;
mod records;
mod setup;
mod transaction;
mod writer;

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, KeysAndAttributes},
};

use self::{
    records::{
        DUE, Item, flow_item, flow_pk, from_item, identity_item, installation_item,
        installation_pk, issue_pk, job_item, job_key, job_pk, key, next_at, number, read,
        read_number, reverse_item, slack_pk, text, to_item,
    },
    transaction::Verdict,
    writer::Updated,
};
use super::{
    AdmitJob, Clicker, Created, FollowFlow, LinkIdentity, LinkWrite, Linked, LoadClicker, OpenFlow,
    RemoveIdentity, RenewTokens, SaveInstallation, StoreError, UnlinkIdentity, UnlinkWrite,
    WeighClick, WorkJobs, Written,
};
use crate::{
    audit::{KEPT, Row},
    clock::Timestamp,
    flow::{Flow, FlowId},
    identity::{Identity, Installation, Person, Tokens},
    ids::Tenant,
    job::{Job, JobKey, LEASE, NewestClick, NotClaimed},
    transport::note_refusal,
};

/// The sparse index of open jobs by when they are due.
pub const DUE_INDEX: &str = "due";

/// So many items are read at once: those of 400 KB, the largest there are, stay under DynamoDB's 16 MB.
const MOST_READ: usize = 40;

/// How often a read is asked for that does not get on, as long as some of it is left over.
const MOST_ASKED: u32 = 4;

/// Where in the transaction of a link each action stands.
const FORWARD: usize = 0;
const REVERSE: usize = 1;
const INSTALLED: usize = 4;
const JOB: usize = 5;

/// The table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
    /// How long rows of the audit are kept.
    audit: Duration,
}

impl DynamoStore {
    /// The table of this name.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table, audit: KEPT }
    }

    /// The same, keeping rows of the audit for so long.
    #[must_use]
    pub fn keeping_audit(self, audit: Duration) -> Self {
        Self { audit, ..self }
    }

    /// One harmless read, of the kind that a click begins with, so that the first real one finds the
    /// connection open and the client warm.
    pub async fn warm(&self) {
        // Nothing depends on it; a failure shows itself at the first real read.
        let _ = self.read_many(vec![key("WARM", "WARM")]).await;
    }

    async fn read_one(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true)
            .set_key(Some(key(pk, sk)));
        Ok(read.send().await.map_err(unavailable)?.item)
    }

    /// The keys of what is due in one partition of the index, the most overdue first.
    async fn due_before(
        &self,
        due: &str,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        Ok(self.due_page(due, before, limit, None).await?.0)
    }

    /// The same behind `after`, and behind what the others are, if there are more.
    async fn due_page(
        &self,
        due: &str,
        before: Timestamp,
        limit: usize,
        after: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let reply = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE_INDEX)
            .key_condition_expression("due = :due AND next_at < :before")
            .expression_attribute_values(":due", text(due))
            .expression_attribute_values(":before", number(before.millis()))
            .set_exclusive_start_key(after)
            .set_limit(i32::try_from(limit).ok())
            .send()
            .await
            .map_err(unavailable)?;
        Ok((reply.items.unwrap_or_default(), reply.last_evaluated_key))
    }

    /// The items of these keys, in no order. A key whose item is gone is left out.
    async fn read_many(&self, mut keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut tries = 0;
        while !keys.is_empty() {
            let rest = keys.split_off(keys.len().min(MOST_READ));
            let asked = keys.len();
            let wanted = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys));
            keys = rest;
            let reply = self
                .client
                .batch_get_item()
                .request_items(&self.table, built(wanted.build())?)
                .send()
                .await
                .map_err(unavailable)?;
            let items = reply.responses.and_then(|mut tables| tables.remove(&self.table));
            found.extend(items.unwrap_or_default());
            // What a throttled table leaves over is not absent: judging without it would be wrong.
            let left = reply.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            let left = left.map(|left| left.keys).unwrap_or_default();
            if left.len() < asked {
                tries = 0;
            }
            if !left.is_empty() {
                tries += 1;
                if tries == MOST_ASKED {
                    return Err(StoreError::Unavailable);
                }
                pause::wait(tries).await;
                keys.extend(left);
            }
        }
        Ok(found)
    }

    /// Writes an item, whatever was there.
    async fn write(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable)
    }

    /// Writes an item, if there is none of its key.
    async fn create(&self, item: Item) -> Result<Created, StoreError> {
        let written =
            self.put_when(item, |put| put.condition_expression("attribute_not_exists(pk)")).await?;
        Ok(match written {
            Written::Yes => Created::New,
            Written::Outdated => Created::Already,
        })
    }

    async fn try_link(&self, write: &LinkWrite, job: Option<&Job>) -> Result<Verdict, StoreError> {
        let identity = &write.identity;
        let mut actions = vec![
            self.put_if(
                identity_item(identity)?,
                "attribute_not_exists(pk) OR account.id = :account",
                (":account", text(identity.account.id.as_str())),
            )?,
            self.put_if(
                reverse_item(identity)?,
                "attribute_not_exists(pk) OR slack_user = :user",
                (":user", text(identity.person.user.as_str())),
            )?,
            self.flow_is_current(&write.flow, write.now)?,
            self.epoch_moves_on(&write.flow.person, write.flow.epoch)?,
            self.is_installed(&write.flow)?,
        ];
        if let Some(job) = job {
            actions.push(self.job_is_new(job)?);
        }
        actions.push(self.audit_row(&Row::linked(identity, write.now))?);
        self.transact(actions).await
    }
}

impl LoadClicker for DynamoStore {
    async fn clicker(&self, tenant: &Tenant, person: &Person) -> Result<Clicker, StoreError> {
        let items = self.read_many(clicker_keys(tenant, person)).await?;
        Ok(weighed(items)?.0)
    }
}

impl OpenFlow for DynamoStore {
    async fn open_flow(&self, flow: &Flow) -> Result<Created, StoreError> {
        self.create(flow_item(flow)?).await
    }
}

impl FollowFlow for DynamoStore {
    async fn flow(&self, id: &FlowId) -> Result<Option<Flow>, StoreError> {
        self.read_one(&flow_pk(id), "F").await?.map(from_item).transpose()
    }

    async fn advance(&self, next: &Flow) -> Result<Written, StoreError> {
        let seen = number(next.version.saturating_sub(1));
        self.put_when(flow_item(next)?, |put| {
            put.condition_expression("version = :seen AND stage.#at <> :used")
                .expression_attribute_names("#at", "at")
                .expression_attribute_values(":seen", seen)
                .expression_attribute_values(":used", text("USED"))
        })
        .await
    }
}

impl LinkIdentity for DynamoStore {
    async fn link(&self, write: &LinkWrite) -> Result<Linked, StoreError> {
        let mut verdict = self.try_link(write, write.job.as_ref()).await?;
        if verdict.refused_at() == Some(JOB) {
            // The click of this flow was admitted before: the link still counts, the job stands.
            verdict = self.try_link(write, None).await?;
        }
        Ok(match (&verdict, verdict.refused_at()) {
            (Verdict::Written, _) => Linked::Yes,
            (_, Some(FORWARD)) => Linked::SlackSideTaken,
            (_, Some(REVERSE)) => Linked::SentrySideTaken,
            (_, Some(INSTALLED)) => Linked::NotInstalled,
            _ => Linked::Outdated,
        })
    }
}

impl UnlinkIdentity for DynamoStore {
    async fn unlink(&self, write: &UnlinkWrite) -> Result<Written, StoreError> {
        let mut actions = self.link_is_removed(&write.identity, write.flow.epoch)?;
        actions.push(self.flow_is_current(&write.flow, write.now)?);
        actions.push(self.audit_row(&Row::unlinked(&write.identity, write.now))?);
        Ok(self.transact(actions).await?.into())
    }
}

impl RemoveIdentity for DynamoStore {
    async fn remove_identity(
        &self,
        identity: &Identity,
        epoch: u64,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut actions = self.link_is_removed(identity, epoch)?;
        actions.push(self.audit_row(&Row::unlinked(identity, now))?);
        Ok(self.transact(actions).await?.into())
    }
}

impl AdmitJob for DynamoStore {
    async fn admit(&self, job: &Job) -> Result<Created, StoreError> {
        self.create(job_item(job, self.audit)?).await
    }

    async fn admit_in_order(&self, job: &Job, click: &NewestClick) -> Result<Created, StoreError> {
        let actions = vec![self.job_is_new(job)?, self.click_is_newest(click)?];
        match self.transact(actions).await?.refused_at() {
            None => Ok(Created::New),
            Some(0) => Ok(Created::Already),
            // A newer click has the place: this one is admitted without it.
            Some(_) => self.admit(job).await,
        }
    }
}

impl WeighClick for DynamoStore {
    async fn clicker_and_newest(
        &self,
        installation: &Tenant,
        click: &NewestClick,
    ) -> Result<(Clicker, Option<NewestClick>), StoreError> {
        let mut keys = clicker_keys(installation, &click.person);
        keys.push(key(&issue_pk(click), click.change.kind()));
        weighed(self.read_many(keys).await?)
    }
}

impl WorkJobs for DynamoStore {
    async fn claim(
        &self,
        job: &JobKey,
        now: Timestamp,
    ) -> Result<Result<Job, NotClaimed>, StoreError> {
        let set = "SET attempt = attempt + :one, next_at = :until";
        let claim = |update: UpdateItemFluentBuilder| {
            update
                .condition_expression("phase = :open AND next_at <= :now")
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":until", number(now.plus(LEASE).millis()))
                .expression_attribute_values(":open", text("OPEN"))
                .expression_attribute_values(":now", number(now.millis()))
        };
        let stored = match self.update_when(key(&job_pk(job), "J"), set, claim).await? {
            Updated::Yes(item) => return Ok(Ok(from_item(item)?)),
            Updated::No(Some(item)) => Some(item),
            // Amazon's DynamoDB Local leaves the item out of its refusal.
            Updated::No(None) => self.read_one(&job_pk(job), "J").await?,
        };
        let is_open = stored.is_some_and(|item| item.get("phase") == Some(&text("OPEN")));
        Ok(Err(if is_open { NotClaimed::NotDue } else { NotClaimed::Over }))
    }

    async fn settle(&self, job: &Job) -> Result<Written, StoreError> {
        self.put_when(job_item(job, self.audit)?, |put| {
            put.condition_expression("phase = :open AND attempt = :mine")
                .expression_attribute_values(":open", text("OPEN"))
                .expression_attribute_values(":mine", number(job.attempt))
        })
        .await
    }

    async fn due(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(JobKey, Timestamp)>, StoreError> {
        let found = self.due_before(DUE, before, limit).await?;
        found.iter().map(|item| Ok((job_key(item)?, next_at(item)?))).collect()
    }
}

impl RenewTokens for DynamoStore {
    async fn lease_refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Written, StoreError> {
        let lease = |update: UpdateItemFluentBuilder| {
            update
                .condition_expression(
                    "link_id = :link AND tokens.#access = :access AND refresh_lease <= :now",
                )
                .expression_attribute_names("#access", "access")
                .expression_attribute_values(":link", text(&identity.link_id))
                .expression_attribute_values(":access", text(identity.tokens.access.as_text()))
                .expression_attribute_values(":until", number(until.millis()))
                .expression_attribute_values(":now", number(now.millis()))
        };
        let key = key(&slack_pk(&identity.person), "ID");
        Ok(self.update_when(key, "SET refresh_lease = :until", lease).await?.into())
    }

    async fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> Result<Written, StoreError> {
        let renewed = AttributeValue::M(to_item(tokens)?);
        let renew = |update: UpdateItemFluentBuilder| {
            update
                .condition_expression("link_id = :link AND tokens.#access = :access")
                .expression_attribute_names("#access", "access")
                .expression_attribute_values(":link", text(&identity.link_id))
                .expression_attribute_values(":access", text(identity.tokens.access.as_text()))
                .expression_attribute_values(":tokens", renewed)
                .expression_attribute_values(":never", number(0))
        };
        let key = key(&slack_pk(&identity.person), "ID");
        let set = "SET tokens = :tokens, refresh_lease = :never";
        Ok(self.update_when(key, set, renew).await?.into())
    }
}

impl SaveInstallation for DynamoStore {
    async fn save_installation(&self, installation: &Installation) -> Result<(), StoreError> {
        self.write(installation_item(installation)?).await
    }
}

fn clicker_keys(installation: &Tenant, person: &Person) -> Vec<Item> {
    let slack = slack_pk(person);
    vec![key(&installation_pk(installation), "INST"), key(&slack, "ID"), key(&slack, "EPOCH")]
}

/// What was read of a clicker and of the newest click, each where it belongs.
fn weighed(items: Vec<Item>) -> Result<(Clicker, Option<NewestClick>), StoreError> {
    let (mut clicker, mut newest) = (Clicker::default(), None);
    for item in items {
        match read(&item, "sk")?.as_str() {
            "INST" => clicker.installation = Some(from_item(item)?),
            "ID" => clicker.identity = Some(from_item(item)?),
            "EPOCH" => clicker.epoch = read_number(&item, "n")?,
            _ => newest = Some(from_item(item)?),
        }
    }
    Ok((clicker, newest))
}

/// Whether a conditional write was made.
fn written<T, E: ProvideErrorMetadata, R>(
    result: Result<T, SdkError<E, R>>,
) -> Result<Written, StoreError> {
    match result {
        Ok(_) => Ok(Written::Yes),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => {
            Ok(Written::Outdated)
        }
        Err(error) => Err(unavailable(error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn unavailable<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> StoreError {
    refused(&error)
}

/// What AWS refuses for no condition's sake.
fn refused(error: &impl ProvideErrorMetadata) -> StoreError {
    note_refusal(error);
    StoreError::Unavailable
}

/// A builder of the SDK fails only if a field is missing that is always given here.
fn built<T, E>(built: Result<T, E>) -> Result<T, StoreError> {
    built.map_err(|_| StoreError::Corrupt)
}
