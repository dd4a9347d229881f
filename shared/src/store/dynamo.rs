//! The table in DynamoDB: records as items, rules as conditions.
//!
//! A record is an item attribute by attribute, plus `pk`, `sk` and, where it ends, `exp` (seconds,
//! DynamoDB's TTL attribute). Transactions are not repeated by the SDK when they collide; they are
//! here, and only if collision is the sole reason. Reads that decide are strongly consistent.

mod items;

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, KeysAndAttributes, Put,
        ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use items::{Item, from_item, key, number, read, text, to_item};
use serde::Serialize;

use super::{
    AdmitJob, Clicker, Created, FollowFlow, LinkIdentity, LinkWrite, Linked, LoadClicker, OpenFlow,
    RenewTokens, SaveInstallation, StoreError, UnlinkIdentity, UnlinkWrite, WorkJobs, Written,
};
use crate::{
    clock::Timestamp,
    flow::{Flow, FlowId},
    identity::{Identity, Installation, Person, Tokens},
    ids::Tenant,
    job::{Job, JobKey, LEASE, NotClaimed},
};

/// The sparse index of open jobs by when they are due.
pub const DUE_INDEX: &str = "due";

/// All open jobs share one partition of the index: it is written a few times a click, far below
/// the thousand writes a second that one partition takes.
const DUE: &str = "OPEN";

/// How often a transaction that collides is tried.
const TRIES: u32 = 4;

/// The table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

impl DynamoStore {
    /// The table of this name.
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// One harmless read, so that the first real one finds the connection open and the client warm.
    pub async fn warm(&self) {
        let read =
            self.client.get_item().table_name(&self.table).set_key(Some(key("WARM", "WARM")));
        // Nothing depends on it; a failure shows itself at the first real read.
        let _ = read.send().await;
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

    async fn create(&self, item: Item) -> Result<Created, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok(Created::New),
            Err(error) if is_refused(&error, |e| e.is_conditional_check_failed_exception()) => {
                Ok(Created::Already)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<Verdict, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let write =
                self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let error = match write.send().await {
                Ok(_) => return Ok(Verdict::Written),
                Err(error) => error,
            };
            let reasons = cancellation_reasons(&error).ok_or_else(|| unavailable(error))?;
            if !reasons.iter().any(Reason::is_collision) {
                return Ok(Verdict::Refused(reasons));
            }
            if reasons.iter().any(Reason::is_condition) {
                return Ok(Verdict::Refused(reasons));
            }
            if tries == TRIES {
                return Err(StoreError::Unavailable);
            }
            tokio::time::sleep(Duration::from_millis(20 << tries)).await;
        }
    }

    fn flow_is_current(
        &self,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(flow_item(flow)?))
            .condition_expression("version = :seen AND stage.#at <> :used AND expires > :now")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":seen", number(flow.version.saturating_sub(1)))
            .expression_attribute_values(":used", text("USED"))
            .expression_attribute_values(":now", number(now.millis()))
            .build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    fn epoch_moves_on(&self, flow: &Flow) -> Result<TransactWriteItem, StoreError> {
        let person = slack_pk(&flow.person);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&person, "EPOCH")))
            .update_expression("SET n = :next")
            .condition_expression(if flow.epoch == 0 {
                "attribute_not_exists(pk) OR n = :seen"
            } else {
                "n = :seen"
            })
            .expression_attribute_values(":seen", number(flow.epoch))
            .expression_attribute_values(":next", number(flow.epoch + 1))
            .build();
        Ok(TransactWriteItem::builder().update(built(update)?).build())
    }

    fn put_if(
        &self,
        item: Item,
        condition: &str,
        value: (&str, &str),
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .expression_attribute_values(value.0, text(value.1))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .build();
        Ok(TransactWriteItem::builder().put(built(put)?).build())
    }

    fn delete_if(
        &self,
        key: Item,
        condition: &str,
        link_id: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression(condition)
            .expression_attribute_values(":link", text(link_id))
            .build();
        Ok(TransactWriteItem::builder().delete(built(delete)?).build())
    }

    fn is_installed(&self, tenant: &Tenant) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(&installation_pk(tenant), "INST")))
            .condition_expression("#status = :active")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", text("ACTIVE"))
            .build();
        Ok(TransactWriteItem::builder().condition_check(built(check)?).build())
    }

    async fn try_link(&self, write: &LinkWrite, job: Option<&Job>) -> Result<Verdict, StoreError> {
        let identity = &write.identity;
        let mut actions = vec![
            self.put_if(
                identity_item(identity)?,
                "attribute_not_exists(pk) OR account.id = :account",
                (":account", identity.account.id.as_str()),
            )?,
            self.put_if(
                reverse_item(identity)?,
                "attribute_not_exists(pk) OR slack_user = :user",
                (":user", identity.person.user.as_str()),
            )?,
            self.flow_is_current(&write.flow, write.now)?,
            self.epoch_moves_on(&write.flow)?,
            self.is_installed(&write.flow.tenant)?,
        ];
        if let Some(job) = job {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(job_item(job)?))
                .condition_expression("attribute_not_exists(pk)")
                .build();
            actions.push(TransactWriteItem::builder().put(built(put)?).build());
        }
        self.transact(actions).await
    }
}

