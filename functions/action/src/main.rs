//! Lambda entry point of `POST /action`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let action = action::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("action", |request| action.handle(request)).await
}
