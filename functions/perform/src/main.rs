//! Lambda entry point of the queue's messages and of the one-minute schedule.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tracing::Instrument;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::telemetry::init();
    let perform = &perform::from_env().await.map_err(shared::telemetry::start_failed)?;
    let serve = |event: LambdaEvent<Value>| async move {
        let id = &event.context.request_id;
        let span = shared::telemetry::span("perform", id, id);
        Ok::<_, std::convert::Infallible>(perform.handle(event.payload).instrument(span).await)
    };
    lambda_runtime::run(service_fn(serve)).await
}
