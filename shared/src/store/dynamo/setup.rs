//! Setups, the events that were heard, and how Sentry was found.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Select};

use super::{
    DUE_INDEX, DynamoStore,
    records::{DUE, Item, event_pk, flow_pk, from_item, key, keyed, number, setup_item, text},
    unavailable,
};
use crate::{
    clock::Timestamp,
    flow::FlowId,
    health::SentryLook,
    identity::Installation,
    setup::Setup,
    store::{
        Created, FollowSetup, HearEvents, Hearing, NoteLook, OpenSetup, ReadHealth, StoreError,
        Written,
    },
};

/// Slack delivers an event for the last time after an hour, or after a day if the app asks for that.
const HEARD_FOR: Duration = Duration::from_hours(25);

impl OpenSetup for DynamoStore {
    async fn open_setup(&self, setup: &Setup) -> Result<Created, StoreError> {
        self.create(setup_item(setup)?).await
    }
}

impl FollowSetup for DynamoStore {
    async fn setup(&self, id: &FlowId) -> Result<Option<Setup>, StoreError> {
        self.read_one(&flow_pk(id), "S").await?.map(from_item).transpose()
    }

    async fn advance_setup(&self, next: &Setup) -> Result<Written, StoreError> {
        let seen = number(next.version.saturating_sub(1));
        self.put_when(setup_item(next)?, |put| {
            put.condition_expression("version = :seen").expression_attribute_values(":seen", seen)
        })
        .await
    }
}

impl HearEvents for DynamoStore {
    async fn hear(
        &self,
        event: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Hearing, StoreError> {
        let item = event_item(event, "busy_until", number(until.millis()), now);
        let taken = self.put_when(item, |put| {
            put.condition_expression(
                "attribute_not_exists(pk) OR (attribute_not_exists(done) AND busy_until <= :now)",
            )
            .expression_attribute_values(":now", number(now.millis()))
        });
        if taken.await? == Written::Yes {
            return Ok(Hearing::First);
        }
        let stored = self.read_one(&event_pk(event), "E").await?;
        let done = stored.is_some_and(|item| item.contains_key("done"));
        Ok(if done { Hearing::Done } else { Hearing::Busy })
    }

    async fn heard(&self, event: &str, now: Timestamp) -> Result<(), StoreError> {
        self.write(event_item(event, "done", text("YES"), now)).await
    }

    async fn unheard(&self, event: &str, now: Timestamp) -> Result<(), StoreError> {
        let item = event_item(event, "busy_until", number(0), now);
        // Somebody else has dealt with it meanwhile: that holds.
        self.put_when(item, |put| put.condition_expression("attribute_not_exists(done)"))
            .await
            .map(drop)
    }
}

fn event_item(event: &str, name: &str, value: AttributeValue, now: Timestamp) -> Item {
    let mut item = key(&event_pk(event), "E");
    item.insert(name.to_owned(), value);
    item.insert("exp".into(), number(now.plus(HEARD_FOR).secs()));
    item
}

impl NoteLook for DynamoStore {
    async fn note_look(&self, look: &SentryLook) -> Result<(), StoreError> {
        let item = keyed(look, "HEALTH", "SENTRY")?;
        self.write(item).await
    }
}

impl ReadHealth for DynamoStore {
    async fn last_look(&self) -> Result<Option<SentryLook>, StoreError> {
        self.read_one("HEALTH", "SENTRY").await?.map(from_item).transpose()
    }

    async fn installations(&self, limit: usize) -> Result<Vec<Installation>, StoreError> {
        self.tended(limit).await
    }

    async fn overdue(&self, before: Timestamp) -> Result<usize, StoreError> {
        let reply = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE_INDEX)
            .select(Select::Count)
            .key_condition_expression("due = :due AND next_at < :before")
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":before", number(before.millis()))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(usize::try_from(reply.count).unwrap_or_default())
    }
}
