//! Lambda entry point of `POST /action`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let action = action::from_env().await?;
    shared::http::run("action", |request| action.handle(request)).await
}