/// What DynamoDB said of a transaction.
enum Verdict {
    Written,
    /// One reason per action, in the order of the actions.
    Refused(Vec<Reason>),
}

/// Why one action of a transaction was refused; empty if it was not.
struct Reason(String);

impl Reason {
    fn is_condition(&self) -> bool {
        self.0 == "ConditionalCheckFailed"
    }

    fn is_collision(&self) -> bool {
        matches!(
            self.0.as_str(),
            "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
        )
    }
}

fn cancellation_reasons<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Vec<Reason>> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let code = |reason: &CancellationReason| reason.code().unwrap_or_default().to_owned();
            Some(cancelled.cancellation_reasons().iter().map(|r| Reason(code(r))).collect())
        }
        TransactWriteItemsError::TransactionInProgressException(_) => {
            Some(vec![Reason("TransactionConflict".into())])
        }
        _ => None,
    }
}

impl LoadClicker for DynamoStore {
    async fn clicker(&self, tenant: &Tenant, person: &Person) -> Result<Clicker, StoreError> {
        let (installation, slack) = (installation_pk(tenant), slack_pk(person));
        let keys = KeysAndAttributes::builder()
            .consistent_read(true)
            .keys(key(&installation, "INST"))
            .keys(key(&slack, "ID"))
            .keys(key(&slack, "EPOCH"))
            .build();
        let reply = self
            .client
            .batch_get_item()
            .request_items(&self.table, built(keys)?)
            .send()
            .await
            .map_err(unavailable)?;
        // What a throttled table leaves over is not absent: judging without it would be wrong.
        if reply.unprocessed_keys().is_some_and(|keys| !keys.is_empty()) {
            return Err(StoreError::Unavailable);
        }
        let items = reply.responses.and_then(|mut tables| tables.remove(&self.table));
        let mut clicker = Clicker::default();
        for item in items.unwrap_or_default() {
            match read(&item, "sk")?.as_str() {
                "INST" => clicker.installation = Some(from_item(item)?),
                "ID" => clicker.identity = Some(from_item(item)?),
                _ => clicker.epoch = items::read_number(&item, "n")?,
            }
        }
        Ok(clicker)
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
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(flow_item(next)?))
            .condition_expression("version = :seen AND stage.#at <> :used")
            .expression_attribute_names("#at", "at")
            .expression_attribute_values(":seen", number(next.version.saturating_sub(1)))
            .expression_attribute_values(":used", text("USED"));
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) if is_refused(&error, |e| e.is_conditional_check_failed_exception()) => {
                Ok(Written::Outdated)
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}

