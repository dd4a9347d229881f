//! The one-minute schedule: what `EventBridge` does in AWS.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use shared::clock::{Clock, Timestamp};

use crate::{calendar, logs::Logs, random, runtime_api::Runtime};

/// The function that is woken, by the queue as well.
pub(crate) const FUNCTION: &str = "perform";

/// Wakes the function every `period`, as long as it is polled. The first time is one period away.
pub async fn run(runtime: Runtime, clock: Arc<dyn Clock>, logs: Logs, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        if let Err(error) = runtime.invoke(FUNCTION, event(clock.now())).await {
            logs.write(FUNCTION, &error.to_string());
        }
    }
}

/// `{"detail-type":"Scheduled Event","source":"aws.events",…}` (AWS: "`EventBridge` event structure
/// reference").
pub fn event(now: Timestamp) -> Value {
    let rule = format!("arn:aws:events:{}:{}:rule/sweep", crate::REGION, crate::ACCOUNT);
    json!({
        "version": "0",
        "id": random::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": crate::ACCOUNT,
        "time": calendar::iso8601(now),
        "region": crate::REGION,
        "resources": [rule],
        "detail": {},
    })
}
