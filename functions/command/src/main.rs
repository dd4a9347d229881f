//! Lambda entry point of `POST /command`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let command = command::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("command", |request| command.handle(request)).await
}