impl LinkIdentity for DynamoStore {
    async fn link(&self, write: &LinkWrite) -> Result<Linked, StoreError> {
        let mut verdict = self.try_link(write, write.job.as_ref()).await?;
        // The click of this flow was admitted before: the link still counts, the job stands.
        if let Verdict::Refused(reasons) = &verdict
            && reasons.iter().position(Reason::is_condition) == Some(5)
        {
            verdict = self.try_link(write, None).await?;
        }
        let Verdict::Refused(reasons) = verdict else { return Ok(Linked::Yes) };
        Ok(match reasons.iter().position(Reason::is_condition) {
            Some(0) => Linked::SlackSideTaken,
            Some(1) => Linked::SentrySideTaken,
            Some(4) => Linked::NotInstalled,
            _ => Linked::Outdated,
        })
    }
}

impl UnlinkIdentity for DynamoStore {
    async fn unlink(&self, write: &UnlinkWrite) -> Result<Written, StoreError> {
        let identity = &write.identity;
        let actions = vec![
            self.delete_if(
                key(&slack_pk(&identity.person), "ID"),
                "link_id = :link",
                &identity.link_id,
            )?,
            self.delete_if(
                key(&sentry_pk(identity), "ID"),
                "attribute_not_exists(pk) OR link_id = :link",
                &identity.link_id,
            )?,
            self.flow_is_current(&write.flow, write.now)?,
            self.epoch_moves_on(&write.flow)?,
        ];
        match self.transact(actions).await? {
            Verdict::Written => Ok(Written::Yes),
            Verdict::Refused(_) => Ok(Written::Outdated),
        }
    }
}

impl AdmitJob for DynamoStore {
    async fn admit(&self, job: &Job) -> Result<Created, StoreError> {
        self.create(job_item(job)?).await
    }
}

impl WorkJobs for DynamoStore {
    async fn claim(
        &self,
        job: &JobKey,
        now: Timestamp,
    ) -> Result<Result<Job, NotClaimed>, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&job_pk(job), "J")))
            .update_expression("SET attempt = attempt + :one, next_at = :until")
            .condition_expression("phase = :open AND next_at <= :now")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":until", number(now.plus(LEASE).millis()))
            .expression_attribute_values(":open", text("OPEN"))
            .expression_attribute_values(":now", number(now.millis()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(reply) => Ok(Ok(from_item(reply.attributes.ok_or(StoreError::Corrupt)?)?)),
            Err(error) => match error.into_service_error() {
                aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(refused) => {
                    let open = refused.item().is_some_and(|item| item.get("phase") == Some(&text("OPEN")));
                    Ok(Err(if open { NotClaimed::NotDue } else { NotClaimed::Over }))
                }
                _ => Err(StoreError::Unavailable),
            },
        }
    }

    async fn settle(&self, job: &Job) -> Result<Written, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(job_item(job)?))
            .condition_expression("phase = :open AND attempt = :mine")
            .expression_attribute_values(":open", text("OPEN"))
            .expression_attribute_values(":mine", number(job.attempt));
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) if is_refused(&error, |e| e.is_conditional_check_failed_exception()) => {
                Ok(Written::Outdated)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<JobKey>, StoreError> {
        let reply = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE_INDEX)
            .key_condition_expression("due = :due AND next_at < :before")
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":before", number(before.millis()))
            .set_limit(i32::try_from(limit).ok())
            .send()
            .await
            .map_err(unavailable)?;
        reply.items().iter().map(job_key).collect()
    }
}

