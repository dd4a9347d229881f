//! Lambda entry point of `POST /event`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let event = event::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("event", |request| event.handle(request)).await
}
