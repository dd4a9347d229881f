//! Lambda entry point of `POST /alert`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let alert = alert::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("alert", |request| alert.handle(request)).await
}
