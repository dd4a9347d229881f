//! Lambda entry point of `GET /health`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let health = health::from_env().await;
    shared::http::run("health", |request| health.handle(request)).await
}
