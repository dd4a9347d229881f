//! Lambda entry point of `GET, POST /install` and `GET /install/slack`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let install = install::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("install", |request| install.handle(request)).await
}