impl RenewTokens for DynamoStore {
    async fn lease_refresh(
        &self,
        identity: &Identity,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Written, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&slack_pk(&identity.person), "ID")))
            .update_expression("SET refresh_lease = :until")
            .condition_expression(
                "link_id = :link AND tokens.#access = :access AND refresh_lease <= :now",
            )
            .expression_attribute_names("#access", "access")
            .expression_attribute_values(":link", text(&identity.link_id))
            .expression_attribute_values(":access", text(identity.tokens.access.as_text()))
            .expression_attribute_values(":until", number(until.millis()))
            .expression_attribute_values(":now", number(now.millis()));
        written(update.send().await, |e| e.is_conditional_check_failed_exception())
    }

    async fn save_tokens(
        &self,
        identity: &Identity,
        tokens: &Tokens,
    ) -> Result<Written, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&slack_pk(&identity.person), "ID")))
            .update_expression("SET tokens = :tokens, refresh_lease = :never")
            .condition_expression("link_id = :link")
            .expression_attribute_values(":link", text(&identity.link_id))
            .expression_attribute_values(":tokens", AttributeValue::M(to_item(tokens)?))
            .expression_attribute_values(":never", number(0));
        written(update.send().await, |e| e.is_conditional_check_failed_exception())
    }
}

impl SaveInstallation for DynamoStore {
    async fn save_installation(&self, installation: &Installation) -> Result<(), StoreError> {
        let item = keyed(installation, &installation_pk(&installation.tenant), "INST")?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable)
    }
}

fn written<T, E, R>(
    result: Result<T, SdkError<E, R>>,
    refused: impl Fn(&E) -> bool,
) -> Result<Written, StoreError> {
    match result {
        Ok(_) => Ok(Written::Yes),
        Err(error) if is_refused(&error, refused) => Ok(Written::Outdated),
        Err(error) => Err(unavailable(error)),
    }
}

fn is_refused<E, R>(error: &SdkError<E, R>, refused: impl Fn(&E) -> bool) -> bool {
    error.as_service_error().is_some_and(refused)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn unavailable<E, R>(_: SdkError<E, R>) -> StoreError {
    StoreError::Unavailable
}

/// A builder of the SDK fails only if a field is missing that is always given here.
fn built<T, E>(built: Result<T, E>) -> Result<T, StoreError> {
    built.map_err(|_| StoreError::Corrupt)
}

fn installation_pk(tenant: &Tenant) -> String {
    format!("TEN#{tenant}")
}

fn slack_pk(person: &Person) -> String {
    format!("SLK#{}#{}", person.tenant, person.user)
}

fn sentry_pk(identity: &Identity) -> String {
    format!("SEN#{}#{}", identity.account.id, identity.person.tenant)
}

fn flow_pk(id: &FlowId) -> String {
    format!("FLOW#{}", id.as_str())
}

fn job_pk(key: &JobKey) -> String {
    format!("JOB#{}", key.as_str())
}

fn job_key(item: &HashMap<String, AttributeValue>) -> Result<JobKey, StoreError> {
    let pk = read(item, "pk")?;
    pk.strip_prefix("JOB#").and_then(JobKey::parse).ok_or(StoreError::Corrupt)
}

fn keyed<T: Serialize>(record: &T, pk: &str, sk: &str) -> Result<Item, StoreError> {
    let mut item = to_item(record)?;
    item.extend(key(pk, sk));
    Ok(item)
}

fn identity_item(identity: &Identity) -> Result<Item, StoreError> {
    keyed(identity, &slack_pk(&identity.person), "ID")
}

fn reverse_item(identity: &Identity) -> Result<Item, StoreError> {
    #[derive(Serialize)]
    struct Reverse<'a> {
        slack_user: &'a str,
        link_id: &'a str,
    }
    let reverse = Reverse { slack_user: identity.person.user.as_str(), link_id: &identity.link_id };
    keyed(&reverse, &sentry_pk(identity), "ID")
}

fn flow_item(flow: &Flow) -> Result<Item, StoreError> {
    let mut item = keyed(flow, &flow_pk(&flow.id), "F")?;
    // A used flow still answers for a while: the page after the form is read from it.
    let exp = flow.expires.plus(Duration::from_secs(3600));
    item.insert("exp".into(), number(exp.secs()));
    Ok(item)
}

fn job_item(job: &Job) -> Result<Item, StoreError> {
    let mut item = keyed(job, &job_pk(&job.key), "J")?;
    item.insert("exp".into(), number(job.expires().secs()));
    if job.outcome.is_none() {
        item.insert("due".into(), text(DUE));
    }
    Ok(item)
}
