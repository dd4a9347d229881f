//! Lambda entry point of `POST /options`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let options = options::from_env().await.map_err(shared::telemetry::start_failed)?;
    shared::http::run("options", |request| options.handle(request)).await
}
